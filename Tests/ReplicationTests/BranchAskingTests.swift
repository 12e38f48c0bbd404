import Authority
import Cryptography
import Format
import Testing

@testable import Replication

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
    LoosePeer(office.anna, as: dora).say(try forger.message(first))
    LoosePeer(dora, as: cleo).say(try forger.message(second))
    // Cleo's head lies beyond Anna's: no entries are compared.
    let liar = LoosePeer(office.anna, as: cleo)
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
    LoosePeer(office.anna, as: cleo).say(
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
    let liar = LoosePeer(office.anna, as: cleo)
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

  @Test(arguments: [false, true])
  func `what proves a removal is named as the store names it, what comes first first`(
    isOnTrunk: Bool
  ) throws {
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
    for node in isOnTrunk ? [copy, ben] : [ben, copy] { try meet(anna, node) }
    let roster = anna.replica.rosterNow()
    let gone = try #require(roster.devices.first { $0.member == cleo.replica.member })
    let removal = try #require(roster.removals(of: gone).first)
    let all = anna.replica.lacking(
      anna.replica.office, upTo: [removal.entry], of: cleo.replica.secrets.device)
    let parts = all.filter { $0.place.feed == removal.entry.place.feed }
    #expect(parts.count == 2 && Set(parts.map(\.place)).count == 2)
    let held = anna.entries(anna.replica.office)
    var next = parts.first?.seqs.lowerBound
    for part in parts {
      #expect(part.seqs.lowerBound == next)
      #expect(held[part.place] != nil)
      next = part.seqs.upperBound + 1
    }
    #expect(next == removal.entry.seq + 1)
  }

  /// A group in which Cleo's computer was copied when all knew what she had written; her copy.
  private func copiedCleo() throws -> (office: GroupRemovalTests.Office, copy: MemoryNode) {
    let office = try GroupRemovalTests.Office()
    let (anna, ben, cleo) = (office.anna, office.ben, office.cleo)
    for node in [ben, cleo] { try meet(anna, node) }
    try cleo.say("common", in: office.group)
    for node in [cleo, ben] { try meet(anna, node) }
    let copy = cleo.restarted(secrets: try cleo.copyOfSecrets())
    for node in [anna, ben, copy, cleo] { node.tellsForks = false }
    return (office, copy)
  }

  /// `holdsOther`: it holds the other branch already, so that the feed parts for it with what it is shown.
  @Test(arguments: [false, true], [1, 40, 2 * Limits.proofBatchesMax])
  func `a member learns its removal also where a branch of a feed that was copied led to it`(
    holdsOther: Bool, messages: Int
  ) throws {
    let (office, copy) = try copiedCleo()
    let (anna, ben, cleo, group) = (office.anna, office.ben, office.cleo, office.group)
    for number in 0..<messages { try cleo.say("left \(number)", in: group) }
    try copy.say("right", in: group)
    if holdsOther { try meet(ben, copy) }
    try meet(anna, cleo)
    try anna.say("after left", in: group)
    try meet(anna, copy)
    try office.remove(ben)
    for _ in 0...messages / 40 { try meet(anna, ben) }
    #expect(
      ben.replica.departure(of: ben.replica.member, from: group)?.author == anna.replica.member)
    #expect(ben.brokenRules.isEmpty && anna.brokenRules.isEmpty)
  }

  /// What becomes known of the fork to whoever shows the removal.
  enum Knowledge: CaseIterable {
    /// It hears of the other branch from who is shown it, and takes it in.
    case taken
    /// It does not take that from anybody, for its author was removed as well.
    case refused
    /// It learns of it on the same link from somebody else.
    case found
  }

  @Test(arguments: Knowledge.allCases, [1, 40])
  func `a member learns its removal where it alone holds another branch of what led to it`(
    knowledge: Knowledge, messages: Int
  ) throws {
    let (office, copy) = try copiedCleo()
    let (anna, ben, cleo, group) = (office.anna, office.ben, office.cleo, office.group)
    for number in 0..<messages {
      try cleo.say("left \(number)", in: group)
      try copy.say("right \(number)", in: group)
    }
    try meet(ben, copy)
    try meet(anna, cleo)
    try anna.say("after left", in: group)
    if knowledge == .refused { try office.remove(cleo) }
    try office.remove(ben)
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire], rounds: 4)
    if knowledge == .found { try meet(anna, copy) }
    settle([anna, ben], [wire], rounds: 20)
    #expect(
      ben.replica.departure(of: ben.replica.member, from: group)?.author == anna.replica.member)
    #expect(ben.hasFoundFork && anna.hasFoundFork == (knowledge != .refused))
    #expect(ben.brokenRules.isEmpty && anna.brokenRules.isEmpty)
  }

  @Test(arguments: [1, 30])
  func `nothing is asked for because of what comes again and is known`(count: Int) throws {
    let office = try GroupRemovalTests.Office()
    let (anna, ben, cleo, group) = (office.anna, office.ben, office.cleo, office.group)
    for node in [ben, cleo] { try meet(anna, node) }
    // Anna does not know that Cleo brought it to Ben.
    for number in 0..<count { try anna.say("\(number)", in: group) }
    try meet(anna, cleo, rounds: 20)
    try meet(cleo, ben, rounds: 20)
    try office.remove(ben)
    let wire = Wire(anna, ben)
    var (wants, entries) = (0, 0)
    wire.tamper = { message in
      switch message {
      case .want(group, _): wants += 1
      case .entries(let one) where one.head.group == group: entries += 1
      default: break
      }
      return message
    }
    settle([anna, ben], [wire], rounds: 60)
    #expect(ben.replica.departure(of: ben.replica.member, from: group) != nil)
    #expect(wants == 0 && entries <= count + 4)
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
    LoosePeer(office.anna, as: dora).say(try forger.message(one))
    LoosePeer(dora, as: cleo).say(try forger.message(other))
    try meet(office.anna, dora)
    #expect(office.anna.hasFoundFork)
    let standings = office.anna.replica.standings(of: office.group)
      .filter { $0.place.feed == forger.feed.place.feed }
    #expect(standings.count == 3)
    #expect(standings.count { $0.ended != nil } == 1)
    #expect(standings.count { $0.isBehindEnd } == 1)
  }
}
