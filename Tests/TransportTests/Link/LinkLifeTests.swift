import Format
import Platform
import Testing

@testable import Transport

@Suite struct LinkLifeTests {
  private let message = Message.admitAnswer(.tryLater, EntryID(Bytes32()))

  @Test func `an idle link is pinged after 20 seconds and the answer keeps it`() throws {
    var pair = try LinkPair.linked()
    #expect(pair.a.deadline == .at(20))
    pair.a.tick(at: .at(19.9))
    #expect(!pair.a.hasOutput)
    pair.a.tick(at: .at(20))
    #expect(pair.a.hasOutput && pair.a.deadline == .at(45))
    pair.settle(at: .at(20.1))
    pair.takeEvents()
    #expect(pair.aEvents.isEmpty && pair.bEvents.isEmpty, "pings stay inside")
    #expect(pair.a.deadline == .at(40.1))
  }

  @Test func `a peer without a byte for 45 seconds is silent`() throws {
    var pair = try LinkPair.linked()
    pair.a.tick(at: .at(20))
    pair.a.tick(at: .at(44.9))
    #expect(pair.a.isUp)
    pair.a.tick(at: .at(45))
    pair.takeEvents()
    #expect(pair.aEvents.ends == [.silent])
    #expect(pair.a.isFinished)
  }

  @Test func `after a day the initiator ends the link for a new handshake`() throws {
    var pair = try LinkPair.linked()
    let day = 24.0 * 3_600
    keepAlive(pair, until: day - 1)
    pair.a.tick(at: .at(day))
    pair.b.tick(at: .at(day))
    #expect(pair.b.isUp, "one side alone does it")
    pair.settle(at: .at(day))
    pair.takeEvents()
    #expect(pair.aEvents.ends == [.closedHere(.newerHandshake)])
    #expect(pair.bEvents.ends == [.bye(.newerHandshake)])
  }

  @Test func `the responder ends an old link where the initiator does not`() throws {
    var pair = try LinkPair.linked()
    let day = 24.0 * 3_600
    for second in stride(from: 0.0, through: day + 600, by: 15) {
      pair.b.received(try pair.a.sealed(Message.ping(1).encode()), at: .at(second))
      pair.b.tick(at: .at(second))
      _ = pair.b.takeOutput()
    }
    pair.takeEvents()
    #expect(pair.bEvents.ends == [.closedHere(.newerHandshake)])
  }

  private func keepAlive(_ pair: LinkPair, until end: Double) {
    for second in stride(from: 0.0, through: end, by: 19) {
      pair.a.tick(at: .at(second))
      pair.b.tick(at: .at(second))
      _ = pair.a.send(message)
      _ = pair.b.send(message)
      pair.settle(at: .at(second))
      while pair.a.nextEvent() != nil {}
      while pair.b.nextEvent() != nil {}
    }
  }

  @Test func `a probe is answered, or ends the link`() throws {
    var pair = try LinkPair.linked()
    pair.a.probe(from: .at(1), until: .at(3))
    pair.settle(at: .at(1.5))
    pair.takeEvents()
    #expect(pair.aEvents.answers == 1 && pair.aEvents.ends.isEmpty)
    pair.a.tick(at: .at(3))
    #expect(pair.a.isUp)

    pair.a.probe(from: .at(4), until: .at(6))
    _ = pair.a.takeOutput()
    #expect(pair.a.deadline == .at(6))
    pair.a.tick(at: .at(6))
    pair.takeEvents()
    #expect(pair.aEvents.ends == [.silent])
  }

  @Test func `bytes that arrive during a probe keep the link without an answer`() throws {
    var pair = try LinkPair.linked()
    pair.a.probe(from: .at(1), until: .at(3))
    _ = pair.a.takeOutput()
    #expect(pair.b.send(message))
    pair.settle(at: .at(2))
    pair.a.tick(at: .at(3))
    pair.takeEvents()
    #expect(pair.a.isUp && pair.aEvents.answers == 0)
  }

  @Test func `an unproven link ends after 10 seconds unless it is promoted`() throws {
    var pair = try LinkPair()
    pair.settle()
    pair.a.promote()
    #expect(pair.b.deadline == .at(10))
    pair.a.tick(at: .at(10))
    pair.b.tick(at: .at(10))
    pair.takeEvents()
    #expect(pair.bEvents.ends == [.unproven])
    #expect(pair.a.isUp)
    pair.settle(at: .at(10))
    pair.takeEvents()
    #expect(pair.aEvents.ends == [.bye(.notNow)])
  }

  @Test func `an unproven link ends when it has sent 4 MiB`() throws {
    var pair = try LinkPair()
    pair.settle()
    pair.a.promote()
    var carried = 0
    while pair.b.isUp, carried < 2 * Limits.provisionalBytesMax {
      #expect(pair.a.send(try Message.sample(300_000, 1)))
      let bytes = pair.a.takeOutput()
      carried += bytes.count
      pair.b.received(bytes, at: .at(1))
    }
    pair.takeEvents()
    #expect(pair.bEvents.ends == [.unproven])
    #expect(carried > Limits.provisionalBytesMax && carried < Limits.provisionalBytesMax + 400_000)
  }

  @Test func `a farewell follows the message that was begun and overtakes the others`() throws {
    var pair = try LinkPair.linked()
    for seed in 0..<5 { #expect(pair.a.send(try Message.sample(300_000, UInt8(seed)))) }
    // The first batch of frames is sealed and half taken: the first message is begun.
    var taken: [UInt8] = []
    var calls = 0
    _ = pair.a.flush { bytes in
      calls += 1
      if calls > 1 { return .wouldBlock }
      for index in 0..<100_000 { taken.append(bytes[index]) }
      return .bytes(100_000)
    }
    pair.a.close(.done)
    #expect(!pair.a.isFinished && pair.a.deadline == .distantFuture)
    taken += pair.a.takeOutput()
    #expect(pair.a.isFinished)
    pair.b.received(taken, at: .at(1))
    pair.takeEvents()
    #expect(pair.bEvents.messages == [try Message.sample(300_000, 0)])
    #expect(pair.bEvents.ends == [.bye(.done)])
    #expect(pair.aEvents.ends == [.closedHere(.done)])
  }

  @Test func `a link that ended before its handshake says nothing`() throws {
    var pair = try LinkPair()
    pair.b.received(pair.a.takeOutput(), at: .at(0))
    _ = pair.b.takeOutput()
    pair.b.close(.notNow)
    pair.b.close(.done)
    pair.takeEvents()
    #expect(!pair.b.hasOutput && pair.b.isFinished)
    #expect(pair.bEvents.ends == [.closedHere(.notNow)])
  }

  @Test func `the queue takes batches to its limit and keeps a reserve`() throws {
    let pair = try LinkPair.linked()
    let batch = try Message.sample(Limits.messageBytesMax, 1)
    var accepted = 0
    while pair.a.hasRoom {
      #expect(pair.a.send(batch))
      accepted += 1
    }
    #expect(accepted == Limits.sendQueueBytesMax / (Limits.messageBytesMax + 5))
    #expect(pair.a.queuedBytes <= Limits.sendQueueBytesMax)
    while pair.a.send(try Message.sample(146, 1)) { accepted += 1 }
    #expect(pair.a.queuedBytes <= Limits.sendQueueBytesMax)
    #expect(pair.a.send(message), "what steers the link still has a place")
    var steering = 0
    while pair.a.send(message), steering < 100_000 { steering += 1 }
    let limit = Limits.sendQueueBytesMax + TransportLimits.sendReserveBytes
    #expect(pair.a.queuedBytes <= limit && pair.a.queuedBytes > limit - 100)
    _ = pair.a.takeOutput()
    #expect(pair.a.queuedBytes == 0 && pair.a.hasRoom)
  }

  @Test func `a flood of pings cannot fill memory with answers`() throws {
    let pair = try LinkPair.linked()
    var pings: [UInt8] = []
    for nonce in 0..<4_000 { pings += Message.ping(UInt64(nonce)).encode() }
    for _ in 0..<200 {
      pair.b.received(try pair.a.sealed(pings), at: .at(1))
    }
    #expect(
      pair.b.queuedBytes <= Limits.sendQueueBytesMax + TransportLimits.sendReserveBytes)
    #expect(pair.b.isUp)
  }

  @Test func `a message longer than any may be is not queued`() throws {
    let pair = try LinkPair.linked()
    let item = FrontierItem(
      feed: FeedID(Bytes16()), branch: BranchID(Bytes16()), seq: 1, prefix: Bytes16())
    let items = [FrontierItem](
      repeating: item, count: Limits.messageBytesMax / FrontierItem.size + 1)
    #expect(!pair.a.send(.frontier(Someone.office, items)))
    #expect(pair.a.queuedBytes == 0)
  }
}
