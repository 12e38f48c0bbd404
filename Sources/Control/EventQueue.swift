/// What one subscriber has still to be sent; bounded, so that a stuck reader costs nothing (C-11).
package struct EventQueue: Sendable {
  /// How many events wait at most: a page of history and the news that arrive meanwhile.
  package static let capacity = 2048

  private var events: [ControlEvent] = []
  private var first = 0
  /// The place after the last event that carried one and was taken out.
  private var cursor: HexIdentifier
  /// Whether the subscriber was too slow: the last event is `lagged`, and the connection closes.
  package private(set) var overflowed = false

  /// An empty queue of a subscription that begins at a place.
  package init(from cursor: HexIdentifier) {
    self.cursor = cursor
  }

  package var isEmpty: Bool { first == events.count }

  /// Whether everything was taken out and nothing more will come.
  package var isFinished: Bool { overflowed && isEmpty }

  /// Adds an event, or replaces all that wait by `lagged` when there is no room.
  package mutating func push(_ event: ControlEvent) {
    guard !overflowed else { return }
    guard events.count - first < Self.capacity else {
      events = [.lagged(cursor: cursor)]
      first = 0
      overflowed = true
      return
    }
    events.append(event)
  }

  /// Takes out the oldest event.
  package mutating func next() -> ControlEvent? {
    guard first < events.count else { return nil }
    let event = events[first]
    first += 1
    if first == events.count || first > Self.capacity {
      events.removeFirst(first)
      first = 0
    }
    switch event {
    case .message(let message): cursor = message.cursor
    case .caughtUp(let place): cursor = place
    default: break
    }
    return event
  }
}
