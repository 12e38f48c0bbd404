import Format

@testable import Authority

/// What was promised of every office, looked for in what the product says and in who wrote what; no
/// rule is evaluated here.
struct Promises {
  private let history: History
  private let view: EntrySet
  private let roster: Roster
  private let voids: EntrySet
  private(set) var broken: [String] = []
  /// Removals with effect by an author whom every owner list names, of somebody whom none does.
  private(set) var standing = EntrySet()

  init(_ run: ProductRun, _ view: EntrySet) {
    (history, self.view) = (run.history, view)
    roster = run.office.roster(at: run.officeView(view))
    voids = run.voidEntries(view)
    removalWins(run)
    cutsHold()
    authorsWereEntitled(run)
    ownersStay(run)
    nobodyRemovesEachOther()
    noJuniorThrowsOut()
    noEqualLowers()
    noStruckOwnerGoesOn()
    nobodyComesBackByOldWord()
  }

  /// Of removals that stood in a smaller view, those that have lost their effect though their author
  /// is still an owner and their target none.
  func lost(of before: EntrySet) -> EntrySet {
    EntrySet(
      before.subtracting(effective).filter { removal in
        // Who is gone by something else cannot be removed.
        isByLastingOwner(removal)
          && removed(removal).map { roster.rank(of: Keys.members[$0.member]) != nil } ?? false
      })
  }

  private func isByLastingOwner(_ removal: Int) -> Bool {
    contains(lasting, history.author(of: removal))
      && !(removed(removal).map { contains(everOwners, $0.member) } ?? true)
  }

  private var effective: EntrySet { view.subtracting(voids) }

  private func number(_ entry: Int) -> String {
    entry < history.openingCount ? "\(entry) of the opening" : "\(entry - history.openingCount + 1)"
  }

  private func member(named device: Int) -> Int { history.member(of: device) }

  /// Who is removed or removes a device, and from where.
  private func removed(_ entry: Int) -> (member: Int, device: Int?)? {
    switch history.entries[entry].act {
    case .remove(let member, _), .expel(let member, _): (member, nil)
    case .removeDevice(let device, _): (member(named: device), device)
    default: nil
    }
  }

  private func isTarget(_ certificate: Int, of removal: Int) -> Bool {
    guard let target = removed(removal), let own = history.certified(certificate) else {
      return false
    }
    return target.device.map { $0 == own.device } ?? (target.member == own.member)
  }

  /// No certificate is live of which a removal with effect is not in its past.
  private mutating func removalWins(_ run: ProductRun) {
    let removals = effective.intersection(history.removals)
    for certificate in view.intersection(history.certificates) {
      guard let device = history.certified(certificate)?.device,
        run.office.refusal(
          ofWriter: Keys.devices[device], certificate: run.id(certificate), at: roster.view) == nil
      else { continue }
      for removal in removals
      where isTarget(certificate, of: removal)
        && !history.entries[certificate].past.contains(removal)
      {
        broken.append(
          "entry \(number(certificate)) certifies, though entry \(number(removal)) removed")
      }
    }
  }

  /// The members that every owner list of the view names.
  private var lasting: EntrySet {
    let lists = view.intersection(history.ownerLists)
    return EntrySet(
      bits: lists.reduce(.max) { bits, list in
        guard case .owners(let members, _, _) = history.entries[list].act else { return bits }
        return bits & members
      })
  }

  private var everOwners: EntrySet {
    view.intersection(history.ownerLists).reduce(EntrySet(bits: 1)) { known, list in
      guard case .owners(let members, _, _) = history.entries[list].act else { return known }
      return known.union(EntrySet(bits: members))
    }
  }

  private func contains(_ set: EntrySet, _ member: Int) -> Bool {
    member < EntrySet.capacity && set.contains(member)
  }

  /// Nothing that somebody never an owner wrote behind the cut of a lasting owner has effect.
  private mutating func cutsHold() {
    for removal in effective.intersection(history.removals) {
      guard isByLastingOwner(removal) else { continue }
      standing.insert(removal)
      for entry in effective.intersection(history.office)
      where isTarget(history.entries[entry].certificate, of: removal)
        && !history.entries[entry].past.contains(removal) && !history.ownerLists.contains(entry)
        && isBehind(entry, removal) && !letsInAnOwner(entry) && !isHeldUp(removal)
      {
        broken.append(
          "entry \(number(entry)) has effect, though entry \(number(removal)) cuts it off")
      }
    }
  }

  /// Whether a removal has in its past one of the same target that came to nothing.
  ///
  /// Where that one still has effect the later one has no right, for its target is gone: so it is
  /// gathered with those of a lower rank, which are then not cut off by it.
  private func isHeldUp(_ removal: Int) -> Bool {
    history.entries[removal].past.intersection(history.removals).intersection(voids).contains {
      removed($0)?.member == removed(removal)?.member
    }
  }

  /// What let an owner in stands: no cut of another throws one out.
  private func letsInAnOwner(_ entry: Int) -> Bool {
    history.certified(entry).map { contains(everOwners, $0.member) } ?? false
  }

  private func isBehind(_ entry: Int, _ removal: Int) -> Bool {
    let feed = history.feed(of: entry)
    guard let cut = history.entries[removal].cuts.first(where: { $0.feed == feed }) else {
      return !history.entries[removal].past.contains(entry)
    }
    let seq = history.entries[entry].seq
    return seq > cut.seq || seq == cut.seq && entry != cut.entry
  }

  /// The senior-most rank that a member ever had from what has effect in a past, since it was last
  /// removed.
  private func bestRank(_ member: Int, _ past: EntrySet) -> Int {
    ranks(member, past, endedBy: effective).min() ?? 9
  }

  private func ranks(_ member: Int, _ past: EntrySet, endedBy ends: EntrySet) -> [Int] {
    past.intersection(history.office).compactMap { entry in
      guard !wasEnded(entry, member, by: past.intersection(ends)) else { return nil }
      switch history.entries[entry].act {
      case .founding: return member == 0 ? 0 : nil
      case .owners(let members, _, _):
        return contains(EntrySet(bits: members), member) ? 0 : nil
      case .rank(member, let rank, _): return hadEffect(entry) ? rank : nil
      default:
        guard hadEffect(entry), let new = history.certified(entry), new.member == member
        else { return nil }
        return new.rank
      }
    }
  }

  /// What all knew from the beginning was right until somebody took it back.
  private func hadEffect(_ entry: Int) -> Bool {
    entry < history.openingCount || effective.contains(entry)
  }

  /// Whether what gave a member a rank ended with a removal that it does not know of.
  private func wasEnded(_ entry: Int, _ member: Int, by removals: EntrySet) -> Bool {
    removals.intersection(history.removals).contains { removal in
      guard !history.entries[entry].past.contains(removal) else { return false }
      switch history.entries[removal].act {
      case .remove(member, _): return true
      case .removeDevice(let device, _): return history.certified(entry)?.device == device
      default: return false
      }
    }
  }

  /// Who decides about others was given the rank for it by something that has effect.
  private mutating func authorsWereEntitled(_ run: ProductRun) {
    for entry in effective.intersection(history.office) where entry >= history.openingCount {
      let author = history.author(of: entry)
      let past = history.entries[entry].past
      let target: Int
      switch history.entries[entry].act {
      case .remove(let member, _), .rank(let member, _, _): target = member
      case .removeDevice(let device, _): target = member(named: device)
      case .certify(_, let member, let rank):
        guard member != author else {
          if rank < bestRank(author, past) { report(entry, "gives its author a rank") }
          continue
        }
        if bestRank(author, past) >= rank, rank > 0 { report(entry, "gives too high a rank") }
        target = member
      default: continue
      }
      // Who has no device has no rank that stands above anybody.
      let place = run.office.roster(at: run.officeView(past))
      guard target != author, place.rank(of: Keys.members[target]) != nil else { continue }
      if bestRank(author, past) > 1 { report(entry, "decides about another") }
      let ranks = ranks(target, past, endedBy: effective)
      if let worst = ranks.max(), bestRank(author, past) >= worst, worst > 0 {
        report(entry, "decides about an equal or a senior")
      }
    }
  }

  private mutating func report(_ entry: Int, _ what: String) {
    broken.append("entry \(number(entry)) \(what) and has effect")
  }

  /// Only an owner itself, or a list, takes an owner's rights.
  private mutating func ownersStay(_ run: ProductRun) {
    let place = list.map { run.office.roster(at: run.officeView(history.entries[$0].past)) }
    for owner in owners.sorted() {
      // What an owner did beside a list that struck it has effect again once a later list names it.
      let leaves = effective.intersection(history.removals).contains {
        removed($0)?.member == owner
          && (history.author(of: $0) == owner || !contains(lasting, history.author(of: $0)))
      }
      // A list may name somebody who has not come yet, or is gone.
      let isThere = place.map { $0.rank(of: Keys.members[owner]) != nil } ?? true
      guard isThere, !leaves, roster.rank(of: Keys.members[owner]) != .owner else { continue }
      broken.append("\(history.name(owner)) is in the owner list and has no rights any more")
    }
  }

  /// Of two removals of each other that did not know of each other at most one has effect.
  private mutating func nobodyRemovesEachOther() {
    let removals = Array(effective.intersection(history.removals))
    for a in removals {
      for b in removals where a < b && !history.entries[b].past.contains(a) {
        let (one, other) = (history.author(of: a), history.author(of: b))
        guard one != other, removed(a)?.member == other, removed(b)?.member == one else {
          continue
        }
        broken.append("entries \(number(a)) and \(number(b)) remove each other's authors")
      }
    }
  }

  /// The members that the list in force names.
  private var owners: Set<Int> { Set(roster.owners.compactMap { Keys.numbers[$0] }) }

  /// The entry that states it.
  private var list: Int? {
    guard let last = roster.lastOwnersReference?.id else { return nil }
    return view.intersection(history.ownerLists).first {
      Keys.entry($0, isDescending: history.isDescending) == last
    }
  }

  /// A certificate that let somebody in has lost its effect only by what a senior did, or because its
  /// author, or who issued its ticket, was an owner and is none any more. A device that somebody let in
  /// by a ticket of its own is let in by itself.
  private mutating func noJuniorThrowsOut() {
    let movers = effective.intersection(history.removals.union(history.rankings))
    let lists = list.map { history.entries[$0].past } ?? EntrySet()
    for certificate in voids.intersection(history.certificates) {
      guard let (_, member, rank) = history.certified(certificate) else { continue }
      let author = history.author(of: certificate)
      let issuers = issuers(of: certificate)
      if issuers.contains(member) { continue }
      let wasStruck = ([author] + issuers).contains {
        contains(everOwners, $0) && !owners.contains($0)
      }
      guard author != member, !wasStruck else { continue }
      let hasSenior = movers.contains { mover in
        // Nobody keeps from its certificate what a list gave.
        let own = owners.contains(member) && !lists.contains(mover) ? 0 : rank == 0 ? 2 : rank
        return ranks(history.author(of: mover), view, endedBy: EntrySet()).contains { $0 < own }
      }
      if !hasSenior {
        broken.append("entry \(number(certificate)) lost its effect, and by no senior")
      }
    }
  }

  /// Who was made an admin loses that again only by what an owner took away, or because who made it one
  /// was struck by a list that does not know of it.
  private mutating func noEqualLowers() {
    let movers = effective.intersection(history.removals.union(history.rankings))
    for entry in voids.intersection(history.rankings) {
      guard case .rank(let member, 1, _) = history.entries[entry].act, !owners.contains(member),
        roster.rank(of: Keys.members[member]) != nil
      else { continue }
      let author = history.author(of: entry)
      let wasStruck = view.intersection(history.ownerLists).contains { list in
        guard case .owners(let members, _, _) = history.entries[list].act else { return false }
        return !contains(EntrySet(bits: members), author)
          && !history.entries[list].past.contains(entry)
      }
      let hasSenior = movers.contains {
        $0 >= history.openingCount
          && ranks(history.author(of: $0), view, endedBy: EntrySet()).contains(0)
      }
      if !wasStruck, !hasSenior {
        broken.append("entry \(number(entry)) makes no admin any more, and by no owner")
      }
    }
  }

  /// Who issued the tickets of which a certificate may be.
  private func issuers(of certificate: Int) -> [Int] {
    guard case .join(let key, _, _) = history.entries[certificate].act else { return [] }
    return history.entries[certificate].past.filter { history.ticketKey($0) == key }
      .map(history.author)
  }

  /// Who was struck from the owner list does nothing as an owner beside the list that struck it.
  private mutating func noStruckOwnerGoesOn() {
    guard let list else { return }
    let lists = view.intersection(history.ownerLists)
    for entry in effective.intersection(history.office) where entry >= history.openingCount {
      let author = history.author(of: entry)
      // A list that neither names it nor has it in its past, nor is in its own.
      guard contains(everOwners, author), !owners.contains(author),
        !history.entries[list].past.contains(entry), !history.entries[entry].past.contains(list),
        lists.count == 2
      else { continue }
      switch history.entries[entry].act {
      case .certify(_, let member, let rank):
        if member != author, rank < 2 { report(entry, "is by a struck owner") }
      case .rank(_, let rank, _): if rank == 1 { report(entry, "is by a struck owner") }
      case .remove(let member, _):
        if member != author, bestRank(member, view) < 2 { report(entry, "is by a struck owner") }
      default: break
      }
    }
  }

  /// A ticket for a member brings nobody back who was removed since.
  private mutating func nobodyComesBackByOldWord() {
    for entry in effective.intersection(history.certificates) {
      guard case .join(let key, _, let member) = history.entries[entry].act else { continue }
      let past = history.entries[entry].past
      let tickets = past.filter { ticket in
        guard case .ticket(let target, key) = history.entries[ticket].act else { return false }
        return target == nil || target == member
      }
      let removals = past.intersection(effective).intersection(history.removals).filter {
        if case .remove(member, _) = history.entries[$0].act { return true }
        return false
      }
      let isOld = tickets.allSatisfy { ticket in
        removals.contains { !history.entries[ticket].past.contains($0) }
      }
      if isOld, !removals.isEmpty { report(entry, "brings back by an old ticket") }
    }
  }
}
