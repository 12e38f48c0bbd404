import TestSupport
import Testing

@testable import Cryptography

/// Ed25519 against public test cases; the verdict on edge cases is pinned, for all nodes need one.
@Suite struct SignatureVectorTests {
  /// The verdict of the one verifier on bytes of any length.
  static func isGenuine(key: [UInt8], message: [UInt8], signature: [UInt8]) -> Bool {
    guard let key = try? SigningPublicKey(copying: key.span),
      let signature = try? Signature(copying: signature.span)
    else { return false }
    return key.verify(signature, unlabelled: message.span)
  }

  struct Wycheproof: Decodable {
    struct Group: Decodable {
      struct Key: Decodable { let pk: String }
      struct Case: Decodable {
        let tcId: Int
        let msg, sig, result: String
      }
      let publicKey: Key
      let tests: [Case]
    }
    let numberOfTests: Int
    let testGroups: [Group]
  }

  @Test(.enabled(if: SharedVectors.has("wycheproof_ed25519"), "\(SharedVectors.absence)"))
  func `Wycheproof's verdict on every Ed25519 signature is ours`() throws {
    let file = try SharedVectors.load("wycheproof_ed25519", as: Wycheproof.self)
    var count = 0
    for group in file.testGroups {
      let key = try #require([UInt8](hex: group.publicKey.pk))
      for test in group.tests {
        let message = try #require([UInt8](hex: test.msg))
        let signature = try #require([UInt8](hex: test.sig))
        let verdict = Self.isGenuine(key: key, message: message, signature: signature)
        #expect(verdict == (test.result == "valid"), "\(test.tcId)")
        count += 1
      }
    }
    print("wycheproof_ed25519: \(count) of \(file.numberOfTests) cases")
    #expect(count == file.numberOfTests)
  }

  struct Edge: Decodable {
    struct Case: Decodable {
      let id: String
      let key, sig, msg: String?
      let publicKey, signature, message: String?
      let flags: [String]?

      enum CodingKeys: String, CodingKey {
        case id, key, sig, msg, signature, message, flags
        case publicKey = "pub_key"
      }
    }
    let cases: [Case]
  }

  /// What libsodium refuses of the first set, whose cases are all made to pass in some verifier: no
  /// point of low order or in another encoding, and the equation must hold without the cofactor.
  static let refused: Set<String> = [
    "low_order_A", "low_order_R", "low_order_residue", "non_canonical_A", "non_canonical_R",
  ]

  /// What libsodium accepts of the second set.
  static let accepted: Set<String> = ["speccheck/3"]

  @Test(.enabled(if: SharedVectors.has("ed25519_edge"), "\(SharedVectors.absence)"))
  func `the verdict on every edge case is the pinned one`() throws {
    let file = try SharedVectors.load("ed25519_edge", as: Edge.self)
    var count = 0
    for test in file.cases {
      let key = try #require([UInt8](hex: test.key ?? test.publicKey ?? "?"))
      let signature = try #require([UInt8](hex: test.sig ?? test.signature ?? "?"))
      let message = try #require(
        test.msg.map { Array($0.utf8) } ?? [UInt8](hex: test.message ?? "?"))
      let verdict = Self.isGenuine(key: key, message: message, signature: signature)
      let expected =
        test.id.hasPrefix("cctv")
        ? Self.refused.isDisjoint(with: test.flags ?? []) : Self.accepted.contains(test.id)
      #expect(verdict == expected, "\(test.id)")
      count += verdict ? 1 : 0
    }
    print("ed25519_edge: \(file.cases.count) cases, \(count) of them accepted")
    #expect(count > 0)
  }

  struct SignInput: Decodable {
    struct Case: Decodable { let id, seed, `public`, message, signature: String }
    let cases: [Case]
  }

  @Test(.enabled(if: SharedVectors.has("ed25519_sign_input"), "\(SharedVectors.absence)"))
  func `every seed gives the published key and signature`() throws {
    let file = try SharedVectors.load("ed25519_sign_input", as: SignInput.self)
    for test in file.cases {
      let seed = try #require([UInt8](hex: test.seed))
      let key = try SigningKey(bytes: seed.span)
      let message = try #require([UInt8](hex: test.message))
      let signature = key.sign(unlabelled: message.span)
      #expect(key.publicKey.array.hex == test.public, "\(test.id)")
      #expect(signature.array.hex == test.signature, "\(test.id)")
      #expect(
        Self.isGenuine(
          key: key.publicKey.array, message: message, signature: signature.array))
    }
    print("ed25519_sign_input: \(file.cases.count) cases")
    #expect(!file.cases.isEmpty)
  }
}
