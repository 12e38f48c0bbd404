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

  @Test func `nobody founds more groups than the others take in from one device`() throws {
    let anna = MemoryNode.founder()
    // The office log is the first of them.
    let most = Limits.groupsPerDeviceMax - 1
    for _ in 0..<most { _ = try everyone(anna) }
    #expect(throws: ComposeRefusal.full) { try everyone(anna) }
    let ben = try admit(by: anna, name: "Ben")
    settle([anna, ben], [Wire(anna, ben)], rounds: 8)
    #expect(ben.replica.groupIDs.count == most)
    // One more, as only her keys can make it.
    let none = GroupState(id: GroupID(Bytes32()), isOffice: false)
    var builder = anna.replica.builder(none, nil)
    var cited = anna.replica.cite(none, nil)
    let facts = GroupFacts(
      office: anna.replica.office, kind: .everyone, pair: nil, ownersDoNotOutrank: false)
    anna.replica.appendGenesis(&builder, &cited, founding: facts, anna.wall)
    let batch = builder.sign(anna.replica.secrets)
    var packer = BatchPacker(
      group: batch.group, feed: batch.feed, first: 0, wallBase: 0, lamportBase: 0,
      behind: [UInt8](repeating: 0, count: 16))
    packer.append(
      batch.records, headerAt: Int(batch.entries[0].headerAt),
      headerSize: Int(batch.entries[0].headerSize), body: .present)
    let peer = LoosePeer(ben, as: anna)
    peer.agreeOnOffice()
    peer.say(.entries(try EntriesMessage(decoding: packer.finish(signature: batch.signature))))
    #expect(ben.replica.groups[batch.group] == nil && !peer.isClosed())
    #expect(ben.happenings.contains(.full(batch.group)))
    // Nobody is asked for it any more.
    _ = peer.heard()
    let item = FrontierItem(
      feed: batch.feed, branch: BranchID(Bytes16()), seq: 0, prefix: batch.last.id.prefix)
    for message in [
      .have(batch.group, [item]), .frontier(batch.group, [item]),
      .digests([.init(group: batch.group, digest: FrontierDigest(Bytes32()))]),
    ] as [Message] {
      peer.say(message)
    }
    ben.advance(.seconds(1))
    for message in peer.heard() {
      switch message {
      case .want(let group, _), .frontier(let group, _): #expect(group != batch.group)
      default: break
      }
    }
  }
}
