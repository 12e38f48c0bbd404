package import Platform

/// A data directory that this process alone uses: private, locked, open.
package struct DataDirectory: ~Copyable, Sendable {
  package let disk: LinuxDisk
  private let lock: DirectoryLock
  private static let lockName: FileName = "lock"
  /// Root, `logs`, a group's directory, its segments.
  private static let depth = 3

  private init(_ disk: LinuxDisk, _ lock: consuming DirectoryLock) {
    self.disk = disk
    self.lock = lock
  }

  /// Opens the directory, after creating it where it is missing; refuses one that others can look
  /// into, that belongs to somebody else, or that another process holds.
  package static func open(at path: String, user: UInt32) throws(StorageError) -> DataDirectory {
    let disk: LinuxDisk
    do throws(DiskError) {
      disk = try LinuxDisk.creating(root: path)
    } catch {
      throw .disk(error)
    }
    do throws(PrivacyFault) {
      try disk.checkPrivacy(owner: user, depth: depth)
    } catch {
      throw .notPrivate(error)
    }
    do throws(DiskError) {
      return DataDirectory(disk, try DirectoryLock.take(lockName, in: disk))
    } catch {
      throw error.reason == .locked ? .inUse(path) : .disk(error)
    }
  }

  /// Where it is, for the head lock: every copy of a directory has a lock file of its own.
  package func lockFile() throws(StorageError) -> FileStatus {
    do throws(DiskError) {
      guard let status = try disk.status(at: .root.appending(Self.lockName)) else {
        throw DiskError(.examine, "\(disk.place)/lock", .missing)
      }
      return status
    } catch {
      throw .disk(error)
    }
  }

  /// Replaces a small file as a whole: after a crash the old or the new bytes are there.
  package func writeWhole(_ name: FileName, _ bytes: [UInt8]) throws(StorageError) {
    do throws(DiskError) {
      try disk.replace(.root.appending(name), with: bytes.span)
    } catch {
      throw .disk(error)
    }
  }

  /// The bytes of a small file, or nil where it does not exist.
  package func readWhole(_ name: FileName, limit: Int) throws(StorageError) -> [UInt8]? {
    let path = DiskPath.root.appending(name)
    do throws(DiskError) {
      guard try disk.status(at: path) != nil else { return nil }
      return try disk.readWhole(path, limit: limit)
    } catch {
      throw .disk(error)
    }
  }
}
