import Control
import Format
import Platform
import Transport

/// The local API's socket: who is connected, what they ask, what they are answered.
struct ControlServer: ~Copyable {
  /// Nil where no program can come in: what is asked comes from this very process.
  private let place: ListeningPlace?
  private let account: Account
  /// The group whose members may speak to a system service; nil for a user's own node.
  private let group: UInt32?
  private var connections: [UInt64: ControlConnection] = [:]
  private var next = LoopToken.controlBase
  private var changes: Set<ChangedList> = []
  /// Connections that ended since somebody asked.
  private var ended: [UInt64] = []
  /// Until when nobody is let in, because the system had no descriptor; nil in ordinary times.
  private(set) var acceptAgainAt: Moment?
  /// Whether it was told that nobody is let in, since somebody last was.
  private var isShutTold = false
  private var isListenerWatched = true
  /// Whether somebody was turned away because there are too many, and whether that was told.
  private var isCrowded = false
  private var isCrowdTold = false
  private var buffer = [UInt8](repeating: 0, count: 65_536)

  /// A request, and who waits for its answer.
  struct Request {
    let connection: UInt64
    /// Which request of its connection it is.
    let number: UInt64
    let line: RequestLine
  }

  /// Without a socket.
  init(account: Account) {
    place = nil
    self.account = account
    group = nil
  }

  init(
    path: String, mode: UInt32, group: UInt32?, account: Account, poller: inout Poller
  ) throws(SocketError) {
    let listener = try UnixListener.listen(path: path, mode: mode, group: group, backlog: 64)
    try poller.add(listener.socket.descriptor, token: LoopToken.controlListener, interest: .read)
    place = ListeningPlace(listener)
    self.account = account
    self.group = group
  }

  /// The subscribers, oldest first.
  var subscribers: [ControlConnection] {
    connections.values.filter { $0.events != nil }.sorted { $0.id < $1.id }
  }

  func connection(_ id: UInt64) -> ControlConnection? { connections[id] }

  /// Takes what waits at the door; strangers of the computer are turned away.
  ///
  /// Where the system has no descriptor for another one, whoever waits goes on waiting in the kernel's
  /// queue; the error is for the log, and comes once until somebody is let in.
  mutating func accept(_ poller: inout Poller, at now: Moment) -> SocketError? {
    guard acceptAgainAt == nil else { return nil }
    while true {
      do throws(SocketError) {
        guard let place else { return nil }
        switch try place.listener.socket.accept() {
        case .wouldBlock: return nil
        case .connection(let socket, _):
          isShutTold = false
          guard let who = try? socket.peerCredentials(), isWelcome(who) else { continue }
          guard connections.count < Limits.controlConnectionsMax else {
            // Without a word it would look as if the node had ended. The kernel takes one line.
            let line = Self.crowded
            _ = socket.write(line.span)
            isCrowded = true
            continue
          }
          next += 1
          try poller.add(socket.descriptor, token: next, interest: .read)
          connections[next] = ControlConnection(id: next, socket: socket)
        }
      } catch {
        // Asking again at once would spin.
        acceptAgainAt = now + .milliseconds(TransportLimits.acceptPauseMilliseconds)
        defer { isShutTold = true }
        return isShutTold ? nil : error
      }
    }
  }

  private static let crowded = ResponseLine(
    id: nil,
    outcome: .failure(
      ControlError(
        .busy, "\(Limits.controlConnectionsMax) programs speak to this node already",
        hint: "end one of them, such as a \"zuruf read -f\" that nobody looks at"))
  ).encoded()

  /// Whether a program was turned away for the first time since there last was room.
  mutating func takeCrowd() -> Bool {
    if connections.count < Limits.controlConnectionsMax / 2 { isCrowdTold = false }
    defer { isCrowded = false }
    guard isCrowded, !isCrowdTold else { return false }
    isCrowdTold = true
    return true
  }

  /// Watches the door unless nobody is let in for a moment.
  private mutating func watchListener(_ poller: inout Poller, at now: Moment) {
    if let again = acceptAgainAt, now >= again { acceptAgainAt = nil }
    let isWatched = acceptAgainAt == nil
    guard isWatched != isListenerWatched, let number = place?.listener.socket.descriptor.number
    else {
      return
    }
    let interest: Interest = isWatched ? .read : []
    let token = LoopToken.controlListener
    if (try? poller.modify(number: number, token: token, interest: interest)) != nil {
      isListenerWatched = isWatched
    }
  }

  /// The mode of the socket admits the group's members; the kernel vouches for the rest.
  private func isWelcome(_ who: PeerCredentials) -> Bool {
    who.user == account.user || who.user == 0 || group != nil
  }

  /// Reads what a connection sent and returns its whole requests; refusals are answered here.
  mutating func read(_ id: UInt64, _ poller: inout Poller) -> [Request] {
    guard let connection = connections[id], !connection.isEnding, !connection.isFull else {
      return []
    }
    var span = buffer.mutableSpan
    switch connection.socket.read(into: &span) {
    case .wouldBlock: return []
    case .closed, .failed:
      close(id, &poller)
      return []
    case .bytes(let count):
      connection.lines.append(buffer[..<count])
      return requests(connection)
    }
  }

  private func requests(_ connection: ControlConnection) -> [Request] {
    var found: [Request] = []
    while !connection.isEnding {
      do throws(LineFault) {
        guard let line = try connection.lines.next() else { break }
        let number = connection.number()
        do throws(RequestLine.Refusal) {
          found.append(
            Request(
              connection: connection.id, number: number, line: try RequestLine(line: line)))
        } catch {
          connection.answer(
            number, ResponseLine(id: error.id, outcome: .failure(error.error)).encoded())
          if error.closes { connection.isEnding = true }
        }
      } catch {
        connection.answer(
          connection.number(), ResponseLine(id: nil, outcome: .failure(error.asError)).encoded())
        connection.isEnding = true
      }
    }
    return found
  }

  /// Answers a request; nothing happens where its connection is gone.
  func answer(_ request: Request, _ outcome: Result<ControlResult, ControlError>) {
    connections[request.connection]?.answer(
      request.number, ResponseLine(id: request.line.id, outcome: outcome).encoded())
  }

  /// Notes that a list changed; subscribers hear of it once, however often it did.
  mutating func changed(_ list: ChangedList) { changes.insert(list) }

  /// Tells subscribers which lists to ask for again.
  mutating func announceChanges() {
    guard !changes.isEmpty else { return }
    let lists = changes.sorted { $0.rawValue < $1.rawValue }
    changes = []
    for subscriber in subscribers {
      for list in lists { subscriber.events?.push(.changed(list)) }
    }
  }

  /// Writes what waits on all connections and watches for what the kernel did not take.
  mutating func flush(_ poller: inout Poller, at now: Moment) {
    watchListener(&poller, at: now)
    for id in connections.keys.sorted() {
      guard let connection = connections[id] else { continue }
      if connection.hasOutput, !connection.flush() {
        close(id, &poller)
        continue
      }
      if connection.isEnding, !connection.hasOutput, connection.pending == 0 {
        close(id, &poller)
        continue
      }
      var interest: Interest = []
      if !connection.isEnding, !connection.isFull { interest.insert(.read) }
      if connection.hasOutput { interest.insert(.write) }
      if interest != connection.interest {
        connection.interest = interest
        // A descriptor that cannot be watched is of no use to anyone.
        if (try? poller.modify(connection.socket.descriptor, token: id, interest: interest)) == nil
        {
          close(id, &poller)
        }
      }
    }
  }

  /// The connections that ended since this was asked last: what they held is let go.
  mutating func takeEnded() -> [UInt64] {
    defer { ended = [] }
    return ended
  }

  mutating func close(_ id: UInt64, _ poller: inout Poller) {
    guard let connection = connections.removeValue(forKey: id) else { return }
    ended.append(id)
    // Closing the descriptor ends the watch in any case.
    try? poller.remove(connection.socket.descriptor)
  }
}

/// Where programs of this computer come in.
private final class ListeningPlace {
  let listener: UnixListener

  init(_ listener: consuming UnixListener) { self.listener = listener }
}
