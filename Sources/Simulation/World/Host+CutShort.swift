import Platform
import TestSupport

/// What ends a computer, or its node, in the midst of what it stores.
extension Host {
  struct CutShort {
    /// Whether the power fails, and not the process alone.
    let isPower: Bool
    /// At which of the operations that store something from now on.
    let operation: Int
    /// Whether that one is still done.
    let isDone: Bool
    let startsAfter: Duration
  }

  /// Ends the node within what it stores next. From that operation on its disk takes nothing, so until the
  /// end of the turn in which it comes to that the node tells nobody anything that it did not know before.
  func cutShort(_ how: CutShort) {
    guard node != nil, !isDiskDistrusted else { return }
    world.note(
      number,
      how.isPower ? "is to lose its power while it stores" : "is to be killed while it stores")
    disk.end(at: how.operation, isDone: how.isDone)
    cut = how
  }

  /// Nothing is cut short any more.
  func spare() {
    if cut != nil { disk.goOn() }
    cut = nil
  }

  /// Ends what has come to its end; whether it has.
  func endCutShort() -> Bool {
    guard let cut, let left = disk.atItsEnd else { return false }
    world.note(
      number, cut.isPower ? "loses its power while it stores" : "is killed while it stores")
    end(byPower: cut.isPower, leaving: left)
    world.after(cut.startsAfter, host: number) { [self] in start() }
    return true
  }
}
