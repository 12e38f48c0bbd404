/// Protocol/5-authority.md once more, written down word for word over whole sets of entries: no
/// index, nothing remembered, nothing shared with the product.
struct OfficeModel {
  let history: History

  init(_ history: History) { self.history = history }

  /// An owner list in force, and the entry that states it; nil where it is the founder's.
  struct Owners: Hashable {
    var members: UInt64
    var list: Int?

    func contains(_ member: Int) -> Bool { member < 64 && members >> UInt64(member) & 1 != 0 }
  }

  /// What has effect, as seen from one place.
  struct Sight {
    let effective: EntrySet
    var owners: Owners
  }

  /// What an evaluation found of one view.
  struct Outcome: Equatable {
    var view: EntrySet
    var voids: EntrySet
    var gathered: EntrySet
    var owners: Owners

    var effective: EntrySet { view.subtracting(voids) }
    var sight: Sight { Sight(effective: effective, owners: owners) }
  }

  /// the owner list of a view.
  func owners(in view: EntrySet) -> Owners {
    let lists = history.canonical(view.intersection(history.ownerLists))
    let ofRecovery = lists.filter { isSignedByRecovery($0) }.map(name)
    var name =
      ofRecovery.last { one in
        !ofRecovery.contains { $0.count > one.count && $0.starts(with: one) }
      } ?? []
    while let next = lists.first(where: { self.name($0).dropLast() == name[...] }) {
      name = self.name(next)
    }
    let entries = lists.filter { self.name($0) == name }
    let own = entries.first { stated($0).contains(history.author(of: $0)) }
    return (own ?? entries.first).map(stated) ?? Owners(members: 0b1, list: nil)
  }

  /// Whether an entry of a view states the same list with the signature of the recovery key.
  func isOfRecovery(_ list: Int, in view: EntrySet) -> Bool {
    view.intersection(history.ownerLists).contains {
      isSignedByRecovery($0) && name($0) == name(list)
    }
  }

  /// What a list is, whoever wrote it: the members of all from the first one on.
  private func name(_ list: Int) -> [UInt64] {
    (history.entries[list].previous.map(name) ?? []) + [stated(list).members]
  }

  private func stated(_ list: Int) -> Owners {
    guard case .owners(let members, _, _) = history.entries[list].act else {
      return Owners(members: 0, list: list)
    }
    return Owners(members: members, list: list)
  }

  private func isSignedByRecovery(_ list: Int) -> Bool {
    if case .owners(_, _, let isRecovery) = history.entries[list].act { return isRecovery }
    return false
  }

  /// What an entry sees, where these entries are void.
  func sight(from past: EntrySet, without voids: EntrySet) -> Sight {
    let view = past.intersection(history.office)
    return Sight(effective: view.subtracting(voids), owners: owners(in: view))
  }

  func sight(of entry: Int, without voids: EntrySet) -> Sight {
    sight(from: history.entries[entry].past, without: voids)
  }

  /// The evaluation of a view: a pass for each rank, and a last one.
  func evaluate(_ view: EntrySet) -> Outcome {
    var pass = Pass(view: view.intersection(history.office), owners: owners(in: view))
    let order = history.canonical(pass.view)
    let movers = pass.view.intersection(history.removals.union(history.rankings))
    for rank in 0...3 {
      for isOwn in [true, false] {
        let voids = run(order, pass)
        let known = pass
        for mover in movers where !known.gathered.contains(mover) && !voids.contains(mover) {
          if isOwn, !removesOwn(mover) { continue }
          if gathers(mover, voids, known, rank) { pass.gathered.insert(mover) }
        }
        pass.before.append(voids)
      }
    }
    return Outcome(
      view: pass.view, voids: run(order, pass), gathered: pass.gathered, owners: pass.owners)
  }

  /// What a pass knows.
  private struct Pass {
    let view: EntrySet
    let owners: Owners
    /// Removals and lowerings that were gathered before.
    var gathered = EntrySet()
    /// What was void in the passes before.
    var before: [EntrySet] = []
  }

  private func run(_ order: [Int], _ pass: Pass) -> EntrySet {
    var voids = EntrySet()
    for entry in order where isVoid(entry, voids, pass) && !stands(entry, pass) {
      voids.insert(entry)
    }
    return voids
  }

  private func isVoid(_ entry: Int, _ voids: EntrySet, _ pass: Pass) -> Bool {
    // Owner lists are never void, and what was gathered stays.
    if history.ownerLists.contains(entry) || pass.gathered.contains(entry) { return false }
    let cutting = EntrySet(pass.gathered.filter { takes($0, entry, pass.owners) })
    if cutting.contains(where: { history.removals.contains($0) }) { return true }
    let author = history.author(of: entry)
    if let target = targetMember(entry) {
      var isDevice = false
      if case .removeDevice = history.entries[entry].act { isDevice = true }
      if target != author || !isDevice, isAbove(target, entry, pass.owners) { return true }
      if target != author, !pass.owners.contains(author), !makesAdmin(entry),
        wasRaised(target, beside: entry, pass)
      {
        return true
      }
    }
    let sight = sight(of: entry, voids, pass.owners)
    return !hasRight(entry, sight, loweredTo: loweredRank(cutting))
  }

  /// The rank that the lowerings among these leave to whom they concern; 0 without any.
  private func loweredRank(_ cutting: EntrySet) -> Int {
    cutting.compactMap { lowering -> Int? in
      if case .rank(_, let rank, _) = history.entries[lowering].act { return rank }
      return nil
    }.max() ?? 0
  }

  private func makesAdmin(_ entry: Int) -> Bool {
    if case .rank(_, 1, _) = history.entries[entry].act { return true }
    return false
  }

  func removesOwn(_ entry: Int) -> Bool {
    history.removals.contains(entry) && targetMember(entry) == history.author(of: entry)
  }

  /// whether a removal or lowering cuts off an entry, which it does not for all that it might.
  private func takes(_ mover: Int, _ entry: Int, _ here: Owners) -> Bool {
    guard cutsOff(mover, entry) else { return false }
    let author = history.author(of: entry)
    if removesOwn(mover), case .join(let key, _, let member) = history.entries[entry].act,
      tickets(of: key).contains(where: {
        guard case .ticket(let target, _) = history.entries[$0].act else { return false }
        return history.entries[entry].past.contains($0) && target ?? member == member
          && history.author(of: $0) != author
      })
    {
      return false
    }
    let place = owners(in: history.entries[mover].past)
    // Who was struck is no owner beside the list.
    let isBeside =
      strike(of: history.author(of: mover), place, here).map {
        !history.entries[$0].past.contains(mover)
      } ?? false
    if !isBeside, place.contains(history.author(of: mover)) { return true }
    let now = isBeside ? here : place
    return strike(of: author, owners(in: history.entries[entry].past), now).map { list in
      let standing = lists(to: here).first { name($0) == name(list) } ?? list
      return !history.entries[standing].past.contains(entry)
    } ?? true
  }

  /// What an entry sees, without the ownership that a list took from its author beside it.
  private func sight(of entry: Int, _ voids: EntrySet, _ owners: Owners) -> Sight {
    var sight = sight(of: entry, without: voids)
    let author = history.author(of: entry)
    if let list = strike(of: author, sight.owners, owners),
      !history.entries[list].past.contains(entry)
    {
      sight.owners.members &= ~(1 << UInt64(author))
    }
    return sight
  }

  /// the list that struck who is an owner at a place and none any more.
  func strike(of member: Int, _ place: Owners, _ now: Owners) -> Int? {
    guard !now.contains(member), place.contains(member) else { return nil }
    return lists(to: now).reversed().prefix { !stated($0).contains(member) }.last
  }

  /// The list in force and those before it by their `previous`, the first one first.
  private func lists(to owners: Owners) -> [Int] {
    var lists: [Int] = []
    var next = owners.list
    while let list = next {
      lists.insert(list, at: 0)
      next = history.entries[list].previous
    }
    return lists
  }

  /// Whether a member is an owner whom the lists put above an entry that aims at it, or at what it
  /// rests on.
  private func isAbove(_ member: Int, _ entry: Int, _ owners: Owners) -> Bool {
    let lists = lists(to: owners)
    let naming = lists.reversed().prefix { stated($0).contains(member) }
    guard let first = naming.last else { return false }
    return naming.count == lists.count && member == 0
      || !history.entries[first].past.contains(entry)
  }

  /// Whether an operation with effect made an admin of a member that neither it nor an entry knew of.
  private func wasRaised(_ member: Int, beside entry: Int, _ pass: Pass) -> Bool {
    guard let voids = pass.before.last else { return false }
    return pass.view.subtracting(voids).contains {
      guard case .rank(member, 1, _) = history.entries[$0].act else { return false }
      return !history.entries[$0].past.contains(entry) && !history.entries[entry].past.contains($0)
    }
  }

  /// Whether a certificate by which somebody else let a member in has effect whatever takes it away.
  private func stands(_ entry: Int, _ pass: Pass) -> Bool {
    guard let member = memberLetIn(entry) else { return false }
    let before = pass.before
    if before.count > 0, !before[0].contains(entry), pass.owners.contains(member),
      pass.gathered.allSatisfy({
        !takes($0, entry, pass.owners) || isAbove(member, $0, pass.owners)
      })
    {
      return true
    }
    if before.count > 2, !before[2].contains(entry) {
      let sight = Sight(effective: pass.view.subtracting(before[2]), owners: pass.owners)
      if let rank = rank(of: member, sight), rank <= 1 { return true }
    }
    return before.count > 4 && !before[4].contains(entry)
  }

  private func memberLetIn(_ entry: Int) -> Int? {
    guard history.certificates.contains(entry), let member = history.certified(entry)?.member,
      history.author(of: entry) != member
    else { return nil }
    guard case .join(let key, _, _) = history.entries[entry].act else { return member }
    let isByOwnTicket = tickets(of: key).contains {
      guard case .ticket(member, _) = history.entries[$0].act else { return false }
      return history.author(of: $0) == member && history.entries[entry].past.contains($0)
    }
    return isByOwnTicket ? nil : member
  }

  private func gathers(_ mover: Int, _ voids: EntrySet, _ pass: Pass, _ rank: Int) -> Bool {
    let sight = sight(of: mover, voids, pass.owners)
    if case .rank(let member, let new, _) = history.entries[mover].act {
      guard let before = self.rank(of: member, sight), new > before else { return false }
    }
    let cutting = EntrySet(pass.gathered.filter { takes($0, mover, pass.owners) })
    return self.rank(of: history.author(of: mover), sight)
      .map { max($0, loweredRank(cutting)) <= rank } ?? false
  }

  /// The member that an entry removes, whose device it removes or whose rank it sets.
  func targetMember(_ entry: Int) -> Int? {
    switch history.entries[entry].act {
    case .remove(let member, _), .rank(let member, _, _): member
    case .removeDevice(let device, _): history.member(of: device)
    default: nil
    }
  }

  /// A-14 in the office's own log.
  func cutsOff(_ mover: Int, _ entry: Int) -> Bool {
    guard mover != entry, concerns(mover, history.entries[entry].certificate),
      !history.entries[entry].past.contains(mover)
    else { return false }
    if let cut = listed(mover, entry) { return isBeyond(cut, of: mover, entry) }
    return !history.entries[mover].past.contains(entry)
  }

  /// Whether the device that a certificate names is one of a removal's or lowering's target.
  func concerns(_ mover: Int, _ certificate: Int) -> Bool {
    guard let (device, member, _) = history.certified(certificate) else { return false }
    return switch history.entries[mover].act {
    case .remove(let target, _), .rank(let target, _, _), .expel(let target, _): target == member
    case .removeDevice(let target, _): target == device
    default: false
    }
  }

  func listed(_ mover: Int, _ entry: Int) -> History.ListedCut? {
    let feed = history.feed(of: entry)
    return history.entries[mover].cuts.first { $0.feed == feed }
  }

  /// Whether a control entry lies beyond a cut, or on a branch that the cut does not name.
  func isBeyond(_ cut: History.ListedCut, of mover: Int, _ entry: Int) -> Bool {
    if entry == cut.entry { return false }
    guard history.entries[entry].seq < cut.seq else { return true }
    guard let named = cut.entry, history.entries[mover].past.contains(named) else { return false }
    return !history.leads(entry, to: named)
  }
}

extension OfficeModel {
  /// Whether no removal with effect, of this member or this device, is outside a past.
  func isCurrent(_ past: EntrySet, member: Int, device: Int?, _ sight: Sight) -> Bool {
    for removal in sight.effective.intersection(history.removals) where !past.contains(removal) {
      switch history.entries[removal].act {
      case .remove(member, _): return false
      case .removeDevice(let target, _) where target == device: return false
      default: break
      }
    }
    return true
  }

  ///
  func isLive(_ certificate: Int, _ sight: Sight) -> Bool {
    guard sight.effective.contains(certificate),
      let (device, member, _) = history.certified(certificate)
    else { return false }
    return isCurrent(
      history.entries[certificate].past, member: member, device: device, sight)
  }

  func liveCertificates(of member: Int, _ sight: Sight) -> [Int] {
    history.certificates.intersection(sight.effective).filter {
      history.certified($0)?.member == member && isLive($0, sight)
    }
  }

  /// the rank of a member; nil for one without a live certificate.
  func rank(of member: Int, _ sight: Sight) -> Int? {
    guard !liveCertificates(of: member, sight).isEmpty else { return nil }
    if sight.owners.contains(member) { return 0 }
    let rankings = history.rankings.intersection(sight.effective).filter {
      guard case .rank(member, _, _) = history.entries[$0].act else { return false }
      return isCurrent(history.entries[$0].past, member: member, device: nil, sight)
    }
    let last = rankings.filter { one in
      !rankings.contains { history.entries[$0].past.contains(one) }
    }
    let set = last.compactMap { entry -> Int? in
      if case .rank(_, let rank, _) = history.entries[entry].act { return rank }
      return nil
    }
    if let lowest = set.max() { return lowest }
    let certificates = history.certificates.intersection(sight.effective).filter {
      history.certified($0)?.member == member
        && isCurrent(history.entries[$0].past, member: member, device: nil, sight)
    }
    return certificates.min(by: history.precedes).flatMap(history.certified).map {
      $0.rank == 0 ? 2 : $0.rank
    }
  }

  /// the rank of a member, or that which it had at the last of its removals where it had one.
  func lastRank(of member: Int, _ sight: Sight) -> Int? {
    if let rank = rank(of: member, sight) { return rank }
    let removals = sight.effective.intersection(history.removals).filter {
      targetMember($0) == member
    }
    return removals.sorted(by: history.precedes).reversed().lazy.compactMap {
      let past = history.entries[$0].past
      return rank(
        of: member,
        Sight(effective: past.intersection(sight.effective), owners: owners(in: past)))
    }.first
  }

  /// Every member that a view speaks of.
  func members(in view: EntrySet) -> Set<Int> {
    Set(view.intersection(history.certificates).compactMap { history.certified($0)?.member })
  }
}
