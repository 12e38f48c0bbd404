internal import Format
import Platform

/// What a simulated node waits by: it never waits, and says what is ready.
final class SimulatedWatch: Watch {
  private var watched: [Int32: (token: UInt64, interest: Interest)] = [:]
  private var ends: [Int32: Weak] = [:]
  /// Whether a letter lies in the node's box, the one thing that is watched and is no stream.
  var isPosted = false

  private struct Weak {
    weak var end: (any Watched)?
  }

  /// Knows a stream or listener by its number.
  func know(_ end: any Watched) { ends[end.number] = Weak(end: end) }

  func add(number: Int32, token: UInt64, interest: Interest) throws(SocketError) {
    watched[number] = (token, interest)
  }

  func modify(number: Int32, token: UInt64, interest: Interest) throws(SocketError) {
    watched[number] = (token, interest)
  }

  func remove(number: Int32) throws(SocketError) { watched[number] = nil }

  var hasReady: Bool {
    isPosted || watched.contains { event($0.key, $0.value.token, $0.value.interest) != nil }
  }

  func wait(until moment: Moment?, into events: inout [PollEvent]) throws(SocketError) {
    events.removeAll(keepingCapacity: true)
    for number in watched.keys.sorted() {
      guard let (token, interest) = watched[number] else { continue }
      if ends[number] == nil {
        if isPosted {
          events.append(
            PollEvent(token: token, isReadable: true, isWritable: false, isClosed: false))
        }
      } else if ends[number]?.end == nil {
        // Closed: the kernel forgets it, too.
        (ends[number], watched[number]) = (nil, nil)
      } else if let event = event(number, token, interest) {
        events.append(event)
      }
    }
    isPosted = false
  }

  private func event(_ number: Int32, _ token: UInt64, _ interest: Interest) -> PollEvent? {
    guard let end = ends[number]?.end else { return nil }
    let readiness = end.readiness
    let isReadable = readiness.isReadable && interest.contains(.read)
    let isWritable = readiness.isWritable && interest.contains(.write)
    guard isReadable || isWritable || readiness.isClosed else { return nil }
    return PollEvent(
      token: token, isReadable: isReadable, isWritable: isWritable, isClosed: readiness.isClosed)
  }
}

/// What a simulated watch can look at.
protocol Watched: AnyObject {
  var number: Int32 { get }
  var readiness: (isReadable: Bool, isWritable: Bool, isClosed: Bool) { get }
}
