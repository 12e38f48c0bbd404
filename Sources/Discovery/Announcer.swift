internal import Platform

/// Decides when and under what name this node is announced.
struct Announcer {
  private enum Phase: Equatable {
    /// Nothing of ours is with Avahi; it may be handed in from that moment on.
    case idle(until: Moment)
    /// Handed in under this name, with this content.
    case handedIn(InstanceName, Publication)
  }

  private let entropy: any Entropy
  private var wanted: Publication?
  private var phase = Phase.idle(until: Moment(nanoseconds: .min))
  private var name: InstanceName
  /// Names given up after a collision; others may still see the last of them as ours.
  private var formerName: InstanceName?
  private var collisions = 0
  private(set) var state = PublicationState.none

  init(entropy: any Entropy) {
    self.entropy = entropy
    name = InstanceName(from: entropy)
  }

  /// Sets what is to be announced from now on; nil: nothing.
  mutating func want(_ publication: Publication?, at now: Moment) {
    guard publication != wanted else { return }
    wanted = publication
    // Something new is a reason to ask again at once.
    if case .idle = phase { phase = .idle(until: now) }
  }

  /// Whether a name is or lately was this node's own.
  func isOurs(_ other: InstanceName) -> Bool { other == name || other == formerName }

  /// Notes that nothing of ours is announced any more; true if something was handed in.
  mutating func stop() -> Bool {
    state = .none
    guard case .handedIn = phase else { return false }
    phase = .idle(until: Moment(nanoseconds: .min))
    return true
  }

  /// Avahi is asking the network for the name.
  mutating func registering() {
    if case .handedIn(let name, _) = phase { state = .registering(name) }
  }

  /// The name is ours and announced.
  mutating func established() {
    guard case .handedIn(let name, _) = phase else { return }
    state = .established(name)
    collisions = 0
  }

  /// Somebody has the name: another random one, never the same with a number behind it. True if
  /// what was handed in must be withdrawn.
  mutating func collided(at now: Moment) -> Bool {
    guard case .handedIn = phase else { return false }
    let pauses = DiscoveryLimits.collisionPauses
    formerName = name
    name = InstanceName(from: entropy)
    phase = .idle(until: now + pauses[min(collisions, pauses.count - 1)])
    collisions += 1
    state = .none
    return true
  }

  /// Avahi would not have it; true if what was handed in must be withdrawn.
  mutating func refused(_ reason: String, at now: Moment) -> Bool {
    guard case .handedIn = phase else { return false }
    phase = .idle(until: now + DiscoveryLimits.refusedPause)
    state = .refused(reason)
    return true
  }

  /// What to do now, while Avahi runs.
  mutating func next(at now: Moment) -> [DiscoveryEffect] {
    switch (phase, wanted) {
    case (.idle(let until), let wanted?) where now >= until:
      phase = .handedIn(name, wanted)
      return [.announce(name, wanted)]
    case (.handedIn, nil):
      _ = stop()
      return [.withdraw]
    case (.handedIn(let name, let current), let wanted?) where current != wanted:
      phase = .handedIn(name, wanted)
      guard current.port == wanted.port else { return [.withdraw, .announce(name, wanted)] }
      return [.updateText(name, wanted.announcement)]
    default: return []
    }
  }

  /// When to look again.
  var deadline: Moment? {
    guard case .idle(let until) = phase, wanted != nil else { return nil }
    return until
  }
}
