import Format
import Platform

/// Reads one segment from front to back and yields its record groups and its faults in order.
///
/// Opening, reading for inspect and the tests share it. It never writes, and never gives up: behind
/// a fault it looks for the next head whose checksum fits its place.
struct SegmentScan: ~Copyable {
  /// What stands next in a segment.
  enum Event: Sendable {
    /// A whole, checked record group; its records lie in the scan's buffer and must be let go
    /// before the next step.
    case group(
      batch: Batch, prev: EntryID, stamp: GroupStamp, place: RecordPlace, erasing: [Int])
    /// These bytes hold nothing that can be read. `isCertified`: something behind them was
    /// written after they had survived a flush, so that a crash cannot explain it; `isDoubtful`:
    /// the disk could not read something from here on, which might say so.
    /// `head` is there where it could be read; `unreadable` says what the disk said of these bytes.
    case fault(
      GroupFault, head: GroupHead?, offset: UInt64, length: UInt64, isCertified: Bool,
      isDoubtful: Bool, unreadable: String?)
    /// From here on there are only the zeros of reserved room, or nothing.
    case end(offset: UInt64)
  }

  private static let chunk = 1 << 19
  /// What a disk reads, or fails to read, at once.
  private static let block = UInt64(Limits.readBlockBytes)

  private let disk: any ReadableDisk
  private let file: DiskFile
  private let group: GroupID
  private let segment: UInt32
  private let mark: UInt32
  private let seed: PlaceSeed
  private let size: UInt64
  private var offset: UInt64
  private var isDone = false
  /// The highest flushed offset that a head behind a fault vouches for; found at the first fault,
  /// and anew after one that was gone when it was read again.
  private var certified: UInt64?
  private var buffer: [UInt8] = []
  private var bufferStart: UInt64 = 0
  private var bufferCount = 0
  /// Buffers to read into where what was yielded is not let go before the next step.
  private let spares: Channel<[UInt8]>?
  /// What the disk could not read, ascending; it reads as zeros, which no checksum passes.
  private(set) var holes: [Range<UInt64>] = []
  private var holeText = ""
  /// The buffer before this one, until it is taken.
  private var retired: [UInt8]?

  /// Begins behind the segment's head.
  init(
    _ file: consuming DiskFile, of disk: any ReadableDisk, _ group: GroupID, segment: UInt32,
    mark: UInt32, size: UInt64, spares: Channel<[UInt8]>?
  ) {
    self.file = file
    (self.disk, self.group, self.segment) = (disk, group, segment)
    // What lies further back no record group's place can name, so nothing there is ours.
    (self.mark, self.size) = (mark, min(size, UInt64(UInt32.max)))
    self.spares = spares
    seed = PlaceSeed(group: group, segment: segment)
    offset = UInt64(SegmentHead.size)
  }

  /// The next event, or nil behind the last.
  mutating func next() throws(DiskError) -> Event? {
    guard !isDone else { return nil }
    if offset >= size { return finish(at: size) }
    try fill(offset, GroupHead.size)
    guard let head = head(at: offset) else { return try faultOrEnd(.badHead, nil) }
    guard UInt64(head.length) <= size - offset else {
      return try faultOrEnd(.cutShort, nil)
    }
    try fill(offset, Int(head.length))
    let start = Int(offset - bufferStart)
    guard bufferCount - start >= Int(head.length) else {
      return try faultOrEnd(.cutShort, nil)
    }
    do throws(GroupFault) {
      let (batch, erasing) = try checkedBatch(
        buffer, head, group: group, seed: seed, start: start, offset: offset)
      let place = RecordPlace(segment: segment, offset: UInt32(offset), length: head.length)
      offset += UInt64(head.length)
      return .group(
        batch: batch, prev: batch.prev, stamp: GroupStamp(head), place: place, erasing: erasing)
    } catch {
      return try faultOrEnd(error, head)
    }
  }

  /// The buffer of the events before the last one, where that lies in another; taken once.
  mutating func takeRetired() -> [UInt8]? {
    defer { retired = nil }
    return retired
  }

  /// The buffer of the last events, where it may be kept: the scan is over.
  consuming func takeLast() -> [UInt8]? { spares == nil ? nil : buffer }

  private mutating func finish(at end: UInt64) -> Event {
    isDone = true
    return .end(offset: end)
  }

  /// Turns what stands at `offset` into a fault up to the next readable head, or into the end.
  private mutating func faultOrEnd(
    _ fault: GroupFault, _ head: GroupHead?
  ) throws(DiskError) -> Event {
    let from = offset
    if head == nil, try isBlank(from: from) { return finish(at: from) }
    if certified == nil {
      let highest = try highestDurable(from: from)
      certified = highest
      if highest > from {
        // Beside a node that writes, these bytes may have been read before they were whole, and
        // what vouches for them after. Whatever is vouched for now is whole when read again.
        bufferCount = 0
        if let event = try next() {
          if case .group = event { certified = nil }
          return event
        }
      }
    }
    let found: UInt64?
    if let head {
      found = from + UInt64(head.length)
    } else {
      found = try nextHead(from: from + 1)?.offset
    }
    offset = found ?? size
    let isUnreadable = holes.contains { $0.overlaps(from..<offset) }
    return .fault(
      fault, head: head, offset: from, length: offset - from, isCertified: (certified ?? 0) > from,
      isDoubtful: hasHole(from: from), unreadable: isUnreadable ? holeText : nil)
  }

  private func hasHole(from start: UInt64) -> Bool {
    holes.last.map { $0.upperBound > start } ?? false
  }

  /// Whether only zeros follow.
  private mutating func isBlank(from start: UInt64) throws(DiskError) -> Bool {
    var at = start
    while at < size {
      try fill(at, 1)
      let index = Int(at - bufferStart)
      guard bufferCount > index else { break }
      guard isZero(buffer.raw.extracting(index..<bufferCount)) else { return false }
      at = bufferStart + UInt64(bufferCount)
    }
    return !hasHole(from: start)
  }

  /// The highest flushed offset that any head from here on states.
  private mutating func highestDurable(from start: UInt64) throws(DiskError) -> UInt64 {
    var highest: UInt64 = 0
    var at = start
    while let (offset, head) = try nextHead(from: at) {
      highest = max(highest, UInt64(head.durable))
      at = offset + UInt64(GroupHead.size)
    }
    return highest
  }

  /// The next head at or behind `start`; its checksum knows its place, so none is found by chance.
  private mutating func nextHead(
    from start: UInt64
  ) throws(DiskError) -> (offset: UInt64, head: GroupHead)? {
    var at = start
    while at < size, size - at >= UInt64(GroupHead.size) {
      try fill(at, GroupHead.size)
      let index = Int(at - bufferStart)
      guard bufferCount - index >= GroupHead.size else { return nil }
      guard let hit = firstMark(from: index) else {
        // The last bytes of the buffer may begin a head that the next one holds.
        at = bufferStart + UInt64(bufferCount - GroupHead.size + 1)
        continue
      }
      at = bufferStart + UInt64(hit)
      if let head = head(at: at) { return (at, head) }
      at += 1
    }
    return nil
  }

  /// The first index from which a whole head could stand in the buffer and the mark does.
  private func firstMark(from start: Int) -> Int? {
    let span = buffer.raw
    var index = start
    while bufferCount - index >= GroupHead.size {
      if load32(span, index) == mark { return index }
      index += 1
    }
    return nil
  }

  private func head(at offset: UInt64) -> GroupHead? {
    let index = Int(offset - bufferStart)
    guard bufferCount - index >= GroupHead.size else { return nil }
    return GroupHead(
      buffer.raw.extracting(0..<bufferCount), index, mark: mark, seed: seed, offset: offset)
  }

  /// Makes the buffer hold `count` bytes from `start` on, or all there are.
  private mutating func fill(_ start: UInt64, _ count: Int) throws(DiskError) {
    if start >= bufferStart, start - bufferStart <= UInt64(bufferCount),
      bufferCount - Int(start - bufferStart) >= count
    {
      return
    }
    let wanted = min(UInt64(max(Self.chunk, count)), size - start)
    var bytes: [UInt8] = []
    swap(&bytes, &buffer)
    if let spares {
      if retired == nil, !bytes.isEmpty { retired = bytes }
      bytes = spares.takeIfAny() ?? []
    }
    if bytes.count < Int(wanted) { bytes = [UInt8](repeating: 0, count: Int(wanted)) }
    var span = bytes.mutableSpan
    (bufferStart, bufferCount) = (start, 0)
    let end = start + wanted
    var isWhole = false
    if !holes.contains(where: { $0.overlaps(start..<end) }) {
      do throws(DiskError) {
        bufferCount = try disk.read(file, at: start, into: &span, range: 0..<Int(wanted))
        isWhole = true
      } catch {
        guard error.reason == .broken else { throw error }
      }
    }
    if !isWhole { bufferCount = try readBlocks(start..<end, into: &span) }
    swap(&bytes, &buffer)
  }

  /// Reads block by block, and notes those that the disk cannot read: one bad sector must not take
  /// the rest with it.
  private mutating func readBlocks(
    _ range: Range<UInt64>, into span: inout MutableSpan<UInt8>
  ) throws(DiskError) -> Int {
    var at = range.lowerBound
    while at < range.upperBound {
      let end = min((at / Self.block + 1) * Self.block, range.upperBound)
      let part = Int(at - range.lowerBound)..<Int(end - range.lowerBound)
      var isHole = holes.contains { $0.contains(at) }
      if !isHole {
        do throws(DiskError) {
          let count = try disk.read(file, at: at, into: &span, range: part)
          guard count == part.count else { return part.lowerBound + count }
        } catch {
          guard error.reason == .broken else { throw error }
          (isHole, holeText) = (true, error.description)
          noteHole(at)
        }
      }
      if isHole { for index in part { span[index] = 0 } }
      at = end
    }
    return range.count
  }

  private mutating func noteHole(_ at: UInt64) {
    let start = at / Self.block * Self.block
    let isLast = holes.count + 1 >= Limits.unreadableBlocksMax
    let hole = start..<(isLast ? size : min(start + Self.block, size))
    holes.removeAll { $0.overlaps(hole) }
    holes.append(hole)
    holes.sort { $0.lowerBound < $1.lowerBound }
  }
}
