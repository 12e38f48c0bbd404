import Daemon
import Foundation
import Platform

extension World {
  private static let key = "zuruf.world"

  /// The one for all worlds of this process; each runs on a thread of its own.
  private static let listens: Bool = {
    LogListener.install { level, text in
      guard let world = Thread.current.threadDictionary[key] as? World else { return false }
      if level != .notice { world.note(world.acting, "log: \(text)", .logs) }
      return true
    }
    return true
  }()

  /// Runs what a host's node does, so that what it logs is known to be its own.
  func acting<Result, Failure: Error>(
    as host: Int, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let before = acting
    acting = host
    defer { acting = before }
    return try body()
  }

  /// Runs `body`, which stays on this thread, with what nodes log in this world's trace.
  func hearingLogs(_ body: () -> Void) {
    precondition(Self.listens)
    Thread.current.threadDictionary[Self.key] = self
    defer { Thread.current.threadDictionary[Self.key] = nil }
    body()
  }
}
