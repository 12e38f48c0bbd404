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

  /// The seqs at which other strands leave this one, ascending: those that are durable, and all.
  private(set) var partings: [UInt32] = []
  private(set) var partingsAhead: [UInt32] = []
  /// An own feed that another copy of this device wrote on: never written again.
  var isClosed = false
  /// Whether entries for admission were asked for and did not come yet.
  var isLoading = false
  /// What changes with every entry, for this file alone: only so does the compiler prove that no
  /// access overlaps another. Looking for that at run time was a third of a start.
  private var course: Course

  private struct Course {
    /// Per entry, from `start` on: the first 16 bytes of its ID and its lamport.
    var marks: [Mark] = []
    var head = Head(id: EntryID(Bytes32()), seq: 0, lamport: 0, wallMilliseconds: 0)
    var storedCount: Int
    var admittedCount: Int
    var admittedHead = EntryID(Bytes32())
    var views: [ViewChange] = []
    var cites: [Cite] = []
    var pending: [PendingBatch] = []
    var pendingDone = 0
    var ended: AdmissionEnd?
    var isWaiting = false
    var rightsSeen: ViewChange?
  }

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
    (start, parent) = (0, nil)
    course = Course(storedCount: 0, admittedCount: 0)
  }

  /// A strand that leaves another one with the entry of this name.
  init(_ branch: BranchID, leaving parent: FeedState, at start: UInt32) {
    place = FeedPlace(feed: parent.place.feed, branch: branch)
    (device, certificate, isOwn) = (parent.device, parent.certificate, parent.isOwn)
    (self.start, self.parent) = (start, parent)
    course = Course(storedCount: Int(start), admittedCount: Int(start))
    isClosed = isOwn
  }

  /// The last verified entry, on its way to the disk or there.
  var head: Head {
    get { course.head }
    set { course.head = newValue }
  }

  /// The seq behind the last verified entry, whether it is durable yet or not.
  var count: Int { Int(start) + course.marks.count }

  /// The seq behind the last durable entry, which is announced as the stored head.
  var storedCount: Int {
    get { course.storedCount }
    set { course.storedCount = newValue }
  }

  /// The seq behind the last admitted entry.
  var admittedCount: Int { course.admittedCount }

  /// The last admitted entry of this strand; zero as long as there is none.
  var admittedHead: EntryID { course.admittedHead }

  /// Why admission ended here for good.
  var ended: AdmissionEnd? {
    get { course.ended }
    set { course.ended = newValue }
  }

  /// Whether its next entry cites one that is not admitted here.
  var isWaiting: Bool {
    get { course.isWaiting }
    set { course.isWaiting = newValue }
  }

  /// The views under which the author's right to write was last found good. A right is a function
  /// of the views alone (F-7), so this holds whatever comes later.
  var rightsSeen: ViewChange? {
    get { course.rightsSeen }
    set { course.rightsSeen = newValue }
  }

  /// What is known of an entry of this strand, or of those that it leaves, below `count`.
  func mark(_ seq: UInt32) -> Mark {
    var strand = self
    while seq < strand.start, let parent = strand.parent { strand = parent }
    return strand.course.marks[Int(seq - strand.start)]
  }

  func prefix(_ seq: UInt32) -> Bytes16 { mark(seq).prefix }

  /// The seq of the own entry whose ID begins like this.
  func seq(of prefix: Bytes16) -> UInt32? {
    course.marks.firstIndex { $0.prefix == prefix }.map { start + UInt32($0) }
  }

  func append(_ mark: Mark) { course.marks.append(mark) }

  /// What its entries cite in their own group, in order: the past of an entry, for A-14.
  var cites: [Cite] { course.cites }

  func append(_ cites: [Cite]) { course.cites.append(contentsOf: cites) }

  /// The views of the last admitted entry of this strand.
  var lastView: ViewChange? { course.views.last }

  /// The next entry is admitted: its past, and the moment at which it stands in the display; whether
  /// it has other control entries in its past than the one before.
  func admit(_ id: EntryID, _ view: ViewChange, effective milliseconds: UInt64) -> Bool {
    course.admittedHead = id
    course.marks[course.admittedCount - Int(start)].effective = milliseconds
    let isSame =
      course.views.last.map { $0.office == view.office && $0.group == view.group } ?? false
    if !isSame { course.views.append(view) }
    course.admittedCount += 1
    return !isSame
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
    guard Int(seq) < course.admittedCount, seq >= start else { return nil }
    if let last = course.views.last, last.seq <= seq { return last }
    let next = firstChange { $0.seq > seq }
    return next > 0 ? course.views[next - 1] : nil
  }

  /// The first views that hold something which all later ones hold too.
  func firstView(where holds: (ViewChange) -> Bool) -> ViewChange? {
    let first = firstChange(where: holds)
    return first < course.views.count ? course.views[first] : nil
  }

  /// The last views of the entries before `end` that satisfy a condition.
  func lastView(before end: Int, where holds: (ViewChange) -> Bool) -> ViewChange? {
    course.views.last { Int($0.seq) < end && holds($0) }
  }

  private func firstChange(where holds: (ViewChange) -> Bool) -> Int {
    var (low, high) = (0, course.views.count)
    while low < high {
      let middle = low + (high - low) / 2
      if holds(course.views[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The oldest verified batch that is not admitted yet, as long as it is kept in memory, and how
  /// many of its entries are.
  var pending: (batch: PendingBatch, done: Int)? {
    course.pending.first.map { ($0, course.pendingDone) }
  }

  /// The seq behind the last entry of what is kept for admission.
  var pendingEnd: Int? { course.pending.last.map { Int($0.batch.last.seq) + 1 } }

  var isIdle: Bool { course.pending.isEmpty }

  /// Keeps a batch for admission, the first one from the next entry to admit on.
  func keep(_ batch: PendingBatch) {
    if course.pending.isEmpty { course.pendingDone = admittedCount - Int(batch.batch.first) }
    course.pending.append(batch)
  }

  /// One entry more of the oldest batch is admitted; whether that was its last.
  func advancePending() -> Bool {
    course.pendingDone += 1
    return course.pendingDone == course.pending.first?.batch.entries.count
  }

  func dropPending() -> PendingBatch {
    course.pendingDone = 0
    return course.pending.removeFirst()
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
