import Format
import Platform
import TestSupport
import Testing

@testable import Storage

/// Sectors that cannot be read: each costs what stands in it and nothing else.
struct BadSectorTests {
  private static let sectorSize = 4_096

  /// One log of two feeds that take turns, of eight record groups of some kilobytes.
  private struct Image {
    let files: [DiskPath: [UInt8]]
    let path: DiskPath
    let group: GroupID
    let places: [RecordPlace]
    let seen: [Seen]
    let feeds: [FeedPlace]

    init() throws {
      var a = SampleFeed(nonce: 1, bodySize: 6_000)
      var b = SampleFeed(in: a.group, nonce: 2, bodySize: 6_000)
      let disk = MemoryDisk()
      let (store, _, _) = try open(disk)
      for _ in 0..<4 {
        try store.append([a.batch(2)])
        try store.append([b.batch(2)])
      }
      group = a.group
      path = StorePaths.segment(group, 1)
      feeds = [FeedPlace(feed: a.feed), FeedPlace(feed: b.feed)]
      let chains = feeds.map { store.index(a.group)?[$0]?.pieces ?? [] }
      places = (0..<8).map { chains[$0 % 2][$0 / 2].place }
      let bytes = try #require(disk.files[path])
      files = [path: Array(bytes[..<Int(places[7].end)])]
      seen = try open(disk).seen
    }

    /// A sector that lies within one record group.
    func sector(in index: Int) -> Range<Int> {
      let start = (Int(places[index].offset) / sectorSize + 1) * sectorSize
      return start..<start + sectorSize
    }
  }

  private func isUnreadable(_ damage: Damage) -> Bool {
    if case .unreadable = damage.kind { return true }
    return false
  }

  @Test func `one costs its record group, and the rest of the segment is read`() throws {
    let image = try Image()
    let disk = MemoryDisk(files: image.files)
    disk.failReads(of: image.path, at: image.sector(in: 2))
    let (store, report, seen) = try open(disk)
    // Of the feed that stands there nothing continues; of the other all is there.
    #expect(seen == image.seen.filter { $0.place == image.feeds[1] || $0.first < 2 })
    #expect(report.damages.filter(isUnreadable).map(\.offset) == [UInt64(image.places[2].offset)])
    #expect(report.cuts.isEmpty && store.state == .writing)
    var c = SampleFeed(in: image.group, nonce: 3)
    try store.append([c.batch(1)])
    #expect(try open(disk).seen.count == seen.count + 1)
  }

  @Test func `one at the end is no end that was torn, and what comes after is certain of it`()
    throws
  {
    let image = try Image()
    let disk = MemoryDisk(files: image.files)
    disk.failReads(of: image.path, at: image.sector(in: 7))
    let (store, report, seen) = try open(disk)
    #expect(seen == Array(image.seen.dropLast()) && report.cuts.isEmpty)
    #expect(report.damages.map(\.offset) == [UInt64(image.places[7].offset)])
    #expect(store.state == .writing && store.unsettled.isEmpty)
    // The disk puts zeros in its place.
    var files = disk.files
    for index in image.sector(in: 7) { files[image.path]?[index] = 0 }
    let (_, second, seenAgain) = try open(MemoryDisk(files: files))
    #expect(seenAgain == seen && second.cuts.isEmpty && second.damages.count == 1)
  }

  @Test func `what was never flushed before one is durable after the start`() throws {
    let image = try Image()
    var c = SampleFeed(in: image.group, nonce: 3, bodySize: 6_000)
    let batches = [c.batch(2), c.batch(2)]
    let next = try #require(try afterFailedFlush(image, batches))
    let bytes = try #require(next.files[image.path])
    let end = bytes.lastIndex { $0 != 0 } ?? 0
    let bad = (end / Self.sectorSize - 1) * Self.sectorSize
    next.failReads(of: image.path, at: bad..<bad + Self.sectorSize)
    let (again, report, seen) = try open(next)
    #expect(report.cuts.isEmpty && report.damages.count == 1)
    #expect(seen == image.seen + [Seen(batches[0], false, 5)])
    #expect(again.state == .writing && again.unsettled.isEmpty)
    #expect(try open(next.crashed(.lost)).seen.starts(with: seen))
  }

  @Test func `what was never flushed is durable after the start that can read it again`() throws {
    let image = try Image()
    var c = SampleFeed(in: image.group, nonce: 3, bodySize: 6_000)
    let batch = c.batch(2)
    let unread = try #require(try afterFailedFlush(image, [batch]))
    unread.failReads(of: image.path)
    // It cannot be read at one start, which begins the next segment behind it.
    var d = SampleFeed(in: image.group, nonce: 4)
    let later = d.batch(1)
    do {
      let (store, report, seen) = try open(unread)
      #expect(seen.isEmpty && report.damages.count == 1 && store.state == .writing)
      try store.append([later])
    }
    let whole = image.seen + [Seen(batch, false, 5), Seen(later, false, 5)]
    let next = unread.killed()
    next.failReads(of: image.path, at: 0..<0)
    // While it cannot be written again it is shown, and named as what may not last.
    let broken = next.killed()
    broken.setReadOnly(true)
    let (waiting, _, shown) = try open(broken)
    #expect(shown == whole && waiting.state != .writing)
    let named = Set(waiting.unsettled.map(\.place.feed))
    #expect(named.isSuperset(of: [c.feed, d.feed]))
    broken.setReadOnly(false)
    try waiting.resume()
    #expect(waiting.unsettled.isEmpty && waiting.state == .writing)
    #expect(try open(broken.crashed(.lost)).seen == whole)
    let (again, report, seen) = try open(next)
    #expect(seen == whole && report.damages.isEmpty && again.unsettled.isEmpty)
    #expect(try open(next.crashed(.lost)).seen == whole)
  }

  /// Batches that were written to the log and whose flush failed.
  private func afterFailedFlush(_ image: Image, _ batches: [Batch]) throws -> MemoryDisk? {
    for later in 0..<8 {
      let disk = MemoryDisk(files: image.files)
      let (store, _, _) = try open(disk)
      disk.fail(
        .init(at: disk.operations + later, effect: .failed, error: .inputOutput, isLasting: true))
      guard (try? store.append(batches)) == nil, case .failed(let error) = store.state,
        error.operation == .flush
      else { continue }
      return disk.killed()
    }
    return nil
  }

  @Test func `a disk that reads little of a segment is not asked for each of its sectors`() throws {
    var feed = SampleFeed(nonce: 1, bodySize: 60_000)
    let disk = MemoryDisk()
    let settings = StoreSettings.testing(segmentBytesMax: 1 << 20)
    let (store, _, _) = try open(disk, settings)
    for _ in 0..<12 { try store.append([feed.batch(2)]) }
    let (first, second) = (
      StorePaths.segment(feed.group, 1), StorePaths.segment(feed.group, 2)
    )
    #expect(disk.files[second] != nil)
    disk.failReads(of: first, at: Self.sectorSize..<Int.max)
    let reads = disk.reads
    let (again, report, _) = try open(disk, settings)
    #expect(disk.reads - reads < 200)
    #expect(report.damages.contains(where: isUnreadable) && report.cuts.isEmpty)
    #expect(again.state == .writing)
  }

  @Test func `one that is met while running is a damage, and takes no neighbour with it`() throws {
    let image = try Image()
    let disk = MemoryDisk(files: image.files)
    let (store, _, _) = try open(disk)
    disk.failReads(of: image.path, at: image.sector(in: 2))
    // What stands before it in the feed is read alone; the other feed's entries around it too.
    #expect(throws: StorageError.self) {
      _ = try store.packed(image.group, image.feeds[0], from: 0, bytesMax: .max)
    }
    #expect(store.damages.count == 1 && store.damages.allSatisfy(isUnreadable))
    #expect(store.damages.first?.lost == LostEntries(place: image.feeds[0], first: 2, last: 3))
    for _ in 0..<2 {
      #expect(throws: StorageError.self) {
        _ = try store.entry(image.group, image.feeds[0], 3)
      }
    }
    #expect(store.damages.count == 1)
    #expect(try store.packed(image.group, image.feeds[1], from: 0, bytesMax: .max) != nil)
    #expect(try store.packed(image.group, image.feeds[0], from: 4, bytesMax: .max) != nil)
  }

  @Test func `one that is met while running is tried twice, however many ask for what is there`()
    throws
  {
    var a = SampleFeed(nonce: 1)
    var b = SampleFeed(in: a.group, nonce: 2)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    for _ in 0..<200 {
      try store.append([a.batch(1)])
      try store.append([b.batch(1)])
    }
    let places = [FeedPlace(feed: a.feed), FeedPlace(feed: b.feed)]
    let path = StorePaths.segment(a.group, 1)
    let pieces = try #require(store.index(a.group)?[places[0]]?.pieces)
    let start = Int(pieces[180].place.offset) / Self.sectorSize * Self.sectorSize
    disk.failReads(of: path, at: start..<start + Self.sectorSize)
    let reads = disk.reads
    for _ in 0..<3 {
      #expect(throws: StorageError.self) {
        _ = try store.packed(a.group, places[0], from: 0, bytesMax: .max)
      }
      #expect(disk.readsInVain == 2)
    }
    #expect(disk.reads - reads < pieces.count)
    // Nor for what else lies in that sector, nor for the feed whose entries lie between.
    let inside = pieces.filter { $0.place.end <= UInt64(start + Self.sectorSize) }.last
    #expect(throws: StorageError.self) {
      _ = try store.entry(a.group, places[0], try #require(inside).first)
    }
    #expect(throws: StorageError.self) {
      _ = try store.packed(a.group, places[1], from: 0, bytesMax: .max)
    }
    #expect(disk.readsInVain <= 3)
    #expect(try store.packed(a.group, places[0], from: 195, bytesMax: .max) != nil)
    // When the logs are read anew it is tried anew.
    disk.failReads(of: path, at: 0..<0)
    let (again, report, _) = try open(disk)
    #expect(report.damages.isEmpty)
    #expect(try again.packed(a.group, places[0], from: 0, bytesMax: .max) != nil)
  }
}
