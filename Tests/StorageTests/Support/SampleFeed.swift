import Cryptography
import Format
import Storage

/// A well-formed feed for tests: real headers, hashes and chains, and made-up signatures, which
/// Storage never looks into.
struct SampleFeed {
  let group: GroupID
  private(set) var feed: FeedID
  private(set) var next: UInt32 = 0
  private var prev = EntryID(Bytes32())
  private var wall: UInt64 = 1_700_000_000_000
  private(set) var lamport: UInt32 = 0
  var bodySize: Int
  private let nonce: UInt8

  /// The feed that founds a group, or, with `group`, another one in it.
  init(in group: GroupID? = nil, nonce: UInt8, bodySize: Int = 40) {
    self.bodySize = bodySize
    self.nonce = nonce
    // The founding genesis is hashed with a zero group, as is any that founds nothing here.
    self.group = group ?? GroupID(Self.genesis(group: GroupID(Bytes32()), nonce).id.bytes)
    let genesis = Self.genesis(group: group ?? GroupID(Bytes32()), nonce)
    isFounding = group == nil
    feed = FeedID(genesis.id.prefix)
  }

  private let isFounding: Bool

  private static func genesis(
    group: GroupID, _ nonce: UInt8
  ) -> (header: [UInt8], id: EntryID) {
    var ext: [EntryHeader.Extension] = [
      .init(type: 1, value: [UInt8](repeating: 1, count: 32)),
      .init(type: 2, value: [UInt8](repeating: 2, count: 32)),
      .init(type: 3, value: [UInt8](repeating: nonce, count: 16)),
    ]
    if group.isZero {
      ext.append(.init(type: 4, value: [UInt8](repeating: 9, count: 32)))
      ext.append(.init(type: 5, value: [2]))
    }
    let header = EntryHeader(
      kind: .genesis, group: group, feed: FeedID(Bytes16()), seq: 0, prev: EntryID(Bytes32()),
      wallMilliseconds: 1_700_000_000_000, lamport: 1, epoch: EpochID(Bytes16()), bodySize: 0,
      bodyHash: BodyHash(Bytes32()), deps: [], ext: ext
    ).encode()
    return (header, id(of: header))
  }

  static func id(of header: [UInt8]) -> EntryID { EntryID(hash(.entry, header)) }

  static func hash(_ label: Label.Hash, _ bytes: [UInt8]) -> Bytes32 {
    let hash = Blake2b.hash(label, bytes.span)
    return Bytes32(hash.indices.map { hash[$0] }) ?? Bytes32()
  }

  /// The next entries as one batch; `salt` changes the bodies and so the IDs.
  mutating func batch(
    _ count: Int, salt: UInt8 = 0, branch: BranchID = BranchID(Bytes16()), isSigned: Bool = true
  ) -> Batch {
    var records = [UInt8](repeating: 0, count: RecordLayout.headSize)
    var entries: [EntrySummary] = []
    for _ in 0..<count {
      let body = next == 0 ? [] : self.body(next, salt)
      lamport += 1
      wall += 1_000
      let header =
        next == 0
        ? Self.genesis(group: isFounding ? GroupID(Bytes32()) : group, nonce).header : message(body)
      let id = Self.id(of: header)
      records += [UInt8](repeating: 0, count: RecordLayout.prefixSize)
      entries.append(
        EntrySummary(
          id: id, seq: next, lamport: lamport,
          wallMilliseconds: next == 0 ? 1_700_000_000_000 : wall, flags: 0,
          kind: next == 0 ? 1 : 2, depCount: 0, bodyState: .present,
          headerAt: UInt32(records.count), headerSize: UInt16(header.count),
          bodySize: UInt32(body.count)))
      records += header + body
      prev = id
      next += 1
    }
    let signature =
      isSigned ? [UInt8](repeating: UInt8(truncatingIfNeeded: next) | 1, count: 64) : []
    return Batch(
      group: group, feed: feed, branch: branch, records: records, entries: entries,
      signature: SignatureBytes(signature) ?? SignatureBytes())
  }

  /// Makes the next entry follow this lamport, right or wrong.
  mutating func setLamport(_ value: UInt32) { lamport = value }

  /// The body of an entry, which its place and the salt decide.
  func body(_ seq: UInt32, _ salt: UInt8 = 0) -> [UInt8] {
    (0..<bodySize).map { UInt8(truncatingIfNeeded: Int(seq) &* 7 &+ $0 &+ Int(salt)) | 1 }
  }

  private func message(_ body: [UInt8]) -> [UInt8] {
    EntryHeader(
      kind: .message, group: group, feed: feed, seq: next, prev: prev, wallMilliseconds: wall,
      lamport: lamport, epoch: EpochID(Bytes16(1, 2)), bodySize: UInt32(body.count),
      bodyHash: BodyHash(body.isEmpty ? Bytes32() : Self.hash(.body, body)), deps: [], ext: []
    ).encode()
  }
}
