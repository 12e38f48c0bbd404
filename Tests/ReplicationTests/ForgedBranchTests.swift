import Cryptography
import Format
import Testing

@testable import Replication

/// A peer that says what it likes, as Cleo's device.
struct Liar {
  let victim: MemoryNode
  let link: LinkID

  init(_ victim: MemoryNode, as node: MemoryNode) {
    self.victim = victim
    link = victim.nextLink()
    victim.handle(
      .linkUp(link, node.replica.secrets.device, noise: node.replica.secrets.noiseIdentity))
  }

  func say(_ message: Message) { victim.handle(.received(link, message)) }

  /// What the victim asked for, oldest first.
  func wants() -> [Message.Want] {
    defer { victim.outbox.removeAll { $0.0 == link } }
    return victim.outbox.filter { $0.0 == link }.flatMap { _, message in
      if case .want(_, let wants) = message { return wants }
      return []
    }
  }

  func isClosed() -> Bool { victim.closed.contains { $0.0 == link } }
}

/// Entries of Ben's feed as only his keys can make them.
struct Forger {
  let ben: MemoryNode
  let group: GroupID
  let feed: FeedState

  /// Continues the first own feed, or the last one.
  init(_ ben: MemoryNode, _ group: GroupID, last: Bool = false) throws {
    self.ben = ben
    self.group = group
    let own = try #require(ben.replica.groups[group]).feedList.filter(\.isOwn)
    feed = try #require(last ? own.last : own.first)
  }

  /// One entry behind the head that cites this one.
  func citing(_ cited: Reference) -> Batch {
    var builder = CommitBuilder(
      group: group, feed: feed.place.feed, prev: feed.head.id, nextSeq: feed.head.seq + 1,
      lamport: feed.head.lamport)
    _ = builder.append(
      .message, body: [UInt8](repeating: 1, count: 168), epoch: EpochID(Bytes16(1, 2)),
      deps: [cited], depLamport: 0, wall: feed.head.wallMilliseconds)
    return builder.sign(ben.replica.secrets)
  }

  /// A message whose lamport is too low for what it cites, and others behind it.
  func ending(_ cited: Reference, then numbers: [UInt8]) -> Batch {
    var builder = CommitBuilder(
      group: group, feed: feed.place.feed, prev: feed.head.id, nextSeq: feed.head.seq + 1,
      lamport: feed.head.lamport)
    for (index, number) in ([0] + numbers).enumerated() {
      _ = builder.append(
        .message, body: [UInt8](repeating: number, count: 168), epoch: EpochID(Bytes16(1, 2)),
        deps: index == 0 ? [cited] : [], depLamport: 0,
        wall: feed.head.wallMilliseconds + UInt64(number))
    }
    return builder.sign(ben.replica.secrets)
  }

  /// The same entries, said to begin at another place.
  func misplaced(
    _ batch: Batch, from first: UInt32, branch: BranchID = BranchID(Bytes16())
  ) throws -> Message {
    var packer = BatchPacker(
      group: batch.group, feed: batch.feed, first: first, wallBase: 1, lamportBase: 1,
      behind: branch.bytes.array)
    for entry in batch.entries {
      packer.append(
        batch.records, headerAt: Int(entry.headerAt), headerSize: Int(entry.headerSize),
        body: entry.bodyState)
    }
    return .entries(try EntriesMessage(decoding: packer.finish(signature: batch.signature)))
  }

  /// One run behind the head: a message of these bytes for each number.
  func run(_ numbers: [UInt8]) -> Batch {
    var builder = CommitBuilder(
      group: group, feed: feed.place.feed, prev: feed.head.id, nextSeq: feed.head.seq + 1,
      lamport: feed.head.lamport)
    for number in numbers {
      _ = builder.append(
        .message, body: [UInt8](repeating: number, count: 168),
        epoch: EpochID(Bytes16(1, 2)), wall: feed.head.wallMilliseconds + UInt64(number))
    }
    return builder.sign(ben.replica.secrets)
  }

  func message(_ batch: Batch, branch: BranchID = BranchID(Bytes16())) throws -> Message {
    var packer = BatchPacker(
      group: batch.group, feed: batch.feed, first: batch.first,
      wallBase: feed.head.wallMilliseconds, lamportBase: feed.head.lamport,
      behind: branch.bytes.array)
    for entry in batch.entries {
      packer.append(
        batch.records, headerAt: Int(entry.headerAt), headerSize: Int(entry.headerSize),
        body: entry.bodyState)
    }
    return .entries(try EntriesMessage(decoding: packer.finish(signature: batch.signature)))
  }

  func item(_ batch: Batch, branch: Bytes16) -> FrontierItem {
    FrontierItem(
      feed: feed.place.feed, branch: BranchID(branch), seq: batch.last.seq,
      prefix: batch.last.id.prefix)
  }
}

@Suite struct ForgedBranchTests {
  @Test func `a fork inside a signed run of 256 entries is found and kept`() throws {
    let office = try ForkOffice()
    let (cleo, dora) = (try office.member("Cleo"), try office.member("Dora"))
    let forger = try Forger(office.ben, office.group)
    let common = (0..<100).map { UInt8($0) }
    let first = forger.run(common + (0..<156).map { UInt8($0) })
    let second = forger.run(common + (0..<156).map { UInt8(200 - $0) })
    #expect(first.entries.count == 256 && second.entries.count == 256)
    Liar(office.anna, as: dora).say(try forger.message(first))
    Liar(cleo, as: dora).say(try forger.message(second))
    try meet(office.anna, cleo)
    try meet(cleo, dora)
    try meet(office.anna, dora)
    expectAlike([office.anna, cleo, dora], office.group)
    #expect(dora.hasFoundFork)
    for node in [office.anna, cleo, dora] {
      let again = node.restarted(secrets: try node.copyOfSecrets())
      expectAlike([node, again], office.group)
    }
  }

  @Test func `entries under the name of a branch that they do not begin are a violation`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let forger = try Forger(office.ben, office.group)
    let batch = forger.run([1, 2])
    let liar = Liar(office.anna, as: cleo)
    let name = Bytes16(7, 7)
    liar.say(.have(office.group, [forger.item(batch, branch: name)]))
    office.anna.advance(.milliseconds(500))
    #expect(liar.wants().map(\.branch) == [BranchID(name)])
    let before = office.anna.storedCount
    liar.say(try forger.message(batch, branch: BranchID(name)))
    #expect(office.anna.brokenRules == ["R-13"])
    #expect(office.anna.storedCount == before)
  }

  @Test func `entries of a branch that nobody asked for are dropped`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let forger = try Forger(office.ben, office.group)
    let batch = forger.run([1, 2])
    let liar = Liar(office.anna, as: cleo)
    let before = office.anna.storedCount
    liar.say(try forger.message(batch, branch: BranchID(batch.entries[0].id.prefix)))
    #expect(office.anna.storedCount == before && !liar.isClosed())
  }

  @Test func `who sends a wrong signature and shows no branch holds up nobody`() throws {
    let office = try ForkOffice()
    let (cleo, dora) = (try office.member("Cleo"), try office.member("Dora"))
    let forger = try Forger(office.ben, office.group)
    let (first, second) = (forger.run([1, 2]), forger.run([3, 4]))
    var wrong = first
    wrong.signature = second.signature
    let liar = Liar(office.anna, as: cleo)
    liar.say(try forger.message(wrong))
    #expect(liar.wants().count == 1)
    // It goes on saying things of no use, and never shows what it was asked for.
    for _ in 0..<Limits.wantSeconds {
      #expect(!liar.isClosed())
      liar.say(.have(office.group, []))
      office.anna.advance(.seconds(1))
    }
    #expect(liar.isClosed() && office.anna.brokenRules == ["F-2"])
    office.anna.closed = []
    Liar(office.anna, as: dora).say(try forger.message(first))
    Liar(dora, as: cleo).say(try forger.message(second))
    try meet(office.anna, dora)
    #expect(office.anna.hasFoundFork)
    expectAlike([office.anna, dora], office.group)
  }

  @Test func `a fork that nobody signed is no fork`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let forger = try Forger(office.ben, office.group)
    var batch = forger.run([1, 2])
    batch.signature = SignatureBytes([UInt8](repeating: 3, count: 64))!
    let liar = Liar(office.anna, as: cleo)
    let before = (office.anna.storedCount, office.anna.replica.digest(of: office.group))
    // Under a name of its own it leads nowhere; as the feed's next entries it is a violation.
    let name = batch.entries[0].id.prefix
    liar.say(.have(office.group, [forger.item(batch, branch: name)]))
    office.anna.advance(.milliseconds(500))
    liar.say(try forger.message(batch, branch: BranchID(name)))
    #expect(!liar.isClosed() && !office.anna.hasFoundFork)
    liar.say(try forger.message(batch))
    for _ in 0..<20 {
      for want in liar.wants() where want.branch.isZero {
        // Whatever is asked for, it sends the same.
        liar.say(try forger.misplaced(batch, from: want.from))
      }
    }
    #expect(office.anna.brokenRules == ["F-2"])
    #expect(office.anna.storedCount == before.0)
    #expect(office.anna.replica.digest(of: office.group) == before.1)
    #expect(!office.anna.hasFoundFork)
  }

  @Test func `a want for an unknown branch and heads without entries change nothing`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let forger = try Forger(office.ben, office.group)
    let liar = Liar(office.anna, as: cleo)
    _ = liar.wants()
    liar.say(
      .want(
        office.group,
        [.init(feed: forger.feed.place.feed, branch: BranchID(Bytes16(5, 5)), from: 0)]))
    #expect(office.anna.nextEntries(liar.link) == nil)
    // Names without end: as many are asked for as a feed can have, and the rest is not searched for.
    var items: [FrontierItem] = []
    for number in 1...200 {
      items.append(
        FrontierItem(
          feed: forger.feed.place.feed, branch: BranchID(Bytes16(UInt64(number), 1)), seq: 9,
          prefix: Bytes16(1, 1)))
    }
    liar.say(.frontier(office.group, items))
    #expect(liar.wants().count <= 2 * Limits.branchesMax && !liar.isClosed())
    #expect(!office.anna.hasFoundFork)
    try office.anna.say("unmoved", in: office.group)
    try meet(office.anna, cleo)
    #expect(cleo.texts(office.group).contains("unmoved"))
  }
}
