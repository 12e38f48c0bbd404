import Format

/// What counts of a group log in one pair of views.
struct GroupEvaluation {
  let view: ViewID
  let office: OfficeEvaluation
  var strata: Strata
  /// The additions that were gathered, by the members whom they lower; in canonical order.
  var lowerings: [MemberID: [Int]] = [:]
  /// The witnesses of removals, owner lists and leavings, of those that were asked for.
  var witnesses: [GroupEnd: [Int]] = [:]

  /// What counts in the office.
  var officeScope: Scope {
    Scope(view: office.view, voids: office.strata.voids, owners: office.owners)
  }
}

extension GroupAuthority {
  /// What counts in a view of the group log, judged with what counts in a view of the office log.
  func evaluate(_ view: ViewID, _ evaluation: OfficeEvaluation) -> GroupEvaluation {
    var result = GroupEvaluation(view: view, office: evaluation, strata: Strata())
    let ends = index.ends(view, creator: creator)
    guard
      !ends.isEmpty || !evaluation.strata.gathered.isEmpty || !evaluation.strata.voids.isEmpty
        || office.index.hasStruck(evaluation.owners)
    else { return result }
    let all = index.canonical.filter { index.isIn(view, $0) && !index.isHearing($0) }
    for pass in 0..<Strata.passCount {
      result.strata.passes[pass] =
        result.strata.differs(pass) ? run(pass, all, &result) : result.strata.passes[pass - 1]
      guard pass < Strata.passCount - 1 else { break }
      for entry in ends where result.strata.gathered[entry] == nil {
        guard let ended = gathers(entry, pass, &result) else { continue }
        gather(entry, ended, in: pass, &result)
      }
    }
    return result
  }

  private func gather(
    _ entry: Int, _ ended: [MemberID], in pass: Int, _ result: inout GroupEvaluation
  ) {
    result.strata.gather(entry, in: pass)
    guard !index.isRemoval(entry) else { return }
    for member in ended {
      let others = result.lowerings[member] ?? []
      let at = others.firstIndex { ControlEntry.precedes(index.entries[entry], index.entries[$0]) }
      result.lowerings[member] = others
      result.lowerings[member]?.insert(entry, at: at ?? others.count)
    }
  }

  /// What an entry of the group sees from its place, with what an evaluation leaves in effect.
  ///
  /// An owner who was struck does there what its grade gives it, and what those here had seen of it
  /// when they heard of that.
  private func scope(
    of entry: Int, _ voids: Voids, in pass: Int, _ evaluation: inout GroupEvaluation
  ) -> GroupScope {
    let (candidate, owners) = (index.entries[entry], evaluation.office.owners)
    var scope = office.index.scope(candidate.officeView, evaluation.office.strata.voids)
    if let author = author(of: entry)?.member,
      let list = office.index.strike(of: author, at: candidate.officeView, owners),
      isUnseen(entry, by: .office(list), voids, in: pass, &evaluation)
    {
      scope.owners.members.removeAll { $0 == author }
    }
    return GroupScope(view: candidate.groupView, voids: voids, office: scope)
  }

  private func run(_ pass: Int, _ all: [Int], _ evaluation: inout GroupEvaluation) -> Voids {
    var voids = Voids()
    for entry in all {
      if let reason = verdict(entry, pass, &evaluation, voids) { voids[entry] = reason }
    }
    return voids
  }

  private func verdict(
    _ entry: Int, _ pass: Int, _ evaluation: inout GroupEvaluation, _ voids: Voids
  ) -> VoidReason? {
    workCount += 1
    if let author = author(of: entry) {
      // The office stands above every stratum of a group.
      for removal in office.index.removals(of: author)
      where evaluation.office.strata.gathered[removal] != nil
        && officeCuts(removal, entry, voids, in: pass, &evaluation)
      {
        return .cut(ControlReference(office.index.entries[removal]))
      }
      if evaluation.strata.isGathered(entry, before: pass) { return nil }
      if stands(entry, pass, evaluation.strata) { return nil }
      if let raise = raise(above: entry, pass, evaluation) {
        return .targetWasRaised(ControlReference(index.entries[raise]))
      }
      let lowerings = (evaluation.lowerings[author.member] ?? []).filter {
        evaluation.strata.isGathered($0, before: pass)
      }
      for lowering in lowerings where lowers(lowering, entry, of: author.member) {
        return .cut(ControlReference(index.entries[lowering]))
      }
      for removal in index.removalsOfMember[author.member] ?? []
      where evaluation.strata.isGathered(removal, before: pass)
        && cuts(removal, entry, lowerings, voids, in: pass, &evaluation)
      {
        return .cut(ControlReference(index.entries[removal]))
      }
    }
    do throws(Refusal) {
      try checkRight(index.entries[entry], scope(of: entry, voids, in: pass, &evaluation))
      return nil
    } catch {
      return .noRight(error)
    }
  }

  /// Whether an addition of managers has effect whatever managers and members take away: who made
  /// them may be a mere member by now, and equals do not throw each other out.
  private func stands(_ entry: Int, _ pass: Int, _ strata: Strata) -> Bool {
    let seniors = 2 * GroupLevel.manager.rawValue
    return pass > seniors && index.makesManagers(entry) && strata.passes[seniors][entry] == nil
  }

  /// The addition that made a manager of whom an entry removes, where neither knew of the other: equals
  /// do not remove each other from places where one was none yet.
  ///
  /// The pass before says whether it has effect: it may stand later than what it takes the effect from.
  private func raise(above entry: Int, _ pass: Int, _ evaluation: GroupEvaluation) -> Int? {
    guard pass > 0, let member = removedByEqual(entry) else { return nil }
    return index.adds[member]?.first {
      index.isIn(evaluation.view, $0) && evaluation.strata.passes[pass - 1][$0] == nil
        && isRaise($0, beside: entry)
    }
  }

  /// Whether an addition makes managers, and neither it nor another entry knows of the other.
  private func isRaise(_ addition: Int, beside entry: Int) -> Bool {
    index.makesManagers(addition) && isBeside(addition, entry)
  }

  /// Whom an entry removes whose author is another and did not stand above managers.
  private func removedByEqual(_ entry: Int) -> MemberID? {
    guard index.level(entry) > .creator,
      case .operation(.groupRemove(let member, _)) = index.entries[entry].content
    else { return nil }
    return member == author(of: entry)?.member ? nil : member
  }

  /// Whether an addition as a mere member does not count for somebody: an equal wrote it beside one of
  /// these additions, as a manager. For the others whom it names it does.
  func isBelowRaise(_ entry: Int, of member: MemberID, _ additions: [Int]) -> Bool {
    guard index.level(entry) > .creator,
      case .operation(.groupAdd(_, .member)) = index.entries[entry].content,
      author(of: entry)?.member != member
    else { return false }
    return additions.contains { isRaise($0, beside: entry) }
  }

  /// Whether an addition makes a manager of whom an equal removed beside it in a view.
  private func raises(_ entry: Int, in view: ViewID) -> Bool {
    guard index.makesManagers(entry) else { return false }
    return index.named(by: entry).contains { member in
      (index.removalsOfMember[member] ?? []).contains {
        index.isIn(view, $0) && isRaise(entry, beside: $0) && removedByEqual($0) != nil
      }
    }
  }

  func author(of entry: Int) -> Certificate? {
    office.index.byID[index.entries[entry].certificate].flatMap(office.index.certificate)
  }

  /// Whom a removal or addition that belongs to a pass's stratum removes or lowers, whose cuts count
  /// from there on; nil for others.
  private func gathers(
    _ entry: Int, _ pass: Int, _ evaluation: inout GroupEvaluation
  ) -> [MemberID]? {
    let voids = evaluation.strata.passes[pass]
    // Of each level first what somebody does to itself.
    guard voids[entry] == nil, pass % 2 == 1 || leaves(entry) else { return nil }
    let candidate = index.entries[entry]
    let scope = scope(of: entry, voids, in: pass, &evaluation)
    guard
      let author = try? office.index.standing(
        of: candidate.author, certificate: candidate.certificate, scope.office),
      let level = level(author, scope), level.rawValue <= pass / 2
    else { return nil }
    switch candidate.content {
    case .operation(.groupRemove(let member, _)): return [member]
    case .operation(.groupAdd(let members, let new)):
      let lowered = members.filter { grade($0, scope).map { $0 < new } ?? false }
      return lowered.isEmpty ? nil : lowered
    default: return nil
    }
  }

  /// Whether an addition that lowers a member cuts off what that one did beside it; but anybody may
  /// leave.
  private func lowers(_ lowering: Int, _ entry: Int, of member: MemberID) -> Bool {
    if case .operation(.groupRemove(member, _)) = index.entries[entry].content { return false }
    return isBeside(lowering, entry)
  }

  /// Whether a removal from the group cuts off an entry of its target. Who leaves takes back nothing
  /// that it did before, nor what a senior had seen who lowered it since, and throws out nobody of whom
  /// those who stay knew.
  private func cuts(
    _ removal: Int, _ entry: Int, _ lowerings: [Int], _ voids: Voids, in pass: Int,
    _ evaluation: inout GroupEvaluation
  ) -> Bool {
    guard cuts(removal, entry) else { return false }
    guard leaves(removal) else { return true }
    if ([removal] + lowerings).contains(where: { index.isPast(entry, of: $0) }) { return false }
    return !index.isAddition(entry) || index.places[entry].takes
      || isUnseen(entry, by: .leaving(removal), voids, in: pass, &evaluation)
  }

  /// Whether an entry removes its author's own member.
  private func leaves(_ entry: Int) -> Bool {
    guard case .operation(.groupRemove(let member, _)) = index.entries[entry].content else {
      return false
    }
    return author(of: entry)?.member == member
  }

  /// Whether an entry of a removal's target lies beyond its cuts, or beside it where it lists none.
  func cuts(_ removal: Int, _ entry: Int) -> Bool {
    guard removal != entry, !index.isPast(removal, of: entry),
      case .operation(.groupRemove(_, let list)) = index.entries[removal].content
    else { return false }
    let candidate = index.entries[entry]
    guard let cut = OfficeIndex.cut(in: list, of: candidate.place.feed) else {
      return !index.isPast(entry, of: removal)
    }
    return office.index.leavesOut(cut, of: index.entries[removal], candidate)
  }
}

extension GroupAuthority {
  /// The evaluation of views that go further than those of a known one, by the entries of the group
  /// that are new; nil where something changes what the others are, so that only starting anew is
  /// right.
  ///
  /// An entry is judged by its past alone, so later ones change it only through cuts, of the office
  /// or of the group, and by what they bear witness of.
  func extend(
    _ known: GroupEvaluation, to view: ViewID, _ evaluation: OfficeEvaluation, by new: [Int]
  ) -> GroupEvaluation? {
    var result = GroupEvaluation(
      view: view, office: evaluation, strata: known.strata, lowerings: known.lowerings,
      witnesses: known.witnesses)
    guard leavesAsIs(known, &result) else { return nil }
    for entry in new {
      guard bearsWitness(entry, beside: known, &result) else { return nil }
    }
    let hasStruck = office.index.hasStruck(evaluation.owners)
    for entry in new where !index.isHearing(entry) {
      // It takes the effect from what is known already.
      if raises(entry, in: view) { return nil }
      let ends = index.mayEnd(entry, creator: creator)
      // Without anything that takes a right all that was admitted counts.
      if result.strata.gathered.isEmpty, result.strata.hasNoVoids,
        evaluation.strata.gathered.isEmpty, evaluation.strata.voids.isEmpty, !hasStruck, !ends
      {
        continue
      }
      var reason: VoidReason?
      for pass in 0..<Strata.passCount {
        if result.strata.differs(pass) {
          let voids = result.strata.passes[pass]
          reason = verdict(entry, pass, &result, voids)
        }
        if let reason {
          result.strata.passes[pass][entry] = reason
        } else if ends, pass < Strata.passCount - 1, result.strata.gathered[entry] == nil,
          let ended = gathers(entry, pass, &result)
        {
          gather(entry, ended, in: pass, &result)
          if ended.contains(where: { changesAnything(entry, of: $0, result) }) { return nil }
        }
      }
    }
    return result
  }

  /// Whether what is new in the office log changes nothing of what a known evaluation says.
  private func leavesAsIs(_ known: GroupEvaluation, _ result: inout GroupEvaluation) -> Bool {
    guard known.office.view != result.office.view else { return true }
    guard known.office.owners.entry == result.office.owners.entry else { return false }
    let (before, after) = (known.office.strata, result.office.strata)
    for entry in before.voids.keys where after.voids[entry] == nil { return false }
    for entry in after.voids.keys where before.voids[entry] == nil {
      if office.index.isIn(known.office.view, entry) { return false }
    }
    for removal in before.gathered.keys where after.gathered[removal] == nil { return false }
    for removal in after.gathered.keys where before.gathered[removal] == nil {
      for entry in writtenByTarget(of: removal, in: known.view) {
        // Whoever is removed is no witness any more either.
        if known.witnesses.values.contains(where: { $0.contains(entry) }) { return false }
        for pass in 0..<Strata.passCount {
          let voids = result.strata.passes[pass]
          if officeCuts(removal, entry, voids, in: pass, &result) { return false }
        }
      }
    }
    // Whom an admin can remove changes with its rank.
    for removal in before.gathered.keys where !office.index.cutList(removal).isEmpty {
      for entry in writtenByTarget(of: removal, in: known.view) where index.isAddition(entry) {
        guard
          addsOutOfReach(entry, of: removal, known.office)
            == addsOutOfReach(entry, of: removal, result.office)
        else { return false }
      }
    }
    return true
  }

  /// Takes in of what a new entry is a witness; whether that changes nothing else.
  private func bearsWitness(
    _ entry: Int, beside known: GroupEvaluation, _ result: inout GroupEvaluation
  ) -> Bool {
    for (end, others) in result.witnesses where isWitness(entry, of: end, result.officeScope) {
      guard !others.contains(entry) else { continue }
      let last = Strata.passCount - 1
      let first = (others + [entry]).contains(where: { wasEnded($0, result) }) ? 0 : last
      for one in concerned(by: end, in: known.view, result.office) {
        for pass in first...last {
          let voids = result.strata.passes[pass]
          let was = firstSilent(on: one, by: end, others, voids, in: pass, result)
          let now = firstSilent(on: one, by: end, others + [entry], voids, in: pass, result)
          if (was == nil) != (now == nil) { return false }
        }
      }
      result.witnesses[end] = others + [entry]
    }
    return true
  }

  /// Whether a removal or an addition that lowers changes what was said of what its target wrote.
  private func changesAnything(
    _ end: Int, of member: MemberID, _ result: GroupEvaluation
  ) -> Bool {
    // What somebody leaves behind hangs on whether a senior had seen it.
    if !index.isRemoval(end),
      (index.removalsOfMember[member] ?? []).contains(where: {
        result.strata.gathered[$0] != nil && author(of: $0)?.member == member
      })
    {
      return true
    }
    return written(under: office.index.certificatesOfMember[member] ?? [], in: result.view)
      .contains {
        index.isRemoval(end) ? cuts(end, $0) : isBeside(end, $0)
      }
  }
}
