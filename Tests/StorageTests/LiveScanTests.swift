import Format
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// A log that a node writes while it is read.
struct LiveScanTests {
  /// Shows the bytes of one range as zeros at the first reading of what holds them, as a reader
  /// sees them that comes a moment before the node writes there and sees what is behind a moment
  /// after.
  private final class LiveDisk: ReadableDisk {
    let disk: MemoryDisk
    let late: Range<Int>
    private let readings = Mutex(0)
    var place: String { disk.place }

    init(_ disk: MemoryDisk, late: Range<Int>) { (self.disk, self.late) = (disk, late) }

    func open(_ path: DiskPath) throws(DiskError) -> DiskFile { try disk.open(path) }
    func status(of file: borrowing DiskFile) throws(DiskError) -> FileStatus {
      try disk.status(of: file)
    }
    func status(at path: DiskPath) throws(DiskError) -> FileStatus? { try disk.status(at: path) }
    func list(_ path: DiskPath) throws(DiskError) -> [DirectoryEntry] { try disk.list(path) }
    func space() throws(DiskError) -> DiskSpace { try disk.space() }

    func read(
      _ file: borrowing DiskFile, at offset: UInt64, into buffer: inout MutableSpan<UInt8>
    ) throws(DiskError) -> Int {
      let count = try disk.read(file, at: offset, into: &buffer)
      let from = Int(offset)
      guard late.lowerBound >= from, late.upperBound <= from + count else { return count }
      let isFirst = readings.withLock { number in
        number += 1
        return number == 1
      }
      if isFirst { for index in late { buffer[index - from] = 0 } }
      return count
    }
  }

  @Test func `what is being written while it is read is no damage`() throws {
    let small = try SmallStore()
    let path = StorePaths.segment(small.group, 1)
    let bytes = try #require(small.segments()[path])
    let second = SegmentHead.size + Int(load32(bytes.raw, SegmentHead.size + 4))
    let third = second + Int(load32(bytes.raw, second + 4))
    for late in [second..<third, second + 160..<third, second..<second + 160] {
      let disk = LiveDisk(MemoryDisk(files: small.files), late: late)
      var count = 0
      let (_, report) = try StoreView.open(readOnly: disk, first: []) { _, _, _, _ in count += 1 }
      #expect(report.damages.isEmpty && report.cuts.isEmpty, "late are \(late)")
      #expect(count == small.whole.count, "late are \(late)")
    }
  }

  @Test func `all record groups that one damage keeps out of a feed are one damage`() throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    for _ in 0..<200 { try store.append([feed.batch(2)]) }
    let path = StorePaths.segment(feed.group, 1)
    let place = FeedPlace(feed: feed.feed)
    let at = try #require(store.index(feed.group)?[place]).pieces[10].place.offset
    var files = disk.files
    files[path]?[Int(at) + 200] ^= 1
    let report = try open(MemoryDisk(files: files)).report
    #expect(report.damages.count == 2)
    #expect(report.damages.last?.kind == .gap(expected: 20, found: 22))
    #expect(report.damages.last?.lost == LostEntries(place: place, first: 22, last: 399))
  }

  @Test func `looking takes no lock and changes nothing`() throws {
    let directory = TemporaryDirectory()
    let disk = try LinuxDisk.creating(root: directory.path)
    let lock = try DirectoryLock.take("lock", in: disk)
    var feed = SampleFeed(nonce: 1)
    let (store, _, _) = try open(disk)
    try store.append([feed.batch(3)])
    var places: [RecordPlace] = []
    let (view, report) = try StoreView.open(
      readOnly: try ReadOnlyDisk(root: directory.path), first: []
    ) { _, place, _, _ in places.append(place) }
    #expect(places.map(\.offset) == [UInt32(SegmentHead.size)] && report.entries == 3)
    #expect(view.groups == [feed.group])
    withExtendedLifetime(lock) {}
  }
}
