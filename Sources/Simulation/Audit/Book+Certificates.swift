/// What hangs on a certificate, read from entries alone.
extension Book {
  /// Whether the office may not know a member any more: each of its certificates may be in vain.
  func mayBeLetInInVain(member: Short, without gone: Set<Long>) -> Bool {
    var doubts = Doubts(self, without: gone)
    let all = certificates.filter { $0.member == member }
    return !all.isEmpty && all.allSatisfy { doubts.mayBeInVain($0.entry) }
  }

  /// Whether a certificate may have no effect, or is among what is gone with a reason.
  func mayBeInVain(certificate: Long, without gone: Set<Long>) -> Bool {
    var doubts = Doubts(self, without: gone)
    return doubts.mayBeInVain(certificate)
  }

  /// The certificate that the beginning of a feed names.
  func certificate(of feed: Short) -> Long? {
    ids(at: Place(feed: feed, seq: 0)).first.flatMap { entries[$0]?.entry.certificate }
  }

  /// The key of the ticket that a certificate came by; nil of one without, and of any other entry.
  func ticket(of entry: Long) -> Long? {
    certificates.first { $0.entry == entry && !$0.ticket.isZero }?.ticket
  }

  /// The entries of the feeds whose beginning names one of these as its certificate.
  func certified(by certificates: Set<Long>) -> Set<Long> {
    if certificates.isEmpty { return [] }
    let beginnings = entries.values.filter { known in
      known.entry.certificate.map(certificates.contains) ?? false
    }
    let feeds = Set(beginnings.map(\.entry.feed))
    return Set(entries.filter { feeds.contains($0.value.entry.feed) }.keys)
  }
}
