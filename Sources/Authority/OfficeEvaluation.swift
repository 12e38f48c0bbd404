import Format

/// What counts in one view of the office log.
struct OfficeEvaluation {
  let view: ViewID
  var strata: Strata
  let owners: OwnerState
}

extension OfficeIndex {
  /// Evaluates a view from nothing: two passes per rank, strictest first, and a last one.
  func evaluate(_ view: ViewID) -> OfficeEvaluation {
    var result = OfficeEvaluation(
      view: view, strata: Strata(), owners: owners(in: view))
    let removals = removals.filter { isIn(view, $0) }
    guard !removals.isEmpty || hasStruck(result.owners) else { return result }
    let all = entries(in: view)
    for pass in 0..<Strata.passCount {
      if result.strata.differs(pass) {
        run(pass, all, &result)
      } else {
        result.strata.passes[pass] = result.strata.passes[pass - 1]
      }
      guard pass < Strata.passCount - 1 else { break }
      for index in removals where result.strata.gathered[index] == nil {
        guard gathers(index, pass, result) else { continue }
        result.strata.gather(index, in: pass)
      }
    }
    return result
  }

  private func run(_ pass: Int, _ all: [Int], _ evaluation: inout OfficeEvaluation) {
    var voids = Voids()
    for index in all {
      if let reason = verdict(index, pass, evaluation, voids) { voids[index] = reason }
    }
    evaluation.strata.passes[pass] = voids
  }

  /// Why an entry is void in a pass; nil if it has effect.
  func verdict(
    _ index: Int, _ pass: Int, _ evaluation: OfficeEvaluation, _ voids: Voids
  ) -> VoidReason? {
    guard let reason = reason(index, pass, evaluation, voids) else { return nil }
    return stands(index, pass, evaluation) ? nil : reason
  }

  private func reason(
    _ index: Int, _ pass: Int, _ evaluation: OfficeEvaluation, _ voids: Voids
  ) -> VoidReason? {
    // What a stratum left in effect of removals stays: only stricter strata can undo it.
    if evaluation.strata.isGathered(index, before: pass) || ownerList(index) != nil { return nil }
    let cutting = Array(cutting(index, pass, evaluation))
    if let removal = cutting.first(where: { isRemoval($0) }) {
      return .cut(ControlReference(entries[removal]))
    }
    if wouldRemoveOwner(index, evaluation.owners) { return .targetIsOwner }
    if let raise = raise(above: index, pass, evaluation) {
      return .targetWasRaised(ControlReference(entries[raise]))
    }
    let (scope, list) = place(of: index, voids, evaluation.owners)
    // Who is lowered stays, and with it what it may do all the same.
    let lowering = cutting.max { (loweredRank($0) ?? .owner) < (loweredRank($1) ?? .owner) }
    do throws(Refusal) {
      try checkRight(entries[index], scope, loweredTo: lowering.flatMap { loweredRank($0) })
      return nil
    } catch {
      return (list.map { .struckOwner(ControlReference(entries[$0])) })
        ?? lowering.map { .cut(ControlReference(entries[$0])) } ?? .noRight(error)
    }
  }

  /// The rank that an entry gives; nil for others.
  private func loweredRank(_ index: Int) -> Rank? {
    if case .operation(.rank(_, let rank, _)) = entries[index].content { return rank }
    return nil
  }

  /// What an entry sees from its place, and the list that struck its author where that list does not
  /// have it in its past: there the author is no owner, and does what it might do without that.
  private func place(
    of index: Int, _ voids: Voids, _ owners: OwnerState
  ) -> (scope: Scope, list: Int?) {
    var scope = scope(entries[index].officeView, voids)
    guard let author = authorCertificate(index)?.member,
      let list = strike(of: author, at: entries[index].officeView, owners), !isPast(index, of: list)
    else { return (scope, nil) }
    scope.owners.members.removeAll { $0 == author }
    return (scope, list)
  }

  /// What was gathered before a pass and cuts an entry off.
  private func cutting(
    _ index: Int, _ pass: Int, _ evaluation: OfficeEvaluation
  ) -> some Collection<Int> {
    let author = evaluation.strata.gathered.isEmpty ? nil : authorCertificate(index)
    return (author.map { removals(of: $0) } ?? []).lazy.filter {
      evaluation.strata.isGathered($0, before: pass) && self.cuts($0, index)
        && !self.outlasts(index, $0, evaluation.owners)
    }
  }

  /// Whether an entry that a removal would cut off counts all the same: what an owner wrote,
  /// and the list that struck it had seen, is not for others than owners to take back; and whoever
  /// removes their own computer leaves those in whom it let in by another's ticket.
  ///
  /// Who was struck is no owner beside the list, and would else take back from an old place what the
  /// others let stand; and so, behind a copy of the list from such a place, one who may write it again.
  private func outlasts(_ index: Int, _ removal: Int, _ now: OwnerState) -> Bool {
    if removesOwn(removal), isByTicketOfAnother(index) { return true }
    let view = entries[removal].officeView
    guard let remover = authorCertificate(removal)?.member,
      let author = authorCertificate(index)?.member
    else { return false }
    let isBeside = strike(of: remover, at: view, now).map { !isPast(removal, of: $0) } ?? false
    let owners = isBeside ? now : owners(in: view)
    guard isBeside || !owners.members.contains(remover),
      let list = strike(of: author, at: entries[index].officeView, owners)
    else { return false }
    return isPast(index, of: standing(for: list, now))
  }

  /// Whether an entry removes its author's own member or device.
  func removesOwn(_ index: Int) -> Bool {
    guard isRemoval(index), let member = targetMember(of: index) else { return false }
    return authorCertificate(index)?.member == member
  }

  /// Whether a certificate was given by a ticket that another member issued.
  private func isByTicketOfAnother(_ index: Int) -> Bool {
    guard case .operation(.certify(let certification)) = entries[index].content,
      let author = authorCertificate(index)?.member
    else { return false }
    return (tickets[certification.ticket] ?? []).contains {
      isPast($0, of: index) && authorCertificate($0)?.member != author
        && grant($0).map { allows($0, certification.certificate) } ?? false
    }
  }

  /// Removals and rank operations that speak of a certificate's device or member.
  func removals(of certificate: Certificate) -> [Int] {
    (removalsOfMember[certificate.member] ?? []) + (removalsOfDevice[certificate.device] ?? [])
      + (ranksOfMember[certificate.member] ?? [])
  }

  /// Whether a removal or rank operation aims at an owner whose list has not seen it.
  private func wouldRemoveOwner(_ index: Int, _ owners: OwnerState) -> Bool {
    guard let member = targetMember(of: index),
      isUnknown(index, toListsNaming: member, owners)
    else { return false }
    // Of its own devices an owner removes what it likes, and leaves the list before it leaves.
    guard case .device = removalTarget(index) else { return true }
    return authorCertificate(index)?.member != member
  }

  /// The operation that made an admin of whom an entry removes or lowers who is no owner, where neither
  /// knew of the other: equals do not remove each other from places where one was none yet. What makes
  /// an admin takes nothing, and least of all itself.
  ///
  /// The pass before says whether it has effect: it may stand later than what it takes the effect from.
  private func raise(above index: Int, _ pass: Int, _ evaluation: OfficeEvaluation) -> Int? {
    guard pass > 0, !isRaise(index), let member = targetMember(of: index),
      let raises = ranksOfMember[member],
      let author = authorCertificate(index)?.member, author != member,
      !evaluation.owners.members.contains(author)
    else { return nil }
    return raises.first {
      isRaise($0) && isIn(evaluation.view, $0) && evaluation.strata.passes[pass - 1][$0] == nil
        && !isPast($0, of: index) && !isPast(index, of: $0)
    }
  }

  /// Whether an entry makes an admin of somebody.
  func isRaise(_ index: Int) -> Bool {
    if case .operation(.rank(_, .admin, _)) = entries[index].content { return true }
    return false
  }

  /// Whom an entry removes, whose device it removes, or whose rank it sets; nil for other entries.
  ///
  /// A device that several members certified is for each of them its own, and for others whose the first
  /// certificate in the past of the removal says: what comes from elsewhere later changes nothing of
  /// what is found in a view.
  func targetMember(of index: Int) -> MemberID? {
    switch removalTarget(index) {
    case .member(let member): member
    case .device(let device): owner(of: device, removedBy: index)
    case nil: nil
    }
  }

  private func owner(of device: DeviceKey, removedBy removal: Int) -> MemberID? {
    let known = (certificatesOfDevice[device] ?? []).filter { isPast($0, of: removal) }
      .compactMap { certificate($0)?.member }
    guard let author = authorCertificate(removal)?.member else { return known.first }
    return known.contains(author) ? author : known.first
  }

  /// Whether a removal or lowering belongs to a pass's stratum and its cuts count from there on.
  ///
  /// Of each rank first what takes away the author's own: whoever removes a stolen computer of theirs
  /// is not to lose by it whom that removes from an old place.
  func gathers(_ index: Int, _ pass: Int, _ evaluation: OfficeEvaluation) -> Bool {
    let voids = evaluation.strata.passes[pass]
    let entry = entries[index]
    guard voids[index] == nil, let author = authorCertificate(index),
      !pass.isMultiple(of: 2) || removesOwn(index)
    else { return false }
    let scope = place(of: index, voids, evaluation.owners).scope
    if case .operation(.rank(let member, let rank, _)) = entry.content {
      guard let before = self.rank(member, scope), before < rank else { return false }
    }
    // Who was lowered is no more a senior from a place before.
    let lowered = cutting(index, pass, evaluation).compactMap { loweredRank($0) }.max()
    guard let rank = self.rank(author.member, scope) else { return false }
    return Int(max(rank, lowered ?? rank).rawValue) <= pass / 2
  }

  /// Whether a removal or lowering cuts off an entry of its target.
  ///
  /// What has the removal in its past was judged with it. Of a feed that the removal does not list
  /// counts what its author had seen.
  func cuts(_ removal: Int, _ index: Int) -> Bool {
    guard removal != index, !isPast(removal, of: index) else { return false }
    let entry = entries[index]
    guard let cut = Self.cut(in: cutList(removal), of: entry.place.feed) else {
      return !isPast(index, of: removal)
    }
    return leavesOut(cut, of: entries[removal], entry)
  }

  func cutList(_ index: Int) -> [Cut] {
    switch entries[index].content {
    case .operation(.remove(_, let cuts)), .operation(.rank(_, _, let cuts)): cuts
    default: []
    }
  }

  /// The cut of one feed in a list that ascends by feed.
  static func cut(in cuts: [Cut], of feed: FeedID) -> Cut? {
    var (low, high) = (0, cuts.count)
    while low < high {
      let middle = (low + high) / 2
      if cuts[middle].feed < feed { low = middle + 1 } else { high = middle }
    }
    return low < cuts.count && cuts[low].feed == feed ? cuts[low] : nil
  }
}

// MARK: What stands

extension OfficeIndex {
  /// Whether a certificate by which somebody else let a member in has effect although a removal takes
  /// it away, or what it rests on: nobody throws out, by a removal that speaks of others, whom it could
  /// not remove.
  ///
  /// What an earlier pass left in effect of it stands once that pass has shown its member to be an
  /// owner, or at most an admin's equal; after the pass of those who remove themselves alone, of all.
  private func stands(_ index: Int, _ pass: Int, _ evaluation: OfficeEvaluation) -> Bool {
    guard pass > 0, let member = memberLetIn(index) else { return false }
    let owners = evaluation.owners
    if evaluation.strata.passes[0][index] == nil, owners.members.contains(member),
      cutting(index, pass, evaluation).allSatisfy({
        isUnknown($0, toListsNaming: member, owners)
      })
    {
      return true
    }
    if pass > 2, evaluation.strata.passes[2][index] == nil, isSenior(member, evaluation) {
      return true
    }
    return pass > 4 && evaluation.strata.passes[4][index] == nil
  }

  /// The member that a certificate lets in; nil where it is one more device by the member's own word.
  func memberLetIn(_ index: Int) -> MemberID? {
    guard case .operation(.certify(let certification)) = entries[index].content else { return nil }
    let member = certification.certificate.member
    guard authorCertificate(index)?.member != member else { return nil }
    let isOwnTicket = (tickets[certification.ticket] ?? []).contains {
      guard isPast($0, of: index), case .operation(.ticket(let grant)) = entries[$0].content else {
        return false
      }
      return grant.member == member && authorCertificate($0)?.member == member
    }
    return isOwnTicket ? nil : member
  }

  /// Whether a member is an owner or admin with what the cuts of owners leave in effect.
  func isSenior(_ member: MemberID, _ evaluation: OfficeEvaluation) -> Bool {
    let scope = Scope(
      view: evaluation.view, voids: evaluation.strata.passes[2], owners: evaluation.owners)
    return rank(member, scope).map { $0 <= .admin } ?? false
  }
}

extension OfficeIndex {
  /// Whose rights a removal or rank operation takes; nil for other operations.
  func removalTarget(_ index: Int) -> Operation.Target? {
    switch entries[index].content {
    case .operation(.remove(let target, _)): target
    case .operation(.rank(let member, _, _)): .member(member)
    default: nil
    }
  }
}
