import Authority
import Format
import Testing

@testable import Replication

/// What is shown of those who left, by an admin who does not know their groups.
@Suite struct WitnessTests {
  /// Anna's group of everyone but Emil, who is an admin and removes Ben.
  struct Office {
    let anna = MemoryNode.founder()
    let ben: MemoryNode
    let dora: MemoryNode
    let emil: MemoryNode
    let fritz: MemoryNode
    let group: GroupID

    init() throws {
      _ = try everyone(anna)
      ben = try admit(by: anna, name: "Ben")
      dora = try admit(by: anna, name: "Dora")
      emil = try admit(by: anna, name: "Emil")
      fritz = try admit(by: anna, name: "Fritz")
      _ = try anna.replica.compose(
        anna.replica.office, [.control(.rank(emil.replica.member, .admin, []))], wall: anna.wall)
      let members = [ben, dora, fritz].map { $0.replica.member }.sorted()
      group = try anna.replica.foundGroup(
        .listed, pair: nil, [.groupAdd(members, .member)], wall: anna.wall
      ).group
      anna.drain()
      try meet(ben, dora, emil, fritz)
      try anna.say("hello", in: group)
      try meet(ben, dora, emil, fritz)
    }

    /// Anna is linked with others until all is said.
    func meet(_ others: MemoryNode...) throws {
      let wires = others.map { Wire(anna, $0) }
      settle([anna] + others, wires)
      for wire in wires { wire.cut() }
    }

    func removeBen() throws {
      let device = ben.replica.secrets.device
      _ = try emil.replica.compose(
        emil.replica.office,
        [.control(.remove(.member(ben.replica.member), emil.replica.cuts(of: [device])))],
        wall: emil.wall)
      emil.drain()
    }

    func makeEpoch(_ node: MemoryNode) throws {
      let made = try node.replica.composeEpoch(group, wall: node.wall)
      #expect(made != nil)
      node.drain()
    }
  }

  func link(_ nodes: MemoryNode...) {
    let wire = Wire(nodes[0], nodes[1])
    settle(nodes, [wire])
    wire.cut()
  }

  @Test func `what one of those who stayed had seen counts, whoever wrote first`() throws {
    let office = try Office()
    let (anna, ben, dora, emil, group) = (
      office.anna, office.ben, office.dora, office.emil, office.group
    )
    let texts = ["hello"] + (0..<5).map { "\($0)" }
    for text in texts.dropFirst() { try ben.say(text, in: group) }
    try office.meet(ben)
    try office.removeBen()
    try office.meet(emil)
    try office.makeEpoch(anna)
    #expect(anna.shown(group) == texts)
    // Dora was away, and meets first whoever knows of the removal and not of the group.
    link(dora, emil)
    try office.makeEpoch(dora)
    try office.meet(dora, office.fritz)
    for node in [anna, dora, office.fritz] { #expect(node.shown(group) == texts) }
    // So does what she had seen and Anna had not.
    #expect(anna.replica.voidCount(in: group, of: ben.replica.member) == 0)
  }

  @Test func `what nobody had seen who stayed is shown to nobody, until one who had writes`() throws
  {
    let office = try Office()
    let (anna, ben, dora, emil, fritz, group) = (
      office.anna, office.ben, office.dora, office.emil, office.fritz, office.group
    )
    try office.removeBen()
    try office.meet(emil)
    try ben.say("late", in: group)
    link(ben, fritz)
    #expect(fritz.shown(group) == ["hello", "late"])
    try office.makeEpoch(anna)
    try office.meet(fritz, dora)
    for node in [anna, dora, fritz] {
      #expect(node.shown(group) == ["hello"])
      #expect(node.replica.voidCount(in: group, of: ben.replica.member) == 1)
    }
    // He knew of nothing when he read it.
    try fritz.say("yes", in: group)
    try office.meet(fritz, dora)
    for node in [anna, dora, fritz] { #expect(node.shown(group) == ["hello", "late", "yes"]) }
    // What he knew stays known when he has gone, by one who lists what he wrote.
    _ = try anna.replica.compose(
      anna.replica.office,
      [
        .control(
          .remove(
            .member(fritz.replica.member), anna.replica.cuts(of: [fritz.replica.secrets.device])))
      ], wall: anna.wall)
    anna.drain()
    try office.meet(dora)
    for node in [anna, dora] { #expect(node.shown(group) == ["hello", "late", "yes"]) }
  }

  @Test(arguments: [false, true])
  func `what all had read but who removes is shown, whatever the removal lists`(
    fromGroup: Bool
  ) throws {
    let office = try Office()
    let (anna, ben, dora, fritz, group) = (
      office.anna, office.ben, office.dora, office.fritz, office.group
    )
    let member = ben.replica.member
    try ben.say("on monday", in: group)
    try office.meet(ben, dora, fritz)
    // Anna is off meanwhile.
    try ben.say("on friday", in: group)
    link(ben, dora)
    link(dora, fritz)
    try fritz.say("yes", in: group)
    link(dora, fritz)
    try ben.say("unseen", in: group)
    let device = ben.replica.secrets.device
    _ =
      fromGroup
      ? try anna.replica.compose(
        group, [.control(.groupRemove(member, anna.replica.cuts(of: member, in: group)))],
        wall: anna.wall)
      : try anna.replica.compose(
        anna.replica.office,
        [.control(.remove(.member(member), anna.replica.cuts(of: [device])))], wall: anna.wall)
    anna.drain()
    try office.meet(dora, fritz)
    // Nobody who stayed has written since.
    for node in [anna, dora, fritz] { #expect(!node.shown(group).contains("on friday")) }
    try office.makeEpoch(dora)
    try office.meet(dora, fritz)
    for node in [anna, dora, fritz] {
      #expect(node.shown(group) == ["hello", "on monday", "on friday", "yes"])
      #expect(node.replica.voidCount(in: group, of: member) == 0)
    }
  }

  @Test func `a message of a manager keeps out whom the creator adds after being removed`() throws {
    let office = try Office()
    let (anna, ben, dora, emil, fritz) = (
      office.anna, office.ben, office.dora, office.emil, office.fritz
    )
    let gina = try admit(by: anna, name: "Gina")
    try office.meet(ben, dora, emil, fritz, gina)
    let own = try ben.replica.foundGroup(
      .listed, pair: nil,
      [
        .groupAdd([dora.replica.member], .manager), .groupAdd([fritz.replica.member], .member),
      ], wall: ben.wall
    ).group
    ben.drain()
    for node in [dora, fritz] { link(ben, node) }
    try ben.say("hello", in: own)
    for node in [dora, fritz] { link(ben, node) }
    try office.removeBen()
    link(emil, dora)
    _ = try dora.replica.composeEpoch(own, wall: dora.wall)
    dora.drain()
    // He does not know yet.
    _ = try ben.replica.compose(
      own, [.control(.groupAdd([gina.replica.member], .member))], wall: ben.wall)
    ben.drain()
    link(ben, fritz)
    #expect(fritz.replica.membershipNow(own)?.grade(of: gina.replica.member) == .member)
    link(emil, fritz)
    link(dora, fritz)
    for node in [dora, fritz] {
      let membership = node.replica.membershipNow(own)
      #expect(membership?.grade(of: gina.replica.member) == nil)
      #expect(membership?.grade(of: dora.replica.member) == .manager)
      #expect(membership?.grade(of: fritz.replica.member) == .member)
      #expect(membership?.voids.count == 1)
    }
    // What she writes next stands on what she vouched for.
    try dora.say("still here", in: own)
    link(dora, fritz)
    #expect(fritz.texts(own).contains("still here"))
  }

  @Test func `a first word on who is gone waits for those who are linked alone`() throws {
    let office = try Office()
    let (anna, ben, dora, emil, group) = (
      office.anna, office.ben, office.dora, office.emil, office.group
    )
    func waits() -> Bool { dora.replica.isAboutToVouch(group) }
    try ben.say("on friday", in: group)
    try office.meet(ben)
    try office.removeBen()
    try office.meet(emil)
    // Emil has the office log alone.
    let outside = Wire(dora, emil)
    settle([dora, emil], [outside])
    #expect(dora.replica.rosterNow().removals.count == 1)
    #expect(!waits())
    // What was asked of one is to come, until nobody is there to bring it.
    let slow = LoosePeer(dora, as: anna)
    slow.agreeOnOffice()
    slow.say(.have(group, anna.items(group)))
    dora.advance(.milliseconds(500))
    #expect(!slow.asked(group).isEmpty && waits())
    slow.hangUp()
    #expect(!waits())
    let wire = Wire(dora, anna)
    #expect(waits())
    settle([dora, anna], [wire])
    #expect(!waits())
    try dora.say("good morning", in: group)
    #expect(dora.shown(group) == ["hello", "on friday", "good morning"])
    // It has said it.
    wire.cut()
    let again = Wire(dora, anna)
    #expect(!waits())
    again.cut()
    outside.cut()
  }

  @Test func `a first word on who is gone waits for the disk to have what came`() throws {
    let office = try Office()
    let (anna, ben, dora, emil, group) = (
      office.anna, office.ben, office.dora, office.emil, office.group
    )
    func waits() -> Bool { dora.replica.isAboutToVouch(group) }
    try ben.say("on friday", in: group)
    try office.meet(ben)
    try office.removeBen()
    try office.meet(emil)
    let outside = Wire(dora, emil)
    settle([dora, emil], [outside])
    dora.storesAtOnce = false
    let wire = Wire(dora, anna)
    settle([dora, anna], [wire])
    // All that was asked for came, and is cited once it is stored.
    #expect(!dora.shown(group).contains("on friday"))
    #expect(waits())
    dora.storesAtOnce = true
    dora.storeAll()
    settle([dora, anna], [wire])
    #expect(dora.shown(group).contains("on friday"))
    #expect(!waits())
    wire.cut()
    outside.cut()
  }

  @Test func `who came after a removal bears no witness of it`() throws {
    let office = try Office()
    let (anna, ben, emil, group) = (office.anna, office.ben, office.emil, office.group)
    try office.removeBen()
    try office.meet(emil)
    let gina = try admit(by: anna, name: "Gina")
    _ = try anna.replica.compose(
      group, [.control(.groupAdd([gina.replica.member], .member))], wall: anna.wall)
    anna.drain()
    try office.makeEpoch(anna)
    try office.meet(gina)
    // Ben's further message reaches Fritz, who reads on and writes nothing.
    try ben.say("late", in: group)
    link(ben, office.fritz)
    try office.meet(office.fritz, gina)
    try gina.say("I am new", in: group)
    try office.meet(gina, office.fritz)
    for node in [anna, gina, office.fritz] {
      #expect(!node.shown(group).contains("late"))
      #expect(node.shown(group).contains("I am new"))
    }
  }

  @Test func `who was removed from a group brings nothing more into it`() throws {
    let office = try Office()
    let (anna, ben, group) = (office.anna, office.ben, office.group)
    let member = ben.replica.member
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    _ = try anna.replica.compose(
      group, [.control(.groupRemove(member, anna.replica.cuts(of: member, in: group)))],
      wall: anna.wall)
    anna.drain()
    // On its way when the removal was written.
    try ben.say("lost", in: group)
    settle([anna, ben], [wire])
    #expect(!anna.texts(group).contains("lost"))
    #expect(ben.replica.departure(of: member, from: group) != nil)
    #expect(anna.closed.isEmpty && ben.closed.isEmpty)
  }

  @Test func `the past of a long talk is walked once, however often it is asked for`() throws {
    let office = try Office()
    let (anna, ben, emil, group) = (office.anna, office.ben, office.emil, office.group)
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    for number in 0..<100 {
      try (number % 2 == 0 ? ben : anna).say("\(number)", in: group)
      settle([anna, ben], [wire], rounds: 2)
    }
    wire.cut()
    try office.removeBen()
    try office.meet(emil)
    try office.makeEpoch(anna)
    let known = anna.replica.group(group)
    let state = try #require(known)
    let cites = state.feedList.reduce(0) { $0 + $1.cites.count }
    #expect(cites > 90)
    let own = try #require(state.feedList.first { $0.isOwn })
    #expect(state.reach(from: own, upTo: UInt32(own.admittedCount - 1)).stepCount <= cites)
    for _ in 0..<3 { #expect(anna.replica.voidCount(in: group, of: ben.replica.member) == 0) }
    let steps = state.witnesses.values.reduce(0) { $0 + $1.seen.stepCount }
    #expect(steps > 90 && steps <= cites)
    // A further witness adds what it brings.
    try office.meet(office.dora)
    try office.dora.say("and I", in: group)
    try office.meet(office.dora)
    #expect(anna.replica.voidCount(in: group, of: ben.replica.member) == 0)
    let after = state.witnesses.values.reduce(0) { $0 + $1.seen.stepCount }
    #expect(after >= steps && after <= state.feedList.reduce(0) { $0 + $1.cites.count })
  }
}
