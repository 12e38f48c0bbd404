import Authority
import Cryptography
import Format
import Replication
import Testing

/// Peers that say what no honest node says, or nothing more at all.
@Suite struct HostilePeerTests {
  /// Anna's and Ben's nodes with a group of everyone, both in step and not linked any more.
  private func office() throws -> (anna: MemoryNode, ben: MemoryNode, group: GroupID) {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    try ben.say("here I am", in: group)
    settle([anna, ben], [wire], rounds: 4)
    wire.cut()
    return (anna, ben, group)
  }

  @Test func `a head at the end of all seqs stops nobody`() throws {
    let (anna, ben, group) = try office()
    let feed = try #require(anna.feed(of: ben, in: group))
    let peer = LoosePeer(anna, as: ben)
    peer.agreeOnOffice()
    let item = FrontierItem(
      feed: feed, branch: BranchID(Bytes16()), seq: .max, prefix: Bytes16(Random.bytes16()))
    peer.say(.have(group, [item]))
    // Not even the first of the two messages gets past the decoder.
    let bytes = Message.have(group, [item]).encode()
    let error = #expect(throws: DecodeError.self) {
      try Message.decode(kind: bytes[0], Array(bytes[5...]))
    }
    #expect(error?.rule.label == "R-1")
    try ben.say("next", in: group)
    for message in ben.messages(group) { peer.say(message) }
    #expect(anna.texts(group).count == 2)
  }
}
