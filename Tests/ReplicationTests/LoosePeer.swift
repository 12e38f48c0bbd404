import Authority
import Cryptography
import Format
import Testing

@testable import Replication

/// A peer that says exactly what a test has it say: its end of a link to `node`.
struct LoosePeer {
  let node: MemoryNode
  let link: LinkID

  /// A link from the device of `other`, as `node` knows it: provisional where it does not.
  init(_ node: MemoryNode, as other: MemoryNode) {
    self.init(node, noise: other.replica.secrets.noiseIdentity)
  }

  init(_ node: MemoryNode, noise: NoiseIdentity) {
    (self.node, link) = (node, node.nextLink())
    let device = node.replica.rosterNow().device(noise: noise)?.key
    node.handle(.linkUp(link, device, noise: noise, named: EntryID(Bytes32())))
  }

  func say(_ message: Message) { node.handle(.received(link, message)) }

  func hangUp() { node.handle(.linkDown(link)) }

  /// Says an equal digest of the office log, after which groups are spoken of.
  func agreeOnOffice() {
    let office = node.replica.office
    guard let digest = node.replica.digest(of: office) else { return }
    say(.digests([.init(group: office, digest: digest)]))
  }

  /// Everything `node` said to this peer since the last call, entries of feeds included.
  func heard() -> [Message] {
    var all = node.outbox.filter { $0.0 == link }.map(\.1)
    node.outbox.removeAll { $0.0 == link }
    while let content = node.nextEntries(link) {
      if let message = try? Message.decode(kind: Message.entriesKind, content) {
        all.append(message)
      }
    }
    return all
  }

  /// What `node` asked this peer for since the last call, oldest first; nothing is served.
  func wants() -> [Message.Want] {
    defer { node.outbox.removeAll { $0.0 == link } }
    return node.outbox.filter { $0.0 == link }.flatMap { _, message in
      if case .want(_, let wants) = message { return wants }
      return []
    }
  }

  func isClosed() -> Bool { node.closed.contains { $0.0 == link } }

  /// The feeds of a group that `node` asked this peer for since the last call.
  func asked(_ group: GroupID) -> [FeedID] {
    heard().flatMap { message in
      if case .want(group, let wants) = message { return wants.map(\.feed) }
      return []
    }
  }
}

extension MemoryNode {
  /// The batches of a group as `entries` messages, in the order in which they were stored; those behind
  /// a feed's first may say less than what is true of the time and the lamport before them.
  func messages(_ group: GroupID, wallLess: UInt64 = 0, lamportLess: UInt32 = 0) -> [Message] {
    var before: [FeedID: EntrySummary] = [:]
    return log.filter { $0.group == group }.compactMap { batch in
      var packer = BatchPacker(
        group: batch.group, feed: batch.feed, first: batch.first,
        wallBase: before[batch.feed].map { $0.wallMilliseconds - wallLess } ?? 0,
        lamportBase: before[batch.feed].map { $0.lamport - lamportLess } ?? 0,
        behind: [UInt8](repeating: 0, count: 16))
      for entry in batch.entries {
        packer.append(
          batch.records, headerAt: Int(entry.headerAt), headerSize: Int(entry.headerSize),
          body: entry.bodyState)
      }
      before[batch.feed] = batch.last
      return try? Message.decode(
        kind: Message.entriesKind, packer.finish(signature: batch.signature))
    }
  }

  /// A control entry with this body behind the last one of a batch, signed by this node, whose feed that may
  /// not be.
  func controlMessage(
    _ body: [UInt8], behind batch: Batch, asBranch: Bool = false
  ) throws -> Message {
    let last = batch.last
    var builder = CommitBuilder(
      group: batch.group, feed: batch.feed, prev: last.id, nextSeq: last.seq + 1,
      lamport: last.lamport)
    _ = builder.append(.control, body: body, wall: wall)
    let forged = builder.sign(replica.secrets)
    let entry = forged.entries[0]
    let branch = asBranch ? entry.id.prefix : Bytes16()
    var packer = BatchPacker(
      group: batch.group, feed: batch.feed, first: last.seq + 1, wallBase: last.wallMilliseconds,
      lamportBase: last.lamport, behind: branch.array)
    packer.append(
      forged.records, headerAt: Int(entry.headerAt), headerSize: Int(entry.headerSize),
      body: entry.bodyState)
    let content = packer.finish(signature: forged.signature)
    return try #require(try Message.decode(kind: Message.entriesKind, content))
  }

  /// The heads that this node holds of a group.
  func items(_ group: GroupID) -> [FrontierItem] {
    var heads: [FeedID: EntrySummary] = [:]
    for batch in log where batch.group == group { heads[batch.feed] = batch.last }
    return heads.sorted { $0.key < $1.key }.map { feed, head in
      FrontierItem(
        feed: feed, branch: BranchID(Bytes16()), seq: head.seq, prefix: head.id.prefix)
    }
  }

  /// Lets the next own entry of a group begin a new feed.
  func beginAnew(in group: GroupID) {
    replica.closeOwnFeeds(Set(replica.ownHeads.filter { $0.group == group }.map(\.feed)))
  }

  /// The feeds of a group that this node holds, by device.
  func feed(of device: MemoryNode, in group: GroupID) -> FeedID? {
    log.first { batch in
      batch.group == group && batch.first == 0
        && (try? batch.header(batch.entries[0])).flatMap(GenesisFacts.init)?.device
          == device.replica.secrets.device
    }?.feed
  }
}
