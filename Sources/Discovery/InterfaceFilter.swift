internal import Platform

/// Which network interfaces discovery listens to.
package enum InterfaceFilter: Hashable, Sendable {
  /// Those that lead to other computers, as far as their names tell: no containers, no tunnels.
  case physical
  /// All but loopback.
  case everyLink

  /// Whether discovery listens on an interface of that name; one without has just gone.
  package func admits(_ name: String) -> Bool {
    guard !name.isEmpty else { return false }
    return switch self {
    case .physical: name != "lo" && NetworkInterface.Kind(guessing: name) == .physical
    case .everyLink: name != "lo"
    }
  }
}
