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
  /// it knows what a state directory put back from a backup no longer does.
  package func read() throws(DiskError) -> HeadLock? {
    let counters = try Self.flushed.map { name throws(DiskError) in
      try Self.read(.root.appending(name), state)?.counter ?? 0
    }
    turn = counters[0] > counters[1] ? 1 : 0
    let locks = [
      try Self.newest(state),
      try runtime.flatMap { runtime throws(DiskError) in
        try Self.newest(runtime)
      },
    ]
    return locks.compactMap { $0 }.max { $0.counter < $1.counter }
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
    var newest: HeadLock?
    for name in flushed + [latest] {
      guard let lock = try read(directory.appending(name), state) else { continue }
      if lock.counter > newest?.counter ?? 0 { newest = lock }
    }
    return newest
  }

  /// Writes the lock without waiting for the device: after each commit.
  package func write(_ lock: HeadLock) throws(DiskError) {
    let bytes = lock.encode()
    let file = try open(Self.latest)
    try state.write(bytes.span, to: file.file, at: 0)
    guard let runtime else { return }
    if runtimeFile == nil { runtimeFile = try open(Self.latest, runtime).file }
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
  ) throws(DiskError) -> HeadLock? {
    guard try disk.status(at: path) != nil else { return nil }
    return HeadLock(decoding: try disk.readWhole(path, limit: HeadLock.sizeMax))
  }

  private func open(_ name: FileName) throws(DiskError) -> OpenFile {
    if let file = files[name] { return file }
    let (file, isNew) = try open(name, state)
    if isNew { try state.flushDirectory(.root) }
    files[name] = file
    return file
  }

  private func open(
    _ name: FileName, _ disk: any Disk
  ) throws(DiskError) -> (file: OpenFile, isNew: Bool) {
    let path = DiskPath.root.appending(name)
    if try disk.status(at: path) != nil {
      return (OpenFile(try disk.openForWriting(path)), false)
    }
    return (OpenFile(try disk.create(path)), true)
  }
}
