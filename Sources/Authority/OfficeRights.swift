import Format

/// The rights of the office log's operations, seen from the place of an entry.
///
/// Signatures are not looked at here: they are checked once, on admission.
extension OfficeIndex {
  /// What is asked of who was lowered beside the entry is asked with the rank that it was given.
  func checkRight(
    _ entry: ControlEntry, _ scope: Scope, loweredTo lowered: Rank? = nil
  ) throws(Refusal) {
    guard case .operation(let operation) = entry.content else {
      guard entry.id == EntryID(office.bytes) else { throw .notFounder }
      return
    }
    var author = try standing(of: entry.author, certificate: entry.certificate, scope)
    if let lowered { author.rank = max(author.rank, lowered) }
    switch operation {
    case .certify(let certification):
      try checkKeys(certification.certificate, scope)
      if certification.ticket.isZero {
        try checkCertify(certification.certificate, by: author, scope)
      } else {
        try checkTicketCertify(certification, by: author, scope)
      }
    case .remove(let target, _): try checkRemove(target, by: author, scope)
    case .rank(let member, let rank, _): try checkRank(member, rank, by: author, scope)
    case .ticket(let grant): try checkTicket(grant, by: author, scope)
    case .ticketRevoke(let key): try checkRevoke(key, by: author, scope)
    case .owners(let list): try checkOwners(list, by: author, scope)
    case .suspend, .unknown: break
    case .groupAdd, .groupRemove: throw .otherLog
    }
  }

  /// Looks at every certificate of the past, void or not: keys are never used twice.
  private func checkKeys(_ new: Certificate, _ scope: Scope) throws(Refusal) {
    let holders =
      (certificatesOfDevice[new.device] ?? []) + (certificatesOfNoise[new.noise] ?? [])
      + (certificatesOfSealing[new.sealing] ?? [])
    for index in holders where isIn(scope.view, index) {
      guard let old = certificate(index), old.member == new.member, old.device == new.device,
        old.noise == new.noise, old.sealing == new.sealing
      else { throw .keyReused }
    }
    // Otherwise somebody could, from an old place, introduce a device under the name of a member
    // who joined since.
    let isKnown = (certificatesOfMember[new.member] ?? []).contains { counts($0, scope) }
    guard isKnown || new.member.bytes == new.device.bytes.prefix else {
      throw .memberNotNamedByKey
    }
  }

  /// asked of an entry at its place alone: what was right when it was given is not to be
  /// taken from somebody because a removal in its past comes to nothing.
  func checkPlace(_ entry: ControlEntry, _ scope: Scope) throws(Refusal) {
    guard case .operation(.certify(let certification)) = entry.content else { return }
    let new = certification.certificate
    guard !(certificatesOfDevice[new.device] ?? []).contains(where: { isLive($0, scope) }) else {
      throw .keyReused
    }
    try checkRoom(new.member, scope)
    try checkUses(certification, by: entry.certificate, scope)
  }

  /// Each device costs every group of its member a recipient, so one member has its share.
  private func checkRoom(_ member: MemberID, _ scope: Scope) throws(Refusal) {
    let live = (certificatesOfMember[member] ?? []).lazy.filter { self.isLive($0, scope) }
    guard live.prefix(Limits.devicesPerMemberMax).count < Limits.devicesPerMemberMax else {
      throw .tooManyDevices
    }
  }

  private func checkCertify(
    _ new: Certificate, by author: Standing, _ scope: Scope
  ) throws(Refusal) {
    let isListed = scope.owners.members.contains(new.member)
    guard new.rank != .owner || isListed else { throw .ownerNotListed }
    if new.member == author.member {
      guard new.rank >= author.rank else { throw .rankTooHigh }
      guard flags(new.flags, within: author) else { throw .flagsTooWide }
      return
    }
    let target = rank(new.member, scope)
    if isListed {
      // An owner without a device can be given one by an owner; otherwise only by itself.
      guard target == nil, author.rank == .owner else { throw .memberOfOthers }
      return
    }
    guard author.rank <= .admin else { throw .memberOfOthers }
    guard author.rank < new.rank else { throw .rankTooHigh }
    if let target, author.rank >= target { throw .memberOfOthers }
  }

  private func flags(_ flags: UInt8, within author: Standing) -> Bool {
    author.rank <= .admin || flags & ~author.certificate.flags == 0
  }

  private func checkTicketCertify(
    _ certification: Operation.Certification, by author: Standing, _ scope: Scope
  ) throws(Refusal) {
    guard author.certificate.mayAdmit else { throw .mayNotAdmit }
    let known = tickets(certification.ticket, in: scope.view, scope)
    guard let first = known.first else { throw .ticketUnknown }
    // Anybody can write one more operation with a key that stands in the log: one that lets in is
    // enough, whatever the others say.
    let refusals = known.map { refusal(ofTicket: $0, for: certification.certificate, scope) }
    if refusals.contains(nil) { return }
    throw refusal(ofTicket: first, for: certification.certificate, scope) ?? .ticketUnknown
  }

  /// Why a ticket operation that is there does not let in whom a certificate names; nil if it does.
  func refusal(ofTicket index: Int, for new: Certificate, _ scope: Scope) -> Refusal? {
    guard let grant = grant(index) else { return .ticketUnknown }
    if isRevoked(index, scope) { return .ticketRevoked }
    guard isEntitled(index, grant, scope) else { return .ticketEnded }
    guard allows(grant, new) else { return .ticketDiffers }
    // A ticket for anyone never opens the door to being someone.
    let isTaken =
      scope.owners.members.contains(new.member)
      || (certificatesOfMember[new.member] ?? []).contains { counts($0, scope) }
    return grant.member.isZero && isTaken ? .memberTaken : nil
  }

  func grant(_ index: Int) -> Operation.TicketGrant? {
    guard case .operation(.ticket(let grant)) = entries[index].content else { return nil }
    return grant
  }

  func allows(_ grant: Operation.TicketGrant, _ new: Certificate) -> Bool {
    new.rank == grant.rank && new.isKeeper == grant.isKeeper && new.mayAdmit == grant.mayAdmit
      && (grant.member.isZero || grant.member == new.member)
  }

  /// What has effect of a ticket's key in a view, of each issuer the first: an issuer needs one,
  /// and whoever writes thousands is not to have all of them asked each time.
  func tickets(_ key: TicketKey, in view: ViewID, _ scope: Scope) -> [Int] {
    var issuers: Set<MemberID> = []
    return (tickets[key] ?? []).filter {
      counts($0, scope) && isIn(view, $0)
        && authorCertificate($0).map { issuers.insert($0.member).inserted } ?? false
    }
  }

  /// The operations that a certificate can have been let in by: those of its ticket's key in its past
  /// that have effect and allow it. What somebody writes elsewhere with that key changes nothing.
  func tickets(of certificate: Int, _ scope: Scope) -> [Int] {
    guard case .operation(.certify(let certification)) = entries[certificate].content,
      !certification.ticket.isZero
    else { return [] }
    return tickets(certification.ticket, in: entries[certificate].officeView, scope).filter {
      grant($0).map { allows($0, certification.certificate) } ?? false
    }
  }

  /// The operations in the past of a certificate that are of the ticket by which it came, with effect or
  /// without.
  func ticketsNamed(by certificate: Int) -> [Int] {
    guard case .operation(.certify(let certification)) = entries[certificate].content else {
      return []
    }
    return (tickets[certification.ticket] ?? []).filter { isPast($0, of: certificate) }
  }

  /// Whether a revoke with effect ends a ticket operation: it has it in its past, and might end it.
  func isRevoked(_ index: Int, _ scope: Scope) -> Bool {
    guard let key = grant(index)?.key else { return false }
    return (revokes[key] ?? []).contains {
      guard counts($0, scope), isPast(index, of: $0), let author = authorCertificate($0)?.member
      else { return false }
      let place = self.scope(entries[$0].officeView, scope.voids)
      return rank(author, place).map { mayRevoke(index, author, $0, place) } ?? false
    }
  }

  /// Whether the issuer of a ticket still has the rank to issue it, and whom it names was not removed
  /// since: nobody comes back without a new word for it.
  func isEntitled(_ index: Int, _ grant: Operation.TicketGrant, _ scope: Scope) -> Bool {
    guard let issuer = authorCertificate(index)?.member, let rank = rank(issuer, scope),
      grant.member.isZero || isCurrent(index, device: nil, member: grant.member, scope)
    else { return false }
    return mayIssue(grant, issuer, rank, scope)
  }

  private func mayIssue(
    _ grant: Operation.TicketGrant, _ issuer: MemberID, _ rank: Rank, _ scope: Scope
  ) -> Bool {
    guard grant.rank >= rank else { return false }
    if grant.member.isZero { return rank <= .admin }
    if grant.member == issuer { return true }
    guard rank <= .admin, !scope.owners.members.contains(grant.member) else { return false }
    return self.rank(grant.member, scope).map { rank < $0 } ?? true
  }

  private func checkTicket(
    _ grant: Operation.TicketGrant, by author: Standing, _ scope: Scope
  ) throws(Refusal) {
    let flags: UInt8 = (grant.isKeeper ? 1 : 0) | (grant.mayAdmit ? 2 : 0)
    guard mayIssue(grant, author.member, author.rank, scope), self.flags(flags, within: author)
    else { throw .mayNotIssue }
    guard !(tickets[grant.key] ?? []).contains(where: { isIn(scope.view, $0) }) else {
      throw .ticketRepeated
    }
  }

  private func checkRevoke(
    _ key: TicketKey, by author: Standing, _ scope: Scope
  ) throws(Refusal) {
    let known = tickets(key, in: scope.view, scope)
    guard !known.isEmpty else { throw .ticketUnknown }
    guard known.contains(where: { mayRevoke($0, author.member, author.rank, scope) }) else {
      throw .mayNotRevoke
    }
  }

  private func mayRevoke(_ ticket: Int, _ member: MemberID, _ rank: Rank, _ scope: Scope) -> Bool {
    guard let issuer = authorCertificate(ticket)?.member else { return false }
    // The tickets of someone who left are any admin's to revoke.
    let issuerRank = self.rank(issuer, scope) ?? .member
    return member == issuer || rank < issuerRank || rank == .owner
  }

  private func checkRemove(
    _ target: Operation.Target, by author: Standing, _ scope: Scope
  ) throws(Refusal) {
    let (certificates, isDevice) =
      switch target {
      case .member(let member): (certificatesOfMember[member] ?? [], false)
      case .device(let device): (certificatesOfDevice[device] ?? [], true)
      }
    // Of a device that several members certified each removes it as its own.
    let own = certificates.filter { certificate($0)?.member == author.member }
    let live = own.first { isLive($0, scope) } ?? certificates.first { isLive($0, scope) }
    guard let index = live ?? (own + certificates).first(where: { counts($0, scope) }),
      let member = certificate(index)?.member
    else { throw .targetUnknown }
    if member == author.member {
      guard author.rank == .owner, live != nil else { return }
      guard isDevice else { throw .ownerStays }
      guard liveCertificates(member, scope).count > 1 else { throw .lastOwnerDevice }
      return
    }
    // Who has gone may have gone only to be out of reach, and go on from places of before.
    let isGone = live == nil && !scope.owners.members.contains(member)
    guard let rank = isGone ? lastRank(member, scope) : rank(member, scope) else {
      throw .targetUnknown
    }
    try checkRemoval(ofRank: rank, by: author)
  }

  /// Whoever may let others in may remove them, and nobody else: a member is senior to a box, but a
  /// box may be what holds the office together.
  private func checkRemoval(ofRank rank: Rank, by author: Standing) throws(Refusal) {
    guard author.rank <= .admin else { throw .notAdmin }
    guard author.rank < rank else { throw .notSenior }
  }

  private func checkRank(
    _ member: MemberID, _ rank: Rank, by author: Standing, _ scope: Scope
  ) throws(Refusal) {
    guard let before = self.rank(member, scope) else { throw .targetUnknown }
    guard before != .owner, (Rank.admin...Rank.box).contains(rank) else { throw .rankNotToGive }
    if author.rank == .owner { return }
    guard author.rank == .admin, before == .member || before == .box,
      rank == .member || rank == .box
    else { throw .rankNotToGive }
  }

  /// The signers are members of the list before it, one live device each; or the recovery key.
  ///
  /// It is written by one of them, or of those whom the recovery key names: a copy at another place
  /// would take from those whom the list struck what they did in between.
  private func checkOwners(
    _ list: Operation.OwnerList, by author: Standing, _ scope: Scope
  ) throws(Refusal) {
    guard follows(list.previous, scope.owners) else { throw .ownersOutdated }
    // Without a device among them no one could change the list again but by the recovery key.
    guard list.members.contains(where: { !liveCertificates($0, scope).isEmpty }) else {
      throw .ownersAbsent
    }
    if list.signatures.contains(where: { $0.device.isZero }) {
      guard list.members.contains(author.member) else { throw .ownersOfOthers }
      return
    }
    var signers: Set<MemberID> = []
    for signature in list.signatures {
      guard
        let index = (certificatesOfDevice[signature.device] ?? []).first(where: {
          isLive($0, scope)
        }), let member = certificate(index)?.member, scope.owners.members.contains(member),
        signers.insert(member).inserted
      else { throw .ownersUnsigned }
    }
    guard signers.count * 2 > scope.owners.members.count else { throw .ownersUnsigned }
    guard list.signatures.contains(where: { $0.device == author.certificate.device }) else {
      throw .ownersOfOthers
    }
  }
}
