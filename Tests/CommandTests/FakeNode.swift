import Control
import Foundation
import Platform
import Synchronization

/// What the fake node does about one request.
struct Reply: Sendable {
  /// Nil: it is gone before it answers.
  let outcome: Result<ControlResult, ControlError>?
  /// Written behind the response, in the same write, so that no test depends on timing.
  let events: [ControlEvent]
  /// Whether the connection is closed then.
  let closes: Bool

  static func result(_ result: ControlResult) -> Reply {
    Reply(outcome: .success(result), events: [], closes: false)
  }

  static func error(_ error: ControlError) -> Reply {
    Reply(outcome: .failure(error), events: [], closes: false)
  }

  func then(_ events: ControlEvent..., closing: Bool) -> Reply {
    Reply(outcome: outcome, events: events, closes: closing)
  }
}

/// A node that answers from a list, in a thread of this process, and keeps what it was asked.
final class FakeNode: Sendable {
  private struct State {
    var replies: [Reply]
    var requests: [ControlRequest] = []
    var refusals: [String] = []
    var stopped = false
  }

  let path: String
  private let state: Mutex<State>
  private let done = DispatchSemaphore(value: 0)

  /// Whether nobody listens any more once it has no replies left.
  private let goesAway: Bool

  init(path: String, replies: [Reply], goesAway: Bool) throws {
    self.path = path
    self.goesAway = goesAway
    state = Mutex(State(replies: replies))
    // The group is the process's own, the mode that of a user's node.
    let listener = try UnixListener.listen(path: path, mode: 0o600, group: nil, backlog: 8)
    let number = listener.socket.descriptor.number
    let holder = ListenerHolder(listener)
    Thread.detachNewThread { [self] in
      serveAll(holder, number)
      done.signal()
    }
  }

  var requests: [ControlRequest] { state.withLock { $0.requests } }
  var refusals: [String] { state.withLock { $0.refusals } }
  var repliesLeft: Int { state.withLock { $0.replies.count } }

  /// Ends the thread and waits for it.
  func stop() {
    state.withLock { $0.stopped = true }
    // A connection wakes the thread, which then sees that it is to end.
    _ = try? Socket.connect(path: path)
    done.wait()
  }

  private func serveAll(_ holder: ListenerHolder, _ number: Int32) {
    while !state.withLock({ $0.stopped }) {
      guard let socket = holder.acceptWaiting() else { return }
      serve(socket)
      if goesAway, repliesLeft == 0 { return }
    }
  }

  private func serve(_ socket: consuming Socket) {
    var buffer = LineBuffer(bytesMax: LineGuard.bytesMax)
    guard var poller = try? Poller.open(),
      (try? poller.add(socket.descriptor, token: 0, interest: .read)) != nil
    else { return }
    var room = [UInt8](repeating: 0, count: 65_536)
    var ready: [PollEvent] = []
    while true {
      var span = room.mutableSpan
      switch socket.read(into: &span) {
      case .bytes(let count): buffer.append(room[..<count])
      case .wouldBlock: guard (try? poller.wait(until: nil, into: &ready)) != nil else { return }
      case .closed, .failed: return
      }
      while let line = try? buffer.next() {
        let (bytes, closes) = answer(line)
        guard write(bytes, to: socket) else { return }
        if closes { return }
      }
    }
  }

  private func write(_ bytes: [UInt8], to socket: borrowing Socket) -> Bool {
    var done = 0
    while done < bytes.count {
      guard case .bytes(let count) = socket.write(bytes.span.extracting(droppingFirst: done))
      else { return false }
      done += count
    }
    return true
  }

  private func answer(_ line: [UInt8]) -> ([UInt8], Bool) {
    do throws(RequestLine.Refusal) {
      let request = try RequestLine(line: line)
      let reply = state.withLock { state -> Reply? in
        state.requests.append(request.request)
        return state.replies.isEmpty ? nil : state.replies.removeFirst()
      }
      guard let reply, let outcome = reply.outcome else { return ([], true) }
      let response = ResponseLine(id: request.id, outcome: outcome).encoded()
      let events = reply.events.flatMap { EventLine(event: $0).encoded() }
      return (response + events, reply.closes)
    } catch {
      state.withLock { $0.refusals.append(error.error.message) }
      return (ResponseLine(id: error.id, outcome: .failure(error.error)).encoded(), error.closes)
    }
  }
}

/// Lets a thread own a listener, which cannot be copied into a closure.
final class ListenerHolder: Sendable {
  private let listener: UnixListener

  init(_ listener: consuming UnixListener) {
    self.listener = listener
  }

  /// Waits for a connection; nil where that fails.
  func acceptWaiting() -> Socket? {
    guard var poller = try? Poller.open(),
      (try? poller.add(listener.socket.descriptor, token: 0, interest: .read)) != nil
    else { return nil }
    var ready: [PollEvent] = []
    while (try? poller.wait(until: nil, into: &ready)) != nil {
      guard let accepted = try? listener.socket.accept() else { return nil }
      switch consume accepted {
      case .connection(let socket, _): return socket
      default: continue
      }
    }
    return nil
  }
}
