internal import Platform
internal import Synchronization

/// What discovery's thread and its callers share.
final class DiscoveryShared: Sendable {
  private struct State {
    var commands: [DiscoveryInput] = []
    var status: DiscoveryStatus
    var isStopping = false
    /// When the call into Avahi that is on its way began.
    var callBegan: Moment?
  }

  let clock: any Clock
  let waker: Waker
  private let state: Mutex<State>

  init(clock: any Clock, waker: Waker) {
    self.clock = clock
    self.waker = waker
    let status = DiscoveryStatus(
      state: .starting, publication: .none, sightings: 0, nodes: 0, waiting: 0, ignored: 0,
      crowdedOut: 0)
    state = Mutex(State(status: status))
  }

  /// Hands the thread a command. A later one of the same kind replaces an earlier one, so that the
  /// list stays short however long the thread is held.
  func add(_ command: DiscoveryInput) {
    state.withLock { state in
      state.commands.removeAll { isSameKind($0, command) }
      state.commands.append(command)
    }
    waker.wake()
  }

  func takeCommands() -> [DiscoveryInput] {
    state.withLock { state in
      defer { state.commands = [] }
      return state.commands
    }
  }

  func requestStop() {
    state.withLock { state in
      state.isStopping = true
      state.status.state = .stopped
      state.status.publication = .none
    }
    waker.wake()
  }

  var isStopping: Bool { state.withLock { $0.isStopping } }

  /// The thread may be held from here on.
  func beginCall(at now: Moment) {
    state.withLock { $0.callBegan = now }
  }

  /// The thread has come back.
  func endCall(_ status: DiscoveryStatus) {
    state.withLock { state in
      state.callBegan = nil
      if !state.isStopping { state.status = status }
    }
  }

  func currentStatus() -> DiscoveryStatus {
    let now = clock.now()
    return state.withLock { state in
      var status = state.status
      if let began = state.callBegan, now - began > DiscoveryLimits.answerPause, !state.isStopping {
        status.state = .notAnswering
      }
      return status
    }
  }

  private func isSameKind(_ left: DiscoveryInput, _ right: DiscoveryInput) -> Bool {
    switch (left, right) {
    case (.announce, .announce), (.refresh, .refresh): true
    default: false
    }
  }
}
