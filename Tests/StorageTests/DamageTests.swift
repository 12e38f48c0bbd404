import Format
import Platform
import TestSupport
import Testing

@testable import Storage

/// Broken files: nothing traps, nothing wrong is handed over, and what is wrong is said.
struct DamageTests {
  /// Opens a broken store twice and checks what holds however it is broken.
  @discardableResult
  private func check(
    _ small: SmallStore, _ files: [DiskPath: [UInt8]], mayBeSilent: Bool = false,
    _ comment: Comment
  ) throws -> (seen: [Seen], report: RecoveryReport) {
    let disk = MemoryDisk(files: files)
    let (_, report, seen) = try open(disk, small.settings)
    #expect(seen.allSatisfy { small.whole.contains($0) }, comment)
    if seen != small.whole, !mayBeSilent {
      #expect(!report.damages.isEmpty || !report.cuts.isEmpty, comment)
    }
    let (_, again, seenAgain) = try open(disk, small.settings)
    #expect(seenAgain == seen && again.cuts.isEmpty, comment)
    // The head of the last segment is healed; everything else is said each time.
    let lasting = report.damages.filter { $0.kind != .segment(.badHead(isRead: true)) }
    #expect(again.damages.filter { lasting.contains($0) } == lasting, comment)
    return (seen, report)
  }

  @Test func `every single flipped bit is found or healed`() throws {
    let small = try SmallStore()
    let files = small.segments()
    for (path, bytes) in files.sorted(by: { $0.key < $1.key }) {
      for bit in 0..<bytes.count * 8 {
        var broken = files
        broken[path]?[bit / 8] ^= 1 << (bit % 8)
        let (seen, report) = try check(small, broken, "bit \(bit) of \(path)")
        // Anything but the state of a body and its checksum costs at least a report.
        if seen == small.whole, report.damages.isEmpty {
          #expect(isBodyState(bytes, bit / 8), "bit \(bit) of \(path) went unnoticed")
        }
      }
    }
  }

  /// Whether a byte is a body's state or the checksum of a body: what the body's hash heals.
  private func isBodyState(_ bytes: [UInt8], _ index: Int) -> Bool {
    var at = SegmentHead.size
    while at + GroupHead.size < bytes.count {
      let end = at + Int(load32(bytes.raw, at + 4))
      var record = at + GroupHead.size
      while record < end {
        if index == record + 2 || (record + 12..<record + 16).contains(index) { return true }
        record += 16 + Int(load16(bytes.raw, record)) + Int(load32(bytes.raw, record + 4))
      }
      at = end
    }
    return false
  }

  @Test func `a file cut at any byte gives what stands before it`() throws {
    let small = try SmallStore()
    let files = small.segments()
    let path = StorePaths.segment(small.group, 1)
    let bytes = try #require(files[path])
    for count in 0..<bytes.count {
      var broken = files
      broken[path] = Array(bytes[..<count])
      let (seen, report) = try check(
        small, broken, mayBeSilent: true, "cut to \(count) bytes")
      #expect(seen == Array(small.whole.prefix(seen.count)), "cut to \(count) bytes")
      #expect(report.damages.isEmpty, "cut to \(count) bytes")
    }
  }

  @Test func `a block of zeros that was flushed before is reported and not cut`() throws {
    let small = try SmallStore()
    let path = StorePaths.segment(small.group, 1)
    let bytes = try #require(small.segments()[path])
    let second = SegmentHead.size + Int(load32(bytes.raw, SegmentHead.size + 4))
    let third = second + Int(load32(bytes.raw, second + 4))
    for range in [second..<second + 160, second + 200..<second + 210, second..<third] {
      var files = small.files
      for index in range { files[path]?[index] = 0 }
      let (seen, report) = try check(small, files, "zeros at \(range)")
      // b loses its beginning, so that the rest of b is a gap; a goes on.
      #expect(seen == [small.whole[0], small.whole[2]])
      #expect(report.cuts.isEmpty)
      #expect(report.damages.count == 2)
      #expect(report.damages[0].offset == UInt64(second))
      #expect(report.damages[0].length == UInt64(third - second))
      #expect(report.damages[1].kind == .gap(expected: 0, found: 1))
    }
  }

  @Test func `segments swapped, copied, lost or of another group are told apart`() throws {
    let small = try SmallStore.long()
    let first = StorePaths.segment(small.group, 1)
    let second = StorePaths.segment(small.group, 2)
    try #require(small.files.count == 2)
    func kinds(_ files: [DiskPath: [UInt8]], _ comment: Comment) throws -> [Damage.Kind] {
      try check(small, files, comment).report.damages.map(\.kind)
    }
    var files = small.files
    (files[first], files[second]) = (files[second], files[first])
    #expect(
      try kinds(files, "swapped") == [.segment(.misnamed(2)), .segment(.misnamed(1))])
    files = small.files
    files[second] = files[first]
    #expect(try kinds(files, "copied") == [.segment(.misnamed(1))])
    files = small.files
    files[StorePaths.segment(small.group, 3)] = files[first]
    #expect(try kinds(files, "copied behind") == [.segment(.misnamed(1))])
    files = small.files
    files[first] = nil
    #expect(try kinds(files, "lost").first == .segment(.missing))
    files = small.files
    let other = GroupID(Bytes32([UInt8](repeating: 7, count: 32)) ?? Bytes32())
    files[StorePaths.segment(other, 1)] = files[first]
    #expect(try kinds(files, "foreign") == [.segment(.foreign(small.group))])
    files = small.files
    for index in 0..<SegmentHead.size { files[first]?[index] ^= 0x55 }
    let found = try check(small, files, "headless")
    #expect(found.seen == small.whole)
    #expect(found.report.damages.map(\.kind) == [.segment(.badHead(isRead: true))])
  }

  @Test func `the last segment gets its lost head back, bit by bit`() throws {
    let small = try SmallStore()
    let path = StorePaths.segment(small.group, 1)
    var files = small.files
    for index in 0..<SegmentHead.size { files[path]?[index] = 0 }
    let disk = MemoryDisk(files: files)
    let (store, report, seen) = try open(disk, small.settings)
    #expect(seen == small.whole && report.damages.map(\.kind) == [.segment(.badHead(isRead: true))])
    #expect(disk.crashed(.lost).files == small.files)
    var c = SampleFeed(in: small.group, nonce: 3)
    let batch = c.batch(2)
    try store.append([batch])
    #expect(try open(disk, small.settings).seen == small.whole + [Seen(batch, false, 5)])
  }

  @Test func `a lost first sector never removes what was flushed behind it`() throws {
    for small in [try SmallStore(bodySize: 400), try SmallStore.long()] {
      // Two record groups more, so that something in the last segment vouches for the first ones.
      let grown = MemoryDisk(files: small.files)
      var d = SampleFeed(in: small.group, nonce: 4)
      for _ in 0..<2 { try open(grown, small.settings).store.append([d.batch(1)]) }
      let whole = try open(grown, small.settings).seen
      let last = try #require(small.files.keys.max())
      var files = grown.files
      for index in 0..<512 { files[last]?[index] = 0 }
      let disk = MemoryDisk(files: files)
      let (store, report, seen) = try open(disk, small.settings)
      #expect(whole.starts(with: seen) && seen != whole)
      #expect(report.cuts.isEmpty)
      #expect(report.damages.map(\.kind).contains(.segment(.badHead(isRead: false))))
      #expect(disk.files[last] == files[last], "its bytes stay")
      // It goes on behind it, and no later start takes it for an end that was torn.
      var c = SampleFeed(in: small.group, nonce: 3)
      let batch = c.batch(2)
      try store.append([batch])
      for _ in 0..<2 {
        let (_, again, seenAgain) = try open(disk, small.settings)
        #expect(seenAgain == seen + [Seen(batch, false, 5)] && again.cuts.isEmpty)
        #expect(again.damages.map(\.kind).contains(.segment(.badHead(isRead: false))))
      }
      let idle = MemoryDisk(files: files)
      _ = try open(idle, small.settings)
      #expect(try open(idle.crashed(.lost), small.settings).report.cuts.isEmpty)
      #expect(idle.files[last] == files[last])
    }
  }

  @Test func `a segment that was begun and never flushed is removed`() throws {
    var feed = SampleFeed(nonce: 1, bodySize: 2_000)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    let whole = disk.operations
    try store.append([feed.batch(2)])
    let flush = disk.operations - 2
    var begun = 0
    for at in whole..<flush + 1 {
      var feed = SampleFeed(nonce: 1, bodySize: 2_000)
      let disk = MemoryDisk()
      let (store, _, _) = try open(disk)
      disk.fail(.init(at: at, effect: .failed, error: .inputOutput, isLasting: true))
      #expect(throws: StorageError.self) { try store.append([feed.batch(2)]) }
      let torn = disk.crashed(.tornBack)
      let path = StorePaths.segment(feed.group, 1)
      guard torn.files[path]?.contains(where: { $0 != 0 }) ?? false else { continue }
      begun += 1
      let (_, report, seen) = try open(torn)
      #expect(seen.isEmpty && report.damages.isEmpty && report.cuts.count == 1)
      #expect(torn.files[path] == nil)
    }
    #expect(begun > 1)
  }

  @Test func `what the head lock knows is never taken for an end that was torn`() throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    let first = feed.batch(2)
    try store.append([first], isOwn: true)
    let (alone, path) = (disk.files, StorePaths.segment(feed.group, 1))
    let last = feed.batch(1)
    try store.append([last], isOwn: true)
    func head(_ batch: Batch) -> HeadLock.Head {
      HeadLock.Head(
        group: feed.group, feed: feed.feed, seq: batch.last.seq, id: batch.last.id)
    }
    func bytes(_ files: [DiskPath: [UInt8]]) -> [UInt8] {
      let bytes = files[path] ?? []
      return Array(bytes[...(bytes.lastIndex { $0 != 0 } ?? 0)])
    }
    let whole = bytes(disk.files)
    // A bit in its body, in its head, and all of it gone but its first bytes.
    let begin = bytes(alone).count
    for spoil in [
      { (bytes: inout [UInt8]) in bytes[bytes.count - 1] ^= 4 },
      { bytes in bytes[begin + 20] ^= 4 }, { bytes in bytes.removeLast(bytes.count - begin - 40) },
    ] {
      var broken = whole
      spoil(&broken)
      let disk = MemoryDisk(files: [path: broken])
      let unknown = MemoryDisk(files: [path: broken])
      #expect(try open(unknown).report.cuts.count == 1)
      let older = MemoryDisk(files: [path: broken])
      #expect(try open(older, promised: .heads([head(first)])).report.cuts.count == 1)
      let (store, report, seen) = try open(disk, promised: .heads([head(last)]))
      #expect(seen.map(\.first) == [0] && report.cuts.isEmpty && report.damages.count == 1)
      #expect(disk.files[path]?.starts(with: broken) ?? false, "its bytes stay")
      #expect(store.presence(of: head(last)) == .missing)
      // The lock names the feed no more, and the damage is still one.
      let (again, second, seenAgain) = try open(disk.crashed(.lost))
      #expect(seenAgain == seen && second.cuts.isEmpty && second.damages == report.damages)
      try again.append([last])
    }
    // The only record group of a log.
    var broken = bytes(alone)
    broken.replaceSubrange(0..<300, with: repeatElement(0, count: 300))
    let only = MemoryDisk(files: [path: broken])
    let report = try open(only, promised: .heads([head(first)])).report
    #expect(report.cuts.isEmpty)
    #expect(report.damages.map(\.kind) == [.segment(.badHead(isRead: false))])
    #expect(only.files[path] == broken)
    #expect(try open(only).report.damages == report.damages)
  }

  @Test func `a torn end that is all that vouches for a damage is kept for it`() throws {
    // Of a new record group a power cut leaves the head alone, and later the one before it rots.
    let small = try SmallStore()
    let path = StorePaths.segment(small.group, 1)
    let disk = MemoryDisk(files: small.files)
    var d = SampleFeed(in: small.group, nonce: 4)
    let store = try open(disk, small.settings).store
    let chains = try #require(store.index(small.group))
    let last = try #require(
      chains.places.flatMap { chains[$0]?.pieces ?? [] }.map(\.place).max { $0.offset < $1.offset })
    try store.append([d.batch(1)])
    var torn = disk.files
    torn[path] = torn[path]?.prefix(Int(last.end) + GroupHead.size + 9).map(\.self)
    torn[path]?[Int(last.offset) + GroupHead.size + 40] ^= 1
    let healthy = MemoryDisk(files: torn)
    let (_, report, seen) = try open(healthy, small.settings)
    #expect(report.damages.map(\.offset) == [UInt64(last.offset), last.end])
    #expect(report.cuts.isEmpty)
    // Whenever the power goes in this or a later start, the next one finds the same.
    for at in 0...healthy.operations {
      let disk = MemoryDisk(files: torn)
      disk.fail(.init(at: at, effect: .torn, error: .inputOutput, isLasting: true))
      _ = try open(disk, small.settings)
      let next = disk.crashed(.lost)
      for _ in 0..<2 {
        let (again, second, seenAgain) = try open(next, small.settings)
        #expect(seenAgain == seen && second.damages == report.damages, "operation \(at)")
        #expect(again.state == .writing && !second.cuts.contains { $0.segment == 1 })
      }
    }
    var c = SampleFeed(in: small.group, nonce: 3)
    let added = c.batch(2)
    try open(healthy, small.settings).store.append([added])
    #expect(
      try open(healthy.crashed(.lost), small.settings).seen.contains { $0.first == added.first })
  }

  @Test func `a sector that cannot be read takes nothing else with it`() throws {
    let small = try SmallStore.long()
    let disk = MemoryDisk(files: small.files)
    disk.failReads(of: StorePaths.segment(small.group, 2))
    let (store, report, seen) = try open(disk, small.settings)
    #expect(!seen.isEmpty && seen == Array(small.whole.prefix(seen.count)))
    #expect(report.damages.count == 1 && store.state == .writing)
  }

  @Test func `a newer version is refused and nothing is changed`() throws {
    let small = try SmallStore()
    let path = StorePaths.segment(small.group, 1)
    var files = small.files
    files[path]?[5] = 2
    let sum = Crc32c.finish(Crc32c.extend(Crc32c.begin, Array(files[path]?[..<124] ?? []).raw))
    for index in 0..<4 { files[path]?[124 + index] = UInt8(sum >> (24 - 8 * index) & 0xff) }
    let disk = MemoryDisk(files: files)
    #expect(throws: StorageError.tooNew(subject: "\(path)", version: 2)) {
      _ = try open(disk, small.settings)
    }
    #expect(disk.files == files)
    // Whatever else is to be mended waits too.
    var others: [GroupID] = []
    for nonce in 2...6 as ClosedRange<UInt8> {
      var feed = SampleFeed(nonce: nonce)
      let alone = MemoryDisk()
      let (store, _, _) = try open(alone)
      try store.append([feed.batch(2)])
      let path = StorePaths.segment(feed.group, 1)
      others.append(feed.group)
      files[path] = (alone.files[path] ?? []) + [1, 2, 3]
    }
    try #require(others.contains { $0 < small.group })
    let many = MemoryDisk(files: files)
    #expect(throws: StorageError.tooNew(subject: "\(path)", version: 2)) {
      _ = try open(many, small.settings)
    }
    #expect(many.files == files && many.operations == 0)
  }

  @Test func `a body damaged while running is reported, forgotten and stored anew`() throws {
    var feed = SampleFeed(nonce: 1)
    let (first, second, third) = (feed.batch(2), feed.batch(3), feed.batch(1))
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    try store.append([first, second, third])
    let place = FeedPlace(feed: feed.feed)
    let body = second.entries[1]
    let chain = try #require(store.index(feed.group)?[place])
    let at = Int(chain.pieces[1].place.offset) + body.bodyAt
    let file = try disk.openForWriting(StorePaths.segment(feed.group, 1))
    try disk.write([0xff, 0xff, 0xff].span, to: file, at: UInt64(at))
    #expect(throws: StorageError.self) {
      _ = try store.packed(feed.group, place, from: 0, bytesMax: .max)
    }
    #expect(store.damages.map(\.kind) == [.group(.badBody(entry: 1))])
    #expect(store.damages.first?.lost == LostEntries(place: place, first: 2, last: 4))
    #expect(store.forget(feed.group, place, from: 3) == 2)
    #expect(store.index(feed.group)?[place]?.headID == first.last.id)
    try store.append([second, third])
    #expect(try store.packed(feed.group, place, from: 0, bytesMax: .max) != nil)
    // The damaged copy still lies there; the later one counts after a restart too.
    let (again, report, seen) = try open(disk)
    #expect(seen.map(\.first) == [0, 2, 5] && report.damages.count == 1)
    #expect(try again.packed(feed.group, place, from: 0, bytesMax: .max) != nil)
  }
}
