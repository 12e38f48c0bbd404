internal import Platform
import TestSupport

/// What a data directory says of the office that it belongs to, read by the table of Protocol/B-store alone.
struct OfficeFile {
  private static let name = DiskPath(names: ["office"])
  /// Behind the magic: office_id, member_id, the certificate's entry, the office's shared key; then the checksum.
  private static let contentEnd = 4 + 32 + 16 + 32 + 32

  let office: Long
  let member: Short
  /// The entry that let the computer in.
  let certificate: Long

  /// The file on a disk; nil where there is none that is whole.
  init?(on disk: MemoryDisk) {
    guard let bytes = disk.files[Self.name] else { return nil }
    self.init(bytes)
  }

  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.contentEnd + 32 else { return nil }
    var cursor = Cursor(bytes[...])
    guard cursor.take(4).elementsEqual("ZRK1".utf8) else { return nil }
    (office, member, certificate) = (cursor.long(), cursor.short(), cursor.long())
    _ = cursor.long()
    guard cursor.long() == Sums.hash("zr1.check", bytes[..<Self.contentEnd]) else { return nil }
  }
}
