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

  /// Of each subject the last claim of each author, the newest first in canonical order. An author
  /// may give a name or not, whenever it said so; so nobody's number of claims hides another's.
  private(set) var claims: [Content.Subject: [Claim]] = [:]

  mutating func add(_ subject: Content.Subject, _ claim: Claim) {
    func isBefore(_ a: Claim, _ b: Claim) -> Bool { (a.lamport, a.id) > (b.lamport, b.id) }
    if let known = claims[subject]?.firstIndex(where: { $0.author == claim.author }) {
      guard let old = claims[subject]?[known], isBefore(claim, old) else { return }
      claims[subject]?.remove(at: known)
    }
    let list = claims[subject] ?? []
    let at = list.firstIndex { isBefore(claim, $0) } ?? list.count
    claims[subject, default: []].insert(claim, at: at)
  }

  /// The last name in canonical order whose author may give it (E-18).
  func name(of subject: Content.Subject, where mayName: (EntryID) -> Bool) -> Name? {
    claims[subject]?.first { mayName($0.author) }?.name
  }
}
