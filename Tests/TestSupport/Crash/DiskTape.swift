package import Platform
import Synchronization

/// What was done to one or several disks, in order: of it every image is made that a power cut may
/// leave behind.
package final class DiskTape: Sendable {
  /// One file of one of the disks, whatever it is called.
  package struct File: Hashable, Comparable, Sendable {
    package let disk: Int
    package let number: UInt64

    package init(disk: Int, number: UInt64) { (self.disk, self.number) = (disk, number) }

    package static func < (left: File, right: File) -> Bool {
      (left.disk, left.number) < (right.disk, right.number)
    }
  }

  /// A change of a disk, or what makes changes last.
  package enum Event: Sendable {
    case create(File, DiskPath)
    case write(File, at: Int, [UInt8])
    case resize(File, to: Int)
    case flush(File)
    /// What was to be flushed is there or not, and no later flush of the file changes that: the system
    /// may have dropped it.
    case failedFlush(File)
    case rename(disk: Int, DiskPath, to: DiskPath)
    case remove(disk: Int, DiskPath)
    case makeDirectory(disk: Int, DiskPath)
    case removeDirectory(disk: Int, DiskPath)
    case flushDirectory(disk: Int, DiskPath)
  }

  private let state = Mutex<[Event]>([])

  package init() {}

  package var events: [Event] { state.withLock { $0 } }

  /// How many events there are: the place on the tape of what happens next.
  package var count: Int { state.withLock { $0.count } }

  func add(_ event: Event) { state.withLock { $0.append(event) } }
}

/// What one disk holds when the power is back: all of it lasts.
package struct DiskImage: Hashable, Sendable {
  /// A file by its number, which no power cut changes.
  package struct Held: Hashable, Sendable {
    package let number: UInt64
    package var bytes: [UInt8]
  }

  package internal(set) var files: [DiskPath: Held] = [:]
  /// Without the root.
  package internal(set) var directories: Set<DiskPath> = []

  /// An empty disk.
  package init() {}

  /// The bytes of a file that has this number; nil where none has.
  package func bytes(of number: UInt64) -> [UInt8]? {
    files.values.first { $0.number == number }?.bytes
  }
}
