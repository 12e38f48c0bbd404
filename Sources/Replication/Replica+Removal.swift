package import Authority
package import Format

/// Entries of one group that show a device that its member was removed from it.
package struct RemovalProof: Hashable, Sendable {
  /// The entry that removed it.
  package let removal: EntryID
  /// The last entry that is sent of this feed.
  package let through: UInt32
  /// Whether the device asked for it. Of a branch that is new to it nothing is taken before that.
  package let isAsked: Bool
}

/// How a member comes to be in a group no more.
package struct GroupDeparture: Hashable, Sendable {
  /// Who wrote the removal: the member itself where it left; or else who added it.
  package let author: MemberID
  /// Milliseconds since 1970 at which the removal stands in the display; or else the later one of the
  /// addition and of what let it fall.
  package let effectiveMilliseconds: UInt64
  /// Whether the member itself was removed or left; if not, an addition of it lost its effect.
  package let isRemoval: Bool
}

/// Whose an entry is.
package struct EntryOrigin: Hashable, Sendable {
  package let author: MemberID
  /// Milliseconds since 1970 at which it stands in the display.
  package let effectiveMilliseconds: UInt64
}

extension Replica {
  /// Shows the device of a link which groups its member was removed from, or is not in because its
  /// addition lost its effect: else it would go on writing there, and nobody would get it.
  mutating func showRemovals(on link: LinkID) {
    guard let key = links[link]?.device, let device = rosterNow().device(key), device.isLive,
      !device.isKeeper
    else { return }
    for (id, group) in groups.sorted(by: { $0.key < $1.key }) where id != office {
      showRemoval(
        from: group, to: device, on: link, held: group.delivered[key] ?? [:], isToldNow: false)
    }
  }

  /// Where the device of a link said that it holds more of a group of which it is shown why its member is
  /// not in it: shows the next thing once it holds that.
  mutating func showNext(of group: GroupState, on link: LinkID) {
    guard let key = links[link]?.device, links[link]?.proofs[group.id] != nil,
      let device = rosterNow().device(key), device.isLive
    else { return }
    showRemoval(
      from: group, to: device, on: link, held: group.delivered[key] ?? [:], isToldNow: false)
  }

  /// `held`: what the device holds of the group; `isToldNow`: it said so on this link; `others`: what
  /// ended that those were in the group whose entries it has and which are not taken from it.
  private mutating func showRemoval(
    from group: GroupState, to device: RosterDevice, on link: LinkID,
    held: [FeedPlace: UInt32], isToldNow: Bool, others: [GroupEnding] = []
  ) {
    // Who holds nothing of the group does not know that it was in it.
    guard !held.isEmpty, let membership = membershipNow(group.id),
      membership.grade(of: device.member) == nil
    else { return }
    if let showing = links[link]?.proofs[group.id] {
      if showing.isTaken(by: held, isToldNow: isToldNow) {
        links[link]?.noteKnown(showing.removal, in: group.id)
      } else if showing.hasParted {
        guard isToldNow else {
          if links[link]?.asksOfParted(group.id, at: now) ?? false {
            askWhatIsHeld(group, on: link)
          }
          return
        }
        links[link]?.noteArrived(showing, of: group.id)
      } else if isToldNow || !showing.isDoubted, showing.hasArrived(held) {
        links[link]?.noteArrived(showing, of: group.id)
      } else if links[link]?.goesOn(showing, of: group.id, held) ?? false {
        return showMore(showing, of: group, held, on: link)
      }
    }
    let own = endings(of: device.member, in: group)
    var last: EntryID?
    for (index, ending) in (own + others).enumerated() where mayKnow(ending, group, held) {
      let shown = ending.shown
      last = shown.id
      // Asked before any past is walked through: a peer may say over and over what it holds.
      switch links[link]?.standing(of: shown.id, in: group.id, isToldNow: isToldNow) {
      case .knows: continue
      case .open: break
      case .shown, nil: return
      }
      guard
        let (missing, showing) = lackingProof(
          shown, of: group, held, device.key, isToldNow: isToldNow, isOwn: index < own.count)
      else {
        // Its own word holds for as long as this link.
        if isToldNow { links[link]?.noteKnown(shown.id, in: group.id) }
        continue
      }
      links[link]?.beginProof(showing, of: group.id)
      for serving in missing { links[link]?.serve(serving) }
      return
    }
    guard !isToldNow, let last, links[link]?.beginDoubt(last) ?? false else { return }
    // It is said to know; but it may have been put back since, or another copy of it have said so.
    askWhatIsHeld(group, on: link)
  }

  /// Sends of what a device is shown what follows on what it holds.
  private mutating func showMore(
    _ showing: LinkState.Showing, of group: GroupState, _ held: [FeedPlace: UInt32],
    on link: LinkID
  ) {
    links[link]?.goOn(with: group.id)
    for (place, last) in showing.lacks.sorted(by: { $0.key < $1.key }) {
      guard let feed = group.branch(place)?.feed else { continue }
      var from = feed.start
      if let known = held[place] {
        guard known < last else { continue }
        from = max(from, known + 1)
      }
      links[link]?.serve(
        Serving(
          group: group.id, place: feed.place(of: from), from: from,
          proof: RemovalProof(removal: showing.removal, through: last, isAsked: false)))
    }
  }

  /// What ended that a member was in a group.
  private mutating func endings(of member: MemberID, in group: GroupState) -> [GroupEnding] {
    guard let authority = group.authority, let membership = membershipNow(group.id) else {
      return []
    }
    return group.ends(in: membership).endings(of: member) {
      authority.endings(of: member, groupView: group.view, officeView: officeLog.view)
    }
  }

  /// Whether a device can believe what an ending takes from it: of an addition that it is not known to
  /// hold it knows nothing.
  private func mayKnow(
    _ ending: GroupEnding, _ group: GroupState, _ held: [FeedPlace: UInt32]
  ) -> Bool {
    guard let loss = ending.loss else { return true }
    return loss.firsts.contains { addition in
      guard group.feeds[addition.place] != nil, !group.isForked(addition.place.feed) else {
        return true
      }
      return held[addition.place].map { $0 >= addition.seq } ?? false
    }
  }

  /// What a device lacks of a removal and of what that has in its past; nil where that is nothing.
  private func lackingProof(
    _ removal: ControlReference, of group: GroupState, _ held: [FeedPlace: UInt32],
    _ device: DeviceKey, isToldNow: Bool, isOwn: Bool
  ) -> (missing: [Serving], showing: LinkState.Showing)? {
    let knows = held[removal.place].map { $0 >= removal.seq } ?? false
    // By what others say of it, a device that knows of its removal knows all that led to it.
    guard isToldNow || !knows, let feed = group.branch(removal.place)?.feed else { return nil }
    var missing: [Serving] = []
    var count = 0
    var (ends, lacks): ([FeedPlace: UInt32], [FeedPlace: UInt32]) = ([:], [:])
    let past = group.reach(from: feed, upTo: removal.seq)
    for other in group.feedList where past.end(of: other) > other.start {
      let last = past.end(of: other) - 1
      ends[other.place] = last
      // What it wrote itself it lacks only where it says so: its disk may have lost that it left.
      guard isToldNow || other.device != device else { continue }
      var from = other.start
      if let known = held[other.place], known < .max { from = max(from, known + 1) }
      guard from <= last else { continue }
      lacks[other.place] = last
      count += Int(last - from) + 1
      missing.append(
        Serving(
          group: group.id, place: other.place(of: from), from: from,
          proof: RemovalProof(removal: removal.id, through: last, isAsked: false)))
    }
    guard !missing.isEmpty else { return nil }
    let isDoubted = lacks.allSatisfy { place, seq in
      group.delivered[device]?[place].map { $0 >= seq } ?? false
    }
    return (
      missing,
      LinkState.Showing(
        removal: removal.id, ends: ends, lacks: lacks, isDoubted: isDoubted,
        moreTimes: isOwn ? (count - 1) / Limits.proofBatchesMax : 0)
    )
  }

  /// Notes what a device says that it holds of a group to which it has no right any more, so that
  /// what it was shown is not shown again; gives what of it is held here.
  mutating func noteHeld(
    _ items: [FrontierItem], of group: GroupState, on link: LinkID
  ) -> [FeedPlace: UInt32] {
    for item in items where strand(of: item, in: group) != nil {
      note(link, group, item.place, item.seq)
    }
    return held(items, of: group)
  }

  /// What of what is here of a group a device holds that says this.
  func held(_ items: [FrontierItem], of group: GroupState) -> [FeedPlace: UInt32] {
    var held: [FeedPlace: UInt32] = [:]
    for item in items {
      if let feed = strand(of: item, in: group) {
        // Of a strand that parts it names each stretch; whoever holds one holds what leads to it.
        held[feed.place] = max(held[feed.place] ?? 0, item.seq)
      } else if let feed = group.branch(item.place)?.feed, Int(item.seq) >= feed.count,
        !group.isForked(item.feed)
      {
        // As far as is known here it goes on with what is here.
        held[item.place] = UInt32(feed.count) - 1
      }
    }
    return held
  }

  /// The strand here that holds the entry which a device names.
  private func strand(of item: FrontierItem, in group: GroupState) -> FeedState? {
    guard let feed = group.branch(item.place)?.feed, item.seq >= feed.start,
      Int(item.seq) < feed.count, feed.prefix(item.seq) == item.prefix
    else { return nil }
    return feed
  }

  /// Takes in all that a device says that it holds of a group to which it has no right any more.
  mutating func receive(foreign items: [FrontierItem], of group: GroupState, on link: LinkID) {
    let held = noteHeld(items, of: group, on: link)
    guard let key = links[link]?.device, let device = rosterNow().device(key), device.isLive,
      !device.isKeeper, group.authority != nil
    else { return }
    let (taken, leftOut) = sift(items, of: group, on: link)
    let others = leftOut.compactMap { ending(of: $0.author, in: group, feed: $0.feed) }
    showRemoval(
      from: group, to: device, on: link, held: held, isToldNow: true, others: others)
    askOutsider(for: taken, of: group, on: link)
  }

  /// Shows the device of a link what ended that somebody was in a group whose feed it brought, and which
  /// is not taken from it: it may have been added there.
  mutating func showRemoval(of author: DeviceKey, from group: GroupState, on link: LinkID) {
    let roster = rosterNow()
    guard let adder = roster.device(author)?.member, let key = links[link]?.device,
      let device = roster.device(key), device.isLive, !device.isKeeper,
      let ending = ending(of: adder, in: group, feed: nil)
    else { return }
    showRemoval(
      from: group, to: device, on: link, held: group.delivered[key] ?? [:], isToldNow: false,
      others: [ending])
  }

  /// What ended that the author of a feed was in a group, as far as that bears on what it wrote behind
  /// what is here: the first thing that it did not know of there.
  private mutating func ending(
    of author: MemberID, in group: GroupState, feed: FeedID?
  ) -> GroupEnding? {
    let strand = feed.flatMap { group.feeds[FeedPlace(feed: $0)] }
    let seen = strand?.lastView?.group ?? .empty
    return endings(of: author, in: group).first {
      !views.contains(seen, $0.entry.place, $0.entry.seq)
    }
  }

  /// How a member comes to be in a listed group no more, or not in spite of an addition; nil for who is in it
  /// or never was, and of groups of other kinds, from which nobody is removed.
  package mutating func departure(of member: MemberID, from id: GroupID) -> GroupDeparture? {
    guard let group = groups[id], membershipNow(id)?.grade(of: member) == nil,
      let ending = endings(of: member, in: group).last, let end = origin(of: ending.entry, in: id)
    else { return nil }
    guard let loss = ending.loss else {
      return GroupDeparture(
        author: end.author, effectiveMilliseconds: end.effectiveMilliseconds, isRemoval: true)
    }
    let isHere = group.feeds[loss.last.place] != nil
    let added = origin(of: loss.last, in: isHere ? id : office)?.effectiveMilliseconds
    return GroupDeparture(
      author: loss.adder,
      effectiveMilliseconds: max(end.effectiveMilliseconds, added ?? 0), isRemoval: false)
  }

  /// When a member that is not in a group was last removed from it or left, in milliseconds since 1970,
  /// whatever addition lost its effect since; nil where nothing here says so.
  package mutating func lastRemoval(of member: MemberID, from id: GroupID) -> UInt64? {
    guard let group = groups[id], membershipNow(id)?.grade(of: member) == nil,
      let removal = endings(of: member, in: group).last(where: { $0.loss == nil })
    else { return nil }
    return origin(of: removal.entry, in: id)?.effectiveMilliseconds
  }

  /// Who wrote an entry of the office log, or of a group, and when; nil where that is not known here.
  package mutating func origin(
    of entry: ControlReference, in id: GroupID? = nil
  ) -> EntryOrigin? {
    guard let feed = groups[id ?? office]?.branch(entry.place)?.feed, entry.seq >= feed.start,
      Int(entry.seq) < feed.admittedCount,
      let author = rosterNow().device(certificate: feed.certificate)?.member
    else { return nil }
    return EntryOrigin(author: author, effectiveMilliseconds: feed.mark(entry.seq).effective)
  }

  /// How many messages of this device's member in a group no live device of anybody else is known to
  /// hold.
  package mutating func unheardCount(in id: GroupID) -> Int {
    guard let group = groups[id] else { return 0 }
    let roster = rosterNow()
    let heads = group.delivered.filter { key, _ in
      roster.device(key).map { $0.isLive && $0.member != member } ?? false
    }.values
    let isOwn = group.feedList.map { roster.device(certificate: $0.certificate)?.member == member }
    return group.arrivals.count { row in
      let feed = group.feedList[Int(row.feed)]
      return isOwn[Int(row.feed)]
        && !heads.contains { $0[feed.place].map { $0 >= row.seq } ?? false }
    }
  }

  /// Whether this device could ever read in a group.
  package func holdsKey(of id: GroupID) -> Bool { !(groups[id]?.secrets.isEmpty ?? true) }

  /// How many messages of a group lie beyond a cut, all of them and those of one member.
  package mutating func voidCount(in id: GroupID, of member: MemberID?) -> Int {
    guard let group = groups[id], let suspects = voidSuspects(group, of: member) else { return 0 }
    var count = 0
    for row in group.arrivals where isVoid(row, suspects, group) { count += 1 }
    return count
  }

  /// Whose messages of a group may lie beyond a cut.
  struct VoidSuspects {
    /// By the index of a feed.
    let feeds: [Bool]
    /// Only of an entry that a cut names does its whole ID count, and the cut names that.
    let named: [Bytes16: EntryID]
  }

  /// Nil where nothing can be void: nobody was removed, or not this member.
  mutating func voidSuspects(_ group: GroupState, of member: MemberID?) -> VoidSuspects? {
    guard let membership = membershipNow(group.id) else { return nil }
    let roster = rosterNow()
    // Only of who was removed once something can be void.
    var removed = Set(membership.removals.map(\.member))
    for removal in roster.removals {
      switch removal.target {
      case .member(let member): removed.insert(member)
      case .device(let device):
        if let owner = roster.device(device) { removed.insert(owner.member) }
      }
    }
    if let member { removed = removed.intersection([member]) }
    guard !removed.isEmpty else { return nil }
    var named: [Bytes16: EntryID] = [:]
    for cut in membership.removals.flatMap(\.cuts) + roster.removals.flatMap(\.cuts) {
      named[cut.entry.prefix] = cut.entry
    }
    return VoidSuspects(
      feeds: group.feedList.map { feed in
        roster.device(certificate: feed.certificate).map { removed.contains($0.member) } ?? true
      }, named: named)
  }

  mutating func isVoid(
    _ row: Timeline.Row, _ suspects: VoidSuspects, _ group: GroupState
  ) -> Bool {
    guard suspects.feeds[Int(row.feed)] else { return false }
    let feed = group.feedList[Int(row.feed)]
    let entry = suspects.named[feed.prefix(row.seq)] ?? EntryID(Bytes32())
    return isVoid(entry, feed, row.seq, group)
  }
}
