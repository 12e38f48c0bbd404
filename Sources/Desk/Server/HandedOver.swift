import Platform
import Synchronization

/// The connections that libmicrohttpd has, by their descriptor, and what it is to do for each.
///
/// A descriptor is taken out while it is still open, so that its number can mean no other one.
final class HandedOver: Sendable {
  private struct Entry {
    /// Taken by the first request; a second one on the same connection finds none.
    var errand: Errand?
    var bodyBytes: Int
    let serial: UInt64
    var awaitsBody = true
  }

  private struct State {
    var entries: [Int32: Entry] = [:]
    var serial: UInt64 = 0
  }

  private let state = Mutex(State())
  /// Awake while there is none after a time in which there was one.
  let allGone: Waker

  init() throws(SocketError) { allGone = try Waker.open() }

  var count: Int { state.withLock { $0.entries.count } }

  /// Notes a connection just before it is handed over; the number tells it from later ones.
  func add(_ number: Int32, _ errand: Errand, bodyBytes: Int) -> UInt64 {
    state.withLock { state in
      state.serial += 1
      state.entries[number] = Entry(errand: errand, bodyBytes: bodyBytes, serial: state.serial)
      return state.serial
    }
  }

  /// What the connection was let through for; nil when asked again.
  func takeErrand(_ number: Int32) -> (errand: Errand, bodyBytes: Int, serial: UInt64)? {
    state.withLock { state in
      guard let entry = state.entries[number], let errand = entry.errand else { return nil }
      state.entries[number]?.errand = nil
      return (errand, entry.bodyBytes, entry.serial)
    }
  }

  /// Notes that a request has come whole.
  func bodyIsThere(_ number: Int32) {
    state.withLock { $0.entries[number]?.awaitsBody = false }
  }

  /// Ends a connection whose request did not come whole in time.
  func cutOffIfLate(_ number: Int32, serial: UInt64) {
    state.withLock { state in
      guard let entry = state.entries[number], entry.serial == serial, entry.awaitsBody else {
        return
      }
      Socket.cutOff(number: number)
    }
  }

  /// Does something with the descriptor of a connection, unless it is closed or about to be: then
  /// its number may mean another one already.
  func whileOpen(_ number: Int32, serial: UInt64, _ body: (Int32) -> Void) {
    // The library tells of a close before it closes, and is held up by this lock until then.
    state.withLock { state in
      if state.entries[number]?.serial == serial { body(number) }
    }
  }

  /// Notes that a connection is about to be closed.
  func remove(_ number: Int32) {
    let isLast = state.withLock { state in
      state.entries.removeValue(forKey: number) != nil && state.entries.isEmpty
    }
    if isLast { allGone.wake() }
  }
}
