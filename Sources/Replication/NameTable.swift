import Format

/// Names that the office log states, each with whose word it is; who may speak is judged when read.
struct NameTable {
  struct Claim {
    let name: Name
    /// Where the office log says so.
    let feed: FeedState
    let seq: UInt32
    let lamport: UInt32
    let id: EntryID

    /// Whether it stands before another one in canonical order.
    func precedes(_ other: Claim) -> Bool { (lamport, id) < (other.lamport, other.id) }
  }

  /// Of each subject what each author said, by the certificate of its device, in canonical order.
  ///
  /// An author may give a name or not, whenever it said so, and is asked for once; so nobody's number
  /// of claims hides another's. All are kept: the last one may lie beyond a cut that is still to come.
  private(set) var claims: [Content.Subject: [EntryID: [Claim]]] = [:]

  mutating func add(_ subject: Content.Subject, _ claim: Claim) {
    var list = claims[subject]?.removeValue(forKey: claim.feed.certificate) ?? []
    // Mostly it is the newest.
    let at = list.lastIndex { $0.precedes(claim) }.map { $0 + 1 } ?? 0
    list.insert(claim, at: at)
    claims[subject, default: [:]][claim.feed.certificate] = list
  }
}
