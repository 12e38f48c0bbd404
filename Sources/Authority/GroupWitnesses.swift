package import Format

/// What somebody is a witness of.
enum GroupEnd: Hashable {
  /// A removal or an owner list of the office.
  case office(Int)
  /// An entry by which somebody left the group.
  case leaving(Int)
}

/// Who vouches for what somebody wrote whom the office removed or struck, or who left.
extension GroupAuthority {
  /// What an entry is at its place.
  func groupPlace(_ entry: ControlEntry, _ scope: GroupScope) -> GroupPlace {
    let author = try? office.index.standing(
      of: entry.author, certificate: entry.certificate, scope.office)
    let level = author.flatMap { self.level($0, scope) } ?? .member
    switch entry.content {
    case .operation(.groupAdd(let members, let new)):
      let old = members.compactMap { grade($0, scope) }
      return GroupPlace(
        level: level, demand: GroupLevel(old.reduce(new, min)), takes: old.contains { $0 < new })
    case .operation(.groupRemove(let member, _)):
      let old = grade(member, scope) ?? lastGrade(member, scope)
      return GroupPlace(level: level, demand: GroupLevel(old ?? .member), takes: true)
    default: return GroupPlace(level: level, demand: .member, takes: false)
    }
  }

  /// Whether these views have a removal or an owner list that may take something here and that those
  /// before have not: the entry of a feed which has them as its past then bears witness.
  ///
  /// Where there is no list nothing is decided, and whoever could write nothing that decides leaves
  /// nothing to vouch for: else each computer that somebody replaces anywhere in the office would make
  /// the next word of everybody in all groups an entry that all have to judge.
  package func hears(
    groupView: ViewID, officeView: ViewID, beforeGroup: ViewID, beforeOffice: ViewID
  ) -> Bool {
    guard facts.kind == .listed, (groupView, officeView) != (beforeGroup, beforeOffice) else {
      return false
    }
    var now = Concern(groupView, officeView)
    var before = Concern(beforeGroup, beforeOffice)
    if beforeOffice == .empty {
      return index.removals.contains { index.isIn(groupView, $0) }
        || (office.index.removals + office.index.ownerLists).contains { takes($0, &now) }
    }
    let views = office.views
    let here = views.differences(groupView, beforeGroup).more
      .flatMap { index.entries(line: $0.line, $0.seqs) }
    let there = views.differences(officeView, beforeOffice).more
      .flatMap { office.index.entries(line: $0.line, $0.seqs) }
    if here.contains(where: { index.isRemoval($0) })
      || there.contains(where: { takes($0, &now) })
    {
      return true
    }
    // Who was removed before that may be met only now.
    let met =
      here.flatMap { index.named(by: $0) + [author(of: $0)?.member].compactMap(\.self) }
      + there.compactMap { office.index.certificate($0)?.member }
    return Set(met).flatMap { office.index.removals(ofMemberAndDevices: $0) }.contains {
      takes($0, &now) && !takes($0, &before)
    }
  }

  /// Who may have written something here, as far as views tell: asked once of each, however many
  /// computers somebody had removed.
  private struct Concern {
    let groupView: ViewID
    let officeView: ViewID
    var known: [MemberID: Bool] = [:]

    init(_ groupView: ViewID, _ officeView: ViewID) {
      (self.groupView, self.officeView) = (groupView, officeView)
    }
  }

  /// Whether a removal or an owner list of a view may take something here from somebody.
  private func takes(_ end: Int, _ concern: inout Concern) -> Bool {
    guard office.index.isIn(concern.officeView, end) else { return false }
    guard office.index.isRemoval(end) else { return office.index.ownerList(end) != nil }
    switch office.index.removalTarget(end) {
    case .member(let member): return isConcerned(member, &concern)
    case .device(let device):
      return (office.index.certificatesOfDevice[device] ?? []).contains {
        office.index.isIn(concern.officeView, $0)
          && office.index.certificate($0).map { isConcerned($0.member, &concern) } ?? false
      }
    case nil: return false
    }
  }

  private func isConcerned(_ member: MemberID, _ concern: inout Concern) -> Bool {
    if let known = concern.known[member] { return known }
    let found = isConcerned(member, concern.groupView, concern.officeView)
    concern.known[member] = found
    return found
  }

  /// Whether somebody may have written a control entry here, as far as views tell: the creator, an owner,
  /// and who was added, came by a ticket for this group, or wrote one.
  private func isConcerned(_ member: MemberID, _ groupView: ViewID, _ officeView: ViewID) -> Bool {
    if member == creator || office.index.isNamedOwner(member, in: officeView) { return true }
    if (index.adds[member] ?? []).contains(where: { index.isIn(groupView, $0) }) { return true }
    return (office.index.certificatesOfMember[member] ?? []).contains { certificate in
      guard office.index.isIn(officeView, certificate) else { return false }
      let written = index.byCertificate[office.index.entries[certificate].id] ?? []
      return written.contains { !index.isHearing($0) && index.isIn(groupView, $0) }
        || office.index.ticketsNamed(by: certificate).contains {
          office.index.grant($0)?.groups.contains(group) ?? false
        }
    }
  }

  /// The seq of the last control entry of a strand in a view; nil where it has none.
  package func lastControl(in view: ViewID, at place: FeedPlace) -> UInt32? {
    let list = index.byLine.lists[office.views.line(of: place)] ?? []
    return list.last { index.isIn(view, $0) && !index.isHearing($0) }
      .map { index.entries[$0].seq }
  }

  /// Whether a removal or lowering in the office cuts off a control entry here.
  func officeCuts(
    _ removal: Int, _ entry: Int, _ voids: Voids, in pass: Int,
    _ evaluation: inout GroupEvaluation
  ) -> Bool {
    let candidate = index.entries[entry]
    guard !office.index.isIn(candidate.officeView, removal) else { return false }
    // Who removes a computer of its own may be out of the group and take back what it did here.
    if !office.index.removesOwn(removal),
      let cut = OfficeIndex.cut(in: office.index.cutList(removal), of: candidate.place.feed)
    {
      guard office.index.leavesOut(cut, of: office.index.entries[removal], candidate) else {
        return false
      }
      guard addsOutOfReach(entry, of: removal, evaluation.office) else { return true }
    }
    return office.index.isRemoval(removal)
      && isUnseen(entry, by: .office(removal), voids, in: pass, &evaluation)
  }

  /// Whether an entry adds nobody but those whom the author of a removal could not remove from the
  /// office: its cuts do not speak of that.
  func addsOutOfReach(_ entry: Int, of removal: Int, _ evaluation: OfficeEvaluation) -> Bool {
    guard case .operation(.groupAdd(let members, _)) = index.entries[entry].content,
      let author = office.index.authorCertificate(removal)?.member
    else { return false }
    let voids = evaluation.strata.voids
    let scope = Scope(view: evaluation.view, voids: voids, owners: evaluation.owners)
    let place = office.index.scope(office.index.entries[removal].officeView, voids)
    guard let own = office.index.rank(author, place) else { return false }
    return members.allSatisfy { office.index.rank($0, scope).map { $0 <= own } ?? false }
  }

  /// Whether the silence of a witness tells against an entry, and none has seen it; these entries are
  /// void in the pass.
  func isUnseen(
    _ entry: Int, by end: GroupEnd, _ voids: Voids, in pass: Int,
    _ evaluation: inout GroupEvaluation
  ) -> Bool {
    firstSilent(on: entry, by: end, voids, in: pass, &evaluation) != nil
  }

  /// The first witness whose silence tells against an entry; nil where none does, or one has seen it.
  func firstSilent(
    on entry: Int, by end: GroupEnd, _ voids: Voids, in pass: Int,
    _ evaluation: inout GroupEvaluation
  ) -> Int? {
    firstSilent(on: entry, by: end, witnesses(of: end, &evaluation), voids, in: pass, evaluation)
  }

  /// The same of these witnesses, those of the entry's author left out where it stays in the office.
  ///
  /// Silence takes from nobody what its author could not take: who does not stand above what an entry
  /// gives tells against no addition. What the entry takes stands in doubt as soon as anybody does not
  /// know of it; but of its own removal nobody says so, unless an owner list may have let it go, and
  /// then it silences nobody else. Nor does anybody vouch for its own addition, which may be all that
  /// gives its word weight.
  func firstSilent(
    on entry: Int, by end: GroupEnd, _ witnesses: [Int], _ voids: Voids, in pass: Int,
    _ evaluation: GroupEvaluation
  ) -> Int? {
    let heard = heard(on: entry, by: end, witnesses, voids, in: pass, evaluation)
    return heard.vouching == nil ? heard.silent : nil
  }

  /// What witnesses say of an entry that counts: the first that has it in its past, and the first whose
  /// silence tells against it.
  private func heard(
    on entry: Int, by end: GroupEnd, _ witnesses: [Int], _ voids: Voids, in pass: Int,
    _ evaluation: GroupEvaluation
  ) -> (vouching: Int?, silent: Int?) {
    guard !witnesses.isEmpty else { return (nil, nil) }
    let place = index.places[entry]
    let own = isRemovalFromOffice(end) ? nil : author(of: entry)?.member
    let others = witnesses.filter { witness in
      (own == nil || author(of: witness)?.member != own)
        && !isTakenBack(witness, for: entry, voids, in: pass, evaluation.strata)
    }
    .map { (entry: $0, level: level(ofWitness: $0, in: pass, evaluation)) }
    let fair = others.filter { witness in
      witness.level < place.demand
        || !(author(of: witness.entry).map { index.isNamed($0.member, by: entry) } ?? false)
    }
    let isLed = fair.contains { $0.level < .member }
    func counts(_ witness: (entry: Int, level: GroupLevel)) -> Bool {
      !isLed || witness.level < .member
    }
    let vouching = (place.takes ? others : fair).first {
      counts($0) && index.isPast(entry, of: $0.entry)
    }
    let silent = (isOwnerList(end) ? others : fair).first {
      counts($0) && (place.takes || $0.level < place.demand)
    }
    return (vouching?.entry, silent?.entry)
  }

  /// The witnesses that an entry with effect counts by, of each removal from the office and owner list that
  /// its author did not know of the first.
  func vouchers(
    of entry: Int, _ voids: Voids, _ evaluation: inout GroupEvaluation
  ) -> [Int] {
    guard let certificate = author(of: entry) else { return [] }
    let officeView = index.entries[entry].officeView
    var ends = office.index.removals(of: certificate).filter {
      evaluation.office.strata.gathered[$0] != nil && office.index.isRemoval($0)
        && !office.index.isIn(officeView, $0)
    }
    if let list = office.index.strike(
      of: certificate.member, at: officeView, evaluation.office.owners)
    {
      ends.append(list)
    }
    var found: [Int] = []
    for end in ends.map(GroupEnd.office) {
      let heard = heard(
        on: entry, by: end, witnesses(of: end, &evaluation), voids, in: Strata.passCount - 1,
        evaluation)
      if let witness = heard.vouching, !found.contains(witness) { found.append(witness) }
    }
    return found
  }

  /// Whether anything removes the author of an entry from the group, or lowers it, with effect or
  /// without.
  func wasEnded(_ entry: Int, _ evaluation: GroupEvaluation) -> Bool {
    guard let member = author(of: entry)?.member else { return false }
    return index.removalsOfMember[member] != nil || evaluation.lowerings[member] != nil
  }

  /// Whether a removal from the group cuts a witness off itself: one that counts already, or that who
  /// wrote the entry in question had seen.
  private func isTakenBack(
    _ witness: Int, for entry: Int, _ voids: Voids, in pass: Int, _ strata: Strata
  ) -> Bool {
    guard let member = author(of: witness)?.member else { return false }
    return (index.removalsOfMember[member] ?? []).contains {
      (strata.isGathered($0, before: pass) || index.isPast($0, of: entry) && voids[$0] == nil)
        && cuts($0, witness)
    }
  }

  /// What a witness is at its place; a mere member beside a lowering.
  private func level(
    ofWitness witness: Int, in pass: Int, _ evaluation: GroupEvaluation
  ) -> GroupLevel {
    let lowerings = author(of: witness).flatMap { evaluation.lowerings[$0.member] } ?? []
    let isLowered = lowerings.contains {
      evaluation.strata.isGathered($0, before: pass) && isBeside($0, witness)
    }
    return isLowered ? .member : index.level(witness)
  }

  /// Whether neither of two entries has the other in its past.
  func isBeside(_ one: Int, _ other: Int) -> Bool {
    !index.isPast(one, of: other) && !index.isPast(other, of: one)
  }

  private func isOwnerList(_ end: GroupEnd) -> Bool {
    if case .office(let entry) = end { return office.index.ownerList(entry) != nil }
    return false
  }

  private func isRemovalFromOffice(_ end: GroupEnd) -> Bool {
    if case .office(let entry) = end { return office.index.ownerList(entry) == nil }
    return false
  }

  private func witnesses(of end: GroupEnd, _ evaluation: inout GroupEvaluation) -> [Int] {
    if let known = evaluation.witnesses[end] { return known }
    let found = witnesses(of: end, in: evaluation.view, evaluation.officeScope)
    evaluation.witnesses[end] = found
    return found
  }

  /// The witnesses of a view, in order of arrival.
  func witnesses(of end: GroupEnd, in view: ViewID, _ scope: Scope) -> [Int] {
    index.byLine.lists.keys.compactMap { first(line: $0, knowing: end) }
      .filter { index.isIn(view, $0) && isWitness($0, of: end, scope) }.sorted()
  }

  /// Whether an entry is the first of its feed that has a removal, a list or a leaving in its past, by a
  /// certificate of one who did not know of it, and is still the word of its author.
  func isWitness(_ entry: Int, of end: GroupEnd, _ scope: Scope) -> Bool {
    let candidate = index.entries[entry]
    guard knows(entry, end), let certificate = office.index.byID[candidate.certificate],
      office.index.isSaid(
        candidate.id.prefix, candidate.seq, in: candidate.place.feed, under: certificate, scope)
    else { return false }
    if case .office(let end) = end, office.index.isPast(end, of: certificate) { return false }
    return (index.linesOfFeed[candidate.place.feed] ?? []).allSatisfy { line in
      guard let first = first(line: line, knowing: end), first != entry else { return true }
      return !index.isPast(first, of: entry)
    }
  }

  /// The first entry of a line that knows: what one knows those behind it know too, so that a few
  /// questions find it among many entries.
  private func first(line: Int, knowing end: GroupEnd) -> Int? {
    index.first(line: line) { knows($0, end) }
  }

  private func knows(_ entry: Int, _ end: GroupEnd) -> Bool {
    switch end {
    case .office(let end): office.index.isIn(index.entries[entry].officeView, end)
    case .leaving(let end): end == entry || index.isPast(end, of: entry)
    }
  }

  /// The entries of a view that count or not by whether a witness has seen them.
  func concerned(
    by end: GroupEnd, in view: ViewID, _ evaluation: OfficeEvaluation
  ) -> [Int] {
    switch end {
    case .leaving(let leaving):
      guard let member = author(of: leaving)?.member else { return [] }
      return written(under: office.index.certificatesOfMember[member] ?? [], in: view)
    case .office(let end) where office.index.ownerList(end) == nil:
      return writtenByTarget(of: end, in: view).filter {
        !office.index.isIn(index.entries[$0].officeView, end)
      }
    case .office(let end):
      return office.index.everOwners.flatMap { member in
        written(under: office.index.certificatesOfMember[member] ?? [], in: view).filter {
          office.index.strike(of: member, at: index.entries[$0].officeView, evaluation.owners)
            == end
        }
      }
    }
  }

  /// The entries of a view that those wrote of whom a removal or rank operation of the office speaks.
  func writtenByTarget(of removal: Int, in view: ViewID) -> [Int] {
    let certificates: [Int]
    switch office.index.removalTarget(removal) {
    case .device(let device): certificates = office.index.certificatesOfDevice[device] ?? []
    case .member(let member): certificates = office.index.certificatesOfMember[member] ?? []
    case nil: return []
    }
    return written(under: certificates, in: view)
  }

  /// The entries of a view that were written under certificates.
  func written(under certificates: [Int], in view: ViewID) -> [Int] {
    certificates.flatMap { index.byCertificate[office.index.entries[$0].id] ?? [] }
      .filter { index.isIn(view, $0) }
  }
}
