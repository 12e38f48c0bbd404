import Format

/// What is seen from one place: the entries of its past that are not void.
struct Scope {
  let view: ViewID
  let voids: Voids
  var owners: OwnerState
}

/// The owner list in force, and the entry that states it; nil where it is the founder's.
struct OwnerState {
  var members: [MemberID]
  var entry: Int?
}

/// What the author of an entry is at its place.
struct Standing {
  /// The entry that certifies the author's device.
  let certificateIndex: Int
  let certificate: Certificate
  var rank: Rank
  var member: MemberID { certificate.member }
}

extension OfficeIndex {
  func scope(_ view: ViewID, _ voids: Voids) -> Scope {
    Scope(view: view, voids: voids, owners: owners(in: view))
  }

  /// Whether an entry is there and has effect.
  func counts(_ index: Int, _ scope: Scope) -> Bool {
    isIn(scope.view, index) && (scope.voids.isEmpty || scope.voids[index] == nil)
  }

  /// The owner list of a view: from the last list that the recovery key signed, or else from
  /// the founder, along the lists that name the one before.
  ///
  /// Owner lists are never void, for their signatures carry them and not their author; so the list
  /// is known before anything else is judged.
  func owners(in view: ViewID) -> OwnerState {
    if let known = ownersKnown[view] { return known }
    let owners = ownersAnew(in: view)
    if !ownerLists.isEmpty { ownersKnown[view] = owners }
    return owners
  }

  private func ownersAnew(in view: ViewID) -> OwnerState {
    guard let last = ownerChain(view).last else { return OwnerState(members: founders, entry: nil) }
    return OwnerState(members: ownerList(last)?.members ?? [], entry: last)
  }

  /// The entries of the owner lists of a view that are or were in force, the last one last: each as
  /// the next one names it, the last list by the first entry that states it of a member whom it names.
  func ownerChain(_ view: ViewID) -> [Int] {
    guard !ownerLists.isEmpty else { return [] }
    let inView = ownerLists.filter { isIn(view, $0) }
    var last = recoveryList(inView)
    var chain = inView.first { last != nil && listNames.list($0) == last }.map { [$0] } ?? []
    // A list has one of those that it follows in its past, so one walk in canonical order finds all.
    for index in inView {
      guard let list = listNames.list(index), listNames.previous(list) == last else { continue }
      if let before = ownerList(index).flatMap({ byID[$0.previous] }) {
        chain[chain.count - 1] = before
      }
      chain.append(index)
      last = list
    }
    // Who signed that it goes could otherwise write that again at a place before what it did last.
    let own = inView.first { index in
      last != nil && listNames.list(index) == last
        && authorCertificate(index).map {
          ownerList(index)?.members.contains($0.member) ?? false
        } ?? false
    }
    if let own { chain[chain.count - 1] = own }
    return chain
  }

  /// Of the lists that the recovery key signed and that no other of them follows, however far back,
  /// the last one in canonical order.
  private func recoveryList(_ inView: [Int]) -> Int? {
    let lists = inView.filter { isSignedByRecovery($0) }.compactMap { listNames.list($0) }
    var followed: Set<Int> = []
    for list in lists {
      var next = listNames.previous(list)
      while let before = next, followed.insert(before).inserted {
        next = listNames.previous(before)
      }
    }
    return lists.last { !followed.contains($0) }
  }

  /// Whether a list that names this entry as its previous follows the list in force.
  func follows(_ previous: EntryID, _ owners: OwnerState) -> Bool {
    guard let entry = byID[previous] else { return previous.isZero && owners.entry == nil }
    return owners.entry != nil && listNames.list(entry) == listNames.list(owners.entry)
  }

  /// The owners before the list in force; the same where there is none.
  func ownersBefore(_ now: OwnerState) -> [MemberID] {
    guard let entry = now.entry, let previous = ownerList(entry)?.previous else {
      return now.members
    }
    return byID[previous].flatMap(ownerList)?.members ?? founders
  }

  /// Whether the lists that name a member of the one in force, as far back as each names it, were
  /// made without knowing of an entry; false where there is no list.
  ///
  /// The list in force alone would not do: the next list that names the same owners has everything in
  /// its past, and would give effect to what had none before.
  func isUnknown(_ index: Int, toListsNaming member: MemberID, _ owners: OwnerState) -> Bool {
    var (first, next) = (Int?.none, owners.entry)
    while let entry = next, let list = ownerList(entry), list.members.contains(member) {
      first = entry
      next = byID[list.previous]
    }
    guard let first else { return false }
    let isFounder = next == nil && founders.contains(member)
    return isFounder || !isPast(index, of: first)
  }

  /// The list that took the ownership from a member who is an owner seen from a place and is none in
  /// the list in force: going back from that one, the first that does not name it.
  ///
  /// Lists that came to nothing make owners at places that know of no other; those are struck by the
  /// first list of all.
  func strike(of member: MemberID, at view: ViewID, _ now: OwnerState) -> Int? {
    guard var list = now.entry, !now.members.contains(member),
      owners(in: view).members.contains(member)
    else { return nil }
    while let before = ownerList(list).flatMap({ byID[$0.previous] }),
      let members = ownerList(before)?.members, !members.contains(member)
    { list = before }
    return list
  }

  /// The entry that stands for the list which an entry states: that of those which are or were in force,
  /// and the entry itself where its list is none of them.
  func standing(for entry: Int, _ now: OwnerState) -> Int {
    let list = listNames.list(entry)
    var next = now.entry
    while let current = next {
      if listNames.list(current) == list { return current }
      next = ownerList(current).flatMap { byID[$0.previous] }
    }
    return entry
  }

  /// Whether somebody whom any list ever named is none of the owners now.
  func hasStruck(_ now: OwnerState) -> Bool {
    now.entry != nil && everOwners.contains { !now.members.contains($0) }
  }

  /// Whether the founding or an owner list of a view names a member.
  func isNamedOwner(_ member: MemberID, in view: ViewID) -> Bool {
    guard everOwners.contains(member) else { return false }
    return founders.contains(member)
      || ownerLists.contains { isIn(view, $0) && ownerList($0)?.members.contains(member) ?? false }
  }

  private var founders: [MemberID] {
    genesis.flatMap(certificate).map { [$0.member] } ?? []
  }

  func ownerList(_ index: Int) -> Operation.OwnerList? {
    if case .operation(.owners(let list)) = entries[index].content { return list }
    return nil
  }

  func isSignedByRecovery(_ index: Int) -> Bool {
    ownerList(index)?.signatures.contains { $0.device.isZero } ?? false
  }

  /// Whether no removal with effect lies outside the past of an entry that speaks for this device
  /// or member.
  func isCurrent(_ index: Int, device: DeviceKey?, member: MemberID, _ scope: Scope) -> Bool {
    for removal in removalsOfMember[member] ?? []
    where counts(removal, scope) && !isPast(removal, of: index) {
      return false
    }
    guard let device else { return true }
    for removal in removalsOfDevice[device] ?? []
    where counts(removal, scope) && !isPast(removal, of: index) {
      return false
    }
    return true
  }

  /// Whether an entry that certifies is there, has effect and is not ended.
  func isLive(_ index: Int, _ scope: Scope) -> Bool {
    guard counts(index, scope), let certificate = certificate(index) else { return false }
    return isCurrent(index, device: certificate.device, member: certificate.member, scope)
  }

  /// Whether what stands in a feed of a group is still the word of its author: the certificate is
  /// live, or each removal that ends it lists the feed and leaves that in. Such a cut speaks of no branch,
  /// for it is of another log.
  func isSaid(
    _ entry: Bytes16, _ seq: UInt32, in feed: FeedID, under certificate: Int, _ scope: Scope
  ) -> Bool {
    guard counts(certificate, scope), let certified = self.certificate(certificate) else {
      return false
    }
    let removals =
      (removalsOfMember[certified.member] ?? []) + (removalsOfDevice[certified.device] ?? [])
    return removals.allSatisfy { removal in
      guard counts(removal, scope), !isPast(removal, of: certificate) else { return true }
      guard let cut = Self.cut(in: cutList(removal), of: feed) else { return false }
      return seq < cut.seq || entry == cut.entry.prefix
    }
  }

  /// The live certificates of a member, in canonical order.
  func liveCertificates(_ member: MemberID, _ scope: Scope) -> [Int] {
    (certificatesOfMember[member] ?? []).filter { isLive($0, scope) }
  }

  /// The member's rank; nil for those who have no live certificate.
  func rank(_ member: MemberID, _ scope: Scope) -> Rank? {
    let certificates = certificatesOfMember[member] ?? []
    guard certificates.contains(where: { isLive($0, scope) }) else { return nil }
    if scope.owners.members.contains(member) { return .owner }
    if let ranking = ranking(member, scope) { return ranking.rank }
    // That of the device by which it came: who gives it away does not become what a box of theirs is.
    let first = certificates.first {
      counts($0, scope) && isCurrent($0, device: nil, member: member, scope)
    }
    // Who was struck from the owner list keeps no rank from it.
    guard let rank = first.flatMap(certificate)?.rank, rank != .owner else { return .member }
    return rank
  }

  /// The member's rank, or that which it had where the last of its removals with effect stands of those
  /// where it had one; nil for who has none at any.
  func lastRank(_ member: MemberID, _ scope: Scope) -> Rank? {
    if let rank = rank(member, scope) { return rank }
    let devices = (certificatesOfMember[member] ?? []).lazy.filter { self.isIn(scope.view, $0) }
      .compactMap { self.certificate($0)?.device }
    let removals =
      (removalsOfMember[member] ?? []) + Set(devices).flatMap { removalsOfDevice[$0] ?? [] }
    return removals.filter { counts($0, scope) }
      .sorted { ControlEntry.precedes(entries[$1], entries[$0]) }.lazy
      .compactMap { self.rank(member, self.scope(self.entries[$0].officeView, scope.voids)) }.first
  }

  /// The rank that operations set, and which of them; nil where none has effect. Of those that did not
  /// know of each other the lowest rank holds, and of these the last one in canonical order.
  func ranking(_ member: MemberID, _ scope: Scope) -> (rank: Rank, index: Int)? {
    let current = (ranksOfMember[member] ?? []).filter {
      counts($0, scope) && isCurrent($0, device: nil, member: member, scope)
    }
    var result: (rank: Rank, index: Int)?
    for (at, index) in current.enumerated().reversed() {
      guard case .operation(.rank(_, let rank, _)) = entries[index].content else { continue }
      // Only a lower rank than the last one found changes anything, and only a later one can have this
      // one in its past.
      if let result, rank <= result.rank { continue }
      guard !current[(at + 1)...].contains(where: { isPast(index, of: $0) }) else { continue }
      result = (rank, index)
    }
    return result
  }

  /// What the author of an entry is, seen from its place.
  func standing(
    of device: DeviceKey, certificate id: EntryID, _ scope: Scope
  ) throws(Refusal) -> Standing {
    guard let index = byID[id], counts(index, scope), let certificate = certificate(index),
      certificate.device == device
    else { throw .notCertified }
    guard isCurrent(index, device: device, member: certificate.member, scope),
      let rank = rank(certificate.member, scope)
    else { throw .certificateEnded }
    return Standing(certificateIndex: index, certificate: certificate, rank: rank)
  }
}
