import Authority
import Cryptography
import Format

/// What the replica knows of one group log.
final class GroupState {
  let id: GroupID
  let isOffice: Bool
  var feeds: [FeedPlace: FeedState] = [:]
  /// In order of appearance; a timeline's rows name feeds by their index here.
  var feedList: [FeedState] = []
  /// Whether entries of others came that are not stored yet: till then they are neither cited nor admitted.
  var hasUnstored: Bool { feedList.contains { !$0.isOwn && $0.storedCount < $0.count } }
  /// Set when the group's first genesis is admitted; never for the office log.
  var authority: GroupAuthority?
  /// The lamport and ID of the first genesis, once it is admitted.
  var founding: (lamport: UInt32, id: EntryID)?
  /// Every control entry of this group that is admitted here.
  var view = ViewID.empty
  /// Message entries whose content is no text (E-21): titles and the like.
  var notices: [Timeline.Row] = []
  var epochs: [EpochState] = []
  /// The opened secrets, by the epoch's name.
  var secrets: [EpochID: EpochKey] = [:]
  /// Epochs that were not made for this device: it came later or was not in the group.
  var othersEpochs: Set<EpochID> = []
  /// Which arrivals were written under them, in runs: nobody reads them here, however long one waits.
  var closedRuns: [Range<Int>] = []
  /// The entries that say the title, by the epoch under which they were written.
  var titles: [EpochID: [TitleEntry]] = [:]
  /// Those of them that say what a later one says otherwise.
  var overtakenTitles: Set<EntryID> = []
  /// The epoch under which this device writes; nil when it must be chosen anew.
  var currentEpoch: EpochID?
  /// What the others write under where that does not open here; found together with `currentEpoch`.
  var unopened: EpochState?
  /// The last of these that was told.
  var toldUnopened: EpochID?
  /// When this device last made an epoch here.
  var ownEpochAt: Duration?
  /// Who belongs, in the current view; nil when it must be worked out anew.
  var membership: GroupMembership?
  /// What was asked about who is in it no more, while this was the state.
  private(set) var ends: GroupEnds?
  /// What those who stayed had seen when they heard of a removal, by its entry.
  var witnesses: [EntryID: Witnesses] = [:]
  /// How often the past of a feed came to hold other control entries.
  var changeCount = 0
  /// By the index of a feed: what removes its device or member in that view of the office log; nil where
  /// the certificate has no effect.
  var removals: [[ControlReference]?] = []
  var removalsView: ViewID?
  /// The own feed that is written, with what it cites already.
  var composing: Composing?
  /// What is known of others' stored heads.
  private(set) var delivered: [DeviceKey: [FeedPlace: UInt32]] = [:] {
    didSet { deliveredChanges &+= 1 }
  }
  private(set) var deliveredChanges: UInt64 = 0
  /// Devices that said they hold more of an own feed than was written here.
  var claimants: Set<DeviceKey> = []
  /// Searches for where a feed parts: of each strand with a few links at the same time.
  var probes: [ForkProbe.Key: ForkProbe] = [:]
  /// First entries of branches that wait for the entry before them to be read.
  var openings: [FeedPlace: BranchOpening] = [:]
  /// Feeds that were not taken because their device has its share of them.
  var refused: Set<FeedPlace> = []
  /// Whose the feeds are that whoever has no right here brought and that were not taken.
  var outsideAuthors: [FeedID: DeviceKey] = [:]
  /// Whether it was told that something was not taken for want of room.
  var isFull = false
  /// How often a past was walked through; tests of cost count by it.
  private(set) var walkCount = 0
  // What is touched with every entry is for this file alone, as with feeds (`FeedState`).
  private var forks: [FeedID: [FeedState]] = [:]
  private var timeline = Timeline()
  private var cachedItems: [FrontierItem]?
  private var cachedDigest: FrontierDigest?

  init(id: GroupID, isOffice: Bool) {
    (self.id, self.isOffice) = (id, isOffice)
  }

  /// An entry that says the group's title.
  struct TitleEntry {
    let feed: FeedState
    let seq: UInt32
    let id: EntryID
  }

  /// What the next own entry continues.
  struct Composing {
    let feed: FeedState
    /// The highest seq cited of each feed.
    var cited: [FeedPlace: UInt32]
    var view: FeedState.ViewChange
  }

  /// All strands of each feed that is forked here, durable or on their way to the disk.
  var forked: [FeedID: [FeedState]] {
    get { forks }
    set { forks = newValue }
  }

  func isForked(_ feed: FeedID) -> Bool { !forks.isEmpty && forks[feed] != nil }

  /// The messages in order of admission.
  var arrivals: [Timeline.Row] { timeline.arrivals }

  var messageCount: Int { timeline.count }

  func append(_ row: Timeline.Row, at moment: UInt64, isOwn: Bool) {
    timeline.append(row, at: moment, isOwn: isOwn)
  }

  /// Notes that the next message to arrive is written for others.
  func noteClosed() {
    let next = messageCount
    if let last = closedRuns.last, last.upperBound == next {
      closedRuns[closedRuns.count - 1] = last.lowerBound..<next + 1
    } else {
      closedRuns.append(next..<next + 1)
    }
  }

  /// Whether an arrival was written for others.
  func isClosed(_ index: Int) -> Bool {
    var (low, high) = (0, closedRuns.count)
    while low < high {
      let middle = low + (high - low) / 2
      if closedRuns[middle].upperBound <= index { low = middle + 1 } else { high = middle }
    }
    return low < closedRuns.count && closedRuns[low].contains(index)
  }

  func isLate(_ row: Timeline.Row) -> Bool { timeline.isLate(row) }

  /// All messages in display order; `tie` orders two of one moment (canonically).
  func ordered(tie: (Timeline.Row, Timeline.Row) -> Bool) -> [Timeline.Row] {
    timeline.ordered(tie: tie)
  }

  /// The stored heads, ascending; the group's frontier.
  var items: [FrontierItem] {
    if let cachedItems { return cachedItems }
    var items: [FrontierItem] = []
    items.reserveCapacity(feedList.count)
    for feed in feedList { feed.addItems(to: &items) }
    items.sort { $0.place < $1.place }
    cachedItems = items
    return items
  }

  var digest: FrontierDigest {
    if let cachedDigest { return cachedDigest }
    let digest = EntryHashes.digest(id, items)
    cachedDigest = digest
    return digest
  }

  func headsChanged() {
    cachedItems = nil
    cachedDigest = nil
  }

  func add(_ feed: FeedState) {
    feed.index = UInt32(feedList.count)
    feeds[feed.place] = feed
    feedList.append(feed)
  }

  /// All that is in the past of an admitted entry, itself included.
  func reach(from start: FeedState, upTo seq: UInt32) -> Reach {
    walkCount += 1
    var reach = Reach()
    reach.add(start, upTo: seq, in: self)
    return reach
  }

  /// What was asked about who is in it no more, in the state that this membership is of.
  func ends(in membership: GroupMembership) -> GroupEnds {
    if let ends, ends.membership === membership { return ends }
    let new = GroupEnds(membership)
    ends = new
    return new
  }

  /// Takes in that a device holds a strand up to `seq`, and so all before it; whether that is news.
  func noteDelivered(_ feed: FeedState, _ seq: UInt32, to device: DeviceKey) -> Bool {
    var isNews = false
    var (strand, held) = (feed, seq)
    while true {
      if noteDelivered(strand.place, held, to: device) { isNews = true }
      guard let parent = strand.parent else { return isNews }
      (strand, held) = (parent, strand.start - 1)
    }
  }

  /// A strand was found to part at `seq`: what was noted behind it may have meant the other branch.
  /// What entries cite they mean.
  func forgetDelivered(_ feed: FeedState, from seq: UInt32) {
    for device in delivered.keys {
      guard let held = delivered[device]?[feed.place], held >= seq else { continue }
      delivered[device]?[feed.place] = seq > 0 ? seq - 1 : nil
    }
    for other in feedList {
      for cite in other.cites where cite.feed == feed.index && cite.cited >= seq {
        if Int(cite.seq) < other.admittedCount {
          _ = noteDelivered(feed, cite.cited, to: other.device)
        }
      }
    }
  }

  /// Takes in that a device holds a strand up to `seq`; whether that is news. Of what is not here
  /// nothing is kept: a device may claim to hold any number of feeds.
  func noteDelivered(_ place: FeedPlace, _ seq: UInt32, to device: DeviceKey) -> Bool {
    guard feeds[place] != nil else { return false }
    if let known = delivered[device]?[place], known >= seq { return false }
    delivered[device, default: [:]][place] = seq
    return true
  }
}

/// An admitted epoch entry.
struct EpochState {
  let id: EpochID
  let entry: EntryID
  let feed: FeedState
  let seq: UInt32
  let lamport: UInt32
  let recipients: [DeviceKey]
  /// The entry's own past.
  let view: FeedState.ViewChange
  /// Whether its own copy opened here: another epoch's secret under its name is none of it.
  let isOpen: Bool

  /// Whether messages are rather written under this one than under another (K-4).
  func comes(before other: EpochState) -> Bool {
    lamport != other.lamport ? lamport > other.lamport : entry < other.entry
  }
}

/// An opened epoch secret, shared by all that read with it.
final class EpochKey: Sendable {
  let secret: EpochSecret
  init(_ secret: consuming EpochSecret) { self.secret = secret }
}
