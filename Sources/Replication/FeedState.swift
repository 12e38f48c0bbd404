import Authority
import Format

/// What the replica knows of one feed; of a forked one, of one *strand*: entries in a row, from the
/// genesis or from where they leave another strand, to a head.
///
/// Which strand is another's parent depends on what came first here, and nothing that nodes compare
/// does: branches are worked out from the strands (`GroupState+Branches`). So nothing that
/// was admitted moves when a fork is found.
final class FeedState {
  /// Names the strand here: the feed and, if it leaves another strand, the entry where it does.
  let place: FeedPlace
  /// The seq of its first entry, and the strand that holds the one before.
  let start: UInt32
  let parent: FeedState?
  /// From the genesis; for a branch, from the trunk's.
  let device: DeviceKey
  let certificate: EntryID
  let isOwn: Bool
  /// Its place in the group's list of feeds.
  var index: UInt32 = 0

  /// Per entry, from `start` on: the first 16 bytes of its ID and its lamport.
  private(set) var marks: [Mark] = []
  /// The seqs at which other strands leave this one, ascending: those that are durable, and all.
  private(set) var partings: [UInt32] = []
  private(set) var partingsAhead: [UInt32] = []
  /// The last verified entry, on its way to the disk or there.
  var head: Head
  /// The seq behind the last durable entry, which is announced as the stored head.
  var storedCount: Int
  /// The seq behind the last admitted entry.
  var admittedCount: Int
  /// Views of the past change rarely: where they do, from that seq on.
  var views: [ViewChange] = []
  /// What its entries cite in their own group, in order: the past of an entry, for A-14.
  var cites: [Cite] = []
  /// Verified entries not admitted yet, oldest first, as long as they are kept in memory.
  var pending: [PendingBatch] = []
  /// Entries of `pending.first` that are admitted already.
  var pendingDone = 0
  /// Why admission ended here for good.
  var ended: AdmissionEnd?
  /// An own feed that another copy of this device wrote on: never written again.
  var isClosed = false
  /// Whether its next entry cites one that is not admitted here.
  var isWaiting = false
  /// Whether entries for admission were asked for and did not come yet.
  var isLoading = false
  /// The views under which the author's right to write was last found good. A right is a function
  /// of the views alone (F-7), so this holds whatever comes later.
  var rightsSeen: ViewChange?

  struct Mark {
    var prefix: Bytes16
    /// Milliseconds since 1970 at which the entry stands in the display, once it is admitted.
    var effective: UInt64
    var lamport: UInt32
  }

  struct Cite {
    var seq: UInt32
    /// The cited feed's index in the group, and the entry in it.
    var feed: UInt32
    var cited: UInt32
  }

  struct PendingBatch {
    let batch: Batch
    /// When this node stored it: milliseconds since 1970.
    let arrival: UInt64
  }

  struct Head {
    var id: EntryID
    var seq: UInt32
    var lamport: UInt32
    var wallMilliseconds: UInt64
  }

  /// The control entries in the past of the entries from `seq` on, themselves included.
  struct ViewChange {
    var seq: UInt32
    var office: ViewID
    var group: ViewID
  }

  /// A feed whose genesis is to come.
  init(feed: FeedID, device: DeviceKey, certificate: EntryID, isOwn: Bool) {
    place = FeedPlace(feed: feed)
    (self.device, self.certificate, self.isOwn) = (device, certificate, isOwn)
    (start, parent, storedCount, admittedCount) = (0, nil, 0, 0)
    head = Head(id: EntryID(Bytes32()), seq: 0, lamport: 0, wallMilliseconds: 0)
  }

  /// A strand that leaves another one with the entry of this name.
  init(_ branch: BranchID, leaving parent: FeedState, at start: UInt32) {
    place = FeedPlace(feed: parent.place.feed, branch: branch)
    (device, certificate, isOwn) = (parent.device, parent.certificate, parent.isOwn)
    (self.start, self.parent) = (start, parent)
    (storedCount, admittedCount) = (Int(start), Int(start))
    isClosed = isOwn
    head = Head(id: EntryID(Bytes32()), seq: 0, lamport: 0, wallMilliseconds: 0)
  }

  /// The seq behind the last verified entry, whether it is durable yet or not.
  var count: Int { Int(start) + marks.count }

  /// What is known of an entry of this strand, or of those that it leaves, below `count`.
  func mark(_ seq: UInt32) -> Mark {
    var strand = self
    while seq < strand.start, let parent = strand.parent { strand = parent }
    return strand.marks[Int(seq - strand.start)]
  }

  func prefix(_ seq: UInt32) -> Bytes16 { mark(seq).prefix }

  /// The seq of the own entry whose ID begins like this.
  func seq(of prefix: Bytes16) -> UInt32? {
    marks.firstIndex { $0.prefix == prefix }.map { start + UInt32($0) }
  }

  func append(_ mark: Mark) { marks.append(mark) }

  /// Says at what moment an entry stands in the display.
  func setEffective(_ seq: UInt32, _ milliseconds: UInt64) {
    marks[Int(seq - start)].effective = milliseconds
  }

  /// Notes that a strand leaves this one at `seq`: once its entries are on their way to the disk,
  /// and again when they are durable.
  func part(at seq: UInt32, isStored: Bool) {
    func insert(_ list: inout [UInt32]) {
      if !list.contains(seq) { list.insert(seq, at: list.firstIndex { $0 > seq } ?? list.count) }
    }
    insert(&partingsAhead)
    if isStored { insert(&partings) }
  }

  /// The views of an admitted entry of this strand and its past.
  func view(at seq: UInt32) -> ViewChange? {
    guard Int(seq) < admittedCount, seq >= start else { return nil }
    if let last = views.last, last.seq <= seq { return last }
    var low = 0
    var high = views.count
    while low < high {
      let middle = (low + high) / 2
      if views[middle].seq <= seq { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? views[low - 1] : nil
  }
}

/// Why the admission of a feed ended at an entry, alike on every node.
package struct AdmissionEnd: Hashable, Sendable {
  package let seq: UInt32
  package let rule: String
  package let text: String

  package init(seq: UInt32, rule: String, text: String) {
    (self.seq, self.rule, self.text) = (seq, rule, text)
  }
}
