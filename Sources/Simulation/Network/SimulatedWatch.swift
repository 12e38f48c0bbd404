internal import Format
import Platform

/// What a simulated node waits by: it never waits, and says what is ready.
final class SimulatedWatch: Watch {
  /// In the order of their numbers; without an end for the node's own box, the one thing that is
  /// watched and is no stream.
  private var watched: [Watching] = []
  private var ends: [Int32: Unowned] = [:]
  /// Whether a letter lies in that box.
  var isPosted = false

  private struct Watching {
    let number: Int32
    let token: UInt64
    let interest: Interest
    let end: Unowned?
    /// Something was done to it since it had nothing. Whether there is room is asked each time: it also
    /// comes where the other end goes.
    var mayBeReady = true
    var needsLook: Bool { mayBeReady || interest.contains(.write) }
  }

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
    watched.insert(
      Watching(number: number, token: token, interest: interest, end: ends[number]), at: at)
  }

  func modify(number: Int32, token: UInt64, interest: Interest) throws(SocketError) {
    try add(number: number, token: token, interest: interest)
  }

  func remove(number: Int32) throws(SocketError) { remove(number) }

  private func remove(_ number: Int32) { watched.removeAll { $0.number == number } }

  /// Something was done to an end.
  func stir(_ number: Int32) {
    if let at = watched.firstIndex(where: { $0.number == number }) { watched[at].mayBeReady = true }
  }

  var hasReady: Bool {
    isPosted || watched.indices.contains { watched[$0].needsLook && event(at: $0) != nil }
  }

  func wait(
    until moment: @autoclosure () -> Moment?, into events: inout [PollEvent]
  ) throws(SocketError) {
    events.removeAll(keepingCapacity: true)
    for at in watched.indices where watched[at].needsLook {
      if let event = event(at: at) { events.append(event) }
    }
    isPosted = false
  }

  private func event(at index: Int) -> PollEvent? {
    let watching = watched[index]
    let (isReadable, isWritable, isClosed) =
      if let end = watching.end?.end {
        (
          watching.interest.contains(.read) && end.isReadable,
          watching.interest.contains(.write) && end.isWritable, end.isClosed
        )
      } else {
        (isPosted, false, false)
      }
    let isReady = isReadable || isWritable || isClosed
    if watching.end != nil { watched[index].mayBeReady = isReady }
    return isReady
      ? PollEvent(
        token: watching.token, isReadable: isReadable, isWritable: isWritable, isClosed: isClosed)
      : nil
  }
}

/// What a simulated watch can look at.
protocol Watched: AnyObject {
  var number: Int32 { get }
  var isReadable: Bool { get }
  var isWritable: Bool { get }
  var isClosed: Bool { get }
}
