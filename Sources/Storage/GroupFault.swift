/// What is wrong with a record group.
package enum GroupFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// No head with the right checksum for this place.
  case badHead
  /// The segment ends before the group does.
  case cutShort
  /// The header, or the prefix before it, of one entry, counted from the group's first.
  case badHeader(entry: Int)
  /// The body of one entry, counted from the group's first.
  case badBody(entry: Int)
  /// Checksums hold but the content breaks a rule: written by another program or by a bug.
  case badContent(entry: Int)

  package var description: String {
    switch self {
    case .badHead: "the head of a record group is damaged"
    case .cutShort: "a record group is cut short"
    case .badHeader(let entry): "the header of entry \(entry) of a record group is damaged"
    case .badBody(let entry): "the body of entry \(entry) of a record group is damaged"
    case .badContent(let entry):
      "entry \(entry) of a record group breaks a rule though its checksums hold"
    }
  }
}
