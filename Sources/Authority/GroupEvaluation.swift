import Format

/// What counts of a group log in one pair of views.
struct GroupEvaluation {
  let view: ViewID
  let office: OfficeEvaluation
  var strata: Strata
  /// Whom the additions that were gathered lower.
  var lowered: [Int: Set<MemberID>] = [:]
}

extension GroupAuthority {
  /// What counts in a view of the group log, judged with what counts in a view of the office log.
  func evaluate(_ view: ViewID, _ evaluation: OfficeEvaluation) -> GroupEvaluation {
    var result = GroupEvaluation(view: view, office: evaluation, strata: Strata())
    let removals = index.removals.filter { index.isIn(view, $0) }
    let lowerings = index.lowerings(view, creator: creator)
    guard
      !removals.isEmpty || !lowerings.isEmpty || !evaluation.strata.gathered.isEmpty
        || office.index.hasStruck(evaluation.owners)
    else { return result }
    let all = index.canonical.filter { index.isIn(view, $0) }
    for pass in 0..<Strata.passCount {
      result.strata.passes[pass] =
        result.strata.hasNewCuts(pass) ? run(pass, all, result) : result.strata.passes[pass - 1]
      guard pass < Strata.passCount - 1 else { break }
      for entry in removals + lowerings where result.strata.gathered[entry] == nil {
        guard gathers(entry, pass, all, &result) else { continue }
        result.strata.gather(entry, in: pass)
      }
    }
    return result
  }

  /// What an entry of the group sees from its place, with what an evaluation leaves in effect.
  ///
  /// An owner who was struck does there what its grade gives it, and what those here had seen of it
  /// when they heard of that.
  private func scope(
    of entry: Int, _ voids: Voids, _ all: [Int], _ evaluation: GroupEvaluation
  ) -> GroupScope {
    let (candidate, owners) = (index.entries[entry], evaluation.office.owners)
    var scope = office.index.scope(candidate.officeView, evaluation.office.strata.voids)
    if let author = author(of: entry)?.member,
      let list = office.index.strike(of: author, at: candidate.officeView, owners),
      isUnseen(entry, by: list, all, evaluation)
    {
      scope.owners.members.removeAll { $0 == author }
    }
    return GroupScope(view: candidate.groupView, voids: voids, office: scope)
  }

  private func run(_ pass: Int, _ all: [Int], _ evaluation: GroupEvaluation) -> Voids {
    var voids = Voids()
    for entry in all {
      if let reason = verdict(entry, pass, all, evaluation, voids) { voids[entry] = reason }
    }
    return voids
  }

  private func verdict(
    _ entry: Int, _ pass: Int, _ all: [Int], _ evaluation: GroupEvaluation, _ voids: Voids
  ) -> VoidReason? {
    if let author = author(of: entry) {
      // The office stands above every stratum of a group.
      for removal in office.index.removals(of: author)
      where evaluation.office.strata.gathered[removal] != nil
        && officeCuts(removal, entry, all, evaluation)
      {
        return .cut(ControlReference(office.index.entries[removal]))
      }
      if evaluation.strata.isGathered(entry, before: pass) { return nil }
      let lowerings = (index.adds[author.member] ?? []).filter {
        evaluation.strata.isGathered($0, before: pass)
          && evaluation.lowered[$0]?.contains(author.member) ?? false
      }
      for lowering in lowerings where lowers(lowering, entry, of: author.member) {
        return .cut(ControlReference(index.entries[lowering]))
      }
      for removal in index.removalsOfMember[author.member] ?? []
      where evaluation.strata.isGathered(removal, before: pass)
        && cuts(removal, entry, lowerings)
      {
        return .cut(ControlReference(index.entries[removal]))
      }
    }
    do throws(Refusal) {
      try checkRight(index.entries[entry], scope(of: entry, voids, all, evaluation))
      return nil
    } catch {
      return .noRight(error)
    }
  }

  func author(of entry: Int) -> Certificate? {
    office.index.byID[index.entries[entry].certificate].flatMap(office.index.certificate)
  }

  private func gathers(
    _ entry: Int, _ pass: Int, _ all: [Int], _ evaluation: inout GroupEvaluation
  ) -> Bool {
    let voids = evaluation.strata.passes[pass]
    guard voids[entry] == nil else { return false }
    let candidate = index.entries[entry]
    let scope = scope(of: entry, voids, all, evaluation)
    guard
      let author = try? office.index.standing(
        of: candidate.author, certificate: candidate.certificate, scope.office),
      let level = level(author, scope)
    else { return false }
    guard level.rawValue <= pass else { return false }
    guard case .operation(.groupAdd(let members, let new)) = candidate.content else { return true }
    let lowered = members.filter { grade($0, scope).map { $0 < new } ?? false }
    evaluation.lowered[entry] = Set(lowered)
    return !lowered.isEmpty
  }

  /// Whether an addition that lowers a member cuts off what that one did beside it; but anybody may
  /// leave.
  private func lowers(_ lowering: Int, _ entry: Int, of member: MemberID) -> Bool {
    if case .operation(.groupRemove(member, _)) = index.entries[entry].content { return false }
    return !index.isPast(lowering, of: entry) && !index.isPast(entry, of: lowering)
  }

  /// Whether a removal from the group cuts off an entry of its target. Who leaves takes back nothing
  /// that it did before, nor what a senior had seen who lowered it since.
  private func cuts(_ removal: Int, _ entry: Int, _ lowerings: [Int]) -> Bool {
    guard removal != entry, !index.isPast(removal, of: entry),
      case .operation(.groupRemove(let member, let list)) = index.entries[removal].content
    else { return false }
    if author(of: removal)?.member == member,
      ([removal] + lowerings).contains(where: { index.isPast(entry, of: $0) })
    {
      return false
    }
    let candidate = index.entries[entry]
    guard let cut = OfficeIndex.cut(in: list, of: candidate.place.feed) else {
      return !index.isPast(entry, of: removal)
    }
    return office.index.leavesOut(cut, of: index.entries[removal], candidate)
  }

  /// Whether a removal or lowering in the office cuts off a control entry here.
  private func officeCuts(
    _ removal: Int, _ entry: Int, _ all: [Int], _ evaluation: GroupEvaluation
  ) -> Bool {
    let candidate = index.entries[entry]
    guard !office.index.isIn(candidate.officeView, removal) else { return false }
    if let cut = OfficeIndex.cut(in: office.index.cutList(removal), of: candidate.place.feed) {
      return office.index.leavesOut(cut, of: office.index.entries[removal], candidate)
    }
    return office.index.isRemoval(removal) && isUnseen(entry, by: removal, all, evaluation)
  }

  /// Whether the first here, of a live author, that has an entry of the office in its past did not
  /// know of an entry; false as long as there is none.
  private func isUnseen(
    _ entry: Int, by officeEntry: Int, _ all: [Int], _ evaluation: GroupEvaluation
  ) -> Bool {
    let scope = Scope(
      view: evaluation.office.view, voids: evaluation.office.strata.voids,
      owners: evaluation.office.owners)
    let witness = all.first {
      let one = index.entries[$0]
      return office.index.isIn(one.officeView, officeEntry)
        && office.index.byID[one.certificate].map { office.index.isLive($0, scope) } ?? false
    }
    return witness.map { !index.isPast(entry, of: $0) } ?? false
  }
}
