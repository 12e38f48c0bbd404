package import Format

/// What the office log says in one view: members, devices, ranks, tickets, removals.
///
/// Questions about one device or member are answered from the index; the lists are made when they
/// are first asked for, so that a roster that nobody lists costs nothing.
package final class Roster {
  package let view: ViewID
  /// The members of the owner list, ascending.
  package let owners: [MemberID]
  /// The entry of the last `owners` operation; zero where there is none.
  package let lastOwners: EntryID
  /// Where that entry stands; nil where there is none.
  package let lastOwnersReference: ControlReference?
  /// The members of the list before it, ascending; those in force where there is none.
  package let ownersBefore: [MemberID]
  private let builder: RosterBuilder
  private var concerned: [EntryID: [RosterRemoval]] = [:]
  private var found: [DeviceKey: RosterDevice] = [:]

  /// Whether an operation binds that this version does not know.
  package private(set) lazy var needsNewerVersion = builder.index.isHeldBack(builder.scope)
  /// Ascending by ID.
  package private(set) lazy var members: [RosterMember] = builder.members()
  /// Every certificate with effect once, ascending by device key, of one key the canonical first.
  package private(set) lazy var devices: [RosterDevice] = builder.devices()
  /// Ascending by key.
  package private(set) lazy var tickets: [RosterTicket] = builder.tickets()
  /// In canonical order.
  package private(set) lazy var removals: [RosterRemoval] = builder.removals()
  /// In canonical order.
  package private(set) lazy var suspensions: [RosterSuspension] = builder.suspensions()
  /// In canonical order.
  package private(set) lazy var voids: [VoidEntry] = builder.voids()

  init(_ index: OfficeIndex, _ evaluation: OfficeEvaluation, suspended: Set<DeviceKey>) {
    let builder = RosterBuilder(index, evaluation, suspended: suspended)
    self.builder = builder
    view = evaluation.view
    owners = evaluation.owners.members.sorted()
    lastOwners = evaluation.owners.entry.map { index.entries[$0].id } ?? EntryID(Bytes32())
    lastOwnersReference = evaluation.owners.entry.map { ControlReference(index.entries[$0]) }
    ownersBefore = index.ownersBefore(evaluation.owners).sorted()
  }
}

extension Roster {
  /// The key that can change the owner list; zero while the office genesis is not here.
  package var recoveryKey: DeviceKey {
    builder.index.founding?.recoveryKey ?? DeviceKey(Bytes32())
  }

  /// Whether an owner list that names this entry as its previous follows the list in force.
  package func follows(_ previous: EntryID) -> Bool {
    builder.index.follows(previous, builder.evaluation.owners)
  }

  /// The device with this key: the first that is live, or else the first certified.
  package func device(_ key: DeviceKey) -> RosterDevice? {
    if let known = found[key] { return known }
    let device = builder.device(among: builder.index.certificatesOfDevice[key])
    found[key] = device
    return device
  }

  /// Whether a certificate with effect says that a device is one of these members'.
  func isDevice(_ key: DeviceKey, ofAny members: Set<MemberID>) -> Bool {
    (builder.index.certificatesOfDevice[key] ?? []).contains {
      builder.index.counts($0, builder.scope)
        && builder.index.certificate($0).map { members.contains($0.member) } ?? false
    }
  }

  /// The device that this entry certifies.
  package func device(certificate: EntryID) -> RosterDevice? {
    builder.index.byID[certificate].flatMap(builder.device)
  }

  /// The device that proves this identity on links; nil where certificates of several devices bear it,
  /// for the key alone does not say then which it is: whoever certifies signs nothing with it.
  package func device(noise: NoiseIdentity) -> RosterDevice? {
    let entries = (builder.index.certificatesOfNoise[noise] ?? []).filter {
      builder.index.counts($0, builder.scope)
    }
    let keys = Set(entries.compactMap { builder.index.certificate($0)?.device })
    return keys.count == 1 ? builder.device(among: entries) : nil
  }

  /// The device at the end of a link, by the identity it proved and the certificate that its greeting
  /// names (H-4); nil where that certificate is another key's. One that is not known here is no help.
  package func device(noise: NoiseIdentity, named certificate: EntryID) -> RosterDevice? {
    guard let named = device(certificate: certificate) else { return device(noise: noise) }
    guard named.noise == noise else { return nil }
    // The same keys may be certified again, and the greeting name the certificate that ended.
    guard !named.isLive, let other = device(named.key), other.isLive, other.noise == noise else {
      return named
    }
    return other
  }

  /// Whether a live device proves this identity on links.
  package func isLive(noise: NoiseIdentity) -> Bool {
    builder.index.certificatesOfNoise[noise]?.contains {
      builder.index.isLive($0, builder.scope)
    } ?? false
  }

  /// A member, present or past.
  package func member(_ id: MemberID) -> RosterMember? { builder.member(id) }

  /// Whether a device of this key is certified and not removed.
  package func isLive(_ key: DeviceKey) -> Bool {
    builder.index.certificatesOfDevice[key]?.contains {
      builder.index.isLive($0, builder.scope)
    } ?? false
  }

  /// The rank of a present member.
  package func rank(of id: MemberID) -> Rank? { builder.index.rank(id, builder.scope) }

  /// The operation by which a member has its rank; nil where none set it.
  package func ranking(of id: MemberID) -> ControlReference? {
    builder.index.ranking(id, builder.scope)
      .map { ControlReference(builder.index.entries[$0.index]) }
  }

  /// A ticket by its key: of several operations with that key the most senior issuer's.
  package func ticket(_ key: TicketKey) -> RosterTicket? { builder.tickets(key).first }

  /// What a ticket's key says of whom one may let in as this member: an operation that lets it in, or
  /// else the most senior issuer's.
  package func ticket(_ key: TicketKey, for member: MemberID) -> RosterTicket? {
    let known = builder.tickets(key)
    return known.first {
      !$0.isRevoked && !$0.hasEnded && ($0.grant.member.isZero || $0.grant.member == member)
    } ?? known.first
  }

  /// Whether an operation of a ticket's key is known that has lost its effect, as its issuer lost the right
  /// without knowing of it.
  package func hasLost(_ key: TicketKey) -> Bool { builder.hasLost(key) }

  /// Whether a member came by this ticket, so that it lets in nobody else by it.
  package func came(_ member: MemberID, by ticket: TicketKey) -> Bool {
    builder.index.came(member, by: ticket, builder.scope)
  }

  /// Whether what a device wrote in a feed of a group is still its word: it stays a witness of what it was
  /// one of when who removes it lists that.
  package func isSaid(
    _ entry: Bytes16, _ seq: UInt32, in feed: FeedID, certificate: EntryID
  ) -> Bool {
    builder.index.byID[certificate].map {
      builder.index.isSaid(entry, seq, in: feed, under: $0, builder.scope)
    } ?? false
  }

  /// The removals with effect that end this device or its member, in canonical order.
  package func removals(of device: RosterDevice) -> [RosterRemoval] {
    (concerns(device.certificate) ?? []).filter { !$0.isLowering }
  }

  /// The removals and lowerings that concern a certified device, in canonical order; nil where the
  /// certificate has no effect.
  func concerns(_ certificate: EntryID) -> [RosterRemoval]? {
    if let known = concerned[certificate] { return known }
    guard let entry = builder.index.byID[certificate], builder.index.counts(entry, builder.scope),
      let certified = builder.index.certificate(entry)
    else { return nil }
    let removals = builder.removals(of: certified)
    concerned[certificate] = removals
    return removals
  }

  /// The device of a certificate that is here and has no effect, where it is the one that proves this
  /// identity on a link; all removals and lowerings of whoever wrote it, or gave the ticket for it, as far as
  /// these are known, and the owner list where one struck it: what took the right to it is among them, and
  /// others may be; and who that was, of those who were in the office with a right to be. Nil for any
  /// other.
  package func voided(
    _ certificate: EntryID, noise: NoiseIdentity
  ) -> (device: DeviceKey, by: [ControlReference], blamed: Set<MemberID>)? {
    let index = builder.index
    guard let entry = index.byID[certificate], !index.counts(entry, builder.scope),
      let known = index.certificate(entry), known.noise == noise
    else { return nil }
    var (reasons, seen, waiting): (Set<ControlReference>, Set<EntryID>, [Int]) = ([], [], [entry])
    var blamed: Set<MemberID> = []
    while let entry = waiting.popLast() {
      guard case .operation(.certify(let certification)) = index.entries[entry].content else {
        continue
      }
      let tickets = certification.ticket.isZero ? [] : index.tickets[certification.ticket] ?? []
      for source in [entry] + tickets {
        let author = index.entries[source].certificate
        if let list = lastList(beside: source, by: author) { reasons.insert(list) }
        guard seen.insert(author).inserted else { continue }
        if let concerns = concerns(author) {
          reasons.formUnion(concerns.map(\.entry))
          if let member = device(certificate: author)?.member { blamed.insert(member) }
        } else if let above = index.byID[author] {
          waiting.append(above)
        }
      }
    }
    return (known.device, reasons.sorted { $0.id < $1.id }, blamed)
  }

  /// The owner list in force, which has all before it in its past, where one of these struck the author of
  /// an entry who did not know of it.
  private func lastList(beside entry: Int, by author: EntryID) -> ControlReference? {
    let (index, owners) = (builder.index, builder.scope.owners)
    guard let member = device(certificate: author)?.member,
      let list = index.strike(of: member, at: index.entries[entry].officeView, owners),
      !index.isPast(entry, of: list)
    else { return nil }
    return owners.entry.map { ControlReference(index.entries[$0]) }
  }

  /// Whether a name that this device states for a subject counts (E-18).
  package func mayName(_ subject: Content.Subject, by certificate: EntryID) -> Bool {
    guard let author = device(certificate: certificate) else { return false }
    switch subject {
    case .office: return author.rank == .owner
    case .member(let id): return member(id).map { mayName(id, $0.certifier, author) } ?? false
    case .device(let key):
      guard let device = device(key) else { return false }
      return mayName(device.member, device.certifier, author)
    case .ticket(let key): return ticket(key)?.issuer == author.member
    }
  }

  private func mayName(
    _ member: MemberID, _ certifier: MemberID, _ author: RosterDevice
  ) -> Bool {
    author.member == member || author.rank <= .admin || author.member == certifier
  }
}
