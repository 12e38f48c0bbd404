/// for the listed group of a history, over whole sets of entries.
struct GroupModel {
  let history: History
  let office: OfficeModel
  let group: History.Group
  let memory = Memory()

  init(_ history: History, _ group: History.Group) {
    (self.history, self.group) = (history, group)
    office = OfficeModel(history)
  }

  /// What has effect, as seen from one place: in the group's log and in the office's.
  struct Sight {
    let effective: EntrySet
    /// All entries of the group's log, also messages and those that are void.
    let view: EntrySet
    let office: OfficeModel.Sight
  }

  struct Outcome: Equatable {
    /// Control entries of the group's log.
    var view: EntrySet
    /// All entries of the group's log.
    var all: EntrySet
    var voids: EntrySet
    var office: OfficeModel.Outcome

    var sight: Sight {
      Sight(effective: view.subtracting(voids), view: all, office: office.sight)
    }
  }

  private func control(_ view: EntrySet) -> EntrySet {
    EntrySet(view.intersection(history.inGroup).filter { history.entries[$0].act.isControl })
  }

  /// What an entry sees; what an owner who was struck wrote beside the list, it wrote as none.
  private func sight(
    of entry: Int, without voids: EntrySet, _ view: EntrySet, _ gathered: Gathered,
    _ outcome: OfficeModel.Outcome
  ) -> Sight {
    var place = office.sight(of: entry, without: outcome.voids)
    let author = history.author(of: entry)
    if let list = office.strike(of: author, place.owners, outcome.owners),
      isUnseen(entry, by: list, view, gathered, voids, outcome)
    {
      place.owners.members &= ~(1 << UInt64(author))
    }
    return Sight(
      effective: control(history.entries[entry].past).subtracting(voids),
      view: history.entries[entry].past.intersection(history.inGroup), office: place)
  }

  /// The evaluation of a view, by levels instead of ranks.
  func evaluate(_ view: EntrySet) -> Outcome {
    let outcome = office.evaluate(view)
    let (here, all) = (control(view), view.intersection(history.inGroup))
    let order = history.canonical(here)
    var gathered = Gathered()
    // What had effect when all was gathered that owners and the creator took away.
    var standing = EntrySet()
    // The managers whom the pass before made.
    var raises = EntrySet()
    for step in 0..<8 {
      let level = step / 2
      let voids = pass(order, all, gathered, standing, raises, outcome)
      raises = additionsOfManagers(here).subtracting(voids)
      // What is gathered here tells for the next pass.
      let before = gathered
      if step == 4 { standing = raises }
      for entry in here where !gathered.contains(entry) && !voids.contains(entry) {
        let sight = sight(of: entry, without: voids, all, before, outcome)
        guard let own = self.level(of: history.author(of: entry), sight), own <= level,
          step % 2 == 1 || leaves(entry)
        else { continue }
        switch history.entries[entry].act {
        case .expel: gathered.removals.insert(entry)
        case .add(let member, let grade):
          guard let old = self.grade(of: member, sight), old < grade else { continue }
          gathered.lowerings.insert(entry)
        default: break
        }
      }
    }
    return Outcome(
      view: here, all: all, voids: pass(order, all, gathered, standing, raises, outcome),
      office: outcome)
  }

  /// Whether an entry removes its own author.
  private func leaves(_ entry: Int) -> Bool {
    if case .expel(history.author(of: entry), _) = history.entries[entry].act { return true }
    return false
  }

  private func additionsOfManagers(_ view: EntrySet) -> EntrySet {
    EntrySet(
      view.filter {
        if case .add(_, grade: 1) = history.entries[$0].act { return true }
        return false
      })
  }

  struct Gathered {
    var removals = EntrySet()
    var lowerings = EntrySet()

    func contains(_ entry: Int) -> Bool { removals.contains(entry) || lowerings.contains(entry) }
  }

  private func pass(
    _ order: [Int], _ view: EntrySet, _ gathered: Gathered, _ standing: EntrySet,
    _ raises: EntrySet, _ outcome: OfficeModel.Outcome
  ) -> EntrySet {
    var voids = EntrySet()
    for entry in order {
      if outcome.gathered.contains(where: {
        officeCutsOff($0, entry, view, gathered, voids, outcome)
      }) {
        voids.insert(entry)
      } else if gathered.contains(entry) || standing.contains(entry) {
        continue
      } else if isBelowRaise(entry, raises) || isCutOff(entry, view, gathered, voids, outcome)
        || !hasRight(entry, sight(of: entry, without: voids, view, gathered, outcome))
      {
        voids.insert(entry)
      }
    }
    return voids
  }

  /// Whether an equal removes somebody whom an addition beside it made a manager.
  private func isBelowRaise(_ entry: Int, _ raises: EntrySet) -> Bool {
    guard case .expel(let target, _) = history.entries[entry].act else { return false }
    return isBelow(entry, of: target, raises)
  }

  /// Whether an equal's entry about a member and one of these additions of it as a manager know nothing
  /// of each other.
  private func isBelow(_ entry: Int, of target: Int, _ raises: EntrySet) -> Bool {
    target != history.author(of: entry)
      && raises.contains {
        guard case .add(target, _) = history.entries[$0].act else { return false }
        return !history.entries[entry].past.contains($0)
          && !history.entries[$0].past.contains(entry)
      } && level(entry) > 1
  }

  /// The additions but for those as a mere member that do not count beside one as a manager.
  func aboveRaises(
    _ additions: [(entry: Int, grade: Int)], of member: Int
  ) -> [(entry: Int, grade: Int)] {
    let raises = EntrySet(additions.filter { $0.grade == 1 }.map(\.entry))
    return additions.filter { $0.grade != 2 || !isBelow($0.entry, of: member, raises) }
  }

  /// A-14 for removals and lowerings of the group.
  private func isCutOff(
    _ entry: Int, _ view: EntrySet, _ gathered: Gathered, _ voids: EntrySet,
    _ outcome: OfficeModel.Outcome
  ) -> Bool {
    let here = history.entries[entry]
    let author = history.author(of: entry)
    let lowerings = gathered.lowerings.filter {
      if case .add(author, _) = history.entries[$0].act { return true }
      return false
    }
    var isLeaving = false
    if case .expel(author, _) = here.act { isLeaving = true }
    if !isLeaving,
      lowerings.contains(where: {
        !here.past.contains($0) && !history.entries[$0].past.contains(entry)
      })
    {
      return true
    }
    return gathered.removals.contains { removal in
      guard office.cutsOff(removal, entry) else { return false }
      guard history.author(of: removal) == author else { return true }
      if ([removal] + lowerings).contains(where: { history.entries[$0].past.contains(entry) }) {
        return false
      }
      guard case .add = here.act, !demand(entry).takes else { return true }
      return isUnseen(entry, by: removal, view, gathered, voids, outcome)
    }
  }

  /// whether a removal or lowering in the office cuts off a control entry of the group.
  private func officeCutsOff(
    _ mover: Int, _ entry: Int, _ view: EntrySet, _ gathered: Gathered, _ voids: EntrySet,
    _ outcome: OfficeModel.Outcome
  ) -> Bool {
    guard office.concerns(mover, history.entries[entry].certificate),
      !history.entries[entry].past.contains(mover)
    else { return false }
    if !office.removesOwn(mover), let cut = office.listed(mover, entry) {
      guard office.isBeyond(cut, of: mover, entry) else { return false }
      guard addsOutOfReach(entry, of: mover, outcome) else { return true }
    }
    return history.removals.contains(mover)
      && isUnseen(entry, by: mover, view, gathered, voids, outcome)
  }

  /// Whether the author of a message or an epoch may write it at its place.
  func mayWrite(_ entry: Int, _ sight: Sight) -> Bool {
    office.isLive(history.entries[entry].certificate, sight.office)
      && grade(of: history.author(of: entry), sight) != nil
  }

  /// Whether a control entry of the group is right at its place.
  func hasRight(_ entry: Int, _ sight: Sight) -> Bool {
    let author = history.author(of: entry)
    guard office.isLive(history.entries[entry].certificate, sight.office),
      let level = level(of: author, sight)
    else { return false }
    switch history.entries[entry].act {
    case .add(let member, let grade):
      guard level < 3, level < grade + 1, office.rank(of: member, sight.office) != nil else {
        return false
      }
      return self.grade(of: member, sight).map { level < $0 + 1 } ?? true
    case .expel(let member, _):
      guard let grade = grade(of: member, sight) ?? lastGrade(of: member, sight) else {
        return false
      }
      return member == author || level < 3 && level < grade + 1
    default: return false
    }
  }

  /// 0 for an owner of the office, then one more than the grade; nil for who is not in the group.
  func level(of member: Int, _ sight: Sight) -> Int? {
    if office.rank(of: member, sight.office) == 0, !group.ownersDoNotOutrank { return 0 }
    return grade(of: member, sight).map { $0 + 1 }
  }

  /// The grade of a member; nil for who is not in the group.
  func grade(of member: Int, _ sight: Sight) -> Int? {
    guard office.rank(of: member, sight.office) != nil else { return nil }
    let current = self.additions(of: member, sight).filter {
      isCurrent(history.entries[$0.entry].past, member, sight)
    }
    let additions = aboveRaises(current, of: member)
    let last = additions.filter { one in
      !additions.contains { history.entries[$0.entry].past.contains(one.entry) }
    }
    if let grade = last.map(\.grade).max() { return grade }
    if member == group.creator, isCurrent(group.past, member, sight) { return 0 }
    return cameByTicket(member, sight) ? 2 : nil
  }

  /// the grade of who was removed from the group, at the last such place where it had one.
  func lastGrade(of member: Int, _ sight: Sight) -> Int? {
    let removals = sight.effective.filter {
      if case .expel(member, _) = history.entries[$0].act { return true }
      return false
    }
    return removals.sorted(by: history.precedes).reversed().lazy.compactMap { removal in
      let past = history.entries[removal].past
      let office = OfficeModel.Sight(
        effective: past.intersection(sight.office.effective), owners: self.office.owners(in: past))
      return grade(
        of: member,
        Sight(
          effective: past.intersection(sight.effective), view: past.intersection(sight.view),
          office: office))
    }.first
  }

  func additions(of member: Int, _ sight: Sight) -> [(entry: Int, grade: Int)] {
    sight.effective.compactMap { entry in
      guard case .add(member, let grade) = history.entries[entry].act else { return nil }
      return (entry, grade)
    }
  }

  /// Whether no removal of a member with effect, from the group or the office, is outside a past.
  private func isCurrent(_ past: EntrySet, _ member: Int, _ sight: Sight) -> Bool {
    office.isCurrent(past, member: member, device: nil, sight.office)
      && !sight.effective.contains {
        guard case .expel(member, _) = history.entries[$0].act else { return false }
        return !past.contains($0)
      }
  }

  ///
  private func cameByTicket(_ member: Int, _ sight: Sight) -> Bool {
    ticketCertificates(of: member, sight).contains { certificate in
      isCurrent(history.entries[certificate].past, member, sight)
        && issuerMayAdd(certificate, sight)
    }
  }

  /// The certificates of a member that came by tickets; every ticket names the group.
  private func ticketCertificates(of member: Int, _ sight: Sight) -> [Int] {
    history.certificates.filter {
      history.certified($0)?.member == member && !office.ticketsBehind($0, sight.office).isEmpty
    }
  }

  private func issuerMayAdd(_ certificate: Int, _ sight: Sight) -> Bool {
    office.ticketsBehind(certificate, sight.office).contains {
      mayAdd(history.author(of: $0), certificate, sight)
    }
  }

  private func mayAdd(_ issuer: Int, _ certificate: Int, _ sight: Sight) -> Bool {
    let place = office.owners(in: history.entries[certificate].past)
    if place.contains(issuer), !group.ownersDoNotOutrank {
      let list = office.strike(of: issuer, place, sight.office.owners)
      if list.map({ history.entries[$0].past.contains(certificate) }) ?? true { return true }
    }
    let lowerings = aboveRaises(additions(of: issuer, sight), of: issuer)
      .filter { $0.grade == 2 }.map(\.entry)
    func mayStill(_ given: EntrySet) -> Bool {
      sight.effective.allSatisfy { entry in
        let takes: Bool
        switch history.entries[entry].act {
        case .expel(issuer, _): takes = true
        default: takes = lowerings.contains(entry)
        }
        return !takes || given.contains(entry)
          || history.entries[entry].past.contains(certificate)
          || leavesBehind(entry, issuer, certificate, sight)
      }
    }
    if issuer == group.creator, mayStill(EntrySet()) { return true }
    return additions(of: issuer, sight).contains {
      $0.grade == 1 && mayStill(history.entries[$0.entry].past)
    }
  }

  /// Whoever was ever a member with effect in a view.
  func wereMembers(_ sight: Sight) -> Set<Int> {
    let members = office.members(in: sight.office.effective)
    return Set(
      members.filter {
        $0 == group.creator || !additions(of: $0, sight).isEmpty
          || !ticketCertificates(of: $0, sight).isEmpty
      })
  }

  /// The live devices of the members of a view, as far as no fork is proven.
  func devices(_ sight: Sight) -> Set<Int> {
    Set(
      history.certificates.compactMap { certificate in
        guard office.isLive(certificate, sight.office),
          let (device, member, _) = history.certified(certificate),
          grade(of: member, sight) != nil
        else { return nil }
        return device
      })
  }
}
