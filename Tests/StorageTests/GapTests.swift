import Format
import Platform
import TestSupport
import Testing

@testable import Storage

/// What a gap keeps out of a log, and what becomes of it when others bring what is missing (S-15).
struct GapTests {
  /// The files of a store in which the second record group, the first entry of b, has rotted;
  /// `more` was written behind it before that.
  private func withoutBeginning(
    _ small: SmallStore, and more: [Batch] = []
  ) throws -> [DiskPath: [UInt8]] {
    let disk = MemoryDisk(files: small.files)
    try open(disk, small.settings).store.append(more)
    var files = disk.files
    let path = StorePaths.segment(small.group, 1)
    let bytes = try #require(files[path])
    let second = SegmentHead.size + Int(load32(bytes.raw, SegmentHead.size + 4))
    files[path]?[second + 60] ^= 1
    return files
  }

  @Test func `what a gap kept out is taken up once what was missing is stored behind it`() throws {
    for (small, bodySize) in [(try SmallStore(), 20), (try SmallStore.long(), 65_000)] {
      let disk = MemoryDisk(files: try withoutBeginning(small))
      let (store, report, seen) = try open(disk, small.settings)
      // The first entry of b is lost, and the rest of it lies behind a gap, in the next segment too.
      #expect(seen == [small.whole[0], small.whole[2]] && report.damages.count == 2)
      var b = SampleFeed(in: small.group, nonce: 2, bodySize: bodySize)
      let lost = b.batch(1)
      try store.append([lost])
      let (again, mended, all) = try open(disk, small.settings)
      #expect(mended.damages == [report.damages[0]] && mended.entries == report.entries + 3)
      #expect(all.count == 4 && Set(all.map(\.ids)) == Set(small.whole.map(\.ids)))
      #expect(all.last == small.whole[3])
      let place = FeedPlace(feed: lost.feed)
      #expect(again.index(small.group)?[place]?.next == 3)
      // The chain goes on, and all that is taken up comes in its order.
      _ = b.batch(2)
      let next = b.batch(1)
      try again.append([next])
      let (_, last, more) = try open(disk, small.settings)
      #expect(more.suffix(2).map(\.ids) == [small.whole[3].ids, next.entries.map(\.id)])
      #expect(last.damages == mended.damages)
    }
  }

  @Test func `what a gap kept out and what came instead contradict each other, and both are told`()
    throws
  {
    let small = try SmallStore()
    let files = try withoutBeginning(small)
    let disk = MemoryDisk(files: files)
    let (store, _, _) = try open(disk, small.settings)
    // Another copy of the device went on with other words.
    var b = SampleFeed(in: small.group, nonce: 2, bodySize: 20)
    let lost = b.batch(1)
    b.bodySize = 21
    let other = b.batch(1)
    try store.append([lost, other])
    let (_, report, seen) = try open(disk, small.settings)
    #expect(seen.suffix(2).map(\.ids) == [lost, other].map { $0.entries.map(\.id) })
    #expect(report.damages.count == 2 && report.damages[1].kind == .conflict)
  }

  @Test func `what came in full instead of what a gap kept out is compared with it`() throws {
    let small = try SmallStore()
    let files = try withoutBeginning(small)
    // The same entries are no damage, and other ones are, how far they may reach.
    for (bodySize, count, kinds) in [
      (20, 2, []), (20, 3, []), (21, 2, [.conflict]), (21, 3, [.conflict]),
    ] as [(Int, Int, [Damage.Kind])] {
      let disk = MemoryDisk(files: files)
      let (store, before, _) = try open(disk, small.settings)
      var b = SampleFeed(in: small.group, nonce: 2, bodySize: 20)
      let lost = b.batch(1)
      b.bodySize = bodySize
      let rest = b.batch(count)
      try store.append([lost, rest])
      let (again, report, seen) = try open(disk, small.settings)
      #expect(seen.suffix(2).map(\.ids) == [lost, rest].map { $0.entries.map(\.id) })
      let chain = try #require(again.index(small.group)?[FeedPlace(feed: lost.feed)])
      #expect(chain.pieces.allSatisfy { UInt64($0.place.offset) > before.damages[1].offset })
      #expect(report.damages.first == before.damages[0])
      #expect(report.damages.dropFirst().map(\.kind) == kinds)
      // It is told where it lies, and what it held.
      if let told = report.damages.dropFirst().first {
        #expect(told == before.damages[1].being(.conflict))
      }
    }
  }

  @Test(arguments: [
    (count: 1, other: 0, seq: 2, copies: 1), (2, 0, 1, 2), (2, 0, 2, 1), (3, 0, 1, 2), (3, 0, 2, 2),
    (2, 1, 1, 2),
  ])
  func `an erasure reaches what a gap kept out, too, once it is held`(
    _ anew: (count: Int, other: Int, seq: UInt32, copies: Int)
  ) throws {
    let small = try SmallStore()
    let path = StorePaths.segment(small.group, 1)
    // Taken up, in part or as a whole, or there once more, or contradicted: by what came back.
    let disk = MemoryDisk(files: try withoutBeginning(small))
    var b = SampleFeed(in: small.group, nonce: 2, bodySize: 20)
    let same = b.batch(anew.count)
    let rest = anew.other > 0 ? [b.batch(anew.other, salt: 100)] : []
    try open(disk, small.settings).store.append([same] + rest)
    let (store, before, _) = try open(disk, small.settings)
    let jobs = try store.prepareErase(small.group, FeedPlace(feed: same.feed), anew.seq)
    #expect(jobs.count == anew.copies)
    try store.writer.erase(jobs)
    // Another feed has an entry of the same words.
    let (bytes, body) = (try #require(disk.files[path]), b.body(anew.seq))
    let left = bytes.indices.dropLast(body.count).count {
      bytes[$0] == body[0] && bytes[$0..<$0 + body.count].elementsEqual(body)
    }
    #expect(left == 1)
    #expect(try open(disk, small.settings).report.damages == before.damages)
  }

  @Test func `an erasure that a crash interrupted in what is taken up is finished once`() throws {
    let small = try SmallStore()
    let whole = MemoryDisk(files: small.files)
    var b = SampleFeed(in: small.group, nonce: 2, bodySize: 20)
    let first = b.batch(1)
    let job = try #require(
      try open(whole, small.settings).store
        .prepareErase(small.group, FeedPlace(feed: first.feed), 2).first)
    let disk = MemoryDisk(files: try withoutBeginning(small))
    try open(disk, small.settings).store.append([first])
    var files = disk.files
    let at = Int(job.prefixAt)
    files[StorePaths.segment(small.group, 1)]?
      .replaceSubrange(at..<at + job.prefix.count, with: job.prefix)
    var scan = LogScan(MemoryDisk(files: files), group: small.group, promised: .heads([]))
    try scan.run { _ in }
    #expect(scan.index[FeedPlace(feed: first.feed)]?.next == 3 && scan.erasing.count == 1)
  }

  @Test(arguments: [0, 1, 2, 3])
  func `what a gap kept out of a feed that parts there is taken up as the branch that it is`(
    held: Int
  ) throws {
    let small = try SmallStore()
    var b = SampleFeed(in: small.group, nonce: 2, bodySize: 20)
    let first = b.batch(1)
    var (twin, third) = (b, b)
    let branch = b
    let second = b.batch(1)
    var leaving = b
    let last = b.batch(1)
    // Two record groups are kept out, of which the second begins behind the parting.
    let disk = MemoryDisk(files: try withoutBeginning(small, and: [b.batch(1)]))
    let (store, before, _) = try open(disk, small.settings)
    // Others bring other words, and so many of those that were kept out, or the words of a third copy.
    b = branch
    let other = twin.batch(1, salt: 100)
    try store.append([first, other, named(held > 0 ? b.batch(held) : third.batch(1, salt: 200))])

    let (again, report, seen) = try open(disk, small.settings)
    #expect(report.damages == [before.damages[0]])
    #expect(Set(seen.flatMap(\.ids)).isSuperset(of: [second, last].map(\.last.id)))
    let index = try #require(again.index(small.group))
    #expect(index[FeedPlace(feed: b.feed)]?.next == 1 && index[place(other)]?.next == 2)
    #expect(index[place(second)]?.start == 1 && index[place(second)]?.next == 4)
    // A further branch leaves it, and what it takes along is read by its name.
    try again.append([named(leaving.batch(1, salt: 100))])
    #expect(again.index(small.group)?[place(second)]?.next == 2)
    let tail = try again.read(small.group, place(last), from: 2, bytesMax: .max)
    #expect(tail.last?.last.seq == 3)
  }

  /// The branch that begins with a batch.
  private func place(_ batch: Batch) -> FeedPlace {
    FeedPlace(feed: batch.feed, branch: BranchID(batch.entries[0].id.prefix))
  }

  private func named(_ batch: consuming Batch) -> Batch {
    batch.branch = place(batch).branch
    return batch
  }
}
