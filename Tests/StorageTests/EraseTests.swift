import Format
import Platform
import TestSupport
import Testing

@testable import Storage

/// Overwriting a body where it lies.
struct EraseTests {
  private func contains(_ files: [DiskPath: [UInt8]], _ body: [UInt8]) -> Bool {
    files.values.contains { bytes in
      bytes.indices.contains { at in
        bytes[at] == body[0] && bytes.count - at >= body.count
          && bytes[at..<at + body.count].elementsEqual(body)
      }
    }
  }

  @Test func `an erased body is gone from the disk and the chain still reads`() throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    try store.append([feed.batch(4), feed.batch(1)])
    let place = FeedPlace(feed: feed.feed)
    #expect(contains(disk.files, feed.body(2)))
    try store.writer.erase(try store.prepareErase(feed.group, place, 2))
    #expect(!contains(disk.crashed(.lost).files, feed.body(2)))
    #expect(try store.prepareErase(feed.group, place, 2).isEmpty)
    #expect(try store.entry(feed.group, place, 2).entry.bodyState == .erased)
    let (again, report, seen) = try open(disk)
    #expect(report.damages.isEmpty && report.cuts.isEmpty)
    #expect(seen[0].bodies == [[], feed.body(1), nil, feed.body(3)])
    let packed = try #require(try again.packed(feed.group, place, from: 0, bytesMax: .max))
    var unpacker = BatchUnpacker(
      try BatchHead(decoding: packed, at: 16), entriesAt: 16 + BatchHead.size,
      prev: EntryID(Bytes32()))
    var records: [UInt8] = []
    let entries = try unpacker.unpack(packed, into: &records, hasher: Hasher())
    #expect(entries.last?.id == seen[1].ids[0])
    #expect(entries.map(\.bodyState) == [.present, .present, .erased, .present, .present])
  }

  @Test func `what has no erasable body is refused`() throws {
    var feed = SampleFeed(nonce: 1)
    let (store, _, _) = try open(MemoryDisk())
    try store.append([feed.batch(2)])
    let place = FeedPlace(feed: feed.feed)
    #expect(throws: StorageError.notErasable) {
      _ = try store.prepareErase(feed.group, place, 0)
    }
    #expect(throws: StorageError.unknownEntry) {
      _ = try store.prepareErase(feed.group, place, 2)
    }
  }

  @Test(arguments: MemoryDisk.Crash.allCases)
  func `a crash at any step leaves the body whole or erased`(_ crash: MemoryDisk.Crash) throws {
    for at in 0..<4 {
      for effect in MemoryDisk.Effect.allCases {
        var feed = SampleFeed(nonce: 1)
        let disk = MemoryDisk()
        let (store, _, _) = try open(disk)
        try store.append([feed.batch(4)])
        let jobs = try store.prepareErase(feed.group, FeedPlace(feed: feed.feed), 2)
        disk.fail(
          .init(at: disk.operations + at, effect: effect, error: .inputOutput, isLasting: true))
        #expect(throws: StorageError.self) { try store.writer.erase(jobs) }
        let after = disk.crashed(crash)
        let (_, report, seen) = try open(after)
        #expect(report.damages.isEmpty && report.cuts.isEmpty, "\(at), \(effect), \(crash)")
        let body = try #require(seen.first).bodies[2]
        #expect(body == nil || body == feed.body(2), "\(at), \(effect), \(crash)")
        // Once it counts as erased nothing of it is left.
        if body == nil {
          let start = Int(jobs[0].bodyAt)
          let bytes = after.files[StorePaths.segment(feed.group, 1)] ?? []
          #expect(bytes[start..<start + jobs[0].bodyCount].allSatisfy { $0 == 0 })
        }
      }
    }
  }

  @Test func `an erasure whose first flush failed is done anew by the next start`() throws {
    var feed = SampleFeed(nonce: 1)
    let tape = DiskTape()
    let disk = RecordingDisk(MemoryDisk(), tape: tape)
    let (store, _, _) = try open(disk)
    try store.append([feed.batch(4)])
    // It says that what stands before it was flushed, so that no start writes that again.
    try store.append([feed.batch(1)])
    let jobs = try store.prepareErase(feed.group, FeedPlace(feed: feed.feed), 2)
    disk.fail(CallFault(.flush, at: 0))
    #expect(throws: StorageError.self) { try store.writer.erase(jobs) }
    disk.fail(nil)
    // The system still shows the prefix that says so, and may have given up writing it.
    #expect(try open(disk).seen.first?.bodies[2] == nil)
    var cut = PowerCut(tape.events, from: [DiskImage()])
    cut.advance(to: tape.count)
    let left = MemoryDisk(Leftover.nothing.images(of: cut)[0])
    let (_, report, seen) = try open(left)
    #expect(report.damages.isEmpty && report.cuts.isEmpty)
    #expect(seen.first?.bodies == [[], feed.body(1), nil, feed.body(3)])
    #expect(!contains(left.files, feed.body(2)))
  }

  @Test func `older copies of an entry are overwritten too`() throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    let batch = feed.batch(3)
    try store.append([batch])
    try store.append([batch])
    let place = FeedPlace(feed: feed.feed)
    let jobs = try store.prepareErase(feed.group, place, 1)
    #expect(jobs.count == 2)
    try store.writer.erase(jobs)
    #expect(!contains(disk.files, feed.body(1)))
  }

  @Test func `an entry is overwritten also where a branch begins before it leaves`() throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    try store.append([feed.batch(4)])
    // It is stored as it was signed: with entry 1, and then another entry 2.
    var other = SampleFeed(nonce: 1)
    _ = other.batch(1)
    let (common, parting) = (other.batch(1), other.batch(1, salt: 100))
    let branch = BranchID(parting.entries[0].id.prefix)
    let shift = UInt32(common.records.count - RecordLayout.headSize)
    let entries = parting.entries.map { entry in
      var entry = entry
      entry.headerAt += shift
      return entry
    }
    try store.append([
      Batch(
        group: feed.group, feed: feed.feed, branch: branch,
        records: common.records + parting.records.dropFirst(RecordLayout.headSize),
        entries: common.entries + entries, signature: parting.signature)
    ])
    let (again, report, _) = try open(disk)
    #expect(report.damages.isEmpty)
    let trunk = FeedPlace(feed: feed.feed)
    let tail = try #require(
      again.index(feed.group)?.places.first { ![branch, trunk.branch].contains($0.branch) })
    let places: [(FeedPlace, UInt32, Int)] = [(trunk, 1, 2), (tail, 2, 1), (tail, 3, 1)]
    for (place, seq, copies) in places {
      let jobs = try again.prepareErase(feed.group, place, seq)
      #expect(jobs.count == copies, "\(seq)")
      try again.writer.erase(jobs)
      #expect(!contains(disk.files, feed.body(seq)))
    }
    // What the other branch has there stays.
    #expect(contains(disk.files, feed.body(2, 100)))
  }
}
