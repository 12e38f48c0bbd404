import Authority
import Cryptography
import Format
import Replication
import Testing

/// What becomes of who is removed from a group, and of groups that lack a key (R-4, K-5).
@Suite struct GroupRemovalTests {
  struct Office {
    let anna = MemoryNode.founder()
    let ben: MemoryNode
    let cleo: MemoryNode
    let group: GroupID

    init() throws {
      _ = try everyone(anna)
      ben = try admit(by: anna, name: "Ben")
      cleo = try admit(by: anna, name: "Cleo")
      let members = [ben.replica.member, cleo.replica.member].sorted()
      group = try anna.replica.foundGroup(
        .listed, pair: nil, [.groupAdd(members, .member)], wall: anna.wall
      ).group
      anna.drain()
    }

    func remove(_ node: MemoryNode) throws {
      let member = node.replica.member
      _ = try anna.replica.compose(
        group, [.control(.groupRemove(member, anna.replica.cuts(of: member, in: group)))],
        wall: anna.wall)
      anna.drain()
    }
  }

  @Test func `a member that is linked learns its removal at once, and gets nothing after it`()
    throws
  {
    let office = try Office()
    let (anna, ben, group) = (office.anna, office.ben, office.group)
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    try anna.say("before", in: group)
    settle([anna, ben], [wire])
    try office.remove(ben)
    try anna.say("after", in: group)
    settle([anna, ben], [wire], rounds: 4)
    #expect(
      ben.replica.departure(of: ben.replica.member, from: group)?.author == anna.replica.member)
    #expect(ben.texts(group) == ["before"])
    #expect(throws: ComposeRefusal.self) { try ben.say("nobody", in: group) }
    #expect(anna.replica.lackingCount(ben.replica.secrets.device) == 0)
    #expect(ben.replica.lackingCount(anna.replica.secrets.device) == 0)
    #expect(anna.closed.isEmpty && ben.closed.isEmpty)
  }

  @Test func `a removal that counts by the word of a witness is shown with that`() throws {
    let anna = MemoryNode.founder()
    _ = try everyone(anna)
    let (ben, cleo) = (try admit(by: anna, name: "Ben"), try admit(by: anna, name: "Cleo"))
    let (dora, emil) = (try admit(by: anna, name: "Dora"), try admit(by: anna, name: "Emil"))
    let members = [cleo, dora, emil].map { $0.replica.member }
    let group = try anna.replica.foundGroup(
      .listed, pair: nil,
      [.groupAdd([ben.replica.member], .manager), .groupAdd(members.sorted(), .member)],
      wall: anna.wall
    ).group
    anna.drain()
    for node in [ben, cleo, dora, emil] { try meet(anna, node) }
    func write(_ operation: Operation, in id: GroupID, by node: MemoryNode) throws {
      _ = try node.replica.compose(id, [.control(operation)], wall: node.wall)
      node.drain()
    }
    let member = cleo.replica.member
    try write(.groupRemove(member, ben.replica.cuts(of: member, in: group)), in: group, by: ben)
    try meet(ben, dora)
    // The office removes Ben, and Emil, who knows of that alone, says so to Cleo: to both of them she is in.
    let office = anna.replica.office
    try write(.remove(.member(ben.replica.member), []), in: office, by: anna)
    try meet(anna, emil)
    try emil.say("Ben is gone", in: group)
    try meet(emil, cleo)
    #expect(cleo.texts(group).contains("Ben is gone"))
    // Dora had seen what Ben did.
    try meet(anna, dora)
    try dora.say("Cleo is gone, too", in: group)
    try meet(anna, dora)
    try meet(anna, emil)
    try meet(anna, cleo)
    for node in [anna, dora, emil, cleo] {
      #expect(
        node.replica.departure(of: member, from: group)?.author == ben.replica.member)
    }
    #expect(!cleo.texts(group).contains("Cleo is gone, too"))
    #expect(cleo.brokenRules.isEmpty && anna.brokenRules.isEmpty)
  }

  @Test(arguments: [false, true])
  func `of who has no right to a group a feed is taken of who has, and of nobody who is gone`(
    isGone: Bool
  ) throws {
    let office = try Office()
    let (anna, ben, cleo, group) = (office.anna, office.ben, office.cleo, office.group)
    try meet(anna, ben)
    try meet(anna, cleo)
    // Cleo alone hears it, and is removed from the group.
    try ben.say("only to Cleo", in: group)
    try meet(ben, cleo)
    let feed = try #require(cleo.feed(of: ben, in: group))
    if isGone {
      let cuts = anna.replica.cuts(of: ben.replica.member, in: anna.replica.office)
      _ = try anna.replica.compose(
        anna.replica.office, [.control(.remove(.member(ben.replica.member), cuts))],
        wall: anna.wall)
      anna.drain()
    }
    try office.remove(cleo)
    let peer = LoosePeer(anna, as: cleo)
    peer.agreeOnOffice()
    func announce() {
      peer.say(.frontier(group, cleo.items(group)))
      anna.advance(.milliseconds(500))
    }
    announce()
    #expect(peer.asked(group).contains(feed))
    for message in cleo.messages(group) {
      if case .entries(let entries) = message, entries.head.feed == feed { peer.say(message) }
    }
    #expect(anna.texts(group) == (isGone ? [] : ["only to Cleo"]))
    announce()
    #expect(!peer.asked(group).contains(feed))
    #expect(anna.closed.isEmpty)
  }

  @Test func `a removal from a group keeps one branch of a feed that was copied`() throws {
    let office = try Office()
    let (anna, ben, group) = (office.anna, office.ben, office.group)
    try meet(anna, ben)
    try anna.say("hello", in: group)
    try meet(anna, ben)
    try ben.say("common", in: group)
    let copy = ben.restarted(secrets: try ben.copyOfSecrets())
    try ben.say("left", in: group)
    try copy.say("right", in: group)
    try meet(anna, ben)
    try meet(anna, copy)
    #expect(anna.hasFoundFork)
    try office.remove(ben)
    let shown = Set(anna.shown(group))
    #expect(shown.isSuperset(of: ["hello", "common"]))
    #expect(shown.intersection(["left", "right"]).count == 1)
  }

  @Test func `a member that was away learns it from whoever it meets, with all that led to it`()
    throws
  {
    let office = try Office()
    let (anna, ben, cleo, group) = (office.anna, office.ben, office.cleo, office.group)
    let (ab, ac, bc) = (Wire(anna, ben), Wire(anna, cleo), Wire(ben, cleo))
    settle([anna, ben, cleo], [ab, ac, bc])
    try cleo.say("hello", in: group)
    settle([anna, ben, cleo], [ab, ac, bc])
    ab.cut()
    bc.cut()
    try cleo.say("Ben is off", in: group)
    settle([anna, cleo], [ac])
    try office.remove(ben)
    settle([anna, cleo], [ac])
    try anna.say("after", in: group)
    settle([anna, cleo], [ac])
    // He does not know, and writes twice.
    try ben.say("lost", in: group)
    try ben.say("lost too", in: group)
    let again = Wire(ben, cleo)
    settle([ben, cleo], [again])
    #expect(
      ben.replica.departure(of: ben.replica.member, from: group)?.author == anna.replica.member)
    #expect(!ben.texts(group).contains("after"))
    #expect(ben.replica.voidCount(in: group, of: ben.replica.member) == 2)
    #expect(cleo.replica.lackingCount(ben.replica.secrets.device) == 0)
    #expect(!cleo.texts(group).contains("lost"))
    // What it was shown is not shown again: the next link carries no entries of the group.
    again.cut()
    let next = Wire(ben, cleo)
    var shown = 0
    next.tamper = { message in
      if case .entries(let entries) = message, entries.head.group == group { shown += 1 }
      return message
    }
    settle([ben, cleo], [next], rounds: 4)
    #expect(shown == 0)
    // Anna was not there when he learnt it: she shows it once, and hears that it is known.
    for isFirst in [true, false] {
      let link = Wire(anna, ben)
      shown = 0
      link.tamper = next.tamper
      settle([anna, ben], [link], rounds: 8)
      #expect((shown > 0) == isFirst)
      link.cut()
    }
  }

  @Test(arguments: [false, true])
  func `a device that is put back to before its removal is shown it again`(isOwn: Bool) throws {
    let office = try Office()
    let (anna, ben, group) = (office.anna, office.ben, office.group)
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    try anna.say("before", in: group)
    settle([anna, ben], [wire])
    let image = ben.backup()
    if isOwn {
      let member = ben.replica.member
      _ = try ben.replica.compose(
        group, [.control(.groupRemove(member, ben.replica.cuts(of: member, in: group)))],
        wall: ben.wall)
      ben.drain()
    } else {
      try office.remove(ben)
    }
    settle([anna, ben], [wire], rounds: 4)
    #expect(anna.replica.departure(of: ben.replica.member, from: group) != nil)
    #expect(ben.replica.departure(of: ben.replica.member, from: group) != nil)
    wire.cut()
    let again = ben.restored(from: image, secrets: try ben.copyOfSecrets())
    #expect(again.replica.departure(of: again.replica.member, from: group) == nil)
    let next = Wire(anna, again)
    settle([anna, again], [next])
    #expect(again.replica.departure(of: again.replica.member, from: group) != nil)
    #expect(anna.closed.isEmpty && again.closed.isEmpty)
  }

  @Test func `who never held anything of a group is not shown that it was in it`() throws {
    let office = try Office()
    let (anna, ben, group) = (office.anna, office.ben, office.group)
    try anna.say("secret", in: group)
    try office.remove(ben)
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    #expect(!ben.replica.groupIDs.contains(group))
  }

  /// `knowsFeed`: Anna has got something of what Ben wrote in the group.
  @Test(arguments: [false, true], [20, 3 * Limits.proofBatchesMax])
  func `a removal behind more than may be shown at once is learnt on one link`(
    knowsFeed: Bool, more: Int
  ) throws {
    let office = try Office()
    let (anna, ben, group) = (office.anna, office.ben, office.group)
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    if knowsFeed { try ben.say("known", in: group) }
    settle([anna, ben], [wire])
    wire.cut()
    try ben.say("unknown", in: group)
    for number in 0..<(Limits.proofBatchesMax + more) { try anna.say("\(number)", in: group) }
    try office.remove(ben)
    try anna.say("behind", in: group)
    settle([anna, ben], [Wire(anna, ben)])
    #expect(ben.replica.departure(of: ben.replica.member, from: group) != nil)
    #expect(!ben.texts(group).contains("behind") && !anna.texts(group).contains("unknown"))
    #expect(anna.closed.isEmpty && ben.closed.isEmpty)
  }

  @Test func `who was let in by a box gets its keys without a message, from one device`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let wires = [Wire(anna, ben)]
    settle([anna, ben], wires)
    try anna.say("hello", in: group)
    settle([anna, ben], wires)
    // Anna's node writes the certificate as a box would, and seals nothing.
    let cleo = try admit(by: anna, name: "Cleo")
    for node in [anna, ben, cleo] { node.renewsEpochs = true }
    let all = wires + [Wire(anna, cleo), Wire(ben, cleo)]
    settle([anna, ben, cleo], all)
    #expect(cleo.replica.holdsKey(of: group) == true)
    for node in [anna, ben, cleo] {
      let lacks = try node.replica.lacksEpoch(group)
      #expect(!lacks)
    }
    // The one by which Anna wrote, and one more.
    let epochs = anna.log.flatMap(\.entries).count { $0.kind == EntryKind.epoch.rawValue }
    #expect(epochs == 2)
  }

  @Test func `a notice that says no title does not stand for one`() throws {
    let office = try Office()
    let (anna, ben, group) = (office.anna, office.ben, office.group)
    func lacks(_ node: MemoryNode) -> Bool { node.replica.lacksTitle(group) }
    let wires = [Wire(anna, ben)]
    settle([anna, ben], wires)
    let title = Content.title(
      RequestID(Bytes16(Random.bytes16())), title: try Name("Werkstatt"), purpose: [])
    _ = try anna.replica.compose(group, [.message(title)], wall: anna.wall)
    anna.drain()
    #expect(!lacks(anna))
    try office.remove(office.cleo)
    _ = try anna.replica.composeEpoch(group, wall: anna.wall)
    anna.drain()
    settle([anna, ben], wires)
    #expect(lacks(anna) && lacks(ben))
    // It bears the flag of titles, under the new epoch.
    let name = Content.name(
      RequestID(Bytes16(Random.bytes16())), .member(ben.replica.member), try Name("Benjamin"))
    _ = try ben.replica.compose(group, [.message(name)], wall: ben.wall)
    ben.drain()
    settle([anna, ben], wires)
    #expect(anna.replica.noticeCount(of: group) == 2)
    #expect(lacks(anna) && lacks(ben))
    _ = try anna.replica.compose(group, [.message(title)], wall: anna.wall)
    anna.drain()
    settle([anna, ben], wires)
    #expect(!lacks(anna) && !lacks(ben))
  }

  @Test func `an epoch that could not be made waits its time, whatever changes meanwhile`() throws {
    let office = try Office()
    let (anna, ben, group) = (office.anna, office.ben, office.group)
    let wires = [Wire(anna, ben)]
    settle([anna, ben], wires)
    // Told and not made, as on a full disk.
    try office.remove(office.cleo)
    settle([anna, ben], wires)
    func isDue(within duration: Duration) -> Bool {
      anna.epochsDue = []
      anna.advance(duration)
      return anna.epochsDue.contains(group)
    }
    #expect(isDue(within: .seconds(20 * Limits.epochStepSeconds)))
    _ = try anna.replica.compose(
      anna.replica.office,
      [
        .message(
          .name(
            RequestID(Bytes16(Random.bytes16())), .member(anna.replica.member), try Name("Anna")))
      ], wall: anna.wall)
    _ = try admit(by: anna, name: "Doris")
    #expect(!isDue(within: .seconds(Limits.epochAgainSeconds / 2)))
    #expect(isDue(within: .seconds(Limits.epochAgainSeconds)))
  }

  @Test func `who invents entries that are to come delays an epoch, and does not prevent it`()
    throws
  {
    let office = try Office()
    let (anna, ben, group) = (office.anna, office.ben, office.group)
    anna.renewsEpochs = true
    settle([anna, ben], [Wire(anna, ben)])
    let liar = LoosePeer(anna, as: ben)
    liar.agreeOnOffice()
    try office.remove(office.cleo)
    liar.say(
      .have(
        group,
        [
          FrontierItem(
            feed: FeedID(Bytes16(Random.bytes16())), branch: BranchID(Bytes16()), seq: 9,
            prefix: Bytes16(Random.bytes16()))
        ]))
    anna.epochsDue = []
    anna.advance(.milliseconds(2 * Limits.askDelayMilliseconds))
    #expect(!liar.wants().isEmpty)
    anna.advance(.seconds(3 * Limits.epochStepSeconds))
    #expect(!anna.epochsDue.contains(group))
    for _ in 0..<Limits.wantSeconds { anna.advance(.seconds(Limits.epochStepSeconds)) }
    #expect(anna.epochsDue.contains(group))
  }
}

/// Whose word counts after a removal from the office (E-18, A-15).
@Suite struct VoidNameTests {
  @Test func `beyond a cut nobody is renamed by who let them in, and before it they are`()
    throws
  {
    let anna = MemoryNode.founder()
    _ = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    _ = try anna.replica.compose(
      anna.replica.office, [.control(.rank(ben.replica.member, .admin, []))], wall: anna.wall)
    anna.drain()
    let ab = Wire(anna, ben)
    settle([anna, ben], [ab])
    let cleo = try admit(by: ben, name: "Cleo")
    func name() -> String? { cleo.replica.name(of: cleo.replica.member)?.text }
    func rename(_ text: String) throws {
      ben.wall += 1
      _ = try ben.replica.compose(
        ben.replica.office,
        [
          .message(
            .name(
              RequestID(Bytes16(Random.bytes16())), .member(cleo.replica.member), try Name(text)))
        ], wall: ben.wall)
      ben.drain()
    }
    let ac = Wire(anna, cleo)
    settle([anna, ben, cleo], [ab, ac])
    try rename("Cleo Klein")
    settle([anna, ben, cleo], [ab, ac])
    #expect(name() == "Cleo Klein")
    ab.cut()
    ac.cut()
    let device = ben.replica.secrets.device
    _ = try anna.replica.compose(
      anna.replica.office,
      [.control(.remove(.member(ben.replica.member), anna.replica.cuts(of: [device])))],
      wall: anna.wall)
    anna.drain()
    try rename("Boss")
    // Cleo hears of the name before the removal.
    let bc = Wire(ben, cleo)
    settle([ben, cleo], [bc])
    #expect(name() == "Boss")
    settle([anna, ben, cleo], [bc, Wire(anna, cleo)])
    let isLive = cleo.replica.rosterNow().isLive(device)
    #expect(!isLive)
    #expect(name() == "Cleo Klein")
  }
}
