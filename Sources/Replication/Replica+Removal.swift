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

/// How a member's time in a group ended.
package struct GroupDeparture: Hashable, Sendable {
  /// Who wrote the removal: the member itself where it left.
  package let author: MemberID
  /// Milliseconds since 1970 at which it stands in the display.
  package let effectiveMilliseconds: UInt64
}

/// Whose an entry is.
package struct EntryOrigin: Hashable, Sendable {
  package let author: MemberID
  /// Milliseconds since 1970 at which it stands in the display.
  package let effectiveMilliseconds: UInt64
}

extension Replica {
  /// Shows the device of a link which groups its member was removed from, or is not in because whoever
  /// added it was removed: else it would go on writing there, and nobody would get it.
  mutating func showRemovals(on link: LinkID) {
    guard let key = links[link]?.device, let device = rosterNow().device(key), device.isLive,
      !device.isKeeper
    else { return }
    for (id, group) in groups.sorted(by: { $0.key < $1.key }) where id != office {
      showRemoval(
        from: group, to: device, on: link, held: group.delivered[key] ?? [:], isToldNow: false)
    }
  }

  /// `held`: what the device holds of the group; `isToldNow`: it said so on this link.
  private mutating func showRemoval(
    from group: GroupState, to device: RosterDevice, on link: LinkID,
    held: [FeedPlace: UInt32], isToldNow: Bool
  ) {
    // Who holds nothing of the group does not know that it was in it.
    guard !held.isEmpty, let membership = membershipNow(group.id),
      membership.grade(of: device.member) == nil
    else { return }
    let removals = removals(of: device.member, membership, group)
    for removal in removals {
      // Asked before anything is worked out: a peer may say over and over what it holds.
      switch links[link]?.standing(of: removal.id) {
      case .knows: continue
      case .open: break
      case .shown, nil: return
      }
      let (missing, ends) = lacking(removal, of: group, held, device.key, isToldNow: isToldNow)
      if missing.isEmpty {
        // Its own word holds for as long as this link.
        if isToldNow { links[link]?.noteKnown(removal.id) }
        continue
      }
      links[link]?.beginProof(removal.id, of: group.id, ends)
      for serving in missing { links[link]?.serve(serving) }
      return
    }
    guard !isToldNow, let last = removals.last, links[link]?.beginDoubt(last.id) ?? false
    else { return }
    // It is said to know; but it may have been put back since, or another copy of it have said so.
    askWhatIsHeld(group, on: link)
  }

  /// The removals that ended a member's time in a group; where nobody removed it, those of members whose
  /// additions of it lost their effect with that: it may know of the addition alone.
  private mutating func removals(
    of member: MemberID, _ membership: GroupMembership, _ group: GroupState
  ) -> [ControlReference] {
    let own = membership.removals.filter { $0.member == member }.map(\.entry)
    guard own.isEmpty, !membership.voids.isEmpty, !membership.removals.isEmpty else { return own }
    let void = Set(membership.voids.map(\.entry.id))
    var adders: Set<MemberID> = []
    for entry in group.authority?.entries ?? [] where void.contains(entry.id) {
      if case .operation(.groupAdd(let added, _)) = entry.content, added.contains(member),
        let adder = rosterNow().device(entry.author)
      {
        adders.insert(adder.member)
      }
    }
    return membership.removals.filter { adders.contains($0.member) }.map(\.entry)
  }

  /// What a device lacks of a removal and of what that has in its past, and where the past ends.
  private func lacking(
    _ removal: ControlReference, of group: GroupState, _ held: [FeedPlace: UInt32],
    _ device: DeviceKey, isToldNow: Bool
  ) -> (missing: [Serving], ends: [FeedPlace: UInt32]) {
    let knows = held[removal.place].map { $0 >= removal.seq } ?? false
    // By what others say of it, a device that knows of its removal knows all that led to it.
    guard isToldNow || !knows, let feed = group.branch(removal.place)?.feed else {
      return ([], [:])
    }
    let past = group.reach(from: feed, upTo: removal.seq)
    var (missing, ends): ([Serving], [FeedPlace: UInt32]) = ([], [:])
    for other in group.feedList where past.end(of: other) > other.start {
      let last = past.end(of: other) - 1
      ends[other.place] = last
      // What it wrote itself it lacks only where it says so: its disk may have lost that it left.
      guard isToldNow || other.device != device else { continue }
      var from = other.start
      if let known = held[other.place], known < .max { from = max(from, known + 1) }
      guard from <= last else { continue }
      missing.append(
        Serving(
          group: group.id, place: other.place(of: from), from: from,
          proof: RemovalProof(removal: removal.id, through: last, isAsked: false)))
    }
    return (missing, ends)
  }

  /// Notes what a device says that it holds of a group to which it has no right any more, so that
  /// what it was shown is not shown again; gives what of it is held here.
  mutating func noteHeld(
    _ items: [FrontierItem], of group: GroupState, on link: LinkID
  ) -> [FeedPlace: UInt32] {
    var held: [FeedPlace: UInt32] = [:]
    for item in items {
      guard let feed = group.branch(item.place)?.feed, item.seq >= feed.start,
        Int(item.seq) < feed.count, feed.prefix(item.seq) == item.prefix
      else { continue }
      held[item.place] = item.seq
      note(link, group, item.place, item.seq)
    }
    return held
  }

  /// Takes in all that a device says that it holds of a group to which it has no right any more.
  mutating func receive(foreign items: [FrontierItem], of group: GroupState, on link: LinkID) {
    let held = noteHeld(items, of: group, on: link)
    guard let key = links[link]?.device, let device = rosterNow().device(key), device.isLive,
      !device.isKeeper, group.authority != nil
    else { return }
    showRemoval(from: group, to: device, on: link, held: held, isToldNow: true)
    askOutsider(for: items, of: group, on: link)
  }

  /// How a member left a group or was removed from it; nil for who is in it or never was.
  package mutating func departure(of member: MemberID, from id: GroupID) -> GroupDeparture? {
    guard let group = groups[id], let membership = membershipNow(id),
      membership.grade(of: member) == nil,
      let entry = removals(of: member, membership, group).last,
      let feed = group.branch(entry.place)?.feed,
      let author = rosterNow().device(certificate: feed.certificate)?.member
    else { return nil }
    return GroupDeparture(
      author: author, effectiveMilliseconds: feed.mark(entry.seq).effective)
  }

  /// Who wrote an entry of the office log, and when; nil where that is not known here.
  package mutating func origin(of entry: ControlReference) -> EntryOrigin? {
    guard let feed = groups[office]?.branch(entry.place)?.feed, entry.seq >= feed.start,
      Int(entry.seq) < feed.admittedCount,
      let author = rosterNow().device(certificate: feed.certificate)?.member
    else { return nil }
    return EntryOrigin(author: author, effectiveMilliseconds: feed.mark(entry.seq).effective)
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
