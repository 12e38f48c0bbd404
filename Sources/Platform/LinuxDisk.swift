internal import CLinux
internal import Glibc

/// A directory of this computer that can be changed.
package final class LinuxDisk: Disk {
  private let reader: ReadOnlyDisk

  /// Opens the directory, which must exist.
  package init(root path: String) throws(DiskError) {
    reader = try ReadOnlyDisk(root: path)
  }

  /// Opens the directory after creating it, and what leads to it, with mode 0700 where missing.
  package static func creating(root path: String) throws(DiskError) -> LinuxDisk {
    var parents = path.split(separator: "/", omittingEmptySubsequences: true)[...]
    var place = path.utf8.first == 0x2f ? "" : "."
    while let name = parents.popFirst() {
      place += "/" + name
      do throws(SystemError) {
        _ = try calling { unsafe mkdir(place, 0o700) }
      } catch {
        // Where it exists as something else, opening it below says so. A directory that may not
        // be written is no hindrance while everything exists, and refuses by name where not.
        guard error != .alreadyExists else { continue }
        guard !isDirectory(place) else { continue }
        throw DiskError(.createDirectory, place, error)
      }
    }
    return try LinuxDisk(root: path)
  }

  package var place: String { reader.place }

  package func open(_ path: DiskPath) throws(DiskError) -> DiskFile { try reader.open(path) }

  package func read(
    _ file: borrowing DiskFile, at offset: UInt64, into buffer: inout MutableSpan<UInt8>
  ) throws(DiskError) -> Int {
    try reader.read(file, at: offset, into: &buffer)
  }

  package func status(of file: borrowing DiskFile) throws(DiskError) -> FileStatus {
    try reader.status(of: file)
  }

  package func status(at path: DiskPath) throws(DiskError) -> FileStatus? {
    try reader.status(at: path)
  }

  package func list(_ path: DiskPath) throws(DiskError) -> [DirectoryEntry] {
    try reader.list(path)
  }

  package func space() throws(DiskError) -> DiskSpace { try reader.space() }

  package func create(_ path: DiskPath) throws(DiskError) -> DiskFile {
    try reader.open(path, flags: O_RDWR | O_CREAT | O_EXCL, as: .create)
  }

  package func openForWriting(_ path: DiskPath) throws(DiskError) -> DiskFile {
    try reader.open(path, flags: O_RDWR, as: .open)
  }

  package func write(
    _ bytes: Span<UInt8>, to file: borrowing DiskFile, at offset: UInt64
  ) throws(DiskError) {
    let number = file.number
    let count = bytes.count
    do throws(SystemError) {
      try checkRange(offset, count)
      let done = try transferring(count) { done throws(SystemError) in
        try unsafe bytes.withUnsafeBytes { source throws(SystemError) in
          // `done` is below `count`, so pointer and length stay inside the bytes.
          try calling {
            unsafe pwrite(
              number, source.baseAddress.unsafelyUnwrapped + done, count - done, Int(offset) + done)
          }
        }
      }
      // No file system should take nothing and report nothing; were one to, the bytes are lost.
      if done < count { throw .inputOutput }
    } catch {
      throw DiskError(.write, file.subject, error)
    }
  }

  package func flush(_ file: borrowing DiskFile) throws(DiskError) {
    let number = file.number
    do throws(SystemError) {
      _ = try calling { fdatasync(number) }
    } catch {
      throw DiskError(.flush, file.subject, error)
    }
  }

  package func truncate(_ file: borrowing DiskFile, to size: UInt64) throws(DiskError) {
    let number = file.number
    do throws(SystemError) {
      try checkRange(size, 0)
      _ = try calling { ftruncate(number, Int(size)) }
    } catch {
      throw DiskError(.truncate, file.subject, error)
    }
  }

  package func reserve(_ file: borrowing DiskFile, size: UInt64) throws(DiskError) {
    let number = file.number
    do throws(SystemError) {
      try checkRange(size, 0)
      guard size > 0 else { return }
      // Unlike its neighbours it returns the error number and leaves errno alone.
      var result = posix_fallocate(number, 0, Int(size))
      while result == EINTR { result = posix_fallocate(number, 0, Int(size)) }
      if result != 0 { throw SystemError(result) }
    } catch {
      throw DiskError(.reserve, file.subject, error)
    }
  }

  package func rename(
    _ old: DiskPath, to new: DiskPath, replacing: Bool
  ) throws(DiskError) {
    let flags = replacing ? 0 : UInt32(RENAME_NOREPLACE)
    do throws(SystemError) {
      try reader.inParent(of: old) { oldDirectory, oldName throws(SystemError) in
        try reader.inParent(of: new) { newDirectory, newName throws(SystemError) in
          _ = try calling {
            unsafe renameat2(oldDirectory, oldName, newDirectory, newName, flags)
          }
        }
      }
    } catch {
      throw DiskError(.rename, reader.subject(old), error)
    }
  }

  package func remove(_ path: DiskPath) throws(DiskError) { try unlink(path, flags: 0) }

  package func removeDirectory(_ path: DiskPath) throws(DiskError) {
    try unlink(path, flags: AT_REMOVEDIR)
  }

  package func createDirectory(_ path: DiskPath) throws(DiskError) {
    do throws(SystemError) {
      try reader.inParent(of: path) { directory, name throws(SystemError) in
        _ = try calling { unsafe mkdirat(directory, name, 0o700) }
      }
    } catch {
      throw DiskError(.createDirectory, reader.subject(path), error)
    }
  }

  package func flushDirectory(_ path: DiskPath) throws(DiskError) {
    let opened: FileDescriptor
    do throws(SystemError) {
      opened = try reader.inParent(of: path) { directory, name throws(SystemError) in
        try openDirectory(name, in: directory)
      }
    } catch {
      // Nothing was flushed yet: whoever has no descriptor left for it may try again.
      throw DiskError(.open, reader.subject(path), error)
    }
    let number = opened.number
    do throws(SystemError) {
      _ = try calling { fsync(number) }
    } catch {
      throw DiskError(.flushDirectory, reader.subject(path), error)
    }
  }

  private func unlink(_ path: DiskPath, flags: Int32) throws(DiskError) {
    do throws(SystemError) {
      try reader.inParent(of: path) { directory, name throws(SystemError) in
        _ = try calling { unsafe unlinkat(directory, name, flags) }
      }
    } catch {
      throw DiskError(.remove, reader.subject(path), error)
    }
  }
}

private func isDirectory(_ path: String) -> Bool {
  var facts = stat()
  return unsafe stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
}
