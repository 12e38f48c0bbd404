import Cryptography
import Format
import Platform
import Storage
import Testing
import Transport

@testable import Daemon
@testable import Replication

/// What whoever watches a simulated node is told of its links.
@Suite(.serialized) struct ListeningTests {
  private let node = TurnedNode()
  private let link = Transport.LinkID(7)

  /// An entry behind the end of an own feed, as a peer sends it that leaves its body out.
  private func bare(_ office: OfficeNode, _ group: GroupID, _ feed: FeedState) throws -> Message {
    let head = feed.head
    var builder = CommitBuilder(
      group: group, feed: feed.place.feed, prev: head.id, nextSeq: head.seq + 1,
      lamport: head.lamport)
    _ = builder.append(
      .message, body: [UInt8](repeating: 1, count: 168), epoch: EpochID(Bytes16(1, 2)),
      wall: head.wallMilliseconds)
    let batch = builder.sign(office.replica.secrets)
    var packer = BatchPacker(
      group: group, feed: batch.feed, first: batch.first, wallBase: head.wallMilliseconds,
      lamportBase: head.lamport, behind: BranchID(Bytes16()).bytes.array)
    for entry in batch.entries {
      packer.append(
        batch.records, headerAt: Int(entry.headerAt), headerSize: Int(entry.headerSize),
        body: .erased)
    }
    return .entries(try EntriesMessage(decoding: packer.finish(signature: batch.signature)))
  }

  @Test func `behind a broken rule nothing is taken, and nothing is told of it`() throws {
    let loop = try node.start()
    try node.found(loop)
    defer { loop.stop() }
    let office = try #require(loop.office)
    let group = try #require(office.ownGroups().first)
    let feed = try #require(office.replica.groups[group]?.feedList.first { $0.isOwn })
    var heard: [UInt8] = []
    loop.listen { message, _ in heard.append(message.kind) }
    office.handle(
      .linkUp(
        Replication.LinkID(link.number), office.replica.secrets.device,
        noise: office.replica.secrets.noiseIdentity, named: office.replica.certificate))
    let claim = Message.have(
      group,
      [
        FrontierItem(
          feed: feed.place.feed, branch: BranchID(Bytes16()), seq: feed.head.seq + 5,
          prefix: Bytes16(3, 4))
      ])
    let now = loop.clock.now()
    loop.received(try bare(office, group, feed), link, now)
    loop.received(claim, link, now)
    #expect(heard == [Message.entriesKind])
    #expect(!feed.isClosed)

    // On another link, in the same turn, it is a claim like any.
    let other = Transport.LinkID(8)
    office.handle(
      .linkUp(
        Replication.LinkID(other.number), office.replica.secrets.device,
        noise: office.replica.secrets.noiseIdentity, named: office.replica.certificate))
    loop.received(claim, other, now)
    #expect(heard.count == 2)
    #expect(feed.isClosed)
  }
}
