import Authority
import Format

/// Rights that hang on what may lie in the system's memory alone: a power cut may take them back, and not
/// what others were given by them (S-16).
///
/// Which entries these are stays the same until the store is read anew, for nothing is stored before; what a
/// start has read may still be taken in.
extension Replica {
  /// Whether a device may hold a group's log also by what is certain to last.
  mutating func mayHoldForGood(_ device: DeviceKey, _ group: GroupState) -> Bool {
    // What is shown here has effect here.
    if device == secrets.device { return true }
    guard let officeView = settledView(of: officeLog), let groupView = settledView(of: group),
      let entry = authority.roster(at: officeView).device(device), entry.isLive
    else { return false }
    if entry.keepsAll { return true }
    return group.authority?.membership(groupView: groupView, officeView: officeView)
      .grade(of: entry.member) != nil
  }

  /// The control entries of a log that are certain to last; nil where not even its founding is.
  private mutating func settledView(of group: GroupState) -> ViewID? {
    if let known = settledViews[group.id] { return known }
    var parts: [ViewID] = []
    for feed in group.feedList where group.isFoundingStored {
      // Feeds lie in a log as they come, and logs are flushed apart: what lasts may cite what does not.
      let last = feed.lastView(before: feed.storedCount) { isSettled($0) }
      if let last { parts.append(group.isOffice ? last.office : last.group) }
    }
    let view = parts.isEmpty ? nil : views.union(.empty, parts)
    settledViews[group.id] = .some(view)
    return view
  }

  /// Whether nothing in the past of an entry may be taken back that decides rights.
  private func isSettled(_ change: FeedState.ViewChange) -> Bool {
    !unsettled.contains { one in
      let view = one.group.isOffice ? change.office : change.group
      return views.contains(view, one.feed.place, UInt32(one.feed.storedCount))
    }
  }
}
