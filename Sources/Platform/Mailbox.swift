internal import Synchronization

/// The one way other threads tell the loop something: a bounded list and a waker.
///
/// The loop watches `waker.descriptor` and, when it is readable, takes all that waits at once.
package final class Mailbox<Letter: Sendable>: Sendable {
  private struct State {
    var letters: [Letter] = []
    var isClosed = false
    var hasRefused = false
  }

  /// What the loop's poller watches for reading.
  package let waker: Waker
  private let capacity: Int
  private let state = Mutex(State())

  /// Opens a mailbox that holds at most `capacity` letters.
  package init(capacity: Int) throws(SocketError) {
    precondition(capacity > 0, "a mailbox must hold something")
    self.capacity = capacity
    waker = try Waker.open()
  }

  /// Adds a letter and wakes the loop; false where the mailbox is full or closed.
  ///
  /// The sender decides what being full means: drop, count, or wait for an answer to what it sent
  /// before. Nothing here blocks. `filling`: what part of the box may be full, 2 for a half; the rest
  /// is left to what must not be lost.
  package func send(_ letter: Letter, filling part: Int = 1) -> Bool {
    precondition(part > 0, "no part of a mailbox")
    let (isTaken, isFirst) = state.withLock { state -> (Bool, Bool) in
      guard !state.isClosed, state.letters.count < capacity / part else {
        state.hasRefused = true
        return (false, false)
      }
      state.letters.append(letter)
      return (true, state.letters.count == 1)
    }
    // Only the first letter after the loop took everything needs to wake it.
    if isFirst { waker.wake() }
    return isTaken
  }

  /// Exchanges all that waits for the emptied array, whose room is used again.
  package func takeAll(into letters: inout [Letter]) {
    letters.removeAll(keepingCapacity: true)
    // Reset before looking: a letter that comes in between wakes the loop again for nothing,
    // but the other order would lose a wake.
    waker.reset()
    // The closure may not hold `letters` itself, which is exclusive to the caller.
    var taken: [Letter] = []
    swap(&taken, &letters)
    state.withLock { swap(&$0.letters, &taken) }
    swap(&taken, &letters)
  }

  /// Whether a letter was refused since this was asked last.
  package func takeRefusal() -> Bool {
    state.withLock { state in
      defer { state.hasRefused = false }
      return state.hasRefused
    }
  }

  /// Refuses all further letters; what waits can still be taken.
  package func close() {
    state.withLock { $0.isClosed = true }
  }
}
