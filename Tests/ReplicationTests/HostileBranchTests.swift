import Authority
import Cryptography
import Format
import Testing

@testable import Replication

/// What somebody who signs twice, or says that somebody did, can cost others.
@Suite struct HostileBranchTests {
  private func item(_ feed: FeedID, _ number: UInt64, seq: UInt32 = 9) -> FrontierItem {
    FrontierItem(
      feed: feed, branch: BranchID(Bytes16(number, 1)), seq: seq, prefix: Bytes16(1, 1))
  }

  @Test func `names of branches of feeds that are not here cost no room and no search`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let liar = LoosePeer(office.anna, as: cleo)
    for group in [office.anna.replica.office, office.group] {
      let items = (0..<Limits.frontierItemsMax * 2).map {
        item(FeedID(Bytes16(Random.bytes16())), UInt64($0))
      }
      liar.say(.frontier(group, items.sorted { $0.place < $1.place }))
    }
    let state = try #require(office.anna.replica.links[liar.link])
    #expect(state.branches.nameCount == 0)
    #expect(state.branches.feeds.count <= Limits.feedsPerGroupMax)
    #expect(!liar.isClosed())
  }

  @Test func `entries under made-up names are searched for as rarely as heads are`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let forger = try Forger(office.ben, office.group)
    let batch = forger.run([1])
    let liar = LoosePeer(office.anna, as: cleo)
    for number in 0..<100 {
      liar.say(try forger.message(batch, branch: BranchID(Bytes16(UInt64(number) + 1, 1))))
    }
    let state = try #require(office.anna.replica.links[liar.link])
    #expect(state.branches.nameCount == 2 * Limits.branchesMax)
    // They are forgotten though the peer goes on talking, and what it was asked for is not brought.
    var counts: Set<Int> = []
    for _ in 0..<2 * Limits.idleDigestSeconds {
      liar.say(.have(office.group, []))
      office.anna.advance(.seconds(1))
      counts.insert(office.anna.replica.links[liar.link]?.branches.nameCount ?? -1)
    }
    #expect(counts == [0, 2 * Limits.branchesMax])
  }

  /// Branches of one entry each, every one brought by a peer of its own.
  private func bring(
    _ numbers: Range<Int>, _ forger: Forger, to anna: MemoryNode, as node: MemoryNode
  )
    throws
  {
    for number in numbers {
      let batch = forger.run([UInt8(number & 255), UInt8(number >> 8)])
      let name = batch.entries[0].id.prefix
      let liar = LoosePeer(anna, as: node)
      liar.say(.have(forger.group, [forger.item(batch, branch: name)]))
      anna.advance(.milliseconds(200))
      liar.say(try forger.message(batch, branch: BranchID(name)))
      anna.handle(.linkDown(liar.link))
    }
  }

  @Test(arguments: [1, 1_000])
  func `an entry that cites what never comes lets in no branches without end`(ahead: UInt32) throws
  {
    let office = try ForkOffice()
    let dora = try office.member("Dora")
    let forger = try Forger(office.ben, office.group)
    // Ben's second feed waits for an entry of the first that nobody has.
    office.ben.beginAnew(in: office.group)
    try office.ben.say("a second feed", in: office.group)
    try meet(office.anna, office.ben)
    let second = try Forger(office.ben, office.group, last: true)
    let missing = Reference(
      feed: forger.feed.place.feed, seq: forger.feed.head.seq + ahead, prefix: Bytes16(9, 9))
    LoosePeer(office.anna, as: dora).say(try second.message(second.citing(missing)))
    #expect(office.anna.replica.waitingFeeds == 1)
    office.anna.tellsForks = false
    let most = ahead == 1 ? Limits.branchesMax : Limits.feedsPerDeviceMax
    try bring(0..<most + 20, forger, to: office.anna, as: dora)
    let group = try #require(office.anna.replica.groups[office.group])
    let device = office.ben.replica.secrets.device
    #expect(group.strands(of: forger.feed.place.feed).count <= most)
    #expect(group.feedList.count { $0.device == device } <= Limits.feedsPerDeviceMax)
    #expect(group.strands(of: forger.feed.place.feed).count >= Limits.branchesMax)
    // Others still find room.
    try dora.say("and I", in: office.group)
    try meet(office.anna, dora)
    #expect(office.anna.texts(office.group).contains("and I"))
  }

  @Test func `a branch that was not taken in is not asked for again`() throws {
    let office = try ForkOffice()
    let dora = try office.member("Dora")
    let forger = try Forger(office.ben, office.group)
    office.ben.beginAnew(in: office.group)
    try office.ben.say("a second feed", in: office.group)
    try meet(office.anna, office.ben)
    let second = try Forger(office.ben, office.group, last: true)
    let missing = Reference(
      feed: forger.feed.place.feed, seq: forger.feed.head.seq + 1, prefix: Bytes16(9, 9))
    LoosePeer(office.anna, as: dora).say(try second.message(second.citing(missing)))
    office.anna.tellsForks = false
    try bring(0..<Limits.branchesMax + 1, forger, to: office.anna, as: dora)
    let group = try #require(office.anna.replica.groups[office.group])
    #expect(group.strands(of: forger.feed.place.feed).count == Limits.branchesMax)
    // It may be the one that is waited for, and once it was seen it is not.
    let batch = forger.run([200, 200])
    let name = batch.entries[0].id.prefix
    let peer = LoosePeer(office.anna, as: dora)
    peer.announce(batch, of: forger, as: name)
    #expect(peer.wants().map(\.branch) == [BranchID(name)])
    peer.say(try forger.message(batch, branch: BranchID(name)))
    #expect(group.strands(of: forger.feed.place.feed).count == Limits.branchesMax)
    peer.announce(batch, of: forger, as: name)
    #expect(peer.wants().isEmpty)
  }

  @Test func `who answers no search holds up nobody else's`() throws {
    let office = try ForkOffice()
    let (cleo, dora) = (try office.member("Cleo"), try office.member("Dora"))
    let forger = try Forger(office.ben, office.group)
    let (first, second) = (forger.run([1, 2]), forger.run([3, 4]))
    LoosePeer(office.anna, as: dora).say(try forger.message(first))
    LoosePeer(dora, as: cleo).say(try forger.message(second))
    let liar = LoosePeer(office.anna, as: cleo)
    liar.say(.have(office.group, [forger.item(second, branch: Bytes16())]))
    #expect(liar.wants().count == 1)
    // Another one who says the same is asked as well.
    let other = LoosePeer(office.anna, as: try office.member("Emil"))
    other.say(.have(office.group, [forger.item(second, branch: Bytes16())]))
    #expect(other.wants().count == 1)
    try meet(office.anna, dora)
    #expect(office.anna.hasFoundFork)
  }

  @Test func `a peer whose branch came to end before what it is asked for did nothing wrong`()
    throws
  {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let forger = try Forger(office.ben, office.group)
    let (first, second) = (forger.run([1, 2]), forger.run([3, 4]))
    let wrong = forger.signedWrongly(first, as: second)
    let liar = LoosePeer(office.anna, as: cleo)
    for _ in 0..<Limits.branchesMax {
      liar.say(try forger.message(wrong))
      #expect(liar.wants().count == 1)
      // Meanwhile it learnt that the feed parts at its second entry.
      let end = FrontierItem(
        feed: forger.feed.place.feed, branch: BranchID(Bytes16()), seq: 0,
        prefix: forger.feed.prefix(0))
      liar.say(.have(office.group, [end]))
      office.anna.advance(.seconds(Int64(Limits.wantSeconds) + 1))
      #expect(!liar.isClosed())
    }
    // More often than a feed can part it is no excuse.
    liar.say(try forger.message(wrong))
    liar.say(
      .have(
        office.group,
        [
          FrontierItem(
            feed: forger.feed.place.feed, branch: BranchID(Bytes16()), seq: 0,
            prefix: forger.feed.prefix(0))
        ]))
    #expect(liar.isClosed() && office.anna.brokenRules == ["F-2"])
  }

  @Test func `nothing else is asked under a name while it is searched`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let forger = try Forger(office.ben, office.group)
    let (first, second) = (forger.run([1, 2]), forger.run([3, 4]))
    let wrong = forger.signedWrongly(first, as: second)
    let liar = LoosePeer(office.anna, as: cleo)
    liar.say(try forger.message(wrong))
    #expect(liar.wants().count == 1)
    liar.say(.have(office.group, [forger.item(first, branch: Bytes16())]))
    office.anna.advance(.milliseconds(500))
    #expect(liar.wants().isEmpty)
  }

  @Test func `a push does not take the place of what was asked for`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    for number in 0..<3 { try office.anna.say("\(number)", in: office.group) }
    let liar = LoosePeer(office.anna, as: cleo)
    let anna = office.anna
    let found = anna.replica.digest(of: anna.replica.office)
    liar.say(.digests([.init(group: anna.replica.office, digest: try #require(found))]))
    let own = try #require(anna.replica.groups[office.group]?.feedList.first { $0.isOwn })
    let head = FrontierItem(
      feed: own.place.feed, branch: BranchID(Bytes16()), seq: own.head.seq,
      prefix: own.head.id.prefix)
    liar.say(.have(office.group, [head]))
    liar.say(
      .want(office.group, [.init(feed: own.place.feed, branch: BranchID(Bytes16()), from: 1)]))
    try anna.say("pushed", in: office.group)
    let content = try #require(anna.nextEntries(liar.link))
    #expect(try BatchHead(decoding: content, at: 16).first == 1)
  }

  @Test func `entries of a branch that go on with an own feed close it`() throws {
    let office = try ForkOffice()
    let dora = try office.member("Dora")
    try meet(office.anna, office.ben)
    let ben = office.ben
    let liar = LoosePeer(ben, as: dora)
    let lie = FrontierItem(
      feed: try Forger(ben, office.group).feed.place.feed, branch: BranchID(Bytes16()), seq: 999,
      prefix: Bytes16(1, 1))
    // Its mere word is believed but once.
    liar.say(.have(office.group, [lie]))
    try ben.say("in a new feed", in: office.group)
    let forger = try Forger(ben, office.group, last: true)
    let batch = forger.run([1, 2])
    let name = batch.entries[0].id.prefix
    liar.say(.have(office.group, [forger.item(batch, branch: name)]))
    #expect(ben.replica.ownHeads.contains { $0.feed == forger.feed.place.feed })
    ben.advance(.milliseconds(500))
    liar.say(try forger.message(batch, branch: BranchID(name)))
    #expect(!ben.replica.ownHeads.contains { $0.feed == forger.feed.place.feed })
    #expect(forger.feed.head.id == batch.last.id)
  }

  @Test func `entries of a branch that go on with an own feed are left out while they have to be`()
    throws
  {
    let office = try ForkOffice()
    let dora = try office.member("Dora")
    try meet(office.anna, office.ben)
    let ben = office.ben
    try ben.say("one more", in: office.group)
    let liar = LoosePeer(ben, as: dora)
    let forger = try Forger(ben, office.group, last: true)
    let (batch, before) = (forger.run([1, 2]), ben.storedCount)
    let name = batch.entries[0].id.prefix
    liar.announce(batch, of: forger, as: name)
    ben.replica.leaveOutOwn(true)
    liar.say(try forger.message(batch, branch: BranchID(name)))
    #expect(!ben.replica.ownHeads.contains { $0.feed == forger.feed.place.feed })
    #expect(forger.feed.head.id != batch.last.id && ben.storedCount == before)
  }

  @Test func `who says that a branch ends before it begins says nothing`() throws {
    let office = try ForkOffice()
    let (cleo, dora) = (try office.member("Cleo"), try office.member("Dora"))
    let forger = try Forger(office.ben, office.group)
    let (first, second) = (forger.run([1, 2]), forger.run([3, 4]))
    LoosePeer(office.anna, as: dora).say(try forger.message(first))
    LoosePeer(cleo, as: dora).say(try forger.message(second))
    try meet(office.anna, cleo)
    #expect(office.anna.hasFoundFork)
    let liar = LoosePeer(office.anna, as: dora)
    _ = liar.wants()
    let before = office.anna.replica.digest(of: office.group)
    liar.say(
      .have(
        office.group,
        [
          FrontierItem(
            feed: forger.feed.place.feed, branch: BranchID(first.entries[0].id.prefix), seq: 0,
            prefix: Bytes16(1, 1))
        ]))
    office.anna.advance(.seconds(1))
    #expect(liar.wants().isEmpty && !liar.isClosed())
    #expect(office.anna.replica.digest(of: office.group) == before)
  }

  @Test func `a branch that leaves nothing costs its sender the turn`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let forger = try Forger(office.ben, office.group)
    let (first, second) = (forger.run([1, 2]), forger.run([3, 4]))
    LoosePeer(office.anna, as: cleo).say(try forger.message(first))
    let wrong = forger.signedWrongly(second, as: first)
    let name = second.entries[0].id.prefix
    let liar = LoosePeer(office.anna, as: cleo)
    liar.announce(second, of: forger, as: name)
    let before = office.anna.loadCount
    for _ in 0..<5 { liar.say(try forger.message(wrong, branch: BranchID(name))) }
    #expect(office.anna.loadCount == before + 1)
    #expect(!liar.isClosed())
  }

  @Test func `what cannot be read for a comparison is nobody's fault and stops nothing`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let forger = try Forger(office.ben, office.group)
    let (first, second) = (forger.run([1, 2]), forger.run([3, 4]))
    LoosePeer(office.anna, as: cleo).say(try forger.message(first))
    office.anna.canLoad = false
    let liar = LoosePeer(office.anna, as: cleo)
    liar.say(.have(office.group, [forger.item(second, branch: Bytes16())]))
    let want = try #require(liar.wants().first)
    liar.say(try forger.misplaced(second, from: want.from))
    let name = second.entries[0].id.prefix
    liar.announce(second, of: forger, as: name)
    liar.say(try forger.message(second, branch: BranchID(name)))
    let group = try #require(office.anna.replica.groups[office.group])
    #expect(group.probes.isEmpty && group.openings.isEmpty && !liar.isClosed())
  }

  @Test func `a branch that begins behind what is here is not asked for at every step`() throws {
    let office = try ForkOffice()
    let (cleo, dora) = (try office.member("Cleo"), try office.member("Dora"))
    let forger = try Forger(office.ben, office.group)
    let nested = forger.run([9, 9])
    let name = nested.entries[0].id.prefix
    let liar = LoosePeer(office.anna, as: cleo)
    liar.announce(nested, of: forger, as: name)
    #expect(liar.wants().map(\.branch) == [BranchID(name)])
    liar.say(
      try forger.misplaced(nested, from: forger.feed.head.seq + 20, branch: BranchID(name)))
    LoosePeer(office.anna, as: dora).say(try forger.message(forger.run([1, 2])))
    office.anna.advance(.milliseconds(500))
    #expect(liar.wants().isEmpty)
  }
}
