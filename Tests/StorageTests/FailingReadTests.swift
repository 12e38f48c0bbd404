import Format
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// A log that rots, shrinks or cannot be read while it is open, or while it is being opened.
struct FailingReadTests {
  /// A disk whose next readings fail as they are told, and whose files may be shorter than it says.
  private final class DoubtfulDisk: ReadableDisk {
    let disk: MemoryDisk
    private let fates = Mutex<[SystemError?]>([])
    private let excess = Mutex<UInt64>(0)
    var place: String { disk.place }

    init(_ disk: MemoryDisk) { self.disk = disk }

    /// What becomes of the next readings, one after the other: nil is a good one.
    func tell(_ fates: [SystemError?]) { self.fates.withLock { $0 = fates } }
    /// How many of them are still to come.
    var left: Int { fates.withLock { $0.count } }
    /// Says of each file that it has so many bytes more than it has.
    func exaggerate(by bytes: UInt64) { excess.withLock { $0 = bytes } }

    func open(_ path: DiskPath) throws(DiskError) -> DiskFile { try disk.open(path) }
    func status(at path: DiskPath) throws(DiskError) -> FileStatus? { try disk.status(at: path) }
    func list(_ path: DiskPath) throws(DiskError) -> [DirectoryEntry] { try disk.list(path) }
    func space() throws(DiskError) -> DiskSpace { try disk.space() }

    func status(of file: borrowing DiskFile) throws(DiskError) -> FileStatus {
      let known = try disk.status(of: file)
      return FileStatus(
        kind: known.kind, size: known.size + excess.withLock { $0 }, owner: known.owner,
        group: known.group, mode: known.mode, device: known.device, inode: known.inode)
    }

    func read(
      _ file: borrowing DiskFile, at offset: UInt64, into buffer: inout MutableSpan<UInt8>
    ) throws(DiskError) -> Int {
      let fate = fates.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      if let fate { throw DiskError(.read, file.subject, fate) }
      return try disk.read(file, at: offset, into: &buffer)
    }
  }

  /// Opens the log of a disk for reading alone.
  private func view(
    _ disk: any ReadableDisk
  ) throws(StorageError) -> (view: StoreView, report: RecoveryReport, seen: [Seen]) {
    var seen: [Seen] = []
    let (view, report) = try StoreView.open(readOnly: disk, first: []) { batch, _, isOwn, arrival in
      seen.append(Seen(batch, isOwn, arrival))
    }
    return (view, report, seen)
  }

  /// A disk on which two feeds stand in two segments, and the second of these feeds.
  private func long() throws -> (disk: DoubtfulDisk, group: GroupID, place: FeedPlace) {
    let small = try SmallStore.long()
    return (DoubtfulDisk(MemoryDisk(files: small.files)), small.group, small.whole[1].place)
  }

  @Test func `what cannot be read once more behind a gap stays out, and is told`() throws {
    let small = try SmallStore()
    let path = StorePaths.segment(small.group, 1)
    let bytes = try #require(small.files[path])
    let second = SegmentHead.size + Int(load32(bytes.raw, SegmentHead.size + 4))
    let memory = MemoryDisk(files: small.files)
    memory.rot(path, byte: second + 60, bit: 1)
    var b = SampleFeed(in: small.group, nonce: 2, bodySize: 20)
    try open(memory, small.settings).store.append([b.batch(1)])
    let disk = DoubtfulDisk(memory)
    disk.tell([SystemError?](repeating: nil, count: 100))
    #expect(try view(disk).report.damages.count == 1)
    // The last of all readings is the second one of what lay behind the gap.
    let before = [SystemError?](repeating: nil, count: 100 - disk.left - 1)
    disk.tell(before + [.inputOutput])
    let (_, report, seen) = try view(disk)
    #expect(seen.count == 3 && report.damages.count == 2)
    #expect(report.damages.last?.lost?.first == 1)
    guard case .unreadable? = report.damages.last?.kind else {
      Issue.record("it is not said that it cannot be read")
      return
    }
    // What is no fault of the disk ends the opening.
    disk.tell(before + [.tooManyFiles])
    #expect(throws: StorageError.self) { try view(disk) }
  }

  /// Turns a bit of a segment behind the store's back.
  private func rot(_ disk: MemoryDisk, _ group: GroupID, at offset: Int) throws {
    let path = StorePaths.segment(group, 1)
    let byte = try #require(disk.files[path]?[offset])
    let file = try disk.openForWriting(path)
    try disk.write([byte ^ 1].span, to: file, at: UInt64(offset))
  }

  @Test(arguments: [20, GroupHead.size + 40, -1])
  func `what rots while it is open is damaged, whoever asks for it`(byte: Int) throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    for _ in 0..<3 { try store.append([feed.batch(2)]) }
    let place = FeedPlace(feed: feed.feed)
    let second = try #require(store.index(feed.group)?[place]).pieces[1].place
    try rot(disk, feed.group, at: Int(byte < 0 ? second.end : UInt64(second.offset)) + byte)
    let fault: GroupFault =
      byte == 20 ? .badHead : byte > 0 ? .badHeader(entry: 0) : .badBody(entry: 1)
    let damage = Damage(
      group: feed.group, segment: 1, offset: UInt64(second.offset), length: UInt64(second.length),
      kind: .group(fault), lost: LostEntries(place: place, first: 2, last: 3))
    let asks: [() throws -> Void] = [
      { _ = try store.read(feed.group, place, from: 2, bytesMax: .max) },
      { _ = try store.stored(feed.group, place, 2) },
      { _ = try store.entry(feed.group, place, 2) },
      { _ = try store.packed(feed.group, place, from: 0, bytesMax: .max) },
    ]
    for ask in asks { #expect(throws: StorageError.damaged(damage)) { try ask() } }
    #expect(store.damages == [damage])
    // It is forgotten with all behind it; a head that cannot be read says nothing of an end.
    #expect(store.forget(feed.group, place, from: 4) == (byte == 20 ? 2 : 4))
    #expect(store.forget(feed.group, place, from: 2) == 2)
    #expect(try store.packed(feed.group, place, from: 0, bytesMax: .max) != nil)
  }

  @Test func `a reading that fails for want of memory is no damage, and goes well later`() throws {
    let small = try SmallStore()
    let disk = DoubtfulDisk(MemoryDisk(files: small.files))
    let (group, place) = (small.group, small.whole[1].place)
    let view = try view(disk).view
    let asks: [() throws -> Void] = [
      { _ = try view.read(group, place, from: 0, bytesMax: .max) },
      { _ = try view.stored(group, place, 1) },
      { _ = try view.packed(group, place, from: 0, bytesMax: .max) },
    ]
    for ask in asks {
      disk.tell([.noMemory])
      #expect(throws: StorageError.self) { try ask() }
      disk.tell([])
      try ask()
    }
    #expect(view.damages.isEmpty)
    // Where only the second look at a record group fails, its head.
    disk.tell([nil, .inputOutput])
    #expect(throws: StorageError.self) { _ = try view.stored(group, place, 1) }
    #expect(view.damages.count == 1)
  }

  @Test func `what is sent of a feed may lie in several segments`() throws {
    let (disk, group, place) = try long()
    let view = try view(disk).view
    let pieces = try #require(view.index(group)?[place]).pieces
    #expect(Set(pieces.map(\.place.segment)).count == 2)
    let packed = try #require(try view.packed(group, place, from: 0, bytesMax: .max))
    #expect(try BatchHead(decoding: packed, at: 16).count == 3)
  }

  @Test func `a log that the system has no memory to read is not opened`() throws {
    let small = try SmallStore()
    for fates in [[nil, .noMemory], [nil, .inputOutput, .noMemory]] as [[SystemError?]] {
      let disk = DoubtfulDisk(MemoryDisk(files: small.files))
      disk.tell(fates)
      let path = StorePaths.segment(small.group, 1)
      #expect(throws: StorageError.disk(DiskError(.read, "\(path)", .noMemory))) {
        _ = try view(disk)
      }
    }
  }

  @Test func `a segment that ends before its length is read up to there`() throws {
    let small = try SmallStore(bodySize: 3_000)
    let (path, files) = (StorePaths.segment(small.group, 1), small.segments())
    let whole = DoubtfulDisk(MemoryDisk(files: files))
    whole.exaggerate(by: 5_000)
    let (_, report, seen) = try view(whole)
    #expect(seen == small.whole && report.damages.isEmpty && report.cuts.isEmpty)
    // It ends in the midst of the last record group, behind what may be a bad sector.
    let bytes = try #require(files[path])
    for isBad in [false, true] {
      let short = MemoryDisk(files: [path: Array(bytes.dropLast(10))])
      if isBad { short.failReads(of: path, at: SegmentHead.size + 10..<SegmentHead.size + 11) }
      let disk = DoubtfulDisk(short)
      disk.exaggerate(by: 10)
      let (_, report, seen) = try view(disk)
      #expect(seen == (isBad ? [] : Array(small.whole.dropLast())))
      #expect(report.damages.isEmpty == !isBad)
    }
  }

  @Test func `an end that shrinks before it is made durable stops the store`() throws {
    let small = try SmallStore()
    let disk = MemoryDisk(files: small.files)
    disk.setReadOnly(true)
    let store = try open(disk, small.settings).store
    let end = try #require(store.writer.unsettled.first).end
    disk.setReadOnly(false)
    let path = StorePaths.segment(small.group, 1)
    try disk.truncate(try disk.openForWriting(path), to: end - 1)
    let error = DiskError(.read, "\(path)", .broken)
    #expect(throws: StorageError.disk(error)) { try store.resume() }
    #expect(store.state == .failed(error))
    #expect(throws: StorageError.notWriting(store.state)) { try store.resume() }
  }
}
