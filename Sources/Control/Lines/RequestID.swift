/// How a response is matched with its request: a whole number or a short text.
package enum RequestID: Hashable, Sendable {
  case number(Int64)
  case text(String)

  /// The longest text in bytes.
  package static let bytesMax = 64
}

extension RequestID: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      guard text.utf8.count <= Self.bytesMax else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "the id is longer than \(Self.bytesMax) bytes")
      }
      self = .text(text)
    } else {
      self = .number(try container.decode(Int64.self))
    }
  }

  /// Writes the number or the text alone.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    }
  }
}
