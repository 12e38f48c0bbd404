import Format
import Testing

@testable import Replication

/// Which group of everyone is the office's (C-22).
@Suite struct EveryoneGroupTests {
  @Test func `what another device founded is not it, also before the office's has come`() throws {
    let anna = MemoryNode.founder()
    let ben = try admit(by: anna, name: "Ben")
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    let other = try everyone(ben)
    settle([anna, ben], [wire])
    for node in [anna, ben] {
      #expect(node.replica.kind(of: other) == .everyone)
      #expect(node.replica.everyone == nil)
    }
    let office = try everyone(anna)
    settle([anna, ben], [wire])
    for node in [anna, ben] { #expect(node.replica.everyone?.id == office) }
  }
}
