package import Format

/// Says who belongs to one group and who may change that, from the admitted control entries of its
/// log and of the office log.
package final class GroupAuthority {
  package let group: GroupID
  package let facts: GroupFacts
  /// The member whose device wrote the group's first genesis.
  package let creator: MemberID
  let office: OfficeAuthority
  let foundingView: ViewID
  private(set) var index: GroupIndex
  /// How many entries were judged; tests of cost count by it.
  var workCount = 0
  /// What counted at the last control entry of each feed: the next one goes on from there, however
  /// many feeds take turns.
  private var latest: [FeedPlace: GroupEvaluation] = [:]
  /// What counted when it was last asked who belongs: most often with all that there is.
  private var whole: GroupEvaluation?
  private var evaluations: RecentValues<Views, GroupEvaluation>
  private var memberships: RecentValues<Views, GroupMembership>
  private var writers: RecentValues<WriterKey, Writing>
  private var forksSeen = 0
  private var lateSeen = 0

  struct Views: Hashable {
    let office: ViewID
    let group: ViewID
  }

  struct WriterKey: Hashable {
    let device: DeviceKey
    let certificate: EntryID
    let views: Views
  }

  enum Writing {
    case right(Operation.Grade?)
    case refused(Refusal)
  }

  /// The authority of a group whose first genesis has its right (`refusal(ofFounding:…)`).
  package init(
    group: GroupID, facts: GroupFacts, certificate: EntryID, officeView: ViewID,
    office: OfficeAuthority
  ) {
    (self.group, self.facts, self.office) = (group, facts, office)
    creator =
      office.index.byID[certificate].flatMap(office.index.certificate)?.member
      ?? MemberID(Bytes16())
    foundingView = officeView
    index = GroupIndex(views: office.views)
    evaluations = RecentValues(capacity: 16)
    memberships = RecentValues(capacity: 4)
    writers = RecentValues(capacity: 4_096)
  }

  /// Why a device may not found this group at a place; nil if it may.
  package static func refusal(
    ofFounding facts: GroupFacts, device: DeviceKey, certificate: EntryID, officeView: ViewID,
    office: OfficeAuthority
  ) -> Refusal? {
    do throws(Refusal) {
      let author = try office.standing(of: device, certificate: certificate, at: officeView)
      guard facts.office == office.office, author.rank <= .member,
        facts.pair.map({ $0.a == author.member || $0.b == author.member }) ?? true
      else { throw .mayNotFound }
      return nil
    } catch {
      return error
    }
  }

  /// All that was taken in, in canonical order, with effect or without.
  package var entries: [ControlEntry] { index.canonical.map { index.entries[$0] } }

  /// Takes in a control entry that has its right and whose whole past is here.
  package func insert(_ entry: ControlEntry) {
    guard index.byID[entry.id] == nil else { return }
    let place = scope(entry.groupView, office: entry.officeView, at: entry.place)
    index.insert(entry, groupPlace(entry, place))
    guard office.views.isNamed(entry.place, entry.seq) else { return }
    func hasIt(_ key: Views) -> Bool {
      office.views.contains(key.group, entry.place, entry.seq)
    }
    evaluations.removeAll(where: hasIt)
    latest = latest.filter { !office.views.contains($0.value.view, entry.place, entry.seq) }
    if whole.map({ office.views.contains($0.view, entry.place, entry.seq) }) ?? false {
      whole = nil
    }
    memberships.removeAll(where: hasIt)
    writers.removeAll { hasIt($0.views) }
  }

  /// Answers that hang on the office log are forgotten when it gave some too early.
  private func forgetEarly() {
    guard office.lateCount != lateSeen else { return }
    lateSeen = office.lateCount
    evaluations.removeAll()
    latest.removeAll()
    whole = nil
    memberships.removeAll()
    writers.removeAll()
  }

  /// Why a control entry of this group has no right at its place; nil if it has.
  package func refusal(of candidate: ControlEntry) -> Refusal? {
    do throws(Refusal) {
      try checkRight(
        candidate, scope(candidate.groupView, office: candidate.officeView, at: candidate.place))
      return nil
    } catch {
      return error
    }
  }

  /// Why a device may not write a message or an epoch here at a place; nil if it may.
  ///
  /// An owner of the office who is not a member may still open a feed, to write control entries.
  package func refusal(
    ofWriter device: DeviceKey, certificate: EntryID, groupView: ViewID, officeView: ViewID,
    opensFeed: Bool
  ) -> Refusal? {
    forgetEarly()
    let key = WriterKey(
      device: device, certificate: certificate,
      views: Views(office: officeView, group: groupView))
    let writing: Writing
    if let known = writers[key] {
      writing = known
    } else {
      writing = self.writing(device, certificate, groupView, officeView)
      writers[key] = writing
    }
    switch writing {
    case .refused(let refusal): return refusal
    case .right(let grade): return grade == nil && !opensFeed ? .notInGroup : nil
    }
  }

  private func writing(
    _ device: DeviceKey, _ certificate: EntryID, _ groupView: ViewID, _ officeView: ViewID
  ) -> Writing {
    do throws(Refusal) {
      let scope = scope(groupView, office: officeView)
      let author = try office.index.standing(
        of: device, certificate: certificate, scope.office)
      guard level(author, scope) != nil else {
        throw author.rank == .box ? .boxNotAdded : .notInGroup
      }
      return .right(grade(author.member, scope))
    } catch {
      return .refused(error)
    }
  }

  /// Who belongs, in a pair of views.
  package func membership(groupView: ViewID, officeView: ViewID) -> GroupMembership {
    forgetEarly()
    if office.forkCount != forksSeen {
      memberships.removeAll()
      forksSeen = office.forkCount
    }
    let key = Views(office: officeView, group: groupView)
    let roster = office.roster(at: officeView)
    if let known = memberships[key] { return known }
    let result = build(scope(groupView, office: officeView), roster)
    whole = evaluations[key]
    memberships[key] = result
    return result
  }
}

extension GroupAuthority {
  /// What a pair of views says; `place` is that of an entry which has them as its past.
  func scope(
    _ view: ViewID, office officeView: ViewID, at place: FeedPlace? = nil
  ) -> GroupScope {
    let evaluation = evaluation(view, office: officeView, at: place)
    return GroupScope(
      view: view, voids: evaluation.strata.voids, office: office.scope(at: officeView))
  }

  func evaluation(
    _ view: ViewID, office officeView: ViewID, at place: FeedPlace?
  ) -> GroupEvaluation {
    forgetEarly()
    let key = Views(office: officeView, group: view)
    let result: GroupEvaluation
    if let known = evaluations[key] {
      result = known
    } else {
      let seen = office.evaluation(at: officeView)
      result = nearest(view, seen, place) ?? evaluate(view, seen)
      evaluations[key] = result
    }
    if let place { latest[place] = result }
    return result
  }

  /// The evaluation of views, from the known one that lacks least of them; nil where there is none or
  /// it cannot be gone on from.
  private func nearest(
    _ view: ViewID, _ seen: OfficeEvaluation, _ place: FeedPlace?
  ) -> GroupEvaluation? {
    var best: (base: GroupEvaluation, missing: Int, lines: [(line: Int, new: Range<UInt32>)])?
    func isNear(_ candidate: GroupEvaluation) -> Bool {
      if office.views.contains(seen.view, all: candidate.office.view),
        let lines = office.views.difference(view, minus: candidate.view)
      {
        let missing = lines.reduce(0) { $0 + $1.new.count }
        if missing < best?.missing ?? .max { best = (candidate, missing, lines) }
      }
      return best.map { $0.missing <= 2 } ?? false
    }
    let before = place.map { latest[$0] } ?? whole
    let isNearEnough = before.map(isNear) ?? false
    if !isNearEnough { _ = evaluations.newestFirst.contains(where: isNear) }
    // To look through all feeds is dear, and to judge many entries anew is dearer.
    if best.map({ $0.missing > 64 }) ?? true { _ = latest.values.contains(where: isNear) }
    guard let best else { return nil }
    let new = best.lines.flatMap { index.entries(line: $0.line, $0.new) }
      .sorted { ControlEntry.precedes(index.entries[$0], index.entries[$1]) }
    return extend(best.base, to: view, seen, by: new)
  }

  /// Whoever may ever have been a member, for K-3; nil for all.
  private func everMembers(_ scope: GroupScope, _ roster: Roster) -> Set<MemberID>? {
    switch facts.kind {
    case .everyone: return nil
    case .direct: return Set(facts.pair.map { [$0.a, $0.b] } ?? [])
    case .listed:
      var out: Set<MemberID> = [creator]
      for (member, adds) in index.adds where adds.contains(where: { counts($0, scope) }) {
        out.insert(member)
      }
      for member in roster.members
      where !ticketCertificates(of: member.id, scope.office).isEmpty {
        out.insert(member.id)
      }
      return out
    }
  }

  /// Of members with more live devices than one may have, the first in canonical order (K-3): who
  /// certifies with several devices that do not know of each other gets around A-5.
  private func shares(
    _ roster: Roster, _ members: Set<MemberID>, _ scope: GroupScope
  ) -> [MemberID: Set<DeviceKey>] {
    var out: [MemberID: Set<DeviceKey>] = [:]
    for member in roster.members
    where members.contains(member.id) && member.devices.count > Limits.devicesPerMemberMax {
      var first: Set<DeviceKey> = []
      for entry in office.index.liveCertificates(member.id, scope.office)
      where first.count < Limits.devicesPerMemberMax {
        if let device = office.index.certificate(entry)?.device { first.insert(device) }
      }
      out[member.id] = first
    }
    return out
  }

  /// The suspensions that ask for an epoch here, by device. Whoever belongs to the office may write
  /// some, of any feed and as often as they like: without the proof, and for who was never in the
  /// group, they ask for none, and one for each device is enough.
  private func suspensions(_ roster: Roster, _ ever: Set<MemberID>?) -> [[ControlReference]] {
    var found: [DeviceKey: [ControlReference]] = [:]
    for suspension in roster.suspensions {
      guard let key = office.forkedDevice(of: suspension.feed),
        let member = roster.device(key)?.member, ever?.contains(member) ?? true
      else { continue }
      found[key, default: []].append(suspension.entry)
    }
    return found.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Of more devices than an epoch can name, those of the most senior, and of equals those that were
  /// certified first (K-3): a flood costs those in it their place, and not the group its voice.
  private func recipients(_ devices: [RosterDevice]) -> [RosterDevice] {
    guard devices.count > Limits.epochRecipientsMax else { return devices }
    let places = office.index.canonical.enumerated().reduce(into: [EntryID: Int]()) {
      $0[office.index.entries[$1.element].id] = $1.offset
    }
    func place(_ device: RosterDevice) -> Int { places[device.certificate] ?? places.count }
    return devices.sorted { ($0.rank, place($0)) < ($1.rank, place($1)) }
      .prefix(Limits.epochRecipientsMax).sorted { $0.key < $1.key }
  }

  private func build(_ scope: GroupScope, _ roster: Roster) -> GroupMembership {
    var members: [GroupMember] = []
    var isMember: Set<MemberID> = []
    for member in roster.members where !member.isRemoved {
      guard let grade = grade(member.id, scope) else { continue }
      members.append(GroupMember(id: member.id, grade: grade))
      isMember.insert(member.id)
    }
    var devices: [RosterDevice] = []
    let kept = shares(roster, isMember, scope)
    for device in roster.devices
    where device.isLive && !device.isSuspended && isMember.contains(device.member)
      && kept[device.member]?.contains(device.key) ?? true
    {
      if devices.last?.key != device.key { devices.append(device) }
    }
    let removals = index.removals.compactMap { entry -> GroupRemoval? in
      guard counts(entry, scope),
        case .operation(.groupRemove(let member, let cuts)) = index.entries[entry].content
      else { return nil }
      return GroupRemoval(
        entry: ControlReference(index.entries[entry]), member: member, cuts: cuts)
    }
    let ever = everMembers(scope, roster)
    let officeRemovals = roster.removals.filter { removal in
      guard !removal.isLowering else { return false }
      guard let ever else { return true }
      switch removal.target {
      case .member(let member): return ever.contains(member)
      case .device(let device):
        return roster.isDevice(device, ofAny: ever)
      }
    }
    devices = recipients(devices)
    return GroupMembership(
      kind: facts.kind, creator: creator, members: members, devices: devices, removals: removals,
      voids: scope.voids.filter { index.isIn(scope.view, $0.key) }
        .sorted { ControlEntry.precedes(index.entries[$0.key], index.entries[$1.key]) }
        .map { VoidEntry(entry: ControlReference(index.entries[$0.key]), reason: $0.value) },
      needsNewerVersion: isHeldBack(scope),
      officeBarriers: officeRemovals.map(\.entry), groupBarriers: removals.map(\.entry),
      suspensions: suspensions(roster, ever))
  }
}

extension GroupAuthority {
  /// Why an epoch is not eligible for who sees this membership; nil if it is, as far as its place
  /// and its recipients say (K-3). That it is not void and opens, its reader adds.
  package func refusal(
    ofEpoch recipients: [DeviceKey], groupView: ViewID, officeView: ViewID,
    for membership: GroupMembership
  ) -> EpochRefusal? {
    guard recipients.elementsEqual(membership.devices.lazy.map(\.key)) else {
      return .recipientsDiffer
    }
    for barrier in membership.officeBarriers
    where !office.views.contains(officeView, barrier.place, barrier.seq) {
      return .unseen(barrier)
    }
    for barrier in membership.groupBarriers
    where !office.views.contains(groupView, barrier.place, barrier.seq) {
      return .unseen(barrier)
    }
    for suspensions in membership.suspensions
    where !suspensions.contains(where: {
      office.views.contains(officeView, $0.place, $0.seq)
    }) {
      if let first = suspensions.first { return .unseen(first) }
    }
    return nil
  }
}
