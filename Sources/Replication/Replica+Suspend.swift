import Authority
package import Format

/// A fork of which the office is to be told: the places of two entries with one seq.
package struct SuspensionDue: Hashable, Sendable {
  package let group: GroupID
  package let feed: FeedID
  package let seq: UInt32
  package let sides: [FeedPlace]
}

extension Replica {
  /// Whether an own feed is forked: this device was copied, or put back from a backup, and wrote on
  /// both times. It writes no more.
  package var isForked: Bool { hasFork(of: secrets.device) }

  /// Whether two entries of a device at one place are held here.
  package func hasFork(of device: DeviceKey) -> Bool {
    groups.values.contains { group in
      group.forked.contains { feed, strands in
        strands.first?.device == device && group.firstParting(of: feed) != nil
      }
    }
  }

  /// A fork was found: this node tells the office of it (A-7, `suspend`), unless another one does.
  ///
  /// Each node waits longer the more linked devices have a smaller key, so that in practice one
  /// operation is written; more do no harm.
  mutating func oweSuspension(_ feed: FeedID, _ group: GroupState) {
    guard !isRestoring, let device = group.strands(of: feed).first?.device,
      device != secrets.device
    else { return }
    let before = links.values.compactMap(\.device)
      .filter { $0 < secrets.device && $0 != device && !hasFork(of: $0) }
    let wait = Duration.seconds(Limits.suspendStepSeconds) * Set(before).count
    suspendAt[feed] = (group.id, now + wait)
  }

  /// Tells of the forks whose time has come and that the office does not know of yet.
  mutating func tellDueSuspensions() {
    var told: Set<DeviceKey> = []
    for feed in suspendAt.keys.sorted() {
      guard let (id, at) = suspendAt[feed], at <= now else { continue }
      let roster = rosterNow()
      guard let group = groups[id], let first = group.strands(of: feed).first,
        let seq = group.firstParting(of: feed),
        let other = group.strands(of: feed).filter({ $0.start == seq && $0.parent === first })
          .min(by: { $0.place < $1.place }),
        let device = roster.device(first.device), device.isLive, !device.isSuspended
      else {
        suspendAt[feed] = nil
        continue
      }
      // Until it is there it is told again: writing may have failed.
      suspendAt[feed] = (id, now + .seconds(Limits.suspendAgainSeconds))
      guard roster.isLive(secrets.device), !isForked, told.insert(first.device).inserted else {
        continue
      }
      tell(
        .suspensionDue(
          SuspensionDue(
            group: id, feed: feed, seq: seq, sides: [first.place(of: seq), other.place])))
    }
  }

  /// Asks a peer for how an own feed was forked, where a suspension of this device says that it was and one
  /// of the two entries is not here: in a group that its member is not in any more nobody says it.
  mutating func askOwnForks(on link: LinkID) {
    let suspensions = rosterNow().suspensions
    guard !suspensions.isEmpty else { return }
    // Anybody may write suspensions of any feed: each is looked up, and nothing is gone through for it.
    var own: [FeedID: GroupState] = [:]
    for group in groups.values {
      for feed in group.feedList where feed.isOwn { own[feed.place.feed] = group }
    }
    for suspension in suspensions {
      guard let group = own[suspension.feed], let other = unseenSide(of: suspension, in: group),
        links[link]?.wanted[group.id]?[other] == nil,
        links[link]?.beginAsking(suspension.entry.id) ?? false
      else { continue }
      links[link]?.want(group.id, other, from: suspension.seq, now: now)
      let want = Message.Want(feed: other.feed, branch: other.branch, from: suspension.seq)
      wish(.send(link, .want(group.id, [want])))
    }
  }

  /// The branch of an own feed that one of two entries begins, where the other one is here alone.
  private func unseenSide(
    of suspension: RosterSuspension, in group: GroupState
  ) -> FeedPlace? {
    guard !group.isForked(suspension.feed),
      let feed = group.feeds[FeedPlace(feed: suspension.feed)],
      suspension.seq > 0, Int(suspension.seq) < feed.count
    else { return nil }
    let held = feed.prefix(suspension.seq)
    guard let other = [suspension.first, suspension.second].first(where: { $0.prefix != held }),
      held == suspension.first.prefix || held == suspension.second.prefix
    else { return nil }
    return FeedPlace(feed: suspension.feed, branch: BranchID(other.prefix))
  }

  /// Whether a branch is a side of a fork that the device of a link made itself: it may have it, whatever
  /// groups it is in, for it learns by nothing else that it was copied.
  func isOwnFork(_ branch: Branch, _ group: GroupState, of link: LinkID) -> Bool {
    group.isForked(branch.feed.place.feed) && branch.from > 0
      && branch.feed.device == links[link]?.device
  }
}
