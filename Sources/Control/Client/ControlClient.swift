package import Platform

/// A program's connection to the node: one call at a time, and events in between.
package struct ControlClient: ~Copyable {
  /// How many events are kept while a call waits for its answer; the node keeps no more either.
  private static let eventsMax = 2 * EventQueue.capacity
  private static let socketToken: UInt64 = 0
  private static let otherToken: UInt64 = 1

  private let socket: Socket
  private var poller: Poller
  private var buffer = LineBuffer(bytesMax: LineGuard.bytesMax)
  private var room = [UInt8](repeating: 0, count: 65_536)
  private var ready: [PollEvent] = []
  /// Events that came while an answer was waited for, the oldest first.
  private var events: [ControlEvent] = []
  private var lastID: Int64 = 0
  private var watched: Watched = .nothing

  /// What is watched beside the socket.
  private enum Watched: Equatable {
    case nothing
    case number(Int32)
    /// A plain file, which is always ready and cannot be polled.
    case file(Int32)
  }

  /// What ended a wait.
  package enum Wake: Equatable, Sendable {
    case event(ControlEvent)
    /// The other descriptor has something to read, if only its end.
    case other
  }

  /// Connects to the first socket at which a node listens.
  package static func connect(paths: [String]) throws(ControlFault) -> ControlClient {
    for path in paths {
      do throws(SocketError) {
        return try over(Socket.connect(path: path))
      } catch {
        switch error.reason {
        case .missing, .refused: continue
        case .denied: throw .denied(path: path)
        default: throw .connection(error.description)
        }
      }
    }
    throw .noNode(paths)
  }

  /// Speaks over a socket that is connected already.
  package static func over(_ socket: consuming Socket) throws(SocketError) -> ControlClient {
    var poller = try Poller.open()
    try poller.add(socket.descriptor, token: socketToken, interest: .read)
    return ControlClient(socket, poller)
  }

  private init(_ socket: consuming Socket, _ poller: consuming Poller) {
    self.socket = socket
    self.poller = poller
  }

  /// Asks the node and waits for its answer.
  package mutating func call<Call: ControlCall>(
    _ call: Call
  ) throws(ControlFault) -> Call.Answer {
    lastID += 1
    do throws(ControlFault) {
      try write(RequestLine.encoded(id: .number(lastID), call: call))
    } catch {
      // Whoever is turned away is told why before it has said anything.
      if let line = try? nextLine(),
        case .error(nil, let said)? = IncomingLine<Call.Answer>(line: line)
      {
        throw .refused(said)
      }
      throw error
    }
    while true {
      let line = try nextLine()
      guard let incoming = IncomingLine<Call.Answer>(line: line) else { throw .misunderstood }
      switch incoming {
      case .answer(.number(lastID), let answer): return answer
      case .error(nil, let error), .error(.number(lastID), let error): throw .refused(error)
      case .answer, .error: throw .misunderstood
      case .unknownEvent: continue
      case .event(let event):
        guard events.count < Self.eventsMax else { throw .ended }
        events.append(event)
      }
    }
  }

  /// Waits for the next event of a subscription.
  package mutating func nextEvent() throws(ControlFault) -> ControlEvent {
    while true {
      if !events.isEmpty { return events.removeFirst() }
      if let event = try event(in: try nextLine()) { return event }
    }
  }

  /// Waits for the next event, or until another descriptor has something to read.
  package mutating func nextEvent(
    orReadable number: Int32
  ) throws(ControlFault) -> Wake {
    try watch(number)
    while true {
      if !events.isEmpty { return .event(events.removeFirst()) }
      if let line = try bufferedLine() {
        if let event = try event(in: line) { return .event(event) }
        continue
      }
      if watched == .file(number) { return .other }
      try wait()
      if ready.contains(where: { $0.token == Self.socketToken }) { try readSome() }
      if ready.contains(where: { $0.token == Self.otherToken }) { return .other }
    }
  }

  private func event(in line: [UInt8]) throws(ControlFault) -> ControlEvent? {
    switch IncomingLine<Done>(line: line) {
    case .event(let event): return event
    case .unknownEvent: return nil
    default: throw .misunderstood
    }
  }

  private mutating func watch(_ number: Int32) throws(ControlFault) {
    guard watched == .nothing else { return }
    do throws(SocketError) {
      try poller.add(number: number, token: Self.otherToken, interest: .read)
      watched = .number(number)
    } catch {
      guard error.reason == .denied else { throw .connection(error.description) }
      watched = .file(number)
    }
  }

  private mutating func nextLine() throws(ControlFault) -> [UInt8] {
    while true {
      if let line = try bufferedLine() { return line }
      try readSome()
    }
  }

  private mutating func bufferedLine() throws(ControlFault) -> [UInt8]? {
    do throws(LineFault) {
      return try buffer.next()
    } catch {
      throw .misunderstood
    }
  }

  /// Reads what is there; waits while there is nothing.
  private mutating func readSome() throws(ControlFault) {
    while true {
      switch Self.read(socket, into: &room) {
      case .bytes(let count):
        buffer.append(room[..<count])
        return
      case .wouldBlock: try wait()
      case .closed: throw .ended
      case .failed(let error): throw error == .connectionReset ? .ended : .connection("\(error)")
      }
    }
  }

  private static func read(_ socket: borrowing Socket, into room: inout [UInt8]) -> Transfer {
    var span = room.mutableSpan
    return socket.read(into: &span)
  }

  private mutating func write(_ line: [UInt8]) throws(ControlFault) {
    var rest = line.span.extracting(...)
    while !rest.isEmpty {
      switch socket.write(rest) {
      case .bytes(let count): rest = rest.extracting(droppingFirst: count)
      case .wouldBlock:
        try setInterest([.read, .write])
        try wait()
        try setInterest(.read)
      case .closed: throw .ended
      case .failed(let error): throw error == .connectionReset ? .ended : .connection("\(error)")
      }
    }
  }

  private mutating func setInterest(_ interest: Interest) throws(ControlFault) {
    do throws(SocketError) {
      try poller.modify(socket.descriptor, token: Self.socketToken, interest: interest)
    } catch {
      throw .connection(error.description)
    }
  }

  private mutating func wait() throws(ControlFault) {
    do throws(SocketError) {
      try poller.wait(until: nil, into: &ready)
    } catch {
      throw .connection(error.description)
    }
  }
}
