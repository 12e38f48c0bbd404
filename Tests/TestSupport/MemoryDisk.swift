package import Platform
import Synchronization

/// A disk in memory that fails where it is told to and shows what a power cut would leave.
///
/// A write is lost by a crash until its file was flushed; a name is until its directory was.
package final class MemoryDisk: Disk {
  /// What a crash does to what was not flushed.
  package enum Crash: CaseIterable, Sendable {
    /// Nothing of it is there.
    case lost
    /// All of it is there and stays there, by luck. For a kill, which leaves it to a later power cut,
    /// there is `killed`.
    case kept
    /// Of each write the first half is there.
    case torn
    /// Of each write the second half is there.
    case tornBack
    /// Of the writes to each file all but the first are there.
    case reordered
  }

  /// How a failing operation fails.
  package enum Effect: CaseIterable, Sendable {
    case failed, failedButPersisted, torn
  }

  package struct Fault: Sendable {
    /// Counts operations that change something, from 0.
    package var at: Int
    package var effect: Effect
    package var error: SystemError
    /// Whether all later ones fail too.
    package var isLasting = false

    package init(at: Int, effect: Effect, error: SystemError, isLasting: Bool = false) {
      (self.at, self.effect, self.error, self.isLasting) = (at, effect, error, isLasting)
    }
  }

  enum Change: Sendable {
    case write(Int, [UInt8])
    case resize(Int)
  }

  struct Node: Sendable {
    var bytes: [UInt8] = []
    var durable: [UInt8] = []
    var pending: [Change] = []
    /// How often what is durable changed.
    var flushes = 0
  }

  /// How far somebody has looked at what is durable.
  package struct Changes: Sendable {
    fileprivate var flushes: [Int: Int] = [:]
    package init() {}
  }

  struct State: Sendable {
    var names: [DiskPath: Int] = [:]
    var durableNames: [DiskPath: Int] = [:]
    var directories: Set<DiskPath> = [.root]
    var durableDirectories: Set<DiskPath> = [.root]
    var nodes: [Node] = []
    var open: [Int32: Int] = [:]
    var nextFile: Int32 = 0
    var operations = 0
    var reads = 0
    var readsInVain = 0
    var flushes = 0
    var fault: Fault?
    /// At which operation it is kept as it is, and whether once that is done.
    var keeps: (at: Int, isDone: Bool)?
    var kept: MemoryDisk?
    var room = Int.max
    var isRoomTold = true
    var failsSpace = false
    var failsLists = false
    var isReadOnly = false
    /// What the system says of whatever needs a descriptor, from so many operations on.
    var exhausted: (error: SystemError, from: Int)?
    /// Bytes that cannot be read, by the number of the file.
    var badReads: [Int: Range<Int>] = [:]
  }

  struct Closer: FileCloser {
    func close(_ number: Int32) {}
  }

  let state = Mutex(State())
  package let place = "memory"

  package init() {}

  package var operations: Int { state.withLock { $0.operations } }
  /// How often it was read, well or in vain.
  package var reads: Int { state.withLock { $0.reads } }
  /// How often it was read where it cannot be.
  package var readsInVain: Int { state.withLock { $0.readsInVain } }
  package func fail(_ fault: Fault?) { state.withLock { $0.fault = fault } }
  /// Has so many bytes in all; `isTold`: and says so, as a disk does and a quota does not.
  package func limit(room: Int, isTold: Bool = true) {
    state.withLock { ($0.room, $0.isRoomTold) = (room, isTold) }
  }
  package func failSpace(_ value: Bool) { state.withLock { $0.failsSpace = value } }
  /// Says of no directory what is in it.
  package func failLists(_ value: Bool) { state.withLock { $0.failsLists = value } }
  package func setReadOnly(_ value: Bool) { state.withLock { $0.isReadOnly = value } }
  /// Has no descriptors left from so many operations on, until it is told so with nil.
  package func exhaust(_ error: SystemError?, from at: Int = 0) {
    state.withLock { $0.exhausted = error.map { ($0, at) } }
  }
  /// Reads nothing that touches these bytes of the file of that name, and writes no part of a block that
  /// they touch, for which a disk must read the rest: as with a bad sector.
  package func failReads(of path: DiskPath, at bytes: Range<Int> = 0..<Int.max) {
    state.withLock { state in
      guard let node = state.names[path] else {
        preconditionFailure("there is no file of that name")
      }
      state.badReads[node] = bytes
    }
  }

  /// All files with their bytes as a running system sees them.
  package var files: [DiskPath: [UInt8]] {
    state.withLock { state in state.names.mapValues { state.nodes[$0].bytes } }
  }

  /// How often anything became durable.
  package var flushes: Int { state.withLock { $0.flushes } }

  /// A file of which other bytes are durable than at the last look.
  package struct Changed {
    package let path: DiskPath
    /// Tells it from another file that once had the same name.
    package let number: Int
    package let bytes: [UInt8]
  }

  /// The files two levels below a directory of which other bytes are durable than at the last look.
  package func durableChanges(since changes: inout Changes, under top: FileName) -> [Changed] {
    let found = state.withLock { state in
      state.durableNames.compactMap { path, node -> (Changed, Int)? in
        guard path.names.count == 3, path.names[0] == top else { return nil }
        let flushes = state.nodes[node].flushes
        return changes.flushes[node] == flushes
          ? nil : (Changed(path: path, number: node, bytes: state.nodes[node].durable), flushes)
      }
    }
    for (file, flushes) in found { changes.flushes[file.number] = flushes }
    return found.map(\.0).sorted { $0.path < $1.path }
  }

  /// A disk that holds exactly these files, all flushed.
  package convenience init(files: [DiskPath: [UInt8]]) {
    let sorted = files.sorted { $0.key < $1.key }.enumerated()
    self.init(
      Dictionary(uniqueKeysWithValues: sorted.map { ($1.key, ($0, $1.value)) }), directories: [])
  }

  /// A disk that holds exactly these files under these numbers, and these directories besides those
  /// that lead to them, all flushed.
  package convenience init(
    _ files: [DiskPath: (number: Int, bytes: [UInt8])], directories: Set<DiskPath>
  ) {
    self.init()
    state.withLock { state in
      state.directories.formUnion(directories)
      let count = (files.values.map(\.number).max() ?? -1) + 1
      state.nodes = [Node](repeating: Node(), count: count)
      for (path, file) in files {
        var directory = path.parent
        while directory != .root {
          state.directories.insert(directory)
          directory = directory.parent
        }
        state.names[path] = file.number
        state.nodes[file.number] = Node(bytes: file.bytes, durable: file.bytes)
      }
      state.durableNames = state.names
      state.durableDirectories = state.directories
    }
  }

  /// A disk that holds an image.
  package convenience init(_ image: DiskImage) {
    self.init(
      image.files.mapValues { (Int($0.number), $0.bytes) }, directories: image.directories)
  }
}
