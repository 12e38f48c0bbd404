/// A directory tree that can be looked at: all that `zuruf-inspect` is given.
///
/// Every method may be called from any thread. Reads and writes name their place, so two threads
/// share no file position.
package protocol ReadableDisk: Sendable {
  /// The root directory in words, for messages.
  var place: String { get }

  /// Opens a plain file for reading; a symbolic link is refused.
  func open(_ path: DiskPath) throws(DiskError) -> DiskFile

  /// Fills the buffer from the file; fewer bytes than it holds mean the file ends there.
  func read(
    _ file: borrowing DiskFile, at offset: UInt64, into buffer: inout MutableSpan<UInt8>
  ) throws(DiskError) -> Int

  /// What is known of an open file.
  func status(of file: borrowing DiskFile) throws(DiskError) -> FileStatus

  /// What is known of a place, or nil where there is nothing; a symbolic link is not followed.
  func status(at path: DiskPath) throws(DiskError) -> FileStatus?

  /// What a directory holds, in the order of the names' bytes.
  func list(_ path: DiskPath) throws(DiskError) -> [DirectoryEntry]

  /// The room on the file system of the root.
  func space() throws(DiskError) -> DiskSpace
}

/// A directory tree that can be changed.
///
/// What survives a power cut: bytes of a file after `flush` of it; that a file of this name exists,
/// or no longer does, after `flushDirectory` of the directory it is in. A failed flush may have
/// dropped what was to be written: never flush the same data again and believe it.
package protocol Disk: ReadableDisk {
  /// Creates a plain file of mode 0600, open for reading and writing; the name must be free.
  func create(_ path: DiskPath) throws(DiskError) -> DiskFile

  /// Opens an existing plain file for reading and writing; a symbolic link is refused.
  func openForWriting(_ path: DiskPath) throws(DiskError) -> DiskFile

  /// Writes all bytes at that place; after an error any part of them may be there.
  func write(
    _ bytes: Span<UInt8>, to file: borrowing DiskFile, at offset: UInt64
  ) throws(DiskError)

  /// Makes the file's bytes and length survive a power cut; waits for the device.
  func flush(_ file: borrowing DiskFile) throws(DiskError)

  /// Cuts the file to, or lengthens it with zeros to, that many bytes.
  func truncate(_ file: borrowing DiskFile, to size: UInt64) throws(DiskError)

  /// Lengthens the file with zeros to that size with the room for it taken now; never shortens.
  func reserve(_ file: borrowing DiskFile, size: UInt64) throws(DiskError)

  /// Renames a file or directory in one step; without `replacing` the new name must be free.
  func rename(_ old: DiskPath, to new: DiskPath, replacing: Bool) throws(DiskError)

  /// Removes a file.
  func remove(_ path: DiskPath) throws(DiskError)

  /// Removes an empty directory.
  func removeDirectory(_ path: DiskPath) throws(DiskError)

  /// Creates a directory of mode 0700; the name must be free.
  func createDirectory(_ path: DiskPath) throws(DiskError)

  /// Makes the creation, renaming and removal of names in the directory survive a power cut.
  func flushDirectory(_ path: DiskPath) throws(DiskError)
}
