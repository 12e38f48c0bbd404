extension ReadableDisk {
  /// The file's length in bytes.
  package func size(of file: borrowing DiskFile) throws(DiskError) -> UInt64 {
    try status(of: file).size
  }

  /// Fills part of a buffer from the file; fewer bytes than the part holds mean the end.
  package func read(
    _ file: borrowing DiskFile, at offset: UInt64, into buffer: inout MutableSpan<UInt8>,
    range: Range<Int>
  ) throws(DiskError) -> Int {
    var part = buffer._mutatingExtracting(range)
    return try read(file, at: offset, into: &part)
  }

  /// Reads a whole file that may hold at most `limit` bytes.
  package func readWhole(_ path: DiskPath, limit: Int) throws(DiskError) -> [UInt8] {
    let file = try open(path)
    let size = try size(of: file)
    guard size <= UInt64(limit) else { throw DiskError(.read, file.subject, .tooLong) }
    // One byte more shows whether the file grew since.
    var bytes = [UInt8](repeating: 0, count: Int(size) + 1)
    var span = bytes.mutableSpan
    let count = try read(file, at: 0, into: &span)
    guard count <= limit, count < bytes.count else {
      throw DiskError(.read, file.subject, .tooLong)
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }
}

extension Disk {
  /// Creates a directory of mode 0700 unless a directory is there; either way it survives a power cut
  /// from then on. Whoever made one that is there may have been killed before it was flushed.
  package func ensureDirectory(_ path: DiskPath) throws(DiskError) {
    if try status(at: path)?.kind != .directory { try createDirectory(path) }
    try flushDirectory(path.parent)
  }

  /// Replaces a small file as a whole: after a power cut the old or the new bytes are there.
  ///
  /// Writes `<name>.new`, flushes it, renames, flushes the directory. A crash before the rename
  /// leaves the `.new` file, which the next replacement throws away (S-1).
  package func replace(_ path: DiskPath, with bytes: Span<UInt8>) throws(DiskError) {
    guard let name = path.names.last else {
      throw DiskError(.create, place, .wrongKind)
    }
    let draft = path.parent.appending(name + ".new")
    if try status(at: draft) != nil { try remove(draft) }
    let file = try create(draft)
    try write(bytes, to: file, at: 0)
    try flush(file)
    try rename(draft, to: path, replacing: true)
    try flushDirectory(path.parent)
  }
}
