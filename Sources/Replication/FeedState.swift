import Authority
import Format

/// What the replica knows of one feed, or of one branch of a forked one.
final class FeedState {
  let place: FeedPlace
  /// From the genesis; for a branch, from the trunk's.
  let device: DeviceKey
  let certificate: EntryID
  let isOwn: Bool
  /// Its place in the group's list of feeds.
  var index: UInt32 = 0

  /// Per entry, from the genesis on: the first 16 bytes of its ID and its lamport.
  var marks: [Mark] = []
  /// The last verified entry, on its way to the disk or there.
  var head: Head
  /// How many entries are durable; announced as the stored head.
  var storedCount = 0
  /// How many entries are admitted.
  var admittedCount = 0
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
  /// The seq of the first entry that exists twice.
  var forkedAt: UInt32?
  /// Whether its next entry cites one that is not admitted here.
  var isWaiting = false
  /// Whether entries for admission were asked for and did not come yet.
  var isLoading = false
  /// The views under which the author's right to write was last found good.
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

  init(
    place: FeedPlace, device: DeviceKey, certificate: EntryID, isOwn: Bool, head: Head
  ) {
    (self.place, self.device, self.certificate) = (place, device, certificate)
    (self.isOwn, self.head) = (isOwn, head)
  }

  /// Entries verified, whether durable yet or not.
  var count: Int { marks.count }

  /// The stored head, or nil while nothing is durable.
  var storedItem: FrontierItem? {
    guard storedCount > 0 else { return nil }
    return FrontierItem(
      feed: place.feed, branch: place.branch, seq: UInt32(storedCount - 1),
      prefix: marks[storedCount - 1].prefix)
  }

  /// The views of an admitted entry and its past.
  func view(at seq: UInt32) -> ViewChange? {
    guard Int(seq) < admittedCount else { return nil }
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
