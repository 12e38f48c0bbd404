/// What hangs on a certificate, read from entries alone.
extension Book {
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
