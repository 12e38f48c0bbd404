import TestSupport
import Testing

@testable import Cryptography

/// Both ciphers against Wycheproof, through each of the four ways in.
@Suite struct AEADVectorTests {
  struct File: Decodable {
    struct Group: Decodable {
      struct Case: Decodable { let tcId: Int, key, iv, aad, msg, ct, tag, result: String }
      let ivSize: Int
      let tests: [Case]
    }
    let numberOfTests: Int
    let testGroups: [Group]
  }

  @Test(
    .enabled(if: SharedVectors.has("wycheproof_chacha20_poly1305"), "\(SharedVectors.absence)"))
  func `Wycheproof's verdict on every ChaCha20-Poly1305 case is ours`() throws {
    try run("wycheproof_chacha20_poly1305", .chaChaPoly)
  }

  @Test(
    .enabled(if: SharedVectors.has("wycheproof_xchacha20_poly1305"), "\(SharedVectors.absence)"))
  func `Wycheproof's verdict on every XChaCha20-Poly1305 case is ours`() throws {
    try run("wycheproof_xchacha20_poly1305", .xChaChaPoly)
  }

  private func run(_ name: String, _ cipher: AEAD) throws {
    let file = try SharedVectors.load(name, as: File.self)
    var count = 0
    for group in file.testGroups {
      for test in group.tests {
        count += 1
        guard group.ivSize == 8 * cipher.nonceCount else {
          // A nonce of another size cannot be given to these ciphers at all.
          #expect(test.result == "invalid", "\(name) \(test.tcId)")
          continue
        }
        try run(test, cipher)
      }
    }
    print("\(name): \(count) of \(file.numberOfTests) cases")
    #expect(count == file.numberOfTests)
  }

  private func run(_ test: File.Group.Case, _ cipher: AEAD) throws {
    let keyBytes = try #require([UInt8](hex: test.key))
    let key = try SecretBytes(copying: keyBytes.span, count: 32, in: .plain)
    let nonce = try #require([UInt8](hex: test.iv))
    let aad = try #require([UInt8](hex: test.aad))
    let plaintext = try #require([UInt8](hex: test.msg))
    let sealed = try #require([UInt8](hex: test.ct + test.tag))
    let isValid = test.result == "valid"

    // Sealed elsewhere, three bytes into the target.
    var target = [UInt8](repeating: 0xee, count: plaintext.count + 16 + 5)
    var span = target.mutableSpan
    cipher.seal(plaintext.span, into: &span, at: 3, key: key, nonce: nonce.span, aad: aad.span)
    let result = Array(target[3...].dropLast(2))
    #expect((result == sealed) == isValid, "\(test.tcId)")
    #expect(target[..<3] + target.suffix(2) == [0xee, 0xee, 0xee, 0xee, 0xee])

    // Sealed in place.
    var place = [0xee] + plaintext + [UInt8](repeating: 0xee, count: 17)
    var placeSpan = place.mutableSpan
    cipher.seal(
      in: &placeSpan, at: 1, count: plaintext.count, key: key, nonce: nonce.span, aad: aad.span)
    #expect(place == [0xee] + result + [0xee], "\(test.tcId)")

    // Opened elsewhere and in place.
    var opened = [UInt8](repeating: 0, count: plaintext.count + 1)
    var openedSpan = opened.mutableSpan
    let isOpened = cipher.opens(
      sealed.span, into: &openedSpan, at: 1, key: key, nonce: nonce.span, aad: aad.span)
    #expect(isOpened == isValid, "\(test.tcId)")
    if isValid { #expect(Array(opened.dropFirst()) == plaintext, "\(test.tcId)") }

    var inPlace = [0xee] + sealed
    var inPlaceSpan = inPlace.mutableSpan
    do {
      try cipher.open(
        in: &inPlaceSpan, at: 1, count: sealed.count, key: key, nonce: nonce.span, aad: aad.span)
      #expect(isValid && Array(inPlace[1...].dropLast(16)) == plaintext, "\(test.tcId)")
    } catch {
      #expect(!isValid && error == .notGenuine, "\(test.tcId)")
    }
  }

  @Test func `what is refused in place leaves nothing to read`() throws {
    let key = SecretBytes(randomCount: 32, in: .plain)
    let nonce = [UInt8](repeating: 1, count: 12)
    var buffer = [UInt8](repeating: 0x77, count: 48)
    var span = buffer.mutableSpan
    #expect(throws: CryptographyError.notGenuine) {
      try AEAD.chaChaPoly.open(
        in: &span, at: 0, count: 48, key: key, nonce: nonce.span, aad: Span())
    }
    #expect(Array(buffer[..<32]) == [UInt8](repeating: 0, count: 32))
  }

  @Test func `a buffer without room for the tag is a bug`() async {
    await #expect(processExitsWith: .failure) {
      let key = SecretBytes(randomCount: 32, in: .plain)
      let nonce = [UInt8](repeating: 1, count: 12)
      var buffer = [UInt8](repeating: 0, count: 47)
      var span = buffer.mutableSpan
      AEAD.chaChaPoly.seal(in: &span, at: 0, count: 32, key: key, nonce: nonce.span, aad: Span())
    }
  }
}
