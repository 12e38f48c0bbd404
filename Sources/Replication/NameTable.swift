import Format

/// Names that the office log states, each with whose word it is; who may speak is judged when read.
struct NameTable {
  struct Claim {
    let name: Name
    /// The certificate of the device that says so.
    let author: EntryID
    let lamport: UInt32
    let id: EntryID
  }

  private(set) var claims: [Content.Subject: [Claim]] = [:]

  /// The most claims kept of one subject: the newest in canonical order.
  private static let claimsMax = 16

  mutating func add(_ subject: Content.Subject, _ claim: Claim) {
    var list = claims[subject] ?? []
    list.append(claim)
    list.sort { ($0.lamport, $0.id) > ($1.lamport, $1.id) }
    claims[subject] = Array(list.prefix(Self.claimsMax))
  }

  /// The last name in canonical order whose author may give it (E-18).
  func name(of subject: Content.Subject, where mayName: (EntryID) -> Bool) -> Name? {
    claims[subject]?.first { mayName($0.author) }?.name
  }
}
