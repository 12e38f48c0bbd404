/// Where a record group lies: a byte range of one segment of one group's log.
package struct RecordPlace: Hashable, Sendable {
  package let segment: UInt32
  package let offset: UInt32
  package let length: UInt32

  package init(segment: UInt32, offset: UInt32, length: UInt32) {
    (self.segment, self.offset, self.length) = (segment, offset, length)
  }

  /// The first byte behind it.
  package var end: UInt64 { UInt64(offset) + UInt64(length) }
}
