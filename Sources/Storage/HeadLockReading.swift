package import Format

/// What the files of a head lock say, and whether something newer may have stood in one of them.
package struct HeadLockReading: Hashable, Sendable {
  /// The newest lock that can be read, if any.
  package let lock: HeadLock?
  /// Whether each of the files could be read that are flushed in turn.
  package let isFlushedWhole: Bool
  /// Whether each of those could be read that are written after each commit.
  package let isLatestWhole: Bool
  /// The newest lock of those that are written after each commit.
  private let latest: HeadLock?

  package init(_ lock: HeadLock?) {
    (self.lock, latest) = (lock, lock)
    (isFlushedWhole, isLatestWhole) = (true, true)
  }

  init(flushed: [HeadLockFiles.Found], latest: [HeadLockFiles.Found]) {
    lock = Self.newest(flushed + latest)
    self.latest = Self.newest(latest)
    isFlushedWhole = !flushed.contains(.bad)
    isLatestWhole = !latest.contains(.bad)
  }

  /// Whether no file was passed over, which might have been the newest.
  package var isWhole: Bool { isFlushedWhole && isLatestWhole }

  /// Whether the newest lock is known: all could be read, or one that was written after the last commit
  /// of this start of the kernel, which a power cut would have taken away.
  package func isCertain(in boot: Bytes16) -> Bool {
    isWhole || (latest.map { $0.surroundings.boot == boot } ?? false) && !boot.isZero
  }

  private static func newest(_ found: [HeadLockFiles.Found]) -> HeadLock? {
    found.compactMap { if case .lock(let lock) = $0 { lock } else { nil } }
      .max { $0.counter < $1.counter }
  }
}
