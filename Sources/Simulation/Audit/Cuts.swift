/// What the removals of an office leave of the feeds of whom they name: one question to a book as it
/// stands.
///
/// What is cut off is asked only of removals that have effect whatever the rest of the rules says: those in doubt
/// leave all. What stands is asked of each, for whether it has effect changes nothing there.
struct Cuts {
  /// A place in a feed up to which its entries count.
  private struct Cut {
    let feed: Short
    let seq: Int
    let entry: Long
  }

  /// A removal by somebody honest.
  private struct Cutting {
    let number: Int
    let removal: Book.Removal
    let cuts: [Short: Cut]
    let isSure: Bool
  }

  /// A removal, and a group in which it is heard of.
  private struct Hearing: Hashable {
    let number: Int
    let group: Long
  }

  private let book: Book
  private let cuttings: [Cutting]
  private var doubts: Doubts
  /// The first entries of feeds that know of a removal.
  private var heard: [Hearing: [Book.Known]] = [:]

  init(_ book: Book, without gone: Set<Long>) {
    self.book = book
    var doubts = Doubts(book, without: gone)
    cuttings = book.removals.indices.compactMap { number in
      let removal = book.removals[number]
      guard removal.isHonest, let cuts = Self.cuts(of: removal, in: book) else { return nil }
      let isSure = book.isSure(number, &doubts)
      return Cutting(number: number, removal: removal, cuts: cuts, isSure: isSure)
    }
    self.doubts = doubts
  }

  /// The removal that cuts off a message for whoever holds these entries, where it counts for nobody then; nil
  /// where it may count.
  mutating func removal(cuttingOff entry: Long, among held: Set<Long>) -> Book.Removal? {
    guard let known = book.entries[entry], let past = known.removals,
      let named = book.certificate(of: known.entry.feed),
      let certificate = book.certificates.first(where: { $0.entry == named }),
      let before = book.entries[named]?.removals
    else { return nil }
    return cuttings.first { one in
      let removal = one.removal
      guard one.isSure, removal.group == nil || removal.group == known.entry.group,
        removal.names(certificate), held.contains(removal.entry), !past.contains(one.number),
        !before.contains(one.number),
        !book.isKept(certificate, one.number)
      else { return false }
      return isCutOff(known, of: certificate, by: one, among: held)
    }?.removal
  }

  /// Whether a message may be cut off for whoever holds these entries.
  mutating func mayCutOff(_ entry: Long, among held: Set<Long>) -> Bool {
    guard let known = book.entries[entry] else { return true }
    return book.removals(naming: known).contains { removal in
      guard let one = cuttings.first(where: { $0.removal.entry == removal.entry }) else {
        // Somebody who lies may cut off anything.
        return true
      }
      return !mustLeave(known, one, among: held)
    }
  }

  /// Whether a message counts under a removal, be that as it may: what knows of the removal was written by who is
  /// back, the removal has it in its past or lists it, or somebody who is a witness for certain had seen it. Of the
  /// branches of a forked feed a removal keeps one, whatever its author knew.
  private mutating func mustLeave(
    _ known: Book.Known, _ one: Cutting, among held: Set<Long>
  ) -> Bool {
    let (entry, removal) = (known.entry, one.removal)
    guard let past = known.removals, !book.isInBranch(known) else { return false }
    if past.contains(one.number) || book.isAware(removal.entry, of: entry.id) { return true }
    let heard = hearings(of: one, entry.group, among: held)
    if let cut = one.cuts[entry.feed] {
      if entry.seq < cut.seq || entry.id == cut.entry { return true }
      // What somebody removes of their own may be stolen, and of a forked feed nobody vouches for what lies behind.
      if book.doubled.contains(entry.feed) || isOfOwn(removal, known) { return false }
    } else if heard.isEmpty {
      return true
    }
    return heard.contains { isSureWitness($0) && book.isAware($0.entry.id, of: entry.id) }
  }

  /// Whether somebody removed a computer of their own.
  private func isOfOwn(_ removal: Book.Removal, _ known: Book.Known) -> Bool {
    guard case .removeDevice = removal.target else { return false }
    return book.members(of: removal.author).contains(where: book.members(of: known.device).contains)
  }

  private mutating func isCutOff(
    _ known: Book.Known, of certificate: Book.Certificate, by one: Cutting, among held: Set<Long>
  ) -> Bool {
    let isParted = book.isSplit(feed: known.entry.feed, among: held)
    guard let cut = one.cuts[known.entry.feed] else {
      // Where nobody who stayed has heard of the removal yet, all counts.
      return hearings(of: one, known.entry.group, among: held).contains { isSure($0) }
        && !isVouchedFor(known, against: one, among: held)
    }
    guard leavesOut(cut, known.entry, isParted: isParted, among: held) else { return false }
    // What somebody removes of their own may be stolen, and of a forked feed nobody vouches for a branch.
    var isOwn = false
    if case .removeDevice = one.removal.target {
      isOwn = book.certifiedMember(of: one.removal.entry) == certificate.member
    }
    return isOwn || isParted || !isVouchedFor(known, against: one, among: held)
  }

  /// Whether an entry stands behind a cut, or beside the branch that it names.
  private func leavesOut(
    _ cut: Cut, _ entry: PlainEntry, isParted: Bool, among held: Set<Long>
  ) -> Bool {
    if entry.id == cut.entry { return false }
    if entry.seq >= cut.seq { return true }
    guard isParted, held.contains(cut.entry) else { return false }
    var at = book.entries[cut.entry]?.entry
    while let later = at, later.seq > entry.seq { at = book.entries[later.prev]?.entry }
    return at.map { $0.id != entry.id } ?? false
  }

  /// Whether anybody may be a witness of a removal who had seen an entry before.
  private mutating func isVouchedFor(
    _ known: Book.Known, against one: Cutting, among held: Set<Long>
  ) -> Bool {
    hearings(of: one, known.entry.group, among: held).contains {
      book.isAware($0.entry.id, of: known.entry.id)
    }
  }

  /// The first entry of each feed of a group that knows of a removal: its witnesses, and some who may be none.
  /// Who was let in by one who knew of it is none, nor whom the removal itself names.
  private mutating func hearings(
    of one: Cutting, _ group: Long, among held: Set<Long>
  ) -> [Book.Known] {
    let key = Hearing(number: one.number, group: group)
    if let known = heard[key] { return known.filter { held.contains($0.entry.id) } }
    let all = book.entries.values.filter { known in
      guard known.entry.group == group, known.removals?.contains(one.number) ?? false,
        known.entry.seq == 0
          || !(book.entries[known.entry.prev]?.removals?.contains(one.number) ?? false),
        let named = book.certificate(of: known.entry.feed),
        !(book.entries[named]?.removals?.contains(one.number) ?? false)
      else { return false }
      return one.removal.group != nil
        || !(book.certificates.first { $0.entry == named }.map(one.removal.names) ?? false)
    }
    heard[key] = all
    return all.filter { held.contains($0.entry.id) }
  }

  /// Whether who heard of a removal is a witness for sure: nothing takes anything from that one.
  private mutating func isSure(_ known: Book.Known) -> Bool {
    guard !book.liars.contains(known.device), book.removals(ofDevice: known.device).isEmpty,
      !book.members(of: known.device).contains(where: book.lowered.contains),
      let named = book.certificate(of: known.entry.feed)
    else { return false }
    return !doubts.mayBeInVain(named)
  }

  /// The same, whose feed has no other branch which somebody may hear first, and whom nobody took from the group.
  private mutating func isSureWitness(_ known: Book.Known) -> Bool {
    !book.doubled.contains(known.entry.feed) && isSure(known)
      && !book.members(of: known.device).contains { book.isLowered($0, in: known.entry.group) }
  }

  /// The cuts that stand in a removal; nil of what is none.
  private static func cuts(of removal: Book.Removal, in book: Book) -> [Short: Cut]? {
    guard let body = book.entries[removal.entry]?.entry.body else { return nil }
    var cursor = Cursor(body)
    _ = cursor.int(1)
    switch removal.target {
    case .removeMember, .removeDevice:
      if cursor.int(1) == 1 { _ = cursor.short() } else { _ = cursor.long() }
    case .groupRemove: _ = cursor.short()
    default: return nil
    }
    var cuts: [Short: Cut] = [:]
    for _ in 0..<cursor.int(2) {
      let feed = cursor.short()
      let seq = cursor.int(4)
      cuts[feed] = Cut(feed: feed, seq: seq, entry: cursor.long())
    }
    return cuts
  }
}

extension Book.Removal {
  /// Whether it ends what this certificate gave.
  func names(_ certificate: Book.Certificate) -> Bool {
    switch target {
    case .removeMember(let member), .groupRemove(let member): certificate.member == member
    case .removeDevice(let device): certificate.device == device
    default: false
    }
  }
}

extension Book {
  /// Whether a removal has effect, whatever the rules say that are not written down here a second time: its
  /// author had the right to it, lost none that it does not know of, and nobody who lies has a say there.
  func isSure(_ number: Int, _ doubts: inout Doubts) -> Bool {
    let removal = removals[number]
    guard removal.isHonest, !doubts.mayBeInVain(removal.entry) else { return false }
    guard let group = removal.group else { return true }
    let creators = entries[group].map { members(of: $0.device) } ?? []
    return !members(of: removal.author).contains { author in
      mayCut(author, off: number)
        || !creators.contains(author) && mayBeAddedInVain(author, to: group, before: removal.entry)
    } && !isManaged(group, beside: removal)
  }

  /// Whether a removal may take nothing from whom a certificate names: by the owner lists, or since somebody
  /// made an admin of that one beside it.
  func isKept(_ certificate: Certificate, _ number: Int) -> Bool {
    let removal = removals[number]
    return isAbove(certificate.device, number, by: ownerLists)
      || removal.group == nil
        && raises.contains {
          $0.member == certificate.member && isBeside(removal.entry, $0.entry)
        }
  }

  /// Whether somebody made anybody a manager of a group beside a removal from it, or lowered one: that
  /// may take the say from its author, or keep whom it names.
  private func isManaged(_ group: Long, beside removal: Removal) -> Bool {
    let graded = Set(additions.filter { $0.group == group }.map(\.entry)).filter {
      entries[$0]?.entry.body?.last == 1
    }
    return graded.contains { !isAware(removal.entry, of: $0) }
      || !graded.isEmpty
        && additions.contains {
          $0.group == group && isBeside($0.entry, removal.entry)
        }
  }

  /// The member by whose certificate an entry was written.
  func certifiedMember(of entry: Long) -> Short? {
    let named = entries[entry].flatMap { certificate(of: $0.entry.feed) }
    return certificates.first { $0.entry == named }?.member
  }

  /// Whether two entries at one place of a feed are among some.
  func isSplit(feed: Short, among held: Set<Long>) -> Bool {
    guard doubled.contains(feed) else { return false }
    var seqs: Set<Int> = []
    return held.contains { id in
      guard let entry = entries[id]?.entry, entry.feed == feed else { return false }
      return !seqs.insert(entry.seq).inserted
    }
  }
}
