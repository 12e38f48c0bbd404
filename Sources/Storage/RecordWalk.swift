import Format

/// Goes through the records of one group and checks each before it is used.
///
/// The one door for record groups read from disk: opening, reading and inspecting all pass here.
/// What it yields can be handed to code that trusts the shape of headers.
struct RecordWalk {
  private let head: GroupHead
  private let group: GroupID
  private let seed: PlaceSeed
  /// What to add to an index of the buffer to get an offset of the segment.
  private let shift: Int
  private let end: Int
  private var at: Int
  private var index = 0
  private var lamport: UInt32 = 0

  /// One checked record, by indexes of the buffer.
  struct Record {
    let headerAt: Int
    let headerSize: Int
    let bodyState: BodyState
    /// Zeros of the body are still to be written.
    let isErasing: Bool
    /// Bytes between this header and the next prefix.
    let extent: Int
    var bodyAt: Int { headerAt + headerSize }
  }

  /// Begins behind a head found at `start` of the buffer, whose whole group the buffer holds.
  init(_ head: GroupHead, group: GroupID, seed: PlaceSeed, start: Int, offset: UInt64) {
    (self.head, self.group, self.seed) = (head, group, seed)
    shift = Int(offset) - start
    at = start + GroupHead.size
    end = start + Int(head.length)
  }

  /// The next record, or nil behind the last.
  mutating func next(_ span: RawSpan) throws(GroupFault) -> Record? {
    guard index < Int(head.count) else {
      guard at == end else { throw .badContent(entry: index) }
      return nil
    }
    guard end - at >= RecordLayout.prefixSize else { throw .badContent(entry: index) }
    let prefixAt = at
    let prefix = load64(span, prefixAt)
    let headerSize = Int(prefix >> 48)
    let extent = Int(prefix & 0xffff_ffff)
    let headerAt = prefixAt + RecordLayout.prefixSize
    guard headerSize >= HeaderLayout.sizeMin, headerSize <= end - headerAt,
      extent <= end - headerAt - headerSize
    else { throw .badHeader(entry: index) }
    let seal = RecordSeal(seed, offset: UInt64(prefixAt + shift))
    let header = span.extracting(headerAt..<headerAt + headerSize)
    guard
      load32(span, prefixAt + RecordLayout.headerChecksum) == seal.header(prefix: prefix, header)
    else { throw .badHeader(entry: index) }
    try checkContent(header, prefix: prefix)
    let body = span.extracting(headerAt + headerSize..<headerAt + headerSize + extent)
    let finding = try find(
      body, header, state: UInt8(prefix >> 40 & 0xff),
      checksum: load32(span, prefixAt + RecordLayout.bodyChecksum), seal)
    at = headerAt + headerSize + extent
    index += 1
    return Record(
      headerAt: headerAt, headerSize: headerSize,
      bodyState: finding == .present ? .present : .erased, isErasing: finding == .erasing,
      extent: extent)
  }

  private func find(
    _ body: RawSpan, _ header: RawSpan, state: UInt8, checksum: UInt32, _ seal: RecordSeal
  ) throws(GroupFault) -> BodyFinding {
    let finding = findBody(
      state: state, checksum: checksum, seal: seal, header: header, body: body)
    guard finding != .damaged else { throw .badBody(entry: index) }
    return finding
  }

  /// What checksums cannot promise: they hold for whatever somebody chose to write.
  private mutating func checkContent(_ header: RawSpan, prefix: UInt64) throws(GroupFault) {
    do throws(DecodeError) {
      try checkHeader(header)
    } catch {
      throw .badContent(entry: index)
    }
    let seq = load32(header, HeaderLayout.seq)
    let newLamport = load32(header, HeaderLayout.lamport)
    let extent = Int(prefix & 0xffff_ffff)
    guard prefix >> 32 & 0xff == 0, seq == head.first + UInt32(index), newLamport > lamport,
      extent == 0 || extent == Int(load32(header, HeaderLayout.bodySize)),
      seq == 0 || Bytes16(header, HeaderLayout.feed) == head.feed.bytes
    else { throw .badContent(entry: index) }
    let stated = GroupID(Bytes32(header, HeaderLayout.group))
    guard stated == group || (seq == 0 && stated.isZero) else { throw .badContent(entry: index) }
    lamport = newLamport
  }
}

/// Checks a whole record group and puts it together as a batch whose records are the buffer.
func checkedBatch(
  _ buffer: [UInt8], _ head: GroupHead, group: GroupID, seed: PlaceSeed, start: Int,
  offset: UInt64
) throws(GroupFault) -> (batch: Batch, erasing: [Int]) {
  var walk = RecordWalk(head, group: group, seed: seed, start: start, offset: offset)
  var entries: [EntrySummary] = []
  entries.reserveCapacity(Int(head.count))
  var erasing: [Int] = []
  let span = buffer.raw
  while let record = try walk.next(span) {
    let at = record.headerAt
    if !entries.isEmpty {
      entries[entries.count - 1].id = EntryID(Bytes32(span, at + HeaderLayout.prev))
    }
    if record.isErasing { erasing.append(entries.count) }
    entries.append(
      EntrySummary(
        id: head.lastID, seq: load32(span, at + HeaderLayout.seq),
        lamport: load32(span, at + HeaderLayout.lamport),
        wallMilliseconds: load64(span, at + HeaderLayout.wall),
        flags: load16(span, at + HeaderLayout.flags), kind: load8(span, at + HeaderLayout.kind),
        depCount: load8(span, at + HeaderLayout.depCount), bodyState: record.bodyState,
        headerAt: UInt32(at), headerSize: UInt16(record.headerSize),
        bodySize: load32(span, at + HeaderLayout.bodySize)))
  }
  let batch = Batch(
    group: group, feed: head.feed, branch: head.branch, records: buffer, entries: entries,
    signature: head.signature)
  return (batch, erasing)
}
