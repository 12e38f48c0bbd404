import Authority
import Format
import Testing

@testable import Replication

/// What it costs a node to show somebody a removal.
@Suite struct RemovalCostTests {
  /// Anna, who has removed Ben from a group, and how often she walked through its past.
  struct Office {
    let anna = MemoryNode.founder()
    let ben: MemoryNode
    let group: GroupID
    var walks: Int { anna.replica.groups[group]?.walkCount ?? -1 }

    init() throws {
      _ = try everyone(anna)
      ben = try admit(by: anna, name: "Ben")
      let member = ben.replica.member
      group = try anna.replica.foundGroup(
        .listed, pair: nil, [.groupAdd([member], .member)], wall: anna.wall
      ).group
      anna.drain()
      let wire = Wire(anna, ben)
      settle([anna, ben], [wire])
      try ben.say("hello", in: group)
      settle([anna, ben], [wire])
      wire.cut()
      _ = try anna.replica.compose(
        group, [.control(.groupRemove(member, anna.replica.cuts(of: member, in: group)))],
        wall: anna.wall)
      anna.drain()
    }
  }

  @Test(arguments: [false, true])
  func `a removal is worked out once on a link, however often one says what it holds`(
    knows: Bool
  ) throws {
    let office = try Office()
    let held = knows ? office.anna : office.ben
    let items = held.replica.groups[office.group]?.items ?? []
    #expect(items.count == 2)
    let peer = LoosePeer(office.anna, as: office.ben)
    let before = office.walks
    for _ in 0..<5 { peer.say(.frontier(office.group, items)) }
    #expect(office.walks == before + 1)
    let entries = peer.heard().filter { if case .entries = $0 { true } else { false } }
    #expect(entries.isEmpty == knows)
    // Not for the group's digests of each while either.
    peer.agreeOnOffice()
    for _ in 0..<3 { office.anna.advance(.seconds(Limits.idleDigestSeconds)) }
    #expect(office.walks == before + 1)
    // On another link it is another question.
    let next = LoosePeer(office.anna, as: office.ben)
    next.say(.frontier(office.group, items))
    #expect(office.walks == before + 2)
  }
}
