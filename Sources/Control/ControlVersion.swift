/// Numbers that both ends of the socket must agree on.
package enum ControlVersion {
  /// Counted up when a reader of the version before would misunderstand something.
  package static let api = 1
}
