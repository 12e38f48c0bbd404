import Format

/// What counts in one view of the office log.
struct OfficeEvaluation {
  let view: ViewID
  var strata: Strata
  let owners: OwnerState
}

extension OfficeIndex {
  /// Evaluates a view from nothing: a pass per rank, strictest first, and a last one.
  func evaluate(_ view: ViewID) -> OfficeEvaluation {
    var result = OfficeEvaluation(view: view, strata: Strata(), owners: owners(in: view))
    let removals = removals.filter { isIn(view, $0) }
    guard !removals.isEmpty else { return result }
    let all = entries(in: view)
    for pass in 0..<Strata.passCount {
      result.strata.passes[pass] =
        result.strata.hasNewCuts(pass) ? run(pass, all, result) : result.strata.passes[pass - 1]
      guard pass < Strata.passCount - 1 else { break }
      for index in removals where result.strata.gathered[index] == nil {
        guard gathers(index, pass, result) else { continue }
        result.strata.gather(index, in: pass)
      }
    }
    return result
  }

  private func run(_ pass: Int, _ all: [Int], _ evaluation: OfficeEvaluation) -> Voids {
    var voids = Voids()
    for index in all {
      if let reason = verdict(index, pass, evaluation, voids) { voids[index] = reason }
    }
    return voids
  }

  /// Why an entry is void in a pass; nil if it has effect.
  private func verdict(
    _ index: Int, _ pass: Int, _ evaluation: OfficeEvaluation, _ voids: Voids
  ) -> VoidReason? {
    // What a stratum left in effect of removals stays: only stricter strata can undo it.
    if evaluation.strata.isGathered(index, before: pass) || ownerList(index) != nil { return nil }
    if !evaluation.strata.gathered.isEmpty, let author = authorCertificate(index) {
      for removal in removals(of: author)
      where evaluation.strata.isGathered(removal, before: pass) && cuts(removal, index) {
        return .cut(ControlReference(entries[removal]))
      }
    }
    if wouldRemoveOwner(index, evaluation.owners) { return .targetIsOwner }
    do throws(Refusal) {
      try checkRight(entries[index], scope(entries[index].officeView, voids))
      return nil
    } catch {
      return .noRight(error)
    }
  }

  /// Removals and rank operations that speak of a certificate's device or member.
  func removals(of certificate: Certificate) -> [Int] {
    (removalsOfMember[certificate.member] ?? []) + (removalsOfDevice[certificate.device] ?? [])
      + (ranksOfMember[certificate.member] ?? [])
  }

  /// Whether a removal or rank operation aims at an owner whose list has not seen it.
  private func wouldRemoveOwner(_ index: Int, _ owners: OwnerState) -> Bool {
    guard let list = owners.entry, let target = removalTarget(index), !isPast(index, of: list)
    else { return false }
    let member: MemberID?
    switch target {
    case .member(let named): member = named
    case .device(let device):
      member = certificatesOfDevice[device]?.first.flatMap(certificate)?.member
    }
    guard let member, owners.members.contains(member) else { return false }
    return authorCertificate(index)?.member != member
  }

  /// Whether a removal or lowering belongs to a pass's stratum and its cuts count from there on.
  private func gathers(_ index: Int, _ pass: Int, _ evaluation: OfficeEvaluation) -> Bool {
    let voids = evaluation.strata.passes[pass]
    let entry = entries[index]
    guard voids[index] == nil, let author = authorCertificate(index) else { return false }
    let scope = scope(entry.officeView, voids)
    if case .operation(.rank(let member, let rank, _)) = entry.content {
      guard let before = self.rank(member, scope), before < rank else { return false }
    }
    guard var rank = self.rank(author.member, scope) else { return false }
    if rank == .owner, !evaluation.owners.members.contains(author.member),
      !(evaluation.owners.entry.map { isPast(index, of: $0) } ?? false)
    {
      // A struck owner's acts that the new owners had not seen stand below theirs.
      rank = .admin
    }
    return Int(rank.rawValue) <= pass
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

extension OfficeIndex {
  /// The evaluation of a view that goes further than a known one, entry by entry; nil where an entry
  /// changes what the others are, so that only starting anew is right.
  ///
  /// An entry is judged by its past alone, so a later one changes others only through its cuts or
  /// through the owner list.
  func extend(_ known: OfficeEvaluation, to view: ViewID, by new: [Int]) -> OfficeEvaluation? {
    var result = OfficeEvaluation(view: view, strata: known.strata, owners: known.owners)
    for index in new {
      if ownerList(index) != nil || index == genesis { return nil }
      var reason: VoidReason?
      for pass in 0..<Strata.passCount {
        if result.strata.hasNewCuts(pass) {
          reason = verdict(index, pass, result, result.strata.passes[pass])
        }
        if let reason {
          result.strata.passes[pass][index] = reason
        } else if pass < Strata.passCount - 1, removalTarget(index) != nil,
          result.strata.gathered[index] == nil, gathers(index, pass, result)
        {
          result.strata.gather(index, in: pass)
          if cutsAnything(index, in: view) { return nil }
        }
      }
    }
    return result
  }

  /// Whose rights a removal or rank operation takes; nil for other operations.
  func removalTarget(_ index: Int) -> Operation.Target? {
    switch entries[index].content {
    case .operation(.remove(let target, _)): target
    case .operation(.rank(let member, _, _)): .member(member)
    default: nil
    }
  }

  private func cutsAnything(_ removal: Int, in view: ViewID) -> Bool {
    let devices: [DeviceKey]
    switch removalTarget(removal) {
    case .device(let device): devices = [device]
    case .member(let member):
      devices = (certificatesOfMember[member] ?? []).compactMap { certificate($0)?.device }
    case nil: return false
    }
    return devices.contains { device in
      (writtenBy[device] ?? []).contains { isIn(view, $0) && cuts(removal, $0) }
    }
  }
}
