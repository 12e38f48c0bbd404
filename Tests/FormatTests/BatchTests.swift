import Format
import TestSupport
import Testing

/// Packing and unpacking batches, each checked against the other on feeds drawn from seeds.
@Suite struct BatchTests {
  /// A quick stand-in for BLAKE2b: unpacking asks only that equal bytes hash alike.
  struct QuickHasher: EntryHasher {
    func bodyHash(_ bytes: RawSpan) -> Bytes32 { hash(bytes, 0x5bd1) }
    func entryID(_ header: RawSpan) -> Bytes32 { hash(header, 0x9e37) }

    private func hash(_ bytes: RawSpan, _ seed: UInt64) -> Bytes32 {
      var state = seed | 1
      for index in 0..<bytes.byteCount {
        state = (state ^ UInt64(load8(bytes, index))) &* 0x100_0000_01b3
      }
      var generator = SeededGenerator(seed: state)
      return Bytes32(generator.bytes(32)) ?? Bytes32()
    }
  }

  /// Consecutive entries of one feed, their bodies (nil: erased) and what goes before them.
  struct Drawn {
    var headers: [EntryHeader] = []
    var bodies: [[UInt8]?] = []
    var prev = EntryID(Bytes32())
    var wallBase: UInt64 = 0
    var lamportBase: UInt32 = 0
  }

  static func draw(_ seed: UInt64) -> Drawn {
    var draw = Drawing(seed: seed)
    var out = Drawn()
    let hasher = QuickHasher()
    let (group, feed): (GroupID, FeedID) = (draw.id32(), draw.id16())
    out.prev = draw.id32()
    out.wallBase = draw.generator.next()
    out.lamportBase = UInt32(draw.generator.number(1...1_000_000))
    var (prev, wall, lamport) = (out.prev, out.wallBase, out.lamportBase)
    var deps: [Reference] = []
    var epoch: EpochID = draw.id16()
    let first = UInt32(draw.generator.number(1...10_000))
    for index in 0..<UInt32(draw.generator.number(1...40)) {
      if draw.generator.oneIn(5) { epoch = draw.id16() }
      deps = nextDeps(&draw, deps, feed)
      // Mostly small steps, now and then any time at all.
      wall = draw.generator.oneIn(6) ? draw.generator.next() : wall &+ draw.generator.next() % 5_000
      lamport += draw.generator.oneIn(3) ? UInt32(draw.generator.number(1...100_000)) : 1
      var header = draw.header(kind: draw.generator.oneIn(2) ? .message : nil)
      let body = draw.generator.bytes(
        header.bodySize == 0 ? 0 : draw.generator.number(1...300))
      (header.group, header.feed, header.seq, header.prev) = (group, feed, first + index, prev)
      (header.wallMilliseconds, header.lamport, header.deps) = (wall, lamport, deps)
      if !header.epoch.isZero { header.epoch = epoch }
      header.bodySize = UInt32(body.count)
      header.bodyHash = BodyHash(body.isEmpty ? Bytes32() : hasher.bodyHash(body.raw))
      let mayErase = header.kind?.isErasable ?? false
      let isErased = mayErase && !body.isEmpty && draw.generator.oneIn(4)
      out.headers.append(header)
      out.bodies.append(isErased ? nil : body)
      prev = EntryID(hasher.entryID(header.encode().raw))
    }
    return out
  }

  /// None, new ones, the same again, or the same further on.
  static func nextDeps(
    _ draw: inout Drawing, _ before: [Reference], _ feed: FeedID
  ) -> [Reference] {
    switch draw.generator.number(0...4) {
    case 0: return []
    case 1: return draw.deps(16, not: feed)
    case 2: return before
    default:
      return before.map { dep in
        let step = UInt32(draw.generator.number(0...3))
        let seq = dep.seq > UInt32.max - step ? dep.seq : dep.seq + step
        return Reference(feed: dep.feed, seq: seq, prefix: draw.bytes16())
      }
    }
  }

  static func pack(_ drawn: Drawn) throws -> [UInt8] {
    let first = drawn.headers[0]
    var packer = BatchPacker(
      group: first.group, feed: first.feed, first: first.seq, wallBase: drawn.wallBase,
      lamportBase: drawn.lamportBase)
    for (header, body) in zip(drawn.headers, drawn.bodies) {
      let bytes = header.encode()
      _ = try EntryHeader(decoding: bytes)
      packer.append(
        bytes + (body ?? []), headerAt: 0, headerSize: bytes.count,
        body: body == nil ? .erased : .present)
    }
    return packer.finish(signature: SignatureBytes([UInt8](1...64)) ?? SignatureBytes())
  }

  static func unpack(_ bytes: [UInt8], _ prev: EntryID) throws(DecodeError) -> Batch {
    let head = try BatchHead(decoding: bytes, at: 0)
    var unpacker = BatchUnpacker(head, entriesAt: BatchHead.size, prev: prev)
    var records: [UInt8] = []
    let entries = try unpacker.unpack(bytes, into: &records, hasher: QuickHasher())
    return Batch(
      group: head.group, feed: head.feed, branch: BranchID(Bytes16()), records: records,
      entries: entries, signature: head.signature)
  }

  /// The batch packed again from its records.
  static func again(_ batch: Batch, _ bytes: [UInt8]) throws(DecodeError) -> [UInt8] {
    let head = try BatchHead(decoding: bytes, at: 0)
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

  @Test func `the first entry whose body does not travel is found without unpacking`() throws {
    for seed in 0..<1_000 as Range<UInt64> {
      let drawn = Self.draw(seed)
      let packed = [UInt8](repeating: 0, count: 16) + (try Self.pack(drawn))
      let bare = drawn.bodies.firstIndex { $0 == nil }.map { drawn.headers[$0].seq }
      #expect(try EntriesMessage(decoding: packed).firstWithoutBody == bare, "seed \(seed)")
      // What was cut says no more than what is left of it.
      let cut = Array(packed.dropLast(1 + Int(seed) % 300))
      if let message = try? EntriesMessage(decoding: cut), let found = message.firstWithoutBody {
        #expect(found == bare, "seed \(seed)")
      }
    }
  }

  @Test func `what is packed unpacks to the same headers and bodies, and packs again`() throws {
    for seed in 0..<1_000 as Range<UInt64> {
      let drawn = Self.draw(seed)
      let packed = try Self.pack(drawn)
      let batch = try Self.unpack(packed, drawn.prev)
      #expect(batch.entries.count == drawn.headers.count, "seed \(seed)")
      for (entry, (header, body)) in zip(batch.entries, zip(drawn.headers, drawn.bodies)) {
        #expect(try batch.header(entry) == header, "seed \(seed)")
        #expect(batch.body(entry) == body, "seed \(seed)")
        #expect(
          (entry.wallMilliseconds, entry.lamport) == (header.wallMilliseconds, header.lamport))
        for index in 0..<Int(entry.depCount) {
          #expect(batch.dep(entry, index) == header.deps[index])
        }
      }
      #expect(try Self.again(batch, packed) == packed, "seed \(seed)")
    }
  }

  @Test func `a spoilt batch is refused or packs again to exactly its bytes`() throws {
    for seed in 2_000..<2_004 as Range<UInt64> {
      let drawn = Self.draw(seed)
      let packed = try Self.pack(drawn)
      func check(_ bytes: [UInt8]) {
        do throws(DecodeError) {
          let batch = try Self.unpack(bytes, drawn.prev)
          let again = try Self.again(batch, bytes)
          if again != bytes { Issue.record("seed \(seed): \(bytes.hex)") }
        } catch {
          // Refused.
        }
      }
      Mutations.truncations(of: packed, seed: seed, check)
      Mutations.flips(of: Array(packed.prefix(Mutations.everyBitMax)), seed: seed) { head in
        check(head + packed.dropFirst(head.count))
      }
    }
  }

  @Test func `seeded bytes behind a batch's head never trap`() throws {
    var generator = SeededGenerator(seed: 5)
    let drawn = Self.draw(9)
    let packed = try Self.pack(drawn)
    for _ in 0..<5_000 {
      let kept = generator.number(BatchHead.size...min(packed.count, BatchHead.size + 60))
      var bytes = Array(packed[..<kept]) + generator.bytes(generator.number(0...200))
      bytes[53] = UInt8(generator.number(1...255))
      if let batch = try? Self.unpack(bytes, drawn.prev) {
        #expect(try Self.again(batch, bytes) == bytes)
      }
    }
  }

  @Test func `a batch of 256 entries may be full to the last byte`() throws {
    var drawn = Self.draw(1)
    let model = drawn.headers[0]
    (drawn.headers, drawn.bodies) = ([], [])
    var prev = drawn.prev
    let body = [UInt8](repeating: 7, count: 1_024 - 155)
    for index in 0..<256 as Range<UInt32> {
      var header = model
      (header.kindByte, header.flags, header.seq) = (2, 0, 5 + index)
      (header.prev, header.lamport) = (prev, drawn.lamportBase + 1 + index)
      (header.deps, header.ext, header.epoch) = ([], [], EpochID(Bytes16()))
      (header.bodySize, header.bodyHash) = (
        UInt32(body.count), BodyHash(QuickHasher().bodyHash(body.raw))
      )
      drawn.headers.append(header)
      drawn.bodies.append(body)
      prev = EntryID(QuickHasher().entryID(header.encode().raw))
    }
    let packed = try Self.pack(drawn)
    let batch = try Self.unpack(packed, drawn.prev)
    #expect(batch.entries.count == 256)
    #expect(batch.entries.reduce(0) { $0 + Int($1.headerSize) + $1.bodyCount } == 262_144)
    #expect(try Self.again(batch, packed) == packed)
  }

  @Test func `one buffer serves one batch after another`() throws {
    var records: [UInt8] = []
    for seed in 100..<120 as Range<UInt64> {
      let drawn = Self.draw(seed)
      let packed = try Self.pack(drawn)
      let head = try BatchHead(decoding: packed, at: 0)
      var unpacker = BatchUnpacker(head, entriesAt: BatchHead.size, prev: drawn.prev)
      _ = try unpacker.unpack(packed, into: &records, hasher: QuickHasher())
      #expect(try Self.unpack(packed, drawn.prev).records.count == records.count)
      #expect(records.capacity < records.count + 1_024)
    }
  }
}
