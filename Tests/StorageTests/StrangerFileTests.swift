import Format
import Platform
import TestSupport
import Testing

@testable import Storage

/// Names among the logs that no store gave.
struct StrangerFileTests {
  @Test func `what bears no name of a store is told of and left alone`() throws {
    let small = try SmallStore()
    var files = small.files
    let folder = StorePaths.group(small.group)
    let names: [DiskPath] = [
      StorePaths.logs.appending("notes"), folder.appending("notes"),
      folder.appending("00000000.segment"), folder.appending("0000000a.segment"),
      folder.appending("00000002.segmens"),
    ]
    for name in names { files[name] = [1, 2, 3] }
    let disk = MemoryDisk(files: files)
    let (_, report, seen) = try open(disk, small.settings)
    #expect(seen == small.whole && report.damages.isEmpty && report.cuts.isEmpty)
    #expect(report.strangers.sorted() == names.compactMap { $0.names.last?.text }.sorted())
    for name in names { #expect(disk.files[name] == [1, 2, 3]) }
  }

  @Test func `a directory that bears the name of a segment is passed over`() throws {
    let small = try SmallStore()
    let disk = MemoryDisk(files: small.files)
    try disk.createDirectory(StorePaths.segment(small.group, 2))
    let (store, report, seen) = try open(disk, small.settings)
    #expect(seen == small.whole && report.damages.map(\.kind) == [.segment(.irregular)])
    var feed = SampleFeed(in: small.group, nonce: 3)
    let batch = feed.batch(2)
    try store.append([batch])
    let (_, again, seenAgain) = try open(disk, small.settings)
    #expect(seenAgain == small.whole + [Seen(batch, false, 5)])
    #expect(again.damages.map(\.kind) == [.segment(.irregular)])
  }

  @Test func `nothing is erased while nothing can be written`() throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    try store.append([feed.batch(2)])
    let place = FeedPlace(feed: feed.feed)
    let jobs = try store.prepareErase(feed.group, place, 1)
    disk.setReadOnly(true)
    #expect(throws: StorageError.self) { try store.append([feed.batch(1)]) }
    #expect(throws: StorageError.notWriting(store.state)) { try store.writer.erase(jobs) }
    #expect(store.isErasing)
    disk.setReadOnly(false)
    try store.resume()
    try store.writer.erase(jobs)
    #expect(!store.isErasing)
    #expect(try store.entry(feed.group, place, 1).entry.bodyState == .erased)
  }
}
