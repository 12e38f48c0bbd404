package import Format
package import Platform

/// All links of a node, with the streams they go over.
///
/// One thread owns it. A turn of that thread: hand every poller event that is `owned` to `handle` and
/// take all events after each, so that who is known is promoted before the next one comes in; then
/// `tick`, then take all events once more and do what they ask for, then `flush`, then wait until
/// `deadline`. Nothing moves between `flush` and the next event.
package struct LinkSet: ~Copyable {
  /// As whom incoming links are answered; none: nobody is answered.
  package var identities: [LinkIdentity]
  /// The key of the door that this node holds open; nil: whoever knocks is not answered (H-12).
  package var door: DoorKey?
  package let bootNonce: BootNonce
  let clock: any Clock
  let network: any Network

  /// Ascending by ID, as they were made.
  var connections: [Connection] = []
  var listeners: [Listener] = []
  /// Where this node listens, 0 where it does not.
  package internal(set) var port: UInt16 = 0
  var acceptAgainAt: Moment?
  /// Whether it was told that no connection can be taken, since one last was.
  var isShutTold = false
  var failures = HandshakeFailures()
  /// Connections that were closed at accept, for status.
  package internal(set) var refusedConnections: UInt64 = 0

  /// Is told each message as it is queued, by whoever watches a node that is simulated; nil elsewhere.
  package var overhear: ((LinkID, Message) -> Void)?

  private var lastNumber: UInt64 = 0
  private var events: [TransportEvent] = []
  private var eventsTaken = 0
  /// What a read fills; the same room for every link.
  private var buffer = [UInt8](repeating: 0, count: TransportLimits.readBytes)

  /// No links yet. The clock is asked for the wall time of greetings alone.
  package init(
    identities: [LinkIdentity], bootNonce: BootNonce, clock: any Clock, network: any Network
  ) {
    self.identities = identities
    self.bootNonce = bootNonce
    self.clock = clock
    self.network = network
  }

  var hello: LinkHello {
    LinkHello(
      bootNonce: bootNonce, wallMilliseconds: clock.wall().milliseconds, port: port)
  }

  /// Begins a link to that address; whatever comes of it is told by events.
  package mutating func dial(
    _ address: SocketAddress, as identity: LinkIdentity, mode: Preface.Mode, at now: Moment
  ) -> LinkID {
    let machine = LinkMachine(dialling: identity, mode: mode, hello: hello, at: now)
    return dial(address, machine, at: now)
  }

  /// Begins a link to what may be an open door.
  package mutating func knock(
    at address: SocketAddress, with door: DoorKey, at now: Moment
  ) -> LinkID {
    dial(address, LinkMachine(knockingWith: door, at: now), at: now)
  }

  private mutating func dial(
    _ address: SocketAddress, _ machine: consuming LinkMachine, at now: Moment
  ) -> LinkID {
    var stream: (any ByteStream)?
    var fault: SystemError?
    do throws(SocketError) {
      stream = try network.connect(to: address)
    } catch {
      fault = error.system
    }
    let connection = Connection(
      id: nextID(), address: address, isInitiator: true, machine: machine, stream: stream,
      connectUntil: now + .seconds(TransportLimits.connectSeconds))
    connections.append(connection)
    if let fault {
      connection.connectUntil = nil
      connection.lose(.failed(fault))
      collect(from: connection, at: now)
    }
    return connection.id
  }

  mutating func nextID() -> LinkID {
    lastNumber += 1
    return LinkID(lastNumber)
  }

  /// The next thing to tell, in order.
  package mutating func nextEvent() -> TransportEvent? {
    guard eventsTaken < events.count else { return nil }
    defer {
      eventsTaken += 1
      if eventsTaken == events.count {
        events.removeAll(keepingCapacity: true)
        eventsTaken = 0
      }
    }
    return events[eventsTaken]
  }

  mutating func tell(_ event: TransportEvent) { events.append(event) }

  /// When `tick` wants to run next; a moment long past where events wait to be taken.
  package var deadline: Moment {
    if eventsTaken < events.count { return Moment(nanoseconds: .min) }
    return connections.reduce(acceptAgainAt ?? .distantFuture) { min($0, $1.deadline) }
  }

  /// Queues a message; false where the link is not up, has no room, or the message is too long.
  ///
  /// Messages of one turn travel together; `flush` sends them.
  package mutating func send(_ message: Message, on link: LinkID) -> Bool {
    guard let connection = connection(link) else { return false }
    let isQueued = connection.machine.send(message)
    if !isQueued { connection.wasFull = true }
    if isQueued, let overhear { overhear(link, message) }
    return isQueued
  }

  /// Queues an `entries` message by its content; false where there is no room for it.
  package mutating func send(entries content: [UInt8], on link: LinkID) -> Bool {
    guard let connection = connection(link) else { return false }
    let isQueued = connection.machine.send(entries: content)
    if !isQueued { connection.wasFull = true }
    if isQueued, let overhear, let entries = try? EntriesMessage(decoding: content) {
      overhear(link, .entries(entries))
    }
    return isQueued
  }

  /// Whether the link takes a batch of any size; where not, `hasRoom` is told once it does.
  package mutating func hasRoom(_ link: LinkID) -> Bool {
    guard let connection = connection(link) else { return false }
    if !connection.machine.hasRoom { connection.wasFull = true }
    return connection.machine.hasRoom
  }

  /// Bytes that wait to be written on a link.
  package func queuedBytes(_ link: LinkID) -> Int { connection(link)?.machine.queuedBytes ?? 0 }

  /// Ends a link with a farewell, which is sent as far as the peer takes it.
  package mutating func close(_ link: LinkID, _ bye: Message.Bye, at now: Moment) {
    guard let connection = connection(link) else { return }
    connection.machine.close(bye)
    collect(from: connection, at: now)
  }

  /// Ends all links and all listening, as a node does that stops.
  package mutating func closeAll(_ bye: Message.Bye, at now: Moment) {
    listeners = []
    port = 0
    for connection in connections {
      connection.stir()
      connection.machine.close(bye)
      collect(from: connection, at: now)
    }
  }

  /// Whether every farewell is out or given up, so that the node may end.
  package var isAtRest: Bool { connections.isEmpty }

  /// The peer's device is admitted here: the bounds of an unproven link end (H-5).
  package mutating func promote(_ link: LinkID) { connection(link)?.machine.promote() }

  /// Two who compare digits at a door may take until then.
  package mutating func hold(_ link: LinkID, until moment: Moment) {
    connection(link)?.machine.hold(until: moment)
  }

  /// Nobody waits for a stranger at a door any more; it may hear what was said until then.
  package mutating func dismiss(_ link: LinkID, until moment: Moment) {
    connection(link)?.machine.dismiss(until: moment)
  }

  /// Asks for a sign of life; `answered` is told, or the link is down by then.
  package mutating func probe(_ link: LinkID, from now: Moment, until moment: Moment) {
    connection(link)?.machine.probe(from: now, until: moment)
  }

  /// After a change of addresses or a sleep: whoever does not answer soon is given up.
  package mutating func probeAll(at now: Moment) {
    let until = now + .seconds(Limits.probeSeconds)
    for connection in connections {
      connection.stir()
      connection.machine.probe(from: now, until: until)
    }
  }

  /// Reads no more from a link, so that its peer must wait, until it is resumed.
  package mutating func pauseReading(_ link: LinkID) { connection(link)?.isPaused = true }

  /// Goes on reading from a link.
  package mutating func resumeReading(_ link: LinkID) { connection(link)?.isPaused = false }

  /// What is known of all links, ascending by ID.
  package var infos: [LinkInfo] { connections.map(\.info) }

  /// A link by its number, for whoever does something to it.
  func connection(_ id: LinkID) -> Connection? {
    var (low, high) = (0, connections.count)
    while low < high {
      let middle = (low + high) / 2
      if connections[middle].id < id { low = middle + 1 } else { high = middle }
    }
    guard low < connections.count, connections[low].id == id else { return nil }
    connections[low].stir()
    return connections[low]
  }

  mutating func read(_ connection: Connection, at now: Moment) {
    connection.read(into: &buffer, at: now)
  }
}

extension Connection {
  var info: LinkInfo {
    LinkInfo(
      id: id, address: address, isInitiator: isInitiator, isUp: machine.isUp,
      queuedBytes: machine.queuedBytes, sentBytes: sentBytes, receivedBytes: receivedBytes)
  }
}
