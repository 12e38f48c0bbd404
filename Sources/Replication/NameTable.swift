import Format

/// Names that the office log states, each with whose word it is; who may speak is judged when read.
struct NameTable {
  struct Claim {
    let name: Name
    let seq: UInt32
    let lamport: UInt32
    let id: EntryID

    /// Whether it stands before another one in canonical order.
    func precedes(_ other: Claim) -> Bool { (lamport, id) < (other.lamport, other.id) }
  }

  /// What one feed says of a subject, in the order of its entries, which is the canonical one.
  struct Sayings {
    let feed: FeedState
    var claims: [Claim] = []
  }

  /// Of each subject what each feed says; of a forked one each strand.
  ///
  /// An author may give a name or not, whenever it said so, and is asked for once; so nobody's number
  /// of claims hides another's. All are kept: the last one may lie beyond a cut that is still to come.
  private(set) var sayings: [Content.Subject: [FeedPlace: Sayings]] = [:]

  mutating func add(_ subject: Content.Subject, _ claim: Claim, of feed: FeedState) {
    sayings[subject, default: [:]][feed.place, default: Sayings(feed: feed)].claims.append(claim)
  }
}
