import Authority
import Format
import Testing

@testable import Replication

/// Somebody new whom the founder makes an admin.
func admin(by founder: MemoryNode, name: String) throws -> MemoryNode {
  let node = try admit(by: founder, name: name)
  _ = try founder.replica.compose(
    founder.replica.office, [.control(.rank(node.replica.member, .admin, []))],
    wall: founder.wall)
  founder.drain()
  return node
}

/// Ben is an admin whose computer was copied; he and his copy let people in, and are removed.
private struct CopiedAdmin {
  let anna = MemoryNode.founder()
  let group: GroupID
  let ben: MemoryNode
  let copy: MemoryNode
  /// Members who were there before.
  let cleo: MemoryNode
  let dora: MemoryNode
  /// Let in by Ben, and by his copy.
  let carol: MemoryNode
  let emil: MemoryNode
  var device: DeviceKey { ben.replica.secrets.device }

  init() throws {
    group = try everyone(anna)
    ben = try admin(by: anna, name: "Ben")
    (cleo, dora) = (try admit(by: anna, name: "Cleo"), try admit(by: anna, name: "Dora"))
    for node in [ben, cleo, dora] { try meet(anna, node) }
    _ = try admit(by: ben, name: "Zoe")
    copy = ben.restarted(secrets: try ben.copyOfSecrets())
    carol = try admit(by: ben, name: "Carol")
    // The copy writes more, so that its branch reaches further.
    emil = try admit(by: copy, name: "Emil")
    _ = try admit(by: copy, name: "Fred")
    for node in [anna, ben, copy, cleo, dora, carol, emil] { node.tellsForks = false }
  }

  func remove(_ cuts: [Cut]) throws {
    _ = try anna.replica.compose(
      anna.replica.office, [.control(.remove(.device(device), cuts))], wall: anna.wall)
    anna.drain()
  }
}

@Suite struct BranchCutTests {
  @Test func `a removal behind a parting is held back under the name of its branch`() throws {
    let office = try CopiedAdmin()
    _ = try office.ben.replica.compose(
      office.ben.replica.office,
      [.control(.remove(.device(office.dora.replica.secrets.device), []))], wall: office.ben.wall)
    office.ben.drain()
    try meet(office.anna, office.ben)
    try meet(office.anna, office.copy)
    let id = office.anna.replica.office
    let dora = try #require(
      office.anna.replica.rosterNow().device(office.dora.replica.secrets.device))
    let removals = office.anna.replica.rosterNow().removals(of: dora).map(\.entry)
    #expect(removals.count == 1)
    #expect(office.anna.replica.heldBack(among: removals, in: id).isEmpty)
    let removal = try #require(removals.first)
    let feed = try #require(office.anna.replica.groups[id]?.feeds[removal.place])
    let parting = try #require(feed.partings.first)
    // As the store calls it, which stores the two branches apart (S-14).
    let branch = FeedPlace(
      feed: removal.place.feed, branch: BranchID(feed.prefix(parting)))
    #expect(branch != removal.place && parting <= removal.seq)
    office.anna.replica.holdBack(id, branch, from: removal.seq)
    #expect(office.anna.replica.heldBack(among: removals, in: id) == removals)
  }

  @Test func `a cut at a branch that the removal has not seen is judged alike by all`() throws {
    let office = try CopiedAdmin()
    try meet(office.anna, office.ben)
    // The owner names the head of a branch that is not in the past of the removal.
    try office.remove(office.copy.replica.cuts(of: [office.device]))
    try meet(office.ben, office.carol)
    try meet(office.anna, office.carol)
    try office.carol.say("let in by Ben", in: office.group)
    // Cleo holds one branch alone, Dora the other one first.
    try meet(office.cleo, office.carol)
    try meet(office.dora, office.copy)
    try meet(office.dora, office.carol)
    let carol = office.carol.replica.secrets.device
    for node in [office.cleo, office.dora] {
      #expect(node.texts(office.group).contains("let in by Ben"))
      #expect(node.replica.rosterNow().isLive(carol))
    }
    try meet(office.cleo, office.dora)
    expectAlike([office.cleo, office.dora], office.anna.replica.office)
    for node in [office.cleo, office.dora] {
      let again = node.restarted(secrets: try node.copyOfSecrets())
      #expect(again.texts(office.group).contains("let in by Ben"))
      #expect(again.replica.rosterNow().isLive(carol))
    }
  }

  @Test func `who removes cites the branch that is kept, and all leave out the other`() throws {
    let office = try CopiedAdmin()
    try meet(office.anna, office.ben)
    try meet(office.anna, office.copy)
    let cuts = office.anna.replica.cuts(of: [office.device])
    try office.remove(cuts)
    let cut = try #require(
      cuts.first { office.anna.replica.officeLog.forked[$0.feed] != nil })
    let batch = try #require(office.anna.log.last)
    let deps = try batch.header(batch.entries[0]).deps
    #expect(
      deps.contains(Reference(feed: cut.feed, seq: cut.seq, prefix: cut.entry.prefix)))
    try meet(office.cleo, office.ben)
    try meet(office.dora, office.copy)
    for node in [office.cleo, office.dora] { try meet(node, office.anna) }
    let (carol, emil) = (
      office.carol.replica.secrets.device, office.emil.replica.secrets.device
    )
    for node in [office.anna, office.cleo, office.dora] {
      #expect(!node.replica.rosterNow().isLive(carol))
      #expect(node.replica.rosterNow().isLive(emil))
      let again = node.restarted(secrets: try node.copyOfSecrets())
      #expect(!again.replica.rosterNow().isLive(carol))
      #expect(again.replica.rosterNow().isLive(emil))
    }
    expectAlike([office.anna, office.cleo, office.dora], office.anna.replica.office)
  }

  @Test func `a removal that keeps the shorter branch cites it before the longer one`() throws {
    let office = try CopiedAdmin()
    try meet(office.anna, office.ben)
    try meet(office.anna, office.copy)
    let feed = try #require(office.anna.replica.officeLog.forked.keys.first)
    func end(_ node: MemoryNode) throws -> Cut {
      let head = try #require(
        node.replica.officeLog.feedList.first { $0.isOwn && $0.place.feed == feed }
      ).head
      return Cut(feed: feed, seq: head.seq, entry: head.id)
    }
    let kept = try end(office.ben)
    #expect(try kept.seq < end(office.copy).seq)
    try office.remove([kept])
    let batch = try #require(office.anna.log.last)
    let deps = try batch.header(batch.entries[0]).deps
    #expect(
      deps.filter { $0.feed == feed }
        == [Reference(feed: feed, seq: kept.seq, prefix: kept.entry.prefix)])
    try meet(office.cleo, office.copy)
    try meet(office.dora, office.ben)
    for node in [office.cleo, office.dora] { try meet(node, office.anna) }
    for node in [office.anna, office.cleo, office.dora] {
      #expect(node.replica.rosterNow().isLive(office.carol.replica.secrets.device))
      #expect(!node.replica.rosterNow().isLive(office.emil.replica.secrets.device))
    }
  }

  /// What becomes of the branch that let Carol in, while somebody with the same keys writes another one.
  enum Ending: CaseIterable { case noRight, missing }

  @Test(arguments: Ending.allCases)
  func `whoever was let in stays where what follows in that branch is not admitted`(
    ending: Ending
  ) throws {
    let anna = MemoryNode.founder()
    let ben = try admin(by: anna, name: "Ben")
    try meet(anna, ben)
    let zoe = try admit(by: ben, name: "Zoe")
    let copy = ben.restarted(secrets: try ben.copyOfSecrets())
    for node in [anna, ben, copy] { node.tellsForks = false }
    let carol = try admit(by: ben, name: "Carol")
    _ = try copy.replica.compose(
      copy.replica.office, [.message(.name(RequestID(Bytes16()), .office, try Name("Mine")))],
      wall: copy.wall)
    copy.drain()
    try meet(anna, ben)
    let forger = try Forger(ben, anna.replica.office)
    let (feed, last) = (forger.feed.place.feed, forger.feed.head)
    let batch = forger.last(ending, against: anna)
    LoosePeer(anna, as: ben).say(try forger.message(batch))
    try meet(anna, copy)
    #expect(anna.hasFoundFork && anna.brokenRules.isEmpty)
    let strand = try #require(anna.replica.officeLog.strands(of: feed).first)
    #expect(strand.admittedCount == Int(last.seq) + 1)
    #expect(strand.count == strand.admittedCount + 1)
    #expect((strand.ended != nil) == (ending == .noRight))
    let again = anna.restarted(secrets: try anna.copyOfSecrets())
    for node in [anna, again] {
      let cuts = node.replica.cuts(of: [ben.replica.secrets.device])
      #expect(cuts.filter { $0.feed == feed } == [Cut(feed: feed, seq: last.seq, entry: last.id)])
      _ = try node.replica.compose(
        node.replica.office, [.control(.remove(.member(ben.replica.member), cuts))],
        wall: node.wall)
      node.drain()
      let roster = node.replica.rosterNow()
      for newcomer in [zoe, carol] { #expect(roster.isLive(newcomer.replica.secrets.device)) }
      #expect(!roster.isLive(ben.replica.secrets.device))
      #expect(node.replica.name(of: carol.replica.member)?.text == "Carol")
    }
  }

  @Test func `a cut in the office leaves out no addition by another branch of a feed in a group`()
    throws
  {
    let anna = MemoryNode.founder()
    let ben = try admit(by: anna, name: "Ben")
    let (carol, dora) = (try admit(by: anna, name: "Carol"), try admit(by: anna, name: "Dora"))
    let group = try anna.replica.foundGroup(
      .listed, pair: nil, [.groupAdd([ben.replica.member], .manager)], wall: anna.wall
    ).group
    anna.drain()
    try meet(anna, ben)
    try ben.say("common", in: group)
    let copy = ben.restarted(secrets: try ben.copyOfSecrets())
    for node in [anna, ben, copy] { node.tellsForks = false }
    try ben.add(carol, to: group)
    try copy.add(dora, to: group)
    // The cut names the branch that reaches further, and lies behind both additions.
    try ben.say("Carol is in", in: group)
    for node in [ben, copy] { try meet(anna, node) }
    let feed = try #require(anna.feed(of: ben, in: group))
    let kept = try #require(ben.replica.ownHeads.first { $0.feed == feed })
    let cuts = anna.replica.cuts(of: [ben.replica.secrets.device])
    #expect(anna.hasFoundFork && cuts.contains { $0.feed == feed && $0.entry == kept.id })
    _ = try anna.replica.compose(
      anna.replica.office, [.control(.remove(.member(ben.replica.member), cuts))], wall: anna.wall)
    anna.drain()
    let now = anna.replica.membershipNow(group)
    for node in [carol, dora] { #expect(now?.grade(of: node.replica.member) == .member) }
    #expect(now?.grade(of: ben.replica.member) == nil)
  }

  @Test(arguments: Ending.allCases)
  func `of a feed in a group no branch is named where what follows in the longest is not admitted`(
    ending: Ending
  ) throws {
    let office = try ForkOffice()
    let (anna, ben, copy) = (office.anna, office.ben, try office.copy())
    for node in [anna, ben, copy] { node.tellsForks = false }
    for number in 0..<3 { try ben.say("\(number)", in: office.group) }
    try copy.say("other", in: office.group)
    try meet(anna, ben)
    let forger = try Forger(ben, office.group)
    LoosePeer(anna, as: ben).say(try forger.message(forger.last(ending, against: anna)))
    try meet(anna, copy)
    let strands = try #require(anna.replica.groups[office.group]).strands(
      of: forger.feed.place.feed)
    #expect(strands.contains { $0.admittedCount < $0.count })
    #expect(strands.contains { $0.start > 0 && $0.admittedCount == $0.count })
    let cuts = anna.replica.cuts(of: [ben.replica.secrets.device])
    #expect(anna.hasFoundFork && !cuts.contains { $0.feed == forger.feed.place.feed })
  }

  @Test(arguments: [false, true])
  func `no message of a branch is cited because its author had heard of somebody`(
    isGone: Bool
  ) throws {
    let office = try ForkOffice()
    let copy = try office.copy()
    let cleo = try admin(by: office.anna, name: "Cleo's second")
    try meet(office.anna, cleo)
    let frida = try admit(by: cleo, name: "Frida")
    if isGone {
      _ = try cleo.replica.compose(
        cleo.replica.office, [.control(.remove(.member(frida.replica.member), []))],
        wall: cleo.wall)
      cleo.drain()
    }
    try office.ben.say("first", in: office.group)
    try meet(office.anna, office.ben)
    try meet(cleo, copy)
    try copy.say("second, and I have heard of Frida", in: office.group)
    try meet(cleo, copy)
    // Anna gets the branch alone: what its author had heard of is news to her.
    let forked = try #require(
      office.ben.replica.groups[office.group]?.feedList.first { $0.isOwn })
    try meet(office.anna, copy)
    let parting = try #require(
      office.anna.replica.groups[office.group]?.firstParting(of: forked.place.feed))
    office.anna.replica.groups[office.group]?.composing = nil
    try office.anna.say("hello", in: office.group)
    let batch = try #require(office.anna.log.last)
    for dep in try batch.header(batch.entries[0]).deps where dep.feed == forked.place.feed {
      #expect(dep.seq < parting)
    }
  }
}

extension Forger {
  /// One entry behind the head that nobody admits: without a right, or with a cause that does not exist.
  fileprivate func last(_ ending: BranchCutTests.Ending, against founder: MemoryNode) -> Batch {
    var builder = CommitBuilder(
      group: group, feed: feed.place.feed, prev: feed.head.id, nextSeq: feed.head.seq + 1,
      lamport: feed.head.lamport)
    let rank = Operation.rank(founder.replica.member, .member, [])
    let missing = Reference(feed: FeedID(Bytes16(1, 2)), seq: 3, prefix: Bytes16(3, 4))
    switch ending {
    case .noRight:
      _ = builder.append(.control, body: rank.encode(), wall: feed.head.wallMilliseconds)
    case .missing:
      _ = builder.append(
        .control, body: rank.encode(), deps: [missing], wall: feed.head.wallMilliseconds)
    }
    return builder.sign(ben.replica.secrets)
  }
}
