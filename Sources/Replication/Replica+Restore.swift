package import Authority
package import Format

extension Replica {
  /// Takes in a record group that the store held at start, in the order in which it was stored.
  package mutating func restore(_ batch: Batch, arrivalMilliseconds: UInt64) {
    precondition(isRestoring, "entries were restored after the start")
    let place = FeedPlace(feed: batch.feed, branch: batch.branch)
    let group: GroupState
    let feed: FeedState
    // Mostly a record group goes on where the one before it ended.
    if let last = restoring, last.place == place, last.ref.group.id == batch.group {
      (group, feed) = (last.ref.group, last.ref.feed)
    } else {
      group = groupOrNew(batch.group)
      let known = group.branch(place)
      guard known?.end == nil,
        let found = known?.feed
          ?? (place.branch.isZero ? addFeed(of: batch, to: group) : restoreStrand(batch, group))
      else { return }
      feed = found
      restoring = (FeedRef(group: group, feed: feed), place)
    }
    guard Int(batch.first) <= feed.count, Int(batch.last.seq) >= feed.count else { return }
    extend(feed, by: batch)
    becomesStored(batch, feed, group, arrivalMilliseconds)
    // Where a feed parts its branches have other names from now on.
    if feed.parent != nil { restoring = nil }
  }

  /// The store has been read: from here on things are told and own entries may be written.
  package mutating func finishRestoring() {
    isRestoring = false
    restoring = nil
    // Feeds whose past came later than they did.
    for (_, group) in groups.sorted(by: { $0.key < $1.key }) {
      for feed in group.feedList where feed.ended == nil && feed.admittedCount < feed.storedCount {
        admitFrom(feed, in: group)
      }
      for feed in group.forked.keys.sorted() { oweSuspension(feed, group) }
    }
    runTimers()
  }

  /// Tells nobody of the entries of a branch from `seq` on, which may lie in the system's memory alone
  /// (S-16): they are shown here, and neither announced nor served, until the store is read anew.
  package mutating func holdBack(_ id: GroupID, _ place: FeedPlace, from seq: UInt32) {
    guard let group = groups[id], let feed = group.branch(place)?.feed else { return }
    feed.storedCount = min(feed.storedCount, max(Int(feed.start), Int(seq)))
    unsettled.append(FeedRef(group: group, feed: feed))
    settledViews = [:]
    group.headsChanged()
  }

  /// Those of some entries that count here and are told to nobody so long.
  package func heldBack(among entries: [ControlReference], in id: GroupID) -> [ControlReference] {
    guard let group = groups[id] else { return [] }
    return entries.filter { entry in
      group.feeds[entry.place].map { Int(entry.seq) >= $0.storedCount } ?? false
    }
  }

  /// Closes own feeds that the head lock does not let go on, after the start and before anything is
  /// written (protocol 6).
  package func closeOwnFeeds(_ closed: Set<FeedID>) {
    for group in groups.values {
      for feed in group.feedList where feed.isOwn && closed.contains(feed.place.feed) {
        feed.isClosed = true
      }
    }
  }

  /// Takes over what no log says when the logs are read anew: own feeds that it closed stay closed, whom
  /// it believed once it believes no second time, and what others hold is known.
  package mutating func inherit(_ old: borrowing Replica) {
    var closed: Set<FeedID> = []
    for (id, known) in old.groups {
      for feed in known.feedList where feed.isOwn && feed.isClosed {
        closed.insert(feed.place.feed)
      }
      groups[id]?.claimants.formUnion(known.claimants)
    }
    closeOwnFeeds(closed)
    var delivered: [(group: GroupID, device: DeviceKey, place: FeedPlace, seq: UInt32)] = []
    old.deliveredItems { delivered.append(($0, $1, $2, $3)) }
    for item in delivered {
      rememberDelivered(item.group, item.place, item.seq, to: item.device)
    }
  }

  /// What others are known to hold, as it was remembered before this start.
  package mutating func rememberDelivered(
    _ group: GroupID, _ place: FeedPlace, _ seq: UInt32, to device: DeviceKey
  ) {
    _ = groups[group]?.noteDelivered(place, seq, to: device)
  }

  /// The own heads, for the head lock: each feed that is written, with its last entry.
  package var ownHeads: [(group: GroupID, feed: FeedID, seq: UInt32, id: EntryID)] {
    groups.keys.sorted().flatMap { id in
      (groups[id]?.feedList ?? []).filter { $0.isOwn && !$0.isClosed && $0.count > 0 }
        .map { (id, $0.place.feed, $0.head.seq, $0.head.id) }
    }
  }
}
