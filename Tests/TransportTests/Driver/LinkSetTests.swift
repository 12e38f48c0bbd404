import Format
import Platform
import Testing

@testable import Transport

@Suite struct LinkSetTests {
  private let message = Message.admitAnswer(.tryLater, EntryID(Bytes32()))

  /// Two nodes with one promoted link that `a` began.
  private func linked() throws -> (a: TestNode, b: TestNode, onA: LinkID, onB: LinkID) {
    let a = try TestNode.listening(1)
    let b = try TestNode.listening(2)
    let onA = a.dial(b)
    try #require(run(a, b) { !a.ups.isEmpty && !b.ups.isEmpty })
    let onB = try #require(b.ups.first).id
    a.promote(onA)
    b.promote(onB)
    a.forgetEvents()
    b.forgetEvents()
    return (a, b, onA, onB)
  }

  @Test(arguments: [IPAddress.loopbackV4, .loopbackV6])
  func `two nodes link, talk both ways and part`(ip: IPAddress) throws {
    let a = try TestNode.listening(1)
    let b = try TestNode.listening(2)
    let onA = a.dial(b, over: ip)
    try #require(run(a, b) { !a.ups.isEmpty && !b.ups.isEmpty })
    let onB = try #require(b.ups.first)
    #expect(onB.address.ip == ip)
    #expect(onB.up.greeting.port == a.port && a.ups.first?.up.greeting.port == b.port)
    #expect(a.send(message, on: onA) && b.send(message, on: onB.id))
    #expect(run(a, b) { a.messages == [message] && b.messages == [message] })
    a.close(onA, .done)
    #expect(run(a, b) { a.isAtRest && b.isAtRest })
    #expect(a.downs.map(\.end) == [.closedHere(.done)] && a.downs.allSatisfy(\.wasUp))
    #expect(b.downs.map(\.end) == [.bye(.done)] && b.downs.allSatisfy(\.wasUp))
  }

  @Test func `a taken port leads to the next one`() throws {
    let a = try TestNode(1)
    let b = try TestNode(2)
    try a.listen(port: nil)
    try b.listen(port: nil)
    #expect(a.port >= Limits.defaultPort)
    #expect(b.port > a.port && b.port < Limits.defaultPort + UInt16(Limits.portsTried))
  }

  @Test func `a named port that is taken is an error`() throws {
    let a = try TestNode.listening(1)
    let b = try TestNode(2)
    do throws(SocketError) {
      try b.tryListening(port: a.port)
      Issue.record("two nodes listen on one port")
    } catch {
      #expect(error.reason == .addressInUse)
    }
    #expect(b.port == 0)
  }

  @Test func `an address where nobody listens is refused at once`() throws {
    let a = try TestNode(1)
    let gone = try TestNode.listening(2).port
    a.dial(SocketAddress(.loopbackV4, port: gone))
    #expect(run(a) { !a.downs.isEmpty })
    #expect(a.downs.map(\.end) == [.failed(.connectionRefused)])
    #expect(a.downs.first?.wasUp == false && a.isAtRest)
  }

  @Test func `an address that never answers is given up after five seconds`() throws {
    // A listener whose queue is full drops what comes next, as a host that is off does.
    let full = try Socket.listen(on: SocketAddress(.loopbackV4, port: 0), backlog: 0)
    let local = full.localAddress()
    let address = try #require(local)
    var fillers: [Filler] = []
    for _ in 0..<8 { fillers.append(Filler(try Socket.connect(to: address))) }
    let a = try TestNode(1)
    a.dial(address)
    for _ in 0..<100 { a.turn() }
    #expect(a.downs.isEmpty && a.deadline == .at(5))
    a.now = .at(5)
    a.turn()
    #expect(a.downs.map(\.end) == [.unanswered])
    #expect(fillers.count == 8)
  }

  @Test func `both dial at once and keep the same link`() throws {
    let a = try TestNode.listening(1)
    let b = try TestNode.listening(2)
    a.dial(b)
    b.dial(a)
    try #require(run(a, b) { a.ups.count == 2 && b.ups.count == 2 })
    let keys = (
      DeviceKey(Bytes32([UInt8](repeating: 1, count: 32).raw, 0)),
      DeviceKey(Bytes32([UInt8](repeating: 2, count: 32).raw, 0))
    )
    for (node, own, peer) in [(a, keys.0, keys.1), (b, keys.1, keys.0)] {
      let (older, newer) = (node.ups[0], node.ups[1])
      switch DuplicateLinks.verdict(
        own: own, peer: peer, isOlderOurs: older.up.isInitiator,
        isNewerOurs: newer.up.isInitiator)
      {
      case .keepOlder: node.close(newer.id, .otherLinkStays)
      case .keepNewer: node.close(older.id, .otherLinkStays)
      case .peerDecides: Issue.record("one link has another direction than the other")
      }
    }
    #expect(run(a, b) { a.infos.count == 1 && b.infos.count == 1 })
    let stayed = try #require(a.infos.first)
    #expect(stayed.isInitiator, "the device with the smaller key began it")
    #expect(a.send(message, on: stayed.id))
    #expect(run(a, b) { b.messages == [message] })
  }

  @Test func `a node that dials itself notices`() throws {
    let a = try TestNode.listening(1)
    a.dial(a)
    #expect(run(a) { a.downs.count == 2 && a.isAtRest })
    #expect(a.downs.map(\.end) == [.ownNode, .ownNode] && a.ups.isEmpty)
  }

  @Test func `500 connections that say nothing stop nobody`() throws {
    let a = try TestNode.listening(1)
    let b = try TestNode(2)
    var silent: [Filler] = []
    for _ in 0..<500 {
      silent.append(Filler(try Socket.connect(to: SocketAddress(.loopbackV4, port: a.port))))
      a.turn()
    }
    #expect(a.infos.count <= Limits.halfOpenMax)
    b.dial(a)
    #expect(run(a, b) { !a.ups.isEmpty && !b.ups.isEmpty })
    a.promote(try #require(a.ups.first).id)
    a.now = .at(10)
    #expect(run(a) { a.infos.count == 1 })
    let ends = a.downs.map(\.end)
    #expect(ends.count { $0 == .gaveWay } >= 500 - Limits.halfOpenMax)
    #expect(Set(ends) == [.gaveWay, .late])
    #expect(silent.count == 500)
  }

  @Test func `links of devices that nobody knows shut the door to nobody`() throws {
    let a = try TestNode.listening(1)
    let known = try TestNode(2)
    known.dial(a)
    try #require(run(a, known) { a.ups.count == 1 })
    a.promote(try #require(a.ups.first).id)
    var strangers: [TestNode] = []
    for number in 0..<UInt8(Limits.unprovenLinksMax + 4) {
      let stranger = try TestNode(10 + number)
      stranger.dial(a)
      try #require(run(a, stranger) { !stranger.ups.isEmpty && a.ups.count == strangers.count + 2 })
      strangers.append(stranger)
    }
    #expect(a.downs.map(\.end) == Array(repeating: .closedHere(.notNow), count: 4))
    // The oldest gave way, and nobody who is known.
    #expect(a.downs.map(\.id) == a.ups[1...4].map(\.id))
    for stranger in strangers.prefix(4) {
      #expect(run(a, stranger) { stranger.downs.map(\.end) == [.bye(.notNow)] })
    }
    let last = try TestNode(3)
    last.dial(a)
    #expect(run(a, last) { !last.ups.isEmpty })
  }

  @Test func `eight failed handshakes in a second close the door to an address`() throws {
    let a = try TestNode.listening(1)
    let address = SocketAddress(.loopbackV4, port: a.port)
    var strays: [Filler] = []
    for count in 1...Limits.failedHandshakesPerSecond {
      let stray = Filler(try Socket.connect(to: address))
      try #require(run(a) { stray.write(Array("GET / ".utf8)) })
      strays.append(stray)
      #expect(run(a) { a.downs.count == count })
    }
    #expect(a.downs.allSatisfy { $0.end == .violation(.h1) && !$0.wasUp })
    strays.append(Filler(try Socket.connect(to: address)))
    #expect(run(a) { a.refusedConnections == 1 })
    // The other address is another matter, and a moment later this one is welcome again.
    let b = try TestNode(2)
    b.dial(a, over: .loopbackV6)
    #expect(run(a, b) { a.ups.count == 1 })
    a.now = .at(0.2)
    b.dial(a)
    #expect(run(a, b) { a.ups.count == 2 })
  }

  @Test func `a stranger's connection ends without a word`() throws {
    let a = try TestNode.listening(1)
    let b = try TestNode(2, secret: 5)
    b.dial(a)
    #expect(run(a, b) { !a.downs.isEmpty && !b.downs.isEmpty })
    #expect(a.downs.map(\.end) == [.stranger])
    let end = try #require(b.downs.first?.end)
    #expect(end == .cut || end == .failed(.connectionReset))
    #expect(b.infos.isEmpty && a.isAtRest)
  }

  @Test func `a full queue says so, and when there is room again`() throws {
    let (a, b, onA, onB) = try linked()
    b.pauseReading(onB)
    let content = Message.sampleContent(300_000, 3)
    var sent = 0
    // The kernel's buffers take some megabytes before the queue begins to fill.
    try #require(
      run(a, b) {
        guard a.hasRoom(onA) else { return true }
        sent += a.send(entries: content, on: onA) ? 1 : 0
        return false
      })
    #expect(!a.hasRoom(onA))
    #expect(a.queuedBytes(onA) <= Limits.sendQueueBytesMax)
    #expect(a.rooms == 0 && b.messages.isEmpty)
    #expect(a.send(message, on: onA), "the reserve takes what steers the link")
    b.resumeReading(onB)
    #expect(run(a, b) { b.messages.count == sent + 1 })
    #expect(a.rooms == 1 && a.hasRoom(onA) && a.queuedBytes(onA) == 0)
    let expected = Message.entries(try EntriesMessage(decoding: content))
    #expect(b.messages.dropLast().allSatisfy { $0 == expected })
    let (info, other) = (try #require(a.infos.first), try #require(b.infos.first))
    #expect(info.sentBytes == other.receivedBytes && info.sentBytes > UInt64(sent * 300_000))
  }

  @Test func `a peer that is gone without a word is noticed after 45 seconds`() throws {
    let (a, b, onA, _) = try linked()
    #expect(a.deadline == .at(20))
    a.now = .at(20)
    a.turn()
    #expect(a.deadline == .at(45))
    // B never gets a turn: its kernel takes the ping and nobody answers.
    a.now = .at(45)
    a.turn()
    #expect(a.downs.map(\.end) == [.silent] && a.downs.first?.id == onA)
    #expect(run(a, b) { !b.downs.isEmpty })
  }

  @Test func `after a change of addresses a dead link is given up in two seconds`() throws {
    let (a, b, _, _) = try linked()
    let c = try TestNode.listening(3)
    c.dial(a)
    try #require(run(a, c) { !a.ups.isEmpty })
    a.promote(try #require(a.ups.first).id)
    a.probeAll()
    #expect(run(a, c) { a.events.contains { if case .answered = $0 { true } else { false } } })
    a.now = .at(2)
    a.turn()
    #expect(a.downs.map(\.end) == [.silent], "only the link whose peer had no turn")
    #expect(a.infos.count == 1 && b.downs.isEmpty)
  }

  @Test func `a node that stops says good-bye on every link`() throws {
    let (a, b, _, _) = try linked()
    a.closeAll(.done)
    #expect(run(a, b) { a.isAtRest && b.isAtRest })
    #expect(b.downs.map(\.end) == [.bye(.done)])
    #expect(a.port == 0)
  }

  @Test func `a farewell to a peer that reads nothing ends after two seconds`() throws {
    let (a, b, onA, onB) = try linked()
    b.pauseReading(onB)
    try #require(
      run(a, b) {
        guard a.hasRoom(onA) else { return true }
        _ = a.send(entries: Message.sampleContent(300_000, 3), on: onA)
        return false
      })
    a.close(onA, .done)
    a.turn()
    #expect(!a.isAtRest && a.deadline == .at(2))
    a.now = .at(2)
    a.turn()
    #expect(a.isAtRest)
  }

  @Test func `events that wait are reported before any wait`() throws {
    let (a, _, onA, _) = try linked()
    a.close(onA, .done)
    #expect(a.deadline == Moment(nanoseconds: .min))
  }

  @Test func `an older link's answer is about the newer one that it was asked for, or nothing`() {
    let (first, second, third) = (LinkID(1), LinkID(2), LinkID(3))
    var doubted = DoubtedLinks()
    #expect(doubted.answered(first) == nil)
    doubted.ask(first, second, .isNeeded)
    let answer = doubted.answered(first)
    #expect(answer?.newer == second && answer?.doubt == .isNeeded)
    #expect(doubted.answered(first) == nil)
    // Whether there are two computers is the graver question.
    doubted.ask(first, second, .isCopied)
    doubted.ask(first, third, .isNeeded)
    #expect(doubted.answered(first)?.newer == second)
    doubted.ask(first, second, .isNeeded)
    doubted.down(first)
    #expect(doubted.answered(first) == nil)
    doubted.ask(first, third, .isNeeded)
    doubted.down(third)
    #expect(doubted.answered(first) == nil)
  }

  @Test func `the verdict on two links is the same on both sides`() {
    let small = DeviceKey(Bytes32([UInt8](repeating: 1, count: 32).raw, 0))
    let large = DeviceKey(Bytes32([UInt8](repeating: 2, count: 32).raw, 0))
    func verdict(_ own: DeviceKey, _ peer: DeviceKey, _ older: Bool, _ newer: Bool)
      -> DuplicateLinks.Verdict
    {
      DuplicateLinks.verdict(own: own, peer: peer, isOlderOurs: older, isNewerOurs: newer)
    }
    #expect(verdict(small, large, true, false) == .keepOlder)
    #expect(verdict(large, small, false, true) == .keepOlder)
    #expect(verdict(small, large, false, true) == .keepNewer)
    #expect(verdict(large, small, true, false) == .keepNewer)
    #expect(verdict(small, large, true, true) == .keepOlder)
    #expect(verdict(large, small, false, false) == .peerDecides)
  }
}

/// A connection that only is there.
final class Filler {
  private let socket: Socket

  init(_ socket: consuming Socket) { self.socket = socket }

  /// Whether all bytes went out at once.
  func write(_ bytes: [UInt8]) -> Bool { socket.write(bytes.span) == .bytes(bytes.count) }
}
