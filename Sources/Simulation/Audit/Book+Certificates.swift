/// What hangs on a certificate, read from entries alone.
extension Book {
  /// Whether each who let a member in may have lost the right to since, or was let in so: the office may not
  /// know the member any more. Of a certificate that is not among these nobody says anything.
  func mayBeLetInInVain(
    _ member: Short, by held: Set<Long>, beside asked: Set<Short> = []
  ) -> Bool {
    areInVain(certificates.filter { $0.member == member }, by: held, beside: asked)
  }

  /// The same of one device.
  func mayBeLetInInVain(_ device: Long, by held: Set<Long>) -> Bool {
    areInVain(certificates.filter { $0.device == device }, by: held, beside: [])
  }

  private func areInVain(
    _ all: [Certificate], by held: Set<Long>, beside asked: Set<Short>
  ) -> Bool {
    !all.isEmpty
      && all.filter { held.contains($0.entry) }.allSatisfy { one in
        guard let author = entries[one.entry]?.device, one.entry != office else { return false }
        let makers = tickets[one.ticket, default: []].union([author]).flatMap { members(of: $0) }
        // What one's own computers let in hangs on what let these in.
        let others = Set(makers).subtracting([one.member])
        return others.isEmpty
          || others.subtracting(asked).contains {
            hasLost($0) || mayBeLetInInVain($0, by: held, beside: asked.union([one.member]))
          }
      }
  }

  /// The entries of the feeds whose beginning names one of these as its certificate.
  func certified(by certificates: Set<Long>) -> Set<Long> {
    if certificates.isEmpty { return [] }
    let beginnings = entries.values.filter { known in
      guard known.entry.seq == 0, let named = known.entry.ext[2] else { return false }
      var cursor = Cursor(named)
      return certificates.contains(cursor.long())
    }
    let feeds = Set(beginnings.map(\.entry.feed))
    return Set(entries.filter { feeds.contains($0.value.entry.feed) }.keys)
  }
}
