import Control

extension OfficeRun {
  /// Whoever holds two entries of its own at one place, and runs, says that it was copied, and so does not write
  /// on (study 3: 10).
  func checkCopies() {
    let (audit, book) = (world.audit, world.audit.book)
    for person in people where person.isIn && !person.isLiar && person.host.isRunning {
      let number = person.host.number
      guard !person.host.isAsleep, let device = audit.device(of: number),
        !book.liars.contains(device), book.isSplit(device, among: audit.usable(at: number)),
        case .status(let status)? = peek(at: person.host, .status(StatusCall()))
      else { continue }
      checkCopied(status.degraded, of: person)
    }
  }

  func checkCopied(_ states: [DegradedInfo], of person: Person) {
    if states.contains(where: { $0.word == .copied }) { return }
    world.fail(
      "host \(person.host.number) holds two things of its own at one place, and does not say so")
  }
}
