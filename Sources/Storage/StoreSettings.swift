import Format
package import Platform

/// What a store is told when it is opened.
package struct StoreSettings: Sendable {
  /// A segment is ended before it would grow past this many bytes.
  package var segmentBytesMax: UInt64
  /// Nothing is written that would leave less than this many bytes free; of them the entries of the
  /// office log may take a quarter and own ones half.
  package var freeBytesMin: UInt64
  /// Marks segments.
  package var entropy: any Entropy

  package init(segmentBytesMax: UInt64, freeBytesMin: UInt64, entropy: any Entropy) {
    precondition(
      segmentBytesMax >= UInt64(SegmentHead.size + RecordLayout.groupSizeMax)
        && segmentBytesMax <= UInt64(UInt32.max), "a segment holds the largest record group")
    (self.segmentBytesMax, self.freeBytesMin) = (segmentBytesMax, freeBytesMin)
    self.entropy = entropy
  }

  /// How many bytes such a batch has to leave free.
  func floor(_ standing: BatchStanding) -> UInt64 {
    switch standing {
    case .others: freeBytesMin
    case .office: freeBytesMin - freeBytesMin / 4
    case .own: freeBytesMin / 2
    }
  }

  /// The numbers of 10-limits.
  package static func standard(entropy: any Entropy) -> StoreSettings {
    StoreSettings(
      segmentBytesMax: UInt64(Limits.segmentBytesMax), freeBytesMin: UInt64(Limits.freeBytesMin),
      entropy: entropy)
  }
}
