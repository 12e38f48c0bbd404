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

  @Test func `what is received beyond what the disk takes leaves no hole`() throws {
    let (anna, ben, group) = try office()
    let most = Limits.storeQueueBatchesMax
    for number in 0..<most { try ben.say("\(number)", in: group) }
    anna.storesAtOnce = false
    let peer = LoosePeer(anna, as: ben)
    peer.agreeOnOffice()
    for message in ben.messages(group) { peer.say(message) }
    #expect(anna.unstored.count <= most / 2)
    // Own entries have the other half, and then whoever writes is told to wait.
    for number in anna.unstored.count..<most { try anna.say("\(number)", in: group) }
    #expect(throws: ComposeRefusal.busy) { try anna.say("one too many", in: group) }
    #expect(anna.unstored.count == most)
    anna.storesAtOnce = true
    anna.storeAll()
    try anna.say("and on", in: group)
    #expect(anna.texts(group).contains("and on"))
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire], rounds: 4)
    #expect(anna.replica.digest(of: group) == ben.replica.digest(of: group))
  }
}
