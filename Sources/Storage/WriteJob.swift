package import Format

/// Whose entries a batch holds, as far as that decides which room it may take where a disk runs full
/// (S-11): what stands higher may take more.
package enum BatchStanding: Comparable, Sendable, CaseIterable {
  case others
  /// What others wrote in the office log: a removal there is to reach a full disk.
  case office
  case own
}

/// One batch on its way to the disk: made on the loop's thread, carried out on the disk's.
package struct WriteJob: Sendable {
  package fileprivate(set) var batch: Batch
  package let isOwn: Bool
  package let standing: BatchStanding
  /// The wall clock when the batch came or was made, in milliseconds since 1970.
  package let arrival: UInt64
  /// Which life of the store it belongs to; a resumed store takes no jobs of an earlier one.
  let generation: UInt32
  /// Where it lies, once `StoreWriter.perform` has written it.
  package internal(set) var place: RecordPlace?

  init(
    _ batch: consuming Batch, isOwn: Bool, inOffice: Bool, arrival: UInt64, generation: UInt32
  ) {
    self.batch = batch
    standing = isOwn ? .own : inOffice ? .office : .others
    (self.isOwn, self.arrival, self.generation) = (isOwn, arrival, generation)
  }

  /// Fills heads and checksums for a place; returns the checksum of the head.
  mutating func seal(
    mark: UInt32, seed: PlaceSeed, segment: UInt32, offset: UInt64, durable: UInt64
  ) -> UInt32 {
    let head = GroupHead(
      batch, mark: mark, isOwn: isOwn, arrival: arrival, durable: UInt32(durable))
    place = RecordPlace(segment: segment, offset: UInt32(offset), length: head.length)
    return Storage.seal(&batch.records, batch.entries, head: head, seed: seed, offset: offset)
  }
}
