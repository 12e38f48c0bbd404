/// Which certificates, tickets and ranks may have no effect: one question to a book as it stands.
struct Doubts {
  private let book: Book
  /// What nobody has any more, with a reason.
  private let gone: Set<Long>
  /// What was asked before. An entry hangs on nothing but what is in its past, so never on itself.
  private var answers: [Long: Bool] = [:]

  init(_ book: Book, without gone: Set<Long>) { (self.book, self.gone) = (book, gone) }

  /// Whether an entry may have no effect, or is among what is gone.
  mutating func mayBeInVain(_ entry: Long) -> Bool {
    if entry == book.office { return false }
    if let answer = answers[entry] { return answer }
    let answer = gone.contains(entry) || mayLackRight(entry)
    answers[entry] = answer
    return answer
  }

  /// Whether a ticket may let in nobody any more: it has no effect, or whoever made it was removed or lowered
  /// since, which may have the ticket in its past, and nobody who knew of that gave the rank back. Whose
  /// last computer was removed is out as well.
  mutating func mayHaveEnded(ticket entry: Long) -> Bool {
    if mayBeInVain(entry) { return true }
    guard let known = book.entries[entry] else { return false }
    for member in book.members(of: known.device) {
      let computers = book.certificates.filter { $0.member == member }
      if computers.allSatisfy({
        !book.removals(ofDevice: $0.device).isEmpty || mayBeInVain($0.entry)
      }) {
        return true
      }
      let raises = book.raises.filter { $0.member == member }.map(\.entry)
        .filter { !mayBeInVain($0) }
      for taking in book.demotions(of: member) + book.removals(of: member)
      where !book.isAware(entry, of: taking)
        && !raises.contains(where: { book.isAware($0, of: taking) })
      { return true }
    }
    return false
  }

  /// Whether whoever wrote an entry may have lost the right to, or was let in in vain, or knew of no ticket to
  /// let anybody in by, or of no rank to have a say by, that is not in vain.
  private mutating func mayLackRight(_ entry: Long) -> Bool {
    guard let known = book.entries[entry] else { return false }
    let ticket = book.ticket(of: entry)
    if mayHaveLost(known, hasSay: ticket == nil) { return true }
    if let certificate = book.certificate(of: known.entry.feed), mayBeInVain(certificate) {
      return true
    }
    let grounds = ticket.map { tickets(of: $0, before: entry) } ?? raises(of: known)
    return !grounds.isEmpty && grounds.allSatisfy { mayBeInVain($0) }
  }

  /// Whether somebody may have taken rights from a device, or from its member, beside an entry of it: neither
  /// of the two knows of the other. Who was lowered stays, and lets in by the ticket of somebody else as
  /// before: only what takes a say over others is lost with that. Which of a forked feed's branches a removal
  /// leaves, and what of somebody who lies, nobody says here.
  private func mayHaveLost(_ known: Book.Known, hasSay: Bool) -> Bool {
    let (entry, device) = (known.entry.id, known.device)
    let members = book.members(of: device)
    if book.doubled.contains(known.entry.feed) || book.liars.contains(device) {
      return !book.removals(ofDevice: device).isEmpty
        || members.contains { hasSay ? book.hasLost($0) : book.lowered.contains($0) }
    }
    return hasSay && members.flatMap(book.demotions).contains { book.isBeside($0, entry) }
      || book.removals.contains { removal in
        removal.group == nil && book.targets(removal).contains(device)
          && book.mayBeCutOff(entry, by: removal)
      }
  }

  /// The tickets of a key that the author of a certificate knew of, one of which is enough. Whether that
  /// of somebody who lies lets anybody in nobody says here: it counts where there is no other.
  private func tickets(of key: Long, before certificate: Long) -> [Long] {
    let all = book.tickets[key, default: []].filter { book.isAware(certificate, of: $0) }
    let honest = all.filter { !book.isOfLiar($0) }
    return honest.isEmpty ? all : honest
  }

  /// The ranks by which the author of an entry has a say over others, as far as it knows: none where it is an
  /// owner.
  private func raises(of known: Book.Known) -> [Long] {
    let lists = book.ownerLists.among(known.lists)
    let owners = lists.isDoubtful ? nil : lists.inForce
    let members = book.members(of: known.device).filter { !(owners?.contains($0) ?? false) }
    return book.raises.filter {
      members.contains($0.member) && book.isAware(known.entry.id, of: $0.entry)
    }.map(\.entry)
  }
}
