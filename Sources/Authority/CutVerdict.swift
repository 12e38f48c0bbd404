package import Format

/// What the cuts of removals say about one entry of a feed.
package enum CutVerdict: Hashable, Sendable {
  case counts
  /// It lies beyond a cut of this removal, and nobody vouches for it.
  case void(by: ControlReference)
  /// Its device's certificate has itself no effect.
  case uncertified
  /// Those who stayed say whether it counts.
  case hangs(Doubts)

  /// The removals of its device that are not in an entry's past: it counts iff all let it.
  package struct Doubts: Hashable, Sendable {
    /// It lies beyond a cut of these, and must be in the past of a witness of each in its group.
    package var beyond: [ControlReference] = []
    /// These do not list its feed: it must be in the past of a witness of each, or there is none yet.
    package var unlisted: [ControlReference] = []

    var verdict: CutVerdict { beyond.isEmpty && unlisted.isEmpty ? .counts : .hangs(self) }
  }
}

extension OfficeAuthority {
  /// What the removals and lowerings of a roster say about a message or an epoch, whose certificate
  /// is the one its feed names, with its own past in the office log.
  package func verdict(
    of entry: EntryID, feed: FeedID, seq: UInt32, certificate: EntryID, officeView: ViewID,
    roster: Roster
  ) -> CutVerdict {
    guard let removals = roster.concerns(certificate) else { return .uncertified }
    let member = roster.device(certificate: certificate)?.member
    var doubts = CutVerdict.Doubts()
    for removal in removals
    where !views.contains(officeView, removal.entry.place, removal.entry.seq) {
      guard let cut = OfficeIndex.cut(in: removal.cuts, of: feed) else {
        if !removal.isLowering { doubts.unlisted.append(removal.entry) }
        continue
      }
      guard index.leavesOut(cut, entry, seq: seq) else { continue }
      // Whoever removes a computer of their own may have lost it to a thief.
      var isOwn = false
      if case .device = removal.target { isOwn = removal.author == member }
      guard !isOwn, index.isUnforked(feed) else { return .void(by: removal.entry) }
      doubts.beyond.append(removal.entry)
    }
    return doubts.verdict
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
    var doubts: CutVerdict.Doubts
    switch verdict {
    case .void, .uncertified: return verdict
    case .hangs(let known): doubts = known
    case .counts: doubts = CutVerdict.Doubts()
    }
    for removal in membership.removals
    where removal.member == member
      && !office.views.contains(groupView, removal.entry.place, removal.entry.seq)
    {
      guard let cut = OfficeIndex.cut(in: removal.cuts, of: feed) else {
        doubts.unlisted.append(removal.entry)
        continue
      }
      guard office.index.leavesOut(cut, entry, seq: seq) else { continue }
      guard office.index.isUnforked(feed) else { return .void(by: removal.entry) }
      doubts.beyond.append(removal.entry)
    }
    return doubts.verdict
  }
}
