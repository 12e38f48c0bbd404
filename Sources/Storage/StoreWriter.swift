import Format
import Platform
import Synchronization

/// The half of the store that waits for the disk; its thread does nothing else.
///
/// Several jobs handed in together share one flush per file: group commit falls out of draining
/// the queue. After a fault nothing is written until `Store.resume` (S-11), and after a failed flush
/// nothing ever again: the system may have dropped the data and report the next flush as good (S-12).
package final class StoreWriter: Sendable {
  private let disk: any Disk
  private let settings: StoreSettings
  private let tails: Mutex<Tails>
  /// What the loop asks for with each batch: a lock of its own, for that of the tails is held as
  /// long as a flush lasts, and the loop must not wait for the disk.
  private let published = Mutex(Published())

  private struct Published: Sendable {
    var state: StoreState = .writing
    var generation: UInt32 = 0
  }

  private func publish(_ tails: borrowing Tails) {
    let (state, generation) = (tails.state, tails.generation)
    published.withLock { $0 = Published(state: state, generation: generation) }
  }

  private struct Tails: Sendable {
    var state: StoreState = .writing
    var generation: UInt32 = 0
    var tails: [GroupID: GroupTail] = [:]
    /// The head of the next segment for a group whose log has no end to go on from.
    var next: [GroupID: SegmentHead] = [:]
    /// Segments that were begun and never flushed, still to be removed.
    var unborn: [GroupID: [UInt32]] = [:]
    /// The tails as they were before a write that is not yet flushed, nil for a group without one.
    var before: [GroupID: GroupTail?] = [:]
    /// Open segments, the last used at the end.
    var files: [(group: GroupID, segment: UInt32, file: OpenFile)] = []
  }

  /// Descriptors kept for groups that are written to.
  private static let filesMax = 16
  private static let reserveMin: UInt64 = 65_536
  private static let reserveMax: UInt64 = 4_194_304
  private static let fillMax: UInt64 = 65_536
  private static let fillBatchMax: UInt64 = 4_096

  init(_ disk: any Disk, _ settings: StoreSettings) {
    (self.disk, self.settings) = (disk, settings)
    tails = Mutex(Tails())
  }

  /// What keeps the store from writing, if anything does.
  package var state: StoreState { published.withLock { $0.state } }

  var generation: UInt32 { published.withLock { $0.generation } }

  /// Writes all batches and makes them survive a power cut; on success each job knows its place.
  ///
  /// After an error none of them counts as stored, though any part of them may be on the disk.
  package func perform(_ jobs: inout [WriteJob]) throws(StorageError) {
    try tails.withLock { tails throws(StorageError) in
      defer { publish(tails) }
      let areOwn = jobs.allSatisfy(\.isOwn)
      guard tails.state == .writing || (areOwn && tails.state.takesOwn) else {
        throw .notWriting(tails.state)
      }
      for job in jobs where job.generation != tails.generation { throw .stale }
      try checkRoom(jobs.reduce(0) { $0 + $1.batch.records.count }, areOwn: areOwn, &tails)
      do throws(DiskError) {
        for index in jobs.indices { try write(&jobs[index], &tails) }
      } catch {
        throw stop(error, &tails)
      }
      try settleAll(&tails)
    }
  }

  /// Goes on after a full or read-only disk: takes back what was half written, flushes, and lets
  /// new jobs in. Throws, and stays as it was, where that fails.
  package func resume() throws(StorageError) {
    try tails.withLock { tails throws(StorageError) in
      defer { publish(tails) }
      guard tails.state != .writing else { return }
      guard tails.state.isResumable else { throw .notWriting(tails.state) }
      // Where own entries are written, all that is missing is room for those of others.
      try checkRoom(0, areOwn: !tails.state.takesOwn, &tails)
      do throws(DiskError) {
        try disk.ensureDirectory(StorePaths.logs)
        for (group, before) in tails.before.sorted(by: { $0.key < $1.key }) {
          try takeBack(group, before, &tails)
        }
        for group in Set(tails.tails.keys).union(tails.unborn.keys).sorted() {
          try settle(group, &tails)
        }
      } catch {
        throw stop(error, &tails)
      }
      tails.before = [:]
      tails.state = .writing
      tails.generation += 1
    }
  }

  /// Ends of logs that are not known to be durable: the segment, and the offset from which on.
  var unsettled: [GroupID: (segment: UInt32, durable: UInt64)] {
    tails.withLock { tails in
      tails.tails.filter { $0.value.durable < $0.value.end }
        .mapValues { ($0.head.number, $0.durable) }
    }
  }

  /// Makes the directory that all logs are in.
  func makeLogs() {
    tails.withLock { tails in
      defer { publish(tails) }
      do throws(DiskError) {
        try disk.ensureDirectory(StorePaths.logs)
      } catch {
        // Nothing was written by this store whose flush could have failed.
        if error.reason == .readOnly {
          tails.state = .readOnly(error)
        } else {
          _ = stop(error, &tails)
        }
      }
    }
  }

  /// Overwrites bodies and waits until that survives a power cut.
  package func erase(_ jobs: [EraseJob]) throws(StorageError) {
    try tails.withLock { tails throws(StorageError) in
      defer { publish(tails) }
      guard tails.state == .writing else { throw .notWriting(tails.state) }
      do throws(DiskError) {
        for job in jobs { try job.perform(on: disk) }
      } catch {
        throw stop(error, &tails)
      }
    }
  }

  /// Takes over the end of a log that was read at opening: removes what was begun and never
  /// flushed, cuts, and makes all that is kept durable.
  func adopt(_ scan: LogScan) {
    let group = scan.group
    tails.withLock { tails in
      defer { publish(tails) }
      tails.tails[group] = scan.tail
      if scan.tail == nil { tails.next[group] = scan.nextSegment(mark: newMark()) }
      tails.unborn[group] = scan.unborn
      guard tails.state == .writing else { return }
      do throws(DiskError) {
        try settle(group, &tails)
        if scan.needsSuccessor { try succeed(group, &tails) }
        for job in scan.erasing { try job.finish(on: disk) }
      } catch {
        _ = stop(error, &tails)
      }
    }
  }

  private func checkRoom(
    _ count: Int, areOwn: Bool, _ tails: inout Tails
  ) throws(StorageError) {
    let free: UInt64
    do throws(DiskError) { free = try disk.space().free } catch { throw stop(error, &tails) }
    let floor = areOwn ? settings.freeBytesMin / 2 : settings.freeBytesMin
    guard free >= floor, free - floor >= UInt64(count) else {
      // After an own entry that was not stored no other may follow it.
      if tails.state.takesOwn {
        tails.state = .full(
          areOwn
            ? .floor(free: free, floor: floor) : .floorOfOthers(free: free, floor: floor))
      }
      throw .full(free: free, floor: floor)
    }
  }

  /// Turns the store read-only after a fault and says why.
  private func stop(_ error: DiskError, _ tails: inout Tails) -> StorageError {
    // A failed flush is final whatever the reason: nobody knows what it left behind.
    let isFlush = error.operation == .flush || error.operation == .flushDirectory
    if case .failed = tails.state { return .notWriting(tails.state) }
    switch error.reason {
    case .full where !isFlush: tails.state = .full(.system(error))
    case .readOnly where !isFlush: tails.state = .readOnly(error)
    case .exhausted where !isFlush: tails.state = .exhausted(error)
    default: tails.state = .failed(error)
    }
    return .disk(error)
  }
}

extension StoreWriter {
  private func write(_ job: inout WriteJob, _ tails: inout Tails) throws(DiskError) {
    let group = job.batch.group
    let length = UInt64(job.batch.records.count)
    if tails.before[group] == nil { tails.before[group] = .some(tails.tails[group]) }
    if let tail = tails.tails[group] {
      if tail.end + length > settings.segmentBytesMax { try begin(after: tail, &tails) }
    } else {
      try beginLog(group, &tails)
    }
    guard var tail = tails.tails[group] else { return }
    let file = try open(group, tail.head.number, &tails)
    reserve(file, upTo: tail.end + length, &tail)
    try fill(file, upTo: tail.end + length, &tail)
    let link = job.seal(
      mark: tail.head.mark, seed: tail.seed, segment: tail.head.number, offset: tail.end,
      durable: tail.durable)
    try disk.write(job.batch.records.span, to: file.file, at: tail.end)
    tail.end += length
    tail.reserved = max(tail.reserved, tail.end)
    tail.link = link
    tails.tails[group] = tail
  }

  /// Takes room for what comes, so that a flush need not write the file's length each time.
  private func reserve(_ file: OpenFile, upTo end: UInt64, _ tail: inout GroupTail) {
    guard end > tail.reserved else { return }
    let step = min(max(tail.end, Self.reserveMin), Self.reserveMax)
    let size = min((end + step - 1) / step * step, max(settings.segmentBytesMax, end))
    // Room is a matter of speed alone: where there is none, the write itself will say so.
    do throws(DiskError) {
      try disk.reserve(file.file, size: size)
      tail.reserved = size
    } catch {
      tail.reserved = max(tail.reserved, end)
    }
  }

  /// Writes zeros into room that small batches will take one by one: a flush after each of them
  /// then has bytes to write and nothing else. A large batch gains nothing.
  private func fill(
    _ file: OpenFile, upTo end: UInt64, _ tail: inout GroupTail
  ) throws(DiskError) {
    guard end > tail.zeroed, end - tail.end <= Self.fillBatchMax, tail.reserved > end else {
      return
    }
    let from = max(tail.end, tail.zeroed)
    let count = min(tail.reserved - from, Self.fillMax)
    try disk.write([UInt8](repeating: 0, count: Int(count)).span, to: file.file, at: from)
    tail.zeroed = from + count
  }

  /// The first segment of a new group, in a directory of its own.
  private func beginLog(_ group: GroupID, _ tails: inout Tails) throws(DiskError) {
    try disk.ensureDirectory(StorePaths.group(group))
    let first = SegmentHead(
      group: group, number: 1, previousEnd: 0, previousChecksum: 0, mark: newMark())
    try begin(tails.next[group] ?? first, &tails)
  }

  /// The next segment; the one before is flushed first, so that a segment with a successor is
  /// known to be whole (S-10).
  private func begin(after tail: GroupTail, _ tails: inout Tails) throws(DiskError) {
    try disk.flush(open(tail.head.group, tail.head.number, &tails).file)
    try begin(
      SegmentHead(
        group: tail.head.group, number: tail.head.number + 1, previousEnd: tail.end,
        previousChecksum: tail.link, mark: newMark()), &tails)
  }

  /// Begins the next segment at once, so that no start takes the damage before it for an end that
  /// was torn.
  private func succeed(_ group: GroupID, _ tails: inout Tails) throws(DiskError) {
    if let tail = tails.tails[group] {
      try begin(after: tail, &tails)
    } else if let head = tails.next[group] {
      try begin(head, &tails)
    }
    guard var tail = tails.tails[group] else { return }
    try disk.flush(open(group, tail.head.number, &tails).file)
    try disk.flushDirectory(StorePaths.group(group))
    tail.durable = tail.end
    tails.tails[group] = tail
  }

  private func begin(_ head: SegmentHead, _ tails: inout Tails) throws(DiskError) {
    let path = StorePaths.segment(head.group, head.number)
    let file = OpenFile(try disk.create(path))
    try disk.write(head.encode().span, to: file.file, at: 0)
    keep(file, head.group, head.number, &tails)
    let size = UInt64(SegmentHead.size)
    tails.tails[head.group] = GroupTail(
      head: head, end: size, durable: 0, reserved: size, link: head.checksum, needsCut: false)
  }

  private func newMark() -> UInt32 {
    while true {
      let bytes = settings.entropy.bytes(4)
      let mark = load32(bytes.raw, 0)
      if mark != 0 { return mark }
    }
  }

  /// Flushes every log written to since the last time.
  private func settleAll(_ tails: inout Tails) throws(StorageError) {
    do throws(DiskError) {
      for group in tails.before.keys.sorted() {
        guard var tail = tails.tails[group] else { continue }
        try disk.flush(open(group, tail.head.number, &tails).file)
        if tail.durable == 0 { try disk.flushDirectory(StorePaths.group(group)) }
        tail.durable = tail.end
        tails.tails[group] = tail
      }
      tails.before = [:]
    } catch {
      throw stop(error, &tails)
    }
    if tails.files.count > Self.filesMax {
      tails.files.removeFirst(tails.files.count - Self.filesMax)
    }
  }

  /// Makes the end of a log what memory says it is, and durable: cuts off what does not belong to
  /// it and writes again what may lie in the system's memory alone since a flush failed (S-16).
  private func settle(_ group: GroupID, _ tails: inout Tails) throws(DiskError) {
    if let unborn = tails.unborn[group], !unborn.isEmpty {
      for number in unborn { try disk.remove(StorePaths.segment(group, number)) }
      try disk.flushDirectory(StorePaths.group(group))
      tails.unborn[group] = nil
    }
    guard var tail = tails.tails[group], tail.needsCut || tail.durable < tail.end else { return }
    let file = try open(group, tail.head.number, &tails)
    if tail.needsCut {
      try disk.truncate(file.file, to: tail.end)
      (tail.reserved, tail.zeroed) = (tail.end, 0)
    }
    if tail.durable < tail.end {
      var bytes = [UInt8](repeating: 0, count: Int(tail.end - tail.durable))
      var span = bytes.mutableSpan
      let count = try disk.read(file.file, at: tail.durable, into: &span)
      guard count == bytes.count else { throw DiskError(.read, file.file.subject, .broken) }
      // A segment that was never flushed may have lost its head, of which all is known.
      if tail.durable == 0 { bytes.replaceSubrange(0..<SegmentHead.size, with: tail.head.encode()) }
      try disk.write(bytes.span, to: file.file, at: tail.durable)
    }
    try disk.flush(file.file)
    if tail.durable == 0 { try disk.flushDirectory(StorePaths.group(group)) }
    (tail.durable, tail.needsCut) = (tail.end, false)
    tails.tails[group] = tail
  }

  /// Undoes what was written to a group's log since its last flush.
  private func takeBack(
    _ group: GroupID, _ before: GroupTail?, _ tails: inout Tails
  ) throws(DiskError) {
    tails.files.removeAll { $0.group == group }
    let keep = before?.head.number ?? (tails.next[group]?.number ?? 1) - 1
    let directory = StorePaths.group(group)
    guard try disk.status(at: directory) != nil else {
      tails.tails[group] = nil
      return
    }
    for entry in try disk.list(directory) {
      guard let number = StorePaths.number(named: entry.name), number > keep else { continue }
      try disk.remove(directory.appending(entry.name))
    }
    try disk.flushDirectory(directory)
    tails.tails[group] = before
    tails.tails[group]?.needsCut = true
  }

  private func open(
    _ group: GroupID, _ segment: UInt32, _ tails: inout Tails
  ) throws(DiskError) -> OpenFile {
    if let index = tails.files.lastIndex(where: { $0.group == group && $0.segment == segment }) {
      return tails.files[index].file
    }
    let file = OpenFile(try disk.openForWriting(StorePaths.segment(group, segment)))
    keep(file, group, segment, &tails)
    return file
  }

  private func keep(
    _ file: OpenFile, _ group: GroupID, _ segment: UInt32, _ tails: inout Tails
  ) {
    tails.files.removeAll { $0.group == group && $0.segment + 1 < segment }
    tails.files.append((group, segment, file))
    guard tails.files.count > Self.filesMax else { return }
    // What was written to and is still to be flushed stays open until then.
    let clean = tails.files.firstIndex { $0.group != group && tails.before[$0.group] == nil }
    if let clean { tails.files.remove(at: clean) }
  }
}
