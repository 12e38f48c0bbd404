extension OfficeRun {
  /// No disk of anybody honest holds anything of a group whose log its device had never a right to hold, as
  /// far as that disk says. Somebody who lies gives anybody what others may not have, also of a group
  /// that nobody there has heard of yet.
  func checkRights() {
    checkCertificates()
    guard world.audit.book.liars.isEmpty else { return }
    for person in people where person.isIn { checkRights(at: person.host) }
  }

  /// Whoever is in the office and runs has on the disk what let them in, for without it nothing is held against
  /// who they are.
  func checkCertificates() {
    for person in people where person.isIn && !person.isLiar {
      let host = person.host
      guard host.isRunning, host.isLetIn, !world.audit.isRotten(host.number) else { continue }
      guard let certificate = certificate(at: host) else {
        return world.fail("host \(host.number) is in the office, and its disk does not say by what")
      }
      if world.audit.book.entries[certificate] == nil {
        return world.fail("host \(host.number) is in the office by what lies on no disk")
      }
    }
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
