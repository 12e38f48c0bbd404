import Authority
import Cryptography
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

    /// `messages`: how many Anna writes in the group while Ben is off.
    init(messages: Int = 0) throws {
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
      for number in 0..<messages { try anna.say("\(number)", in: group) }
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

  @Test func `what led to a removal is not sent over and over to who asks for it anew`() throws {
    let office = try Office(messages: 3 * Limits.proofBatchesMax)
    let (anna, group) = (office.anna, office.group)
    let feed = try #require(anna.feed(of: anna, in: group))
    let strand = try #require(anna.replica.groups[group]?.feeds[FeedPlace(feed: feed)])
    let end = UInt32(strand.count)
    let first = end - UInt32(3 * Limits.proofBatchesMax) - 1
    var (held, count) = (first - 1, 0)
    let others = office.ben.items(group).filter { $0.feed != feed }
    let peer = LoosePeer(anna, as: office.ben)
    let before = office.walks
    for _ in 0..<20 {
      let item = FrontierItem(
        feed: feed, branch: BranchID(Bytes16()), seq: held, prefix: strand.prefix(held))
      peer.say(.frontier(group, (others + [item]).sorted { $0.feed < $1.feed }))
      peer.say(.want(group, [.init(feed: feed, branch: BranchID(Bytes16()), from: first)]))
      let sent = peer.heard().count { if case .entries = $0 { true } else { false } }
      count += sent
      held = max(held, first + UInt32(sent) - 1)
    }
    #expect(count == 4 * Limits.proofBatchesMax)
    #expect(office.walks == before + 1)
  }

  @Test func `who may have added is worked out once, however many branches one names`() throws {
    let office = try Office()
    let (anna, group) = (office.anna, office.group)
    let emil = try admit(by: anna, name: "Emil")
    let feed = try #require(office.ben.feed(of: office.ben, in: group))
    let known = try #require(anna.replica.groups[group])
    let own = known.items.filter { $0.feed != feed }
    func branches() -> [FrontierItem] {
      (0..<500).map { number in
        FrontierItem(
          feed: feed, branch: BranchID(Bytes16(Random.bytes16())), seq: UInt32(900 + number),
          prefix: Bytes16(Random.bytes16()))
      }
    }
    let peer = LoosePeer(anna, as: emil)
    var counts: [Int] = []
    for _ in 0..<3 {
      peer.say(.frontier(group, own + branches()))
      counts.append(known.ends?.count ?? 0)
    }
    // Whether the office alone ended Ben's right, and what did, of Emil and of him.
    #expect(counts == [3, 3, 3])
  }

  @Test func `who says first that it lacks one thing and then another costs no more than twice`()
    throws
  {
    let office = try Office()
    let items = office.anna.replica.groups[office.group]?.items ?? []
    #expect(items.count == 2)
    let peer = LoosePeer(office.anna, as: office.ben)
    let before = office.walks
    for number in 0..<40 { peer.say(.frontier(office.group, [items[number % 2]])) }
    #expect(1...2 ~= office.walks - before)
  }

  @Test func `who is shown what parted is not asked at each word what it holds, and asked again`()
    throws
  {
    let office = try Office()
    let (anna, group) = (office.anna, office.group)
    let feed = try #require(anna.feed(of: anna, in: group))
    let items = try #require(anna.replica.groups[group]?.items)
    let peer = LoosePeer(anna, as: office.ben)
    peer.agreeOnOffice()
    _ = peer.heard()
    try #require(anna.replica.links[peer.link]).parted(feed, in: group)
    func asked() -> Int {
      peer.heard().count {
        if case .digests(let all) = $0 { all.contains { $0.group == group } } else { false }
      }
    }
    for _ in 0..<200 { peer.say(.have(group, Array(items.prefix(1)))) }
    #expect(asked() == 1)
    anna.advance(.seconds(Limits.idleDigestSeconds))
    _ = asked()
    anna.advance(.seconds(Limits.idleDigestSeconds))
    peer.say(.have(group, Array(items.prefix(1))))
    #expect(asked() >= 1)
  }

  @Test(arguments: [false, true])
  func `who was removed closes no own feed by what it did not sign`(parts: Bool) throws {
    let office = try Office()
    let (anna, group) = (office.anna, office.group)
    let feed = try #require(anna.feed(of: anna, in: group))
    let batches = anna.log.filter { $0.group == group && $0.feed == feed }
    let batch = try #require(parts ? batches.first : batches.last)
    let body = Operation.groupRemove(anna.replica.member, []).encode()
    let peer = LoosePeer(anna, as: office.ben)
    peer.agreeOnOffice()
    let message = try office.ben.controlMessage(body, behind: batch, asBranch: parts)
    peer.say(message)
    anna.advance(.milliseconds(Limits.askDelayMilliseconds))
    #expect(peer.asked(group) == [feed])
    peer.say(message)
    #expect(!anna.hasClosedOwnFeed && !anna.hasFoundFork)
  }
}
