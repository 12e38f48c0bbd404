/// One line of what `--json` prints: the fields of a value, and beside them its type.
package struct TypedLine<Value: Encodable>: Encodable {
  private let type: String
  private let value: Value

  /// A line of that type; the value must not have a field `type` of its own.
  package init(_ type: String, _ value: Value) {
    self.type = type
    self.value = value
  }

  /// Writes the line with its line feed.
  package func encoded() -> [UInt8] { LineCoding.line(self) }

  /// Writes the fields of the value and beside them `type`.
  package func encode(to encoder: any Encoder) throws {
    try value.encode(to: encoder)
    var container = encoder.container(keyedBy: PlainKey.self)
    try container.encode(type, forKey: PlainKey(stringValue: "type"))
  }
}
