import Authority
import Cryptography
import Format
import Testing

@testable import Replication

/// What is not written, and why.
@Suite struct ComposeRefusalTests {
  private let text = Draft.message(.text(RequestID(Bytes16()), Array("x".utf8)))

  @Test func `whose certificate is not here writes nothing and founds nothing`() throws {
    let office = MemoryNode.founder().replica.office
    let stranger = MemoryNode(
      Replica(
        office: office, secrets: DeviceSecrets(), member: MemberID(Bytes16(1, 1)),
        certificate: EntryID(Bytes32(Random.bytes32()))))
    #expect(throws: ComposeRefusal.notAdmittedYet) {
      try stranger.replica.compose(office, [text], wall: 1)
    }
    #expect(stranger.replica.refusal(ofWriting: [text], in: office) == .notAdmittedYet)
    #expect(throws: ComposeRefusal.notAdmittedYet) { try everyone(stranger) }
    #expect(stranger.storedCount == 0)
  }

  @Test func `a box founds no group`() throws {
    let anna = MemoryNode.founder()
    let box = try admit(by: anna, name: "Door", rank: .box)
    settle([anna, box], [Wire(anna, box)], rounds: 4)
    #expect(throws: ComposeRefusal.notAllowed(.mayNotFound)) { try everyone(box) }
  }

  @Test func `what is more than one commit holds is not written in part`() throws {
    let anna = MemoryNode.founder()
    let ben = try admit(by: anna, name: "Ben")
    let group = try anna.replica.foundGroup(.listed, pair: nil, [], wall: anna.wall).group
    anna.drain()
    let before = anna.storedCount
    let most = Limits.runEntriesMax
    let suspend = Draft.control(
      .suspend(FeedID(Bytes16(1, 1)), seq: 0, EntryID(Bytes32()), EntryID(Bytes32())))
    let add = Draft.control(.groupAdd([ben.replica.member], .member))
    // The last one asks for an epoch, which has no room behind the others.
    for (id, drafts) in [
      (anna.replica.office, [Draft](repeating: suspend, count: most + 1)),
      (group, [Draft](repeating: text, count: most + 1)),
      (group, [Draft](repeating: add, count: most) + [text]),
    ] {
      #expect(throws: ComposeRefusal.tooMany) {
        try anna.replica.compose(id, drafts, wall: anna.wall)
      }
    }
    #expect(anna.storedCount == before)
    try anna.say("after", in: group)
    #expect(anna.texts(group) == ["after"])
  }

  @Test func `no epoch is made where one is eligible, or by who is out of the group`() throws {
    let office = try GroupRemovalTests.Office()
    let (anna, ben, group) = (office.anna, office.ben, office.group)
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    try anna.say("before", in: group)
    settle([anna, ben], [wire])
    #expect(try anna.replica.composeEpoch(group, wall: anna.wall).map(\.group) == nil)
    try office.remove(ben)
    settle([anna, ben], [wire])
    #expect(try !ben.replica.lacksEpoch(group))
    #expect(try ben.replica.composeEpoch(group, wall: ben.wall).map(\.group) == nil)
    #expect(try anna.replica.composeEpoch(group, wall: anna.wall).map(\.group) == group)
  }
}
