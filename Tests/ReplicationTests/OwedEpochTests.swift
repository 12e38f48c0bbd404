import Cryptography
import Format
import Testing

@testable import Replication

/// Who makes a lacking epoch where one device would put it off (K-5).
@Suite struct OwedEpochTests {
  /// Anna, who waits a step for Ben, and a link on which Ben says what a test has him say. Cleo was
  /// removed, and no epoch without her is here.
  private struct Bench {
    let anna: MemoryNode
    let ben: MemoryNode
    let group: GroupID

    init() throws {
      var office = try GroupRemovalTests.Office()
      while office.anna.replica.secrets.device < office.ben.replica.secrets.device {
        office = try GroupRemovalTests.Office()
      }
      (anna, ben, group) = (office.anna, office.ben, office.group)
      let wire = Wire(anna, ben)
      settle([anna, ben], [wire])
      try ben.say("hello", in: group)
      settle([anna, ben], [wire])
      wire.cut()
      try office.remove(office.cleo)
      anna.epochsDue = []
    }

    func link() -> LoosePeer {
      let peer = LoosePeer(anna, as: ben)
      peer.agreeOnOffice()
      return peer
    }

    func isDue(within step: Duration, times: Int) -> Bool {
      for _ in 0..<times { anna.advance(step) }
      return anna.epochsDue.contains(group)
    }

    /// Lets Anna ask for what is nowhere.
    func invent(_ peer: LoosePeer) {
      peer.say(
        .have(
          group,
          [
            FrontierItem(
              feed: FeedID(Bytes16(Random.bytes16())), branch: BranchID(Bytes16()), seq: 9,
              prefix: Bytes16(Random.bytes16()))
          ]))
      anna.advance(.milliseconds(2 * Limits.askDelayMilliseconds))
      #expect(!peer.wants().isEmpty)
    }
  }

  @Test func `who writes epochs for itself alone again and again does not put off the others'`()
    throws
  {
    let bench = try Bench()
    let peer = bench.link()
    for message in try Forger(bench.ben, bench.group).selfishEpochs(12) {
      peer.say(message)
      _ = bench.isDue(within: .milliseconds(500), times: 3)
    }
    #expect(bench.anna.brokenRules.isEmpty)
    #expect(bench.anna.epochsDue.contains(bench.group))
  }

  @Test func `an epoch that has become due waits for entries that are to come, and not for ever`()
    throws
  {
    let bench = try Bench()
    let peer = bench.link()
    // The groups were looked at; the step for Ben's smaller key is left.
    #expect(!bench.isDue(within: .milliseconds(500), times: 2 * Limits.epochStepSeconds))
    bench.invent(peer)
    #expect(!bench.isDue(within: .milliseconds(500), times: 2 * Limits.epochStepSeconds + 2))
    #expect(bench.isDue(within: .seconds(Limits.epochStepSeconds), times: Limits.wantSeconds))
  }

  @Test func `an epoch that has become due waits until what came is stored`() throws {
    let bench = try Bench()
    let peer = bench.link()
    #expect(!bench.isDue(within: .milliseconds(500), times: 2 * Limits.epochStepSeconds))
    bench.anna.storesAtOnce = false
    for message in try Forger(bench.ben, bench.group).selfishEpochs(1) { peer.say(message) }
    #expect(!bench.isDue(within: .milliseconds(500), times: 2 * Limits.epochStepSeconds + 2))
    bench.anna.storesAtOnce = true
    bench.anna.storeAll()
    #expect(bench.isDue(within: .seconds(Limits.epochStepSeconds), times: 2))
  }

  @Test func `whoever links later is waited for anew`() throws {
    let bench = try Bench()
    let first = bench.link()
    bench.invent(first)
    #expect(!bench.isDue(within: .milliseconds(500), times: 2 * Limits.epochStepSeconds))
    first.hangUp()
    #expect(!bench.isDue(within: .seconds(1), times: 2 * Limits.wantSeconds))
    bench.invent(bench.link())
    #expect(!bench.isDue(within: .milliseconds(500), times: 4 * Limits.epochStepSeconds))
  }
}

extension Forger {
  /// Epochs sealed to their author alone, one after the other.
  fileprivate func selfishEpochs(_ count: Int) throws -> [Message] {
    var messages: [Message] = []
    var (prev, seq, lamport) = (feed.head.id, feed.head.seq, feed.head.lamport)
    var wall = feed.head.wallMilliseconds
    for number in 0..<count {
      var builder = CommitBuilder(
        group: group, feed: feed.place.feed, prev: prev, nextSeq: seq + 1, lamport: lamport)
      let body = EpochBody(
        ephemeral: Bytes32(Random.bytes32()),
        copies: [
          .init(
            device: ben.replica.secrets.device,
            sealed: [UInt8](repeating: UInt8(number), count: EpochBody.SealedCopy.sealedSize))
        ])
      _ = builder.append(
        .epoch, body: body.encode(), epoch: EpochID(Bytes16(Random.bytes16())), wall: wall + 1)
      let batch = builder.sign(ben.replica.secrets)
      var packer = BatchPacker(
        group: group, feed: feed.place.feed, first: batch.first, wallBase: wall,
        lamportBase: lamport, behind: [UInt8](repeating: 0, count: 16))
      for entry in batch.entries {
        packer.append(
          batch.records, headerAt: Int(entry.headerAt), headerSize: Int(entry.headerSize),
          body: entry.bodyState)
      }
      messages.append(
        .entries(try EntriesMessage(decoding: packer.finish(signature: batch.signature))))
      (prev, seq, lamport) = (batch.last.id, batch.last.seq, batch.last.lamport)
      wall = batch.last.wallMilliseconds
    }
    return messages
  }
}
