/// Lower-case hexadecimal, in which names and hints are announced.
enum Hexadecimal {
  private static let digits = Array("0123456789abcdef".utf8)

  /// The value of a digit; capitals are none.
  static func value(ofLowerCase byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }

  /// The bytes a text of digits stands for, or nil if there is an odd digit or another character.
  static func bytes(of text: [UInt8]) -> [UInt8]? {
    guard text.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: text.count, by: 2) {
      guard let high = value(ofLowerCase: text[place]),
        let low = value(ofLowerCase: text[place + 1])
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  /// Two digits for each byte.
  static func text(of bytes: [UInt8]) -> String {
    String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
