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
    let lists = view.intersection(history.ownerLists)
    var owners = Owners(members: 0b1, list: nil)
    let canonical = lists.count > 1 ? history.canonical(lists) : Array(lists)
    if let recovery = canonical.last(where: { isSignedByRecovery($0) }) {
      owners = stated(recovery)
    }
    while let next = canonical.first(where: { history.entries[$0].previous == owners.list }) {
      owners = stated(next)
    }
    return owners
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
      let voids = run(order, pass)
      for mover in movers where !pass.gathered.contains(mover) && !voids.contains(mover) {
        if gathers(mover, voids, pass.owners, rank) { pass.gathered.insert(mover) }
      }
      pass.before.append(voids)
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
    if pass.gathered.contains(where: { cutsOff($0, entry) }) { return true }
    let author = history.author(of: entry)
    if let target = targetMember(entry), target != author {
      if isAbove(target, entry, pass.owners) { return true }
      if !pass.owners.contains(author), wasRaised(target, beside: entry, pass) { return true }
    }
    return !hasRight(entry, sight(of: entry, voids, pass.owners))
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
      pass.gathered.allSatisfy({ !cutsOff($0, entry) || isAbove(member, $0, pass.owners) })
    {
      return true
    }
    if before.count > 1, !before[1].contains(entry) {
      let sight = Sight(effective: pass.view.subtracting(before[1]), owners: pass.owners)
      if let rank = rank(of: member, sight), rank <= 1 { return true }
    }
    return before.count > 2 && !before[2].contains(entry)
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

  private func gathers(_ mover: Int, _ voids: EntrySet, _ owners: Owners, _ rank: Int) -> Bool {
    let sight = sight(of: mover, voids, owners)
    if case .rank(let member, let new, _) = history.entries[mover].act {
      guard let before = self.rank(of: member, sight), new > before else { return false }
    }
    return self.rank(of: history.author(of: mover), sight).map { $0 <= rank } ?? false
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
    let live = liveCertificates(of: member, sight)
    guard let first = live.min(by: history.precedes) else { return nil }
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
    return history.certified(first).map { $0.rank == 0 ? 2 : $0.rank }
  }

  /// Every member that a view speaks of.
  func members(in view: EntrySet) -> Set<Int> {
    Set(view.intersection(history.certificates).compactMap { history.certified($0)?.member })
  }
}
