import Format
import Testing

@testable import Replication

/// Entries of Ben's feed as only his keys can make them.
struct Forger {
  let ben: MemoryNode
  let group: GroupID
  let feed: FeedState

  /// Continues the first own feed, or the last one.
  init(_ ben: MemoryNode, _ group: GroupID, last: Bool = false) throws {
    self.ben = ben
    self.group = group
    let own = try #require(ben.replica.groups[group]).feedList.filter(\.isOwn)
    feed = try #require(last ? own.last : own.first)
  }

  /// One entry behind the head that cites this one.
  func citing(_ cited: Reference) -> Batch {
    var builder = CommitBuilder(
      group: group, feed: feed.place.feed, prev: feed.head.id, nextSeq: feed.head.seq + 1,
      lamport: feed.head.lamport)
    _ = builder.append(
      .message, body: [UInt8](repeating: 1, count: 168), epoch: EpochID(Bytes16(1, 2)),
      deps: [cited], depLamport: 0, wall: feed.head.wallMilliseconds)
    return builder.sign(ben.replica.secrets)
  }

  /// A message whose lamport is too low for what it cites, and others behind it.
  func ending(_ cited: Reference, then numbers: [UInt8]) -> Batch {
    var builder = CommitBuilder(
      group: group, feed: feed.place.feed, prev: feed.head.id, nextSeq: feed.head.seq + 1,
      lamport: feed.head.lamport)
    for (index, number) in ([0] + numbers).enumerated() {
      _ = builder.append(
        .message, body: [UInt8](repeating: number, count: 168), epoch: EpochID(Bytes16(1, 2)),
        deps: index == 0 ? [cited] : [], depLamport: 0,
        wall: feed.head.wallMilliseconds + UInt64(number))
    }
    return builder.sign(ben.replica.secrets)
  }

  /// The same entries, said to begin at another place.
  func misplaced(
    _ batch: Batch, from first: UInt32, branch: BranchID = BranchID(Bytes16()),
    hasBodies: Bool = true
  ) throws -> Message {
    var packer = BatchPacker(
      group: batch.group, feed: batch.feed, first: first, wallBase: 1, lamportBase: 1,
      behind: branch.bytes.array)
    for entry in batch.entries {
      packer.append(
        batch.records, headerAt: Int(entry.headerAt), headerSize: Int(entry.headerSize),
        body: hasBodies ? entry.bodyState : .erased)
    }
    return .entries(try EntriesMessage(decoding: packer.finish(signature: batch.signature)))
  }

  /// One run behind the head: a message of these bytes for each number.
  func run(_ numbers: [UInt8]) -> Batch {
    var builder = CommitBuilder(
      group: group, feed: feed.place.feed, prev: feed.head.id, nextSeq: feed.head.seq + 1,
      lamport: feed.head.lamport)
    for number in numbers {
      _ = builder.append(
        .message, body: [UInt8](repeating: number, count: 168),
        epoch: EpochID(Bytes16(1, 2)), wall: feed.head.wallMilliseconds + UInt64(number))
    }
    return builder.sign(ben.replica.secrets)
  }

  func message(
    _ batch: Batch, branch: BranchID = BranchID(Bytes16()), hasBodies: Bool = true
  ) throws -> Message {
    var packer = BatchPacker(
      group: batch.group, feed: batch.feed, first: batch.first,
      wallBase: feed.head.wallMilliseconds, lamportBase: feed.head.lamport,
      behind: branch.bytes.array)
    for entry in batch.entries {
      packer.append(
        batch.records, headerAt: Int(entry.headerAt), headerSize: Int(entry.headerSize),
        body: hasBodies ? entry.bodyState : .erased)
    }
    return .entries(try EntriesMessage(decoding: packer.finish(signature: batch.signature)))
  }

  func item(_ batch: Batch, branch: Bytes16) -> FrontierItem {
    FrontierItem(
      feed: feed.place.feed, branch: BranchID(branch), seq: batch.last.seq,
      prefix: batch.last.id.prefix)
  }

  /// The run with the signature of another one: a reader finds that it follows nothing.
  func signedWrongly(_ batch: Batch, as other: Batch) -> Batch {
    var wrong = batch
    wrong.signature = other.signature
    return wrong
  }
}

extension LoosePeer {
  /// Announces a run as a branch of that name, and lets the node ask for it.
  func announce(_ batch: Batch, of forger: Forger, as name: Bytes16) {
    say(.have(forger.group, [forger.item(batch, branch: name)]))
    node.advance(.milliseconds(500))
  }
}
