import Format
import Platform
import TestSupport
import Testing

@testable import Storage

/// Segments that are long enough to be read by a thread of their own.
struct ScanAheadTests {
  private let settings = StoreSettings.testing(segmentBytesMax: 1 << 22)

  /// About six megabytes in two segments, in record groups of very different sizes.
  private func fill(_ disk: MemoryDisk) throws -> [Batch] {
    var feed = SampleFeed(nonce: 1, bodySize: 700)
    let (store, _, _) = try open(disk, settings)
    var batches: [Batch] = []
    while batches.reduce(0, { $0 + $1.records.count }) < 6 << 20 {
      batches.append(feed.batch([1, 256, 3, 90][batches.count % 4]))
    }
    try store.append(batches)
    return batches
  }

  @Test func `a long log is handed over whole and in order`() throws {
    let disk = MemoryDisk()
    let batches = try fill(disk)
    let (_, report, seen) = try open(disk, settings)
    #expect(seen == batches.map { Seen($0, false, 5) })
    #expect(report.damages.isEmpty && report.cuts.isEmpty)
  }

  @Test func `a damage in the middle costs its record group and is named`() throws {
    let disk = MemoryDisk()
    let batches = try fill(disk)
    // A later commit states that what stands before it was flushed.
    let (store, _, _) = try open(disk, settings)
    let place = try #require(
      store.index(batches[0].group)?[FeedPlace(feed: batches[0].feed)]?.pieces[8].place)
    let path = StorePaths.segment(batches[0].group, place.segment)
    var files = disk.files
    files[path]?[Int(place.offset) + 400] ^= 1
    let (_, report, seen) = try open(MemoryDisk(files: files), settings)
    #expect(seen.map(\.first) == batches[..<8].map(\.first))
    #expect(report.damages.first?.offset == UInt64(place.offset))
    #expect(report.cuts.isEmpty)
  }

  @Test func `an end cut off by a crash ends the reading there`() throws {
    let disk = MemoryDisk()
    let batches = try fill(disk)
    let (store, _, _) = try open(disk, settings)
    let pieces = try #require(
      store.index(batches[0].group)?[FeedPlace(feed: batches[0].feed)]?.pieces)
    let last = try #require(pieces.last?.place)
    // Everything of the last segment was written in one commit: nothing in it vouches for it.
    let hit = try #require(pieces.firstIndex { $0.place.segment == last.segment }) + 1
    let path = StorePaths.segment(batches[0].group, last.segment)
    var files = disk.files
    files[path]?[Int(pieces[hit].place.offset) + 400] ^= 1
    let (_, report, seen) = try open(MemoryDisk(files: files), settings)
    #expect(seen.count == hit)
    #expect(report.cuts.map(\.offset) == [UInt64(pieces[hit].place.offset)])
  }

  @Test func `a segment that cannot be read is reported and the next one is read`() throws {
    let disk = MemoryDisk()
    let batches = try fill(disk)
    disk.failReads(of: StorePaths.segment(batches[0].group, 1))
    let (_, report, seen) = try open(disk, settings)
    #expect(seen.isEmpty && !report.damages.isEmpty)
  }
}
