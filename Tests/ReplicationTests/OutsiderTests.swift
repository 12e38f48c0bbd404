import Authority
import Cryptography
import Format
import Testing

@testable import Replication

/// What is taken from a peer that has no right to a group, and what not.
@Suite struct OutsiderTests {
  private func item(_ feed: FeedID, _ branch: BranchID = BranchID(Bytes16())) -> FrontierItem {
    FrontierItem(feed: feed, branch: branch, seq: 99, prefix: Bytes16(1, 1))
  }

  @Test func `branches of feeds that are not here take no room where who was removed names them`()
    throws
  {
    let office = try GroupRemovalTests.Office()
    let (anna, group) = (office.anna, office.group)
    try meet(anna, office.ben)
    try office.remove(office.ben)
    let feeds = (0..<20).map { _ in FeedID(Bytes16(Random.bytes16())) }
    let branches = feeds.dropFirst().map { item($0, BranchID(Bytes16(Random.bytes16()))) }
    let peer = LoosePeer(anna, as: office.ben)
    peer.say(.frontier(group, [item(feeds[0])] + branches))
    // A feed may be that of somebody who may write there: its first batch says it.
    #expect(peer.asked(group) == [feeds[0]])
    let state = try #require(anna.replica.links[peer.link])
    #expect(state.announced[group].map { Set($0.keys) } == [FeedPlace(feed: feeds[0])])
    #expect(state.branches.feeds.isEmpty)
  }

  @Test func `a feed of one whom nobody lets in any more is not taken on, and who let it in is`()
    throws
  {
    let anna = MemoryNode.founder()
    let (ben, cleo) = (try admin(by: anna, name: "Ben"), try admit(by: anna, name: "Cleo"))
    let dora = try admit(by: anna, name: "Dora")
    let group = try anna.replica.foundGroup(
      .listed, pair: nil,
      [.groupAdd([ben.replica.member], .manager), .groupAdd([cleo.replica.member], .member)],
      wall: anna.wall
    ).group
    anna.drain()
    for node in [ben, cleo, dora] { try meet(anna, node) }
    let emil = try admit(by: ben, name: "Emil")
    try ben.add(emil, to: group)
    try meet(ben, emil)
    try emil.say("here I am", in: group)
    try meet(ben, emil)
    try meet(ben, cleo)
    #expect(cleo.texts(group) == ["here I am"])
    // Anna knows nothing of Emil.
    let office = anna.replica.office
    let cuts = anna.replica.cuts(of: ben.replica.member, in: office)
    _ = try anna.replica.compose(
      office, [.control(.remove(.member(ben.replica.member), cuts))], wall: anna.wall)
    anna.drain()
    try meet(anna, cleo)
    let known = cleo.replica.rosterNow().device(emil.replica.secrets.device)
    #expect(known == nil)
    let feeds = try [ben, emil].map { try #require(cleo.feed(of: $0, in: group)) }
    let peer = LoosePeer(cleo, as: dora)
    peer.say(.frontier(group, feeds.map { item($0) }))
    #expect(peer.asked(group) == [feeds[0]])
  }
}
