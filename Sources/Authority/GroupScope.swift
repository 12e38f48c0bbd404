import Format

/// What is seen from one place of a group log.
struct GroupScope {
  let view: ViewID
  let voids: Voids
  let office: Scope
}

/// How far somebody may change the list of a group; lower is senior.
enum GroupLevel: Int, Comparable {
  /// An owner of the office, where owners outrank the creator.
  case officeOwner = 0
  case creator = 1
  case manager = 2
  case member = 3

  init(_ grade: Operation.Grade) {
    switch grade {
    case .creator: self = .creator
    case .manager: self = .manager
    case .member: self = .member
    }
  }

  static func < (a: GroupLevel, b: GroupLevel) -> Bool { a.rawValue < b.rawValue }
}

/// What an entry is at its place, whatever comes later.
struct GroupPlace {
  /// That of its author.
  let level: GroupLevel
  /// That above which whoever gives or takes what it does stands.
  let demand: GroupLevel
  /// Whether it removes or lowers somebody.
  let takes: Bool
}

extension GroupAuthority {
  func counts(_ entry: Int, _ scope: GroupScope) -> Bool {
    index.isIn(scope.view, entry) && scope.voids[entry] == nil
  }

  /// The member's grade; nil for those who are not in the group.
  func grade(_ member: MemberID, _ scope: GroupScope) -> Operation.Grade? {
    guard let rank = office.index.rank(member, scope.office) else { return nil }
    switch facts.kind {
    case .everyone: return rank > .member ? nil : member == creator ? .creator : .member
    case .direct:
      let isOne = facts.pair.map { $0.a == member || $0.b == member } ?? false
      return isOne && rank <= .member ? .member : nil
    case .listed: return listedGrade(member, scope)
    }
  }

  /// The grade of who was removed from the group, where the last of these removals stands of those where
  /// it had one; nil for who had none at any.
  func lastGrade(_ member: MemberID, _ scope: GroupScope) -> Operation.Grade? {
    for removal in (index.removalsOfMember[member] ?? []).reversed() where counts(removal, scope) {
      let entry = index.entries[removal]
      let place = GroupScope(
        view: entry.groupView, voids: scope.voids,
        office: office.index.scope(entry.officeView, scope.office.voids))
      if let grade = grade(member, place) { return grade }
    }
    return nil
  }

  private func listedGrade(_ member: MemberID, _ scope: GroupScope) -> Operation.Grade? {
    let raises =
      index.managers.contains(member)
      ? currentAdditions(of: member, scope) { self.index.makesManagers($0) } : []
    let current = currentAdditions(of: member, scope) {
      !self.isBelowRaise($0, of: member, raises)
    }
    var result: Operation.Grade?
    for entry in current {
      guard !current.contains(where: { index.isPast(entry, of: $0) }),
        case .operation(.groupAdd(_, let grade)) = index.entries[entry].content
      else { continue }
      result = max(result ?? grade, grade)
    }
    if let result { return result }
    if member == creator,
      isCurrent(member, officeView: foundingView, groupView: .empty, scope)
    {
      return .creator
    }
    return cameByTicket(member, scope) ? .member : nil
  }

  /// Of each feed the last addition of a member that has effect and satisfies a condition, as far as no
  /// removal is outside its past: it has those before it in its past, and none of them is current where
  /// it is not.
  private func currentAdditions(
    of member: MemberID, _ scope: GroupScope, where holds: (Int) -> Bool
  ) -> [Int] {
    index.lasts(index.addsByLine[member], in: scope.view) {
      scope.voids[$0] == nil && holds($0)
    }.filter {
      isCurrent(
        member, officeView: index.entries[$0].officeView, groupView: index.entries[$0].groupView,
        scope)
    }
  }

  /// Whether no removal from the group or the office lies outside these views: removal wins.
  func isCurrent(
    _ member: MemberID, officeView: ViewID, groupView: ViewID, _ scope: GroupScope
  ) -> Bool {
    // Whatever holds the last removal of a feed holds those before it.
    let removals = index.lasts(index.removalsByLine[member], in: scope.view) {
      scope.voids[$0] == nil
    }
    guard removals.allSatisfy({ index.isIn(groupView, $0) }) else { return false }
    for removal in office.index.removalsOfMember[member] ?? []
    where office.index.counts(removal, scope.office) && !office.index.isIn(officeView, removal) {
      return false
    }
    return true
  }

  /// a ticket that names the group adds whom it certified, if its issuer was one who may add.
  /// A removal from the group is never in a certificate's past, so it ends this for good.
  private func cameByTicket(_ member: MemberID, _ scope: GroupScope) -> Bool {
    ticketCertificates(of: member, scope.office).contains { certificate in
      isCurrent(
        member, officeView: office.index.entries[certificate].officeView, groupView: .empty, scope)
        && issuerMayAdd(certificate, scope)
    }
  }

  /// The certificates of a member by tickets that name this group.
  func ticketCertificates(of member: MemberID, _ scope: Scope) -> [Int] {
    (office.index.certificatesOfMember[member] ?? []).filter {
      office.index.counts($0, scope) && !tickets(of: $0, scope).isEmpty
    }
  }

  /// The ticket operations that name this group and that a certificate can have been let in by.
  private func tickets(of certificate: Int, _ scope: Scope) -> [Int] {
    office.index.tickets(of: certificate, scope).filter {
      office.index.grant($0)?.groups.contains(group) ?? false
    }
  }

  private func issuerMayAdd(_ certificate: Int, _ scope: GroupScope) -> Bool {
    ticketIssuers(of: certificate, scope).contains { mayAdd($0, certificate, scope) }
  }

  /// The members whose tickets for this group a certificate can have been let in by.
  func ticketIssuers(of certificate: Int, _ scope: GroupScope) -> [MemberID] {
    tickets(of: certificate, scope.office).compactMap {
      office.index.authorCertificate($0)?.member
    }
  }

  private func mayAdd(_ issuer: MemberID, _ certificate: Int, _ scope: GroupScope) -> Bool {
    if issuer == creator, endsOfAdding(issuer, certificate, groupView: .empty, scope).isEmpty {
      return true
    }
    let place = office.index.entries[certificate].officeView
    if !facts.ownersDoNotOutrank, office.index.owners(in: place).members.contains(issuer),
      // A list that struck the issuer has let the certificate pass.
      office.index.strike(of: issuer, at: place, scope.office.owners)
        .map({ office.index.isPast(certificate, of: $0) }) ?? true
    {
      return true
    }
    return (index.adds[issuer] ?? []).contains {
      guard counts($0, scope),
        case .operation(.groupAdd(_, let grade)) = index.entries[$0].content
      else { return false }
      return grade == .manager
        && endsOfAdding(issuer, certificate, groupView: index.entries[$0].groupView, scope).isEmpty
    }
  }

  /// What took the right to add from an issuer and has not let this certificate pass: whatever removes
  /// it, or makes it a mere member, is not in the past of what gave it the right, and has not the
  /// certificate in its past; of its own leaving a witness that has not.
  func endsOfAdding(
    _ issuer: MemberID, _ certificate: Int, groupView: ViewID, _ scope: GroupScope
  ) -> [Int] {
    let removals = index.removalsOfMember[issuer] ?? []
    let additions = (index.adds[issuer] ?? []).filter { counts($0, scope) }
    let lowerings = additions.filter {
      guard case .operation(.groupAdd(_, let grade)) = index.entries[$0].content else {
        return false
      }
      return grade == .member && !isBelowRaise($0, of: issuer, additions)
    }
    func hasIt(_ entry: Int) -> Bool {
      office.index.isIn(index.entries[entry].officeView, certificate)
    }
    let counting = (removals + lowerings).filter { counts($0, scope) }
    let isLowered = counting.contains { !index.isRemoval($0) && hasIt($0) }
    return counting.compactMap { end in
      if index.isIn(groupView, end) || hasIt(end) { return nil }
      // Who leaves throws out nobody of whom those who stay knew.
      guard index.isRemoval(end), author(of: end)?.member == issuer else { return end }
      let seniors = witnesses(of: .leaving(end), in: scope.view, scope.office).filter {
        author(of: $0)?.member != issuer && index.level($0) < .member
      }
      return isLowered || seniors.contains(where: hasIt) ? nil : seniors.first
    }
  }

  /// How far the author of an entry may change the list; nil for those who are not in the group and
  /// not above it.
  func level(_ author: Standing, _ scope: GroupScope) -> GroupLevel? {
    if author.rank == .owner, !facts.ownersDoNotOutrank { return .officeOwner }
    return grade(author.member, scope).map { GroupLevel($0) }
  }

  /// Whether a control entry of the group has its right, seen from its place.
  func checkRight(_ entry: ControlEntry, _ scope: GroupScope) throws(Refusal) {
    guard case .operation(let operation) = entry.content else { throw .otherLog }
    let author = try office.index.standing(
      of: entry.author, certificate: entry.certificate, scope.office)
    guard let level = level(author, scope) else {
      throw author.rank == .box ? .boxNotAdded : .notInGroup
    }
    switch operation {
    case .groupAdd(let members, let new):
      guard facts.kind == .listed else { throw .groupHasNoList }
      guard level != .member, level.rawValue < GroupLevel(new).rawValue else { throw .mayNotAdd }
      for member in members {
        guard office.index.rank(member, scope.office) != nil else { throw .targetUnknown }
        if let old = grade(member, scope), level.rawValue >= GroupLevel(old).rawValue {
          throw .mayNotAdd
        }
      }
    case .groupRemove(let member, _):
      guard facts.kind == .listed else { throw .groupHasNoList }
      guard let grade = grade(member, scope) ?? lastGrade(member, scope) else {
        throw .targetUnknown
      }
      guard
        member == author.member
          || (level != .member && level.rawValue < GroupLevel(grade).rawValue)
      else { throw .mayNotRemove }
    case .unknown: break
    default: throw .otherLog
    }
  }
}
