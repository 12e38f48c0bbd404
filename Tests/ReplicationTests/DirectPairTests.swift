import Authority
import Format
import Replication
import Testing

/// Two people who both began to write to each other before they met.
@Suite struct DirectPairTests {
  @Test func `both write to the first of two direct groups of one pair`() throws {
    // IDs are random: in some rounds the one was first, in some the other.
    for _ in 0..<4 {
      let anna = MemoryNode.founder()
      let ben = try admit(by: anna, name: "Ben")
      let cleo = try admit(by: anna, name: "Cleo")
      for node in [ben, cleo] { try meet(anna, node) }
      let pair = MemberPair(a: anna.replica.member, b: ben.replica.member)
      func found(_ node: MemoryNode) throws -> GroupID {
        let composed = try node.replica.foundGroup(.direct, pair: pair, [], wall: node.wall)
        node.drain()
        try node.say("from \(node === anna ? "Anna" : "Ben")", in: composed.group)
        return composed.group
      }
      func direct(_ node: MemoryNode) -> GroupID? { node.replica.directGroup(pair) }
      let groups = [try found(anna), try found(ben)]
      #expect(direct(anna) == groups[0])
      #expect(direct(ben) == groups[1])
      try meet(anna, ben)
      let chosen = try #require(direct(anna))
      #expect(direct(ben) == chosen)
      #expect(groups.contains(chosen))
      for node in [anna, ben] {
        #expect(
          groups.flatMap { node.texts($0) }.sorted() == ["from Anna", "from Ben"])
      }
      try ben.say("to the one", in: chosen)
      try meet(anna, ben)
      #expect(anna.texts(chosen).last == "to the one")
      // Nobody else is told of either.
      try meet(ben, cleo)
      #expect(groups.allSatisfy { !cleo.replica.groupIDs.contains($0) })
    }
  }
}
