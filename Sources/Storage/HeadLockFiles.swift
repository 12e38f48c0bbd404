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
  /// Files that cannot be read, or not be written where they are: another file takes their place, for
  /// a sector that cannot be read takes no part of a block either.
  private var bad: Set<FileName> = []
  private var isRuntimeBad = false

  /// Over the state directory and, where there is one, the runtime directory.
  package init(state: any Disk, runtime: (any Disk)?) {
    (self.state, self.runtime) = (state, runtime)
  }

  /// What the files say. A copy in the runtime directory counts like any: it knows what a state
  /// directory put back from a backup no longer does. Throws where it cannot be said what there is; a
  /// file that is bad for good is passed over, and replaced when it is written next.
  package func read() throws(DiskError) -> HeadLockReading {
    let found = try Self.flushed.map { name throws(DiskError) in
      try Self.read(.root.appending(name), state)
    }
    turn = Self.counter(found[0]) > Self.counter(found[1]) ? 1 : 0
    let latest = try Self.read(.root.appending(Self.latest), state)
    var copy = Found.missing
    if let runtime { copy = try Self.read(.root.appending(Self.latest), runtime) }
    let named = zip(Self.flushed + [Self.latest], found + [latest])
    bad = Set(named.filter { $0.1 == .bad }.map(\.0))
    isRuntimeBad = copy == .bad
    return HeadLockReading(flushed: found, latest: [latest, copy])
  }

  /// What the files promise of the logs, before any of those is read.
  package func promise() -> HeadLock.Promise {
    guard let found = try? read(), found.isWhole else { return .anything }
    return .heads(found.lock?.heads ?? [])
  }

  /// What was found under the name of one file.
  enum Found: Equatable {
    /// Nothing, or what a crash left of a writing.
    case missing
    /// Something that cannot be read, and never will.
    case bad
    case lock(HeadLock)
  }

  private static func counter(_ found: Found) -> UInt64 {
    if case .lock(let lock) = found { lock.counter } else { 0 }
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
    let flushed = try flushed.map { name throws(DiskError) in
      try read(directory.appending(name), state)
    }
    let latest = try read(directory.appending(latest), state)
    return HeadLockReading(flushed: flushed, latest: [latest]).lock
  }

  /// Writes the lock without waiting for the device: after each commit.
  package func write(_ lock: HeadLock) throws(DiskError) {
    let bytes = lock.encode()
    if bad.contains(Self.latest) {
      try replace(Self.latest, bytes)
    } else {
      let file = try open(Self.latest)
      try noting(Self.latest) { () throws(DiskError) in
        try state.write(bytes.span, to: file.file, at: 0)
      }
    }
    guard let runtime else { return }
    if isRuntimeBad {
      try runtime.replace(.root.appending(Self.latest), with: bytes.span)
      (isRuntimeBad, runtimeFile) = (false, nil)
      return
    }
    if runtimeFile == nil { runtimeFile = try open(Self.latest, runtime) }
    if let runtimeFile { try runtime.write(bytes.span, to: runtimeFile.file, at: 0) }
  }

  /// Writes the lock and waits until it survives a power cut: every ten seconds and at a stop.
  package func flush(_ lock: HeadLock) throws(DiskError) {
    let (name, bytes) = (Self.flushed[turn], lock.encode())
    if bad.contains(name) {
      try replace(name, bytes)
    } else {
      let file = try open(name)
      try noting(name) { () throws(DiskError) in
        try state.write(bytes.span, to: file.file, at: 0)
        try state.flush(file.file)
      }
    }
    turn = 1 - turn
  }

  /// Puts a new file in the place of a bad one, flushed and under its name at once: until then the bad
  /// one says that there was something.
  private func replace(_ name: FileName, _ bytes: [UInt8]) throws(DiskError) {
    try state.replace(.root.appending(name), with: bytes.span)
    files[name] = nil
    bad.remove(name)
  }

  /// Writes to a file, and remembers where the device cannot.
  private func noting(
    _ name: FileName, _ body: () throws(DiskError) -> Void
  ) throws(DiskError) {
    do throws(DiskError) {
      try body()
    } catch {
      if error.reason == .broken { bad.insert(name) }
      throw error
    }
  }

  private static func read(
    _ path: DiskPath, _ disk: any ReadableDisk
  ) throws(DiskError) -> Found {
    do throws(DiskError) {
      guard try disk.status(at: path) != nil else { return .missing }
      let bytes = try disk.readWhole(path, limit: HeadLock.sizeMax)
      return HeadLock(decoding: bytes).map { .lock($0) } ?? .missing
    } catch {
      switch error.reason {
      // That stays so, and one bad file of four must not take the whole ones with it.
      case .broken, .tooLong, .wrongKind: return .bad
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
