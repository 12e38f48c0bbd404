import Control
import Format
import TestSupport

/// Offices with several owners, and such as are recovered by the recovery key.
extension OfficeRun {
  /// Who decides for others once everything heals.
  var head: Person { chosenHead ?? people[0] }

  /// Whether the recovery key may be needed: owners may change, or the only one's computer may be found to
  /// have gone on in two ways.
  private var keepsRecoveryKey: Bool {
    [.owners, .recover, .restoredDisk, .lyingFlush].contains { plan.rates[$0] != nil }
  }

  /// Whoever founds an office puts its recovery key away.
  func writeRecoveryDown() {
    guard keepsRecoveryKey,
      case .recoveryShow(let shown)? = answer(
        of: people[0], to: .recoveryShow(RecoveryShowCall()), "the recovery key")
    else { return }
    recoveryLine = shown.line
  }

  /// An owner wants another one, or one less; more than half of them must agree.
  func changeOwners(_ chance: inout SeededGenerator) {
    guard let actor = one(&chance, { $0.rank == .owner && !$0.isCopy }),
      let target = one(&chance, { !$0.isCopy && $0.name != actor.name })
    else { return }
    let rank: RankWord = target.rank == .owner ? .member : .owner
    let call = MemberRankCall(member: "@" + target.name, rank: rank)
    ask(actor, .memberRank(call), "wants \(target.name) as \(rank)") { [self] result in
      guard case .memberRank(let made) = result else { return }
      if let change = made.change { agree(to: change, by: [actor.name]) }
    }
  }

  /// The other owners agree one after the other, as long as it takes more of them.
  private func agree(to change: OwnerChange, by names: Set<String>) {
    guard let line = change.line else { return note(owners: change) }
    let others = people.filter {
      $0.rank == .owner && $0.isIn && !$0.isCopy && $0.host.isRunning && !names.contains($0.name)
    }
    guard let other = others.first else { return }
    later(1...40, &placing) { [self] in
      ask(other, .ownersAgree(OwnersAgreeCall(line: line, look: nil)), "agrees") { [self] result in
        guard case .ownersAgree(let next) = result else { return }
        agree(to: next, by: names.union([other.name]))
      }
    }
  }

  /// Whoever found the recovery key names the owners: oneself, and perhaps another.
  func recover(_ chance: inout SeededGenerator) {
    guard let person = one(&chance, { !$0.isCopy }) else { return }
    let other = chance.oneIn(2) ? one(&chance, { !$0.isCopy && $0 !== person }) : nil
    let owners = [person, other].compactMap { $0 }.map { "@" + $0.name }
    let call = RecoveryUseCall(line: recoveryLine, owners: owners)
    ask(person, .recoveryUse(call), "recovers the office for \(owners.joined(separator: ", "))") {
      [self] result in
      if case .recoveryUse(let change) = result { note(owners: change) }
    }
  }

  private func note(owners change: OwnerChange) {
    let names = Set(change.owners.map(\.name))
    for person in people {
      if names.contains(person.name) {
        person.rank = .owner
      } else if person.rank == .owner {
        person.rank = .member
      }
    }
  }

  // MARK: In the end

  /// Whoever owns the office by then and can decide; where none of the owners can, the recovery key makes
  /// somebody one.
  func chooseHead() {
    guard keepsRecoveryKey, world.faults.isEmpty else { return }
    let well = people.filter {
      $0.isIn && !$0.isLiar && !$0.isBox && standing(of: $0) == .ready && !isStopped($0)
        && !isSaidRemoved($0)
    }
    for person in well {
      guard
        case .memberList(let list)? = answer(
          of: person, to: .memberList(MemberListCall(removed: false)), "members")
      else { return }
      guard let own = list.members.first(where: \.own) else { continue }
      person.member = own.id
      if own.rank == .owner {
        chosenHead = person
        return
      }
    }
    guard let person = well.first else {
      // Each computer was copied, put back or lost, and the recovery key needs one that may write.
      guard isStopped(people[0]) else { return world.fail("nobody is left in the office") }
      world.note(nil, "nobody is left who can write: the office is over")
      isOver = true
      return
    }
    let call = RecoveryUseCall(line: recoveryLine, owners: [person.typed])
    decide(.recoveryUse(call), "recover the office", by: person)
    chosenHead = person
  }

  /// Takes somebody off the owner list by the recovery key, if they are on it.
  func strike(_ person: Person) {
    guard keepsRecoveryKey,
      case .memberList(let list)? = answer(
        of: head, to: .memberList(MemberListCall(removed: false)), "members"),
      let known = person.find(in: list.members), known.rank == .owner
    else { return }
    strike(known.id)
  }

  func strike(_ member: HexIdentifier) {
    guard
      case .memberList(let list)? = answer(
        of: head, to: .memberList(MemberListCall(removed: false)), "members")
    else { return }
    let owners = list.members.filter { $0.rank == .owner && $0.id != member }
    let call = RecoveryUseCall(line: recoveryLine, owners: owners.map { "id:\($0.id)" })
    decide(.recoveryUse(call), "take an owner off the list")
  }

  /// Everybody takes those for owners whom the lists on the disks name, and an office has one who is
  /// there (study 3: 22).
  func compareOwners() {
    // What lies on a disk alone that was set aside nobody gets any more.
    let held = people.filter(\.isIn).map { world.audit.held(at: $0.host.number) }
    let lists = world.audit.book.ownerLists.among(held.reduce(into: []) { $0.formUnion($1) })
    guard !lists.isEmpty, !lists.isDoubtful, let owners = lists.inForce else { return }
    for person in people where person.isIn && world.faults.isEmpty {
      guard
        case .memberList(let list)? = answer(
          of: person, to: .memberList(MemberListCall(removed: false)), "members")
      else { return }
      let number = person.host.number
      if !list.members.contains(where: { $0.rank == .owner }) {
        world.fail("host \(number) knows no owner of the office")
      }
      for member in list.members {
        var cursor = Cursor(member.id.bytes[...])
        if owners.contains(cursor.short()) != (member.rank == .owner) {
          world.fail("host \(number) takes \(member.name) for \(member.rank.rawValue)")
        }
      }
    }
  }
}
