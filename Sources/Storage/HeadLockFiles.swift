package import Platform

/// The files of the head lock: two that are flushed in turn, so that one is always whole, one
/// that is written after each commit without waiting, and a copy of it that a restart of the
/// kernel takes away.
package final class HeadLockFiles {
  private static let flushed: [FileName] = ["heads-0", "heads-1"]
  private static let latest: FileName = "heads-now"

  private let state: any Disk
  private let runtime: (any Disk)?
  private var files: [FileName: OpenFile] = [:]
  private var runtimeFile: OpenFile?
  /// Which of the flushed files is written next: never the newer one.
  private var turn = 0

  /// Over the state directory and, where there is one, the runtime directory.
  package init(state: any Disk, runtime: (any Disk)?) {
    (self.state, self.runtime) = (state, runtime)
  }

  /// The newest lock that can be read, or nil. A copy in the runtime directory counts like any:
  /// it knows what a state directory put back from a backup no longer does. Throws where it cannot be
  /// said what there is; a file that is bad for good is passed over.
  package func read() throws(DiskError) -> HeadLock? { try find().newest }

  /// What the files promise of the logs, before any of those is read.
  package func promise() -> HeadLock.Promise {
    guard let found = try? find(), found.isAll else { return .anything }
    return .heads(found.newest?.heads ?? [])
  }

  /// `isAll`: no file was passed over, which might have been the newest.
  private struct Found {
    var newest: HeadLock?
    var isAll = true

    mutating func add(_ other: Found) {
      isAll = isAll && other.isAll
      if let lock = other.newest, lock.counter > newest?.counter ?? 0 { newest = lock }
    }
  }

  private func find() throws(DiskError) -> Found {
    let counters = try Self.flushed.map { name throws(DiskError) in
      try Self.read(.root.appending(name), state).newest?.counter ?? 0
    }
    turn = counters[0] > counters[1] ? 1 : 0
    var found = try Self.find(state, in: .root)
    if let runtime { found.add(try Self.find(runtime, in: .root)) }
    return found
  }

  private static func find(
    _ state: any ReadableDisk, in directory: DiskPath
  ) throws(DiskError) -> Found {
    var found = Found()
    for name in flushed + [latest] { found.add(try read(directory.appending(name), state)) }
    return found
  }

  /// Lets go of the files, so that they are opened anew: something else may have taken their place.
  package func letGo() {
    files = [:]
    runtimeFile = nil
  }

  /// The newest lock of a state directory that can be read, or nil; changes nothing.
  package static func newest(
    _ state: any ReadableDisk, in directory: DiskPath = .root
  ) throws(DiskError) -> HeadLock? {
    try find(state, in: directory).newest
  }

  /// Writes the lock without waiting for the device: after each commit.
  package func write(_ lock: HeadLock) throws(DiskError) {
    let bytes = lock.encode()
    let file = try open(Self.latest)
    try state.write(bytes.span, to: file.file, at: 0)
    guard let runtime else { return }
    if runtimeFile == nil { runtimeFile = try open(Self.latest, runtime) }
    if let runtimeFile { try runtime.write(bytes.span, to: runtimeFile.file, at: 0) }
  }

  /// Writes the lock and waits until it survives a power cut: every ten seconds and at a stop.
  package func flush(_ lock: HeadLock) throws(DiskError) {
    let file = try open(Self.flushed[turn])
    try state.write(lock.encode().span, to: file.file, at: 0)
    try state.flush(file.file)
    turn = 1 - turn
  }

  private static func read(
    _ path: DiskPath, _ disk: any ReadableDisk
  ) throws(DiskError) -> Found {
    do throws(DiskError) {
      guard try disk.status(at: path) != nil else { return Found() }
      return Found(
        newest: HeadLock(decoding: try disk.readWhole(path, limit: HeadLock.sizeMax)))
    } catch {
      switch error.reason {
      // That stays so, and one bad file of four must not take the whole ones with it.
      case .broken, .tooLong, .wrongKind: return Found(isAll: false)
      default: throw error
      }
    }
  }

  private func open(_ name: FileName) throws(DiskError) -> OpenFile {
    if let file = files[name] { return file }
    let file = try open(name, state)
    // Also where it was there: whoever made it may have been killed before its name would last (S-10).
    try state.flushDirectory(.root)
    files[name] = file
    return file
  }

  private func open(_ name: FileName, _ disk: any Disk) throws(DiskError) -> OpenFile {
    let path = DiskPath.root.appending(name)
    if try disk.status(at: path) != nil { return OpenFile(try disk.openForWriting(path)) }
    return OpenFile(try disk.create(path))
  }
}
