/// What unpacking needs from outside: the two hashes, which Format does not own.
package protocol EntryHasher {
  /// `H(zr1.body; stored bytes)`.
  func bodyHash(_ bytes: RawSpan) -> Bytes32
  /// `H(zr1.entry; header)`.
  func entryID(_ header: RawSpan) -> Bytes32
}

/// Rebuilds the headers of a batch into a record group: the path every caught-up entry takes.
///
/// All that changes from entry to entry is a stored value of this struct, so that the loop touches
/// no reference and allocates nothing.
package struct BatchUnpacker {
  package let head: BatchHead
  private var at: Int
  private var kind: UInt8 = EntryKind.message.rawValue
  private var flags: UInt16 = 0
  private var epoch = Bytes16()
  private var wall: UInt64
  private var lamport: UInt32
  private var prev: Bytes32
  private var depCount = 0
  /// Where the header before lies in the output: its deps are the base of advanced ones.
  private var lastHeaderAt = 0
  private var runBytes = 0

  /// Room for the record group of a batch of `count` bytes, and behind it for one header of the
  /// largest size: a header is built before it is known how large it is.
  ///
  /// Never more than a full group takes, and little for few entries: a batch keeps the array that
  /// was reserved for it, and thousands of small ones may wait.
  private func workSize(_ count: Int) -> Int {
    let entryMax = RecordLayout.prefixSize + HeaderLayout.sizeMax
    let needed = RecordLayout.headSize + Int(head.count) * entryMax + count
    return min(needed, RecordLayout.groupSizeMax) + HeaderLayout.sizeMax
  }

  /// Begins with the batch at `offset`; `prev` is the ID of the entry before it, zero before a genesis.
  package init(_ head: BatchHead, entriesAt offset: Int, prev: EntryID) {
    self.head = head
    at = offset
    wall = head.wallBase
    lamport = head.lamportBase
    self.prev = prev.bytes
  }

  /// Unpacks the whole batch into `records`, which holds nothing else in the end, and returns the
  /// summaries.
  ///
  /// Throws the rule that is broken. What it returns is well-formed and chained but not verified:
  /// the signature over the last ID is the caller's to check.
  package mutating func unpack(
    _ input: [UInt8], into records: inout [UInt8], hasher: some EntryHasher
  ) throws(DecodeError) -> [EntrySummary] {
    var summaries: [EntrySummary] = []
    summaries.reserveCapacity(Int(head.count))
    let workSize = workSize(input.count)
    if records.count < workSize { records = [UInt8](repeating: 0, count: workSize) }
    var offset = RecordLayout.headSize
    let source = input.raw
    do {
      var span = records.mutableSpan
      var target = unsafe span.mutableBytes
      for index in 0..<UInt32(head.count) {
        let summary = try next(
          source, seq: head.first + index, into: &target, at: offset, hasher: hasher)
        offset = summary.bodyAt + summary.bodyCount
        summaries.append(summary)
      }
    }
    guard at == input.count else { throw .broken(.f13) }
    // Whoever keeps it keeps that much and no more: a batch of one entry is a thousandth of the room.
    records = [UInt8](records[..<offset])
    return summaries
  }

  private mutating func next(
    _ source: RawSpan, seq: UInt32, into target: inout MutableRawSpan, at recordAt: Int,
    hasher: some EntryHasher
  ) throws(DecodeError) -> EntrySummary {
    let headerAt = recordAt + RecordLayout.prefixSize
    // Whatever the entry claims, a header cannot be larger than this, so the target holds it.
    guard target.byteCount - headerAt >= HeaderLayout.sizeMax else { throw .broken(.f10) }
    let bits = try byte(source)
    guard bits & BatchBits.reserved == 0 else { throw .broken(.f13) }
    try readKindAndEpoch(source, bits)
    let headerSize = try readDepsAndExt(source, bits, &target, headerAt)
    let bodySize = try readNumbers(source, bits)
    runBytes += headerSize + Int(bodySize)
    guard runBytes <= Limits.runBytesMax else { throw .broken(.f10) }
    let bodyHash: Bytes32
    var state = BodyState.present
    let bodyAt = headerAt + headerSize
    if bits & BatchBits.bodyless != 0 {
      bodyHash = Bytes32(source, try take(32, source))
      state = .erased
    } else if bodySize == 0 {
      bodyHash = Bytes32()
    } else {
      let start = try take(Int(bodySize), source)
      guard target.byteCount - bodyAt >= Int(bodySize) else { throw .broken(.f10) }
      let body = source.extracting(start..<start + Int(bodySize))
      bodyHash = hasher.bodyHash(body)
      copy(body, &target, bodyAt)
    }
    store8(1, &target, headerAt)
    store8(kind, &target, headerAt + HeaderLayout.kind)
    store16(flags, &target, headerAt + HeaderLayout.flags)
    let isFounding = bits & BatchBits.founding != 0
    (isFounding ? Bytes32() : head.group.bytes).store(&target, headerAt + HeaderLayout.group)
    (seq == 0 ? Bytes16() : head.feed.bytes).store(&target, headerAt + HeaderLayout.feed)
    store32(seq, &target, headerAt + HeaderLayout.seq)
    prev.store(&target, headerAt + HeaderLayout.prev)
    store64(wall, &target, headerAt + HeaderLayout.wall)
    store32(lamport, &target, headerAt + HeaderLayout.lamport)
    epoch.store(&target, headerAt + HeaderLayout.epoch)
    store32(bodySize, &target, headerAt + HeaderLayout.bodySize)
    bodyHash.store(&target, headerAt + HeaderLayout.bodyHash)
    store8(UInt8(depCount), &target, headerAt + HeaderLayout.depCount)
    let id = try finishHeader(
      target, headerAt, headerSize, seq: seq, isFounding: isFounding, hasher: hasher)
    lastHeaderAt = headerAt
    return EntrySummary(
      id: EntryID(id), seq: seq, lamport: lamport, wallMilliseconds: wall, flags: flags,
      kind: kind, depCount: UInt8(depCount), bodyState: state, headerAt: UInt32(headerAt),
      headerSize: UInt16(headerSize), bodySize: bodySize)
  }

  /// Checks the finished header and computes its ID (F-14 for a genesis).
  private mutating func finishHeader(
    _ target: borrowing MutableRawSpan, _ headerAt: Int, _ headerSize: Int, seq: UInt32,
    isFounding: Bool, hasher: some EntryHasher
  ) throws(DecodeError) -> Bytes32 {
    let header = target.bytes.extracting(headerAt..<headerAt + headerSize)
    try checkHeader(header)
    let id = hasher.entryID(header)
    if seq == 0 {
      guard id.prefix == head.feed.bytes, !isFounding || id == head.group.bytes else {
        throw .broken(.f14)
      }
    }
    prev = id
    return id
  }

  private mutating func readKindAndEpoch(
    _ source: RawSpan, _ bits: UInt8
  ) throws(DecodeError) {
    if bits & BatchBits.kind != 0 {
      let start = try take(3, source)
      let (newKind, newFlags) = (load8(source, start), load16(source, start + 1))
      guard newKind != kind || newFlags != flags else { throw .broken(.f13) }
      (kind, flags) = (newKind, newFlags)
    }
    if bits & BatchBits.epoch != 0 {
      let newEpoch = Bytes16(source, try take(16, source))
      guard newEpoch != epoch else { throw .broken(.f13) }
      epoch = newEpoch
    }
  }

  /// Writes deps and ext into the header at `headerAt` and returns the header's size.
  private mutating func readDepsAndExt(
    _ source: RawSpan, _ bits: UInt8, _ target: inout MutableRawSpan, _ headerAt: Int
  ) throws(DecodeError) -> Int {
    let depsAt = headerAt + HeaderLayout.deps
    switch bits & (BatchBits.deps | BatchBits.advanced) {
    case 0: depCount = 0
    case BatchBits.deps: try readDeps(source, &target, depsAt)
    case BatchBits.advanced: try advanceDeps(source, &target, depsAt)
    default: throw .broken(.f13)
    }
    let extAt = depsAt + Reference.size * depCount
    var extSize = 0
    if bits & BatchBits.ext != 0 {
      extSize = Int(load16(source, try take(2, source)))
      guard extSize >= 1 else { throw .broken(.f13) }
      guard extSize <= Limits.extBytesMax else { throw .broken(.e7) }
      let start = try take(extSize, source)
      copy(source.extracting(start..<start + extSize), &target, extAt + 2)
    }
    store16(UInt16(extSize), &target, extAt)
    return extAt + 2 + extSize - headerAt
  }

  private mutating func readDeps(
    _ source: RawSpan, _ target: inout MutableRawSpan, _ depsAt: Int
  ) throws(DecodeError) {
    let count = Int(try byte(source))
    guard count >= 1 else { throw .broken(.f13) }
    guard count <= Limits.depsMax else { throw .broken(.e6) }
    let start = try take(count * Reference.size, source)
    // The advanced form must be used where it can: one encoding for one batch.
    if count == depCount {
      var couldAdvance = true
      for index in 0..<count {
        let new = Reference(source, start + Reference.size * index)
        let old = Reference(
          target.bytes, lastHeaderAt + HeaderLayout.deps + Reference.size * index)
        if new.feed != old.feed || new.seq < old.seq { couldAdvance = false }
      }
      guard !couldAdvance else { throw .broken(.f13) }
    }
    copy(source.extracting(start..<start + count * Reference.size), &target, depsAt)
    depCount = count
  }

  private mutating func advanceDeps(
    _ source: RawSpan, _ target: inout MutableRawSpan, _ depsAt: Int
  ) throws(DecodeError) {
    guard depCount > 0 else { throw .broken(.f13) }
    for index in 0..<depCount {
      let old = Reference(target.bytes, lastHeaderAt + HeaderLayout.deps + Reference.size * index)
      let step = try varint(source)
      let prefix = Bytes16(source, try take(16, source))
      guard step <= UInt64(UInt32.max - old.seq) else { throw .broken(.f13) }
      Reference(feed: old.feed, seq: old.seq + UInt32(step), prefix: prefix)
        .store(&target, depsAt + Reference.size * index)
    }
  }

  /// Reads the three numbers, moves time and lamport on and returns the size of the body.
  private mutating func readNumbers(
    _ source: RawSpan, _ bits: UInt8
  ) throws(DecodeError) -> UInt32 {
    let folded = try varint(source)
    wall = wall &+ ((folded >> 1) ^ (0 &- (folded & 1)))
    let step = try varint(source)
    guard lamport < UInt32.max, step <= UInt64(UInt32.max - lamport - 1) else {
      throw .broken(.f13)
    }
    lamport += UInt32(step) + 1
    let bodySize = try varint(source)
    guard bodySize <= UInt64(Limits.bodyBytesMax) else { throw .broken(.e4) }
    if bits & BatchBits.bodyless != 0 {
      guard bodySize != 0, EntryKind(rawValue: kind)?.isErasable ?? false else {
        throw .broken(.f13)
      }
    }
    return UInt32(bodySize)
  }

  private mutating func byte(_ source: RawSpan) throws(DecodeError) -> UInt8 {
    load8(source, try take(1, source))
  }

  private mutating func take(_ count: Int, _ source: RawSpan) throws(DecodeError) -> Int {
    guard count <= source.byteCount - at else { throw .truncated(.f13) }
    defer { at += count }
    return at
  }

  private mutating func varint(_ source: RawSpan) throws(DecodeError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte(source)
      // The tenth byte holds the 64th bit alone, and ends the number.
      guard shift < 63 || next <= 1 else { throw .broken(.n2) }
      value |= UInt64(next & 0x7f) << shift
      if next & 0x80 == 0 {
        guard next != 0 || shift == 0 else { throw .broken(.n2) }
        return value
      }
      shift += 7
    }
  }
}
