import Format

/// What counts of a group log in one pair of views.
struct GroupEvaluation {
  let view: ViewID
  let office: OfficeEvaluation
  var strata: Strata
}

extension GroupAuthority {
  /// What counts in a view of the group log, judged with what counts in a view of the office log.
  func evaluate(_ view: ViewID, _ evaluation: OfficeEvaluation) -> GroupEvaluation {
    var result = GroupEvaluation(view: view, office: evaluation, strata: Strata())
    let removals = index.removals.filter { index.isIn(view, $0) }
    guard !removals.isEmpty || !evaluation.strata.gathered.isEmpty else { return result }
    let all = index.canonical.filter { index.isIn(view, $0) }
    for pass in 0..<Strata.passCount {
      result.strata.passes[pass] =
        result.strata.hasNewCuts(pass) ? run(pass, all, result) : result.strata.passes[pass - 1]
      guard pass < Strata.passCount - 1 else { break }
      for entry in removals where result.strata.gathered[entry] == nil {
        guard gathers(entry, pass, result) else { continue }
        result.strata.gather(entry, in: pass)
      }
    }
    return result
  }

  /// What an entry of the group sees from its place, with what an evaluation leaves in effect.
  func scope(
    of entry: ControlEntry, _ voids: Voids, _ office: OfficeEvaluation
  ) -> GroupScope {
    GroupScope(
      view: entry.groupView, voids: voids,
      office: self.office.index.scope(entry.officeView, office.strata.voids))
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
      for removal in index.removalsOfMember[author.member] ?? []
      where evaluation.strata.isGathered(removal, before: pass) && cuts(removal, entry) {
        return .cut(ControlReference(index.entries[removal]))
      }
    }
    do throws(Refusal) {
      let candidate = index.entries[entry]
      try checkRight(candidate, scope(of: candidate, voids, evaluation.office))
      return nil
    } catch {
      return .noRight(error)
    }
  }

  func author(of entry: Int) -> Certificate? {
    office.index.byID[index.entries[entry].certificate].flatMap(office.index.certificate)
  }

  private func gathers(_ entry: Int, _ pass: Int, _ evaluation: GroupEvaluation) -> Bool {
    let voids = evaluation.strata.passes[pass]
    guard voids[entry] == nil else { return false }
    let candidate = index.entries[entry]
    let scope = scope(of: candidate, voids, evaluation.office)
    guard
      let author = try? office.index.standing(
        of: candidate.author, certificate: candidate.certificate, scope.office),
      let level = level(author, scope)
    else { return false }
    return level.rawValue <= pass
  }

  /// Whether a removal from the group cuts off an entry of its target.
  private func cuts(_ removal: Int, _ entry: Int) -> Bool {
    guard removal != entry, !index.isPast(removal, of: entry),
      case .operation(.groupRemove(_, let list)) = index.entries[removal].content
    else { return false }
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
    guard office.index.isRemoval(removal) else { return false }
    let scope = Scope(
      view: evaluation.office.view, voids: evaluation.office.strata.voids,
      owners: evaluation.office.owners)
    let witness = all.first {
      let one = index.entries[$0]
      return office.index.isIn(one.officeView, removal)
        && office.index.byID[one.certificate].map { office.index.isLive($0, scope) } ?? false
    }
    return witness.map { !index.isPast(entry, of: $0) } ?? false
  }
}
