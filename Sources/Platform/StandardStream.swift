internal import Glibc

/// One of the three streams a process is started with.
package enum StandardStream: Hashable, Sendable {
  case input
  case output
  case error

  package var number: Int32 {
    switch self {
    case .input: STDIN_FILENO
    case .output: STDOUT_FILENO
    case .error: STDERR_FILENO
    }
  }

  /// How writing ended.
  package enum Outcome: Hashable, Sendable {
    case written
    /// Nobody reads any more, as in `zuruf read | head`: no error, but a reason to stop.
    case closed
    case failed(SystemError)
  }

  /// Whether a person sits at the other end.
  package var isTerminal: Bool { isatty(number) == 1 }

  /// The terminal's columns and rows, or nil where there is none or it does not tell.
  package var windowSize: (columns: Int, rows: Int)? {
    var size = winsize()
    guard unsafe ioctl(number, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Writes all the bytes, waiting as long as the reader takes.
  ///
  /// The process should ignore broken pipes (`ProcessLimits.ignoreBrokenPipes`), or a reader that
  /// went away ends it before this can say so.
  package func write(_ bytes: Span<UInt8>) -> Outcome { writeAll(bytes, to: number) }

  /// Writes text as UTF-8.
  package func write(_ text: String) -> Outcome { write(Array(text.utf8).span) }

  /// Reads everything up to the end; nil where more than `limit` bytes come.
  package func readAll(limit: Int) throws(SystemError) -> [UInt8]? {
    try Platform.readAll(from: number, limit: limit)
  }
}

/// Writes all bytes to a pipe, terminal or file, which may be non-blocking.
func writeAll(_ bytes: Span<UInt8>, to number: Int32) -> StandardStream.Outcome {
  let count = bytes.count
  do throws(SystemError) {
    let done = try transferring(count) { done throws(SystemError) in
      while true {
        do throws(SystemError) {
          return try unsafe bytes.withUnsafeBytes { source throws(SystemError) in
            // `done` is below `count`, so pointer and length stay inside the bytes.
            try calling {
              unsafe Glibc.write(
                number, source.baseAddress.unsafelyUnwrapped + done, count - done)
            }
          }
        } catch {
          // Another process that shares the terminal may have made it non-blocking.
          guard error == .wouldBlock else { throw error }
          try waitUntilReady(number, Int16(POLLOUT))
        }
      }
    }
    return done == count ? .written : .failed(.inputOutput)
  } catch {
    return error == .brokenPipe ? .closed : .failed(error)
  }
}

/// Reads to the end; nil where more than `limit` bytes come.
func readAll(from number: Int32, limit: Int) throws(SystemError) -> [UInt8]? {
  var result: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 64 << 10)
  while true {
    let count: Int
    do throws(SystemError) {
      count = try calling { unsafe Glibc.read(number, &buffer, buffer.count) }
    } catch {
      guard error == .wouldBlock else { throw error }
      try waitUntilReady(number, Int16(POLLIN))
      continue
    }
    if count == 0 { return result }
    guard count <= limit - result.count else { return nil }
    result += buffer[..<count]
  }
}

/// Waits until a descriptor can be read or written without blocking.
private func waitUntilReady(_ number: Int32, _ events: Int16) throws(SystemError) {
  var request = pollfd(fd: number, events: events, revents: 0)
  _ = try calling { unsafe poll(&request, 1, -1) }
}
