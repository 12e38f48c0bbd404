import Authority
import Cryptography
import Format
import Testing

@testable import Replication

/// What an entry cites where not all that is known fits into it (F-9).
@Suite struct CitingTests {
  /// A group whose founder was copied: one of the two goes on with it, and the other adds Ben, who is a box
  /// that keeps all logs and heard the first one before.
  struct CopiedFounder {
    let anna = MemoryNode.founder()
    let ben: MemoryNode
    let cleo: MemoryNode
    let group: GroupID
    let copy: MemoryNode

    init() throws {
      ben = try admit(by: anna, name: "Ben", rank: .box, isKeeper: true)
      cleo = try admit(by: anna, name: "Cleo")
      group = try anna.replica.foundGroup(
        .listed, pair: nil, [.groupAdd([cleo.replica.member], .member)], wall: anna.wall
      ).group
      anna.drain()
      for node in [ben, cleo] { try meet(anna, node) }
      copy = anna.restarted(secrets: try anna.copyOfSecrets())
      for node in [anna, copy, ben, cleo] { node.tellsForks = false }
      try copy.add(ben, to: group)
    }

    /// Ben hears of all, and what he writes is there for Cleo.
    func expectWriting() throws {
      for node in [ben, cleo] {
        try meet(anna, node)
        try meet(copy, node)
      }
      try meet(ben, cleo)
      #expect(ben.hasFoundFork && cleo.hasFoundFork)
      try ben.say("I am in", in: group)
      try meet(ben, cleo)
      #expect(cleo.shown(group).contains("I am in"))
      let own = try #require(ben.feed(of: ben, in: group))
      let standings = cleo.replica.standings(of: group).filter { $0.place.feed == own }
      #expect(standings.allSatisfy { $0.ended == nil })
    }
  }

  @Test func `whoever was added by a branch of its first feed writes in a group`() throws {
    let office = try CopiedFounder()
    try office.anna.say("left", in: office.group)
    try office.expectWriting()
  }

  @Test func `so does whoever was added by the branch with the lower lamport of two with news`()
    throws
  {
    let office = try CopiedFounder()
    for number in 0..<9 { try office.anna.say("left \(number)", in: office.group) }
    let dora = try admit(by: office.anna, name: "Dora")
    try office.anna.add(dora, to: office.group)
    try office.expectWriting()
  }

  /// A group of Anna's with Cleo, who makes more news in the office log than an entry cites.
  struct ManyNews {
    let anna = MemoryNode.founder()
    let ben: MemoryNode
    let cleo: MemoryNode
    let group: GroupID

    init() throws {
      (ben, cleo) = (try admit(by: anna, name: "Ben"), try admin(by: anna, name: "Cleo"))
      group = try anna.replica.foundGroup(
        .listed, pair: nil, [.groupAdd([cleo.replica.member], .member)], wall: anna.wall
      ).group
      anna.drain()
      for node in [ben, cleo] { try meet(anna, node) }
      anna.beginAnew(in: group)
    }

    /// As many times as many as an entry cites.
    func makeNews(times: Int = 1) throws {
      for _ in 0...times * Limits.depsMax {
        cleo.beginAnew(in: cleo.replica.office)
        _ = try admit(by: cleo, name: "Somebody")
      }
      try meet(anna, cleo)
    }
  }

  @Test(arguments: [false, true])
  func `who has a right by an entry that more news than fit stand before writes`(isEpoch: Bool)
    throws
  {
    let office = try ManyNews()
    let (anna, ben, cleo, group) = (office.anna, office.ben, office.cleo, office.group)
    try anna.add(ben, to: group)
    try office.makeNews()
    try meet(anna, ben)
    if isEpoch {
      let composed = try ben.replica.composeEpoch(group, wall: ben.wall)
      #expect(composed != nil)
      ben.drain()
    }
    try ben.say("I am in", in: group)
    try meet(ben, cleo)
    #expect(cleo.shown(group) == ["I am in"])
  }

  @Test func `what took a right is not left out for other news`() throws {
    let office = try ManyNews()
    let (anna, ben, group) = (office.anna, office.ben, office.group)
    try anna.add(ben, to: group)
    try meet(anna, ben)
    try ben.say("I am in", in: group)
    try meet(anna, ben)
    try office.makeNews(times: 2)
    let member = ben.replica.member
    _ = try anna.replica.compose(
      group, [.control(.groupRemove(member, anna.replica.cuts(of: member, in: group)))],
      wall: anna.wall)
    anna.drain()
    try meet(anna, ben)
    #expect(throws: ComposeRefusal.self) { try ben.say("still in", in: group) }
  }

  @Test func `what needs two branches of one feed is written once a word has cited one of them`()
    throws
  {
    let anna = MemoryNode.founder()
    let (office, ben) = (anna.replica.office, try admit(by: anna, name: "Ben"))
    try meet(anna, ben)
    let copy = anna.restarted(secrets: try anna.copyOfSecrets())
    for node in [anna, copy, ben] { node.tellsForks = false }
    func write(_ draft: Draft, by node: MemoryNode) throws {
      _ = try node.replica.compose(office, [draft], wall: node.wall)
      node.drain()
    }
    // One branch makes Ben an admin, and the other lets in whom he removes.
    try write(.control(.rank(ben.replica.member, .admin, [])), by: anna)
    let dora = try admit(by: copy, name: "Dora")
    for node in [anna, copy] { try meet(node, ben) }
    #expect(ben.hasFoundFork)
    let removal = Draft.control(.remove(.member(dora.replica.member), []))
    #expect(throws: ComposeRefusal.self) { try write(removal, by: ben) }
    let name = Content.name(RequestID(Bytes16()), .member(ben.replica.member), try Name("Ben"))
    try write(.message(name), by: ben)
    try write(removal, by: ben)
    let roster = ben.replica.rosterNow()
    #expect(roster.member(dora.replica.member)?.isRemoved == true)
  }

  @Test func `who gave up the ownership in one branch is removed, though the other one is kept`()
    throws
  {
    let anna = MemoryNode.founder()
    let (office, ben) = (anna.replica.office, try admit(by: anna, name: "Ben"))
    let cleo = try admit(by: anna, name: "Cleo")
    func write(_ operation: Operation, by node: MemoryNode) throws {
      _ = try node.replica.compose(office, [.control(operation)], wall: node.wall)
      node.drain()
    }
    try write(.owners(ownerList([anna, ben], after: EntryID(Bytes32()), by: anna)), by: anna)
    for node in [ben, cleo] { try meet(anna, node) }
    _ = try admit(by: ben, name: "Zoe")
    let copy = ben.restarted(secrets: try ben.copyOfSecrets())
    for node in [anna, ben, copy, cleo] { node.tellsForks = false }
    let first = ben.replica.rosterNow().lastOwners
    try write(.owners(ownerList([anna], after: first, by: anna, ben)), by: ben)
    // The copy's branch is longer, so that the removal keeps it.
    for name in ["Emil", "Fred"] { _ = try admit(by: copy, name: name) }
    for node in [ben, copy] { try meet(anna, node) }
    let member = ben.replica.member
    #expect(anna.replica.rosterNow().member(member)?.rank == .member)
    let cuts = anna.replica.cuts(of: [ben.replica.secrets.device])
    try write(.remove(.member(member), cuts), by: anna)
    try meet(anna, cleo)
    for node in [anna, cleo] {
      #expect(node.replica.rosterNow().member(member)?.isRemoved == true)
    }
  }
}

extension MemoryNode {
  /// Adds the member of a node to a group.
  func add(_ node: MemoryNode, to group: GroupID) throws {
    _ = try replica.compose(
      group, [.control(.groupAdd([node.replica.member], .member))], wall: wall)
    drain()
  }
}
