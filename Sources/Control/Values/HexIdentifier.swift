/// The name of an entry, group, member, device or ticket: lower-case hexadecimal text.
package struct HexIdentifier: Codable, Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The digits, an even number of them, at least one byte and at most `bytesMax` bytes.
  package let text: String

  /// The longest identifier there is: an entry hash.
  package static let bytesMax = 32

  /// Takes the digits as they are; nil unless they are whole bytes in lower case.
  package init?(text: String) {
    let digits = text.utf8
    guard digits.count >= 2, digits.count <= 2 * Self.bytesMax, digits.count % 2 == 0,
      digits.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) })
    else { return nil }
    self.text = text
  }

  /// Writes bytes as digits; nil unless there are 1 to `bytesMax` of them.
  package init?(bytes: [UInt8]) {
    guard !bytes.isEmpty, bytes.count <= Self.bytesMax else { return nil }
    var digits: [UInt8] = []
    digits.reserveCapacity(2 * bytes.count)
    for byte in bytes {
      digits.append(Self.digit(byte >> 4))
      digits.append(Self.digit(byte & 15))
    }
    text = String(decoding: digits, as: UTF8.self)
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

  /// The bytes the digits stand for.
  package var bytes: [UInt8] {
    let digits = text.utf8.map { $0 <= 0x39 ? $0 - 0x30 : $0 - 0x57 }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  package var description: String { text }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let identifier = HexIdentifier(text: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "not an identifier in lower-case hexadecimal digits")
    }
    self = identifier
  }

  /// Writes the digits as one text.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  /// Orders as the bytes do, a beginning before what is longer.
  package static func < (left: HexIdentifier, right: HexIdentifier) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}
