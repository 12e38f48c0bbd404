package import Platform
import Synchronization

/// A disk that writes down on a tape what is done to the one behind it, fails where it is told to,
/// and counts how often it was called.
///
/// The one behind it must not fail by itself: what it did then would not be on the tape.
package final class RecordingDisk: Disk {
  private struct State: Sendable {
    var calls: [DiskError.Operation: Int] = [:]
    var faults: [Cause: CallFault] = [:]
    /// How often the kind of each fault was called since it was set.
    var since: [Cause: Int] = [:]
    /// How many more changes there are before whoever makes them is dead.
    var changesLeft: Int?
    var free: UInt64?
  }

  private let inner: MemoryDisk
  private let number: Int
  private let tape: DiskTape
  private let state = Mutex(State())

  /// The disk of this number on the tape, which holds what the one behind it holds now.
  package init(_ inner: MemoryDisk, number: Int = 0, tape: DiskTape) {
    (self.inner, self.number, self.tape) = (inner, number, tape)
  }

  package var place: String { inner.place }

  /// How often each kind of call was made.
  package var calls: [DiskError.Operation: Int] { state.withLock { $0.calls } }

  /// Whose fault it is: one of a script does not take the place of one that disturbs the script.
  package enum Cause: CaseIterable, Sendable { case script, disturbance }

  /// Sets the fault, or ends it.
  package func fail(_ fault: CallFault?, as cause: Cause = .disturbance) {
    state.withLock { ($0.faults[cause], $0.since[cause]) = (fault, 0) }
  }

  /// After so many changes more, whoever makes them is killed: nothing that it does has any effect.
  /// Nil lets another one go on.
  package func kill(after changes: Int?) { state.withLock { $0.changesLeft = changes } }

  /// How much room the disk says it has; nil for the truth.
  package func setFree(_ bytes: UInt64?) { state.withLock { $0.free = bytes } }

  private func file(_ file: borrowing DiskFile) throws(DiskError) -> DiskTape.File {
    DiskTape.File(disk: number, number: try inner.status(of: file).inode)
  }

  /// Counts a call; the fault where it is to fail.
  private func fault(_ operation: DiskError.Operation) -> CallFault? {
    state.withLock { state in
      state.calls[operation, default: 0] += 1
      var found: CallFault?
      for cause in Cause.allCases {
        guard let fault = state.faults[cause], fault.operation == operation else { continue }
        let at = state.since[cause, default: 0]
        state.since[cause] = at + 1
        if at == fault.at || (fault.isLasting && at > fault.at) { found = found ?? fault }
      }
      return found
    }
  }

  /// Whether whoever changes something is dead by now.
  private func isDead() -> Bool {
    state.withLock { state in
      guard let left = state.changesLeft else { return false }
      state.changesLeft = max(0, left - 1)
      return left == 0
    }
  }

  /// Reads something, unless that is to fail.
  private func look<Value: ~Copyable>(
    _ operation: DiskError.Operation, _ subject: String,
    _ body: () throws(DiskError) -> Value
  ) throws(DiskError) -> Value {
    if let fault = fault(operation) { throw DiskError(operation, subject, fault.error) }
    return try body()
  }

  /// Changes something, or fails as the fault says.
  private func change(
    _ operation: DiskError.Operation, _ subject: String, _ body: () throws(DiskError) -> Void
  ) throws(DiskError) {
    let fault = fault(operation)
    if isDead() { throw DiskError(operation, subject, SystemError.inputOutput) }
    if fault == nil || fault?.effect == .all { try body() }
    if let fault { throw DiskError(operation, subject, fault.error) }
  }
}

extension RecordingDisk {
  package func open(_ path: DiskPath) throws(DiskError) -> DiskFile {
    try look(.open, "\(path)") { () throws(DiskError) in try inner.open(path) }
  }

  package func openForWriting(_ path: DiskPath) throws(DiskError) -> DiskFile {
    try look(.open, "\(path)") { () throws(DiskError) in try inner.openForWriting(path) }
  }

  package func read(
    _ file: borrowing DiskFile, at offset: UInt64, into buffer: inout MutableSpan<UInt8>
  ) throws(DiskError) -> Int {
    if let fault = fault(.read) { throw DiskError(.read, file.subject, fault.error) }
    return try inner.read(file, at: offset, into: &buffer)
  }

  package func status(of file: borrowing DiskFile) throws(DiskError) -> FileStatus {
    if let fault = fault(.examine) { throw DiskError(.examine, file.subject, fault.error) }
    return try inner.status(of: file)
  }

  package func status(at path: DiskPath) throws(DiskError) -> FileStatus? {
    try look(.examine, "\(path)") { () throws(DiskError) in try inner.status(at: path) }
  }

  package func list(_ path: DiskPath) throws(DiskError) -> [DirectoryEntry] {
    try look(.list, "\(path)") { () throws(DiskError) in try inner.list(path) }
  }

  package func space() throws(DiskError) -> DiskSpace {
    let real = try look(.measureSpace, place) { () throws(DiskError) in try inner.space() }
    let told = state.withLock { $0.free }
    return DiskSpace(free: told ?? real.free, total: real.total)
  }
}

extension RecordingDisk {
  package func create(_ path: DiskPath) throws(DiskError) -> DiskFile {
    let fault = fault(.create)
    if isDead() { throw DiskError(.create, "\(path)", SystemError.inputOutput) }
    if let fault, fault.effect != .all { throw DiskError(.create, "\(path)", fault.error) }
    let made = try inner.create(path)
    tape.add(.create(try file(made), path))
    if let fault { throw DiskError(.create, "\(path)", fault.error) }
    return made
  }

  package func write(
    _ bytes: Span<UInt8>, to file: borrowing DiskFile, at offset: UInt64
  ) throws(DiskError) {
    let new = bytes.indices.map { bytes[$0] }
    let at = try self.file(file)
    let fault = fault(.write)
    if isDead() { throw DiskError(.write, file.subject, SystemError.inputOutput) }
    let count =
      switch fault?.effect {
      case nil, .all: new.count
      case .half: new.count / 2
      case .nothing: 0
      }
    if count > 0 {
      try inner.write(bytes.extracting(0..<count), to: file, at: offset)
      tape.add(.write(at, at: Int(offset), Array(new[..<count])))
    }
    if let fault { throw DiskError(.write, file.subject, fault.error) }
  }

  package func flush(_ file: borrowing DiskFile) throws(DiskError) {
    let at = try self.file(file)
    let fault = fault(.flush)
    if isDead() { throw DiskError(.flush, file.subject, SystemError.inputOutput) }
    if let fault {
      tape.add(.failedFlush(at))
      throw DiskError(.flush, file.subject, fault.error)
    }
    try inner.flush(file)
    tape.add(.flush(at))
  }

  package func truncate(_ file: borrowing DiskFile, to size: UInt64) throws(DiskError) {
    try resize(.truncate, file, size)
  }

  package func reserve(_ file: borrowing DiskFile, size: UInt64) throws(DiskError) {
    try resize(.reserve, file, max(size, try inner.status(of: file).size))
  }

  private func resize(
    _ operation: DiskError.Operation, _ file: borrowing DiskFile, _ size: UInt64
  ) throws(DiskError) {
    let at = try self.file(file)
    let fault = fault(operation)
    if isDead() { throw DiskError(operation, file.subject, SystemError.inputOutput) }
    if fault == nil || fault?.effect == .all, try inner.status(of: file).size != size {
      try inner.truncate(file, to: size)
      tape.add(.resize(at, to: Int(size)))
    }
    if let fault { throw DiskError(operation, file.subject, fault.error) }
  }

  package func rename(_ old: DiskPath, to new: DiskPath, replacing: Bool) throws(DiskError) {
    try change(.rename, "\(old)") { () throws(DiskError) in
      try inner.rename(old, to: new, replacing: replacing)
      tape.add(.rename(disk: number, old, to: new))
    }
  }

  package func remove(_ path: DiskPath) throws(DiskError) {
    try change(.remove, "\(path)") { () throws(DiskError) in
      try inner.remove(path)
      tape.add(.remove(disk: number, path))
    }
  }

  package func removeDirectory(_ path: DiskPath) throws(DiskError) {
    try change(.remove, "\(path)") { () throws(DiskError) in
      try inner.removeDirectory(path)
      tape.add(.removeDirectory(disk: number, path))
    }
  }

  package func createDirectory(_ path: DiskPath) throws(DiskError) {
    try change(.createDirectory, "\(path)") { () throws(DiskError) in
      try inner.createDirectory(path)
      tape.add(.makeDirectory(disk: number, path))
    }
  }

  package func flushDirectory(_ path: DiskPath) throws(DiskError) {
    try change(.flushDirectory, "\(path)") { () throws(DiskError) in
      try inner.flushDirectory(path)
      tape.add(.flushDirectory(disk: number, path))
    }
  }
}
