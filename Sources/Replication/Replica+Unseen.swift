import Authority
package import Format

/// What people have not seen of a group: marks count messages in the order in which they came, so one
/// that comes late, and stands above what was seen, is not taken for seen.
extension Replica {
  /// How many messages of a group, in the order of arrival from a place on, are there for a member to
  /// see: others wrote them, not for others alone, and not beyond a cut.
  package mutating func unseenCount(_ id: GroupID, from index: Int, by member: MemberID) -> Int {
    guard let group = groups[id], index < group.messageCount else { return 0 }
    let seeing = seeing(group, member)
    var count = 0
    var runs = group.closedRuns[...]
    for index in max(0, index)..<group.messageCount {
      while let run = runs.first, run.upperBound <= index { runs.removeFirst() }
      if runs.first?.contains(index) ?? false { continue }
      if isNews(group.arrivals[index], seeing, group) { count += 1 }
    }
    return count
  }

  /// The first message of a group, in the order of arrival from a place on, that a member has still to
  /// see after it was shown all from one message to another, as they stand in the display: all before
  /// it was shown, or is there for nobody here to see. Without a first one it is all that stands before.
  /// The two may stand in other groups, for all share one order (`newest`).
  package mutating func firstUnseen(
    _ id: GroupID, from index: Int, by member: MemberID, shown first: ReadingPlace?,
    upTo last: ReadingPlace
  ) -> Int {
    guard let group = groups[id], let end = standing(last) else { return index }
    let start = first.flatMap { standing($0) }
    let seeing = seeing(group, member)
    for index in max(0, index)..<max(0, index, group.messageCount) {
      let row = group.arrivals[index]
      guard !group.isClosed(index), isNews(row, seeing, group) else { continue }
      let at = Standing(id, mark(row, group))
      guard at <= end, start.map({ $0 <= at }) ?? true else { return index }
    }
    return group.messageCount
  }

  /// Whose messages are news, and which of these may be void.
  private struct Seeing {
    /// By the index of a feed.
    let others: [Bool]
    let suspects: VoidSuspects?
  }

  private mutating func seeing(_ group: GroupState, _ member: MemberID) -> Seeing {
    let roster = rosterNow()
    return Seeing(
      others: group.feedList.map { roster.device($0.device)?.member != member },
      suspects: voidSuspects(group, of: nil))
  }

  private mutating func isNews(
    _ row: Timeline.Row, _ seeing: Seeing, _ group: GroupState
  ) -> Bool {
    guard seeing.others[Int(row.feed)] else { return false }
    guard let suspects = seeing.suspects else { return true }
    return !isVoid(row, suspects, group)
  }

  /// Where a message stands in the display of all groups.
  private struct Standing: Comparable {
    let effective: UInt64
    let group: GroupID
    let lamport: UInt32
    let prefix: Bytes16

    init(_ group: GroupID, _ mark: FeedState.Mark) {
      self.group = group
      (effective, lamport, prefix) = (mark.effective, mark.lamport, mark.prefix)
    }

    static func < (a: Self, b: Self) -> Bool {
      (a.effective, a.group, a.lamport, a.prefix) < (b.effective, b.group, b.lamport, b.prefix)
    }
  }

  /// Nil for what is not here any more.
  private func standing(_ place: ReadingPlace) -> Standing? {
    guard let feed = groups[place.group]?.branch(place.entry.place)?.feed,
      place.entry.seq >= feed.start, Int(place.entry.seq) < feed.admittedCount
    else { return nil }
    return Standing(place.group, feed.mark(place.entry.seq))
  }
}

extension Replica {
  /// The last message of a group, as they stand in the display, that is shown to a member: it lies not
  /// beyond a cut, or the member wrote it. Nil where there is none.
  package mutating func newestShown(_ id: GroupID, to member: MemberID) -> MessagePlace? {
    guard let group = groups[id] else { return nil }
    let rows = ordered(group)
    guard let suspects = voidSuspects(group, of: nil) else {
      return rows.last.map { place($0, group) }
    }
    let roster = rosterNow()
    for row in rows.reversed() {
      let isOwn = roster.device(group.feedList[Int(row.feed)].device)?.member == member
      if isOwn || !isVoid(row, suspects, group) { return place(row, group) }
    }
    return nil
  }
}
