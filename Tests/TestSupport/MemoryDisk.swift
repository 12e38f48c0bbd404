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

  private enum Change: Sendable {
    case write(Int, [UInt8])
    case resize(Int)
  }

  private struct Node: Sendable {
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

  private struct State: Sendable {
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

  private struct Closer: FileCloser {
    func close(_ number: Int32) {}
  }

  private let state = Mutex(State())
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

  /// Whether every directory that leads to a file is there.
  private static func isReached(_ path: DiskPath, _ directories: Set<DiskPath>) -> Bool {
    var directory = path.parent
    while directory != .root {
      guard directories.contains(directory) else { return false }
      directory = directory.parent
    }
    return true
  }

  /// What a program finds that is started again after it was killed: all that was written, none of it
  /// more durable than it was.
  package func killed() -> MemoryDisk {
    var left = state.withLock { $0 }
    left.open = [:]
    left.operations = 0
    left.fault = nil
    let disk = MemoryDisk()
    disk.state.withLock { $0 = left }
    return disk
  }

  /// Another disk with the same bytes, names and file numbers, all of it flushed: what a copy of a whole
  /// disk is.
  package func cloned() -> MemoryDisk {
    let disk = MemoryDisk()
    let (names, directories, nodes) = state.withLock { ($0.names, $0.directories, $0.nodes) }
    disk.state.withLock { state in
      state.nodes = nodes.map { Node(bytes: $0.bytes, durable: $0.bytes) }
      (state.names, state.durableNames) = (names, names)
      (state.directories, state.durableDirectories) = (directories, directories)
    }
    return disk
  }

  /// Turns one bit of a file, as a disk does that fails silently.
  package func rot(_ path: DiskPath, byte: Int, bit: Int) {
    state.withLock { state in
      guard let node = state.names[path], byte < state.nodes[node].bytes.count else { return }
      state.nodes[node].bytes[byte] ^= 1 << UInt8(bit)
      if byte < state.nodes[node].durable.count {
        state.nodes[node].durable[byte] ^= 1 << UInt8(bit)
      }
      state.nodes[node].flushes += 1
      state.flushes += 1
    }
  }

  /// What is found after the power came back. Files keep their numbers, as they do on every file
  /// system: by them a copy of a disk is told from the disk itself.
  package func crashed(_ crash: Crash) -> MemoryDisk {
    let (files, bad): ([DiskPath: (number: Int, bytes: [UInt8])], [Int: Range<Int>])
    (files, bad) = state.withLock { state in
      let isKept = crash != .lost
      let names = isKept ? state.names : state.durableNames
      let directories = isKept ? state.directories : state.durableDirectories
      var files: [DiskPath: (number: Int, bytes: [UInt8])] = [:]
      for (path, node) in names where Self.isReached(path, directories) {
        files[path] = (node, Self.image(state.nodes[node], crash))
      }
      return (files, state.badReads)
    }
    let disk = MemoryDisk(files, directories: [])
    disk.state.withLock { $0.badReads = bad }
    return disk
  }

  /// What is found after the power came back, one of all that may be: of every write that was not
  /// flushed any sectors may be there, and every name that was changed may be the old or the new one. What
  /// was moved from one directory to another has at least one of its names as long as neither was flushed: no
  /// file system with a journal loses both.
  package func crashed(drawing chance: inout SeededGenerator) -> MemoryDisk {
    let (names, durableNames, directories, durableDirectories, nodes) = state.withLock {
      ($0.names, $0.durableNames, $0.directories, $0.durableDirectories, $0.nodes)
    }
    let kept = directories.union(durableDirectories).sorted().filter { directory in
      durableDirectories.contains(directory) && directories.contains(directory)
        || chance.oneIn(2)
    }
    var files: [DiskPath: (number: Int, bytes: [UInt8])] = [:]
    for path in Set(names.keys).union(durableNames.keys).sorted() {
      let (new, old) = (names[path], durableNames[path])
      guard let number = new == old || chance.oneIn(2) ? new : old,
        Self.isReached(path, Set(kept))
      else { continue }
      files[path] = (number, Self.image(nodes[number], drawing: &chance))
    }
    let moved = Set(names.values)
    for (path, number) in durableNames.sorted(by: { $0.key < $1.key })
    where names[path] == nil && moved.contains(number)
      && !files.values.contains(where: { $0.number == number })
    {
      files[path] = (number, Self.image(nodes[number], drawing: &chance))
    }
    return MemoryDisk(files, directories: [])
  }

  private static func image(_ node: Node, drawing chance: inout SeededGenerator) -> [UInt8] {
    var bytes = node.durable
    let fate = node.pending.isEmpty ? 0 : chance.number(0...3)
    for change in node.pending {
      switch change {
      case .resize(let size): if fate != 0, fate == 1 || chance.oneIn(2) { resize(&bytes, size) }
      case .write(let at, let new):
        // Nothing of it, all of it, or some of its sectors.
        if fate == 0 { continue }
        if fate == 1 {
          put(&bytes, at, new)
          continue
        }
        var from = 0
        while from < new.count {
          let end = min(new.count, (at + from) / 512 * 512 + 512 - at)
          if chance.oneIn(2) { put(&bytes, at + from, Array(new[from..<end])) }
          from = end
        }
      }
    }
    return bytes
  }

  private static func image(_ node: Node, _ crash: Crash) -> [UInt8] {
    if crash == .kept { return node.bytes }
    if crash == .lost { return node.durable }
    var bytes = node.durable
    for (index, change) in node.pending.enumerated() {
      switch change {
      case .resize(let size): resize(&bytes, size)
      case .write(let at, let new):
        let half = new.count / 2
        switch crash {
        case .torn: put(&bytes, at, Array(new[..<half]))
        case .tornBack: put(&bytes, at + half, Array(new[half...]))
        default: if index > 0 { put(&bytes, at, new) }
        }
      }
    }
    return bytes
  }

  private static func resize(_ bytes: inout [UInt8], _ size: Int) {
    if size < bytes.count {
      bytes.removeLast(bytes.count - size)
    } else {
      bytes += [UInt8](repeating: 0, count: size - bytes.count)
    }
  }

  private static func put(_ bytes: inout [UInt8], _ at: Int, _ new: [UInt8]) {
    if bytes.count < at + new.count { resize(&bytes, at + new.count) }
    bytes.replaceSubrange(at..<at + new.count, with: new)
  }
}

extension MemoryDisk {
  package func open(_ path: DiskPath) throws(DiskError) -> DiskFile {
    try state.withLock { state throws(DiskError) in try open(path, &state) }
  }

  package func openForWriting(_ path: DiskPath) throws(DiskError) -> DiskFile {
    try state.withLock { state throws(DiskError) in
      if state.isReadOnly { throw DiskError(.open, "\(path)", SystemError.readOnly) }
      return try open(path, &state)
    }
  }

  private func needDescriptor(
    _ operation: DiskError.Operation, _ path: DiskPath, _ state: borrowing State
  ) throws(DiskError) {
    guard let exhausted = state.exhausted, state.operations >= exhausted.from else { return }
    throw DiskError(operation, "\(path)", exhausted.error)
  }

  private func open(_ path: DiskPath, _ state: inout State) throws(DiskError) -> DiskFile {
    try needDescriptor(.open, path, state)
    guard let node = state.names[path] else { throw DiskError(.open, "\(path)", .notFound) }
    state.nextFile += 1
    state.open[state.nextFile] = node
    return DiskFile(number: state.nextFile, subject: "\(path)", closer: Closer())
  }

  package func read(
    _ file: borrowing DiskFile, at offset: UInt64, into buffer: inout MutableSpan<UInt8>
  ) throws(DiskError) -> Int {
    let subject = file.subject
    let number = file.number
    let wanted = Int(offset)..<Int(offset) + buffer.count
    let bytes = try state.withLock { state throws(DiskError) in
      state.reads += 1
      let node = state.open[number] ?? 0
      if state.badReads[node]?.overlaps(wanted) ?? false {
        state.readsInVain += 1
        throw DiskError(.read, subject, .inputOutput)
      }
      return state.nodes[node].bytes
    }
    guard offset < UInt64(bytes.count) else { return 0 }
    let count = min(buffer.count, bytes.count - Int(offset))
    for index in 0..<count { buffer[index] = bytes[Int(offset) + index] }
    return count
  }

  package func status(of file: borrowing DiskFile) throws(DiskError) -> FileStatus {
    let number = file.number
    return state.withLock { state in
      let node = state.open[number] ?? 0
      return Self.status(.file, state.nodes[node].bytes.count, node)
    }
  }

  package func status(at path: DiskPath) throws(DiskError) -> FileStatus? {
    state.withLock { state in
      if state.directories.contains(path) { return Self.status(.directory, 0, 0) }
      return state.names[path].map { Self.status(.file, state.nodes[$0].bytes.count, $0) }
    }
  }

  private static func status(_ kind: FileKind, _ size: Int, _ node: Int) -> FileStatus {
    FileStatus(
      kind: kind, size: UInt64(size), owner: 0, group: 0,
      mode: kind == .file ? 0o600 : 0o700, device: 1, inode: UInt64(node))
  }

  package func list(_ path: DiskPath) throws(DiskError) -> [DirectoryEntry] {
    try state.withLock { state throws(DiskError) in
      try needDescriptor(.list, path, state)
      if state.failsLists { throw DiskError(.list, "\(path)", SystemError.inputOutput) }
      guard state.directories.contains(path) else {
        throw DiskError(.list, "\(path)", .notFound)
      }
      var entries: [DirectoryEntry] = []
      for file in state.names.keys where file.isDirectly(in: path) {
        if let name = file.names.last { entries.append(.init(name: name, kind: .file)) }
      }
      for directory in state.directories where directory.isDirectly(in: path) {
        if let name = directory.names.last { entries.append(.init(name: name, kind: .directory)) }
      }
      return entries.sorted { $0.name < $1.name }
    }
  }

  package func space() throws(DiskError) -> DiskSpace {
    try state.withLock { state throws(DiskError) in
      if state.failsSpace { throw DiskError(.measureSpace, place, SystemError.inputOutput) }
      let free = state.isRoomTold ? Self.free(state) : 1 << 40
      return DiskSpace(free: UInt64(free), total: 1 << 40)
    }
  }
}

extension MemoryDisk {
  private static func free(_ state: borrowing State) -> Int {
    let used = state.names.values.reduce(0) { $0 + state.nodes[$1].bytes.count }
    return state.room == .max ? 1 << 40 : max(0, state.room - used)
  }

  /// Runs one change, or fails it in the way the fault says.
  private func change(
    _ operation: DiskError.Operation, _ subject: String,
    half: (inout State) -> Void = { _ in },
    _ whole: (inout State) throws(DiskError) -> Void
  ) throws(DiskError) {
    try state.withLock { state throws(DiskError) in
      defer { state.operations += 1 }
      if state.isReadOnly { throw DiskError(operation, subject, SystemError.readOnly) }
      if let fault = state.fault,
        state.operations == fault.at || (fault.isLasting && state.operations > fault.at)
      {
        switch fault.effect {
        case .failed: break
        case .failedButPersisted: try whole(&state)
        case .torn: half(&state)
        }
        throw DiskError(operation, subject, fault.error)
      }
      try whole(&state)
    }
  }

  package func create(_ path: DiskPath) throws(DiskError) -> DiskFile {
    try change(.create, "\(path)") { state throws(DiskError) in
      try needDescriptor(.create, path, state)
      guard state.directories.contains(path.parent) else {
        throw DiskError(.create, "\(path)", .notFound)
      }
      guard state.names[path] == nil else { throw DiskError(.create, "\(path)", .alreadyExists) }
      state.names[path] = state.nodes.count
      state.nodes.append(Node())
    }
    return try open(path)
  }

  package func write(
    _ bytes: Span<UInt8>, to file: borrowing DiskFile, at offset: UInt64
  ) throws(DiskError) {
    let new = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    let (number, subject, at) = (file.number, file.subject, Int(offset))
    func put(_ part: [UInt8], _ state: inout State) {
      let node = state.open[number] ?? 0
      Self.put(&state.nodes[node].bytes, at, part)
      state.nodes[node].pending.append(.write(at, part))
    }
    try change(
      .write, subject, half: { put(Array(new[..<(new.count / 2)]), &$0) },
      { state throws(DiskError) in
        let node = state.open[number] ?? 0
        if let bad = state.badReads[node], Self.touchesBlock(of: bad, at, new.count) {
          throw DiskError(.write, subject, .inputOutput)
        }
        let size = state.nodes[node].bytes.count
        let room = state.room == .max ? Int.max : Self.free(state) + max(0, size - at)
        guard new.count <= room else {
          // As a real disk does: what fits is written before it says that it is full.
          put(Array(new[..<max(0, room)]), &state)
          throw DiskError(.write, subject, .noSpace)
        }
        put(new, &state)
      })
  }

  /// Whether so many bytes from `at` on take a part of a block in which some cannot be read.
  private static func touchesBlock(of bad: Range<Int>, _ at: Int, _ count: Int) -> Bool {
    let block = 4_096
    return [(at / block, at % block), ((at + count) / block, (at + count) % block)].contains {
      $0.1 != 0 && bad.overlaps($0.0 * block..<($0.0 + 1) * block)
    }
  }

  package func flush(_ file: borrowing DiskFile) throws(DiskError) {
    let (number, subject) = (file.number, file.subject)
    try change(
      .flush, subject,
      // A flush that fails may have dropped what it should have kept.
      half: { state in
        let node = state.open[number] ?? 0
        state.nodes[node].durable = Self.image(state.nodes[node], .torn)
        state.nodes[node].pending = []
        state.nodes[node].flushes += 1
        state.flushes += 1
      },
      { state throws(DiskError) in
        let node = state.open[number] ?? 0
        state.nodes[node].durable = state.nodes[node].bytes
        state.nodes[node].pending = []
        state.nodes[node].flushes += 1
        state.flushes += 1
      })
  }

  package func truncate(_ file: borrowing DiskFile, to size: UInt64) throws(DiskError) {
    try resize(.truncate, file.number, file.subject, Int(size))
  }

  package func reserve(_ file: borrowing DiskFile, size: UInt64) throws(DiskError) {
    let now = try Int(self.status(of: file).size)
    guard Int(size) > now else { return }
    let free = state.withLock { Self.free($0) }
    guard Int(size) - now <= free else {
      throw DiskError(.reserve, file.subject, .noSpace)
    }
    try resize(.reserve, file.number, file.subject, Int(size))
  }

  private func resize(
    _ operation: DiskError.Operation, _ number: Int32, _ subject: String, _ size: Int
  ) throws(DiskError) {
    try change(operation, subject) { state throws(DiskError) in
      let node = state.open[number] ?? 0
      Self.resize(&state.nodes[node].bytes, size)
      state.nodes[node].pending.append(.resize(size))
    }
  }

  package func rename(_ old: DiskPath, to new: DiskPath, replacing: Bool) throws(DiskError) {
    try change(.rename, "\(old)") { state throws(DiskError) in
      if state.directories.contains(old) { return try Self.move(old, to: new, &state) }
      guard let node = state.names[old] else { throw DiskError(.rename, "\(old)", .notFound) }
      guard replacing || state.names[new] == nil else {
        throw DiskError(.rename, "\(new)", .alreadyExists)
      }
      state.names[old] = nil
      state.names[new] = node
    }
  }

  /// Gives a directory another name, which is durable at once; no crash of the tests parts it.
  private static func move(
    _ old: DiskPath, to new: DiskPath, _ state: inout State
  ) throws(DiskError) {
    guard !state.directories.contains(new), state.names[new] == nil else {
      throw DiskError(.rename, "\(new)", .alreadyExists)
    }
    func moved(_ path: DiskPath) -> DiskPath {
      path.names.starts(with: old.names)
        ? DiskPath(names: new.names + path.names.dropFirst(old.names.count)) : path
    }
    func moved(_ names: [DiskPath: Int]) -> [DiskPath: Int] {
      Dictionary(uniqueKeysWithValues: names.map { (moved($0.key), $0.value) })
    }
    state.names = moved(state.names)
    state.durableNames = moved(state.durableNames)
    state.directories = Set(state.directories.map(moved))
    state.durableDirectories = Set(state.durableDirectories.map(moved))
    state.flushes += 1
  }

  package func remove(_ path: DiskPath) throws(DiskError) {
    try change(.remove, "\(path)") { state throws(DiskError) in
      try needDescriptor(.remove, path, state)
      guard state.names.removeValue(forKey: path) != nil else {
        throw DiskError(.remove, "\(path)", .notFound)
      }
    }
  }

  package func removeDirectory(_ path: DiskPath) throws(DiskError) {
    try change(.remove, "\(path)") { state throws(DiskError) in
      state.directories.remove(path)
    }
  }

  package func createDirectory(_ path: DiskPath) throws(DiskError) {
    try change(.createDirectory, "\(path)") { state throws(DiskError) in
      guard state.directories.insert(path).inserted else {
        throw DiskError(.createDirectory, "\(path)", .alreadyExists)
      }
    }
  }

  package func flushDirectory(_ path: DiskPath) throws(DiskError) {
    try change(.flushDirectory, "\(path)") { state throws(DiskError) in
      // As on a real disk: what fails is to open it.
      try needDescriptor(.open, path, state)
      state.flushes += 1
      for (file, node) in state.names where file.isDirectly(in: path) {
        state.durableNames[file] = node
      }
      for file in state.durableNames.keys
      where state.names[file] == nil && file.isDirectly(in: path) {
        state.durableNames[file] = nil
      }
      for directory in state.directories where directory.isDirectly(in: path) {
        state.durableDirectories.insert(directory)
      }
    }
  }
}

extension DiskPath {
  /// Whether it lies in a directory itself, and not in one below that.
  fileprivate func isDirectly(in directory: DiskPath) -> Bool {
    names.count == directory.names.count + 1 && names.starts(with: directory.names)
  }
}
