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
  /// What was found of entries: one that fell may stand behind many additions.
  private var known: [Int: Fall] = [:]

  /// Why something has no effect.
  private struct Fall {
    /// What says so by itself.
    var ends: [Int] = []
    /// What has no effect either, and would have given the right.
    var givers: [Int] = []
  }

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
        note(
          causes(of: fall(ofTicketBy: issuer, certificate)), issuer,
          ControlReference(office.entries[certificate]))
      }
    }
    for addition in index.adds[member] ?? [] {
      let entry = index.entries[addition]
      guard index.isIn(scope.view, addition), scope.voids[addition] != nil,
        isCurrent(member, entry.officeView, entry.groupView),
        let adder = authority.author(of: addition)?.member
      else { continue }
      note(causes(of: Fall(givers: [addition])), adder, ControlReference(entry))
    }
    return found
  }

  private func isCurrent(_ member: MemberID, _ officeView: ViewID, _ groupView: ViewID) -> Bool {
    authority.isCurrent(member, officeView: officeView, groupView: groupView, scope)
  }

  /// What a fall comes of, each once: the nearest first, so that what is left out beyond the limit
  /// hangs on the most that fell.
  private mutating func causes(of first: Fall) -> [Int] {
    var (found, seen, waiting) = (first.ends, Set(first.givers), first.givers)
    var at = 0
    while at < min(waiting.count, Limits.lossEntriesMax) {
      let fall = fall(of: waiting[at])
      at += 1
      for end in fall.ends where !found.contains(end) { found.append(end) }
      waiting += fall.givers.filter { seen.insert($0).inserted }
    }
    return found
  }

  private mutating func fall(of entry: Int) -> Fall {
    if let fall = known[entry] { return fall }
    let found = lookAt(entry)
    known[entry] = found
    return found
  }

  private mutating func lookAt(_ entry: Int) -> Fall {
    guard let reason = scope.voids[entry] else { return Fall() }
    guard case .cut(let reference) = reason else { return fall(ofRightAt: entry) }
    if let removal = office.byID[reference.id] {
      return Fall(ends: silent(on: entry, .office(removal)))
    }
    guard let end = index.byID[reference.id] else { return Fall() }
    let witnesses = silent(on: entry, .leaving(end))
    return Fall(ends: witnesses.isEmpty ? [end] : witnesses)
  }

  /// What let the author of an entry have no right to it.
  private mutating func fall(ofRightAt entry: Int) -> Fall {
    guard let author = authority.author(of: entry)?.member else { return Fall() }
    let candidate = index.entries[entry]
    if let list = office.strike(of: author, at: candidate.officeView, evaluation.office.owners) {
      let witnesses = silent(on: entry, .office(list))
      if !witnesses.isEmpty { return Fall(ends: witnesses) }
    }
    let additions = (index.adds[author] ?? []).filter {
      index.isPast($0, of: entry) && scope.voids[$0] != nil
    }
    // Those as a manager gave the right to add.
    var found = Fall(
      givers: additions.filter(index.makesManagers)
        + additions.filter { !index.makesManagers($0) })
    for certificate in authority.ticketCertificates(of: author, scope.office)
    where office.isIn(candidate.officeView, certificate) {
      for issuer in authority.ticketIssuers(of: certificate, scope) {
        let fall = fall(ofTicketBy: issuer, certificate)
        found.ends += fall.ends
        found.givers += fall.givers
      }
    }
    return found
  }

  /// What ended that a ticket of an issuer adds whom it certified.
  private func fall(ofTicketBy issuer: MemberID, _ certificate: Int) -> Fall {
    var found = Fall()
    if issuer == authority.creator {
      found.ends += authority.endsOfAdding(issuer, certificate, groupView: .empty, scope)
    }
    for addition in index.adds[issuer] ?? []
    where index.makesManagers(addition) && index.isIn(scope.view, addition) {
      if scope.voids[addition] != nil {
        found.givers.append(addition)
      } else {
        found.ends += authority.endsOfAdding(
          issuer, certificate, groupView: index.entries[addition].groupView, scope)
      }
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
