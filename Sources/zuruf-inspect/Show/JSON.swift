/// A value as JSON, with its fields in the order in which they were added.
enum JSON {
  case text(String)
  case number(UInt64)
  case flag(Bool)
  case list([JSON])
  case object([(String, JSON)])

  /// One line of JSON Lines with its line feed.
  func line() -> [UInt8] {
    var out: [UInt8] = []
    encode(&out)
    out.append(0x0a)
    return out
  }

  private func encode(_ out: inout [UInt8]) {
    switch self {
    case .text(let text): Self.encode(text, &out)
    case .number(let number): out += String(number).utf8
    case .flag(let flag): out += (flag ? "true" : "false").utf8
    case .list(let values):
      out.append(0x5b)
      for (index, value) in values.enumerated() {
        if index > 0 { out.append(0x2c) }
        value.encode(&out)
      }
      out.append(0x5d)
    case .object(let fields):
      out.append(0x7b)
      for (index, field) in fields.enumerated() {
        if index > 0 { out.append(0x2c) }
        Self.encode(field.0, &out)
        out.append(0x3a)
        field.1.encode(&out)
      }
      out.append(0x7d)
    }
  }

  /// A string: beside what JSON demands, what acts on a terminal or turns its direction is written
  /// by number, so that a dump can be looked at.
  private static func encode(_ text: String, _ out: inout [UInt8]) {
    out.append(0x22)
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22, 0x5c:
        out.append(0x5c)
        out.append(UInt8(scalar.value))
      case 0..<0x20, 0x7f..<0xa0, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff:
        let digits = String(scalar.value, radix: 16)
        out += ("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8
      default: out += String(scalar).utf8
      }
    }
    out.append(0x22)
  }
}

extension JSON {
  static func number(_ value: Int) -> JSON { .number(UInt64(max(0, value))) }
  static func number(_ value: UInt32) -> JSON { .number(UInt64(value)) }
  static func id(_ value: some CustomStringConvertible) -> JSON { .text(value.description) }
}
