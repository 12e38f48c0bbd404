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

/// That a device was called otherwise from then on.
package struct PastDeviceName: Hashable, Sendable {
  package let device: DeviceKey
  package let member: MemberID
  package let was: Name
  package let name: Name
  /// Milliseconds since 1970 at which it stands in the display.
  package let effectiveMilliseconds: UInt64
}

/// That somebody or something was called otherwise from then on.
private struct Change<Subject> {
  let subject: Subject
  let was: Name
  let name: Name
  let effectiveMilliseconds: UInt64
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
    // A list of owners that was in force has no effect since the recovery key named others, but did
    // what it did.
    var list = EntryID(Bytes32())
    return entries.compactMap { entry in
      guard case .operation(let operation) = entry.content else { return nil }
      if case .owners(let owners) = operation {
        guard owners.previous == list || owners.signatures.contains(where: { $0.device.isZero })
        else { return nil }
        list = entry.id
      } else if void.contains(entry.id) {
        return nil
      }
      guard let feed = group.branch(entry.place)?.feed, entry.seq >= feed.start,
        Int(entry.seq) < feed.admittedCount,
        let author = roster.device(certificate: entry.certificate)?.member
      else { return nil }
      return PastOperation(
        operation: operation, author: author,
        effectiveMilliseconds: feed.mark(entry.seq).effective)
    }
  }

  /// Each time that a member's name became another one, by whoever may name it (E-18); of who is gone
  /// too, for the past stays as it was.
  package mutating func pastNames() -> [PastName] {
    let roster = rosterNow()
    return pastNames { (subject) -> MemberID? in
      guard case .member(let member) = subject, roster.member(member) != nil else { return nil }
      return member
    }.map {
      PastName(
        member: $0.subject, was: $0.was, name: $0.name,
        effectiveMilliseconds: $0.effectiveMilliseconds)
    }
  }

  /// The same of devices.
  package mutating func pastDeviceNames() -> [PastDeviceName] {
    let roster = rosterNow()
    return pastNames { (subject) -> RosterDevice? in
      guard case .device(let key) = subject else { return nil }
      return roster.device(key)
    }.map {
      PastDeviceName(
        device: $0.subject.key, member: $0.subject.member, was: $0.was, name: $0.name,
        effectiveMilliseconds: $0.effectiveMilliseconds)
    }
  }

  private mutating func pastNames<Named>(
    _ named: (Content.Subject) -> Named?
  ) -> [Change<Named>] {
    let roster = rosterNow()
    var changes: [Change<Named>] = []
    for (subject, sayings) in names.sayings {
      guard let one = named(subject) else { continue }
      let said = sayings.values
        .filter { roster.mayName(subject, by: $0.feed.certificate) }
        .flatMap { said in said.claims.map { (claim: $0, feed: said.feed) } }
        .sorted { $0.claim.precedes($1.claim) }
      for (before, now) in zip(said, said.dropFirst()) where before.claim.name != now.claim.name {
        guard now.claim.seq >= now.feed.start, Int(now.claim.seq) < now.feed.admittedCount else {
          continue
        }
        changes.append(
          Change(
            subject: one, was: before.claim.name, name: now.claim.name,
            effectiveMilliseconds: now.feed.mark(now.claim.seq).effective))
      }
    }
    return changes
  }
}
