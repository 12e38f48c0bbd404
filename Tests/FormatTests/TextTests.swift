import Format
import Foundation
import TestSupport
import Testing

/// Names and texts against the public lists of odd strings.
@Suite struct TextTests {
  struct Sequences: Decodable {
    struct Case: Decodable {
      let id: String
      let valid: Bool
      let hex: String
    }
    let cases: [Case]
  }

  struct Strings: Decodable {
    struct Case: Decodable {
      let id: String
      let base64: String
    }
    let cases: [Case]
  }

  static let request = RequestID(Bytes16())

  /// Whether the bytes are taken as a text and come back as they were.
  static func isText(_ bytes: [UInt8]) throws -> Bool {
    let encoded = Content.text(request, bytes).encode()
    do {
      guard case .text(_, let found, _) = try Content(decoding: encoded) else { return false }
      #expect(found == bytes)
      return true
    } catch {
      #expect(error == .broken(.e17))
      return false
    }
  }

  /// What N-3 says, computed from Unicode scalars alone.
  static func isName(_ bytes: [UInt8]) -> Bool {
    guard (1...128).contains(bytes.count), let text = Format.text(bytes) else { return false }
    return !text.unicodeScalars.contains { scalar in
      scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
        || scalar.value == 0x2028 || scalar.value == 0x2029
    }
  }

  static func isTakenAsName(_ bytes: [UInt8]) -> Bool {
    guard let name = try? Name(bytes) else { return false }
    #expect(name.bytes == bytes)
    return true
  }

  @Test(.enabled(if: SharedVectors.has("utf8"), "\(SharedVectors.absence)"))
  func `exactly the valid sequences of the UTF-8 list are texts`() throws {
    let file = try SharedVectors.load("utf8", as: Sequences.self)
    #expect(!file.cases.isEmpty)
    for each in file.cases {
      let bytes = try #require([UInt8](hex: each.hex))
      #expect(try Self.isText(bytes) == (each.valid && !bytes.isEmpty), "\(each.id)")
      #expect(Self.isTakenAsName(bytes) == (each.valid && Self.isName(bytes)), "\(each.id)")
    }
    print("utf8: \(file.cases.count) cases")
  }

  @Test(.enabled(if: SharedVectors.has("naughty_strings"), "\(SharedVectors.absence)"))
  func `every naughty string is a text where it is UTF-8, and a name where it keeps the rule`()
    throws
  {
    let file = try SharedVectors.load("naughty_strings", as: Strings.self)
    var texts = 0
    for each in file.cases {
      let data = try #require(Data(base64Encoded: each.base64))
      let bytes = Array(data)
      // Some cases of the list were cut within a character; Foundation is the second opinion.
      let isUTF8 = String(data: data, encoding: .utf8) != nil
      #expect(try Self.isText(bytes) == (isUTF8 && !bytes.isEmpty), "\(each.id)")
      #expect(Self.isTakenAsName(bytes) == (isUTF8 && Self.isName(bytes)), "\(each.id)")
      texts += isUTF8 ? 1 : 0
    }
    print("naughty_strings: \(file.cases.count) cases, \(texts) of them UTF-8")
  }

  @Test func `a name has 1 to 128 bytes, whatever they are`() {
    for count in 0...130 {
      let bytes = [UInt8](repeating: 0x61, count: count)
      #expect(Self.isTakenAsName(bytes) == (1...128).contains(count))
    }
    // 43 characters of three bytes: 129.
    #expect(!Self.isTakenAsName(Array(String(repeating: "€", count: 43).utf8)))
    #expect(Self.isTakenAsName(Array(String(repeating: "€", count: 42).utf8)))
  }

  @Test func `names that look alike stay two names`() throws {
    let composed = try Name([0xc3, 0xa9])
    let decomposed = try Name([0x65, 0xcc, 0x81])
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
  }

  @Test(.enabled(if: SharedVectors.has("unicode_confusables"), "\(SharedVectors.absence)"))
  func `what looks like another name is taken, kept byte for byte, and is another`() throws {
    let all = LookAlike.all
    #expect(all.count > 500)
    for each in all {
      let bytes = Array(each.char.utf8)
      #expect(Self.isTakenAsName(bytes) && Self.isName(bytes), "\(each.id)")
      #expect(try Name(bytes) != Name(each.original), "\(each.id)")
    }
  }

  @Test(.enabled(if: SharedVectors.has("path_traversal"), "\(SharedVectors.absence)"))
  func `what leads elsewhere as a path is a name and a text like any other`() throws {
    let all = ForeignPath.all
    #expect(all.count > 400)
    for each in all {
      #expect(Self.isTakenAsName(each.bytes) == Self.isName(each.bytes), "\(each.id)")
      #expect(try Self.isText(each.bytes), "\(each.id)")
    }
  }

  @Test func `every control character is refused in a name and taken in a text`() throws {
    for value in Array(UInt32(0)...0x20) + Array(0x7e...0xa0) + [0x2028, 0x2029, 0x202a] {
      let scalar = try #require(Unicode.Scalar(value))
      let bytes = Array(String(Character(scalar)).utf8)
      #expect(Self.isTakenAsName(bytes) == Self.isName(bytes), "\(value)")
      #expect(try Self.isText(bytes))
    }
  }
}
