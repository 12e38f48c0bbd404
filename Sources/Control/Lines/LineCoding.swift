import FoundationEssentials

/// Bytes ⇄ values for every line of the local API, always in the same way.
enum LineCoding {
  /// Writes one line with its line feed; keys are sorted so that the same value is the same bytes.
  static func line(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      var bytes = Array(try encoder.encode(value))
      bytes.append(0x0A)
      return bytes
    } catch {
      preconditionFailure("a line of texts and whole numbers can always be encoded: \(error)")
    }
  }

  /// Reads a value out of a line that `LineGuard` let pass.
  static func value<Value: Decodable>(_ type: Value.Type, from line: [UInt8]) throws -> Value {
    try JSONDecoder().decode(type, from: Data(line))
  }
}

/// A key as it stands in the line, whatever it is.
struct PlainKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
