internal import CLinux
internal import Glibc

/// A directory of this computer that can be looked at but, by type, not changed.
package final class ReadOnlyDisk: ReadableDisk {
  package let place: String
  /// Held for the disk's life, so that renaming the root changes nothing underneath.
  let root: FileDescriptor

  /// Opens the directory; a symbolic link to it is followed, as its owner named the path.
  package init(root path: String) throws(DiskError) {
    place = path
    do throws(SystemError) {
      let number = try calling {
        // The path is passed as a C string that lives for the call.
        unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      }
      root = FileDescriptor(owning: number)
    } catch {
      throw DiskError(.open, path, error)
    }
  }

  package func open(_ path: DiskPath) throws(DiskError) -> DiskFile {
    try open(path, flags: O_RDONLY, as: .open)
  }

  package func read(
    _ file: borrowing DiskFile, at offset: UInt64, into buffer: inout MutableSpan<UInt8>
  ) throws(DiskError) -> Int {
    let number = file.number
    let count = buffer.count
    do throws(SystemError) {
      try checkRange(offset, count)
      return try transferring(count) { done throws(SystemError) in
        try unsafe buffer.withUnsafeMutableBytes { bytes throws(SystemError) in
          // `done` is below `count`, so pointer and length stay inside the buffer.
          try calling {
            unsafe pread(
              number, bytes.baseAddress.unsafelyUnwrapped + done, count - done, Int(offset) + done)
          }
        }
      }
    } catch {
      throw DiskError(.read, file.subject, error)
    }
  }

  package func status(of file: borrowing DiskFile) throws(DiskError) -> FileStatus {
    do throws(SystemError) {
      return try Platform.status(ofDescriptor: file.number)
    } catch {
      throw DiskError(.examine, file.subject, error)
    }
  }

  package func status(at path: DiskPath) throws(DiskError) -> FileStatus? {
    do throws(SystemError) {
      return try inParent(of: path) { directory, name throws(SystemError) in
        try Platform.status(of: name, in: directory)
      }
    } catch {
      if error == .notFound { return nil }
      throw DiskError(.examine, subject(path), error)
    }
  }

  package func list(_ path: DiskPath) throws(DiskError) -> [DirectoryEntry] {
    do throws(SystemError) {
      return try inParent(of: path) { directory, name throws(SystemError) in
        try entries(of: try openDirectory(name, in: directory))
      }
    } catch {
      throw DiskError(.list, subject(path), error)
    }
  }

  package func space() throws(DiskError) -> DiskSpace {
    var facts = statvfs()
    do throws(SystemError) {
      _ = try calling { unsafe fstatvfs(root.number, &facts) }
    } catch {
      throw DiskError(.measureSpace, place, error)
    }
    let unit = UInt64(facts.f_frsize)
    return DiskSpace(
      free: UInt64(facts.f_bavail).clampedProduct(unit),
      total: UInt64(facts.f_blocks).clampedProduct(unit))
  }
}

extension ReadOnlyDisk {
  /// The path a message names.
  func subject(_ path: DiskPath) -> String {
    path.names.isEmpty ? place : "\(place)/\(path)"
  }

  /// Opens a plain file and refuses anything else.
  func open(
    _ path: DiskPath, flags: Int32, as operation: DiskError.Operation
  ) throws(DiskError) -> DiskFile {
    let subject = subject(path)
    do throws(SystemError) {
      let descriptor = try inParent(of: path) { directory, name throws(SystemError) in
        let number = try calling {
          // O_NONBLOCK: opening a pipe that somebody put there must not wait for its other end.
          unsafe openat(
            directory, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode_t(0o600))
        }
        return FileDescriptor(owning: number)
      }
      if try Platform.status(ofDescriptor: descriptor.number).kind == .file {
        return DiskFile(number: descriptor.release(), subject: subject, closer: DescriptorCloser())
      }
    } catch {
      throw DiskError(operation, subject, error)
    }
    throw DiskError(operation, subject, .wrongKind)
  }

  /// Runs a call on a name and the directory it is in, reached without following a link.
  func inParent<R: ~Copyable>(
    of path: DiskPath, _ body: (Int32, [CChar]) throws(SystemError) -> R
  ) throws(SystemError) -> R {
    guard let last = path.names.last else { return try body(root.number, [0x2e, 0]) }
    guard path.names.count > 1 else { return try body(root.number, last.terminated) }
    var directory = try openDirectory(path.names[0].terminated, in: root.number)
    for name in path.names[1..<(path.names.count - 1)] {
      directory = try openDirectory(name.terminated, in: directory.number)
    }
    return try body(directory.number, last.terminated)
  }
}

/// Closes what a disk of this computer opened.
private struct DescriptorCloser: FileCloser {
  func close(_ number: Int32) { _ = Glibc.close(number) }
}

/// Opens a directory by its name in another one; a symbolic link is refused.
func openDirectory(_ name: [CChar], in directory: Int32) throws(SystemError) -> FileDescriptor {
  let number = try calling {
    unsafe openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
  }
  return FileDescriptor(owning: number)
}

/// Refuses a place in a file that the kernel's signed offsets cannot name.
func checkRange(_ offset: UInt64, _ count: Int) throws(SystemError) {
  guard offset <= UInt64(Int64.max) - UInt64(count) else { throw .tooLarge }
}

/// Reads a whole directory, sorted by the bytes of the names.
private func entries(of directory: consuming FileDescriptor) throws(SystemError) -> [DirectoryEntry]
{
  let number = directory.number
  guard let stream = unsafe fdopendir(number) else { throw SystemError(errno) }
  // The stream owns the descriptor from here on.
  _ = directory.release()
  defer { unsafe closedir(stream) }
  var result: [DirectoryEntry] = []
  while true {
    errno = 0
    guard let entry = unsafe readdir(stream) else {
      if errno != 0 { throw SystemError(errno) }
      return result.sorted { $0.name < $1.name }
    }
    // The kernel ends every name with NUL inside the record, which lives until the next readdir.
    let bytes = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
      unsafe name.withMemoryRebound(to: UInt8.self, capacity: 256) { first in
        unsafe Array(UnsafeBufferPointer(start: first, count: strnlen(first, 256)))
      }
    }
    guard FileName.isUsable(bytes) else { continue }  // "." and ".."
    let name = FileName(owned: bytes)
    do throws(SystemError) {
      let kind = try status(of: name.terminated, in: number).kind
      result.append(DirectoryEntry(name: name, kind: kind))
    } catch {
      // Removed between readdir and here: it is no longer part of the directory.
      if error != .notFound { throw error }
    }
  }
}

/// What is known of an open descriptor.
func status(ofDescriptor number: Int32) throws(SystemError) -> FileStatus {
  var facts = stat()
  _ = try calling { unsafe fstat(number, &facts) }
  return FileStatus(facts)
}

/// What is known of a name in a directory; a symbolic link is not followed.
func status(of name: [CChar], in directory: Int32) throws(SystemError) -> FileStatus {
  var facts = stat()
  _ = try calling { unsafe fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW) }
  return FileStatus(facts)
}

extension FileStatus {
  /// Takes over what the kernel filled in.
  fileprivate init(_ facts: stat) {
    let kind: FileKind =
      switch facts.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .directory
      default: .other
      }
    self.init(
      kind: kind, size: UInt64(max(0, facts.st_size)), owner: facts.st_uid, group: facts.st_gid,
      mode: facts.st_mode & 0o7777, device: UInt64(facts.st_dev), inode: UInt64(facts.st_ino))
  }
}

extension FileName {
  /// The name as the kernel wants it.
  var terminated: [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }
}

extension UInt64 {
  /// The product, or the largest value where it does not fit.
  fileprivate func clampedProduct(_ other: UInt64) -> UInt64 {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}
