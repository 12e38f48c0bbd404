extension OfficeRun {
  /// No disk of anybody honest holds anything of a group whose log its device had never a right to hold, as
  /// far as that disk says. Somebody who lies gives anybody what others may not have, also of a group
  /// that nobody there has heard of yet.
  func checkRights() {
    guard world.audit.book.liars.isEmpty else { return }
    for person in people where person.isIn { checkRights(at: person.host) }
  }

  func checkRights(at host: Host) {
    let (audit, number) = (world.audit, host.number)
    let (book, held) = (audit.book, audit.held(at: number))
    guard !audit.isRotten(number),
      let device = certificate(at: host).flatMap(book.device(certifiedBy:))
    else { return }
    let groups = Set(held.compactMap { book.entries[$0]?.entry.group })
    for group in groups.sorted() where book.rights.knows(group) {
      if book.mayHold(device, group, where: held.contains) { continue }
      return world.fail(
        "host \(number) holds what was said in group \(group.first.text), to which it has no right")
    }
  }
}
