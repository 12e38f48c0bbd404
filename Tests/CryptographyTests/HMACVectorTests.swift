import TestSupport
import Testing

@testable import Cryptography

/// HMAC-SHA256 and HKDF against Wycheproof.
@Suite struct HMACVectorTests {
  static func code(key: [UInt8], message: [UInt8]) -> [UInt8] {
    var hmac = HMAC(key: key.span)
    hmac.update(message.span.extracting(..<(message.count / 2)))
    hmac.update(message.span.extracting((message.count / 2)...))
    return hmac.finish().withBytes { $0.array }
  }

  static func expand(_ key: [UInt8], info: [UInt8], count: Int) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: count)
    var span = output.mutableSpan
    HKDF.expand(key.span, info: info.span, into: &span)
    return output
  }

  struct Codes: Decodable {
    struct Group: Decodable {
      struct Case: Decodable { let tcId: Int, key, msg, tag, result: String }
      let tests: [Case]
    }
    let numberOfTests: Int
    let testGroups: [Group]
  }

  @Test(.enabled(if: SharedVectors.has("wycheproof_hmac_sha256"), "\(SharedVectors.absence)"))
  func `Wycheproof's verdict on every HMAC is ours`() throws {
    let file = try SharedVectors.load("wycheproof_hmac_sha256", as: Codes.self)
    var count = 0
    for test in file.testGroups.flatMap(\.tests) {
      let key = try #require([UInt8](hex: test.key))
      let message = try #require([UInt8](hex: test.msg))
      let tag = try #require([UInt8](hex: test.tag))
      let code = Self.code(key: key, message: message).prefix(tag.count)
      #expect((Array(code) == tag) == (test.result == "valid"), "\(test.tcId)")
      count += 1
    }
    print("wycheproof_hmac_sha256: \(count) of \(file.numberOfTests) cases")
    #expect(count == file.numberOfTests)
  }

  struct Derivations: Decodable {
    struct Group: Decodable {
      struct Case: Decodable { let tcId: Int, size: Int, ikm, salt, info, okm, result: String }
      let tests: [Case]
    }
    let numberOfTests: Int
    let testGroups: [Group]
  }

  @Test(.enabled(if: SharedVectors.has("wycheproof_hkdf_sha256"), "\(SharedVectors.absence)"))
  func `every HKDF output is Wycheproof's`() throws {
    let file = try SharedVectors.load("wycheproof_hkdf_sha256", as: Derivations.self)
    var count = 0
    for test in file.testGroups.flatMap(\.tests) {
      count += 1
      guard test.result == "valid" else {
        // More than the limit; the exit test below shows that it cannot be asked for.
        #expect(test.size > HKDF.outputMax, "\(test.tcId)")
        continue
      }
      let input = try #require([UInt8](hex: test.ikm))
      let salt = try #require([UInt8](hex: test.salt))
      let info = try #require([UInt8](hex: test.info))
      let key = HKDF.extract(salt: salt.span, input: input.span).withBytes { $0.array }
      #expect(Self.expand(key, info: info, count: test.size).hex == test.okm, "\(test.tcId)")
    }
    print("wycheproof_hkdf_sha256: \(count) of \(file.numberOfTests) cases")
    #expect(count == file.numberOfTests)
  }

  @Test func `more output than HKDF gives is a bug`() async {
    await #expect(processExitsWith: .failure) {
      _ = Self.expand([UInt8](repeating: 1, count: 32), info: [], count: HKDF.outputMax + 1)
    }
  }

  @Test func `Noise's keys are HKDF with an empty info`() {
    let chainingKey = SecretBytes(randomCount: 32, in: .plain)
    let input = Random.bytes(32)
    let three = HKDF.noise(chainingKey: chainingKey, input: input.span, outputs: 3)
    let derived = three.withBytes { $0.array }
    // Noise 4.3, written out.
    let key = Self.code(key: chainingKey.withBytes { $0.array }, message: input)
    let first = Self.code(key: key, message: [1])
    let second = Self.code(key: key, message: first + [2])
    let third = Self.code(key: key, message: second + [3])
    #expect(derived == first + second + third)
    let two = HKDF.noise(chainingKey: chainingKey, input: input.span, outputs: 2)
    #expect(two.withBytes { $0.array } == first + second)
  }
}
