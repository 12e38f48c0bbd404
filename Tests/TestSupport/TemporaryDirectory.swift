import Glibc

/// A directory of its own for one test, mode 0700, removed with all it holds when the test ends.
package final class TemporaryDirectory: Sendable {
  /// The absolute path, without a slash at the end.
  package let path: String

  /// Makes a fresh directory where the system keeps temporary files.
  package init() {
    let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/zuruf-test-XXXXXX".utf8CString)
    guard let made = unsafe mkdtemp(&template) else {
      preconditionFailure("no temporary directory can be made in \(base)")
    }
    // mkdtemp replaces the six X in place and returns the same, terminated, buffer.
    path = unsafe String(cString: made)
  }

  deinit { removeTree(path) }
}

/// Removes a directory and all it holds; links are removed, not followed.
private func removeTree(_ path: String) {
  if let stream = unsafe opendir(path) {
    while let entry = unsafe readdir(stream) {
      // The kernel ends every name with NUL inside the record, which lives until the next readdir.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
        unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if name == "." || name == ".." { continue }
      let place = "\(path)/\(name)"
      if unsafe unlink(place) != 0 { removeTree(place) }
    }
    unsafe closedir(stream)
  }
  unsafe rmdir(path)
}
