import Platform
import Terminal

/// All that this program may touch beside the data directories it looks into.
///
/// Made of closures so that a test can be the world; nothing here can write but to two streams.
struct World {
  /// The words after the program's name.
  let arguments: [[UInt8]]
  let environment: Environment
  let user: UInt32
  let processors: Int
  /// Whether a directory is there that this user can open.
  let isDirectory: (String) -> Bool
  /// Opens a directory for reading.
  let openDisk: DiskOpener
  /// Whether a person watches standard error.
  let isWatched: Bool
  /// Milliseconds of a clock that never runs backwards.
  let now: () -> Int64
  /// Writes to standard output; false where nobody reads any more.
  let write: ([UInt8]) -> Bool
  /// Writes to standard error.
  let complain: (String) -> Void

  typealias DiskOpener = (_ path: String) throws(DiskError) -> any ReadableDisk
}

extension World {
  /// The world outside tests: this process and its computer.
  static func system() -> World {
    let clock = LinuxClock()
    let start = clock.now()
    return World(
      arguments: Program.arguments, environment: .current(), user: Account.current().user,
      processors: Computer.processorCount,
      isDirectory: { (try? ReadOnlyDisk(root: $0)) != nil },
      openDisk: { path throws(DiskError) in try ReadOnlyDisk(root: path) },
      isWatched: StandardStream.error.isTerminal,
      now: { milliseconds(clock.now() - start) },
      // A full disk behind a redirection is told once, by the first write that fails.
      write: { writeOrEnd($0) },
      complain: { _ = StandardStream.error.write($0) })
  }
}

private func milliseconds(_ duration: Duration) -> Int64 {
  let (seconds, attoseconds) = duration.components
  return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
}

private func writeOrEnd(_ bytes: [UInt8]) -> Bool {
  switch StandardStream.output.write(bytes.span) {
  case .written: return true
  case .closed: return false
  case .failed(let error):
    let voice = Voice(program: InspectProgram.name)
    _ = StandardStream.error.write(voice.error("cannot write to standard output: \(error)"))
    Program.end(ExitCode.refused.rawValue)
  }
}
