/// What took from devices that they are in the office, read from entries alone.
extension Book {
  /// The key on links that a certificate bears (5-authority).
  func noise(of certificate: Long) -> Long? {
    guard let entry = entries[certificate]?.entry, let body = entry.body else { return nil }
    var cursor = Cursor(entry.kind == PlainEntry.Kind.control ? body.dropFirst() : body)
    _ = (cursor.short(), cursor.long())
    return cursor.long()
  }

  /// What may have taken from the device of a certificate that it is in the office, among the entries that
  /// satisfy a condition, and all that this has in its past: a removal of it. Where the certificate may be in
  /// vain, also what took the right to it from whoever wrote it or gave its ticket, or let these in, be it an
  /// owner list (H-5).
  func losses(of certificate: Certificate, where isHeld: (Long) -> Bool) -> Set<Long> {
    var takings = Set(takings(from: certificate.device))
    if mayBeInVain(certificate: certificate.entry, without: []) {
      takings.formUnion(takingsAbove(certificate))
    }
    return withPast(takings.filter(isHeld))
  }

  private func takings(from device: Long) -> [Long] {
    removals.filter { $0.group == nil && targets($0).contains(device) }.map(\.entry)
      + members(of: device).flatMap(demotions)
  }

  private func takingsAbove(_ certificate: Certificate) -> Set<Long> {
    var (takings, seen, open): (Set<Long>, Set<Long>, [Certificate]) = ([], [], [certificate])
    while let next = open.popLast() {
      let tickets = next.ticket.isZero ? [] : tickets[next.ticket, default: []]
      for known in ([next.entry] + tickets).compactMap({ entries[$0] }) {
        takings.formUnion(self.takings(from: known.device))
        guard let above = self.certificate(of: known.entry.feed), seen.insert(above).inserted
        else { continue }
        open += certificates.filter { $0.entry == above }
      }
    }
    // Who was struck names no owner any more; the list in force, which alone is shown, may be any later one.
    return takings.union(ownerLists.all)
  }

  /// These entries, and all that they have in their past.
  private func withPast(_ some: Set<Long>) -> Set<Long> {
    var (all, open) = (some, some.compactMap { entries[$0] })
    while let known = open.popLast() {
      for cause in past(of: known.entry) ?? [] where all.insert(cause.entry.id).inserted {
        open.append(cause)
      }
    }
    return all
  }
}
