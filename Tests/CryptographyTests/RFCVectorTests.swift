import CSodium
import TestSupport
import Testing

@testable import Cryptography

/// The cases of RFC 5869, 4231 and 7539 that the public file holds.
///
/// The file is half of a larger one, cut line by line, so that some cases lack a field; where the
/// RFC fixes it, it is written here.
@Suite struct RFCVectorTests {
  struct File: Decodable {
    struct Case: Decodable {
      let id: String
      let prk, okm, key, msg, md, tag: String?

      enum CodingKeys: String, CodingKey {
        case id
        case prk = "PRK"
        case okm = "OKM"
        case key = "Key"
        case upperKey = "KEY"
        case msg = "Msg"
        case upperMsg = "MSG"
        case md = "MD"
        case tag = "TAG"
      }

      init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(String.self, forKey: .id)
        prk = try fields.decodeIfPresent(String.self, forKey: .prk)
        okm = try fields.decodeIfPresent(String.self, forKey: .okm)
        key =
          try fields.decodeIfPresent(String.self, forKey: .key)
          ?? fields.decodeIfPresent(String.self, forKey: .upperKey)
        msg =
          try fields.decodeIfPresent(String.self, forKey: .msg)
          ?? fields.decodeIfPresent(String.self, forKey: .upperMsg)
        md = try fields.decodeIfPresent(String.self, forKey: .md)
        tag = try fields.decodeIfPresent(String.self, forKey: .tag)
      }
    }
    let cases: [Case]
  }

  @Test(.enabled(if: SharedVectors.has("rfc"), "\(SharedVectors.absence)"))
  func `every case of the RFCs that can be put together is met`() throws {
    let file = try SharedVectors.load("rfc", as: File.self)
    var count = 0
    for test in file.cases {
      let isMet: Bool? =
        if test.id.hasPrefix("rfc5869") {
          try expansion(test)
        } else if test.id.hasPrefix("rfc4231") {
          try code(test)
        } else if test.id.hasPrefix("rfc7539") {
          try oneTime(test)
        } else {
          nil
        }
      guard let isMet else { continue }
      #expect(isMet, "\(test.id)")
      count += 1
    }
    print("rfc: \(count) of \(file.cases.count) cases; the others lack question or answer")
    #expect(count > 0)
  }

  /// RFC 5869 A.1 expands with the info f0…f9, A.2 with b0…ff, A.3 with none.
  private func expansion(_ test: File.Case) throws -> Bool? {
    guard let prk = test.prk, let okm = test.okm else { return nil }
    let key = try #require([UInt8](hex: prk))
    let infos: [[UInt8]] = [Array(0xf0...0xf9), Array(0xb0...0xff), []]
    return infos.contains {
      HMACVectorTests.expand(key, info: $0, count: okm.utf8.count / 2).hex == okm
    }
  }

  /// The keys of RFC 4231 4.2 to 4.8; the codes of 4.6 are cut short.
  private func code(_ test: File.Case) throws -> Bool? {
    guard let msg = test.msg, let md = test.md else { return nil }
    let message = try #require([UInt8](hex: msg))
    let keys: [[UInt8]] =
      if let key = test.key {
        [try #require([UInt8](hex: key))]
      } else {
        [
          Array(repeating: 0x0b, count: 20), Array("Jefe".utf8), Array(repeating: 0xaa, count: 20),
          Array(0x01...0x19), Array(repeating: 0x0c, count: 20), Array(repeating: 0xaa, count: 131),
        ]
      }
    return keys.contains {
      HMACVectorTests.code(key: $0, message: message).hex.hasPrefix(md)
    }
  }

  /// Poly1305 stands inside both ciphers, so here it is libsodium's own that is tried.
  private func oneTime(_ test: File.Case) throws -> Bool? {
    guard let key = test.key, let msg = test.msg, let tag = test.tag else { return nil }
    let keyBytes = try #require([UInt8](hex: key))
    let message = try #require([UInt8](hex: msg))
    var result = [UInt8](repeating: 0, count: 16)
    let code = unsafe crypto_onetimeauth_poly1305(
      &result, message, UInt64(message.count), keyBytes)
    return code == 0 && result.hex == tag.lowercased()
  }
}
