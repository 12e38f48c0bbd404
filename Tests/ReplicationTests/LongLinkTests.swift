import Authority
import Cryptography
import Format
import Testing

@testable import Replication

/// What is shown on one link that lasts to who comes to be in a group no more, one thing after the
/// other.
@Suite struct LongLinkTests {
  /// Anna founds the office and a group that Ben and Cleo lead with her; Dora is not in it, nor Emil.
  private struct Office {
    let anna = MemoryNode.founder()
    let ben: MemoryNode
    let cleo: MemoryNode
    let dora: MemoryNode
    let emil: MemoryNode
    let group: GroupID
    var all: [MemoryNode] { [anna, ben, cleo, dora, emil] }

    init() throws {
      _ = try everyone(anna)
      ben = try admit(by: anna, name: "Ben")
      cleo = try admit(by: anna, name: "Cleo")
      dora = try admit(by: anna, name: "Dora")
      emil = try admit(by: anna, name: "Emil")
      let leaders = [ben.replica.member, cleo.replica.member].sorted()
      group = try anna.replica.foundGroup(
        .listed, pair: nil, [.groupAdd(leaders, .manager)], wall: anna.wall
      ).group
      anna.drain()
      meet(all.dropFirst().map { (anna, $0) })
    }

    func meet(_ pairs: [(MemoryNode, MemoryNode)]) {
      let wires = pairs.map { Wire($0, $1) }
      settle(all, wires, rounds: 12)
      for wire in wires { wire.cut() }
    }

    func add(_ node: MemoryNode, by other: MemoryNode) throws {
      try write(.groupAdd([node.replica.member], .member), by: other)
    }

    func remove(_ node: MemoryNode) throws {
      let member = node.replica.member
      try write(.groupRemove(member, anna.replica.cuts(of: member, in: group)), by: anna)
    }

    private func write(_ operation: Format.Operation, by node: MemoryNode) throws {
      node.wall += 1
      _ = try node.replica.compose(group, [.control(operation)], wall: node.wall)
      node.drain()
    }

    /// A head of the feed of a device that is made up, beyond all that is here.
    func beyond(_ node: MemoryNode) throws -> FrontierItem {
      FrontierItem(
        feed: try #require(node.feed(of: node, in: group)), branch: BranchID(Bytes16()), seq: 900,
        prefix: Bytes16(Random.bytes16()))
    }

    /// What Anna holds of her own feed up to an entry.
    func held(upTo seq: UInt32) throws -> FrontierItem {
      let feed = try #require(anna.replica.groups[group]?.feedList.first { $0.isOwn })
      return FrontierItem(
        feed: feed.place.feed, branch: BranchID(Bytes16()), seq: seq, prefix: feed.prefix(seq))
    }
  }

  @Test func `a link ends to a device that is not in any more, for who let it in lost the right`()
    throws
  {
    let anna = MemoryNode.founder()
    let ben = try admin(by: anna, name: "Ben")
    try meet(anna, ben)
    let carol = try admit(by: ben, name: "Carol")
    try meet(anna, ben)
    let office = anna.replica.office
    let wire = Wire(anna, carol)
    settle([anna, carol], [wire])
    #expect(anna.closed.isEmpty)
    let feed = try #require(anna.feed(of: ben, in: office))
    let first = try #require(anna.log.first { $0.feed == feed }?.entries.first)
    let cut = Cut(feed: feed, seq: 0, entry: first.id)
    _ = try anna.replica.compose(
      office, [.control(.remove(.member(ben.replica.member), [cut]))], wall: anna.wall)
    anna.drain()
    settle([anna, carol], [wire])
    #expect(anna.closed.map(\.1) == [.notNow] && anna.brokenRules.isEmpty)
    #expect(anna.replica.rosterNow().device(carol.replica.secrets.device) == nil)
  }

  @Test func `who is removed again and again learns it each time`() throws {
    let office = try Office()
    let (anna, ben, group) = (office.anna, office.ben, office.group)
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    for round in 0..<3 {
      try office.remove(ben)
      settle([anna, ben], [wire], rounds: 8)
      let departure = ben.replica.departure(of: ben.replica.member, from: group)
      #expect(departure?.author == anna.replica.member, "round \(round)")
      #expect(throws: ComposeRefusal.self) { try ben.say("nobody", in: group) }
      try office.add(ben, by: anna)
      settle([anna, ben], [wire], rounds: 8)
      #expect(ben.replica.departure(of: ben.replica.member, from: group) == nil)
      try ben.say("back \(round)", in: group)
      settle([anna, ben], [wire], rounds: 8)
    }
    #expect(anna.texts(group) == ["back 0", "back 1", "back 2"])
    #expect(anna.closed.isEmpty && ben.closed.isEmpty)
  }

  @Test func `who was added in vain by two is shown what ended the right of both`() throws {
    let office = try Office()
    let (anna, ben, cleo, dora) = (office.anna, office.ben, office.cleo, office.dora)
    // What Cleo adds stands behind what Ben does.
    try cleo.say("hello", in: office.group)
    for adder in [ben, cleo] { try office.add(dora, by: adder) }
    office.meet([(ben, dora), (cleo, dora)])
    for adder in [ben, cleo] { try office.remove(adder) }
    office.meet([(anna, dora)])
    let membership = dora.replica.membershipNow(office.group)
    #expect(membership?.grade(of: dora.replica.member) == nil)
    #expect(throws: ComposeRefusal.self) { try dora.say("nobody", in: office.group) }
  }

  @Test func `one thing is shown at a time, and the next once that is held`() throws {
    let office = try Office()
    let (anna, ben, cleo) = (office.anna, office.ben, office.cleo)
    for node in [ben, cleo] {
      try node.say("hello", in: office.group)
      office.meet([(anna, node)])
    }
    for node in [ben, cleo] { try office.remove(node) }
    let head = try #require(anna.replica.groups[office.group]?.feedList.first { $0.isOwn }).head.seq
    let peer = LoosePeer(anna, as: office.emil)
    func batches() -> Int {
      peer.heard().count { if case .entries = $0 { true } else { false } }
    }
    func shown() -> Int { anna.replica.usage.links.map(\.proofs).reduce(0, +) }
    _ = batches()
    let first = try office.held(upTo: 0)
    peer.say(.frontier(office.group, [first, try office.beyond(ben)]))
    #expect(batches() > 0 && shown() == 1)
    // Another, and the same once more, while that is on its way.
    for node in [cleo, ben] {
      peer.say(.frontier(office.group, [first, try office.beyond(node)]))
      #expect(batches() == 0 && shown() == 1)
    }
    // The first removal is the last but one of Anna's entries.
    let other = try #require(
      anna.replica.groups[office.group]?.items.filter { $0.feed != first.feed })
    peer.say(
      .frontier(
        office.group,
        other.filter { $0.feed != cleo.feed(of: cleo, in: office.group) }
          + [try office.held(upTo: head - 1), try office.beyond(cleo)]))
    #expect(batches() > 0 && shown() == 1)
  }

  @Test func `who holds nothing but what a removed one wrote is shown the removal, too`() throws {
    let office = try Office()
    let (anna, ben, dora) = (office.anna, office.ben, office.dora)
    // Anna, who owns the office, is in a group of Ben's and says nothing there.
    let group = try ben.replica.foundGroup(
      .listed, pair: nil, [.groupAdd([anna.replica.member], .member)], wall: ben.wall
    ).group
    ben.drain()
    office.meet([(anna, ben)])
    let member = ben.replica.member
    _ = try anna.replica.compose(
      group, [.control(.groupRemove(member, anna.replica.cuts(of: member, in: group)))],
      wall: anna.wall)
    anna.drain()
    _ = try ben.replica.compose(
      group, [.control(.groupAdd([dora.replica.member], .member))], wall: ben.wall)
    ben.drain()
    office.meet([(ben, dora)])
    #expect(dora.replica.membershipNow(group)?.grade(of: dora.replica.member) == .member)
    office.meet([(anna, dora)])
    #expect(dora.replica.membershipNow(group)?.grade(of: dora.replica.member) == nil)
  }
}
