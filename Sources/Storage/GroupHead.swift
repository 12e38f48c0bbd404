import Format

/// The head of a record group: the 160 bytes that Storage fills before a batch.
struct GroupHead: Hashable, Sendable {
  static let size = RecordLayout.headSize
  static let checksumAt = 156
  private static let ownFlag: UInt8 = 1

  /// The mark of the segment.
  var mark: UInt32
  /// Bytes of the whole record group, this head included.
  var length: UInt32
  var count: UInt16
  var isOwn: Bool
  var first: UInt32
  var feed: FeedID
  var branch: BranchID
  /// The wall clock of this node when it took the batch in, in milliseconds since 1970.
  var arrival: UInt64
  /// Zero where an own batch was not signed.
  var signature: SignatureBytes
  /// The ID of the last entry; those before it stand as `prev` in the headers behind them.
  var lastID: EntryID
  /// Up to here the segment had survived a flush when this was written.
  var durable: UInt32
  /// The checksum of this head, zero before it was stored or read.
  private(set) var checksum: UInt32 = 0

  var place: FeedPlace { FeedPlace(feed: feed, branch: branch) }
  var last: UInt32 { first + UInt32(count) - 1 }

  /// Whether what stands at `at` has the form of a head, before its checksum is asked.
  static func mayStand(_ span: RawSpan, _ at: Int) -> Bool {
    load8(span, at + 11) == 0 && load8(span, at + 10) & ~ownFlag == 0
      && (Self.size...RecordLayout.groupSizeMax).contains(Int(load32(span, at + 4)))
      && load32(span, at) != 0
  }

  /// Reads the head at `at` of `span`, which lies at `offset` of its segment, or nil if it is none.
  init?(_ span: RawSpan, _ at: Int, mark: UInt32, seed: PlaceSeed, offset: UInt64) {
    guard at >= 0, span.byteCount - at >= Self.size, mark != 0, load32(span, at) == mark else {
      return nil
    }
    let sum = Crc32c.finish(
      Crc32c.extend(seed.at(offset), span.extracting(at..<at + Self.checksumAt)))
    guard load32(span, at + Self.checksumAt) == sum else { return nil }
    self.mark = mark
    length = load32(span, at + 4)
    count = load16(span, at + 8)
    let flags = load8(span, at + 10)
    first = load32(span, at + 12)
    guard flags & ~Self.ownFlag == 0, load8(span, at + 11) == 0,
      length >= Self.size, length <= RecordLayout.groupSizeMax,
      count >= 1, count <= Limits.runEntriesMax, first <= UInt32.max - UInt32(count)
    else { return nil }
    isOwn = flags & Self.ownFlag != 0
    feed = FeedID(Bytes16(span, at + 16))
    branch = BranchID(Bytes16(span, at + 32))
    arrival = load64(span, at + 48)
    signature = SignatureBytes(span, at + 56)
    lastID = EntryID(Bytes32(span, at + 120))
    durable = load32(span, at + 152)
    checksum = sum
  }

  init(_ batch: Batch, mark: UInt32, isOwn: Bool, arrival: UInt64, durable: UInt32) {
    self.mark = mark
    length = UInt32(batch.records.count)
    count = UInt16(batch.entries.count)
    first = batch.first
    (feed, branch, signature) = (batch.feed, batch.branch, batch.signature)
    lastID = batch.last.id
    (self.isOwn, self.arrival, self.durable) = (isOwn, arrival, durable)
  }

  /// Writes the head and returns its checksum.
  func store(_ span: inout MutableRawSpan, seed: PlaceSeed, offset: UInt64) -> UInt32 {
    store32(mark, &span, 0)
    store32(length, &span, 4)
    store16(count, &span, 8)
    store8(isOwn ? Self.ownFlag : 0, &span, 10)
    store8(0, &span, 11)
    store32(first, &span, 12)
    feed.bytes.store(&span, 16)
    branch.bytes.store(&span, 32)
    store64(arrival, &span, 48)
    signature.store(&span, 56)
    lastID.bytes.store(&span, 120)
    store32(durable, &span, 152)
    let sum = Crc32c.finish(
      Crc32c.extend(seed.at(offset), span.bytes.extracting(0..<Self.checksumAt)))
    store32(sum, &span, Self.checksumAt)
    return sum
  }
}

/// Of a head that was read, what its batch does not tell.
///
/// A start hands a record group from one core to another, where every line of memory costs: so it
/// is small, and the head stays behind.
struct GroupStamp: Sendable {
  let isOwn: Bool
  /// Milliseconds since 1970.
  let arrival: UInt64
  let durable: UInt32
  let checksum: UInt32

  init(_ head: GroupHead) {
    (isOwn, arrival) = (head.isOwn, head.arrival)
    (durable, checksum) = (head.durable, head.checksum)
  }
}
