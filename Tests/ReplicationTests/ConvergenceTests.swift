import Cryptography
import Format
import Replication
import Testing

/// Answers that must not depend on what came first here, nor on what one member writes.
@Suite struct ConvergenceTests {
  @Test func `two first answers to a removal at one lamport decide alike everywhere`() throws {
    // IDs are random: in some rounds the one that decides came first, in some it came last.
    for _ in 0..<6 {
      let anna = MemoryNode.founder()
      let group = try everyone(anna)
      let ben = try admit(by: anna, name: "Ben")
      let cleo = try admit(by: anna, name: "Cleo")
      let dora = try admit(by: anna, name: "Dora")
      let nodes = [anna, ben, cleo, dora]
      let star = [Wire(anna, ben), Wire(anna, cleo), Wire(anna, dora)]
      settle(nodes, star, rounds: 8)
      for wire in star { wire.cut() }
      // Each knows its own feed first.
      try ben.say("b", in: group)
      try dora.say("d", in: group)
      try cleo.say("late", in: group)
      meet(ben, cleo)
      for number in 0..<20 { try name(.office, "Office \(number)", by: anna) }
      _ = try anna.replica.compose(
        anna.replica.office, [.control(.remove(.member(cleo.replica.member), []))],
        wall: anna.wall)
      anna.drain()
      meet(anna, dora)
      try dora.say("y", in: group)
      meet(anna, ben)
      try ben.say("x", in: group)
      meet(ben, dora)
      #expect(ben.replica.digest(of: group) == dora.replica.digest(of: group))
      #expect(ben.shown(group).sorted() == dora.shown(group).sorted())
      meet(anna, dora)
      #expect(anna.shown(group).sorted() == dora.shown(group).sorted())
    }
  }

  @Test func `no number of names from one member hides what others said`() throws {
    let anna = MemoryNode.founder()
    let ben = try admit(by: anna, name: "Ben")
    try name(.office, "Smith Ltd", by: anna)
    meet(anna, ben)
    for number in 0..<40 {
      try name(.office, "Ben's \(number)", by: ben)
      try name(.member(anna.replica.member), "Thief \(number)", by: ben)
    }
    try name(.member(ben.replica.member), "Ben the Second", by: ben)
    try name(.member(anna.replica.member), "Anna", by: anna)
    meet(anna, ben)
    for number in 0..<40 { try name(.member(anna.replica.member), "Thief \(number)", by: ben) }
    meet(anna, ben)
    for node in [anna, ben] {
      #expect(node.replica.officeName()?.text == "Smith Ltd")
      #expect(node.replica.name(of: anna.replica.member)?.text == "Anna")
      #expect(node.replica.name(of: ben.replica.member)?.text == "Ben the Second")
    }
  }

  @Test func `a device whose key nothing can be sealed to costs its group no epoch a message`()
    throws
  {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    _ = try admit(by: anna, name: "Eve", sealing: SealingIdentity(Bytes32()))
    for number in 0..<5 { try anna.say("\(number)", in: group) }
    let epochs = anna.log.filter { $0.group == group }.flatMap(\.entries)
      .count { $0.kind == EntryKind.epoch.rawValue }
    #expect(epochs == 1)
    meet(anna, ben)
    #expect(ben.texts(group) == (0..<5).map(String.init))
    try ben.say("under the same", in: group)
    meet(anna, ben)
    #expect(anna.texts(group).last == "under the same")
    let later = anna.log.filter { $0.group == group }.flatMap(\.entries)
      .count { $0.kind == EntryKind.epoch.rawValue }
    #expect(later == 1)
  }

  @Test func `an epoch of a commit that was refused is not written under later`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    meet(anna, ben)
    let longest = [UInt8](repeating: 0x61, count: Limits.textBytesMax)
    let drafts = (0..<8).map { _ in
      Draft.message(.text(RequestID(Bytes16(Random.bytes16())), longest))
    }
    #expect(throws: ComposeRefusal.self) {
      _ = try anna.replica.compose(group, drafts, wall: anna.wall)
    }
    try anna.say("can be read", in: group)
    meet(anna, ben)
    #expect(ben.texts(group) == ["can be read"])
  }

  private func meet(_ a: MemoryNode, _ b: MemoryNode) {
    let wire = Wire(a, b)
    settle([a, b], [wire], rounds: 8)
    wire.cut()
  }

  private func name(_ subject: Content.Subject, _ text: String, by node: MemoryNode) throws {
    _ = try node.replica.compose(
      node.replica.office,
      [.message(.name(RequestID(Bytes16(Random.bytes16())), subject, try Name(text)))],
      wall: node.wall)
    node.drain()
  }
}
