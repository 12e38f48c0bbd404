import Format

/// Who vouches for what somebody wrote that was removed from the office by one who did not know this
/// group.
extension GroupAuthority {
  /// Whether a removal or lowering in the office cuts off a control entry here.
  func officeCuts(_ removal: Int, _ entry: Int, _ evaluation: inout GroupEvaluation) -> Bool {
    let candidate = index.entries[entry]
    guard !office.index.isIn(candidate.officeView, removal) else { return false }
    if let cut = OfficeIndex.cut(in: office.index.cutList(removal), of: candidate.place.feed) {
      return office.index.leavesOut(cut, of: office.index.entries[removal], candidate)
    }
    return office.index.isRemoval(removal) && isUnseen(entry, by: removal, &evaluation)
  }

  /// Whether no witness of a removal, or of the owner list that struck somebody, has seen an entry;
  /// false as long as there is none.
  func isUnseen(_ entry: Int, by end: Int, _ evaluation: inout GroupEvaluation) -> Bool {
    !mayStand(entry, under: end, witnesses(of: end, &evaluation))
  }

  /// Whether one of the witnesses has seen an entry, or there is none. Who was struck from the owners
  /// stays in the office, and bears no witness of what it did itself.
  func mayStand(_ entry: Int, under end: Int, _ witnesses: [Int]) -> Bool {
    var others = witnesses
    if office.index.ownerList(end) != nil, let own = author(of: entry)?.member {
      others.removeAll { author(of: $0)?.member == own }
    }
    return others.isEmpty || others.contains { index.isPast(entry, of: $0) }
  }

  private func witnesses(of end: Int, _ evaluation: inout GroupEvaluation) -> [Int] {
    if let known = evaluation.witnesses[end] { return known }
    let found = index.canonical.filter {
      index.isIn(evaluation.view, $0) && isWitness($0, of: end, evaluation.office)
    }
    evaluation.witnesses[end] = found
    return found
  }

  /// Whether an entry is the first of its feed that has a removal or owner list in its past, and its
  /// author stood above the members and is live, by a certificate of one who did not know of it.
  func isWitness(_ entry: Int, of end: Int, _ evaluation: OfficeEvaluation) -> Bool {
    let candidate = index.entries[entry]
    guard index.aboveMembers.contains(entry),
      office.index.isIn(candidate.officeView, end),
      let certificate = office.index.byID[candidate.certificate],
      !office.index.isPast(end, of: certificate)
    else { return false }
    let scope = Scope(
      view: evaluation.view, voids: evaluation.strata.voids, owners: evaluation.owners)
    guard office.index.isLive(certificate, scope) else { return false }
    // The one before it, which is most often near the end, answers at once.
    return !(index.byFeed[candidate.place.feed] ?? []).reversed().contains {
      index.isPast($0, of: entry) && office.index.isIn(index.entries[$0].officeView, end)
    }
  }

  /// The entries of a view that count or not by whether a witness has seen them.
  func concerned(by end: Int, in view: ViewID, _ evaluation: OfficeEvaluation) -> [Int] {
    guard office.index.ownerList(end) != nil else {
      return writtenByTarget(of: end, in: view).filter {
        !office.index.isIn(index.entries[$0].officeView, end)
      }
    }
    return office.index.everOwners.flatMap { member in
      written(under: office.index.certificatesOfMember[member] ?? [], in: view).filter {
        office.index.strike(of: member, at: index.entries[$0].officeView, evaluation.owners) == end
      }
    }
  }

  /// The entries of a view that those wrote of whom a removal or rank operation of the office speaks.
  func writtenByTarget(of removal: Int, in view: ViewID) -> [Int] {
    let certificates: [Int]
    switch office.index.removalTarget(removal) {
    case .device(let device): certificates = office.index.certificatesOfDevice[device] ?? []
    case .member(let member): certificates = office.index.certificatesOfMember[member] ?? []
    case nil: return []
    }
    return written(under: certificates, in: view)
  }

  /// The entries of a view that were written under certificates.
  func written(under certificates: [Int], in view: ViewID) -> [Int] {
    certificates.flatMap { index.byCertificate[office.index.entries[$0].id] ?? [] }
      .filter { index.isIn(view, $0) }
  }
}
