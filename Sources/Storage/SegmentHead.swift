package import Format

/// The first bytes of a segment: whose log it belongs to, where in it, and what comes before.
package struct SegmentHead: Hashable, Sendable {
  package static let size = 128
  package static let version: UInt16 = 1
  /// `ZRS1`.
  static let magic: UInt32 = 0x5a52_5331
  private static let checksumAt = 124

  package let group: GroupID
  package let number: UInt32
  /// The end of the segment before, zero in the first.
  package let previousEnd: UInt64
  /// The checksum of the last record group of the segment before, or of its head, zero in the first.
  package let previousChecksum: UInt32

  /// How every record group of the segment begins: random, so that nobody who writes entries can
  /// make a body look like a record group to a scan that looks for the next one. Never zero.
  package let mark: UInt32

  package init(
    group: GroupID, number: UInt32, previousEnd: UInt64, previousChecksum: UInt32, mark: UInt32
  ) {
    (self.group, self.number, self.mark) = (group, number, mark)
    (self.previousEnd, self.previousChecksum) = (previousEnd, previousChecksum)
  }

  /// What the first bytes of a segment can be.
  package enum Finding: Hashable, Sendable {
    case head(SegmentHead)
    /// Nothing but zeros, or nothing at all.
    case blank
    /// Its checksum, its magic or its length is wrong.
    case bad
    /// Written by a version this one does not know.
    case tooNew(UInt16)
  }

  /// Reads a head; the version counts only where the checksum vouches for it.
  package static func find(_ bytes: [UInt8]) -> Finding {
    guard bytes.contains(where: { $0 != 0 }) else { return .blank }
    guard bytes.count >= size else { return .bad }
    let span = bytes.raw
    guard load32(span, 0) == magic,
      load32(span, checksumAt) == checksum(span.extracting(0..<checksumAt))
    else { return .bad }
    let version = load16(span, 4)
    guard version == Self.version else { return .tooNew(version) }
    return .head(
      SegmentHead(
        group: GroupID(Bytes32(span, 8)), number: load32(span, 40),
        previousEnd: load64(span, 48), previousChecksum: load32(span, 56),
        mark: load32(span, 60)))
  }

  /// The 128 bytes as they are written.
  package func encode() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.size)
    var span = bytes.mutableSpan
    var raw = unsafe span.mutableBytes
    store32(Self.magic, &raw, 0)
    store16(Self.version, &raw, 4)
    store16(UInt16(Self.size), &raw, 6)
    group.bytes.store(&raw, 8)
    store32(number, &raw, 40)
    store64(previousEnd, &raw, 48)
    store32(previousChecksum, &raw, 56)
    store32(mark, &raw, 60)
    let sum = Self.checksum(raw.bytes.extracting(0..<Self.checksumAt))
    store32(sum, &raw, Self.checksumAt)
    return bytes
  }

  /// What the next segment cites where this one holds no record group.
  package var checksum: UInt32 {
    let bytes = encode()
    return load32(bytes.raw, Self.checksumAt)
  }

  private static func checksum(_ span: RawSpan) -> UInt32 {
    Crc32c.finish(Crc32c.extend(Crc32c.begin, span))
  }
}
