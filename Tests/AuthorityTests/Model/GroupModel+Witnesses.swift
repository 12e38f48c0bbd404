/// who vouches for what somebody wrote whom the office removed or struck, or who left.
extension GroupModel {
  /// Whether the silence of a witness of a removal, a list or a leaving tells against a control entry,
  /// and none has it in its past.
  func isUnseen(
    _ entry: Int, by end: Int, _ view: EntrySet, _ gathered: Gathered, _ voids: EntrySet,
    _ outcome: OfficeModel.Outcome
  ) -> Bool {
    let isList = history.ownerLists.contains(end)
    // With those that the entry itself has seen.
    let expulsions = gathered.removals.union(
      history.entries[entry].past.intersection(history.inGroup).subtracting(voids))
    let witnesses = view.filter { witness in
      let author = history.author(of: witness)
      let isTakenBack = expulsions.contains {
        guard case .expel(author, _) = history.entries[$0].act else { return false }
        return office.cutsOff($0, witness)
      }
      return isWitness(witness, of: end, outcome.sight) && !isTakenBack
        && (history.removals.contains(end) || author != history.author(of: entry))
    }
    func level(_ witness: Int) -> Int {
      let author = history.author(of: witness)
      let isLowered = gathered.lowerings.contains {
        guard case .add(author, _) = history.entries[$0].act else { return false }
        return !history.entries[$0].past.contains(witness)
          && !history.entries[witness].past.contains($0)
      }
      return isLowered ? 3 : self.level(witness)
    }
    let demand = demand(entry)
    var named: Int?
    switch history.entries[entry].act {
    case .add(let member, _), .expel(let member, _): named = member
    default: break
    }
    let fair = witnesses.filter {
      history.author(of: $0) != named || level($0) < demand.level
    }
    // Of an addition nobody vouches for itself.
    let vouching = demand.takes ? witnesses : fair
    // Those who stand above members speak for all, if there are any.
    let most = fair.contains { level($0) < 3 } ? 2 : 3
    return !vouching.contains { level($0) <= most && history.entries[$0].past.contains(entry) }
      && (isList ? witnesses : fair).contains {
        level($0) <= most && (demand.takes || level($0) < demand.level)
      }
  }

  /// whether an entry is the first of a feed that has another in its past, and what removes its
  /// author, if anything does, lists it.
  private func isWitness(_ entry: Int, of end: Int, _ sight: OfficeModel.Sight) -> Bool {
    let here = history.entries[entry]
    let feed = history.feed(of: entry)
    return history.isInViews(entry) && (here.past.contains(end) || entry == end)
      && !history.entries[here.certificate].past.contains(end)
      && !here.past.intersection(history.inGroup).contains {
        history.feed(of: $0) == feed && history.isInViews($0)
          && (history.entries[$0].past.contains(end) || $0 == end)
      }
      && isSaid(entry, sight)
  }

  private func isSaid(_ entry: Int, _ sight: OfficeModel.Sight) -> Bool {
    let certificate = history.entries[entry].certificate
    return sight.effective.contains(certificate)
      && sight.effective.intersection(history.removals).allSatisfy { removal in
        !office.concerns(removal, certificate)
          || history.entries[certificate].past.contains(removal)
          || office.listed(removal, entry).map { !office.isBeyond($0, of: removal, entry) } ?? false
      }
  }

  /// The level of an entry's author at its place; that of members where it has none.
  func level(_ entry: Int) -> Int { memory.place(entry, self).level }

  /// Above which level one stands who may do what an entry does, and whether it takes a grade.
  func demand(_ entry: Int) -> (level: Int, takes: Bool) {
    let place = memory.place(entry, self)
    return (place.demand, place.takes)
  }

  /// What was found of places before; nothing of it ever changes.
  final class Memory {
    private var known: [Int: (level: Int, demand: Int, takes: Bool)] = [:]

    func place(_ entry: Int, _ model: GroupModel) -> (level: Int, demand: Int, takes: Bool) {
      if let place = known[entry] { return place }
      let here = model.history.entries[entry]
      let sight = model.evaluate(here.past).sight
      let isLive = model.office.isLive(here.certificate, sight.office)
      let level =
        isLive ? model.level(of: model.history.author(of: entry), sight) ?? 3 : 3
      var (demand, takes) = (3, false)
      switch here.act {
      case .add(let member, let grade):
        let old = model.grade(of: member, sight)
        demand = min(old ?? grade, grade) + 1
        takes = old.map { $0 < grade } ?? false
      case .expel(let member, _):
        let old = model.grade(of: member, sight) ?? model.lastGrade(of: member, sight)
        (demand, takes) = ((old ?? 2) + 1, true)
      default: break
      }
      known[entry] = (level, demand, takes)
      return (level, demand, takes)
    }
  }

  /// Whether an entry adds somebody whom the author of a removal could not remove.
  func addsOutOfReach(
    _ entry: Int, of removal: Int, _ outcome: OfficeModel.Outcome
  ) -> Bool {
    let author = history.author(of: removal)
    guard case .add(let member, _) = history.entries[entry].act,
      let own = office.rank(of: author, office.sight(of: removal, without: outcome.voids)),
      let rank = office.rank(of: member, outcome.sight)
    else { return false }
    return rank <= own
  }

  /// whether one's own leaving lets a certificate pass that it has not seen.
  func leavesBehind(
    _ leaving: Int, _ issuer: Int, _ certificate: Int, _ sight: Sight
  ) -> Bool {
    guard case .expel(issuer, _) = history.entries[leaving].act,
      history.author(of: leaving) == issuer
    else { return false }
    if aboveRaises(additions(of: issuer, sight), of: issuer).contains(where: {
      $0.grade == 2 && history.entries[$0.entry].past.contains(certificate)
    }) {
      return true
    }
    let seniors = sight.view.filter {
      history.author(of: $0) != issuer && level($0) < 3
        && isWitness($0, of: leaving, sight.office)
    }
    return seniors.isEmpty
      || seniors.contains { history.entries[$0].past.contains(certificate) }
  }
}

extension History {
  /// Whether an entry is in views: a control entry, or one of the group by which its feed first knows of
  /// what may take something there.
  func isInViews(_ entry: Int) -> Bool {
    let here = entries[entry]
    guard !here.act.isControl else { return true }
    let before = here.after.map { entries[$0].past.adding($0) } ?? EntrySet()
    return here.past.intersection(removals.union(ownerLists).union(expulsions)).contains {
      takes($0, here.past) && !takes($0, before)
    }
  }

  /// Whether a removal or an owner list of a past may take something in the group.
  private func takes(_ end: Int, _ past: EntrySet) -> Bool {
    guard past.contains(end) else { return false }
    switch entries[end].act {
    case .remove(let member, _): return isConcerned(member, past)
    case .removeDevice(let device, _):
      return certificates.intersection(past).contains {
        certified($0).map { $0.device == device && isConcerned($0.member, past) } ?? false
      }
    default: return true
    }
  }

  /// Whether a member may have written a control entry of the group, as far as a past tells.
  private func isConcerned(_ member: Int, _ past: EntrySet) -> Bool {
    member == group?.creator || member == 0
      || past.contains { entry in
        switch entries[entry].act {
        case .owners(let members, _, _): members >> UInt64(member) & 1 != 0
        case .add(member, _): true
        case .add, .expel: author(of: entry) == member
        case .join(let key, _, member):
          entries[entry].past.contains {
            if case .ticket(_, key) = entries[$0].act { true } else { false }
          }
        default: false
        }
      }
  }
}
