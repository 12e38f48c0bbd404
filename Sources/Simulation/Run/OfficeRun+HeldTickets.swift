import Format

/// What became of tickets that let nobody in whom anybody knows.
extension OfficeRun {
  /// Whether nobody who is in the office has one of them, or has it behind what is gone.
  var isAnyTicketLost: Bool {
    let there = usableInOffice.subtracting(world.audit.book.waiting(for: givenUp))
    return unused(among: there).contains(where: there.isDisjoint)
  }

  /// Whether one of them may let in nobody any more, for somebody took the right to from whoever made it, or
  /// somebody who lies took back the ticket.
  var hasAnyTicketEnded: Bool {
    let book = world.audit.book
    if !book.hasAnybodyLost { return false }
    if !book.liars.isEmpty { return true }
    var doubts = Doubts(book, without: givenUp)
    return unused(among: usableInOffice).contains { tickets in
      tickets.allSatisfy { doubts.mayHaveEnded(ticket: $0) }
    }
  }

  /// The entries that made each ticket by which no certificate among these was given.
  private func unused(among there: Set<Long>) -> [[Long]] {
    let book = world.audit.book
    let used = Set(book.certificates.filter { there.contains($0.entry) }.map(\.ticket))
    return book.tickets.filter { !used.contains($0.key) }.map(\.value)
  }
}
