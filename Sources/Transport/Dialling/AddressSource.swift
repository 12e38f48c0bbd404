internal import Format

/// From where an address is known; status shows the raw value.
package enum AddressSource: String, Hashable, Comparable, Sendable, CaseIterable {
  /// The configuration names it.
  case seed = "seed"
  /// It stood on the ticket this node joined with.
  case ticket = "ticket"
  /// Somebody in the network announced it.
  case sighting = "mDNS"
  /// A peer linked from there and said on which port it listens.
  case incoming = "incoming"
  /// A device answered there before.
  case remembered = "remembered"

  private var rank: Int {
    switch self {
    case .seed: 0
    case .ticket: 1
    case .sighting: 2
    case .incoming: 3
    case .remembered: 4
    }
  }

  /// Whether the left source is the more trusted one, as the cases stand.
  package static func < (left: AddressSource, right: AddressSource) -> Bool {
    left.rank < right.rank
  }

  /// Whether a stranger can make as many of these as they like.
  var isOpenToStrangers: Bool { self == .sighting || self == .incoming }

  /// Whether it is this node's own memory of where a device was met.
  var isMemory: Bool { self == .incoming || self == .remembered }
}

/// One reason to believe that a peer is at an address.
struct AddressClaim: Hashable {
  let source: AddressSource
  /// What the source calls the peer, so that its addresses are tried one after another: the
  /// instance name of a sighting, the seed as it was typed.
  let name: String?
  /// Where the source says it, such as on which interface; nil where that makes no difference.
  let place: String?
  /// The device that is said to be there.
  let device: NoiseIdentity?
}
