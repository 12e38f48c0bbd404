/// Who may hold which group's log, read from entries alone: whoever is a member, and keepers.
///
/// Whether an addition lost its effect is worked out by the rules alone, which are not written down here a
/// second time: whoever ever had a right is taken to have one.
final class Rights {
  enum Kind {
    case listed
    case everyone
    case direct(Short, Short)
  }

  /// What lets somebody into a group, and where it stands; in several places where it takes several.
  struct Ground: Hashable {
    let entries: [Long]
    /// Whether a ticket says so, whose issuer may have lost the right to.
    var isByTicket = false
  }

  private struct Group {
    let kind: Kind
    let founder: Long
    let founding: Long
  }

  private struct Certificate {
    let member: Short
    let rank: Int
    let isKeeper: Bool
    let ticket: Long
    let entry: Long
  }

  private var groups: [Long: Group] = [:]
  private var certificates: [Long: [Certificate]] = [:]
  private var additions: [Long: [(member: Short, entry: Long)]] = [:]
  private var tickets: [Long: [(groups: [Long], entry: Long)]] = [:]
  /// What gave a member the rank of a person, who is in the group of everyone.
  private var raises: [Short: [Long]] = [:]

  private static let box = 3

  /// Whether it is a group of the office, known from any disk.
  func knows(_ group: Long) -> Bool { groups[group] != nil }

  func note(_ entry: PlainEntry, by device: Long) {
    if entry.isOpaque { return }
    if entry.kind == PlainEntry.Kind.genesis { return noteGenesis(entry, by: device) }
    guard entry.kind == PlainEntry.Kind.control, let body = entry.body else { return }
    switch PlainOperation(body) {
    case .certify:
      noteCertificate(body.dropFirst(), in: entry.id, hasTicket: true)
    case .ticket(let key):
      var cursor = Cursor(body)
      _ = cursor.take(1 + 32 + 1 + 1 + 16 + 8 + 2)
      let count = cursor.int(1)
      tickets[key, default: []].append(((0..<count).map { _ in cursor.long() }, entry.id))
    case .rank(let member, let rank) where rank < Self.box:
      raises[member, default: []].append(entry.id)
    case .owners(_, let members, _):
      for member in members { raises[member, default: []].append(entry.id) }
    case .groupAdd(let members):
      for member in members { additions[entry.group, default: []].append((member, entry.id)) }
    default: break
    }
  }

  private func noteGenesis(_ entry: PlainEntry, by device: Long) {
    guard entry.group == entry.id else { return }
    guard entry.ext[4] != nil else {
      if let body = entry.body { noteCertificate(body, in: entry.id, hasTicket: false) }
      return
    }
    let kind: Kind
    switch entry.ext[5]?.first {
    case 2: kind = .everyone
    case 3:
      var cursor = Cursor(entry.ext[6] ?? [])
      kind = .direct(cursor.short(), cursor.short())
    default: kind = .listed
    }
    groups[entry.id] = Group(kind: kind, founder: device, founding: entry.id)
  }

  /// Reads a certificate, and behind that the key of its ticket, zero for none.
  private func noteCertificate(_ bytes: ArraySlice<UInt8>, in entry: Long, hasTicket: Bool) {
    var cursor = Cursor(bytes)
    let (member, device) = (cursor.short(), cursor.long())
    _ = (cursor.long(), cursor.long())
    let (rank, flags) = (cursor.int(1), cursor.int(1))
    certificates[device, default: []].append(
      Certificate(
        member: member, rank: rank, isKeeper: flags & 1 == 1,
        ticket: hasTicket ? cursor.long() : .zero, entry: entry))
  }

  /// Whether somebody let a device in, by the entries that satisfy a condition.
  func isLetIn(_ device: Long, where isHeld: (Long) -> Bool) -> Bool {
    certificates[device, default: []].contains { isHeld($0.entry) }
  }

  /// What gives a device the right to hold a group's log, or gave it once, among the entries that satisfy
  /// a condition.
  func grounds(of device: Long, in group: Long, where isHeld: (Long) -> Bool) -> [Ground] {
    guard let known = groups[group] else { return [] }
    let own = certificates[device, default: []].filter { isHeld($0.entry) }
    return own.flatMap { certificate in
      grounds(of: certificate, in: group, known, where: isHeld).map {
        Ground(entries: [certificate.entry] + $0.entries, isByTicket: $0.isByTicket)
      }
    }
  }

  private func grounds(
    of certificate: Certificate, in group: Long, _ known: Group, where isHeld: (Long) -> Bool
  ) -> [Ground] {
    let (member, founding) = (certificate.member, known.founding)
    // A keeper holds every group, whatever of it has come yet; the reserved ranks make none.
    if certificate.isKeeper, certificate.rank <= Self.box { return [Ground(entries: [])] }
    guard isHeld(founding) else { return [] }
    switch known.kind {
    case .everyone:
      let raises = raises[member, default: []].filter(isHeld).map {
        Ground(entries: [founding, $0])
      }
      return certificate.rank < Self.box ? raises + [Ground(entries: [founding])] : raises
    case .direct(let one, let other):
      return member == one || member == other ? [Ground(entries: [founding])] : []
    case .listed:
      var grounds = additions[group, default: []].filter { $0.member == member && isHeld($0.entry) }
        .map { Ground(entries: [founding, $0.entry]) }
      if certificates[known.founder, default: []].contains(where: { $0.member == member }) {
        grounds.append(Ground(entries: [founding]))
      }
      // A ticket counts for whoever came by it, as any of the same member does.
      let keys = Set(
        certificates.values.joined().filter { $0.member == member && isHeld($0.entry) }
          .map(\.ticket))
      for key in keys where !key.isZero {
        for ticket in tickets[key, default: []]
        where ticket.groups.contains(group) && isHeld(ticket.entry) {
          grounds.append(Ground(entries: [founding, ticket.entry], isByTicket: true))
        }
      }
      return grounds
    }
  }
}
