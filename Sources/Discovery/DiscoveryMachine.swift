internal import Platform

/// Decides what discovery does next. Knows no Avahi, reads no clock; one input at a time.
///
///     closed --openClient--> absent --Avahi appears--> connected
///       ^                      |                           |
///       +------ after a pause, longer each time, <- failed +
struct DiscoveryMachine {
  private enum Phase: Equatable {
    /// No client; one is made at that moment.
    case closed(until: Moment)
    /// A client is being made.
    case opening
    /// The client waits for Avahi to appear on the bus.
    case absent(since: Moment)
    /// One can browse; `running`: one can announce too.
    case connected(running: Bool)
  }

  private static let broadcast = IPAddress(v4: .max)

  private let interfaces: InterfaceFilter
  private let recognises: (Announcement) -> Bool
  private var announcer: Announcer
  private var queue: ResolveQueue
  private var table = SightingTable(capacity: DiscoveryLimits.sightingsMax)
  /// Places of our office that are announced still and did not answer: a computer may sleep.
  private var missing: Set<SightingPlace> = []
  private var phase: Phase
  private var failures = 0
  private var nextAsk = Moment.distantFuture
  private var refreshed: Moment?
  /// When to look again, because that was asked for too soon after the last time.
  private var refreshOwed: Moment?
  private var effects: [DiscoveryEffect] = []
  private var next = 0
  private(set) var status = DiscoveryStatus(
    state: .starting, publication: .none, sightings: 0, nodes: 0, waiting: 0, ignored: 0,
    crowdedOut: 0)

  init(_ configuration: DiscoveryConfiguration, at now: Moment) {
    interfaces = configuration.interfaces
    recognises = configuration.recognises
    announcer = Announcer(entropy: configuration.entropy)
    queue = ResolveQueue(at: now)
    phase = .closed(until: now)
  }

  /// Takes in one event; the caller carries out the effects before the next.
  mutating func handle(_ input: DiscoveryInput, at now: Moment) {
    switch input {
    case .announce(let publication): announcer.want(publication, at: now)
    case .refresh: refresh(at: now)
    case .client(let client): clientChanged(client, at: now)
    case .noClient(let error, let busReached):
      let reason: DiscoveryState =
        busReached ? .restarting("\(error)") : .busAbsent("\(error)")
      disconnect(reason, at: now)
    case .announcing(let announcing): announced(announcing, at: now)
    case .browsing(let browsing): browsed(browsing, at: now)
    case .resolved(let id, let resolved): self.resolved(id, resolved)
    case .resolveFailed(let id, let error): resolveFailed(id, error, at: now)
    case .notAnswered(let error): disconnect(.restarting("\(error)"), at: now)
    case .tick: break
    }
    proceed(at: now)
  }

  /// The thread was held for so long that it heard nothing: no silence of others is counted.
  mutating func excuse(_ duration: Duration) { queue.excuse(duration) }

  /// The next wish, in order.
  mutating func nextEffect() -> DiscoveryEffect? {
    guard next < effects.count else {
      effects.removeAll(keepingCapacity: true)
      next = 0
      return nil
    }
    defer { next += 1 }
    return effects[next]
  }

  /// When to hand in a tick if nothing else happens before; nil: never.
  func deadline(at now: Moment) -> Moment? {
    switch phase {
    case .closed(let until): return until
    case .opening: return nil
    case .absent(let since): return since + DiscoveryLimits.absentPause
    case .connected(let running):
      let announcing = running ? announcer.deadline : nil
      return [queue.deadline(at: now), announcing, nextAsk, refreshOwed].compactMap { $0 }.min()
    }
  }

  // The connection.

  private mutating func clientChanged(_ client: DiscoveryInput.Client, at now: Moment) {
    switch client {
    case .awaitingAvahi:
      phase = .absent(since: now)
      failures = 0
      change(to: .avahiAbsent)
    case .settling:
      connect(running: false, at: now)
      if announcer.stop() { effects.append(.withdraw) }
    case .running: connect(running: true, at: now)
    case .failed(let error): disconnect(.restarting("\(error)"), at: now)
    }
  }

  private mutating func connect(running: Bool, at now: Moment) {
    if case .connected = phase {
      phase = .connected(running: running)
      return
    }
    phase = .connected(running: running)
    failures = 0
    nextAsk = now + DiscoveryLimits.heartbeatPause
    table.doubtAll()
    effects.append(.browse)
    change(to: .running)
  }

  private mutating func disconnect(_ state: DiscoveryState, at now: Moment) {
    if case .closed = phase { return }
    let pauses = DiscoveryLimits.reconnectPauses
    phase = .closed(until: now + pauses[min(failures, pauses.count - 1)])
    failures += 1
    nextAsk = .distantFuture
    refreshOwed = nil
    queue.removeAll()
    missing = []
    _ = announcer.stop()
    effects.append(.closeClient)
    change(to: state)
  }

  private mutating func change(to state: DiscoveryState) {
    guard status.state != state else { return }
    status.state = state
    effects.append(.tell(.state(state)))
  }

  // What is seen.

  private mutating func browsed(_ browsing: DiscoveryInput.Browsing, at now: Moment) {
    guard case .connected = phase else { return }
    switch browsing {
    case .appeared(let name, let interface, let interfaceName, let overIPv6):
      guard interface > 0, interfaces.admits(interfaceName) else { return }
      guard let name = InstanceName(bytes: name) else {
        status.ignored += 1
        return
      }
      guard !announcer.isOurs(name) else { return }
      let place = SightingPlace(instance: name, interface: interface, overIPv6: overIPv6)
      table.confirm(place)
      if !queue.add(place) { status.crowdedOut += 1 }
    case .vanished(let name, let interface, let overIPv6):
      guard let name = InstanceName(bytes: name) else { return }
      let place = SightingPlace(instance: name, interface: interface, overIPv6: overIPv6)
      if let id = queue.remove(place) { effects.append(.freeResolver(id)) }
      missing.remove(place)
      forget(place)
    case .allForNow:
      for place in table.forgetDoubted() { effects.append(.tell(.lost(place))) }
    case .failed(let error): disconnect(.restarting("\(error)"), at: now)
    }
  }

  private mutating func resolved(_ id: ResolveQueue.ID, _ resolved: DiscoveryInput.Resolved) {
    guard let place = queue.finish(id) else { return }
    effects.append(.freeResolver(id))
    missing.remove(place)
    guard let address = dialable(resolved, on: place.interface),
      let record = try? TextRecord(decoding: resolved.text),
      let announcement = Announcement(record)
    else {
      status.ignored += 1
      forget(place)
      return
    }
    let sighting = Sighting(
      place: place, interfaceName: resolved.interfaceName, address: address,
      announcement: announcement, isRecognised: recognises(announcement))
    guard let displaced = table.insert(sighting) else {
      return effects.append(.tell(.sighted(sighting)))
    }
    status.crowdedOut += 1
    // Who has the most may displace himself, and then nobody needs to hear of it.
    if displaced != place {
      effects += [.tell(.lost(displaced)), .tell(.sighted(sighting))]
    }
  }

  /// The address, if one host can have it on a network and may be dialled because a stranger says
  /// so: neither this computer itself nor everybody on the segment.
  private func dialable(_ resolved: DiscoveryInput.Resolved, on interface: Int32) -> SocketAddress?
  {
    guard resolved.port != 0, let scope = UInt32(exactly: interface),
      let ip = IPAddress(bytes: resolved.address, scope: scope),
      !ip.isLoopback, !ip.isUnspecified, !ip.isMulticast, ip != DiscoveryMachine.broadcast
    else { return nil }
    return SocketAddress(ip, port: resolved.port)
  }

  private mutating func resolveFailed(
    _ id: ResolveQueue.ID, _ error: AvahiError, at now: Moment
  ) {
    if error == .tooManyObjects {
      // It may never have been made, or have failed later: that is not told, and freeing does for both.
      if queue.noRoom(for: id, at: now) { effects.append(.freeResolver(id)) }
      return
    }
    guard let place = queue.fail(id, at: now) else { return }
    effects.append(.freeResolver(id))
    if table.isRecognised(place), missing.count < DiscoveryLimits.sightingsMax {
      missing.insert(place)
    }
    forget(place)
  }

  private mutating func forget(_ place: SightingPlace) {
    if table.remove(place) { effects.append(.tell(.lost(place))) }
  }

  private mutating func refresh(at now: Moment) {
    guard case .connected = phase else { return }
    // Put off and not dropped: since then the answer to whose an announcement is may have changed.
    if let refreshed, now < refreshed + DiscoveryLimits.refreshPause {
      refreshOwed = refreshed + DiscoveryLimits.refreshPause
      return
    }
    refreshOwed = nil
    refreshed = now
    // Whoever was here and did not answer is looked for each time, and not ever more seldom: it may be
    // back with another address, of which nobody is told who does not ask (D-4).
    for place in table.places + missing.sorted() where !queue.add(place) {
      status.crowdedOut += 1
    }
  }

  // What is announced.

  private mutating func announced(_ announcing: DiscoveryInput.Announcing, at now: Moment) {
    guard case .connected = phase else { return }
    switch announcing {
    case .registering: announcer.registering()
    case .established: announcer.established()
    case .collision: if announcer.collided(at: now) { effects.append(.withdraw) }
    case .failed(let error) where error.endsClient && error != .badState:
      disconnect(.restarting("\(error)"), at: now)
    case .failed(let error): if announcer.refused("\(error)", at: now) { effects.append(.withdraw) }
    }
  }

  // What follows from the time and from all of the above.

  private mutating func proceed(at now: Moment) {
    switch phase {
    case .closed(let until) where now >= until:
      phase = .opening
      effects.append(.openClient)
    case .absent(let since) where now >= since + DiscoveryLimits.absentPause:
      phase = .opening
      effects += [.closeClient, .openClient]
    case .connected(let running): work(running: running, at: now)
    default: break
    }
    if status.publication != announcer.state {
      status.publication = announcer.state
      effects.append(.tell(.publication(announcer.state)))
    }
    status.sightings = table.count
    status.nodes = table.nodeCount
    status.waiting = queue.waitingCount
  }

  private mutating func work(running: Bool, at now: Moment) {
    if let owed = refreshOwed, now >= owed { refresh(at: now) }
    // Browsing came first: what is there is found before our own name is asked for.
    for id in queue.abandonSilent(at: now) { effects.append(.freeResolver(id)) }
    while let started = queue.start(at: now) {
      effects.append(.resolve(started.id, started.place))
    }
    if running { effects += announcer.next(at: now) }
    if now >= nextAsk {
      nextAsk = now + DiscoveryLimits.heartbeatPause
      effects.append(.ask)
    }
  }
}
