internal import Format
package import Platform

extension LinkSet {
  /// Tokens of the poller that are this type's: those with the highest bit, less the poller's own.
  ///
  /// The second bit tells listeners from links.
  private static let linkBit: UInt64 = 1 << 63
  private static let listenerBit: UInt64 = 1 << 62

  /// Whether an event with this token is for `handle`.
  package static func owns(_ token: UInt64) -> Bool { token & linkBit != 0 && token != .max }

  private static func token(_ link: LinkID) -> UInt64 { linkBit | link.number }
  static func token(listener index: Int) -> UInt64 { linkBit | listenerBit | UInt64(index) }

  /// Does what an event of the poller allows; reads once from one link, so that all get turns.
  package mutating func handle(_ event: PollEvent, at now: Moment) {
    if event.token & Self.listenerBit != 0 {
      return accept(listener: Int(event.token & ~(Self.linkBit | Self.listenerBit)), at: now)
    }
    guard let connection = connection(LinkID(event.token & ~Self.linkBit)) else { return }
    connection.finishConnecting()
    if event.isWritable { connection.isBlocked = false }
    if event.isReadable || event.isClosed { read(connection, at: now) }
    collect(from: connection, at: now)
  }

  /// Does what time demands. Handle the poller's events first: silence is judged here.
  package mutating func tick(at now: Moment) {
    if let again = acceptAgainAt, now >= again { acceptAgainAt = nil }
    for connection in connections where now >= connection.deadline {
      connection.stir()
      if let until = connection.connectUntil, now >= until {
        connection.connectUntil = nil
        connection.lose(.unanswered)
      }
      connection.machine.tick(at: now)
      if let until = connection.lingerUntil, now >= until { connection.isPeerDone = true }
      collect(from: connection, at: now)
    }
  }

  /// Sends what is queued, closes what is over and tells the poller what to watch.
  ///
  /// Throws where the poller cannot watch a socket, which only a system out of memory does.
  package mutating func flush(_ poller: inout Poller, at now: Moment) throws(SocketError) {
    var stirred = connections.filter { !$0.isResting }
    for connection in stirred {
      if !connection.isBlocked { connection.write() }
      finish(connection, at: now)
      collect(from: connection, at: now)
    }
    func isDone(_ connection: Connection) -> Bool {
      connection.isOver || connection.lingerUntil.map { now >= $0 } ?? false
    }
    let count = stirred.count
    stirred.removeAll(where: isDone)
    if stirred.count < count { connections.removeAll(where: isDone) }
    for connection in stirred {
      try watch(connection, by: &poller)
      connection.rest()
    }
    try watchListeners(&poller)
  }

  private func watch(_ connection: Connection, by poller: inout Poller) throws(SocketError) {
    guard let descriptor = connection.stream?.number else { return }
    let interest = connection.interest
    if connection.watched == nil {
      try poller.add(number: descriptor, token: Self.token(connection.id), interest: interest)
    } else if connection.watched != interest {
      try poller.modify(number: descriptor, token: Self.token(connection.id), interest: interest)
    }
    connection.watched = interest
  }

  /// Leads a link that has been ended to its close: farewell, end of writing, the peer's end.
  ///
  /// A socket closed with unread bytes resets the connection, and the farewell with it; so the
  /// peer's last bytes are read, for a moment, before it is closed.
  private func finish(_ connection: Connection, at now: Moment) {
    guard connection.machine.hasFarewell else { return }
    if connection.lingerUntil == nil {
      connection.lingerUntil = now + .seconds(TransportLimits.lingerSeconds)
    }
    guard connection.machine.isFinished, !connection.hasFinishedWriting else { return }
    connection.hasFinishedWriting = true
    connection.stream?.finishWriting()
  }

  /// Before an incoming link is up: of those whose device is not known here there are a few at most,
  /// and the oldest gives way, so that whoever has the office's secret cannot shut the door (H-5).
  private mutating func makeRoom(beside new: Connection, at now: Moment) {
    guard !new.isInitiator else { return }
    let unproven = connections.filter {
      !$0.isInitiator && $0.wasUp && $0.machine.isUnproven && !$0.machine.isAtDoor
    }
    guard unproven.count >= Limits.unprovenLinksMax, let oldest = unproven.first else { return }
    oldest.stir()
    oldest.machine.close(.notNow)
    collect(from: oldest, at: now)
  }

  /// Before a stranger at the door is let speak: of those from one address, and of all, there are a
  /// few at most. Of those who only look the oldest gives way; whoever is compared with stays (H-15).
  private mutating func makeRoomAtDoor(beside new: Connection, at now: Moment) -> Bool {
    let strangers = connections.filter {
      !$0.isInitiator && $0.wasUp && $0.machine.isAtDoor && $0.machine.isUp
    }
    let same = strangers.filter { $0.address.ip == new.address.ip }
    let crowd =
      same.count >= Limits.doorLinksPerAddressMax
      ? same : strangers.count >= Limits.doorLinksMax ? strangers : []
    guard !crowd.isEmpty else { return true }
    guard let oldest = crowd.first(where: { !$0.machine.isHeld }) else { return false }
    oldest.stir()
    oldest.machine.close(.notNow)
    collect(from: oldest, at: now)
    return true
  }

  /// Takes over what a machine has to tell, and counts.
  mutating func collect(from connection: Connection, at now: Moment) {
    while let event = connection.machine.nextEvent() {
      switch event {
      case .up(let up):
        let isStranger = up.mode == .digits && !connection.isInitiator
        if !isStranger { makeRoom(beside: connection, at: now) }
        let count = connections.count { $0.wasUp && $0.machine.isUp }
        if count >= Limits.linksMax || isStranger && !makeRoomAtDoor(beside: connection, at: now) {
          connection.machine.refuse()
        } else {
          connection.wasUp = true
          tell(.up(connection.id, up, connection.address))
        }
      case .message(let message): tell(.message(connection.id, message))
      case .answered: tell(.answered(connection.id))
      case .down(let end):
        if !connection.isInitiator, !connection.wasUp, end.isFailedHandshake {
          failures.record(connection.address.ip, at: now)
        }
        tell(
          .down(
            LinkDown(
              id: connection.id, end: end, wasUp: connection.wasUp,
              isInitiator: connection.isInitiator, address: connection.address)))
      }
    }
    // Told at half a queue, so that there is room for more than one batch each time.
    if connection.wasFull, connection.machine.isUp,
      connection.machine.queuedBytes <= Limits.sendQueueBytesMax / 2
    {
      connection.wasFull = false
      tell(.hasRoom(connection.id))
    }
  }
}

extension LinkEnd {
  /// Whether it counts against the peer's address when it ends a handshake (H-6).
  fileprivate var isFailedHandshake: Bool {
    switch self {
    case .violation, .anotherVersion, .modeRefused, .stranger, .late, .cut, .failed: true
    // This node's own doing, or nothing that repeats at the peer's wish.
    case .bye, .closedHere, .gaveWay, .silent, .unproven, .ownNode, .copied, .full, .unanswered:
      false
    }
  }
}
