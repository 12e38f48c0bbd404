import Platform

/// How much a line of the log matters; the raw value is the service manager's number.
package enum LogLevel: Int {
  case error = 3
  case warning = 4
  case notice = 5
}

/// Writes one line to the log. It names no person and quotes no text of theirs.
package func log(_ level: LogLevel, _ text: String) {
  let line = Environment.current()["JOURNAL_STREAM"] == nil ? text : "<\(level.rawValue)>\(text)"
  // A log that cannot be written is no reason to stop.
  _ = StandardStream.error.write("\(Program.name): \(line)\n")
}
