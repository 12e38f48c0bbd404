/// Numbers that both ends of the socket must agree on.
package enum ControlVersion {
  /// Counted up when a reader of the version before would misunderstand something.
  package static let api = 1
  /// What `--version` prints for every program of the house.
  package static let product = "0.1.0"
}
