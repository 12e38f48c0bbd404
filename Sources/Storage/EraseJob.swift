import Format
import Platform

/// One body to be overwritten where it lies: made on the loop's thread, carried out on the disk's.
package struct EraseJob: Sendable {
  let group: GroupID
  let segment: UInt32
  /// Where the record's prefix begins in the segment, and what it will be.
  let prefixAt: UInt64
  let prefix: [UInt8]
  let bodyAt: UInt64
  let bodyCount: Int

  /// For an entry whose record group was read from `place`.
  init(_ batch: Batch, _ entry: EntrySummary, at place: RecordPlace) {
    group = batch.group
    segment = place.segment
    let at = Int(entry.headerAt) - RecordLayout.prefixSize
    prefixAt = UInt64(place.offset) + UInt64(at)
    bodyAt = UInt64(place.offset) + UInt64(entry.bodyAt)
    bodyCount = Int(entry.bodySize)
    var prefix = Array(batch.records[at..<at + RecordLayout.prefixSize])
    let seal = RecordSeal(
      PlaceSeed(group: batch.group, segment: place.segment), offset: prefixAt)
    var span = prefix.mutableSpan
    var raw = unsafe span.mutableBytes
    store8(BodyState.erased.rawValue, &raw, RecordLayout.state)
    store32(seal.erased, &raw, RecordLayout.bodyChecksum)
    self.prefix = prefix
  }

  /// Overwrites the body for good (S-9): also what an erasure began that a crash or a fault cut off.
  ///
  /// First the prefix says that the body is gone, then the body goes. A crash before the first
  /// flush leaves the body as it was or erased by its prefix; one after it leaves an erased body
  /// whose bytes the next start overwrites. That start writes the prefix anew: after a flush that
  /// failed it may be in the system's memory alone, and zeros behind the old one are a damage.
  func perform(on disk: any Disk) throws(DiskError) {
    let file = try disk.openForWriting(StorePaths.segment(group, segment))
    try disk.write(prefix.span, to: file, at: prefixAt)
    try disk.flush(file)
    try disk.write([UInt8](repeating: 0, count: bodyCount).span, to: file, at: bodyAt)
    try disk.flush(file)
  }
}
