package import Authority
package import Format

extension Replica {
  /// Who belongs to the office, in this node's current view.
  package mutating func rosterNow() -> Roster { authority.roster(at: officeLog.view) }

  /// Who belongs to a group, in this node's current view; nil while the group is not admitted.
  package mutating func membershipNow(_ id: GroupID) -> GroupMembership? {
    guard let group = groups[id], let authority = group.authority else { return nil }
    if let known = group.membership { return known }
    let membership = authority.membership(groupView: group.view, officeView: officeLog.view)
    group.membership = membership
    return membership
  }

  /// Whether a device is entitled to a group's log: a member's device, or a keeper.
  mutating func mayHold(_ device: DeviceKey, _ group: GroupState) -> Bool {
    guard let entry = rosterNow().device(device), entry.isLive else { return false }
    // A suspended device gets no new secrets, but the log: it learns from it that it was copied.
    guard entry.keepsAll || membershipNow(group.id)?.grade(of: entry.member) != nil else {
      return false
    }
    return unsettled.isEmpty || mayHoldForGood(device, group)
  }

  /// The right of an entry at its place (F-6, A-4 to A-9); nil if it has it.
  mutating func judge(
    _ entry: EntrySummary, _ batch: Batch, _ feed: FeedState, _ group: GroupState,
    _ view: inout FeedState.ViewChange
  ) -> AdmissionEnd? {
    if let seen = feed.rightsSeen, seen.office == view.office, seen.group == view.group,
      entry.kind == EntryKind.message.rawValue || entry.kind == EntryKind.epoch.rawValue
    {
      return nil
    }
    func end(_ refusal: Refusal) -> AdmissionEnd {
      AdmissionEnd(seq: entry.seq, rule: refusal.rule, text: refusal.description)
    }
    if let control = controlEntry(entry, batch, feed, group, view) {
      guard let refusal = refusal(of: control, group) else {
        return AdmissionEnd(seq: entry.seq, rule: "E-12", text: Rule.e12.text)
      }
      if let refusal = refusal.value { return end(refusal) }
      if group.isOffice { authority.insert(control) } else { group.authority?.insert(control) }
      if group.isOffice {
        view.office = views.adding(view.office, feed.place, entry.seq)
      } else {
        view.group = views.adding(view.group, feed.place, entry.seq)
      }
      controlAdmitted(group, view)
      tell(control, group)
      return nil
    }
    if entry.kind == EntryKind.control.rawValue, entry.flags & 0xff00 == 0 {
      return AdmissionEnd(seq: entry.seq, rule: "A-1", text: Rule.a1.text)
    }
    switch writerVerdict(entry, batch, feed, group, view) {
    case .right:
      // To open a feed is less than to write in it: only what was written says that for both.
      if entry.kind != EntryKind.genesis.rawValue { feed.rightsSeen = view }
    case .refused(let refusal): return end(refusal)
    case .noGroup: return AdmissionEnd(seq: entry.seq, rule: "E-12", text: Rule.e12.text)
    }
    hear(entry, feed, group, &view)
    return nil
  }

  /// Takes in the entry by which a feed of a group first knows of a removal or an owner list: it bears
  /// witness of what somebody did, and is in views like a control entry.
  private mutating func hear(
    _ entry: EntrySummary, _ feed: FeedState, _ group: GroupState,
    _ view: inout FeedState.ViewChange
  ) {
    guard let own = group.authority else { return }
    let strand = entry.seq == feed.start ? feed.parent : feed
    let before = entry.seq > 0 ? strand?.view(at: entry.seq - 1) : nil
    guard
      own.hears(
        groupView: view.group, officeView: view.office, beforeGroup: before?.group ?? .empty,
        beforeOffice: before?.office ?? .empty)
    else { return }
    own.insert(
      ControlEntry(
        id: entry.id, place: feed.place, seq: entry.seq, lamport: entry.lamport,
        author: feed.device, certificate: feed.certificate, content: .heard,
        officeView: view.office, groupView: view.group))
    view.group = views.adding(view.group, feed.place, entry.seq)
    controlAdmitted(group, view)
  }

  private mutating func tell(_ control: ControlEntry, _ group: GroupState) {
    guard !isRestoring, case .operation(let operation) = control.content,
      let author = rosterNow().device(certificate: control.certificate)?.member
    else { return }
    let place = EntryPlace(place: control.place, seq: control.seq)
    tell(.operation(group.id, operation, by: author, at: place))
  }

  private enum WriterVerdict {
    case right
    case refused(Refusal)
    /// The group's first genesis is not in the entry's past.
    case noGroup
  }

  /// A refusal, or none; nil where the group itself is not known at this place.
  private func refusal(
    of control: ControlEntry, _ group: GroupState
  ) -> (value: Refusal?, Void)? {
    if group.isOffice { return (authority.refusal(of: control), ()) }
    guard let own = group.authority else { return nil }
    return (own.refusal(of: control), ())
  }

  /// Whether the author may write this entry, which is no control entry, at its place.
  private mutating func writerVerdict(
    _ entry: EntrySummary, _ batch: Batch, _ feed: FeedState, _ group: GroupState,
    _ view: FeedState.ViewChange
  ) -> WriterVerdict {
    if group.isOffice {
      return verdict(
        authority.refusal(ofWriter: feed.device, certificate: feed.certificate, at: view.office))
    }
    if entry.id == EntryID(group.id.bytes) {
      guard let header = try? batch.header(entry), let facts = GenesisFacts(header)?.group else {
        return .noGroup
      }
      if let refusal = GroupAuthority.refusal(
        ofFounding: facts, device: feed.device, certificate: feed.certificate,
        officeView: view.office, office: authority)
      {
        return .refused(refusal)
      }
      group.authority = GroupAuthority(
        group: group.id, facts: facts, certificate: feed.certificate, officeView: view.office,
        office: authority)
      group.founding = (entry.lamport, entry.id)
      if facts.kind == .everyone, feed.certificate.bytes == office.bytes {
        noteEveryone(
          EveryoneGroup(id: group.id, lamport: entry.lamport, founding: entry.id))
      }
      tell(.group(group.id))
      rightsChanged()
      return .right
    }
    guard let own = group.authority else { return .noGroup }
    return verdict(
      own.refusal(
        ofWriter: feed.device, certificate: feed.certificate, groupView: view.group,
        officeView: view.office, opensFeed: entry.kind == EntryKind.genesis.rawValue))
  }

  private func verdict(_ refusal: Refusal?) -> WriterVerdict {
    refusal.map { .refused($0) } ?? .right
  }

  /// The rights of own drafts at the place where they would stand, so that nothing is written that
  /// no node would admit.
  mutating func checkRights(
    _ drafts: [Draft], _ group: GroupState, _ view: FeedState.ViewChange,
    _ builder: CommitBuilder
  ) throws(ComposeRefusal) {
    let device = secrets.device
    for draft in drafts {
      let refusal: Refusal?
      switch draft {
      case .control(let operation):
        guard goesOn(operation, group) else { throw .needsNewerVersion }
        let candidate = ControlEntry(
          id: EntryID(Bytes32()), place: FeedPlace(feed: builder.feed), seq: builder.nextSeq,
          lamport: builder.lamport + 1, author: device, certificate: certificate,
          content: .operation(operation), officeView: view.office, groupView: view.group)
        refusal = self.refusal(of: candidate, group)?.value
      case .message: refusal = writerRefusal(group, view)
      }
      if let refusal { throw .notAllowed(refusal) }
    }
  }

  /// Why this device may write neither messages nor epochs with these control entries in the past; nil
  /// where it may.
  mutating func writerRefusal(_ group: GroupState, _ view: FeedState.ViewChange) -> Refusal? {
    group.isOffice
      ? authority.refusal(ofWriter: secrets.device, certificate: certificate, at: view.office)
      : group.authority?.refusal(
        ofWriter: secrets.device, certificate: certificate, groupView: view.group,
        officeView: view.office, opensFeed: false)
  }

  /// Whether an operation is written although one that is not known here binds: all are
  /// while none does, and what takes rights away always.
  private mutating func goesOn(_ operation: Operation, _ group: GroupState) -> Bool {
    let roster = rosterNow()
    let isHeldBack =
      roster.needsNewerVersion || membershipNow(group.id)?.needsNewerVersion ?? false
    guard isHeldBack else { return true }
    return switch operation {
    case .remove, .groupRemove, .suspend, .ticketRevoke, .owners: true
    case .rank(let member, let rank, _): roster.rank(of: member).map { $0 < rank } ?? true
    case .certify, .ticket, .groupAdd, .unknown: false
    }
  }

  /// Whether messages may be written under an epoch in the current view, by whom it opens to (K-3).
  mutating func isEligible(
    _ epoch: EpochState, _ group: GroupState, _ membership: GroupMembership
  ) -> Bool {
    guard let authority = group.authority,
      authority.refusal(
        ofEpoch: epoch.recipients, groupView: epoch.view.group, officeView: epoch.view.office,
        for: membership) == nil
    else { return false }
    return !isVoid(epoch.entry, epoch.feed, epoch.seq, group)
  }

  /// Whether an admitted message or epoch lies beyond a cut, in the current view.
  mutating func isVoid(
    _ entry: EntryID, _ feed: FeedState, _ seq: UInt32, _ group: GroupState
  ) -> Bool {
    guard let view = feed.view(at: seq) else { return false }
    switch verdict(entry, feed, seq, group, view) {
    case .counts, nil: return false
    case .void, .uncertified: return true
    case .hangs(let doubts):
      return doubts.beyond.contains { isSeen(before: $0, feed, seq, group) != true }
        || doubts.unlisted.contains { isSeen(before: $0, feed, seq, group) == false }
    }
  }

  private mutating func verdict(
    _ entry: EntryID, _ feed: FeedState, _ seq: UInt32, _ group: GroupState,
    _ view: FeedState.ViewChange
  ) -> CutVerdict? {
    let roster = rosterNow()
    if group.isOffice {
      return authority.verdict(
        of: entry, feed: feed.place.feed, seq: seq, certificate: feed.certificate,
        officeView: view.office, roster: roster)
    }
    guard let authority = group.authority, let membership = membershipNow(group.id) else {
      return nil
    }
    return authority.verdict(
      of: entry, feed: feed.place.feed, seq: seq, certificate: feed.certificate,
      groupView: view.group, officeView: view.office, roster: roster, membership: membership)
  }

  /// The control entry that this entry is, if it decides rights.
  private func controlEntry(
    _ entry: EntrySummary, _ batch: Batch, _ feed: FeedState, _ group: GroupState,
    _ view: FeedState.ViewChange
  ) -> ControlEntry? {
    guard entry.flags & 0xff00 == 0 else { return nil }
    let content: ControlEntry.Content
    switch EntryKind(rawValue: entry.kind) {
    case .control:
      guard let body = batch.body(entry), let operation = try? Operation(decoding: body) else {
        return nil
      }
      content = .operation(operation)
    case .genesis where group.isOffice && entry.id == EntryID(office.bytes):
      guard let body = batch.body(entry),
        let genesis = try? OfficeGenesis(decoding: body, device: feed.device)
      else { return nil }
      content = .founding(genesis)
    default: return nil
    }
    return ControlEntry(
      id: entry.id, place: feed.place, seq: entry.seq, lamport: entry.lamport,
      author: feed.device,
      certificate: entry.id == EntryID(office.bytes) ? EntryID(Bytes32()) : feed.certificate,
      content: content, officeView: view.office, groupView: view.group)
  }
}
