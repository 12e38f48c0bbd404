internal import Format
import Platform

/// What a simulated node waits by: it never waits, and says what is ready.
final class SimulatedWatch: Watch {
  /// In the order of their numbers; without an end for the node's own box, the one thing that is
  /// watched and is no stream.
  private var watched: [(number: Int32, token: UInt64, interest: Interest, end: Unowned?)] = []
  private var ends: [Int32: Unowned] = [:]
  /// Whether a letter lies in that box.
  var isPosted = false

  /// An end that says by itself when it is no more.
  private struct Unowned {
    unowned let end: any Watched
  }

  /// Knows a stream or listener by its number.
  func know(_ end: any Watched) { ends[end.number] = Unowned(end: end) }

  /// It is closed: the kernel watches it no longer.
  func forget(_ number: Int32) {
    ends[number] = nil
    remove(number)
  }

  func add(number: Int32, token: UInt64, interest: Interest) throws(SocketError) {
    remove(number)
    let at = watched.lastIndex { $0.number < number }.map { $0 + 1 } ?? 0
    watched.insert((number, token, interest, ends[number]), at: at)
  }

  func modify(number: Int32, token: UInt64, interest: Interest) throws(SocketError) {
    try add(number: number, token: token, interest: interest)
  }

  func remove(number: Int32) throws(SocketError) { remove(number) }

  private func remove(_ number: Int32) { watched.removeAll { $0.number == number } }

  var hasReady: Bool {
    isPosted || watched.contains { event($0.end?.end, $0.token, $0.interest) != nil }
  }

  func wait(until moment: Moment?, into events: inout [PollEvent]) throws(SocketError) {
    events.removeAll(keepingCapacity: true)
    for (_, token, interest, end) in watched {
      if end == nil {
        if isPosted {
          events.append(
            PollEvent(token: token, isReadable: true, isWritable: false, isClosed: false))
        }
      } else if let event = event(end?.end, token, interest) {
        events.append(event)
      }
    }
    isPosted = false
  }

  private func event(
    _ end: (any Watched)?, _ token: UInt64, _ interest: Interest
  ) -> PollEvent? {
    guard let end else { return nil }
    let isReadable = interest.contains(.read) && end.isReadable
    let isWritable = interest.contains(.write) && end.isWritable
    let isClosed = end.isClosed
    guard isReadable || isWritable || isClosed else { return nil }
    return PollEvent(
      token: token, isReadable: isReadable, isWritable: isWritable, isClosed: isClosed)
  }
}

/// What a simulated watch can look at.
protocol Watched: AnyObject {
  var number: Int32 { get }
  var isReadable: Bool { get }
  var isWritable: Bool { get }
  var isClosed: Bool { get }
}
