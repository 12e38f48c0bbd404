package import Format

/// Says which entries of a forked feed stand on one branch; who holds the entries knows.
package protocol ForkLineage: AnyObject {
  /// Whether an entry before a cut is in the chain that leads to the entry which the cut names.
  func isBefore(_ entry: EntryID, seq: UInt32, _ cut: Cut) -> Bool
}

extension OfficeIndex {
  /// Whether a cut leaves out an entry of its feed: what stands behind it, and of a forked feed
  /// what does not stand on its branch.
  func leavesOut(_ cut: Cut, _ entry: EntryID, seq: UInt32) -> Bool {
    if entry == cut.entry { return false }
    guard seq < cut.seq else { return true }
    guard let lineage = lineages[cut.feed] else { return false }
    return !lineage.isBefore(entry, seq: seq, cut)
  }
}
