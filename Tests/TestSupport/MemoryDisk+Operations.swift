package import Platform
import Synchronization

/// What a disk is asked.
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
      if let keeps = state.keeps, keeps == (state.operations, false) { Self.keep(&state) }
      defer {
        if let keeps = state.keeps, keeps == (state.operations, true) { Self.keep(&state) }
        state.operations += 1
      }
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
