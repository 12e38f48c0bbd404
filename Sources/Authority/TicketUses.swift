import Format

/// How often a ticket lets in: asked of an entry at its place alone, for what has effect
/// later shall not take from somebody what was right when it was given.
extension OfficeIndex {
  func checkUses(
    _ certification: Operation.Certification, by certificate: EntryID, _ scope: Scope
  ) throws(Refusal) {
    guard !certification.ticket.isZero else { return }
    let good = tickets(certification.ticket, in: scope.view, scope).filter {
      refusal(ofTicket: $0, for: certification.certificate, scope) == nil
    }
    let unused = good.filter {
      uses(of: $0, certification.ticket, scope) < Int(grant($0)?.uses ?? 0)
    }
    guard !unused.isEmpty else { throw .ticketUsedUp }
    // Whoever knows a ticket's secret because it came by it would otherwise let in as many as it
    // likes, from places that do not know of each other.
    guard let author = byID[certificate].flatMap(self.certificate)?.member,
      !came(author, by: certification.ticket, scope)
        || unused.contains(where: { grant($0).map { !$0.member.isZero } ?? false })
    else { throw .ticketOwn }
  }

  /// How many devices were let in by a ticket operation, by certificates with effect.
  func uses(of ticket: Int, _ key: TicketKey, _ scope: Scope) -> Int {
    guard counts(ticket, scope), let grant = grant(ticket) else { return 0 }
    var devices: Set<DeviceKey> = []
    for entry in certificatesOfTicket[key] ?? []
    where counts(entry, scope) && isPast(ticket, of: entry) {
      if let new = certificate(entry), allows(grant, new) { devices.insert(new.device) }
    }
    return devices.count
  }

  /// Whether a certificate with effect of a member names a ticket.
  func came(_ member: MemberID, by ticket: TicketKey, _ scope: Scope) -> Bool {
    (certificatesOfMember[member] ?? []).contains {
      counts($0, scope) && ticketKey($0) == ticket
    }
  }

  /// The ticket by which a certificate was written; nil where without.
  func ticketKey(_ certificate: Int) -> TicketKey? {
    guard case .operation(.certify(let certification)) = entries[certificate].content,
      !certification.ticket.isZero
    else { return nil }
    return certification.ticket
  }
}
