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
    let liar = Liar(office.anna, as: cleo)
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
    let liar = Liar(office.anna, as: cleo)
    for number in 0..<100 {
      liar.say(try forger.message(batch, branch: BranchID(Bytes16(UInt64(number) + 1, 1))))
    }
    let state = try #require(office.anna.replica.links[liar.link])
    #expect(state.branches.nameCount == 2 * Limits.branchesMax)
    // They are forgotten though the peer goes on talking.
    for _ in 0..<Limits.idleDigestSeconds + 1 {
      liar.say(.have(office.group, []))
      office.anna.advance(.seconds(1))
    }
    #expect(office.anna.replica.links[liar.link]?.branches.nameCount == 0)
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
      let liar = Liar(anna, as: node)
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
    Liar(office.anna, as: dora).say(try second.message(second.citing(missing)))
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

  @Test func `who answers no search holds up nobody else's`() throws {
    let office = try ForkOffice()
    let (cleo, dora) = (try office.member("Cleo"), try office.member("Dora"))
    let forger = try Forger(office.ben, office.group)
    let (first, second) = (forger.run([1, 2]), forger.run([3, 4]))
    Liar(office.anna, as: dora).say(try forger.message(first))
    Liar(dora, as: cleo).say(try forger.message(second))
    let liar = Liar(office.anna, as: cleo)
    liar.say(.have(office.group, [forger.item(second, branch: Bytes16())]))
    #expect(liar.wants().count == 1)
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
    var wrong = first
    wrong.signature = second.signature
    let liar = Liar(office.anna, as: cleo)
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
    var wrong = first
    wrong.signature = second.signature
    let liar = Liar(office.anna, as: cleo)
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
    let liar = Liar(office.anna, as: cleo)
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
    let liar = Liar(ben, as: dora)
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

  @Test func `a branch that leaves nothing costs its sender the turn`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let forger = try Forger(office.ben, office.group)
    let (first, second) = (forger.run([1, 2]), forger.run([3, 4]))
    Liar(office.anna, as: cleo).say(try forger.message(first))
    var wrong = second
    wrong.signature = first.signature
    let name = second.entries[0].id.prefix
    let liar = Liar(office.anna, as: cleo)
    liar.say(.have(office.group, [forger.item(second, branch: name)]))
    office.anna.advance(.milliseconds(500))
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
    Liar(office.anna, as: cleo).say(try forger.message(first))
    office.anna.canLoad = false
    let liar = Liar(office.anna, as: cleo)
    liar.say(.have(office.group, [forger.item(second, branch: Bytes16())]))
    let want = try #require(liar.wants().first)
    liar.say(try forger.misplaced(second, from: want.from))
    let name = second.entries[0].id.prefix
    liar.say(.have(office.group, [forger.item(second, branch: name)]))
    office.anna.advance(.milliseconds(500))
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
    let liar = Liar(office.anna, as: cleo)
    liar.say(.have(office.group, [forger.item(nested, branch: name)]))
    office.anna.advance(.milliseconds(500))
    #expect(liar.wants().map(\.branch) == [BranchID(name)])
    liar.say(
      try forger.misplaced(nested, from: forger.feed.head.seq + 20, branch: BranchID(name)))
    Liar(office.anna, as: dora).say(try forger.message(forger.run([1, 2])))
    office.anna.advance(.milliseconds(500))
    #expect(liar.wants().isEmpty)
  }
}

/// What honest peers do where a feed is forked.
@Suite struct BranchAskingTests {
  @Test func `two peers that keep other branches stop asking each other`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    for (node, numbers) in [(office.anna, 0..<8), (cleo, 8..<16)] {
      node.tellsForks = false
      for number in numbers {
        let copy = try office.copy()
        try copy.say("copy \(number)", in: office.group)
        try meet(node, copy)
      }
    }
    let ninth = try office.copy()
    try ninth.say("unforked there", in: office.group)
    let emil = try office.member("Emil")
    emil.tellsForks = false
    try meet(emil, ninth)
    for other in [cleo, emil] {
      let wire = Wire(office.anna, other)
      var asked = 0
      wire.tamper = { message in
        guard case .want(let group, let wants) = message else { return message }
        // Emil never learns that the feed parts, and goes on calling his branch the feed itself.
        if other === emil, group == office.group, !wants.allSatisfy(\.branch.isZero) { return nil }
        asked += 1
        return message
      }
      settle([office.anna, other], [wire], rounds: 20)
      let before = asked
      settle([office.anna, other], [wire], rounds: 60)
      #expect(asked == before)
      wire.cut()
    }
    #expect(office.anna.brokenRules.isEmpty && cleo.brokenRules.isEmpty)
  }

  @Test func `once a fork was found nothing stays asked for`() throws {
    let office = try ForkOffice()
    let (cleo, copy) = (try office.member("Cleo"), try office.copy())
    for number in 0..<3 { try office.ben.say("first \(number)", in: office.group) }
    for number in 0..<5 { try copy.say("second \(number)", in: office.group) }
    try meet(office.anna, office.ben)
    try meet(cleo, copy)
    let wire = Wire(office.anna, cleo)
    settle([office.anna, cleo], [wire], rounds: 6)
    expectAlike([office.anna, cleo], office.group)
    for node in [office.anna, cleo] {
      #expect(node.replica.links.values.allSatisfy { $0.wanted.isEmpty })
    }
  }

  @Test func `one suspension is written for a device, however many of its feeds are forked`() throws
  {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let second = try everyone(office.anna)
    try meet(office.anna, cleo)
    try meet(office.anna, office.ben)
    try office.ben.say("begun", in: second)
    let other = try office.copy()
    for group in [office.group, second] { try office.ben.say("first", in: group) }
    for group in [office.group, second] { try other.say("second", in: group) }
    try meet(office.anna, office.ben)
    try meet(cleo, other)
    let wire = Wire(office.anna, cleo)
    settle([office.anna, cleo], [wire], rounds: 300)
    let device = office.ben.replica.secrets.device
    for node in [office.anna, cleo] {
      #expect(node.replica.groups.values.count { !$0.forked.isEmpty } == 2)
      #expect(node.replica.rosterNow().device(device)?.isSuspended == true)
      #expect(node.replica.rosterNow().suspensions.count == 1)
    }
  }

  @Test func `what a peer holds of another branch is not taken for the one that is here`() throws {
    let office = try ForkOffice()
    let (cleo, dora) = (try office.member("Cleo"), try office.member("Dora"))
    let forger = try Forger(office.ben, office.group)
    let (first, second) = (forger.run([1, 2]), forger.run([3, 4, 5, 6]))
    Liar(office.anna, as: dora).say(try forger.message(first))
    Liar(dora, as: cleo).say(try forger.message(second))
    // Cleo's head lies beyond Anna's: no entries are compared.
    let liar = Liar(office.anna, as: cleo)
    liar.say(.have(office.group, [forger.item(second, branch: Bytes16())]))
    office.anna.handle(.linkDown(liar.link))
    let place = EntryPlace(place: forger.feed.place, seq: first.last.seq)
    let cleos = cleo.replica.secrets.device
    #expect(office.anna.replica.holders(office.group, place, among: [cleos]) == [cleos])
    try meet(office.anna, dora)
    #expect(office.anna.hasFoundFork)
    let found = office.anna.replica.find(first.last.id, in: office.group)
    let now = try #require(found)
    #expect(office.anna.replica.holders(office.group, now, among: [cleos]).isEmpty)
  }

  @Test func `a claim to hold more of an own feed is not remembered as delivered`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let own = try #require(
      office.anna.replica.groups[office.group]?.feedList.first { $0.isOwn })
    Liar(office.anna, as: cleo).say(
      .have(
        office.group,
        [
          FrontierItem(
            feed: own.place.feed, branch: BranchID(Bytes16()), seq: 900, prefix: Bytes16(1, 1))
        ]))
    var highest: UInt32 = 0
    office.anna.replica.deliveredItems { _, _, place, seq in
      if place == own.place { highest = max(highest, seq) }
    }
    #expect(highest == own.head.seq)
  }

  @Test func `the growth of a branch changes nobody's rights`() throws {
    let office = try ForkOffice()
    let (cleo, copy) = (try office.member("Cleo"), try office.copy())
    office.anna.tellsForks = false
    try office.ben.say("first", in: office.group)
    try copy.say("second", in: office.group)
    try copy.say("second again", in: office.group)
    try meet(office.anna, office.ben)
    try meet(cleo, copy)
    try meet(office.anna, cleo)
    #expect(office.anna.hasFoundFork)
    let forger = try Forger(copy, office.group)
    let liar = Liar(office.anna, as: cleo)
    let log = office.anna.replica.office
    let found = office.anna.replica.digest(of: log)
    liar.say(.digests([.init(group: log, digest: try #require(found))]))
    office.anna.advance(.seconds(1))
    _ = liar.wants()
    let strand = try #require(
      office.anna.replica.groups[office.group]?.forked[forger.feed.place.feed]?.first {
        $0.head.id == forger.feed.head.id
      })
    liar.say(
      try forger.message(forger.run([1, 2]), branch: strand.place(of: strand.head.seq).branch))
    #expect(strand.head.seq == forger.feed.head.seq + 2)
    office.anna.advance(.milliseconds(200))
    let digests = office.anna.outbox.contains { link, message in
      if case .digests = message { return link == liar.link }
      return false
    }
    #expect(!digests)
  }

  @Test func `what proves a removal is named as the store names it, what comes first first`() throws
  {
    let anna = MemoryNode.founder()
    let (ben, cleo) = (
      try admin(by: anna, name: "Ben"), try admit(by: anna, name: "Cleo")
    )
    for node in [ben, cleo] { try meet(anna, node) }
    _ = try admit(by: ben, name: "Zoe")
    let copy = ben.restarted(secrets: try ben.copyOfSecrets())
    for node in [anna, ben, copy, cleo] { node.tellsForks = false }
    _ = try admit(by: ben, name: "Carol")
    _ = try copy.replica.compose(
      copy.replica.office,
      [.control(.remove(.member(cleo.replica.member), []))], wall: copy.wall)
    copy.drain()
    try meet(anna, ben)
    try meet(anna, copy)
    let roster = anna.replica.rosterNow()
    let gone = try #require(roster.devices.first { $0.member == cleo.replica.member })
    let removal = try #require(roster.removals(of: gone).first)
    let parts = anna.replica.lacking(
      anna.replica.office, upTo: removal.entry, of: cleo.replica.secrets.device)
    #expect(parts.count == 2)
    let held = anna.entries(anna.replica.office)
    var next = parts.first?.seqs.lowerBound
    for part in parts {
      #expect(part.seqs.lowerBound == next)
      #expect(held[part.place] != nil)
      next = part.seqs.upperBound + 1
    }
    #expect(next == removal.entry.seq + 1)
  }

  @Test func `where the admission of a feed ends is told of one branch alone`() throws {
    let office = try ForkOffice()
    let (cleo, dora) = (try office.member("Cleo"), try office.member("Dora"))
    for node in [office.anna, dora] { node.tellsForks = false }
    for number in 0..<9 { try office.anna.say("\(number)", in: office.group) }
    for node in [cleo, dora] { try meet(office.anna, node) }
    let forger = try Forger(office.ben, office.group)
    let annas = try #require(
      office.anna.replica.groups[office.group]?.feedList.first { $0.isOwn })
    let cited = Reference(
      feed: annas.place.feed, seq: annas.head.seq, prefix: annas.head.id.prefix)
    let (one, other) = (forger.ending(cited, then: [1, 2]), forger.ending(cited, then: [1, 3]))
    Liar(office.anna, as: dora).say(try forger.message(one))
    Liar(dora, as: cleo).say(try forger.message(other))
    try meet(office.anna, dora)
    #expect(office.anna.hasFoundFork)
    let standings = office.anna.replica.standings(of: office.group)
      .filter { $0.place.feed == forger.feed.place.feed }
    #expect(standings.count == 3)
    #expect(standings.count { $0.ended != nil } == 1)
    #expect(standings.count { $0.isBehindEnd } == 1)
  }
}
