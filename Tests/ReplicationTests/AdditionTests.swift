import Authority
import Cryptography
import Format
import Replication
import Testing

/// What becomes of an addition to a group of which only the one who was added knows.
@Suite struct AdditionTests {
  private struct Office {
    let anna = MemoryNode.founder()
    let ben: MemoryNode
    let cleo: MemoryNode
    let group: GroupID

    init(withCleo: Bool) throws {
      _ = try everyone(anna)
      ben = try admit(by: anna, name: "Ben")
      cleo = try admit(by: anna, name: "Cleo")
      let members = [ben.replica.member] + (withCleo ? [cleo.replica.member] : [])
      group = try anna.replica.foundGroup(
        .listed, pair: nil, [.groupAdd(members.sorted(), .member)], wall: anna.wall
      ).group
      anna.drain()
    }

    func write(_ operation: Format.Operation) throws {
      _ = try anna.replica.compose(group, [.control(operation)], wall: anna.wall)
      anna.drain()
    }

    func isMember(_ node: MemoryNode, at other: MemoryNode) -> Bool {
      other.replica.membershipNow(group)?.grade(of: node.replica.member) != nil
    }
  }

  @Test func `who was added tells it where who added it was seen by nobody else`() throws {
    let office = try Office(withCleo: false)
    let (anna, ben, cleo, group) = (office.anna, office.ben, office.cleo, office.group)
    let wires = [Wire(anna, ben), Wire(anna, cleo)]
    settle([anna, ben, cleo], wires)
    wires[0].cut()
    try office.write(.groupAdd([cleo.replica.member], .member))
    try anna.say("welcome", in: group)
    settle([anna, cleo], [wires[1]])
    wires[1].cut()
    #expect(office.isMember(cleo, at: cleo) && !office.isMember(cleo, at: ben))
    settle([ben, cleo], [Wire(ben, cleo)])
    #expect(office.isMember(cleo, at: ben))
    try cleo.say("here I am", in: group)
    try ben.say("so you are", in: group)
    settle([ben, cleo], [Wire(ben, cleo)])
    #expect(ben.texts(group).contains("here I am") && cleo.texts(group).contains("so you are"))
    #expect(ben.entries(group) == cleo.entries(group))
    #expect(ben.closed.isEmpty && cleo.closed.isEmpty)
  }

  @Test func `who was removed and added again tells it to who knows of the removal`() throws {
    let office = try Office(withCleo: true)
    let (anna, ben, cleo, group) = (office.anna, office.ben, office.cleo, office.group)
    let wires = [Wire(anna, ben), Wire(anna, cleo)]
    settle([anna, ben, cleo], wires)
    let member = cleo.replica.member
    try office.write(.groupRemove(member, anna.replica.cuts(of: member, in: group)))
    settle([anna, ben, cleo], wires)
    #expect(!office.isMember(cleo, at: ben))
    wires[0].cut()
    try office.write(.groupAdd([member], .member))
    settle([anna, cleo], [wires[1]])
    wires[1].cut()
    #expect(office.isMember(cleo, at: cleo) && !office.isMember(cleo, at: ben))
    settle([ben, cleo], [Wire(ben, cleo)])
    #expect(office.isMember(cleo, at: ben))
    try cleo.say("again", in: group)
    settle([ben, cleo], [Wire(ben, cleo)])
    #expect(ben.texts(group).contains("again"))
    #expect(ben.closed.isEmpty && cleo.closed.isEmpty)
  }

  @Test func `from who was removed nothing is taken that it wrote, and it gets nothing`() throws {
    let office = try Office(withCleo: true)
    let (anna, ben, cleo, group) = (office.anna, office.ben, office.cleo, office.group)
    let wires = [Wire(anna, ben), Wire(anna, cleo)]
    settle([anna, ben, cleo], wires)
    wires[1].cut()
    let member = cleo.replica.member
    try office.write(.groupRemove(member, anna.replica.cuts(of: member, in: group)))
    try anna.say("without her", in: group)
    settle([anna, ben], [wires[0]])
    try cleo.say("nobody hears that", in: group)
    let held = ben.entries(group)
    settle([ben, cleo], [Wire(ben, cleo)])
    #expect(ben.entries(group) == held)
    #expect(!cleo.texts(group).contains("without her"))
  }

  @Test func `who was added by what a disk lost gives it back`() throws {
    let anna = MemoryNode.founder()
    let ben = try admit(by: anna, name: "Ben")
    let group = try anna.replica.foundGroup(.listed, pair: nil, [], wall: anna.wall).group
    anna.drain()
    let image = anna.backup()
    _ = try anna.replica.compose(
      group, [.control(.groupAdd([ben.replica.member], .member))], wall: anna.wall)
    anna.drain()
    try anna.say("you are in", in: group)
    try meet(anna, ben)
    #expect(ben.texts(group) == ["you are in"])
    let again = anna.restored(from: image, secrets: try anna.copyOfSecrets())
    try meet(again, ben)
    #expect(again.texts(group) == ["you are in"])
    try again.say("so am I", in: group)
    try meet(again, ben)
    #expect(ben.texts(group) == ["you are in", "so am I"])
    #expect(!ben.hasFoundFork && ben.brokenRules.isEmpty && again.brokenRules.isEmpty)
  }
}
