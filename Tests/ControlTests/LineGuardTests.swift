import FoundationEssentials
import TestSupport
import Testing

@testable import Control

/// What passes as a line of JSON, judged by the public test suite and by our own limits.
struct LineGuardTests {
  /// One case of the suite.
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let id: String
    let expect: String
    let base64: String?
    let repeatBase64: String?
    let repeatCount: Int?
    let tailBase64: String?
    var testDescription: String { id }

    private enum CodingKeys: String, CodingKey {
      case id, expect, base64
      case repeatBase64 = "repeat_base64"
      case repeatCount = "repeat_count"
      case tailBase64 = "tail_base64"
    }

    var bytes: [UInt8]? {
      if let base64 { return Data(base64Encoded: base64).map { Array($0) } }
      guard let part = repeatBase64.flatMap({ Data(base64Encoded: $0) }), let repeatCount
      else { return nil }
      let tail = tailBase64.flatMap { Data(base64Encoded: $0) } ?? Data()
      return (0..<repeatCount).flatMap { _ in Array(part) } + Array(tail)
    }
  }

  /// Cases that the suite accepts and this API does not, because two readers may differ.
  static let stricter = [
    "y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json",
  ]

  struct File: Decodable {
    let cases: [Case]
  }

  static let cases: [Case] =
    (try? SharedVectors.load("json_parsing", as: File.self))?.cases ?? []

  @Test(.enabled(if: SharedVectors.has("json_parsing"), Comment(rawValue: SharedVectors.absence)))
  func `the public suite is complete`() {
    #expect(Self.cases.count > 150)
  }

  @Test(arguments: cases)
  func `the public suite is judged as it says`(test: Case) throws {
    let bytes = try #require(test.bytes)
    var fault: LineFault?
    do throws(LineFault) {
      try LineGuard.check(bytes)
    } catch {
      fault = error
    }
    switch test.expect {
    case "accept" where Self.stricter.contains(test.id): #expect(fault == .duplicateKey)
    case "accept": #expect(fault == nil)
    case "reject": #expect(fault != nil)
    default: break
    }
    // What passes is JSON for the library too; what does not never reaches it.
    if fault == nil {
      _ = try JSONDecoder().decode(Anything.self, from: Data(bytes))
    }
    #expect(throws: RequestLine.Refusal.self) { try RequestLine(line: bytes) }
  }

  /// Takes any JSON without looking at numbers.
  private struct Anything: Decodable {
    init(from decoder: any Decoder) throws {
      if let object = try? decoder.container(keyedBy: PlainKey.self) {
        for key in object.allKeys { _ = try object.decode(Anything.self, forKey: key) }
      } else if var array = try? decoder.unkeyedContainer() {
        while !array.isAtEnd { _ = try array.decode(Anything.self) }
      } else {
        _ = try decoder.singleValueContainer().decodeNil()
      }
    }
  }

  static func fault(_ text: String) -> LineFault? {
    do throws(LineFault) {
      try LineGuard.check(Array(text.utf8))
      return nil
    } catch {
      return error
    }
  }

  @Test func `the depth is limited and counted over arrays and objects alike`() {
    let fits = LineGuard.depthMax
    #expect(Self.fault(nested("[", "]", fits)) == nil)
    #expect(Self.fault(nested("[", "]", fits + 1)) == .tooDeep)
    #expect(Self.fault(nested("[{\"a\":", "}]", fits / 2, inside: "1")) == nil)
    #expect(Self.fault(nested("[{\"a\":", "}]", fits / 2, inside: "[]")) == .tooDeep)
    #expect(Self.fault(String(repeating: "[", count: LineGuard.bytesMax)) == .tooDeep)
  }

  private func nested(_ open: String, _ close: String, _ count: Int, inside: String = "") -> String
  {
    String(repeating: open, count: count) + inside + String(repeating: close, count: count)
  }

  @Test func `a line of the longest length passes and one byte more does not`() {
    let fits = "\"" + String(repeating: "x", count: LineGuard.bytesMax - 2) + "\""
    #expect(Self.fault(fits) == nil)
    #expect(Self.fault(fits + " ") == .tooLong)
  }

  @Test(arguments: [
    #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"[{"b":{"a":1,"c":2,"a":3}}]"#,
    #"{"":1,"":2}"#, #"{"é":1,"\u00e9":2}"#, #"{"😀":1,"\ud83d\ude00":2}"#,
  ])
  func `a name twice in one object is refused however it is written`(text: String) {
    #expect(Self.fault(text) == .duplicateKey)
  }

  @Test(arguments: [
    #"{"a":{"a":1},"b":{"a":1}}"#, #"[{"a":1},{"a":1}]"#,
    // Composed and decomposed are two names: bytes decide.
    "{\"\u{e9}\":1,\"e\u{301}\":2}",
  ])
  func `the same name in another object is no repetition`(text: String) {
    #expect(Self.fault(text) == nil)
  }

  @Test(arguments: [
    #""\ud800""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud800x""#, #""\ud800\n""#,
    #"{"\udfff":1}"#, #""\udc00\ud800""#,
  ])
  func `half a character is refused`(text: String) {
    #expect(Self.fault(text) == .loneSurrogate)
  }

  @Test(
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
      [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0xEF, 0xBB, 0xBF, 0x31],
    ] as [[UInt8]])
  func `what is not UTF-8 is refused`(bytes: [UInt8]) {
    #expect(throws: LineFault.encoding) { try LineGuard.check(bytes) }
  }

  @Test func `an object with more names than any method knows is refused`() {
    func object(_ count: Int) -> String {
      "{" + (0..<count).map { "\"k\($0)\":0" }.joined(separator: ",") + "}"
    }
    #expect(Self.fault(object(LineGuard.keysMax)) == nil)
    #expect(Self.fault(object(LineGuard.keysMax + 1)) != nil)
  }
}
