/// What the file system says about a file or a directory.
package struct FileStatus: Hashable, Sendable {
  package let kind: FileKind
  /// In bytes.
  package let size: UInt64
  package let owner: UInt32
  package let group: UInt32
  /// Permission bits, 0o7777 at most.
  package let mode: UInt32
  package let device: UInt64
  package let inode: UInt64

  /// Puts the facts together; a simulated disk makes them up.
  package init(
    kind: FileKind, size: UInt64, owner: UInt32, group: UInt32, mode: UInt32, device: UInt64,
    inode: UInt64
  ) {
    self.kind = kind
    self.size = size
    self.owner = owner
    self.group = group
    self.mode = mode
    self.device = device
    self.inode = inode
  }
}

/// What something in a directory is.
package enum FileKind: Hashable, Sendable {
  case file
  case directory
  /// A symbolic link, pipe, socket or device: nothing a disk opens.
  case other
}

/// One line of a directory's listing.
package struct DirectoryEntry: Hashable, Sendable {
  package let name: FileName
  package let kind: FileKind

  /// Puts a name and its kind together.
  package init(name: FileName, kind: FileKind) {
    self.name = name
    self.kind = kind
  }
}

/// How much room a disk has, in bytes.
package struct DiskSpace: Hashable, Sendable {
  /// What this process may still fill.
  package let free: UInt64
  package let total: UInt64

  /// Puts the two figures together.
  package init(free: UInt64, total: UInt64) {
    self.free = free
    self.total = total
  }
}
