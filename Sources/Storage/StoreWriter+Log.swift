import Format
import Platform

/// What the writer does to the end of one log, or to those of all that were written to.
extension StoreWriter {
  /// Descriptors kept for groups that are written to.
  private static let filesMax = 16
  private static let reserveMin: UInt64 = 65_536
  private static let reserveMax: UInt64 = 4_194_304
  private static let fillMax: UInt64 = 65_536
  private static let fillBatchMax: UInt64 = 4_096

  func write(_ job: inout WriteJob, _ tails: inout Tails) throws(DiskError) {
    let group = job.batch.group
    let length = UInt64(job.batch.records.count)
    if tails.before[group] == nil { tails.before[group] = .some(tails.tails[group]) }
    var tail: GroupTail
    if let known = tails.tails[group] {
      let isFull = known.end + length > settings.segmentBytesMax
      tail = isFull ? try begin(after: known, &tails) : known
    } else {
      tail = try beginLog(group, &tails)
    }
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
  private func beginLog(
    _ group: GroupID, _ tails: inout Tails
  ) throws(DiskError) -> GroupTail {
    try disk.ensureDirectory(StorePaths.group(group))
    let first = SegmentHead(
      group: group, number: 1, previousEnd: 0, previousChecksum: 0, mark: newMark())
    return try begin(tails.next[group] ?? first, &tails)
  }

  /// The next segment; the one before is flushed first, so that a segment with a successor is
  /// known to be whole (S-10).
  private func begin(
    after tail: GroupTail, _ tails: inout Tails
  ) throws(DiskError) -> GroupTail {
    try disk.flush(open(tail.head.group, tail.head.number, &tails).file)
    return try begin(
      SegmentHead(
        group: tail.head.group, number: tail.head.number + 1, previousEnd: tail.end,
        previousChecksum: tail.link, mark: newMark()), &tails)
  }

  /// Does all that the start of a log still owes: whatever fails stays owed, and is done by the next
  /// `resume`.
  func complete(_ group: GroupID, _ tails: inout Tails) throws(DiskError) {
    try settle(group, &tails)
    for tail in tails.loose[group] ?? [] {
      try writeAgain(tail, open(group, tail.head.number, &tails))
    }
    tails.loose[group] = nil
    if tails.lackSuccessors.contains(group) { try succeed(group, &tails) }
    for job in tails.erasing[group] ?? [] { try job.perform(on: disk) }
    tails.erasing[group] = nil
  }

  /// Begins the next segment at once, so that no start takes the damage before it for an end that
  /// was torn.
  private func succeed(_ group: GroupID, _ tails: inout Tails) throws(DiskError) {
    tails.before[group] = .some(tails.tails[group])
    var tail =
      if let known = tails.tails[group] {
        try begin(after: known, &tails)
      } else {
        // A log of which nothing could be read.
        try beginLog(group, &tails)
      }
    try disk.flush(open(group, tail.head.number, &tails).file)
    try disk.flushDirectory(StorePaths.group(group))
    tail.durable = tail.end
    tails.tails[group] = tail
    tails.before[group] = nil
    tails.lackSuccessors.remove(group)
  }

  private func begin(
    _ head: SegmentHead, _ tails: inout Tails
  ) throws(DiskError) -> GroupTail {
    let path = StorePaths.segment(head.group, head.number)
    let file = OpenFile(try disk.create(path))
    try disk.write(head.encode().span, to: file.file, at: 0)
    keep(file, head.group, head.number, &tails)
    let size = UInt64(SegmentHead.size)
    let tail = GroupTail(
      head: head, end: size, durable: 0, reserved: size, link: head.checksum, needsCut: false)
    tails.tails[head.group] = tail
    return tail
  }

  func newMark() -> UInt32 {
    while true {
      let bytes = settings.entropy.bytes(4)
      let mark = load32(bytes.raw, 0)
      if mark != 0 { return mark }
    }
  }

  /// Flushes every log written to since the last time.
  func settleAll(_ tails: inout Tails) throws(StorageError) {
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
  /// it and writes again what no flush vouches for.
  func settle(_ group: GroupID, _ tails: inout Tails) throws(DiskError) {
    if let unborn = tails.unborn[group], !unborn.isEmpty {
      for number in unborn {
        // A try before this one may have got so far.
        let path = StorePaths.segment(group, number)
        if try disk.status(at: path) != nil { try disk.remove(path) }
      }
      try disk.flushDirectory(StorePaths.group(group))
      tails.unborn[group] = nil
    }
    guard var tail = tails.tails[group], tail.needsCut || tail.durable < tail.end else { return }
    let file = try open(group, tail.head.number, &tails)
    if tail.needsCut {
      try disk.truncate(file.file, to: tail.end)
      (tail.reserved, tail.zeroed) = (tail.end, 0)
    }
    try writeAgain(tail, file)
    (tail.durable, tail.needsCut) = (tail.end, false)
    tails.tails[group] = tail
  }

  /// Writes again what may lie in the system's memory alone since a flush failed, and waits until it
  /// survives a power cut (S-16).
  private func writeAgain(_ tail: GroupTail, _ file: OpenFile) throws(DiskError) {
    // A segment that was never flushed may have lost its head, of which all is known.
    if tail.durable == 0 { try disk.write(tail.head.encode().span, to: file.file, at: 0) }
    for range in tail.unflushed {
      var bytes = [UInt8](repeating: 0, count: range.count)
      var span = bytes.mutableSpan
      let count = try disk.read(file.file, at: range.lowerBound, into: &span)
      guard count == bytes.count else { throw DiskError(.read, file.file.subject, .broken) }
      try disk.write(bytes.span, to: file.file, at: range.lowerBound)
    }
    try disk.flush(file.file)
    if tail.durable == 0 { try disk.flushDirectory(StorePaths.group(tail.head.group)) }
  }

  /// Undoes what was written to a group's log since its last flush.
  func takeBack(
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
