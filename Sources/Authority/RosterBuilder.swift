import Format

/// Gathers from the index what a roster shows of one view.
struct RosterBuilder {
  let index: OfficeIndex
  let evaluation: OfficeEvaluation
  let suspended: Set<DeviceKey>
  let scope: Scope

  init(_ index: OfficeIndex, _ evaluation: OfficeEvaluation, suspended: Set<DeviceKey>) {
    (self.index, self.evaluation, self.suspended) = (index, evaluation, suspended)
    scope = Scope(
      view: evaluation.view, voids: evaluation.strata.voids, owners: evaluation.owners)
  }

  /// The device that an entry certifies; nil where it does not or has no effect.
  func device(_ entry: Int) -> RosterDevice? {
    guard index.counts(entry, scope), let certificate = index.certificate(entry) else {
      return nil
    }
    let member = certificate.member
    return RosterDevice(
      key: certificate.device, noise: certificate.noise, sealing: certificate.sealing,
      member: member, rank: rank(member, certificate),
      isKeeper: certificate.isKeeper, mayAdmit: certificate.mayAdmit,
      certificate: index.entries[entry].id,
      certifier: certifier(entry, of: certificate),
      isLive: index.isLive(entry, scope), isSuspended: suspended.contains(certificate.device))
  }

  /// The rank of a member, or the last it had. That of a certificate stands for who never had one:
  /// nobody keeps what the owner list gave.
  private func rank(_ member: MemberID, _ certificate: Certificate) -> Rank {
    let rank = index.lastRank(member, scope) ?? certificate.rank
    return rank == .owner && !scope.owners.members.contains(member) ? .member : rank
  }

  /// Whose device wrote a certificate. The member itself where several wrote the very same: whoever
  /// copies a certificate to an old place let nobody in, and which is the copy cannot be told.
  private func certifier(_ entry: Int, of certificate: Certificate) -> MemberID {
    let same = (index.certificatesOfDevice[certificate.device] ?? []).filter {
      index.counts($0, scope) && index.entries[$0].content == index.entries[entry].content
    }
    let authors = Set(same.compactMap { index.authorCertificate($0)?.member })
    return authors.count == 1 ? authors.first ?? certificate.member : certificate.member
  }

  /// Of entries that certify, the first live device, or else the first.
  func device(among entries: [Int]?) -> RosterDevice? {
    guard let entries else { return nil }
    let entry =
      entries.first { index.isLive($0, scope) } ?? entries.first { index.counts($0, scope) }
    return entry.flatMap(device)
  }

  func devices() -> [RosterDevice] {
    // A stable order: certificates of one key stay in canonical order.
    index.entries(in: scope.view).compactMap(device).enumerated().sorted {
      $0.element.key != $1.element.key
        ? $0.element.key < $1.element.key : $0.offset < $1.offset
    }.map(\.element)
  }

  func member(_ id: MemberID) -> RosterMember? {
    guard
      let first = index.certificatesOfMember[id]?.first(where: { index.counts($0, scope) }),
      let certificate = index.certificate(first)
    else { return nil }
    let live = index.liveCertificates(id, scope)
    return RosterMember(
      id: id, rank: rank(id, certificate), isRemoved: live.isEmpty,
      certifier: certifier(first, of: certificate), ticket: index.ticketKey(first),
      devices: live.compactMap(device).sorted { $0.key < $1.key })
  }

  func members() -> [RosterMember] {
    index.certificatesOfMember.keys.compactMap(member).sorted { $0.id < $1.id }
  }

  /// All that is said of a ticket's key, by the most senior issuer first: whoever repeats the key of
  /// somebody else's ticket has less to say than who may let others in.
  func tickets(_ key: TicketKey) -> [RosterTicket] {
    let known = index.tickets(key, in: scope.view, scope).compactMap(ticket)
    guard known.count > 1 else { return known }
    func rank(_ ticket: RosterTicket) -> Rank { index.rank(ticket.issuer, scope) ?? .box }
    return known.enumerated().sorted {
      (rank($0.element), $0.offset) < (rank($1.element), $1.offset)
    }.map(\.element)
  }

  func hasLost(_ key: TicketKey) -> Bool {
    (index.tickets[key] ?? []).contains { index.isIn(scope.view, $0) && !index.counts($0, scope) }
  }

  private func ticket(_ entry: Int) -> RosterTicket? {
    guard let grant = index.grant(entry), let issuer = index.authorCertificate(entry)?.member
    else { return nil }
    return RosterTicket(
      grant: grant, entry: index.entries[entry].id, issuer: issuer,
      used: index.uses(of: entry, grant.key, scope), isRevoked: index.isRevoked(entry, scope),
      hasEnded: !index.isEntitled(entry, grant, scope))
  }

  func tickets() -> [RosterTicket] {
    index.tickets.keys.compactMap { tickets($0).first }.sorted { $0.grant.key < $1.grant.key }
  }

  func removals() -> [RosterRemoval] { index.removals.compactMap(removal) }

  /// The removal or lowering that an entry is; nil where it is neither or has no effect.
  func removal(_ entry: Int) -> RosterRemoval? {
    guard index.counts(entry, scope), let target = index.removalTarget(entry) else { return nil }
    let isRemoval = index.isRemoval(entry)
    guard isRemoval || evaluation.strata.gathered[entry] != nil else { return nil }
    return RosterRemoval(
      entry: ControlReference(index.entries[entry]), target: target, isLowering: !isRemoval,
      author: index.authorCertificate(entry)?.member ?? MemberID(Bytes16()),
      cuts: index.cutList(entry))
  }

  /// The removals and lowerings that concern a certificate, in canonical order.
  func removals(of certificate: Certificate) -> [RosterRemoval] {
    let entries = index.removals(of: certificate)
    guard entries.contains(where: { index.counts($0, scope) }) else { return [] }
    return entries.sorted { ControlEntry.precedes(index.entries[$0], index.entries[$1]) }
      .compactMap(removal)
  }

  func suspensions() -> [RosterSuspension] {
    index.suspensions.compactMap { entry in
      guard index.counts(entry, scope),
        case .operation(.suspend(let feed, let seq, let a, let b)) = index.entries[entry].content
      else { return nil }
      return RosterSuspension(
        entry: ControlReference(index.entries[entry]), feed: feed, seq: seq, first: a, second: b,
        author: index.authorCertificate(entry)?.member ?? MemberID(Bytes16()))
    }
  }

  func voids() -> [VoidEntry] {
    let chain = index.ownerChain(evaluation.view)
    return index.entries(in: scope.view).compactMap { entry in
      let reason =
        evaluation.strata.voids[entry]
        ?? (index.ownerList(entry) != nil && !chain.contains(entry) ? .otherOwners : nil)
      return reason.map { VoidEntry(entry: ControlReference(index.entries[entry]), reason: $0) }
    }
  }
}
