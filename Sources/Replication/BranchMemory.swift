import Format

/// What a peer said on one link of branches that are not here, and what came of it.
struct BranchMemory {
  /// Feeds of which the peer announced branches that are not here.
  private(set) var feeds: Set<FeedID> = []
  /// Names of branches that were searched for since they were last forgotten.
  private var sought: [FeedID: [BranchID: Sought]] = [:]
  /// Where branches begin whose first entries came before what they leave.
  private(set) var firsts: [FeedPlace: UInt32] = [:]
  /// Branches that were not taken in, and why it would be the same again.
  private(set) var declined: [FeedPlace: OpeningState] = [:]
  /// How often the peer's branches of a feed ended while they were searched.
  private(set) var endings: [FeedID: Int] = [:]
  /// When the names that were searched for are forgotten; nil while there are none.
  private(set) var forgetAt: Duration?

  /// The entry that a peer's name for a branch belongs to, and how many were looked at.
  struct Sought {
    var looked: Int
    var branch: (feed: FeedState, from: UInt32)?
  }

  /// What decides whether another branch of a feed is taken in.
  struct OpeningState: Hashable {
    let strands: Int
    /// Entries of the feed that other feeds wait for.
    let awaited: [Reference]
  }

  mutating func announced(_ feed: FeedID) {
    // A peer that makes up feeds gets no more room than a group has.
    if feeds.count < Limits.feedsPerGroupMax { feeds.insert(feed) }
  }

  /// What came of searching for a name before; nil for a new one, which is then begun unless there
  /// were as many names of this feed as it can have.
  mutating func search(_ place: FeedPlace, now: Duration) -> Sought? {
    if let known = sought[place.feed]?[place.branch] { return known }
    guard sought[place.feed]?.count ?? 0 < 2 * Limits.branchesMax else { return nil }
    forgetAt = forgetAt ?? now + .seconds(Limits.idleDigestSeconds)
    let new = Sought(looked: 0, branch: nil)
    sought[place.feed, default: [:]][place.branch] = new
    return new
  }

  func isSought(_ place: FeedPlace) -> Bool { sought[place.feed]?[place.branch] != nil }

  mutating func found(_ place: FeedPlace, _ result: Sought) {
    sought[place.feed]?[place.branch] = result
  }

  /// How many names are remembered; tests of cost count by it.
  var nameCount: Int { sought.values.reduce(0) { $0 + $1.count } }

  mutating func forgetNames() { (sought, forgetAt) = ([:], nil) }

  /// Notes that entries of a branch came which begin at `first` and follow nothing that is here.
  mutating func begins(_ place: FeedPlace, at first: UInt32) {
    if firsts.count < Limits.feedsPerGroupMax || firsts[place] != nil { firsts[place] = first }
  }

  func first(of place: FeedPlace) -> UInt32? { firsts[place] }

  mutating func decline(_ place: FeedPlace, _ state: OpeningState) {
    if declined.count < Limits.feedsPerGroupMax || declined[place] != nil {
      declined[place] = state
    }
  }

  /// Whether a branch was not taken in, and nothing has changed since that would let it in.
  func isDeclined(_ place: FeedPlace, _ state: @autoclosure () -> OpeningState) -> Bool {
    declined[place].map { $0 == state() } ?? false
  }

  /// Notes that the peer ended a branch while it was searched: its feed was found to part. A feed has
  /// so many branches, so an honest peer does this no more often.
  mutating func mayEnd(_ feed: FeedID) -> Bool {
    let count = endings[feed] ?? 0
    guard count < Limits.branchesMax else { return false }
    endings[feed] = count + 1
    return true
  }
}
