import Format

/// Gathers from the index what a roster shows of one view.
struct RosterBuilder {
  let index: OfficeIndex
  let evaluation: OfficeEvaluation
  let suspended: Set<DeviceKey>
  let scope: Scope
  let all: [Int]

  init(_ index: OfficeIndex, _ evaluation: OfficeEvaluation, suspended: Set<DeviceKey>) {
    (self.index, self.evaluation, self.suspended) = (index, evaluation, suspended)
    scope = Scope(
      view: evaluation.view, voids: evaluation.strata.voids, owners: evaluation.owners)
    all = index.entries(in: evaluation.view)
  }

  func devices() -> [RosterDevice] {
    var out: [RosterDevice] = []
    var ranks: [MemberID: Rank] = [:]
    for entry in all where index.counts(entry, scope) {
      guard let certificate = index.certificate(entry) else { continue }
      let member = certificate.member
      let rank = ranks[member] ?? index.rank(member, scope) ?? certificate.rank
      ranks[member] = rank
      out.append(
        RosterDevice(
          key: certificate.device, noise: certificate.noise, sealing: certificate.sealing,
          member: member, rank: rank, isKeeper: certificate.isKeeper,
          mayAdmit: certificate.mayAdmit, certificate: index.entries[entry].id,
          certifier: index.authorCertificate(entry)?.member ?? member,
          isLive: index.isLive(entry, scope), isSuspended: suspended.contains(certificate.device)))
    }
    // A stable order: certificates of one key stay in canonical order.
    return out.enumerated().sorted {
      $0.element.key != $1.element.key
        ? $0.element.key < $1.element.key : $0.offset < $1.offset
    }.map(\.element)
  }

  func members(_ devices: [RosterDevice]) -> [RosterMember] {
    var live: [MemberID: [RosterDevice]] = [:]
    for device in devices where device.isLive { live[device.member, default: []].append(device) }
    var out: [RosterMember] = []
    var seen: Set<MemberID> = []
    for entry in all where index.counts(entry, scope) {
      guard let certificate = index.certificate(entry), seen.insert(certificate.member).inserted
      else { continue }
      let devices = live[certificate.member] ?? []
      out.append(
        RosterMember(
          id: certificate.member, rank: devices.first?.rank ?? certificate.rank,
          isRemoved: devices.isEmpty,
          certifier: index.authorCertificate(entry)?.member ?? certificate.member,
          ticket: ticket(entry), devices: devices))
    }
    return out.sorted { $0.id < $1.id }
  }

  private func ticket(_ entry: Int) -> TicketKey? {
    guard case .operation(.certify(let certification)) = index.entries[entry].content,
      !certification.ticket.isZero
    else { return nil }
    return certification.ticket
  }

  func tickets() -> [RosterTicket] {
    var out: [RosterTicket] = []
    var seen: Set<TicketKey> = []
    for entry in all where index.counts(entry, scope) {
      guard case .operation(.ticket(let grant)) = index.entries[entry].content,
        let issuer = index.authorCertificate(entry)?.member, seen.insert(grant.key).inserted
      else { continue }
      let used = (index.certificatesOfTicket[grant.key] ?? []).filter { index.counts($0, scope) }
      let revokes = (index.revokes[grant.key] ?? []).filter { index.counts($0, scope) }
      out.append(
        RosterTicket(
          grant: grant, entry: index.entries[entry].id, issuer: issuer, used: used.count,
          isRevoked: !revokes.isEmpty, hasEnded: !index.isEntitled(entry, grant, scope)))
    }
    return out.sorted { $0.grant.key < $1.grant.key }
  }

  func removals() -> [RosterRemoval] {
    index.removals.compactMap { entry in
      guard index.counts(entry, scope), let target = index.removalTarget(entry) else { return nil }
      let isRemoval = index.isRemoval(entry)
      let isLowering = !isRemoval && evaluation.strata.gathered[entry] != nil
      guard isRemoval || isLowering else { return nil }
      return RosterRemoval(
        entry: ControlReference(index.entries[entry]), target: target, isLowering: isLowering,
        author: index.authorCertificate(entry)?.member ?? MemberID(Bytes16()),
        cuts: index.cutList(entry))
    }
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
    return all.compactMap { entry in
      let reason =
        evaluation.strata.voids[entry]
        ?? (index.ownerList(entry) != nil && !chain.contains(entry) ? .otherOwners : nil)
      return reason.map { VoidEntry(entry: ControlReference(index.entries[entry]), reason: $0) }
    }
  }
}
