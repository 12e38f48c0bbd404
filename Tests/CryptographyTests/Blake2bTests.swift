import TestSupport
import Testing

@testable import Cryptography

/// BLAKE2b against the reference's known answers and, for labels, against Python's hashlib.
@Suite struct Blake2bTests {
  struct File: Decodable {
    struct Case: Decodable {
      let id, `in`, key, out: String
    }
    let cases: [Case]
  }

  static let content = [UInt8](0..<200)

  /// Python: `hashlib.blake2b(bytes(range(200)), digest_size=32, person=b"zr1.entry")` and so on.
  static let answers: [(label: Label.Hash, answer: String)] = [
    (.entry, "53bcbc43a11d0d45febbb94bc72a14149cb1103a3a18d47a7f9caea6ac984137"),
    (.body, "ff997246d3e2367e74f173d93430d15ba1f1622697b398cebb1bf2bed4504ea7"),
    (.psk, "b5e421e3ce1d5e103cb9c50e33dd9ef0bec9816a36d7bb2a2d68620447bfd492"),
    (.epochID, "991df29d3e0d95c76c80d2cbba8982830f03353aef6b7592b1494aef28dbc68a"),
    (.messageKey, "4dcf12ddaabf83afac5ed978ffd0597e7b3fd1f9365a21685db18582c150c878"),
    (.nonce, "a50d53cd21dd3f1d91fe38c0536eb6c8dc5260d0e83617e9254e95719e8394f2"),
    (.sealKey, "dd474900246579e36396326355a5c5e91be16e23c3fbff16e0619d73f7b2f3aa"),
    (.frontier, "aeb03be006ad5c58137f026be0acbbbe53260e41ac5a88064f4753f09fe82e10"),
    (.ticket, "14b51963fcc111c39f11f865112bb341ad7185f0366e80d2440fb32d6a6b9503"),
    (.check, "4af9710b6a0a0184dc425e82fc462dd585663f46bdd8fd16248c0a3f06efdc43"),
    (.hint, "67b9b8b26c8f6f4ac72d91cc40ccbdfe1df0d22ff42c46d1e3338280a837c139"),
    (.commit, "b0b06032789e65792810b0604aef061a4e01b3de20652c040c29d7a461d787c8"),
    (.digits, "63da36d2b78a18acd98caf04e88d4e2045180f154a761c30de9b26f11a6b6706"),
  ]

  @Test(.enabled(if: SharedVectors.has("blake2b_kat"), "\(SharedVectors.absence)"))
  func `every known answer of the reference is met`() throws {
    let file = try SharedVectors.load("blake2b_kat", as: File.self)
    var count = 0
    for test in file.cases where test.id.hasPrefix("plain") || test.id.hasPrefix("keyed") {
      let content = try #require([UInt8](hex: test.in))
      let key = try #require([UInt8](hex: test.key))
      var hash = Blake2b(personal: nil, count: 64, key: key.span)
      // Fed in two parts, so that the buffering between calls is covered too.
      hash.update(content.span.extracting(..<(content.count / 3)))
      hash.update(content.span.extracting((content.count / 3)...))
      var answer = [UInt8](repeating: 0, count: 64)
      var span = answer.mutableSpan
      hash.finish(into: &span)
      #expect(answer.hex == test.out, "\(test.id)")
      count += 1
    }
    print("blake2b_kat: \(count) of \(file.cases.count) cases")
    #expect(count == file.cases.count)
  }

  @Test func `each label is a personal parameter of its own`() {
    #expect(Self.answers.map(\.label) == Label.Hash.allCases)
    for (label, answer) in Self.answers {
      #expect(label.personal.utf8CodeUnitCount == 16)
      #expect(Blake2b.hash(label, array: Self.content).hex == answer)
    }
  }

  @Test func `the empty content has a hash too`() {
    #expect(
      Blake2b.hash(.entry, array: []).hex
        == "7f2f77ed5cb23bc5417ad0e5e8498ae2e2fa0397e90396e7a229ed9d0c770fd9")
  }

  @Test func `a hash in parts equals the hash in one call`() {
    for cut in [0, 1, 127, 128, 129, 200] {
      var hash = Blake2b(.body, count: 32)
      hash.update(Self.content.span.extracting(..<cut))
      hash.update(Self.content.span.extracting(cut...))
      let parted = hash.finish32().array
      #expect(parted == Blake2b.hash(.body, array: Self.content))
    }
  }

  @Test func `other lengths and keys meet their known answers`() {
    let check = Blake2b.hash16(.check, Self.content.span).array
    #expect(check.hex == "21a30e835cd985493767087f8e67eca7")

    let key = [UInt8](0..<32)
    var hash = Blake2b(.nonce, count: 24, key: key.span)
    hash.update(Self.content.span)
    var nonce = [UInt8](repeating: 0, count: 24)
    var span = nonce.mutableSpan
    hash.finish(into: &span)
    #expect(nonce.hex == "cf67808d9bf45534be921603dec878233da7b288987d63b1")
  }

  @Test func `a number is hashed as the four bytes that travel`() {
    let bytes: [UInt8] = [0x01, 0x02, 0xfe, 0xff]
    var hash = Blake2b(.epochID, count: 16)
    hash.update(bigEndian: 0x0102_feff)
    let numbered = hash.finish16().array
    let plain = Blake2b.hash16(.epochID, bytes.span).array
    #expect(numbered == plain)
  }

  @Test func `a hash shorter than 16 bytes is a bug`() async {
    await #expect(processExitsWith: .failure) { _ = Blake2b(.entry, count: 8) }
  }
}
