import Format

@testable import Authority

/// What was promised of every listed group, looked for in what the product says and in who wrote
/// what; no rule is evaluated here.
struct GroupPromises {
  private let history: History
  private let facts: History.Group
  private let effective: EntrySet
  private(set) var broken: [String] = []

  init(_ run: ProductRun, _ facts: History.Group, _ view: EntrySet) {
    (history, self.facts) = (run.history, facts)
    effective = view.subtracting(run.voidEntries(view))
    let membership = run.group?.membership(
      groupView: run.groupView(view), officeView: run.officeView(view))
    for member in membership?.members ?? [] {
      if let number = Keys.numbers[member.id] { removalWins(number) }
    }
    for device in membership?.devices ?? [] where membership?.grade(of: device.member) == nil {
      broken.append("a device of nobody in the group is one of its devices")
    }
    for entry in effective where entry >= history.openingCount { authorWasEntitled(entry) }
    for entry in view.subtracting(effective) { noEqualThrowsOut(entry) }
  }

  private func number(_ entry: Int) -> Int { entry - history.openingCount + 1 }

  private func additions(of member: Int) -> [Int] {
    effective.filter {
      if case .add(member, _) = history.entries[$0].act { return true }
      return false
    }
  }

  /// Who is in the group was let in by what knew of each removal of it.
  private mutating func removalWins(_ member: Int) {
    for removal in effective {
      switch history.entries[removal].act {
      case .expel(member, _), .remove(member, _): break
      default: continue
      }
      let isBack =
        additions(of: member).contains { history.entries[$0].past.contains(removal) }
        // A ticket adds whom it certified; of a removal from the office a certificate can know.
        || history.office.contains(removal)
          && effective.contains { entry in
            guard case .join(_, _, member) = history.entries[entry].act else { return false }
            return history.entries[entry].past.contains(removal)
          }
      if !isBack {
        broken.append("\(history.name(member)) is in the group beside entry \(number(removal))")
      }
    }
  }

  /// Who was made a manager loses that again only by what an owner of the office or the creator took
  /// away in the group, or by what was done in the office.
  private mutating func noEqualThrowsOut(_ addition: Int) {
    guard case .add(let manager, grade: 1) = history.entries[addition].act else { return }
    let hasSenior = effective.contains { entry in
      guard entry >= history.openingCount else { return false }
      let author = history.author(of: entry)
      switch history.entries[entry].act {
      case .expel: return author == facts.creator || wasOwner(author, by: entry)
      case .add(let member, grade: 2):
        return member != author && (author == facts.creator || wasOwner(author, by: entry))
      // It was the creator that made one, and an owner that made it a manager meanwhile.
      case .add(facts.creator, grade: 1): return wasOwner(author, by: entry)
      case .remove, .removeDevice, .rank, .owners: return true
      default: return false
      }
    }
    guard !hasSenior else { return }
    broken.append("\(history.name(manager)) is no manager any more, and by no senior")
  }

  private func wasOwner(_ member: Int, by entry: Int) -> Bool {
    !facts.ownersDoNotOutrank
      && history.entries[entry].past.intersection(history.ownerLists).contains { list in
        guard case .owners(let members, _, _) = history.entries[list].act else { return false }
        return member < EntrySet.capacity && EntrySet(bits: members).contains(member)
      }
  }

  /// Who changes the list of others is an owner of the office, the creator or a manager.
  private mutating func authorWasEntitled(_ entry: Int) {
    let author = history.author(of: entry)
    let target: Int
    switch history.entries[entry].act {
    case .add(let member, _), .expel(let member, _): target = member
    default: return
    }
    guard target != author else { return }
    let past = history.entries[entry].past
    let isOwner = wasOwner(author, by: entry)
    let isManager = additions(of: author).contains {
      history.entries[$0].act == .add(member: author, grade: 1) && past.contains($0)
    }
    guard isOwner || author == facts.creator || isManager else {
      broken.append("entry \(number(entry)) is by nobody who decides, and has effect")
      return
    }
    if !isOwner, author != facts.creator,
      history.entries[entry].act == .add(member: target, grade: 1)
    {
      broken.append("entry \(number(entry)) makes a manager, by a manager")
    }
  }
}
