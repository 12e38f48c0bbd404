import Authority
import Format
import Testing

@testable import Replication

/// How a device learns that it was copied from a group that its member is not in any more.
@Suite struct OwnForkTests {
  /// Ben's computer was copied; he left a group in which both wrote, and Cleo knows what the copy wrote.
  struct Office {
    let office: GroupRemovalTests.Office
    let seq: UInt32
    let sides: [EntryID]
    let feed: FeedID
    var anna: MemoryNode { office.anna }
    var ben: MemoryNode { office.ben }
    var group: GroupID { office.group }

    init() throws {
      office = try GroupRemovalTests.Office()
      let (anna, ben, cleo, group) = (office.anna, office.ben, office.cleo, office.group)
      for node in [ben, cleo] { try meet(anna, node) }
      try ben.say("common", in: group)
      let copy = ben.restarted(secrets: try ben.copyOfSecrets())
      let heads = try [copy, ben].map { node in
        try node.say("apart", in: group)
        return try #require(node.replica.ownHeads.first { $0.group == group })
      }
      (feed, seq) = (heads[0].feed, heads[0].seq)
      sides = heads.map(\.id).sorted()
      #expect(heads[1].seq == seq && sides[0] != sides[1])
      try meet(cleo, copy)
      let member = ben.replica.member
      _ = try ben.replica.compose(
        group, [.control(.groupRemove(member, ben.replica.cuts(of: member, in: group)))],
        wall: ben.wall)
      ben.drain()
      try meet(anna, ben)
      #expect(!anna.hasFoundFork && !ben.hasFoundFork)
    }
  }

  @Test func `a device that left a group learns of its fork there`() throws {
    let office = try Office()
    let (anna, ben) = (office.anna, office.ben)
    try meet(anna, office.office.cleo)
    #expect(anna.hasFoundFork)
    try meet(anna, ben)
    #expect(ben.hasFoundFork && ben.replica.isForked)
    #expect(ben.brokenRules.isEmpty && anna.brokenRules.isEmpty)
  }

  @Test func `a removal that is shown with another branch of an own feed tells of the fork`() throws
  {
    let office = try GroupRemovalTests.Office()
    let (anna, ben, group) = (office.anna, office.ben, office.group)
    try meet(anna, ben)
    try ben.say("common", in: group)
    try meet(anna, ben)
    let copy = ben.restarted(secrets: try ben.copyOfSecrets())
    for node in [copy, ben] { for _ in 0..<3 { try node.say("apart", in: group) } }
    try meet(anna, copy)
    try office.remove(ben)
    #expect(!anna.hasFoundFork && !ben.hasFoundFork)
    try meet(anna, ben, rounds: 60)
    #expect(ben.hasFoundFork && ben.replica.isForked)
    let departure = ben.replica.departure(of: ben.replica.member, from: group)
    #expect(departure?.author == anna.replica.member)
    #expect(ben.brokenRules.isEmpty && anna.brokenRules.isEmpty)
  }

  @Test(arguments: [true, false])
  func `who removed the one who knows of its fork learns of it there`(isTold: Bool) throws {
    let office = try GroupRemovalTests.Office()
    let (anna, ben, cleo, group) = (office.anna, office.ben, office.cleo, office.group)
    try anna.say("common", in: group)
    for node in [ben, cleo] { try meet(anna, node) }
    let copy = anna.restarted(secrets: try anna.copyOfSecrets())
    for node in [copy, anna] { for _ in 0..<3 { try node.say("apart", in: group) } }
    try meet(anna, cleo)
    ben.tellsForks = isTold
    try meet(cleo, ben)
    try meet(copy, ben)
    #expect(ben.hasFoundFork)
    try office.remove(ben)
    #expect(!anna.hasFoundFork)
    try meet(anna, ben, rounds: 60)
    #expect(anna.hasFoundFork && anna.replica.isForked)
    let departure = ben.replica.departure(of: ben.replica.member, from: group)
    #expect(departure?.author == anna.replica.member)
    #expect(ben.brokenRules.isEmpty && anna.brokenRules.isEmpty)
  }

  @Test func `a suspension that is made up makes it ask once on a link`() throws {
    let office = try Office()
    let (anna, ben) = (office.anna, office.ben)
    let mine = ben.replica.find(office.sides[0], in: office.group) == nil ? 1 : 0
    let other = EntryID(try #require(Bytes32(Array(repeating: 7, count: 32))))
    let sides = [office.sides[mine], other].sorted()
    _ = try anna.replica.compose(
      anna.replica.office,
      [.control(.suspend(office.feed, seq: office.seq, sides[0], sides[1]))], wall: anna.wall)
    anna.drain()
    let wire = Wire(anna, ben)
    var asked = 0
    wire.tamper = { message in
      if case .want(office.group, let wants) = message {
        asked += wants.count { $0.branch == BranchID(other.prefix) }
      }
      return message
    }
    settle([anna, ben], [wire], rounds: 80)
    #expect(asked == 1)
    #expect(!ben.hasFoundFork && ben.brokenRules.isEmpty && anna.brokenRules.isEmpty)
  }

  @Test func `nobody else without a right gets a side of it`() throws {
    let office = try Office()
    let (anna, ben) = (office.anna, office.ben)
    let dora = try admit(by: anna, name: "Dora")
    try meet(anna, office.office.cleo)
    func served(to node: MemoryNode) -> Int {
      let peer = LoosePeer(anna, as: node)
      peer.agreeOnOffice()
      _ = peer.heard()
      for side in office.sides {
        let branch = BranchID(side.prefix)
        peer.say(.want(office.group, [.init(feed: office.feed, branch: branch, from: office.seq)]))
      }
      return peer.heard().count { message in
        if case .entries = message { return true }
        return false
      }
    }
    #expect(served(to: dora) == 0)
    #expect(served(to: ben) == 2)
  }
}
