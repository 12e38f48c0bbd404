import Foundation
import Platform

/// The socket at which links to a page are given, with one line to say.
final class FakePage: Sendable {
  private let path: String
  private let done = DispatchSemaphore(value: 0)

  init(path: String, line: String) throws {
    self.path = path
    let holder = ListenerHolder(
      try UnixListener.listen(path: path, mode: 0o600, group: nil, backlog: 8))
    Thread.detachNewThread { [done] in
      if let socket = holder.acceptWaiting() { _ = socket.write(Array(line.utf8).span) }
      done.signal()
    }
  }

  /// Ends the thread and waits for it, also where nobody asked for a link.
  func stop() {
    _ = try? Socket.connect(path: path)
    done.wait()
  }
}
