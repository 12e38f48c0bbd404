import Cryptography
import Format

/// Builds own entries of one feed that are signed together (F-12): one signature, one write.
struct CommitBuilder {
  private(set) var records = [UInt8](repeating: 0, count: RecordLayout.headSize)
  private(set) var entries: [EntrySummary] = []
  private(set) var group: GroupID
  private(set) var feed: FeedID
  private(set) var prev: EntryID
  private(set) var nextSeq: UInt32
  private(set) var lamport: UInt32
  private var runBytes = 0

  /// Continues a feed, or begins one where `feed` is zero.
  init(group: GroupID, feed: FeedID, prev: EntryID, nextSeq: UInt32, lamport: UInt32) {
    (self.group, self.feed, self.prev) = (group, feed, prev)
    (self.nextSeq, self.lamport) = (nextSeq, lamport)
  }

  /// Appends one entry; `depLamport` is the highest lamport among `deps`. Returns its ID.
  mutating func append(
    _ kind: EntryKind, flags: UInt16 = 0, body: [UInt8], epoch: EpochID = EpochID(Bytes16()),
    deps: [Reference] = [], depLamport: UInt32 = 0, ext: [EntryHeader.Extension] = [],
    wall: UInt64
  ) -> EntryID {
    let hashes = EntryHashes()
    var header = EntryHeader(
      kind: kind, group: group, feed: feed, seq: nextSeq, prev: prev, wallMilliseconds: wall,
      lamport: max(lamport, depLamport) + 1, epoch: epoch, bodySize: UInt32(body.count),
      bodyHash: BodyHash(body.isEmpty ? Bytes32() : hashes.bodyHash(body.raw)), deps: deps,
      ext: ext)
    header.flags = flags
    let bytes = header.encode()
    let id = EntryID(hashes.entryID(bytes.raw))
    records.append(contentsOf: [UInt8](repeating: 0, count: RecordLayout.prefixSize))
    entries.append(
      EntrySummary(
        id: id, seq: nextSeq, lamport: header.lamport, wallMilliseconds: wall, flags: flags,
        kind: kind.rawValue, depCount: UInt8(deps.count), bodyState: .present,
        headerAt: UInt32(records.count), headerSize: UInt16(bytes.count),
        bodySize: UInt32(body.count)))
    records.append(contentsOf: bytes)
    records.append(contentsOf: body)
    runBytes += bytes.count + body.count
    if nextSeq == 0 {
      feed = FeedID(id.prefix)
      if group.isZero { group = GroupID(id.bytes) }
    }
    (prev, nextSeq, lamport) = (id, nextSeq + 1, header.lamport)
    return id
  }

  /// A state that can be gone back to, as long as nothing before it is taken back.
  struct Mark {
    fileprivate let count: Int
    fileprivate let bytes: Int
    fileprivate let feed: FeedID
    fileprivate let group: GroupID
    fileprivate let prev: EntryID
    fileprivate let nextSeq: UInt32
    fileprivate let lamport: UInt32
    fileprivate let runBytes: Int
  }

  var count: Int { entries.count }

  var mark: Mark {
    Mark(
      count: entries.count, bytes: records.count, feed: feed, group: group, prev: prev,
      nextSeq: nextSeq, lamport: lamport, runBytes: runBytes)
  }

  /// Takes back what was appended since; returns whether an epoch entry was among it.
  mutating func take(back mark: Mark) -> Bool {
    let hadEpoch = entries[mark.count...].contains { $0.kind == EntryKind.epoch.rawValue }
    entries.removeLast(entries.count - mark.count)
    records.removeLast(records.count - mark.bytes)
    (feed, group, prev) = (mark.feed, mark.group, mark.prev)
    (nextSeq, lamport, runBytes) = (mark.nextSeq, mark.lamport, mark.runBytes)
    return hadEpoch
  }

  /// Whether another entry of this size may join the commit (F-10).
  func fits(bodySize: Int) -> Bool {
    entries.count < Limits.runEntriesMax
      && runBytes + HeaderLayout.sizeMax + bodySize <= Limits.runBytesMax
  }

  /// Signs the last entry, and with it all of them.
  func sign(_ secrets: borrowing DeviceSecrets) -> Batch {
    let signature = secrets.signing.sign(.entry, prev.bytes.array.raw)
    return Batch(
      group: group, feed: feed, branch: BranchID(Bytes16()), records: records, entries: entries,
      signature: SignatureBytes(signature))
  }
}
