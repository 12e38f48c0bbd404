import Authority
package import Format

/// The first word of a feed after somebody was removed: it vouches for all that it has in its past, and
/// its silence tells against what it has not.
extension Replica {
  /// Whether an own entry of a group would be that of its feed, while a linked device has not said yet
  /// what it holds of the group, or what was asked of one is to come: whoever was off would put out whom
  /// all others know. What came is cited once it is stored, so it is to come until then.
  ///
  /// Who has no link waits for nobody.
  package mutating func isAboutToVouch(_ id: GroupID) -> Bool {
    guard let group = groups[id], !group.isOffice, let authority = group.authority else {
      return false
    }
    let feed = ownFeed(group)
    let composing = group.composing.flatMap { $0.feed === feed ? $0.view : nil }
    let before = composing ?? feed?.lastView
    guard
      authority.hears(
        groupView: group.view, officeView: officeLog.view, beforeGroup: before?.group ?? .empty,
        beforeOffice: before?.office ?? .empty)
    else { return false }
    if group.hasUnstored { return true }
    return links.values.contains { link in
      guard link.wanted[id] == nil else { return true }
      return !link.compared.contains(id)
        && link.device.map { mayHold($0, group) } ?? false
    }
  }
}
