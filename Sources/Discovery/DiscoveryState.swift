/// How discovery stands with Avahi; in no state but running does it hold up anything else (D-7).
package enum DiscoveryState: Hashable, Sendable {
  /// Not yet connected.
  case starting
  case running
  /// D-Bus is there, Avahi is not.
  case avahiAbsent
  /// The system bus itself cannot be reached.
  case busAbsent(String)
  /// The connection broke or was refused; the next attempt follows within two seconds.
  case restarting(String)
  /// A call has been waiting longer than any healthy one; the other side hangs.
  case notAnswering
  case stopped

  /// What is the case, for a person, without a full stop.
  package var text: String {
    switch self {
    case .starting: "discovery is starting"
    case .running: "discovery is running"
    case .avahiAbsent: "Avahi is not running"
    case .busAbsent(let reason): "the system bus cannot be reached: \(reason)"
    case .restarting(let reason): "connecting to Avahi again: \(reason)"
    case .notAnswering: "Avahi or D-Bus does not answer"
    case .stopped: "discovery is stopped"
    }
  }
}

/// How far our own announcement is.
package enum PublicationState: Hashable, Sendable {
  /// Nothing to announce, or Avahi is away.
  case none
  /// Avahi asks the network whether the name is free, which takes most of a second.
  case registering(InstanceName)
  case established(InstanceName)
  /// Avahi said no; tried again later.
  case refused(String)

  /// What is the case, for a person, without a full stop.
  package var text: String {
    switch self {
    case .none: "not announced"
    case .registering: "being announced"
    case .established(let name): "announced as \(name)"
    case .refused(let reason): "not announced: \(reason)"
    }
  }
}

/// What discovery does and has met, for `status` and `doctor`.
package struct DiscoveryStatus: Hashable, Sendable {
  package var state: DiscoveryState
  package var publication: PublicationState
  /// Sightings remembered now.
  package var sightings: Int
  /// How many nodes they are of.
  package var nodes: Int
  /// Places waiting to be resolved.
  package var waiting: Int
  /// Announcements left aside: not a node's name, another version, no usable address or port.
  package var ignored: UInt64
  /// Sightings forgotten to make room, and places dropped because too many waited.
  package var crowdedOut: UInt64

  package init(
    state: DiscoveryState, publication: PublicationState, sightings: Int, nodes: Int,
    waiting: Int, ignored: UInt64, crowdedOut: UInt64
  ) {
    (self.state, self.publication) = (state, publication)
    (self.sightings, self.nodes, self.waiting) = (sightings, nodes, waiting)
    (self.ignored, self.crowdedOut) = (ignored, crowdedOut)
  }
}

/// What discovery tells the node. Every one is a hint; only a handshake proves who is there.
package enum DiscoveryEvent: Hashable, Sendable {
  case sighted(Sighting)
  /// The announcement was withdrawn or timed out, or was forgotten to make room.
  case lost(SightingPlace)
  case state(DiscoveryState)
  case publication(PublicationState)
}
