import Authority
import Format
import Replication
import Testing

/// What becomes of who was added to a group by somebody who might not any more: it is told so, or all
/// know that it is in.
@Suite struct LostAdditionTests {
  /// Anna founds the office and a group, in which Ben is a manager and Cleo a member; Dora is not.
  private struct Office {
    let anna = MemoryNode.founder()
    let ben: MemoryNode
    let cleo: MemoryNode
    let dora: MemoryNode
    let group: GroupID
    var all: [MemoryNode] { [anna, ben, cleo, dora] }

    init(withDora: Bool = false) throws {
      _ = try everyone(anna)
      ben = try admit(by: anna, name: "Ben")
      cleo = try admit(by: anna, name: "Cleo")
      dora = try admit(by: anna, name: "Dora")
      let members = [cleo.replica.member] + (withDora ? [dora.replica.member] : [])
      group = try anna.replica.foundGroup(
        .listed, pair: nil,
        [.groupAdd([ben.replica.member], .manager), .groupAdd(members.sorted(), .member)],
        wall: anna.wall
      ).group
      anna.drain()
      meet(all.dropFirst().map { (anna, $0) } + [(ben, dora)])
    }

    func meet(_ pairs: [(MemoryNode, MemoryNode)], rounds: Int = 12) {
      let wires = pairs.map { Wire($0, $1) }
      settle(all, wires, rounds: rounds)
      for wire in wires { wire.cut() }
    }

    func write(_ operation: Format.Operation, by node: MemoryNode, in id: GroupID? = nil) throws {
      node.wall += 1
      _ = try node.replica.compose(id ?? group, [.control(operation)], wall: node.wall)
      node.drain()
    }

    func remove(_ node: MemoryNode) throws {
      let member = node.replica.member
      try write(.groupRemove(member, anna.replica.cuts(of: member, in: group)), by: anna)
    }

    func dismiss(_ node: MemoryNode) throws {
      let cuts = anna.replica.cuts(of: node.replica.member, in: anna.replica.office)
      try write(
        .remove(.member(node.replica.member), cuts), by: anna, in: anna.replica.office)
    }

    func isIn(_ node: MemoryNode, at other: MemoryNode) -> Bool {
      other.replica.membershipNow(group)?.grade(of: node.replica.member) != nil
    }

    /// Dora's node says that Ben might not add her, and writes nothing.
    func expectNotAdded() throws {
      #expect(!isIn(dora, at: dora) && !isIn(dora, at: anna))
      let departure = dora.replica.departure(of: dora.replica.member, from: group)
      #expect(departure?.author == ben.replica.member)
      #expect(departure?.isRemoval == false)
      #expect(throws: ComposeRefusal.self) { try dora.say("nobody", in: group) }
      for node in all { #expect(node.closed.isEmpty) }
    }
  }

  /// What takes from Ben that he may add somebody.
  enum End: CaseIterable {
    case removal, lowering, dismissal
  }

  @Test(arguments: End.allCases, [false, true])
  func `who was added meanwhile learns that it is not in, and why`(
    end: End, isKnown: Bool
  ) throws {
    let office = try Office()
    let (anna, ben, dora, group) = (office.anna, office.ben, office.dora, office.group)
    try office.write(.groupAdd([dora.replica.member], .member), by: ben)
    office.meet([(ben, dora)] + (isKnown ? [(ben, office.cleo)] : []))
    #expect(office.isIn(dora, at: dora))
    try dora.say("here I am", in: group)
    switch end {
    case .removal: try office.remove(ben)
    case .lowering: try office.write(.groupAdd([ben.replica.member], .member), by: anna)
    case .dismissal:
      try office.dismiss(ben)
      try anna.say("Ben is gone", in: group)
    }
    if isKnown { office.meet([(anna, office.cleo)]) }
    office.meet([(anna, dora)])
    try office.expectNotAdded()
    #expect(dora.replica.unheardCount(in: group) == 1)
    // What she knows is not shown again.
    let wire = Wire(anna, dora)
    var shown = 0
    wire.tamper = { message in
      if case .entries(let entries) = message, entries.head.group == group { shown += 1 }
      return message
    }
    settle([anna, dora], [wire], rounds: 8)
    #expect(shown == 0)
  }

  @Test func `who was added by a dismissed one is in where nobody who decides knew of that`()
    throws
  {
    let office = try Office()
    let (ben, cleo, dora) = (office.ben, office.cleo, office.dora)
    // Ben leads it alone.
    let group = try ben.replica.foundGroup(
      .listed, pair: nil, [.groupAdd([cleo.replica.member], .member)], wall: ben.wall
    ).group
    ben.drain()
    office.meet([(ben, cleo)])
    try office.write(.groupAdd([dora.replica.member], .member), by: ben, in: group)
    office.meet([(ben, dora)])
    try office.dismiss(ben)
    office.meet([(office.anna, cleo), (office.anna, dora)])
    try cleo.say("Ben is gone", in: group)
    office.meet([(cleo, dora)])
    try dora.say("I am here", in: group)
    office.meet([(cleo, dora)])
    for node in [cleo, dora] {
      #expect(node.replica.membershipNow(group)?.members.count == 2)
      #expect(node.texts(group).contains("I am here"))
      #expect(node.texts(group).count == 2)
    }
    #expect(cleo.entries(group) == dora.entries(group))
    #expect(cleo.closed.isEmpty && dora.closed.isEmpty)
  }

  @Test(arguments: [End.removal, .lowering], [false, true])
  func `who was removed once and added again learns it too`(end: End, isKnown: Bool) throws {
    let office = try Office(withDora: true)
    let (anna, ben, cleo, dora) = (office.anna, office.ben, office.cleo, office.dora)
    try office.remove(dora)
    office.meet([(anna, ben), (anna, cleo), (anna, dora)])
    #expect(!office.isIn(dora, at: dora))
    try office.write(.groupAdd([dora.replica.member], .member), by: ben)
    office.meet([(ben, dora)] + (isKnown ? [(ben, cleo)] : []))
    #expect(office.isIn(dora, at: dora))
    switch end {
    case .removal: try office.remove(ben)
    default: try office.write(.groupAdd([ben.replica.member], .member), by: anna)
    }
    if isKnown { office.meet([(anna, cleo)]) }
    office.meet([(anna, dora)])
    try office.expectNotAdded()
  }

  @Test func `who was made a manager in vain learns it, whatever it wrote as one`() throws {
    let office = try Office()
    let (anna, ben, cleo, dora) = (office.anna, office.ben, office.cleo, office.dora)
    let group = try ben.replica.foundGroup(
      .listed, pair: nil, [.groupAdd([anna.replica.member], .member)], wall: ben.wall
    ).group
    ben.drain()
    office.meet([(anna, ben)])
    try office.write(.groupAdd([dora.replica.member], .manager), by: ben, in: group)
    office.meet([(ben, dora)])
    try office.dismiss(ben)
    try anna.say("Ben is gone", in: group)
    // Dora hears that of Cleo, who is not in the group, and says a word of her own.
    office.meet([(anna, cleo)])
    office.meet([(cleo, dora)])
    try dora.say("I lead here", in: group)
    func isIn(at node: MemoryNode) -> Bool {
      node.replica.membershipNow(group)?.grade(of: dora.replica.member) != nil
    }
    #expect(isIn(at: dora))
    office.meet([(anna, dora)])
    #expect(!isIn(at: anna) && !isIn(at: dora))
    #expect(
      dora.replica.departure(of: dora.replica.member, from: group)?.author == ben.replica.member)
    #expect(throws: ComposeRefusal.self) { try dora.say("nobody", in: group) }
    #expect(anna.closed.isEmpty && dora.closed.isEmpty)
  }

  @Test func `another removal of who added it is not shown`() throws {
    let office = try Office()
    let (anna, ben, cleo, dora) = (office.anna, office.ben, office.cleo, office.dora)
    try office.write(.groupAdd([dora.replica.member], .member), by: ben)
    office.meet([(ben, dora), (ben, cleo)])
    try office.remove(ben)
    office.meet([(anna, cleo)])
    let known = anna.replica.membershipNow(office.group)?.removals.first?.entry
    try office.write(.groupAdd([ben.replica.member], .manager), by: anna)
    try anna.say("once more", in: office.group)
    try office.remove(ben)
    #expect(anna.replica.membershipNow(office.group)?.removals.count == 2)
    office.meet([(anna, dora)])
    try office.expectNotAdded()
    let place = try #require(known)
    #expect(dora.entries(office.group)[place.place]?.count == Int(place.seq) + 1)
  }

  @Test func `an addition in vain hides no removal before it`() throws {
    let office = try Office(withDora: true)
    let (anna, ben, dora, group) = (office.anna, office.ben, office.dora, office.group)
    let member = dora.replica.member
    try office.remove(dora)
    let removal = anna.replica.departure(of: member, from: group)
    #expect(removal?.isRemoval == true)
    office.meet([(anna, ben)])
    try office.remove(ben)
    for node in office.all { node.wall += 1_000_000 }
    try office.write(.groupAdd([member], .member), by: ben)
    office.meet([(ben, dora)])
    office.meet([(ben, office.cleo)])
    office.meet([(anna, office.cleo)])
    let cleo = office.cleo
    let departure = cleo.replica.departure(of: member, from: group)
    #expect(departure?.isRemoval == false)
    let last = cleo.replica.lastRemoval(of: member, from: group)
    #expect(last != nil && last == removal?.effectiveMilliseconds)
    let own = cleo.replica.lastRemoval(of: cleo.replica.member, from: group)
    #expect(own == nil)
  }

  @Test func `who added it is not taken for who removed it, nor that for its own departure`() throws
  {
    let office = try Office()
    let (anna, ben, dora, group) = (office.anna, office.ben, office.dora, office.group)
    try office.remove(ben)
    for node in office.all { node.wall += 1_000_000 }
    try office.write(.groupAdd([dora.replica.member], .member), by: ben)
    let added = ben.wall
    office.meet([(ben, dora)])
    office.meet([(anna, dora)])
    try office.expectNotAdded()
    // Ben was removed long before.
    let departure = dora.replica.departure(of: dora.replica.member, from: group)
    #expect(departure?.effectiveMilliseconds ?? 0 >= added)
    let own = ben.replica.departure(of: ben.replica.member, from: group)
    #expect(own == nil)
    office.meet([(anna, ben)])
    let removed = ben.replica.departure(of: ben.replica.member, from: group)
    #expect(removed?.author == anna.replica.member && removed?.isRemoval == true)
  }

  @Test func `who came by the ticket of one who was removed from the group learns it`() throws {
    let office = try Office()
    let (anna, ben, dora, group) = (office.anna, office.ben, office.dora, office.group)
    try office.write(.rank(ben.replica.member, .admin, []), by: anna, in: anna.replica.office)
    office.meet([(anna, ben)])
    let fritz = try admit(by: ben, name: "Fritz", groups: [group])
    try meet(ben, fritz)
    #expect(office.isIn(fritz, at: fritz))
    try office.remove(ben)
    // Anna hears that Fritz is in the office of somebody who is not in the group.
    office.meet([(ben, dora)])
    office.meet([(anna, dora)])
    try meet(anna, fritz)
    #expect(!office.isIn(fritz, at: fritz) && !office.isIn(fritz, at: anna))
    let departure = fritz.replica.departure(of: fritz.replica.member, from: group)
    #expect(departure?.author == ben.replica.member && departure?.isRemoval == false)
    #expect(anna.closed.isEmpty && fritz.closed.isEmpty)
  }

  @Test func `who was added beside a lowering by one branch of a feed learns it`() throws {
    let office = try Office()
    let (anna, ben, dora, group) = (office.anna, office.ben, office.dora, office.group)
    try ben.say("common", in: group)
    office.meet([(anna, ben)])
    let copy = ben.restarted(secrets: try ben.copyOfSecrets())
    for node in office.all + [copy] { node.tellsForks = false }
    try office.write(.groupAdd([dora.replica.member], .member), by: copy)
    for number in 0..<3 { try ben.say("\(number)", in: group) }
    try meet(copy, dora)
    #expect(office.isIn(dora, at: dora))
    try office.write(.groupAdd([ben.replica.member], .member), by: anna)
    for node in [ben, copy] { try meet(anna, node) }
    #expect(anna.hasFoundFork && !dora.hasFoundFork)
    office.meet([(anna, dora)])
    try office.expectNotAdded()
  }
}
