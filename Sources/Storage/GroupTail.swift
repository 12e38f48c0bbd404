import Format
import Platform

/// The end of one group's log, where the next record group goes; belongs to the disk's thread.
struct GroupTail: Sendable {
  var head: SegmentHead
  /// The first byte that nothing was written to.
  var end: UInt64
  /// Up to here everything has survived a flush.
  var durable: UInt64
  /// The length of the file: room taken beforehand, all zeros from `end` on.
  var reserved: UInt64
  /// Up to here zeros were written into the room, so that the file system has nothing to note when
  /// something else takes their place.
  var zeroed: UInt64 = 0
  /// The checksum of the last record group's head, or of the segment's: the next segment cites it.
  var link: UInt32
  /// What the disk could not read before `end`: it stays as it is.
  var holes: [Range<UInt64>] = []
  /// Behind `end` there may be something else than zeros, which must go before anything is written.
  var needsCut: Bool

  /// What was read behind the last flushed offset, and behind the segment's head.
  var unflushed: [Range<UInt64>] {
    var ranges: [Range<UInt64>] = []
    var start = max(durable, UInt64(SegmentHead.size))
    for hole in holes where hole.upperBound > start {
      if hole.lowerBound > start, start < end { ranges.append(start..<min(hole.lowerBound, end)) }
      start = hole.upperBound
    }
    if start < end { ranges.append(start..<end) }
    return ranges
  }

  /// Whether what stands at a place may lie in the system's memory alone.
  func isUnsettled(_ place: RecordPlace) -> Bool {
    place.segment == head.number && UInt64(place.offset) >= durable
  }

  var seed: PlaceSeed { PlaceSeed(group: head.group, segment: head.number) }
}

/// An open file that several hands may hold; closed when the last lets go.
final class OpenFile: Sendable {
  let file: DiskFile
  init(_ file: consuming DiskFile) { self.file = file }
}
