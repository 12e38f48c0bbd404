package import Format

/// What ended that a member was in a group, or let an addition fall by which it would be in it.
package struct GroupEnding: Hashable, Sendable {
  /// The entry of the group's log that says so: a removal, an addition that lowers somebody, or the
  /// first word of a witness that had not seen the addition.
  package let entry: ControlReference
  /// Nil where it removed the member itself.
  package let loss: AdditionLoss?
  /// The first word of a witness by which a removal counts whose author was removed from the office or
  /// struck without knowing of it; nil where it counts by itself.
  package var voucher: ControlReference?

  /// What a device is shown of it: with that, and all in its past, it sees the same.
  package var shown: ControlReference { voucher ?? entry }
}

/// Additions by one member that count no more.
package struct AdditionLoss: Hashable, Sendable {
  /// Who wrote them, or issued the ticket.
  package let adder: MemberID
  /// Of each feed the first; of who came by a ticket its certificate, which stands in the office log.
  package fileprivate(set) var firsts: [ControlReference]
  /// The last of them all, or the certificate.
  package fileprivate(set) var last: ControlReference
}

extension GroupAuthority {
  /// What ended that a member without grade was in the group: the removals of it with effect, and what
  /// let those additions fall that have all of these in their past; each entry once for each adder. In
  /// the order of what fell last.
  ///
  /// What the office log says by itself is left out: whoever is linked has that.
  package func endings(
    of member: MemberID, groupView: ViewID, officeView: ViewID
  ) -> [GroupEnding] {
    searchEndings(of: member, groupView: groupView, officeView: officeView).endings
  }

  /// The same, and how many additions were looked at for it; tests of cost count by that.
  func searchEndings(
    of member: MemberID, groupView: ViewID, officeView: ViewID
  ) -> (endings: [GroupEnding], steps: Int) {
    guard facts.kind == .listed else { return ([], 0) }
    let evaluation = evaluation(groupView, office: officeView, at: nil)
    var search = EndingSearch(
      authority: self, evaluation: evaluation,
      scope: GroupScope(
        view: groupView, voids: evaluation.strata.voids, office: evaluation.officeScope))
    guard grade(member, search.scope) == nil else { return ([], 0) }
    let removals = (index.removalsOfMember[member] ?? []).filter { counts($0, search.scope) }
    let ended = removals.flatMap { search.endings(by: $0) }
    return (ended + search.losses(of: member), search.stepCount)
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
  private var knownTickets: [TicketUse: Fall] = [:]
  private var knownRuns: [MemberID: [[Int]]] = [:]
  private(set) var stepCount = 0

  /// Why something has no effect.
  private struct Fall {
    /// What says so by itself.
    var ends: [Int] = []
    /// What has no effect either, and would have given the right.
    var givers: [Int] = []
  }

  private struct TicketUse: Hashable {
    let issuer: MemberID
    let certificate: Int
  }

  /// What additions of one member, all without effect, have in common that stand in a run.
  private struct RunKey: Hashable {
    let line: Int
    let cut: EntryID?
    let makesManagers: Bool
  }

  init(authority: GroupAuthority, evaluation: GroupEvaluation, scope: GroupScope) {
    (self.authority, self.evaluation, self.scope) = (authority, evaluation, scope)
  }

  private var index: GroupIndex { authority.index }
  private var office: OfficeIndex { authority.office.index }

  /// A removal with effect: once for each witness that it counts by.
  mutating func endings(by removal: Int) -> [GroupEnding] {
    let reference = ControlReference(index.entries[removal])
    let vouchers = authority.vouchers(of: removal, scope.voids, &evaluation)
    if vouchers.isEmpty { return [GroupEnding(entry: reference, loss: nil)] }
    return vouchers.map {
      GroupEnding(
        entry: reference, loss: nil, voucher: ControlReference(index.entries[$0]))
    }
  }

  mutating func losses(of member: MemberID) -> [GroupEnding] {
    var losses = Losses()
    for certificate in authority.ticketCertificates(of: member, scope.office)
    where isCurrent(member, office.entries[certificate].officeView, .empty) {
      let place = ControlReference(office.entries[certificate])
      for issuer in authority.ticketIssuers(of: certificate, scope) {
        let causes = causes(of: fall(ofTicketBy: issuer, certificate))
        losses.note(references(causes), by: issuer, first: place, last: place)
      }
    }
    var fallen: [(first: Int, last: Int)] = []
    for run in runs(of: member) {
      let start = GroupIndex.first(run) {
        isCurrent(member, index.entries[$0].officeView, index.entries[$0].groupView)
      }
      if start < run.count { fallen.append((run[start], run[run.count - 1])) }
    }
    fallen.sort { ControlEntry.precedes(index.entries[$0.last], index.entries[$1.last]) }
    for (first, last) in fallen {
      guard let adder = authority.author(of: first)?.member else { continue }
      let causes = causes(of: Fall(givers: [first])) + causes(of: Fall(givers: [last]))
      losses.note(
        references(causes), by: adder, first: ControlReference(index.entries[first]),
        last: ControlReference(index.entries[last]))
    }
    return losses.endings
  }

  /// Additions of a member in the view that have no effect: in one list those of one feed, by their place,
  /// that fell by the same entry, or had no right, and give the same. Of such the first and the last
  /// answer for those between, however many somebody wrote: who had not seen the first had seen none of
  /// them, and what the others had their right from is in the past of the last.
  private mutating func runs(of member: MemberID) -> [[Int]] {
    if let runs = knownRuns[member] { return runs }
    var found: [RunKey: [Int]] = [:]
    for (line, list) in index.addsByLine[member]?.lists ?? [:] {
      for addition in list where index.isIn(scope.view, addition) {
        stepCount += 1
        guard let reason = scope.voids[addition] else { continue }
        var cut: EntryID?
        if case .cut(let end) = reason { cut = end.id }
        let key = RunKey(
          line: line, cut: cut, makesManagers: index.makesManagers(addition))
        found[key, default: []].append(addition)
      }
    }
    let runs = Array(found.values)
    knownRuns[member] = runs
    return runs
  }

  /// Of each run of a member the first and the last in a view, in canonical order.
  private mutating func ends(ofRunsOf member: MemberID, in view: ViewID) -> [Int] {
    let found = runs(of: member).flatMap { run in
      let end = GroupIndex.first(run) { !index.isIn(view, $0) }
      return end > 1 ? [run[0], run[end - 1]] : Array(run[..<end])
    }
    return found.sorted { ControlEntry.precedes(index.entries[$0], index.entries[$1]) }
  }

  private func references(_ entries: [Int]) -> [ControlReference] {
    entries.map { ControlReference(index.entries[$0]) }
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
      stepCount += 1 + fall.givers.count
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
    let additions = ends(ofRunsOf: author, in: candidate.groupView)
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
  private mutating func fall(ofTicketBy issuer: MemberID, _ certificate: Int) -> Fall {
    let use = TicketUse(issuer: issuer, certificate: certificate)
    if let known = knownTickets[use] { return known }
    var found = Fall(
      givers: ends(ofRunsOf: issuer, in: scope.view).filter(index.makesManagers))
    var seen: Set<Int> = []
    func note(_ ends: [Int]) { found.ends += ends.filter { seen.insert($0).inserted } }
    if issuer == authority.creator {
      note(authority.endsOfAdding(issuer, certificate, groupView: .empty, scope))
    }
    for addition in index.adds[issuer] ?? []
    where index.makesManagers(addition) && authority.counts(addition, scope) {
      stepCount += 1
      note(
        authority.endsOfAdding(
          issuer, certificate, groupView: index.entries[addition].groupView, scope))
    }
    knownTickets[use] = found
    return found
  }

  /// The first witness whose silence tells against an entry; none where nobody's does.
  private mutating func silent(on entry: Int, _ end: GroupEnd) -> [Int] {
    let first = authority.firstSilent(
      on: entry, by: end, scope.voids, in: Strata.passCount - 1, &evaluation)
    return first.map { [$0] } ?? []
  }
}

/// What additions of one member fell by, each entry once for each adder.
private struct Losses {
  private struct Key: Hashable {
    let entry: ControlReference
    let adder: MemberID
  }

  private var found: [Key: (loss: AdditionLoss, order: Int)] = [:]
  private var count = 0

  /// In the order in which they were noted last.
  var endings: [GroupEnding] {
    found.sorted { $0.value.order < $1.value.order }.map {
      GroupEnding(entry: $0.key.entry, loss: $0.value.loss)
    }
  }

  mutating func note(
    _ entries: [ControlReference], by adder: MemberID, first: ControlReference,
    last: ControlReference
  ) {
    for entry in entries {
      let key = Key(entry: entry, adder: adder)
      var loss = found[key]?.loss ?? AdditionLoss(adder: adder, firsts: [], last: last)
      if !loss.firsts.contains(first) { loss.firsts.append(first) }
      loss.last = last
      count += 1
      found[key] = (loss, count)
    }
  }
}
