import Format

/// The beginning of every checksum in one segment, which binds it to its place (S-6).
///
/// A block that another file, another segment or another offset once held has a checksum that
/// began elsewhere, so that a misdirected or swapped write cannot pass for the right one.
struct PlaceSeed: Sendable {
  private let register: UInt32

  init(group: GroupID, segment: UInt32) {
    var bytes = group.bytes.array
    bytes.append(contentsOf: [
      UInt8(segment >> 24), UInt8(segment >> 16 & 0xff), UInt8(segment >> 8 & 0xff),
      UInt8(segment & 0xff),
    ])
    register = Crc32c.extend(Crc32c.begin, bytes.raw)
  }

  /// The register of a checksum over what lies at `offset` of the segment.
  func at(_ offset: UInt64) -> UInt32 { Crc32c.extend(register, word: offset) }
}
