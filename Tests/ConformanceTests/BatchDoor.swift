import Cryptography
import Format
import TestSupport

/// The door for batches: unpacked with the real hashes, verified, and packed again.
enum BatchDoor {
  static func batch(_ vector: Vector) throws -> [String: String] {
    let held = try vector.text("held").map { _ in try EntryHeader(decoding: vector.hex("held")) }
    let head = try BatchHead(decoding: vector.bytes, at: 0)
    let batch = try unpack(vector.bytes, head, after: held)
    try batch.checkBodies()
    let headers = try batch.entries.map { try batch.header($0) }
    let key =
      try GenesisFacts(headers[0])?.device.bytes.array ?? vector.hex("device-key")
    if head.first > 0 { try follows(head, held) }
    for header in headers {
      try EntryDoors.place(header, isOffice: vector.text("log") == "office")
    }
    let signed = isGenuine(
      head.signature.array, .entry, batch.last.id.bytes.array, by: key)
    try need(signed, .verify("F-2"))
    if vector.text("branch") != nil {
      let begins = try batch.entries[0].id.prefix.array == vector.hex("branch")
      try need(begins, .verify("R-13"))
    }
    try needSame(pack(batch, head), vector.bytes)
    return [
      "id": batch.last.id.description, "headers": headers.flatMap { $0.encode() }.hex,
    ]
  }

  /// Unpacks the batch that fills `bytes`.
  static func unpack(
    _ bytes: [UInt8], _ head: BatchHead, after held: EntryHeader?
  ) throws -> Batch {
    let before = held.map { hashed(.entry, $0.encode()) } ?? []
    var unpacker = BatchUnpacker(
      head, entriesAt: BatchHead.size, prev: EntryID(Bytes32(before) ?? Bytes32()))
    var records: [UInt8] = []
    let entries = try unpacker.unpack(bytes, into: &records, hasher: RealHasher())
    return Batch(
      group: head.group, feed: head.feed, branch: BranchID(Bytes16()), records: records,
      entries: entries, signature: head.signature)
  }

  /// E-12 and F-15: whether the batch continues what is held.
  private static func follows(_ head: BatchHead, _ held: EntryHeader?) throws {
    guard let held else { throw Refusal.verify("F-15") }
    try need(held.seq + 1 == head.first, .verify("F-15"))
    let id = hashed(.entry, held.encode())
    let feed = held.seq == 0 ? Array(id[..<16]) : held.feed.bytes.array
    let group = held.group.isZero ? id : held.group.bytes.array
    try need(feed == head.feed.bytes.array && group == head.group.bytes.array, .verify("E-12"))
    let bases = (held.wallMilliseconds, held.lamport) == (head.wallBase, head.lamportBase)
    try need(bases, .verify("F-15"))
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
