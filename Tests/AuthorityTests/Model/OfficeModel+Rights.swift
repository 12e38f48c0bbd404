/// as they stand in the chapter.
extension OfficeModel {
  /// Whether an entry is right at its place, judged with what has effect in its view.
  func isAdmitted(_ entry: Int, _ sight: Sight) -> Bool {
    hasRight(entry, sight) && isWithinUses(entry, sight) && isCertifiedAnew(entry, sight)
  }

  /// The same without what is asked at the place alone.
  func hasRight(_ entry: Int, _ sight: Sight, loweredTo lowered: Int = 0) -> Bool {
    let act = history.entries[entry].act
    if act == .founding { return true }
    //
    let certificate = history.entries[entry].certificate
    guard isLive(certificate, sight),
      let (device, member, _) = history.certified(certificate),
      device == history.entries[entry].device, let own = self.rank(of: member, sight)
    else { return false }
    let rank = max(own, lowered)
    let author = Author(member: member, rank: rank)
    switch act {
    case .founding: return true
    case .certify(let device, let member, let rank):
      return hasFreshKeys(entry, device, member, sight)
        && mayCertify(member, rank, author, sight)
    case .join(let key, let device, let member):
      return hasFreshKeys(entry, device, member, sight)
        && tickets(of: key, sight).contains { letsIn($0, member, sight) }
    case .remove(let target, _):
      if target == member { return rank != 0 }
      return mayRemove(target, from: author, isLive: self.rank(of: target, sight) != nil, sight)
    case .removeDevice(let device, _):
      return mayRemove(device, author, sight)
    case .rank(let target, let new, _):
      guard let old = self.rank(of: target, sight), old != 0, (1...3).contains(new) else {
        return false
      }
      return rank == 0 || rank == 1 && old >= 2 && new >= 2
    case .owners: return isSigned(entry, by: author.member, sight)
    case .suspend: return true
    case .ticket(let target, let key):
      return mayIssue(target, author, sight)
        && !tickets(of: key).contains { history.entries[entry].past.contains($0) }
    case .revoke(let key):
      return tickets(of: key, sight).contains { mayOverrule($0, author, sight) }
    case .add, .expel, .send, .share: return false
    }
  }

  private struct Author {
    let member: Int
    let rank: Int
  }

  ///
  private func hasFreshKeys(
    _ entry: Int, _ device: Int, _ member: Int, _ sight: Sight
  ) -> Bool {
    let past = history.entries[entry].past.intersection(history.certificates)
    for old in past {
      guard let known = history.certified(old), known.device == device else { continue }
      guard known.member == member else { return false }
    }
    return member == device
      || history.certificates.intersection(sight.effective).contains {
        history.certified($0)?.member == member
      }
  }

  /// A-3, asked at the place of a `certify` alone.
  private func isCertifiedAnew(_ entry: Int, _ sight: Sight) -> Bool {
    guard let device = history.certified(entry)?.device, entry > 0 else { return true }
    return !history.certificates.contains {
      $0 != entry && history.certified($0)?.device == device && isLive($0, sight)
    }
  }

  /// A-5 without a ticket. All certificates of a history have the same flags.
  private func mayCertify(
    _ member: Int, _ rank: Int, _ author: Author, _ sight: Sight
  ) -> Bool {
    let isListed = sight.owners.contains(member)
    guard rank != 0 || isListed else { return false }
    if member == author.member { return rank >= author.rank }
    let old = self.rank(of: member, sight)
    if isListed { return old == nil && author.rank == 0 }
    return author.rank <= 1 && author.rank < rank && old.map { author.rank < $0 } ?? true
  }

  func tickets(of key: Int) -> [Int] {
    history.office.filter { history.ticketKey($0) == key }
  }

  /// of those with effect of each issuer the first.
  private func tickets(of key: Int, _ sight: Sight) -> [Int] {
    let known = tickets(of: key).filter { sight.effective.contains($0) }
    return known.filter { one in
      !known.contains {
        history.author(of: $0) == history.author(of: one) && history.precedes($0, one)
      }
    }
  }

  /// whether one ticket lets a member in.
  private func letsIn(_ ticket: Int, _ member: Int, _ sight: Sight) -> Bool {
    guard sight.effective.contains(ticket), !isRevoked(ticket, sight),
      case .ticket(let target, _) = history.entries[ticket].act
    else { return false }
    let issuer = history.author(of: ticket)
    guard let rank = rank(of: issuer, sight),
      mayIssue(target, Author(member: issuer, rank: rank), sight)
    else { return false }
    if let target {
      return target == member
        && isCurrent(history.entries[ticket].past, member: target, device: nil, sight)
    }
    return !sight.owners.contains(member)
      && !history.certificates.intersection(sight.effective).contains {
        history.certified($0)?.member == member
      }
  }

  /// whether a revoke ends a ticket that it has in its past.
  private func isRevoked(_ ticket: Int, _ sight: Sight) -> Bool {
    sight.effective.contains { entry in
      guard case .revoke(let key) = history.entries[entry].act, history.ticketKey(ticket) == key,
        history.entries[entry].past.contains(ticket)
      else { return false }
      let voids = history.entries[entry].past.subtracting(sight.effective)
      let place = self.sight(of: entry, without: voids)
      let author = history.author(of: entry)
      return rank(of: author, place).map {
        mayOverrule(ticket, Author(member: author, rank: $0), place)
      } ?? false
    }
  }

  private func mayOverrule(_ ticket: Int, _ author: Author, _ sight: Sight) -> Bool {
    let issuer = history.author(of: ticket)
    return author.member == issuer || author.rank == 0
      || author.rank < rank(of: issuer, sight) ?? 2
  }

  /// the tickets that a certificate came by.
  func ticketsBehind(_ certificate: Int, _ sight: Sight) -> [Int] {
    guard case .join(let key, _, let member) = history.entries[certificate].act,
      sight.effective.contains(certificate)
    else { return [] }
    let past = history.entries[certificate].past.intersection(sight.effective)
    return tickets(of: key, Sight(effective: past, owners: sight.owners)).filter {
      guard case .ticket(let target, _) = history.entries[$0].act else { return false }
      return target ?? member == member
    }
  }

  /// whether a ticket lets in once more, asked at the place of a `certify` alone.
  func isWithinUses(_ entry: Int, _ sight: Sight) -> Bool {
    guard case .join(let key, _, let member) = history.entries[entry].act else { return true }
    let author = history.author(of: entry)
    let cameByIt = history.certificates.intersection(sight.effective).contains {
      guard case .join(key, _, author) = history.entries[$0].act else { return false }
      return true
    }
    return tickets(of: key, sight).contains { ticket in
      guard letsIn(ticket, member, sight), case .ticket(let target, _) = history.entries[ticket].act
      else { return false }
      let came = history.certificates.filter { ticketsBehind($0, sight).contains(ticket) }
      return Set(came.compactMap { history.certified($0)?.device }).isEmpty
        && (target != nil || !cameByIt)
    }
  }

  /// A-6, for another member or a device of one.
  private func mayRemove(
    _ member: Int, from author: Author, isLive: Bool, _ sight: Sight
  ) -> Bool {
    let isGone = !isLive && !sight.owners.contains(member)
    guard author.rank <= 1,
      history.certificates.intersection(sight.effective).contains(where: {
        history.certified($0)?.member == member
      }),
      let old = isGone ? lastRank(of: member, sight) : rank(of: member, sight)
    else { return false }
    return author.rank < old
  }

  /// A-6, for devices.
  private func mayRemove(_ device: Int, _ author: Author, _ sight: Sight) -> Bool {
    let known = history.certificates.intersection(sight.effective).filter {
      history.certified($0)?.device == device
    }
    guard let member = known.first.flatMap(history.certified)?.member else { return false }
    let isLive = known.contains { self.isLive($0, sight) }
    guard member == author.member else {
      return mayRemove(member, from: author, isLive: isLive, sight)
    }
    return author.rank != 0 || !isLive || liveCertificates(of: member, sight).count > 1
  }

  /// A-7, for tickets of rank 2.
  private func mayIssue(_ target: Int?, _ issuer: Author, _ sight: Sight) -> Bool {
    guard issuer.rank <= 2 else { return false }
    guard let target else { return issuer.rank <= 1 }
    if target == issuer.member { return true }
    return issuer.rank <= 1 && !sight.owners.contains(target)
      && rank(of: target, sight).map { issuer.rank < $0 } ?? true
  }

  /// A-7, for owner lists.
  private func isSigned(_ entry: Int, by author: Int, _ sight: Sight) -> Bool {
    guard case .owners(let members, let signers, let isRecovery) = history.entries[entry].act,
      isRecovery
        ? author < EntrySet.capacity && EntrySet(bits: members).contains(author)
        : EntrySet(bits: signers).contains(history.entries[entry].device),
      history.entries[entry].previous == sight.owners.list,
      EntrySet(bits: members).contains(where: { !liveCertificates(of: $0, sight).isEmpty })
    else { return false }
    if isRecovery { return true }
    let live = history.certificates.filter { isLive($0, sight) }.compactMap(history.certified)
    let signing = EntrySet(bits: signers).map { device in
      live.first { $0.device == device }?.member
    }
    let known = signing.compactMap(\.self).filter { sight.owners.contains($0) }
    return known.count == signing.count && Set(known).count == known.count
      && known.count * 2 > sight.owners.members.nonzeroBitCount
  }
}
