import Cryptography
import Format
import TestSupport
import Testing

@testable import Replication

/// The door for batches: through what a replica does with one from a link, and packed again.
enum BatchDoor {
  static func batch(_ vector: Vector) throws -> [String: String] {
    try batch(vector, at: witness(of: vector))
  }

  /// A node of the office that the batch is of.
  static func witness(of vector: Vector) -> Witness {
    let content = [UInt8](repeating: 0, count: 16) + vector.bytes
    let message = try? EntriesMessage(decoding: content)
    let group = message?.head.group ?? GroupID(Bytes32())
    let isOffice = vector.text("log") == "office"
    return Witness(office: isOffice ? group : message.flatMap(office) ?? GroupID(Bytes32()))
  }

  static func batch(_ vector: Vector, at witness: Witness) throws -> [String: String] {
    let held = try vector.text("held").map { _ in try EntryHeader(decoding: vector.hex("held")) }
    let content = [UInt8](repeating: 0, count: 16) + vector.bytes
    let message = try EntriesMessage(decoding: content)
    let head = message.head
    let isOffice = vector.text("log") == "office"
    // Decode comes first, whatever the batch is said to follow.
    _ = try unpacked(message, after: held)
    if head.first > 0 { try follows(head, held) }
    let device = held == nil ? DeviceKey(Bytes32()) : try deviceKey(vector)
    let batch: Batch
    do throws(Violation) {
      batch = try witness.replica.verify(
        message, GroupState(id: head.group, isOffice: isOffice),
        feed(holding: held, head, device))
    } catch {
      throw Refusal(error)
    }
    if vector.text("branch") != nil {
      let begins = try batch.entries[0].id.prefix.array == vector.hex("branch")
      try need(begins, .verify("R-13"))
    }
    try needSame(pack(batch, head), vector.bytes)
    let headers = try batch.entries.map { try batch.header($0) }
    return [
      "id": batch.last.id.description, "headers": headers.flatMap { $0.encode() }.hex,
    ]
  }

  private static func deviceKey(_ vector: Vector) throws -> DeviceKey {
    DeviceKey(try #require(Bytes32(vector.hex("device-key"))))
  }

  /// The batch as it decodes: nothing of it is verified.
  private static func unpacked(
    _ message: EntriesMessage, after held: EntryHeader?
  ) throws(DecodeError) -> Batch {
    let before = held.flatMap { Bytes32(hashed(.entry, $0.encode())) } ?? Bytes32()
    var unpacker = BatchUnpacker(
      message.head, entriesAt: EntriesMessage.entriesAt, prev: EntryID(before))
    var records: [UInt8] = []
    let entries = try unpacker.unpack(message.bytes, into: &records, hasher: EntryHashes())
    return Batch(
      group: message.head.group, feed: message.head.feed, branch: message.branch,
      records: records, entries: entries, signature: message.head.signature)
  }

  /// The office of a group whose first genesis is in the batch; the vectors do not name it.
  private static func office(_ message: EntriesMessage) -> GroupID? {
    guard let batch = try? unpacked(message, after: nil),
      let header = try? batch.header(batch.entries[0])
    else { return nil }
    return GenesisFacts(header)?.group?.office
  }

  /// The feed as a node holds it whose last entry is `held`.
  private static func feed(
    holding held: EntryHeader?, _ head: BatchHead, _ device: DeviceKey
  ) -> FeedState? {
    guard let held, let id = Bytes32(hashed(.entry, held.encode())) else { return nil }
    let feed = FeedState(
      feed: head.feed, device: device, certificate: EntryID(Bytes32()), isOwn: false)
    feed.head = .init(
      id: EntryID(id), seq: held.seq, lamport: held.lamport,
      wallMilliseconds: held.wallMilliseconds)
    return feed
  }

  /// E-12 and F-15: a replica looks up what it holds by group, feed and seq, so that to it another
  /// place is a gap and never comes as far as the verification.
  private static func follows(_ head: BatchHead, _ held: EntryHeader?) throws {
    guard let held else { throw Refusal.verify("F-15") }
    try need(held.seq + 1 == head.first, .verify("F-15"))
    let id = hashed(.entry, held.encode())
    let feed = held.seq == 0 ? Array(id[..<16]) : held.feed.bytes.array
    let group = held.group.isZero ? id : held.group.bytes.array
    try need(feed == head.feed.bytes.array && group == head.group.bytes.array, .verify("E-12"))
  }

  /// The batch as it would travel on.
  static func pack(_ batch: Batch, _ head: BatchHead) -> [UInt8] {
    var packer = BatchPacker(
      group: head.group, feed: head.feed, first: head.first, wallBase: head.wallBase,
      lamportBase: head.lamportBase)
    for entry in batch.entries {
      packer.append(
        batch.records, headerAt: Int(entry.headerAt), headerSize: Int(entry.headerSize),
        body: entry.bodyState)
    }
    return packer.finish(signature: head.signature)
  }
}
