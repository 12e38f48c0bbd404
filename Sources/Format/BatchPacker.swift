/// Packs stored entries of one feed into the bytes of a batch (4-feed): what travels.
///
/// Feed it record by record, as they lie on disk, then finish with the signature of the last.
package struct BatchPacker {
  private var output: [UInt8]
  private let start: Int
  private var head: BatchHead
  private var kind: UInt8 = EntryKind.message.rawValue
  private var flags: UInt16 = 0
  private var epoch = Bytes16()
  private var wall: UInt64
  private var lamport: UInt32
  private var deps: [Reference] = []
  private var runBytes = 0

  /// Entries packed so far.
  package var count: Int { Int(head.count) }

  /// Begins a batch behind `prefix`; the base values are those of the entry before `first`.
  package init(
    group: GroupID, feed: FeedID, first: UInt32, wallBase: UInt64, lamportBase: UInt32,
    behind prefix: [UInt8] = []
  ) {
    output = prefix
    start = prefix.count
    head = BatchHead(
      group: group, feed: feed, first: first, count: 0, wallBase: wallBase,
      lamportBase: lamportBase, signature: SignatureBytes())
    wall = wallBase
    lamport = lamportBase
    output.append(contentsOf: [UInt8](repeating: 0, count: BatchHead.size))
  }

  /// Whether an entry with these sizes still fits (F-10).
  package func fits(headerSize: Int, bodySize: Int) -> Bool {
    count < Limits.runEntriesMax && runBytes + headerSize + bodySize <= Limits.runBytesMax
  }

  /// Appends the entry whose checked header lies at `headerAt` of `records`, its body behind it.
  package mutating func append(
    _ records: [UInt8], headerAt: Int, headerSize: Int, body state: BodyState
  ) {
    let span = records.raw
    let header = span.extracting(headerAt..<headerAt + headerSize)
    let bodySize = load32(header, HeaderLayout.bodySize)
    precondition(
      fits(headerSize: headerSize, bodySize: Int(bodySize)), "a batch was filled past its limits")
    runBytes += headerSize + Int(bodySize)
    head.count += 1
    let controlAt = output.count
    output.append(0)
    var bits: UInt8 = 0
    if Bytes32(header, HeaderLayout.group).isZero { bits |= BatchBits.founding }
    bits |= appendKindAndEpoch(header)
    bits |= appendDeps(header)
    let extAt = HeaderLayout.deps + Reference.size * Int(load8(header, HeaderLayout.depCount))
    if headerSize > extAt + 2 {
      bits |= BatchBits.ext
      output.append(contentsOf: records[headerAt + extAt..<headerAt + headerSize])
    }
    let newWall = load64(header, HeaderLayout.wall)
    let difference = Int64(bitPattern: newWall &- wall)
    varint(UInt64(bitPattern: (difference << 1) ^ (difference >> 63)))
    let newLamport = load32(header, HeaderLayout.lamport)
    precondition(newLamport > lamport, "lamports of a stored feed ascend")
    varint(UInt64(newLamport - lamport - 1))
    varint(UInt64(bodySize))
    (wall, lamport) = (newWall, newLamport)
    let bodyAt = headerAt + headerSize
    if state == .erased && bodySize > 0 {
      bits |= BatchBits.bodyless
      let hashAt = headerAt + HeaderLayout.bodyHash
      output.append(contentsOf: records[hashAt..<hashAt + 32])
    } else {
      output.append(contentsOf: records[bodyAt..<bodyAt + Int(bodySize)])
    }
    output[controlAt] = bits
  }

  private mutating func appendKindAndEpoch(_ header: RawSpan) -> UInt8 {
    var bits: UInt8 = 0
    let newKind = load8(header, HeaderLayout.kind)
    let newFlags = load16(header, HeaderLayout.flags)
    if newKind != kind || newFlags != flags {
      bits |= BatchBits.kind
      output.append(newKind)
      output.append(UInt8(newFlags >> 8))
      output.append(UInt8(newFlags & 0xff))
      (kind, flags) = (newKind, newFlags)
    }
    let newEpoch = Bytes16(header, HeaderLayout.epoch)
    if newEpoch != epoch {
      bits |= BatchBits.epoch
      output.append(contentsOf: newEpoch.array)
      epoch = newEpoch
    }
    return bits
  }

  private mutating func appendDeps(_ header: RawSpan) -> UInt8 {
    let count = Int(load8(header, HeaderLayout.depCount))
    guard count > 0 else {
      deps.removeAll(keepingCapacity: true)
      return 0
    }
    var canAdvance = count == deps.count
    var new: [Reference] = []
    new.reserveCapacity(count)
    for index in 0..<count {
      let dep = Reference(header, HeaderLayout.deps + Reference.size * index)
      if canAdvance, dep.feed != deps[index].feed || dep.seq < deps[index].seq {
        canAdvance = false
      }
      new.append(dep)
    }
    if canAdvance {
      for index in 0..<count {
        varint(UInt64(new[index].seq - deps[index].seq))
        output.append(contentsOf: new[index].prefix.array)
      }
    } else {
      output.append(UInt8(count))
      for dep in new {
        output.append(contentsOf: dep.feed.bytes.array)
        withBigEndianBytes(dep.seq)
        output.append(contentsOf: dep.prefix.array)
      }
    }
    deps = new
    return canAdvance ? BatchBits.advanced : BatchBits.deps
  }

  private mutating func withBigEndianBytes(_ value: UInt32) {
    for shift in [24, 16, 8, 0] as [UInt32] {
      output.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      output.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    output.append(UInt8(rest))
  }

  /// Ends the batch with the signature of its last entry and returns prefix and batch.
  package consuming func finish(signature: SignatureBytes) -> [UInt8] {
    precondition(head.count > 0, "a batch holds at least one entry")
    head.signature = signature
    var out = output
    var span = out.mutableSpan
    var target = unsafe span.mutableBytes
    head.store(&target, start)
    return out
  }
}
