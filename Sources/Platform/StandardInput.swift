internal import Glibc

/// Reading standard input piece by piece, as a person types it.
package enum StandardInput {
  /// The kernel's number of standard input, for a poller.
  package static let number = STDIN_FILENO

  /// Throws away what was typed at a terminal and not read yet; elsewhere nothing happens.
  package static func forgetTyped() {
    // Where it fails there is no terminal, and what comes over a pipe was not typed too early.
    _ = tcflush(number, TCIFLUSH)
  }

  /// Reads what is there, at most `limit` bytes, waiting for the first; empty at the end.
  package static func readSome(limit: Int) throws(SystemError) -> [UInt8] {
    precondition(limit > 0, "a read into nothing cannot be told from the end")
    var bytes = [UInt8](repeating: 0, count: limit)
    while true {
      do throws(SystemError) {
        // read writes at most `limit` bytes, which is what there is room for.
        let count = try calling { unsafe Glibc.read(number, &bytes, limit) }
        return Array(bytes[..<count])
      } catch {
        // Another process that shares the terminal may have made it non-blocking.
        guard error == .wouldBlock else { throw error }
        var request = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        _ = try calling { unsafe poll(&request, 1, -1) }
      }
    }
  }
}
