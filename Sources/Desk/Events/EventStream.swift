import Synchronization

/// The events of one page: Desk's thread puts them in, libmicrohttpd's takes them out.
final class EventStream: Sendable {
  private struct State {
    var buffer = EventBuffer()
    /// Set while the library waits for more.
    var waiting: WebConnection?
    /// Whether Desk's thread holds back until there is room.
    var isHeldBack = false
  }

  /// What the library's callback is to do.
  enum Taken: Sendable {
    case bytes(ArraySlice<UInt8>)
    /// The connection was suspended.
    case nothing
    case end
  }

  /// Which stream it is, among all of this run.
  let id: UInt64
  private let state = Mutex(State())

  init(id: UInt64) { self.id = id }

  /// Adds an event; false where no more is to be added until there is room.
  func add(event: ArraySlice<UInt8>) -> Bool {
    change { state in
      state.buffer.add(event: event)
      state.isHeldBack = state.buffer.isFull
      return !state.isHeldBack
    }
  }

  func addHeartbeat() {
    change { $0.buffer.addHeartbeat() }
  }

  /// Ends it behind what waits.
  func end() {
    change { $0.buffer.end() }
  }

  /// Takes out what waits, or suspends the connection; `roomAgain` is called where Desk's thread
  /// held back and need not any more.
  func take(_ countMax: Int, for connection: WebConnection, roomAgain: () -> Void) -> Taken {
    let (taken, isRoom): (Taken, Bool) = state.withLock { state in
      if state.buffer.isEmpty {
        if state.buffer.isEnded { return (.end, false) }
        connection.suspend()
        state.waiting = connection
        return (.nothing, false)
      }
      let bytes = state.buffer.take(countMax)
      let isRoom = state.isHeldBack && state.buffer.isEmpty
      if isRoom { state.isHeldBack = false }
      return (.bytes(bytes), isRoom)
    }
    if isRoom { roomAgain() }
    return taken
  }

  private func change<R: Sendable>(_ body: (inout State) -> R) -> R {
    state.withLock { state in
      let result = body(&state)
      if !state.buffer.isEmpty || state.buffer.isEnded, let connection = state.waiting {
        state.waiting = nil
        connection.resume()
      }
      return result
    }
  }
}
