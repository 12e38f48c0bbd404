import Format
import Platform
import Replication
import Storage

/// What says over a restart where own entries end, and what waits for it.
extension OfficeNode {
  /// Writes down which own feeds are closed, and has stored what waited for that.
  func closeOwnFeeds() {
    guard let continuity else { return }
    for feed in unclosed.sorted() {
      do {
        try continuity.close(feed)
        unclosed.remove(feed)
      } catch {
        return lockFailed(error)
      }
    }
    let batches = heldBatches
    heldBatches = []
    for (batch, token) in batches { storeBatch(batch, token, isOwn: false) }
  }

  /// The head lock could not be written: nothing own is, until it can be.
  func lockFailed(_ error: DiskError) {
    if lockFault == nil {
      log(.error, "where own messages end cannot be written down: \(error)")
    }
    lockFault = "\(error)"
  }

  /// Makes the head lock survive a power cut; where that fails, or failed before, tries it anew.
  func keepLock() {
    guard let continuity else { return }
    do {
      if lockFault == nil {
        try continuity.flush()
      } else {
        try continuity.writeAgain()
        lockFault = nil
        log(.notice, "where own messages end can be written down again")
      }
    } catch {
      return lockFailed(error)
    }
    closeOwnFeeds()
  }
}
