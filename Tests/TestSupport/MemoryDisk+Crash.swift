package import Platform
import Synchronization

/// What is found after a kill, on a copy, or after a power cut.
extension MemoryDisk {
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
    (left.fault, left.keeps, left.kept) = (nil, nil, nil)
    let disk = MemoryDisk()
    disk.state.withLock { $0 = left }
    return disk
  }

  /// Fails from an operation on that changes something, so many from now, for good, and keeps what it is then:
  /// before that operation, or once it is done, of which nobody is told. Whoever takes what was kept and
  /// ends the program has ended it right there.
  package func end(at count: Int, isDone: Bool) {
    let fault = Fault(
      at: operations + count, effect: isDone ? .failedButPersisted : .failed, error: .inputOutput,
      isLasting: true)
    state.withLock { ($0.fault, $0.keeps, $0.kept) = (fault, (fault.at, isDone), nil) }
  }

  /// What was kept at its end; nil where it did not come to that.
  package var atItsEnd: MemoryDisk? { state.withLock { $0.kept } }

  /// It does not end after all.
  package func goOn() { state.withLock { ($0.fault, $0.keeps, $0.kept) = (nil, nil, nil) } }

  static func keep(_ state: inout State) {
    let disk = MemoryDisk()
    state.keeps = nil
    let now = state
    disk.state.withLock { $0 = now }
    state.kept = disk
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

  static func image(_ node: Node, _ crash: Crash) -> [UInt8] {
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

  static func resize(_ bytes: inout [UInt8], _ size: Int) {
    if size < bytes.count {
      bytes.removeLast(bytes.count - size)
    } else {
      bytes += [UInt8](repeating: 0, count: size - bytes.count)
    }
  }

  static func put(_ bytes: inout [UInt8], _ at: Int, _ new: [UInt8]) {
    if bytes.count < at + new.count { resize(&bytes, at + new.count) }
    bytes.replaceSubrange(at..<at + new.count, with: new)
  }
}
