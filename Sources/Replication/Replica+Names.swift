import Authority
package import Format

extension Replica {
  /// The office's name, as an owner gave it last.
  ///
  /// Whoever founded it and is no owner any more named it until one of the owners does (E-18).
  package mutating func officeName() -> Name? {
    let founding = EntryID(office.bytes)
    return name(of: .office) ?? name(of: .office) { author, _ in author == founding }
  }

  /// What a member is called; nil where nobody who may has named it.
  package mutating func name(of member: MemberID) -> Name? { name(of: .member(member)) }

  /// What a device is called; nil where nobody who may has named it.
  package mutating func name(of device: DeviceKey) -> Name? { name(of: .device(device)) }

  /// What whoever comes with a ticket is to be called; nil where it says no name.
  package mutating func name(of ticket: TicketKey) -> Name? { name(of: .ticket(ticket)) }

  /// The last name in canonical order from someone who may give it (E-18).
  private mutating func name(of subject: Content.Subject) -> Name? {
    name(of: subject) { author, roster in roster.mayName(subject, by: author) }
  }

  /// The last name in canonical order that an author who counts gives, and that does not lie beyond
  /// a cut.
  private mutating func name(
    of subject: Content.Subject, where counts: (EntryID, Roster) -> Bool
  ) -> Name? {
    let roster = rosterNow()
    var best: NameTable.Claim?
    for said in (names.sayings[subject] ?? [:]).values where counts(said.feed.certificate, roster) {
      let last = roster.removals.isEmpty ? said.claims.last : lastBeforeCut(said)
      if let last, best?.precedes(last) ?? true { best = last }
    }
    return best?.name
  }

  /// The last of what one feed says that is not void: beyond a cut all is, however much it be.
  private mutating func lastBeforeCut(_ said: NameTable.Sayings) -> NameTable.Claim? {
    var (low, high) = (0, said.claims.count)
    while low < high {
      let middle = low + (high - low) / 2
      let claim = said.claims[middle]
      let isVoid = isVoid(claim.id, said.feed, claim.seq, officeLog)
      if isVoid { high = middle } else { low = middle + 1 }
    }
    return low > 0 ? said.claims[low - 1] : nil
  }

  /// Takes in a message of the office log: names are all it has in this version.
  mutating func takeOfficeMessage(_ entry: EntrySummary, _ batch: Batch, _ feed: FeedState) {
    guard let body = batch.body(entry),
      case .name(_, let subject, let name)? = try? Content(
        decoding: body)
    else { return }
    names.add(
      subject,
      .init(name: name, seq: entry.seq, lamport: entry.lamport, id: entry.id), of: feed)
    tell(.roster)
  }
}

extension Replica {
  /// The groups whose first genesis is admitted here, ascending.
  package var groupIDs: [GroupID] {
    groups.keys.sorted().filter { groups[$0]?.authority != nil }
  }

  /// How the members of a group are told.
  package func kind(of id: GroupID) -> GroupKind? { groups[id]?.authority?.facts.kind }

  /// The two members of a direct group.
  package func pair(of id: GroupID) -> MemberPair? { groups[id]?.authority?.facts.pair }

  /// The direct group of a pair that is written to: the first in canonical order that is here.
  package func directGroup(_ pair: MemberPair) -> GroupID? {
    var best: (lamport: UInt32, id: EntryID, group: GroupID)?
    for id in groups.keys {
      guard let group = groups[id], group.authority?.facts.pair == pair,
        let founding = group.founding
      else { continue }
      if let known = best, (known.lamport, known.id) < (founding.lamport, founding.id) { continue }
      best = (founding.lamport, founding.id, id)
    }
    return best?.group
  }

  /// Of several groups of everyone that the founding device made one is the office's; it may found a
  /// thousand, so they are not looked through each time.
  mutating func noteEveryone(_ group: EveryoneGroup) {
    if everyone.map({ group.isBefore($0) }) ?? true { everyone = group }
  }

  /// How many message entries of a group say that their content is no text (E-21).
  package func noticeCount(of id: GroupID) -> Int { groups[id]?.notices.count ?? 0 }

  /// One of them, by its number in the order in which they were admitted.
  package func notice(_ number: Int, of id: GroupID) -> MessagePlace? {
    guard let group = groups[id], group.notices.indices.contains(number) else { return nil }
    return place(group.notices[number], group)
  }
}

extension Replica {
  /// Whether a link to this device is up.
  package func isLinked(_ device: DeviceKey) -> Bool {
    links.values.contains { $0.device == device }
  }

  /// The own feeds of a group, in order of appearance.
  package func ownPlaces(in id: GroupID) -> [FeedPlace] {
    var items: [FrontierItem] = []
    for feed in groups[id]?.feedList ?? [] where feed.isOwn { feed.addItems(to: &items) }
    return items.map(\.place)
  }

  /// Whether an admitted message lies beyond a cut and is not shown.
  package mutating func isVoid(_ entry: EntryID, _ at: EntryPlace, in id: GroupID) -> Bool {
    guard let group = groups[id], let feed = group.branch(at.place)?.feed else { return true }
    // Without removals nothing is void, which is asked for every message that is shown.
    guard !rosterNow().removals.isEmpty || !(membershipNow(id)?.removals.isEmpty ?? true) else {
      return false
    }
    return isVoid(entry, feed, at.seq, group)
  }

  /// Whether an epoch was made for others: this device came later or was not in the group.
  package func isSealedToOthers(_ epoch: EpochID, in id: GroupID) -> Bool {
    groups[id]?.othersEpochs.contains(epoch) ?? false
  }

  /// The devices an epoch was made for; nil where it is not known here.
  package func recipients(of epoch: EpochID, in id: GroupID) -> [DeviceKey]? {
    groups[id]?.epochs.first { $0.id == epoch }?.recipients
  }

  /// The devices that any epoch of a group was made for: all that can read, or could for a time.
  package func everRecipients(in id: GroupID) -> Set<DeviceKey> {
    Set((groups[id]?.epochs ?? []).flatMap(\.recipients))
  }

  /// What a removal of these devices lists: how far each of their feeds is kept, ascending by feed.
  package func cuts(of devices: [DeviceKey]) -> [Cut] {
    groups.keys.flatMap { cuts(of: devices, in: $0) }.sorted { $0.feed < $1.feed }
      .prefix(Limits.cutsMax).map { $0 }
  }

  /// The same of a member's feeds in one group.
  package mutating func cuts(of member: MemberID, in id: GroupID) -> [Cut] {
    let devices = rosterNow().devices.filter { $0.member == member }.map(\.key)
    return cuts(of: devices, in: id)
  }

  private func cuts(of devices: [DeviceKey], in id: GroupID) -> [Cut] {
    guard let group = groups[id] else { return [] }
    // Of a forked feed the branch with the most admitted entries is kept: a cut can name but one.
    var kept: [FeedID: FeedState] = [:]
    for feed in group.feedList
    where devices.contains(feed.device) && feed.admittedCount > Int(feed.start) {
      if let known = kept[feed.place.feed],
        (known.admittedCount, feed.admittedHead) > (feed.admittedCount, known.admittedHead)
      {
        continue
      }
      kept[feed.place.feed] = feed
    }
    // What is not listed is judged by what the removal, and in groups its witnesses, have in their past.
    return kept.values.filter { $0.admittedCount == $0.count || mayEndEarly($0, group) }
      .map(\.cut).sorted { $0.feed < $1.feed }
  }

  /// Whether what is kept may be listed though its last entries are not admitted. Else by a single entry
  /// without a right behind it whoever has the keys would keep both branches, and whom theirs let in.
  private func mayEndEarly(_ feed: FeedState, _ group: GroupState) -> Bool {
    group.isOffice && group.isForked(feed.place.feed)
  }
}

extension FeedState {
  /// All of it that is admitted.
  fileprivate var cut: Cut {
    Cut(feed: place.feed, seq: UInt32(admittedCount - 1), entry: admittedHead)
  }
}

extension Replica {
  /// What a group's stored heads hash to: equal on two nodes that hold the same.
  package func digest(of id: GroupID) -> FrontierDigest? { groups[id]?.digest }
}
