import Authority
package import Format

/// A control operation with effect, with who wrote it and when.
package struct PastOperation: Hashable, Sendable {
  package let operation: Operation
  package let author: MemberID
  /// Milliseconds since 1970 at which it stands in the display.
  package let effectiveMilliseconds: UInt64
}

/// That a member was called otherwise from then on.
package struct PastName: Hashable, Sendable {
  package let member: MemberID
  package let was: Name
  package let name: Name
  /// Milliseconds since 1970 at which it stands in the display.
  package let effectiveMilliseconds: UInt64
}

extension Replica {
  /// The operations of a group's log, or of the office's, that have an effect, in canonical order.
  package mutating func pastOperations(in id: GroupID) -> [PastOperation] {
    guard let group = groups[id] else { return [] }
    let (entries, voids) =
      group.isOffice
      ? (authority.entries, rosterNow().voids)
      : (group.authority?.entries ?? [], membershipNow(id)?.voids ?? [])
    let void = Set(voids.map(\.entry.id))
    let roster = rosterNow()
    return entries.compactMap { entry in
      guard case .operation(let operation) = entry.content, !void.contains(entry.id),
        let feed = group.branch(entry.place)?.feed, entry.seq >= feed.start,
        Int(entry.seq) < feed.admittedCount,
        let author = roster.device(certificate: entry.certificate)?.member
      else { return nil }
      return PastOperation(
        operation: operation, author: author,
        effectiveMilliseconds: feed.mark(entry.seq).effective)
    }
  }

  /// Each time that a present member's name became another one, by whoever may name it (E-18).
  package mutating func pastNames() -> [PastName] {
    let roster = rosterNow()
    var changes: [PastName] = []
    for (subject, sayings) in names.sayings {
      guard case .member(let member) = subject, roster.rank(of: member) != nil else { continue }
      let said = sayings.values
        .filter { roster.mayName(subject, by: $0.feed.certificate) }
        .flatMap { said in said.claims.map { (claim: $0, feed: said.feed) } }
        .sorted { $0.claim.precedes($1.claim) }
      for (before, now) in zip(said, said.dropFirst()) where before.claim.name != now.claim.name {
        guard now.claim.seq >= now.feed.start, Int(now.claim.seq) < now.feed.admittedCount else {
          continue
        }
        changes.append(
          PastName(
            member: member, was: before.claim.name, name: now.claim.name,
            effectiveMilliseconds: now.feed.mark(now.claim.seq).effective))
      }
    }
    return changes
  }
}
