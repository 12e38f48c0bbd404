import Cryptography
import Format
import Testing

@testable import Replication

/// What a peer claims without showing it costs this node little, and nothing for good.
struct LyingPeerTests {
  private struct Pair {
    let anna: MemoryNode
    let ben: MemoryNode
    let group: GroupID
    let wire: Wire
    /// A second link to Ben's device, on which the test speaks itself.
    let link: LinkID
  }

  private func pair() throws -> Pair {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    try anna.say("before", in: group)
    settle([anna, ben], [wire])
    let link = anna.nextLink()
    let secrets = ben.replica.secrets.noiseIdentity
    anna.handle(
      .linkUp(
        link, ben.replica.secrets.device, noise: secrets, named: ben.replica.certificate))
    return Pair(anna: anna, ben: ben, group: group, wire: wire, link: link)
  }

  private func closedFeeds(_ node: MemoryNode) -> Int {
    node.happenings.count { happening in
      if case .ownFeedClosed = happening { return true }
      return false
    }
  }

  private func claim(_ pair: Pair) throws {
    let heads = pair.anna.replica.ownHeads.filter { $0.group == pair.group }
    let head = try #require(heads.last)
    let item = FrontierItem(
      feed: head.feed, branch: BranchID(Bytes16()), seq: head.seq + 1_000,
      prefix: head.id.prefix)
    pair.anna.handle(.received(pair.link, .have(pair.group, [item])))
  }

  @Test func `who claims more of an own feed and shows nothing is believed once`() throws {
    let pair = try pair()
    for number in 0..<10 {
      try claim(pair)
      try pair.anna.say("said \(number)", in: pair.group)
    }
    #expect(closedFeeds(pair.anna) == 1)
    settle([pair.anna, pair.ben], [pair.wire])
    #expect(pair.ben.texts(pair.group).count == 11)
  }

  @Test func `what is written down of an own feed is never more than is stored`() throws {
    let pair = try pair()
    let own = try #require(
      pair.anna.replica.ownHeads.last { $0.group == pair.group })
    try claim(pair)
    var written: [UInt32] = []
    pair.anna.replica.deliveredItems { group, _, place, seq in
      if group == pair.group, place.feed == own.feed { written.append(seq) }
    }
    #expect(written == [own.seq])
  }

  @Test func `a head beyond an own feed says nothing of what is here, which it may not follow`()
    throws
  {
    let pair = try pair()
    let own = try #require(pair.anna.replica.ownHeads.last { $0.group == pair.group }?.feed)
    func written() -> [UInt32] {
      var all: [UInt32] = []
      pair.anna.replica.deliveredItems { group, _, place, seq in
        if group == pair.group, place.feed == own { all.append(seq) }
      }
      return all
    }
    let before = written()
    try pair.anna.say("on this computer alone", in: pair.group)
    try claim(pair)
    #expect(!before.isEmpty && written() == before)
  }

  @Test func `what is to be written down has changed only where something of it is new`() throws {
    let pair = try pair()
    func written() -> [UInt32] {
      var all: [UInt32] = []
      pair.anna.replica.deliveredItems { _, _, _, seq in all.append(seq) }
      return all
    }
    let (before, changes) = (written(), pair.anna.replica.deliveredChanges)
    try claim(pair)
    #expect(written() == before && pair.anna.replica.deliveredChanges == changes)
    try pair.ben.say("something new", in: pair.group)
    settle([pair.anna, pair.ben], [pair.wire])
    #expect(written() != before && pair.anna.replica.deliveredChanges != changes)
  }

  @Test func `of feeds that are not here nothing is written down`() throws {
    let pair = try pair()
    let made = (0..<50).map { _ in
      FrontierItem(
        feed: FeedID(Bytes16(Random.bytes16())), branch: BranchID(Bytes16()), seq: 7,
        prefix: Bytes16())
    }.sorted { $0.place < $1.place }
    pair.anna.handle(.received(pair.link, .have(pair.group, made)))
    let known = Set(pair.anna.replica.standings(of: pair.group).map(\.place.feed))
    var written: Set<FeedID> = []
    pair.anna.replica.deliveredItems { group, _, place, _ in
      if group == pair.group { written.insert(place.feed) }
    }
    #expect(!written.isEmpty && written.isSubset(of: known))
  }

  @Test func `a group that is not here is asked for once in a while, however often it is named`()
    throws
  {
    let pair = try pair()
    let group = GroupID(Bytes32(Random.bytes32()))
    let item = FrontierItem(
      feed: FeedID(group.bytes.prefix), branch: BranchID(Bytes16()), seq: 0, prefix: Bytes16())
    func asked() -> Int {
      let count = pair.anna.outbox.count { $0.1 == .frontier(group, []) }
      pair.anna.outbox = []
      return count
    }
    for _ in 0..<3 { pair.anna.handle(.received(pair.link, .have(group, [item]))) }
    #expect(asked() == 1)
    pair.anna.advance(.seconds(Limits.frontierAgainSeconds))
    pair.anna.handle(.received(pair.link, .have(group, [item])))
    #expect(asked() == 1)
  }

  @Test func `groups and feeds that are made up take no room from real ones`() throws {
    let pair = try pair()
    for _ in 0..<Limits.groupsMax + 10 {
      let item = FrontierItem(
        feed: FeedID(Bytes16(Random.bytes16())), branch: BranchID(Bytes16()), seq: 7,
        prefix: Bytes16())
      let group = GroupID(Bytes32(Random.bytes32()))
      pair.anna.handle(.received(pair.link, .frontier(group, [item])))
    }
    for _ in 0..<3 {
      let items = (0..<Limits.frontierItemsMax).map { _ in
        FrontierItem(
          feed: FeedID(Bytes16(Random.bytes16())), branch: BranchID(Bytes16()), seq: 7,
          prefix: Bytes16())
      }.sorted { $0.place < $1.place }
      pair.anna.handle(.received(pair.link, .have(pair.group, items)))
    }
    let state = try #require(pair.anna.replica.links[pair.link])
    #expect(state.announced.count <= Limits.groupsMax)
    #expect(state.announced.values.allSatisfy { $0.count <= Limits.feedsPerGroupMax })
    #expect(state.frontierSaid.count <= Limits.groupsMax)
    #expect(state.compared.count <= Limits.groupsMax)
    let real = try #require(pair.anna.replica.groups[pair.group])
    #expect(real.delivered.values.allSatisfy { real.feeds.keys.contains(allOf: $0.keys) })
    // A group that somebody founds is taken in all the same.
    let founded = try everyone(pair.ben)
    settle([pair.anna, pair.ben], [pair.wire])
    #expect(pair.anna.replica.groupIDs.contains(founded))
  }

  @Test func `a frontier without items takes no room, however many groups it is said of`() throws {
    let pair = try pair()
    let groups = (0..<50).map { _ in GroupID(Bytes32(Random.bytes32())) }
    let item = FrontierItem(
      feed: FeedID(Bytes16(Random.bytes16())), branch: BranchID(Bytes16()), seq: 7,
      prefix: Bytes16())
    for group in groups {
      pair.anna.handle(.received(pair.link, .frontier(group, [])))
      let isBefore = pair.anna.replica.hasCompared(group)
      // Of what it says something of it may be asked later, as long as it stands by that.
      pair.anna.handle(.received(pair.link, .frontier(group, [item])))
      let isThen = pair.anna.replica.hasCompared(group)
      #expect(!isBefore && isThen)
      pair.anna.handle(.received(pair.link, .frontier(group, [])))
    }
    let compared = try #require(pair.anna.replica.links[pair.link]).compared
    #expect(compared.isDisjoint(with: groups))
  }

  @Test func `who said that it holds a feed before it was here is known to hold it`() throws {
    let pair = try pair()
    let cara = try admit(by: pair.anna, name: "Cara")
    settle([pair.anna, pair.ben], [pair.wire])
    let link = pair.anna.nextLink()
    let device = cara.replica.secrets.device
    pair.anna.handle(
      .linkUp(
        link, device, noise: cara.replica.secrets.noiseIdentity, named: cara.replica.certificate))
    try pair.ben.say("from ben", in: pair.group)
    let head = try #require(pair.ben.replica.ownHeads.last { $0.group == pair.group })
    let place = FeedPlace(feed: head.feed)
    let item = FrontierItem(
      feed: head.feed, branch: BranchID(Bytes16()), seq: head.seq, prefix: head.id.prefix)
    pair.anna.handle(.received(link, .have(pair.group, [item])))
    let group = try #require(pair.anna.replica.groups[pair.group])
    #expect(group.feeds[place] == nil && group.delivered[device]?[place] == nil)
    settle([pair.anna, pair.ben], [pair.wire])
    #expect(pair.anna.texts(pair.group) == ["before", "from ben"])
    #expect(group.delivered[device]?[place] == head.seq)
  }

  @Test func `feeds that are made up in many groups share one room`() throws {
    let pair = try pair()
    let items = (0..<Limits.frontierItemsMax).map { _ in
      FrontierItem(
        feed: FeedID(Bytes16(Random.bytes16())), branch: BranchID(Bytes16()), seq: 7,
        prefix: Bytes16())
    }.sorted { $0.place < $1.place }
    func count() -> Int {
      pair.anna.replica.links[pair.link]?.announced.values.reduce(0) { $0 + $1.count } ?? 0
    }
    let groups = (0..<Limits.announcedMax / items.count + 8).map { _ in
      GroupID(Bytes32(Random.bytes32()))
    }
    for group in groups {
      pair.anna.handle(.received(pair.link, .frontier(group, items)))
    }
    #expect(count() == Limits.announcedMax)
    // What is said anew takes the place of what was said before.
    for group in groups { pair.anna.handle(.received(pair.link, .frontier(group, []))) }
    #expect(count() == 0)
    // The room is there again.
    pair.anna.handle(.received(pair.link, .frontier(groups[0], items)))
    #expect(count() == items.count)
  }

  /// `isIn`: in a group that the peer is in; else in one of which it is told nothing.
  @Test(arguments: [true, false])
  func `who names other feeds with each frontier is asked for no more than the last names`(
    isIn: Bool
  ) throws {
    let pair = try pair()
    let alone = try pair.anna.replica.foundGroup(.listed, pair: nil, [], wall: pair.anna.wall)
    pair.anna.drain()
    let group = isIn ? pair.group : alone.group
    for _ in 0..<4 {
      let items = (0..<Limits.frontierItemsMax).map { _ in
        FrontierItem(
          feed: FeedID(Bytes16(Random.bytes16())), branch: BranchID(Bytes16()), seq: 7,
          prefix: Bytes16())
      }.sorted { $0.place < $1.place }
      pair.anna.handle(.received(pair.link, .frontier(group, items)))
      let wanted = try #require(pair.anna.replica.links[pair.link]?.wanted[group])
      #expect(Set(wanted.keys) == Set(items.map(\.place)))
    }
    // What is there is got all the same, from whoever has it.
    try pair.ben.say("from ben", in: pair.group)
    settle([pair.anna, pair.ben], [pair.wire])
    #expect(pair.anna.texts(pair.group).last == "from ben")
  }

  @Test func `the highest number there is, claimed of a feed, stops nothing`() throws {
    let pair = try pair()
    try pair.ben.say("from ben", in: pair.group)
    settle([pair.anna, pair.ben], [pair.wire])
    for head in pair.ben.replica.ownHeads {
      let item = FrontierItem(
        feed: head.feed, branch: BranchID(Bytes16()), seq: .max, prefix: Bytes16())
      pair.anna.handle(.received(pair.link, .have(head.group, [item])))
      pair.anna.handle(.received(pair.link, .frontier(head.group, [item])))
    }
    // What comes from Ben is pushed on to whoever stands right before it: nobody does.
    try pair.ben.say("once more", in: pair.group)
    settle([pair.anna, pair.ben], [pair.wire])
    #expect(pair.anna.texts(pair.group) == ["before", "from ben", "once more"])
  }

  @Test func `a batch that is refused leaves no group behind`() throws {
    let pair = try pair()
    let before = pair.anna.replica.groups.count
    pair.wire.tamper = { message in
      guard case .entries(let entries) = message, entries.head.first == 0 else { return message }
      var bytes = entries.bytes
      bytes[16 + 66] ^= 1
      return (try? EntriesMessage(decoding: bytes)).map { .entries($0) }
    }
    _ = try everyone(pair.ben)
    settle([pair.anna, pair.ben], [pair.wire], rounds: 4)
    #expect(pair.anna.brokenRules.contains("F-2"))
    #expect(pair.anna.replica.groups.count == before)
  }
}

extension Dictionary.Keys {
  fileprivate func contains(allOf others: some Sequence<Key>) -> Bool {
    others.allSatisfy { contains($0) }
  }
}
