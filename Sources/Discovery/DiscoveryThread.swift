package import Platform

/// Discovery on a thread of its own, because Avahi's library may wait for D-Bus for half a minute.
///
/// Every method may be called from any thread and returns at once, `stop` within a second. Events
/// are told on discovery's thread, one at a time, in order; none is told after `stop` has returned
/// unless the thread hung in D-Bus at that time, and then none that happened later.
package final class DiscoveryThread: DiscoveryService, Sendable {
  private let shared: DiscoveryShared
  private let ended: Waker
  /// Has one job, which ends with `stop`; where that had to give up, the thread is let go.
  private let worker: WorkerThread<DiscoveryLoop>

  /// Starts the thread; it browses at once, and announces when it is told what.
  package init(
    configuration: DiscoveryConfiguration,
    onEvent: @escaping @Sendable (DiscoveryEvent) -> Void
  ) throws(SocketError) {
    shared = DiscoveryShared(clock: configuration.clock, waker: try Waker.open())
    ended = try Waker.open()
    let loop = DiscoveryLoop(
      configuration: configuration, shared: shared, ended: ended, onEvent: onEvent)
    worker = try WorkerThread(name: "zuruf-mdns", capacity: 1) { loops in
      for loop in loops { loop.run() }
    }
    let isTaken = worker.submit(loop)
    precondition(isTaken, "a new thread has room for its only job")
  }

  deinit { shared.requestStop() }

  /// Announces this node from now on, or what it says of itself anew; nil withdraws.
  package func announce(_ publication: Publication?) { shared.add(.announce(publication)) }

  /// Resolves everything that was sighted again: a peer's address may have changed. A request that
  /// follows within a second of another is carried out when the second is over.
  package func refresh() { shared.add(.refresh) }

  /// How it stands now; also tells when Avahi or D-Bus hangs, which no event can.
  package var status: DiscoveryStatus { shared.currentStatus() }

  /// Withdraws the announcement and ends the thread. If D-Bus holds the thread for more than a
  /// second it is left to itself: it ends as soon as D-Bus lets it, and says nothing more.
  package func stop() {
    shared.requestStop()
    let deadline = shared.clock.now() + DiscoveryLimits.stopPause
    guard var poller = try? Poller.open(),
      (try? poller.add(ended.descriptor, token: 0, interest: .read)) != nil
    else { return }
    var events: [PollEvent] = []
    while events.isEmpty, shared.clock.now() < deadline {
      guard (try? poller.wait(until: deadline, into: &events)) != nil else { return }
    }
  }
}

/// The thread's work: sleeps in Avahi's poll loop, hears what came, does what the machine wants.
private final class DiscoveryLoop: @unchecked Sendable {
  // Unchecked because the machine belongs to the thread alone: it is made here and then used by
  // `run` only, which is called once.
  private let shared: DiscoveryShared
  private let ended: Waker
  private let configuration: DiscoveryConfiguration
  private let onEvent: @Sendable (DiscoveryEvent) -> Void
  private var machine: DiscoveryMachine

  init(
    configuration: DiscoveryConfiguration, shared: DiscoveryShared, ended: Waker,
    onEvent: @escaping @Sendable (DiscoveryEvent) -> Void
  ) {
    self.configuration = configuration
    self.shared = shared
    self.ended = ended
    self.onEvent = onEvent
    machine = DiscoveryMachine(configuration, at: configuration.clock.now())
  }

  func run() {
    defer { ended.wake() }
    guard
      let backend = AvahiBackend(
        clock: configuration.clock, wakeUp: shared.waker.descriptor.number)
    else {
      tell(.state(.stopped))
      return shared.requestStop()
    }
    while !shared.isStopping, sleep(backend) {
      let began = configuration.clock.now()
      shared.beginCall(at: began)
      let isAlive = backend.dispatch()
      if !isAlive { break }
      excuse(since: began)
      // Reset first, then look: a command that comes in between wakes the next sleep.
      shared.waker.reset()
      for command in shared.takeCommands() { take(command, backend) }
      take(.tick, backend)
      // Last, because every effect so far may have left a report: none must lie during a sleep.
      while let report = backend.nextReport() { take(report, backend) }
      shared.endCall(machine.status)
    }
    backend.close()
    // Only where poll itself fails does it end unasked; then that is to be seen.
    tell(.state(.stopped))
    shared.requestStop()
  }

  private func sleep(_ backend: AvahiBackend) -> Bool {
    let now = configuration.clock.now()
    guard let deadline = machine.deadline(at: now) else { return backend.sleep(milliseconds: -1) }
    let left = max(0, (deadline - now).wholeNanoseconds)
    // Rounded up, or the last fraction of a millisecond would be spent spinning.
    let milliseconds = min(left / 1_000_000 + (left % 1_000_000 == 0 ? 0 : 1), 3_600_000)
    return backend.sleep(milliseconds: Int32(milliseconds))
  }

  /// Tells the machine of time in which nobody could be heard.
  private func excuse(since began: Moment) {
    let duration = configuration.clock.now() - began
    if duration > DiscoveryLimits.heldPauseMin { machine.excuse(duration) }
  }

  private func take(_ input: DiscoveryInput, _ backend: AvahiBackend) {
    machine.handle(input, at: configuration.clock.now())
    while let effect = machine.nextEffect() {
      if shared.isStopping { continue }
      if case .tell(let event) = effect {
        tell(event)
      } else {
        let began = configuration.clock.now()
        backend.carryOut(effect)
        excuse(since: began)
      }
    }
  }

  private func tell(_ event: DiscoveryEvent) {
    if !shared.isStopping { onEvent(event) }
  }
}
