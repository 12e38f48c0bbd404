/// What hangs on a certificate, read from entries alone.
extension Book {
  /// Whether the office may not know a member any more: each of its certificates may be in vain.
  func mayBeLetInInVain(member: Short, without gone: Set<Long>) -> Bool {
    areInVain(certificates.filter { $0.member == member }, without: gone, beside: [])
  }

  private func areInVain(
    _ all: [Certificate], without gone: Set<Long>, beside asked: Set<Long>
  ) -> Bool {
    !all.isEmpty
      && all.allSatisfy { mayBeInVain(certificate: $0.entry, without: gone, beside: asked) }
  }

  /// Whether a certificate may have no effect, or is among what is gone with a reason.
  func mayBeInVain(
    certificate: Long, without gone: Set<Long>, beside asked: Set<Long> = []
  ) -> Bool {
    if certificate == office { return false }
    let key = certificates.first { $0.entry == certificate }?.ticket ?? .zero
    let letting = tickets[key, default: []] + [certificate]
    return gone.contains(certificate)
      || letting.contains { mayBeInVain($0, without: gone, beside: asked) }
  }

  /// Whether a ticket, a certificate or a rank may have no effect: whoever wrote it may have lost the right
  /// to, or was let in in vain, or was given a say over others in vain by each rank that it knows of. What hangs
  /// on itself alone hangs on nothing.
  private func mayBeInVain(
    _ entry: Long, without gone: Set<Long>, beside asked: Set<Long>
  ) -> Bool {
    guard let device = entries[entry]?.device else { return false }
    if asked.contains(entry) || mayHaveLost(device, at: entry) { return true }
    let asked = asked.union([entry])
    let all = certificates.filter { $0.device == device }
    if areInVain(all, without: gone, beside: asked) { return true }
    let members = members(of: device)
    let raising = raises.filter {
      members.contains($0.member) && isAware(entry, of: $0.entry)
    }
    return !raising.isEmpty
      && raising.allSatisfy { mayBeInVain($0.entry, without: gone, beside: asked) }
  }

  /// Whether somebody may have taken rights from a device, or from its member, beside an entry of it: neither
  /// of the two knows of the other. Which of a forked feed's branches a removal leaves, and what of
  /// somebody who lies, nobody says here.
  private func mayHaveLost(_ device: Long, at entry: Long) -> Bool {
    let members = members(of: device)
    let isForked = entries[entry].map { doubled.contains($0.entry.feed) } ?? false
    if isForked || liars.contains(device) { return members.contains(where: hasLost) }
    return members.flatMap(demotions).contains { isBeside($0, entry) }
      || removals.contains { removal in
        removal.group == nil && targets(removal).contains(device)
          && mayBeCutOff(entry, by: removal)
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
