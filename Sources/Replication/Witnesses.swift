import Authority
import Format

/// What those who stayed had seen of a group's log when they heard of one removal.
///
/// It is kept for each removal and grows with the log: it is asked for each message of whoever was
/// removed, and to find it anew each time made the answers take minutes.
struct Witnesses {
  /// All that is in the past of a witness.
  private(set) var seen = Reach()
  /// Whether there is none yet.
  private(set) var isEmpty = true
  /// By the index of a feed: whether its first entry that has the removal in its past was found.
  private var isSettled: [Bool] = []
  private var changeCount = -1

  /// Looks at the feeds whose pasts changed since the last time.
  ///
  /// - Parameter isWitness: whether the first entry of a feed that has the removal in its past, the one
  ///   at which its past becomes this, may be a witness; alike in all calls.
  mutating func update(
    _ group: GroupState, _ removal: ControlReference, _ views: ViewTable,
    isWitness: (FeedState, FeedState.ViewChange) -> Bool
  ) {
    guard changeCount != group.changeCount else { return }
    changeCount = group.changeCount
    func knows(_ view: FeedState.ViewChange) -> Bool {
      views.contains(view.office, removal.place, removal.seq)
        || views.contains(view.group, removal.place, removal.seq)
    }
    for feed in group.feedList {
      if feed.index >= isSettled.count { isSettled.append(false) }
      guard !isSettled[Int(feed.index)], let last = feed.lastView, knows(last) else { continue }
      isSettled[Int(feed.index)] = true
      // A strand goes on with what stands before it: if that knows, the first that does is not here.
      if let parent = feed.parent, let before = parent.view(at: feed.start - 1), knows(before) {
        continue
      }
      guard let first = feed.firstView(where: knows), isWitness(feed, first) else { continue }
      isEmpty = false
      seen.add(feed, upTo: first.seq, in: group)
    }
  }
}

extension Replica {
  /// Whether an entry is in the past of a witness of a removal; nil while there is none.
  mutating func isSeen(
    before removal: ControlReference, _ feed: FeedState, _ seq: UInt32, _ group: GroupState
  ) -> Bool? {
    forgetWitnesses(group)
    let roster = rosterNow()
    group.witnesses[removal.id, default: Witnesses()].update(group, removal, views) {
      other, first in
      !authority.certifies(other.certificate, after: removal)
        && roster.isSaid(
          other.prefix(first.seq), first.seq, in: other.place.feed,
          certificate: other.certificate)
    }
    guard let witnesses = group.witnesses[removal.id], !witnesses.isEmpty else { return nil }
    return witnesses.seen.holds(feed, seq)
  }

  /// What removes an author, or does so no more, changes who is a witness.
  private mutating func forgetWitnesses(_ group: GroupState) {
    let roster = rosterNow()
    let isNew = group.removalsView != roster.view
    guard isNew || group.removals.count < group.feedList.count else { return }
    let known = isNew ? 0 : group.removals.count
    let removals = group.feedList[known...].map { feed in
      roster.device(certificate: feed.certificate).map { roster.removals(of: $0).map(\.entry) }
    }
    if isNew {
      if !removals.starts(with: group.removals) { group.witnesses = [:] }
      (group.removals, group.removalsView) = (removals, roster.view)
    } else {
      group.removals += removals
    }
  }
}
