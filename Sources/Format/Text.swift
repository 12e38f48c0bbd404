/// Whether the bytes are well-formed UTF-8 (N-4).
package func isUTF8(_ bytes: [UInt8]) -> Bool {
  // `String(validating:)` is the library's strict decoder: no repair, no surrogates, no overlong forms.
  String(validating: bytes, as: UTF8.self) != nil
}

/// The bytes as text, or nil where they are not UTF-8; nothing is normalised.
package func text(_ bytes: [UInt8]) -> String? {
  String(validating: bytes, as: UTF8.self)
}

/// A name of a person, device, group or office: 1 to 128 bytes of UTF-8 without control characters.
package struct Name: Hashable, Sendable {
  package let bytes: [UInt8]

  /// Why bytes are not a name.
  package enum Refusal: Error, Hashable, Sendable {
    case empty
    case tooLong(bytes: Int)
    case notUTF8
    case controlCharacter
  }

  package init(_ bytes: [UInt8]) throws(Refusal) {
    guard !bytes.isEmpty else { throw .empty }
    guard bytes.count <= Limits.nameBytesMax else { throw .tooLong(bytes: bytes.count) }
    guard let text = Format.text(bytes) else { throw .notUTF8 }
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0...0x1f, 0x7f...0x9f, 0x2028, 0x2029: throw .controlCharacter
      default: break
      }
    }
    self.bytes = bytes
  }

  package init(_ text: String) throws(Refusal) { try self.init(Array(text.utf8)) }

  package var text: String { String(decoding: bytes, as: UTF8.self) }
}
