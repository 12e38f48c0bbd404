package import Format

/// What the cuts of removals say about one entry of a feed.
package enum CutVerdict: Hashable, Sendable {
  case counts
  /// It lies beyond a cut of this removal.
  case void(by: ControlReference)
  /// Its device's certificate has itself no effect.
  case uncertified
  /// Its device was removed by these, which do not list its feed and are not in its past. It counts
  /// iff, for each of them, it is in the past of a witness in its group, or there is none yet.
  case unlisted([ControlReference])
}

extension OfficeAuthority {
  /// What the removals and lowerings of a roster say about a message or an epoch, whose certificate
  /// is the one its feed names, with its own past in the office log.
  package func verdict(
    of entry: EntryID, feed: FeedID, seq: UInt32, certificate: EntryID, officeView: ViewID,
    roster: Roster
  ) -> CutVerdict {
    guard let removals = roster.concerns(certificate) else { return .uncertified }
    var unlisted: [ControlReference] = []
    for removal in removals
    where !views.contains(officeView, removal.entry.place, removal.entry.seq) {
      if let cut = OfficeIndex.cut(in: removal.cuts, of: feed) {
        if index.leavesOut(cut, entry, seq: seq) { return .void(by: removal.entry) }
      } else if !removal.isLowering {
        unlisted.append(removal.entry)
      }
    }
    return unlisted.isEmpty ? .counts : .unlisted(unlisted)
  }
}

extension GroupAuthority {
  /// What all removals, from the office and from this group, say about a message or an epoch here.
  package func verdict(
    of entry: EntryID, feed: FeedID, seq: UInt32, certificate: EntryID, groupView: ViewID,
    officeView: ViewID, roster: Roster, membership: GroupMembership
  ) -> CutVerdict {
    let verdict = office.verdict(
      of: entry, feed: feed, seq: seq, certificate: certificate, officeView: officeView,
      roster: roster)
    guard let member = roster.device(certificate: certificate)?.member else { return verdict }
    var unlisted: [ControlReference] = []
    switch verdict {
    case .void, .uncertified: return verdict
    case .unlisted(let known): unlisted = known
    case .counts: break
    }
    for removal in membership.removals
    where removal.member == member
      && !office.views.contains(groupView, removal.entry.place, removal.entry.seq)
    {
      guard let cut = OfficeIndex.cut(in: removal.cuts, of: feed) else {
        unlisted.append(removal.entry)
        continue
      }
      if office.index.leavesOut(cut, entry, seq: seq) { return .void(by: removal.entry) }
    }
    return unlisted.isEmpty ? .counts : .unlisted(unlisted)
  }
}
