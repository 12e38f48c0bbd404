package import Format

/// What a node may do with its own feeds after a start (protocol 6).
package struct StartVerdict: Hashable, Sendable {
  /// Why the next own entry of a group opens a new feed.
  package enum Reason: Hashable, Sendable, CaseIterable {
    /// There is no readable lock beside a log with own entries.
    case lockMissing
    /// The data directory is a copy, or was put back from one.
    case copied
    /// The log lacks an own entry that the lock knows.
    case logShorter
    /// The log holds another entry where the lock knows one.
    case otherEntry
    /// A file of the lock could not be read, and it may have known more than the log and the others.
    case lockUnread
    /// Behind the entry that the lock knows the log holds something that cannot be read, and that may
    /// have been more of the feed.
    case logUnread
  }

  /// The data directory was carried to another computer: write nothing, until it is set aside (C-19).
  package let isOtherMachine: Bool
  /// The groups whose own feeds lost their continuity, each with the reason.
  package let newFeeds: [GroupID: Reason]
  /// Own feeds of the log that are never written again: all of those groups, and those that the lock
  /// does not name. Whatever closed a feed took it out of the lock, so that it stays closed.
  package let closedFeeds: Set<FeedID>
  /// The kernel was started since: own appends wait for the first peer's frontier.
  package let asksFirst: Bool

  /// Whether the log still holds the entry of a lock's head.
  package enum Presence: Hashable, Sendable, CaseIterable {
    case held, missing, other
  }

  /// An own feed that the log holds.
  package struct OwnFeed: Hashable, Sendable {
    package let group: GroupID
    package let feed: FeedID

    package init(group: GroupID, feed: FeedID) { (self.group, self.feed) = (group, feed) }
  }

  /// Judges a start; the table of B-store S-18. `own`: the own feeds of the log; `damaged`: groups of
  /// whose log not all could be read; `presence` looks an entry up in the log; `doubted`: heads
  /// of the lock behind which entries of their feed may have been lost.
  package init(
    lock reading: HeadLockReading, now: HeadLock.Surroundings, own: [OwnFeed],
    damaged: Set<GroupID>, doubted: Set<HeadLock.Head>,
    presence: (HeadLock.Head) -> Presence
  ) {
    let ownGroups = own.map(\.group)
    guard let lock = reading.lock else {
      isOtherMachine = false
      newFeeds = Dictionary(ownGroups.map { ($0, .lockMissing) }) { first, _ in first }
      closedFeeds = Set(own.map(\.feed))
      asksFirst = !ownGroups.isEmpty
      return
    }
    let then = lock.surroundings
    let isSameBoot = then.boot == now.boot && !now.boot.isZero
    asksFirst = !isSameBoot
    isOtherMachine = then.isOfAnother(machine: now.machine)
    // The kernel numbers devices anew at each start, so that number means something within one.
    let isCopied = then.inode != now.inode || (isSameBoot && then.device != now.device)
    var newFeeds: [GroupID: Reason] = [:]
    if isCopied {
      for group in ownGroups + lock.heads.map(\.group) { newFeeds[group] = .copied }
    } else {
      for head in lock.heads {
        switch presence(head) {
        // A power cut leaves a lock that knows less than was exposed.
        case .held where doubted.contains(head):
          newFeeds[head.group] = newFeeds[head.group] ?? .logUnread
        case .held: break
        case .missing: newFeeds[head.group] = .logShorter
        case .other: newFeeds[head.group] = .otherEntry
        }
      }
      // What could not be read may have known a later end of a log that lost it. One of those that are
      // flushed may have left out a feed that was closed, too.
      if !reading.isCertain(in: now.boot) {
        for group in ownGroups where !reading.isFlushedWhole || damaged.contains(group) {
          newFeeds[group] = newFeeds[group] ?? .lockUnread
        }
      }
    }
    self.newFeeds = newFeeds
    let open = Set(lock.heads.map(\.feed))
    closedFeeds = Set(
      own.filter { newFeeds[$0.group] != nil || !open.contains($0.feed) }.map(\.feed))
  }
}

extension StoreView {
  /// Whether a log still holds the entry of a lock's head: in the trunk or in any branch.
  package func presence(of head: HeadLock.Head) -> StartVerdict.Presence {
    index(head.group)?.presence(of: head) ?? .missing
  }

  /// Which heads of a lock were followed, or may have been, by entries of their feed that one of these
  /// damages took.
  package func doubted(_ heads: [HeadLock.Head], _ damages: [Damage]) -> Set<HeadLock.Head> {
    Set(
      heads.filter { head in
        damages.contains {
          $0.group == head.group && index(head.group)?.mayHaveLost(after: head, in: $0) ?? false
        }
      })
  }
}

extension LogIndex {
  /// Whether the log holds the entry of a lock's head: in the trunk or in any branch.
  func presence(of head: HeadLock.Head) -> StartVerdict.Presence {
    let found = places.filter { $0.feed == head.feed }
      .compactMap { self[$0]?.prefix(head.seq) }
    if found.contains(head.id.prefix) { return .held }
    return found.isEmpty ? .missing : .other
  }

  /// Whether a damage may have taken what followed a head that is held: such entries are known to have
  /// stood there, or nothing is known of it and it lies behind the head, as all does that was written
  /// later.
  fileprivate func mayHaveLost(after head: HeadLock.Head, in damage: Damage) -> Bool {
    guard damage.mayHaveHeldEntries else { return false }
    if let lost = damage.lost { return lost.place.feed == head.feed && lost.last > head.seq }
    return places.contains { place in
      guard place.feed == head.feed, let chain = self[place],
        chain.prefix(head.seq) == head.id.prefix
      else { return false }
      let held = chain.pieces[chain.piece(holding: head.seq)].place
      return (held.segment, UInt64(held.offset)) < (damage.segment, damage.offset)
    }
  }
}
