internal import Platform

/// Which network interfaces discovery listens to.
package enum InterfaceFilter: Hashable, Sendable {
  /// Those that lead to other computers, as far as their names tell: no containers, no tunnels; and
  /// those with these names, whatever they look like.
  case physical(and: Set<String>)
  /// All but loopback.
  case everyLink

  /// Whether discovery listens on an interface of that name; one without has just gone.
  package func admits(_ name: String) -> Bool {
    guard !name.isEmpty else { return false }
    return switch self {
    case .physical(let named):
      named.contains(name)
        || name != "lo" && NetworkInterface.Kind(guessing: name) == .physical
    case .everyLink: name != "lo"
    }
  }
}
