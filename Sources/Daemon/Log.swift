import Platform
import Synchronization

/// How much a line of the log matters; the raw value is the service manager's number.
package enum LogLevel: Int {
  case error = 3
  case warning = 4
  case notice = 5
}

/// Who hears the log before the standard error stream does: a simulated world, in which many nodes run
/// in one process.
package enum LogListener {
  /// In a box of its own: a bare function in a mutex is wrapped once more by each look at it.
  private struct Listener {
    let takes: @Sendable (LogLevel, String) -> Bool
  }

  private static let listener = Mutex<Listener?>(nil)

  /// From now on this one is asked; a line that it takes goes nowhere else.
  package static func install(_ new: @escaping @Sendable (LogLevel, String) -> Bool) {
    listener.withLock { $0 = Listener(takes: new) }
  }

  static func takes(_ level: LogLevel, _ text: String) -> Bool {
    listener.withLock { $0 }?.takes(level, text) ?? false
  }
}

/// Writes one line to the log. It names no person and quotes no text of theirs.
package func log(_ level: LogLevel, _ text: String) {
  if LogListener.takes(level, text) { return }
  let isJournal = Environment.current()["JOURNAL_STREAM"] != nil
  let line = logLine(level, text, of: Program.name, isJournal: isJournal)
  // A log that cannot be written is no reason to stop.
  _ = StandardStream.error.write(line)
}

/// One line as it is written: the journal reads the level from its very front, and says by itself
/// which program it is of.
func logLine(_ level: LogLevel, _ text: String, of program: String, isJournal: Bool) -> String {
  isJournal ? "<\(level.rawValue)>\(text)\n" : "\(program): \(text)\n"
}
