internal import Glibc

/// Holds a data directory for one process, until the value ends or the process does.
///
/// The lock is the kernel's: nothing is left behind by a crash, and the file itself stays.
package struct DirectoryLock: ~Copyable, Sendable {
  private let descriptor: FileDescriptor

  private init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

  /// Takes the lock, or fails at once with reason `locked` where another process has it.
  package static func take(
    _ name: FileName, in disk: LinuxDisk
  ) throws(DiskError) -> DirectoryLock {
    let path = DiskPath.root.appending(name)
    let file = try createOrOpen(path, in: disk)
    do throws(SystemError) {
      // The lock belongs to the open file, which lives on under the second number.
      let descriptor = try duplicate(file.number)
      let number = descriptor.number
      _ = try calling { flock(number, LOCK_EX | LOCK_NB) }
      return DirectoryLock(descriptor)
    } catch {
      if error == .wouldBlock { throw DiskError(.lock, file.subject, .locked) }
      throw DiskError(.lock, file.subject, error)
    }
  }
}

/// Creates the file, or opens it where another process was quicker.
private func createOrOpen(_ path: DiskPath, in disk: LinuxDisk) throws(DiskError) -> DiskFile {
  do throws(DiskError) {
    return try disk.create(path)
  } catch {
    guard error.reason == .exists else { throw error }
    return try disk.openForWriting(path)
  }
}
