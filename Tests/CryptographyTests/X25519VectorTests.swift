import TestSupport
import Testing

@testable import Cryptography

/// Key agreement against Wycheproof; a result of zero is refused, never used.
@Suite struct X25519VectorTests {
  struct File: Decodable {
    struct Group: Decodable {
      struct Case: Decodable { let tcId: Int, `public`, `private`, shared, result: String }
      let tests: [Case]
    }
    let numberOfTests: Int
    let testGroups: [Group]
  }

  @Test(.enabled(if: SharedVectors.has("wycheproof_x25519"), "\(SharedVectors.absence)"))
  func `every shared secret is Wycheproof's, and zero is refused`() throws {
    let file = try SharedVectors.load("wycheproof_x25519", as: File.self)
    var (count, zeros) = (0, 0)
    for test in file.testGroups.flatMap(\.tests) {
      let secret = try #require([UInt8](hex: test.private))
      let other = try #require([UInt8](hex: test.public))
      let key = try NoiseKey(bytes: secret.span)
      let peer = try NoisePublicKey(copying: other.span)
      if test.shared.utf8.allSatisfy({ $0 == UInt8(ascii: "0") }) {
        #expect(throws: CryptographyError.lowOrderKey, "\(test.tcId)") {
          _ = try key.pair.agree(with: peer.bytes)
        }
        zeros += 1
      } else {
        let shared = try key.pair.agree(with: peer.bytes).withBytes { $0.array.hex }
        #expect(shared == test.shared, "\(test.tcId)")
      }
      count += 1
    }
    print("wycheproof_x25519: \(count) of \(file.numberOfTests) cases, \(zeros) of them refused")
    #expect(count == file.numberOfTests && zeros > 0)
  }

  @Test func `every point of low order is refused`() {
    let key = NoiseKey()
    for point in LowOrder.points {
      #expect(throws: CryptographyError.lowOrderKey) { _ = try key.pair.agree(with: point) }
    }
  }
}
