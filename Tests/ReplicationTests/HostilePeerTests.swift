import Authority
import Cryptography
import Format
import Testing

@testable import Replication

/// Peers that say what no honest node says, or nothing more at all.
@Suite struct HostilePeerTests {
  /// Anna's and Ben's nodes with a group of everyone, both in step and not linked any more.
  private func office() throws -> (anna: MemoryNode, ben: MemoryNode, group: GroupID) {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    try ben.say("here I am", in: group)
    settle([anna, ben], [wire], rounds: 4)
    wire.cut()
    return (anna, ben, group)
  }

  @Test func `a head at the end of all seqs stops nobody`() throws {
    let (anna, ben, group) = try office()
    let feed = try #require(anna.feed(of: ben, in: group))
    let peer = LoosePeer(anna, as: ben)
    peer.agreeOnOffice()
    let item = FrontierItem(
      feed: feed, branch: BranchID(Bytes16()), seq: .max, prefix: Bytes16(Random.bytes16()))
    peer.say(.have(group, [item]))
    // Not even the first of the two messages gets past the decoder.
    let bytes = Message.have(group, [item]).encode()
    let error = #expect(throws: DecodeError.self) {
      try Message.decode(kind: bytes[0], Array(bytes[5...]))
    }
    #expect(error?.rule.label == "R-1")
    try ben.say("next", in: group)
    for message in ben.messages(group) { peer.say(message) }
    #expect(anna.texts(group).count == 2)
  }

  @Test func `what a batch says to go before it must be what is held`() throws {
    for (wallLess, lamportLess) in [(UInt64(0), UInt32(0)), (1, 0), (0, 1)] {
      let (anna, ben, group) = try office()
      let peer = LoosePeer(anna, as: ben)
      peer.agreeOnOffice()
      try ben.say("next", in: group)
      let all = ben.messages(group, wallLess: wallLess, lamportLess: lamportLess)
      // The entry stays as it was signed: only what is said to go before it is another.
      peer.say(try #require(all.last))
      // It could be another branch, until nothing was shown that would begin one.
      anna.advance(.seconds(Limits.wantSeconds + 1))
      let isTrue = wallLess == 0 && lamportLess == 0
      #expect(anna.texts(group).contains("next") == isTrue)
      #expect(anna.brokenRules == (isTrue ? [] : ["F-15"]))
      #expect(peer.isClosed() != isTrue)
    }
  }

  @Test func `what the store cannot read is passed over, and sent to who asks again`() throws {
    let (anna, ben, group) = try office()
    try anna.say("here I am, too", in: group)
    let feed = try #require(anna.feed(of: anna, in: group))
    let peer = LoosePeer(anna, as: ben)
    peer.agreeOnOffice()
    _ = peer.heard()
    let question = Message.want(group, [.init(feed: feed, branch: BranchID(Bytes16()), from: 0)])
    peer.say(question)
    let next = anna.replica.nextServing(on: peer.link)
    let serving = try #require(next)
    anna.replica.served(serving, through: nil, on: peer.link)
    let left = anna.replica.nextServing(on: peer.link)
    #expect(left == nil)
    peer.say(question)
    let sent = peer.heard().contains { if case .entries = $0 { true } else { false } }
    #expect(sent)
  }

  @Test func `what is received beyond what the disk takes leaves no hole`() throws {
    let (anna, ben, group) = try office()
    let most = Limits.storeQueueBatchesMax
    for number in 0..<most { try ben.say("\(number)", in: group) }
    anna.storesAtOnce = false
    let peer = LoosePeer(anna, as: ben)
    peer.agreeOnOffice()
    for message in ben.messages(group) { peer.say(message) }
    #expect(anna.unstored.count <= most / 8 * 3)
    // The office log has room beyond that, and own entries have the rest; then whoever writes is told to wait.
    for number in anna.unstored.count..<most { try anna.say("\(number)", in: group) }
    #expect(throws: ComposeRefusal.busy) { try anna.say("one too many", in: group) }
    #expect(anna.unstored.count == most)
    anna.storesAtOnce = true
    anna.storeAll()
    try anna.say("and on", in: group)
    #expect(anna.texts(group).contains("and on"))
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire], rounds: 4)
    #expect(anna.replica.digest(of: group) == ben.replica.digest(of: group))
  }

  @Test func `a node whose disk takes nothing asks nobody for what it would leave out`() throws {
    let (anna, ben, group) = try office()
    for number in 0..<Limits.storeQueueBatchesMax { try ben.say("\(number)", in: group) }
    anna.storesAtOnce = false
    let peers = [LoosePeer(anna, as: ben), LoosePeer(anna, as: ben)]
    for peer in peers {
      peer.agreeOnOffice()
      peer.say(.frontier(group, ben.items(group)))
    }
    #expect(peers.map { $0.wants().count } == [1, 0])
    for message in ben.messages(group) { peers[0].say(message) }
    #expect(anna.unstored.count == Limits.storeQueueBatchesMax / 8 * 3)
    for _ in 0..<3 {
      anna.advance(.seconds(Limits.wantSeconds + 1))
      #expect(peers.allSatisfy { $0.wants().isEmpty })
    }
    anna.storesAtOnce = true
    anna.storeAll()
    peers[1].say(.frontier(group, ben.items(group)))
    #expect(peers.map { $0.wants().count } == [0, 1])
  }

  @Test func `a link that names a certificate of another key ends when that is known`() throws {
    let (anna, ben, _) = try office()
    let dora = try admit(by: anna, name: "Dora")
    let link = ben.nextLink()
    ben.handle(
      .linkUp(
        link, nil, noise: DeviceSecrets().noiseIdentity, named: dora.replica.certificate))
    let honest = ben.nextLink()
    ben.handle(
      .linkUp(
        honest, nil, noise: dora.replica.secrets.noiseIdentity, named: dora.replica.certificate))
    settle([anna, ben], [Wire(anna, ben)], rounds: 4)
    #expect(ben.closed.map(\.0) == [link] && ben.closed.map(\.1) == [.violation])
  }

  @Test func `feeds that wait for what never comes hold no more memory than the limit`() throws {
    let (anna, ben, group) = try office()
    // What Ben writes cites Cleo's entry, which Anna does not get.
    let cleo = try admit(by: anna, name: "Cleo")
    let wires = [Wire(anna, ben), Wire(ben, cleo)]
    settle([anna, ben, cleo], wires)
    wires[0].cut()
    try cleo.say("for Ben alone", in: group)
    settle([ben, cleo], [wires[1]], rounds: 4)
    let text = String(repeating: "x", count: 30_000)
    let before = ben.messages(group).count
    for _ in 0..<700 { try ben.say(text, in: group) }
    let peer = LoosePeer(anna, as: ben)
    peer.agreeOnOffice()
    for message in ben.messages(group)[(before - 1)...] {
      if case .entries(let entries) = message, entries.head.feed == cleo.feed(of: cleo, in: group) {
        continue
      }
      peer.say(message)
    }
    #expect(anna.log.count > 700)
    #expect(anna.replica.waitingBytes <= Limits.storeQueueBytesMax)
    #expect(anna.replica.waitingFeeds == 1)
    #expect(!anna.texts(group).contains(text))
    // Once it is here, what is in memory is admitted, and the rest when the disk can be read again.
    peer.hangUp()
    anna.canLoad = false
    settle([anna, cleo], [Wire(anna, cleo)], rounds: 4)
    let admitted = anna.texts(group).count { $0 == text }
    #expect(admitted > 400 && admitted < 700)
    anna.canLoad = true
    try ben.say("one more", in: group)
    settle([anna, ben], [Wire(anna, ben)], rounds: 4)
    #expect(anna.texts(group).count { $0 == text } == 700)
    #expect(anna.replica.waitingFeeds == 0)
  }

  @Test func `a link that is not proven learns nothing of the office log`() throws {
    let (anna, _, _) = try office()
    let office = anna.replica.office
    let founding = FeedID(office.bytes.prefix)
    let peer = LoosePeer(anna, noise: DeviceSecrets().noiseIdentity)
    peer.say(.digests([.init(group: office, digest: FrontierDigest(Bytes32(Random.bytes32())))]))
    peer.say(.frontier(office, []))
    peer.say(.want(office, [.init(feed: founding, branch: BranchID(Bytes16()), from: 0)]))
    _ = try admit(by: anna, name: "Dora")
    anna.advance(.milliseconds(100))
    anna.advance(.seconds(11))
    let heard = peer.heard()
    #expect(heard == [.frontier(office, [])])
  }

  @Test func `what one peer announces and does not send is asked of another in time`() throws {
    let (anna, ben, group) = try office()
    let cleo = try admit(by: anna, name: "Cleo")
    let wires = [Wire(anna, ben), Wire(anna, cleo)]
    settle([anna, ben, cleo], wires)
    for wire in wires { wire.cut() }
    try ben.say("for all", in: group)
    let feed = try #require(ben.feed(of: ben, in: group))
    let (silent, other) = (LoosePeer(anna, as: ben), LoosePeer(anna, as: cleo))
    for peer in [silent, other] {
      peer.agreeOnOffice()
      peer.say(.frontier(group, ben.items(group)))
    }
    #expect(silent.asked(group) == [feed])
    #expect(other.asked(group).isEmpty)
    // It goes on to say something, but nothing that was asked for.
    for _ in 0..<3 {
      anna.advance(.seconds(5))
      silent.say(.ping(1))
    }
    #expect(other.asked(group) == [feed])
    // The second one breaks a rule and is gone: the first is asked again, there is nobody else.
    other.say(.entries(try broken(ben.messages(group))))
    #expect(anna.brokenRules == ["F-13"])
    #expect(silent.asked(group) == [feed])
  }

  /// The last batch with a bit that no batch has.
  private func broken(_ messages: [Message]) throws -> EntriesMessage {
    guard case .entries(let entries)? = messages.last else { throw Violation.provisionalTooMuch }
    var bytes = entries.bytes
    bytes[EntriesMessage.entriesAt] |= 0x80
    return try EntriesMessage(decoding: bytes)
  }

  @Test func `a frontier that was said is said again when it is asked for later`() throws {
    let (anna, ben, group) = try office()
    let peer = LoosePeer(anna, as: ben)
    peer.agreeOnOffice()
    let other = FrontierDigest(Bytes32(Random.bytes32()))
    func frontiers() -> Int {
      peer.heard().count { if case .frontier = $0 { true } else { false } }
    }
    peer.say(.digests([.init(group: group, digest: other)]))
    #expect(frontiers() == 1)
    peer.say(.digests([.init(group: group, digest: other)]))
    #expect(frontiers() == 0)
    anna.advance(.seconds(Limits.idleDigestSeconds))
    peer.say(.digests([.init(group: group, digest: other)]))
    #expect(frontiers() == 1)
  }

  @Test func `a group whose first genesis did not arrive is asked for again`() throws {
    let (anna, ben, group) = try office()
    let founding = try #require(anna.feed(of: anna, in: group))
    let again = ben.restarted(secrets: try ben.copyOfSecrets(), without: founding)
    #expect(again.replica.groupIDs.isEmpty)
    let second = Wire(anna, again)
    settle([anna, again], [second], rounds: 4)
    #expect(again.replica.digest(of: group) == anna.replica.digest(of: group))
    #expect(again.replica.groupIDs == [group])
  }

  @Test func `a feed is taken once its certificate is here, whatever came first`() throws {
    let (anna, ben, group) = try office()
    let cleo = try admit(by: anna, name: "Cleo")
    let wires = [Wire(anna, ben), Wire(anna, cleo)]
    settle([anna, ben, cleo], wires)
    for wire in wires { wire.cut() }
    let dora = try admit(by: anna, name: "Dora")
    let wire = Wire(anna, dora)
    settle([anna, dora], [wire])
    try dora.say("new here", in: group)
    settle([anna, dora], [wire], rounds: 4)
    let feed = try #require(anna.feed(of: dora, in: group))
    let doras = anna.messages(group).filter { message in
      if case .entries(let entries) = message { return entries.head.feed == feed }
      return false
    }
    // Ben hears of Dora's feed before he hears of Dora.
    let peer = LoosePeer(ben, as: cleo)
    peer.agreeOnOffice()
    peer.say(.frontier(group, anna.items(group)))
    #expect(peer.asked(group) == [feed])
    let before = ben.log.count
    for message in doras { peer.say(message) }
    #expect(ben.log.count == before)
    #expect(ben.closed.isEmpty)
    for message in anna.messages(anna.replica.office) { peer.say(message) }
    ben.advance(.milliseconds(Int64(Limits.askDelayMilliseconds)))
    #expect(peer.asked(group) == [feed])
    for message in doras { peer.say(message) }
    #expect(ben.texts(group).last == "new here")
  }

  @Test func `groups and feeds that are merely named take no place`() throws {
    let (anna, ben, group) = try office()
    let peer = LoosePeer(anna, as: ben)
    peer.agreeOnOffice()
    for _ in 0..<100 {
      let named = GroupID(Bytes32(Random.bytes32()))
      let founding = FrontierItem(
        feed: FeedID(named.bytes.prefix), branch: BranchID(Bytes16()), seq: 5,
        prefix: Bytes16(Random.bytes16()))
      peer.say(.frontier(named, [founding]))
      #expect(peer.asked(named) == [founding.feed])
      #expect(anna.replica.digest(of: named) == nil)
    }
    // A batch of no office takes none either.
    let stranger = MemoryNode.founder()
    let elsewhere = try everyone(stranger)
    let held = anna.log.count
    for message in stranger.messages(elsewhere) { LoosePeer(anna, as: ben).say(message) }
    #expect(anna.replica.digest(of: elsewhere) == nil)
    #expect(anna.log.count == held)
    #expect(anna.replica.groupIDs == [group])
  }

  @Test func `what a device writes beyond its share is taken where others cite it`() throws {
    let (anna, ben, group) = try office()
    let cleo = try admit(by: anna, name: "Cleo")
    let dora = try admit(by: anna, name: "Dora")
    let wires = [Wire(anna, ben), Wire(anna, cleo), Wire(anna, dora)]
    settle([anna, ben, cleo, dora], wires)
    for wire in wires { wire.cut() }
    // Dora's device and its copy begin feed after feed; Ben meets the one, Cleo the other first.
    let copy = dora.restarted(secrets: try dora.copyOfSecrets())
    for (node, friend) in [(dora, ben), (copy, cleo)] {
      for number in 0..<200 {
        node.beginAnew(in: group)
        try node.say("\(number)", in: group)
      }
      meet(node, friend, rounds: 8)
    }
    try cleo.say("I read all of it", in: group)
    meet(ben, cleo, rounds: 400)
    #expect(ben.texts(group).contains("I read all of it"))
    #expect(cleo.texts(group).contains("199"))
    #expect(ben.happenings.contains(.full(group)))
    // The device itself knows when nobody would take more.
    for _ in 200..<Limits.feedsPerDeviceMax {
      dora.beginAnew(in: group)
      try dora.say("more", in: group)
    }
    dora.beginAnew(in: group)
    #expect(throws: ComposeRefusal.full) { try dora.say("too much", in: group) }
  }

  private func meet(_ one: MemoryNode, _ other: MemoryNode, rounds: Int) {
    let wire = Wire(one, other)
    settle([one, other], [wire], rounds: rounds)
    wire.cut()
  }

  @Test func `a body that is not what its kind says is refused, and nothing is stored`() throws {
    let (anna, ben, group) = try office()
    let batch = try #require(
      ben.log.last { $0.group == group && $0.feed == ben.feed(of: ben, in: group) })
    // Ben signs an operation that ends in the middle.
    let body = Operation.remove(.member(anna.replica.member), []).encode()
    let held = anna.log.count
    LoosePeer(anna, as: ben).say(try ben.controlMessage(Array(body.dropLast()), behind: batch))
    #expect(anna.log.count == held)
    #expect(anna.brokenRules == ["A-1"])
  }
}
