import Format

/// Which operations of a later version hold this one back.
///
/// Whoever may write one could otherwise stop the office for good: nobody knows what it says. So it
/// is asked for what only those decide who also decide for others, and only as long as they do.
extension OfficeIndex {
  /// Whether an operation of the view that is not known here binds who does not know it.
  func isHeldBack(_ scope: Scope) -> Bool {
    // An author is judged once: there may be many entries of one who has no say.
    var known: [EntryID: Bool] = [:]
    return unknowns.contains { entry in
      guard counts(entry, scope) else { return false }
      let certificate = entries[entry].certificate
      let hasSay = known[certificate] ?? hasSay(entry, scope)
      known[certificate] = hasSay
      // What was written before one had a say does not gain by it.
      return hasSay && self.hasSay(entry, self.scope(entries[entry].officeView, scope.voids))
    }
  }

  private func hasSay(_ entry: Int, _ scope: Scope) -> Bool {
    let (author, certificate) = (entries[entry].author, entries[entry].certificate)
    let standing = try? standing(of: author, certificate: certificate, scope)
    return standing.map { $0.rank <= .admin } ?? false
  }
}

extension GroupAuthority {
  /// Whether an operation of the group that is not known here binds who does not know it.
  func isHeldBack(_ scope: GroupScope) -> Bool {
    var known: [EntryID: MemberID?] = [:]
    return index.unknowns.contains { unknown in
      let entry = index.entries[unknown]
      guard counts(unknown, scope) else { return false }
      let say = known[entry.certificate] ?? hasSay(entry, scope)
      known[entry.certificate] = .some(say)
      guard let author = say,
        isCurrent(author, officeView: entry.officeView, groupView: entry.groupView, scope)
      else { return false }
      let place = GroupScope(
        view: entry.groupView, voids: scope.voids,
        office: office.index.scope(entry.officeView, scope.office.voids))
      return hasSay(entry, place) != nil
    }
  }

  /// The author's member, if it stands above those who are merely in the group.
  func hasSay(_ entry: ControlEntry, _ scope: GroupScope) -> MemberID? {
    guard
      let author = try? office.index.standing(
        of: entry.author, certificate: entry.certificate, scope.office),
      let level = level(author, scope), level != .member
    else { return nil }
    return author.member
  }
}
