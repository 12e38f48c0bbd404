import Format
import Platform
import TestSupport
import Testing

@testable import Storage

/// A damage at the end of a log, of which something beside the log says that it was flushed: it stays
/// until the log says so too, whatever fails meanwhile.
struct SuccessorTests {
  /// Two commits, the second of an own entry and somebody else's behind it; the own one is rotten.
  private struct Image {
    let files: [DiskPath: [UInt8]]
    let path: DiskPath
    let promised: HeadLock.Promise
    let seen: [Seen]
    let rotten: Range<Int>

    init() throws {
      var own = SampleFeed(nonce: 1)
      var other = SampleFeed(in: own.group, nonce: 2)
      let disk = MemoryDisk()
      let (store, _, _) = try open(disk)
      let first = own.batch(2)
      try store.append([first], isOwn: true)
      let (last, theirs) = (own.batch(1), other.batch(2))
      try store.append([last, theirs], isOwn: true)
      path = StorePaths.segment(own.group, 1)
      let chain = try #require(store.index(own.group)?[FeedPlace(feed: own.feed)])
      let place = chain.pieces[1].place
      rotten = Int(place.offset)..<Int(place.end)
      disk.rot(path, byte: rotten.lowerBound + 200, bit: 3)
      let bytes = try #require(disk.files[path])
      files = [path: Array(bytes[...(bytes.lastIndex { $0 != 0 } ?? 0)])]
      promised = .heads([
        .init(group: own.group, feed: own.feed, seq: last.last.seq, id: last.last.id)
      ])
      seen = [Seen(first, true, 5), Seen(theirs, true, 5)]
    }

    func disk() -> MemoryDisk { MemoryDisk(files: files) }
  }

  /// What holds from then on, also of a start to which nothing is promised.
  private func check(_ image: Image, _ disk: MemoryDisk, _ comment: Comment) throws {
    for _ in 0..<2 {
      let (store, report, seen) = try open(disk)
      #expect(seen == image.seen && store.state == .writing, comment)
      #expect(report.damages.contains { $0.offset == UInt64(image.rotten.lowerBound) }, comment)
      #expect(!report.cuts.contains { $0.segment == 1 }, comment)
      let kept = disk.files[image.path]?.starts(with: image.files[image.path] ?? []) ?? false
      #expect(kept, comment)
    }
  }

  @Test func `without a promise it is cut, and the promise keeps it for good`() throws {
    let image = try Image()
    let lost = try open(image.disk())
    #expect(lost.seen.count == 1 && lost.report.cuts.count == 1)
    let disk = image.disk()
    let (store, _, seen) = try open(disk, promised: image.promised)
    #expect(seen == image.seen && !store.leansOnLock)
    try check(image, disk.crashed(.lost), "whole")
    let unknown = image.disk()
    #expect(try open(unknown, promised: .anything).seen == image.seen)
    try check(image, unknown.crashed(.lost), "anything")
  }

  @Test(arguments: [SystemError.noSpace, .inputOutput, .readOnly])
  func `what could not be done at the start is owed until it is`(_ error: SystemError) throws {
    let image = try Image()
    let healthy = image.disk()
    _ = try open(healthy, promised: image.promised)
    var (resumed, final) = (0, 0)
    for at in 0..<healthy.operations {
      for effect in MemoryDisk.Effect.allCases {
        let comment: Comment = "operation \(at), \(effect), \(error)"
        let disk = image.disk()
        disk.fail(.init(at: at, effect: effect, error: error))
        let (store, _, seen) = try open(disk, promised: image.promised)
        #expect(seen == image.seen && store.leansOnLock, comment)
        if (try? store.resume()) != nil {
          resumed += 1
          #expect(!store.leansOnLock, comment)
          try check(image, disk.crashed(.lost), comment)
        } else {
          final += 1
          #expect(!store.state.isResumable && store.leansOnLock, comment)
          // The lock promises as before.
          try check(image, try again(image, disk.killed()), comment)
        }
      }
    }
    // What the system says of a flush that failed is never believed again.
    #expect(final > 0 && (error == .inputOutput || resumed > 3))
  }

  @Test func `and where descriptors are lacking, until there are some`() throws {
    let image = try Image()
    let healthy = image.disk()
    _ = try open(healthy, promised: image.promised)
    for at in 1..<healthy.operations {
      let disk = image.disk()
      disk.exhaust(.tooManyFiles, from: at)
      let (store, _, _) = try open(disk, promised: image.promised)
      #expect(store.leansOnLock == (store.state != .writing), "operation \(at)")
      if store.leansOnLock { #expect(throws: StorageError.self) { try store.resume() } }
      disk.exhaust(nil)
      try store.resume()
      #expect(!store.leansOnLock, "operation \(at)")
      try check(image, disk.crashed(.lost), "operation \(at)")
    }
  }

  /// After a start that is promised the same.
  private func again(_ image: Image, _ disk: MemoryDisk) throws -> MemoryDisk {
    let (store, _, _) = try open(disk, promised: image.promised)
    #expect(!store.leansOnLock)
    return disk.crashed(.lost)
  }

  @Test(arguments: MemoryDisk.Crash.allCases)
  func `the power may go at any point of it`(_ crash: MemoryDisk.Crash) throws {
    let image = try Image()
    let healthy = image.disk()
    _ = try open(healthy, promised: image.promised)
    for at in 0..<healthy.operations {
      let disk = image.disk()
      disk.fail(.init(at: at, effect: .torn, error: .inputOutput, isLasting: true))
      _ = try open(disk, promised: image.promised)
      try check(image, try again(image, disk.crashed(crash)), "operation \(at), \(crash)")
    }
  }

  @Test func `a next segment that was never written whole is begun anew, and not just removed`()
    throws
  {
    let image = try Image()
    guard case .heads(let heads) = image.promised else { return }
    for blank in [0, 100, 4_096] {
      var files = image.files
      let next = StorePaths.segment(heads[0].group, 2)
      files[next] = [UInt8](repeating: 0, count: blank)
      let disk = MemoryDisk(files: files)
      let (store, report, _) = try open(disk)
      #expect(report.cuts.map(\.segment) == [2] && !store.leansOnLock)
      #expect(disk.files[next]?.count == SegmentHead.size)
      try check(image, disk.crashed(.lost), "\(blank) bytes")
    }
  }

  @Test func `an erasure that a crash interrupted is finished by a store that goes on`() throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    try store.append([feed.batch(3)])
    let place = FeedPlace(feed: feed.feed)
    let jobs = try store.prepareErase(feed.group, place, 1)
    // The prefix says that the body is erased, and then the power goes.
    disk.fail(
      .init(at: disk.operations + 2, effect: .failed, error: .inputOutput, isLasting: true))
    #expect(throws: StorageError.self) { try store.writer.erase(jobs) }
    let next = disk.killed()
    let body = feed.body(1)
    func isThere() -> Bool {
      next.files.values.contains { bytes in
        bytes.indices.contains { bytes[$0...].starts(with: body) }
      }
    }
    #expect(isThere())
    next.setReadOnly(true)
    let (again, _, _) = try open(next)
    #expect(isThere() && again.state.isResumable)
    next.setReadOnly(false)
    try again.resume()
    #expect(!isThere())
  }
}
