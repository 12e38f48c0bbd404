package import Format

/// Says which entries of a forked feed stand on one branch; who holds the entries knows.
package protocol ForkLineage: AnyObject {
  /// Whether an entry before a cut is in the chain that leads to the entry which the cut names.
  func isBefore(_ entry: EntryID, seq: UInt32, _ cut: Cut) -> Bool
  /// Whether the entry that a cut names is in the past of the removal that carries it: never where
  /// the removal stands in another log.
  func isPast(_ cut: Cut, of removal: ControlReference) -> Bool
}

extension OfficeIndex {
  /// Whether no fork of a feed is proven here: a cut then speaks of no branch.
  func isUnforked(_ feed: FeedID) -> Bool { lineages[feed] == nil }

  /// Whether a cut leaves out a message or an epoch of its feed: what stands behind it, and of
  /// a forked feed what does not stand on its branch, as far as that is known here.
  func leavesOut(_ cut: Cut, _ entry: EntryID, seq: UInt32) -> Bool {
    if entry == cut.entry { return false }
    guard seq < cut.seq else { return true }
    guard let lineage = lineages[cut.feed] else { return false }
    return !lineage.isBefore(entry, seq: seq, cut)
  }

  /// Whether a cut leaves out a control entry of its feed.
  ///
  /// Rights hang on this, so it must not depend on what is held (F-7). Whoever admitted the removal
  /// holds all of its past: where the named entry is in it, everybody knows its branch, and where it
  /// is not, nobody asks for one.
  func leavesOut(_ cut: Cut, of removal: ControlEntry, _ entry: ControlEntry) -> Bool {
    if entry.id == cut.entry { return false }
    guard entry.seq < cut.seq else { return true }
    guard let lineage = lineages[cut.feed], lineage.isPast(cut, of: ControlReference(removal))
    else { return false }
    return !lineage.isBefore(entry.id, seq: entry.seq, cut)
  }
}
