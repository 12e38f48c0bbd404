package import Format

/// What ended that a member was in a group, or let an addition fall by which it would be in it.
package struct GroupEnding: Hashable, Sendable {
  /// The entry of the group's log that says so: a removal, an addition that lowers somebody, or the
  /// first word of a witness that had not seen the addition.
  package let entry: ControlReference
  /// Nil where it removed the member itself.
  package let loss: AdditionLoss?
}

/// An addition that counts no more.
package struct AdditionLoss: Hashable, Sendable {
  /// Who wrote it, or issued the ticket.
  package let adder: MemberID
  /// The addition; of who came by a ticket its certificate, which stands in the office log.
  package let addition: ControlReference
}

extension GroupAuthority {
  /// What ended that a member without grade was in the group: the removals of it with effect, and what
  /// let those additions fall that have all of these in their past. In the order of what fell.
  ///
  /// What the office log says by itself is left out: whoever is linked has that.
  package func endings(
    of member: MemberID, groupView: ViewID, officeView: ViewID
  ) -> [GroupEnding] {
    guard facts.kind == .listed else { return [] }
    let evaluation = evaluation(groupView, office: officeView, at: nil)
    var search = EndingSearch(
      authority: self, evaluation: evaluation,
      scope: GroupScope(
        view: groupView, voids: evaluation.strata.voids, office: evaluation.officeScope))
    guard grade(member, search.scope) == nil else { return [] }
    let removals = (index.removalsOfMember[member] ?? []).filter { counts($0, search.scope) }
    return removals.map {
      GroupEnding(entry: ControlReference(index.entries[$0]), loss: nil)
    } + search.losses(of: member)
  }

  /// Whether somebody who has no grade could change the list of the group until the office alone ended
  /// that, with the member or the device or as an owner: then what it did before may count.
  package func isEndedByOffice(
    _ member: MemberID, groupView: ViewID, officeView: ViewID
  ) -> Bool {
    guard facts.kind == .listed else { return false }
    if !facts.ownersDoNotOutrank, office.index.isNamedOwner(member, in: officeView) { return true }
    let scope = scope(groupView, office: officeView)
    let removals = (index.removalsOfMember[member] ?? []).filter { counts($0, scope) }
    if removals.isEmpty,
      member == creator || !ticketCertificates(of: member, scope.office).isEmpty
    {
      return true
    }
    return (index.adds[member] ?? []).contains { addition in
      counts(addition, scope) && removals.allSatisfy { index.isPast($0, of: addition) }
    }
  }
}

/// Looks for what let additions fall, in one pair of views.
private struct EndingSearch {
  let authority: GroupAuthority
  var evaluation: GroupEvaluation
  let scope: GroupScope
  private var seen: Set<Int> = []
  /// So many entries are gone through for one addition: two that add each other over and over would
  /// lead as deep as they like.
  private static let entriesMax = 512

  init(authority: GroupAuthority, evaluation: GroupEvaluation, scope: GroupScope) {
    (self.authority, self.evaluation, self.scope) = (authority, evaluation, scope)
  }

  private var index: GroupIndex { authority.index }
  private var office: OfficeIndex { authority.office.index }

  mutating func losses(of member: MemberID) -> [GroupEnding] {
    var found: [GroupEnding] = []
    func note(_ causes: [Int], _ adder: MemberID, _ addition: ControlReference) {
      let loss = AdditionLoss(adder: adder, addition: addition)
      for cause in causes {
        found.append(GroupEnding(entry: ControlReference(index.entries[cause]), loss: loss))
      }
    }
    for certificate in authority.ticketCertificates(of: member, scope.office)
    where isCurrent(member, office.entries[certificate].officeView, .empty) {
      for issuer in authority.ticketIssuers(of: certificate, scope) {
        seen = []
        note(
          causes(ofTicketBy: issuer, certificate), issuer,
          ControlReference(office.entries[certificate]))
      }
    }
    for addition in index.adds[member] ?? [] {
      let entry = index.entries[addition]
      guard index.isIn(scope.view, addition), scope.voids[addition] != nil,
        isCurrent(member, entry.officeView, entry.groupView),
        let adder = authority.author(of: addition)?.member
      else { continue }
      seen = []
      note(causes(of: addition), adder, ControlReference(entry))
    }
    return found
  }

  private func isCurrent(_ member: MemberID, _ officeView: ViewID, _ groupView: ViewID) -> Bool {
    authority.isCurrent(member, officeView: officeView, groupView: groupView, scope)
  }

  /// What made an entry void, as entries of the group.
  private mutating func causes(of entry: Int) -> [Int] {
    guard seen.count < Self.entriesMax, seen.insert(entry).inserted,
      let reason = scope.voids[entry]
    else { return [] }
    guard case .cut(let reference) = reason else { return causes(ofRightAt: entry) }
    if let removal = office.byID[reference.id] { return silent(on: entry, .office(removal)) }
    guard let end = index.byID[reference.id] else { return [] }
    let witnesses = silent(on: entry, .leaving(end))
    return witnesses.isEmpty ? [end] : witnesses
  }

  /// What let the author of an entry have no right to it.
  private mutating func causes(ofRightAt entry: Int) -> [Int] {
    guard let author = authority.author(of: entry)?.member else { return [] }
    let candidate = index.entries[entry]
    if let list = office.strike(of: author, at: candidate.officeView, evaluation.office.owners) {
      let witnesses = silent(on: entry, .office(list))
      if !witnesses.isEmpty { return witnesses }
    }
    var found: [Int] = []
    for addition in index.adds[author] ?? [] where index.isPast(addition, of: entry) {
      found += causes(of: addition)
    }
    for certificate in authority.ticketCertificates(of: author, scope.office)
    where office.isIn(candidate.officeView, certificate) {
      for issuer in authority.ticketIssuers(of: certificate, scope) {
        found += causes(ofTicketBy: issuer, certificate)
      }
    }
    return found
  }

  /// What ended that a ticket of an issuer adds whom it certified.
  private mutating func causes(ofTicketBy issuer: MemberID, _ certificate: Int) -> [Int] {
    var found: [Int] = []
    if issuer == authority.creator {
      found += authority.endsOfAdding(issuer, certificate, groupView: .empty, scope)
    }
    for addition in index.adds[issuer] ?? []
    where index.makesManagers(addition) && index.isIn(scope.view, addition) {
      found +=
        scope.voids[addition] == nil
        ? authority.endsOfAdding(
          issuer, certificate, groupView: index.entries[addition].groupView, scope)
        : causes(of: addition)
    }
    return found
  }

  /// The first witness whose silence tells against an entry; none where nobody's does.
  private mutating func silent(on entry: Int, _ end: GroupEnd) -> [Int] {
    let first = authority.firstSilent(
      on: entry, by: end, scope.voids, in: Strata.passCount - 1, &evaluation)
    return first.map { [$0] } ?? []
  }
}
