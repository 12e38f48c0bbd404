import Control
import Format

/// Whether each knows the groups that it is in: what nobody lists nobody compares.
extension OfficeRun {
  /// Whoever stands in somebody's list of a group has that group, and a group that was founded, and in which
  /// somebody still is, is had by somebody.
  func checkListed(_ views: [(person: Person, view: View)]) {
    checkCertificates()
    let people = views.filter { !$0.person.isBox }
    for (holder, view) in people {
      for (group, members) in view.groups.sorted(by: { $0.key < $1.key }) {
        for (person, own) in people where own.groups[group] == nil {
          guard isNamed(person, among: members) else { continue }
          world.fail(
            "host \(person.host.number) does not have \(view.titles[group] ?? "a group") "
              + "\(group.text.prefix(8)), in which it is by what host \(holder.host.number) says")
        }
      }
    }
    for (title, group) in founded.sorted(by: { $0.key < $1.key }) {
      guard !isLie(group), !apart.contains(group),
        !people.contains(where: { $0.view.groups[group] != nil }),
        let person = people.first(where: { isSurely($0.person, in: group) })?.person
      else { continue }
      world.fail("nobody has \(title), in which host \(person.host.number) is")
    }
  }

  /// Whether somebody has a group, or stands in anybody's list of it.
  func isIn(
    _ group: HexIdentifier, _ one: (person: Person, view: View),
    _ views: [(person: Person, view: View)]
  ) -> Bool {
    one.view.groups[group] != nil
      || views.contains { $0.view.groups[group].map { isNamed(one.person, among: $0) } ?? false }
  }

  /// Of a group that nobody is in as far as anybody knows: who may be in it all the same, and who holds its
  /// founding, be it a keeper or somebody who left.
  func concerned(by group: HexIdentifier, _ views: [(person: Person, view: View)]) -> [Person] {
    views.map(\.person).filter { person in
      person.isBox || isSurely(person, in: group)
        || Long(group.bytes).map(world.audit.held(at: person.host.number).contains) ?? false
    }
  }

  private func isNamed(_ person: Person, among members: Set<HexIdentifier>) -> Bool {
    guard let member = member(of: person) else { return false }
    return members.contains { $0.bytes == member.bytes }
  }

  /// The member by which somebody is in the office, as the directory of their node says.
  private func member(of person: Person) -> Short? {
    guard let certificate = certificate(at: person.host) else { return nil }
    return world.audit.book.certificates.first { $0.entry == certificate }?.member
  }

  /// Whether nothing on any disk may keep somebody out of a group that they founded or were added to.
  private func isSurely(_ person: Person, in group: HexIdentifier) -> Bool {
    let (book, gone) = (world.audit.book, givenUp)
    var doubts = Doubts(book, without: gone.union(book.waiting(for: gone)))
    guard let member = member(of: person), let group = Long(group.bytes),
      let founding = book.entries[group], !book.isLowered(member, in: group),
      !doubts.mayBeInVain(group)
    else { return false }
    if group == book.everyone || book.members(of: founding.device).contains(member) { return true }
    let additions = book.additions.filter { $0.group == group && $0.member == member }
    return !book.mayBeAddedInVain(member, to: group)
      && additions.contains { !book.isOfLiar($0.entry) && !doubts.mayBeInVain($0.entry) }
  }

  /// All groups there are on any disk, but for those of somebody who lies: a keeper holds each of them, and
  /// lists none.
  var allGroups: [HexIdentifier] {
    let book = world.audit.book
    return book.entries.filter { id, known in
      known.entry.group == id && known.entry.kind == PlainEntry.Kind.genesis
        && !book.offices.contains(id)
    }.keys.sorted().compactMap { HexIdentifier(bytes: $0.bytes) }.filter { !isLie($0) }
  }
}
