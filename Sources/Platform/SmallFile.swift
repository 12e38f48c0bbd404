internal import Glibc

/// A file that a person named on a command line.
package enum SmallFile {
  /// All its bytes; nil where it has more than `limit`.
  package static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8]? {
    guard !path.utf8.contains(0) else { throw .invalid }
    let file = FileDescriptor(
      owning: try calling { unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) })
    return try readAll(from: file.number, limit: limit)
  }

  /// Whether something lies at a path, as far as this process may look.
  package static func exists(_ path: String) -> Bool {
    if path.utf8.contains(0) { return false }
    return unsafe access(path, F_OK) == 0
  }

  /// Removes a file that a person named and that has done its work.
  package static func remove(_ path: String) throws(SystemError) {
    guard !path.utf8.contains(0) else { throw .invalid }
    _ = try calling { unsafe unlink(path) }
  }
}
