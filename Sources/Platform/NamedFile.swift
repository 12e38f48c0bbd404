internal import Glibc

/// A file that a person named on a command line or in a configuration: links are followed, and a
/// pipe will do, because whoever named it meant what it leads to.
package enum NamedFile {
  /// The whole content; waits for a pipe's writer to close it.
  package static func read(_ path: String, limit: Int) throws(DiskError) -> [UInt8] {
    let bytes: [UInt8]?
    do throws(SystemError) {
      guard !path.utf8.contains(0) else { throw .invalid }
      let number = try calling {
        // The path is passed as a C string that lives for the call.
        unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
      }
      let descriptor = FileDescriptor(owning: number)
      bytes = try readAll(from: descriptor.number, limit: limit)
    } catch {
      throw DiskError(.read, path, error)
    }
    guard let bytes else { throw DiskError(.read, path, .tooLong) }
    return bytes
  }
}
