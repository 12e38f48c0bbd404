import Authority
import Cryptography
import Format
import Testing

@testable import Replication

/// What is shown of an office's past: the operations that had an effect, and no others.
@Suite struct PastTests {
  private let anna = MemoryNode.founder()
  private let ben: MemoryNode
  private let cleo: MemoryNode

  init() throws {
    _ = try everyone(anna)
    ben = try admit(by: anna, name: "Ben")
    cleo = try admit(by: anna, name: "Cleo")
  }

  private var office: GroupID { anna.replica.office }

  private func write(_ operation: Operation, _ node: MemoryNode) throws {
    _ = try node.replica.compose(office, [.control(operation)], wall: node.wall)
    node.drain()
  }

  private func meet(_ nodes: MemoryNode...) {
    let wire = Wire(nodes[0], nodes[1])
    settle(nodes, [wire])
    wire.cut()
  }

  private func past(_ node: MemoryNode) -> [Operation] {
    node.replica.pastOperations(in: office).map(\.operation)
  }

  @Test func `what a removed admin did beyond the cut was never done`() throws {
    let (member, other) = (ben.replica.member, cleo.replica.member)
    try write(.rank(member, .admin, []), anna)
    meet(anna, ben)
    meet(anna, cleo)
    let early = Operation.rank(other, .box, [])
    try write(early, ben)
    meet(ben, cleo)
    meet(cleo, anna)
    #expect(past(anna).contains(early))
    let late = Operation.rank(other, .member, [])
    try write(late, ben)
    let removal = Operation.remove(.member(member), anna.replica.cuts(of: member, in: office))
    try write(removal, anna)
    meet(ben, cleo)
    #expect(past(cleo).contains(late))
    meet(cleo, anna)
    for node in [anna, cleo] {
      let shown = past(node)
      #expect(shown.contains(early) && shown.contains(removal) && !shown.contains(late))
      #expect(node.replica.rosterNow().voids.count == 1)
    }
  }

  @Test func `of two lists of owners after the same one the past has that which came in force`()
    throws
  {
    let both = ownerList([anna, ben], after: EntryID(Bytes32()), by: anna)
    try write(.owners(both), anna)
    meet(anna, ben)
    let first = anna.replica.rosterNow().lastOwners
    let (alone, three) = (
      ownerList([anna], after: first, by: anna, ben),
      ownerList([anna, ben, cleo], after: first, by: anna, ben)
    )
    try write(.owners(alone), anna)
    try write(.owners(three), ben)
    #expect(past(anna).contains(.owners(alone)) && past(ben).contains(.owners(three)))
    meet(anna, ben)
    for node in [anna, ben] {
      let owners = node.replica.rosterNow().owners
      let inForce = owners.count == 1 ? alone : three
      let lists = past(node).filter { if case .owners = $0 { true } else { false } }
      #expect(lists == [.owners(both), .owners(inForce)])
    }
  }
}
