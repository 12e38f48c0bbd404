import Format
import Platform

/// Names of directories and segments under a data directory.
enum StorePaths {
  static let logs = DiskPath.root.appending("logs")
  /// There for a moment, while it is tried whether there is room.
  static let room = logs.appending("room")

  static func group(_ group: GroupID) -> DiskPath {
    logs.appending(.hex(group.bytes.array))
  }

  static func segment(_ group: GroupID, _ number: UInt32) -> DiskPath {
    self.group(group).appending(.number(UInt64(number), digits: 8) + ".segment")
  }

  /// The group whose directory bears this name, or nil where it is none.
  static func group(named name: FileName) -> GroupID? {
    name.hexBytes(after: "", before: "").flatMap { Bytes32($0) }.map { GroupID($0) }
  }

  /// The number of the segment of this name, or nil where it is none.
  static func number(named name: FileName) -> UInt32? {
    guard name.bytes.count == 16, let number = name.number(after: "", before: ".segment"),
      number >= 1
    else { return nil }
    // Eight digits stay far below what the numbers after it need.
    return UInt32(number)
  }
}
