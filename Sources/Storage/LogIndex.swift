package import Format

/// The chains of one group and where each entry lies: what a range is read by.
package struct LogIndex: Sendable {
  private var chains: [FeedIndex] = []
  private var slots: [FeedPlace: Int] = [:]
  /// The chain that was last continued: mostly the next record group belongs to it too.
  private var recent: (place: FeedPlace, slot: Int)?

  /// The places of all chains that hold entries, in order.
  package var places: [FeedPlace] {
    slots.filter { !chains[$0.value].isEmpty }.keys.sorted()
  }

  package subscript(place: FeedPlace) -> FeedIndex? { slots[place].map { chains[$0] } }

  /// Puts a stored record group where it belongs. Opening and running pass here alike.
  ///
  /// A batch of an unknown branch splits the chain that it leaves (B-store, S-14). `prev` is what
  /// its first entry cites. `isOlder`: of two copies of an entry the one that is held counts.
  mutating func take(
    _ batch: Batch, prev: EntryID, at place: RecordPlace, isOlder: Bool = false
  ) -> FeedIndex.Taken {
    let feedPlace = FeedPlace(feed: batch.feed, branch: batch.branch)
    let slot: Int
    switch self.slot(feedPlace).map({ .slot($0) }) ?? open(feedPlace, batch) {
    case .slot(let found): slot = found
    case .refused(let refusal): return refusal
    }
    let taken = chains[slot].judge(batch, prev: prev)
    switch taken {
    case .next: chains[slot].append(batch, at: place)
    case .again where !isOlder: chains[slot].repoint(batch, at: place)
    // What is erased is erased there too (S-9).
    case .again, .conflict: chains[slot].remember(batch, at: place)
    case .gap: break
    }
    return taken
  }

  /// The branch that a record group belongs to by now: where its chain was split since it was written,
  /// its own entry there names one, whether that came otherwise too or not.
  func branch(of batch: Batch) -> BranchID {
    var place = FeedPlace(feed: batch.feed, branch: batch.branch)
    while let chain = self[place], chain.isParted {
      switch chain.judge(batch, prev: batch.prev) {
      case .next:
        let parting = batch.entries[Int(chain.next - batch.first)]
        place = FeedPlace(feed: place.feed, branch: BranchID(parting.id.prefix))
      case .gap:
        let continued = places.first {
          $0.feed == place.feed && self[$0]?.prefix(batch.first - 1) == batch.prev.prefix
        }
        guard let continued else { return place.branch }
        place = continued
      case .again, .conflict: return place.branch
      }
    }
    return place.branch
  }

  /// The record groups that are known to hold an entry of a feed at `seq`, whatever chain names them.
  func pieces(of feed: FeedID, holding seq: UInt32) -> [FeedIndex.Piece] {
    slots.filter { $0.key.feed == feed }.values.sorted()
      .flatMap { chains[$0].pieces + chains[$0].superseded }
      .filter { $0.recordFirst <= seq && $0.recordEnd > seq }
  }

  /// Where the chain is that a batch belongs to, or why it has none.
  private enum Opening {
    case slot(Int)
    case refused(FeedIndex.Taken)
  }

  private mutating func slot(_ place: FeedPlace) -> Int? {
    if let recent, recent.place == place { return recent.slot }
    guard let slot = slots[place] else { return nil }
    recent = (place, slot)
    return slot
  }

  @discardableResult
  private mutating func add(_ chain: FeedIndex, _ place: FeedPlace) -> Int {
    slots[place] = chains.count
    chains.append(chain)
    return chains.count - 1
  }

  /// Begins a chain for a batch; a branch takes the tail of what it leaves along.
  private mutating func open(_ place: FeedPlace, _ batch: Batch) -> Opening {
    guard !place.branch.isZero else {
      guard batch.first == 0 else { return .refused(.gap(expected: 0)) }
      return .slot(add(FeedIndex(start: 0, headID: EntryID(Bytes32())), place))
    }
    guard let first = batch.entries.first(where: { $0.id.prefix == place.branch.bytes }) else {
      return .refused(.gap(expected: 0))
    }
    guard first.seq > 0 else { return .refused(.conflict) }
    let prev = batch.prev(first)
    let parent = places.lazy.compactMap { [slots] in $0.feed == place.feed ? slots[$0] : nil }
      .first { chains[$0].prefix(first.seq - 1) == prev.prefix }
    guard let parent else { return .refused(.gap(expected: 0)) }
    guard let before = chains[parent].lamport(first.seq - 1), first.lamport > before else {
      return .refused(.conflict)
    }
    if let other = chains[parent].prefix(first.seq) {
      if other == first.id.prefix { return .refused(.conflict) }
      let tail = chains[parent].split(at: first.seq, headID: prev)
      add(tail, FeedPlace(feed: place.feed, branch: BranchID(other)))
    }
    return .slot(add(FeedIndex(start: first.seq, headID: prev), place))
  }

  /// Forgets the entries of a chain from `seq` on, so that they can be stored anew.
  mutating func forget(_ place: FeedPlace, from seq: UInt32, headID: EntryID) {
    guard let slot = slots[place] else { return }
    chains[slot].cut(from: seq, headID: headID)
  }
}

extension Batch {
  /// What its first entry cites as the one before it.
  var prev: EntryID { prev(entries[0]) }

  func prev(_ entry: EntrySummary) -> EntryID {
    EntryID(Bytes32(records.raw, Int(entry.headerAt) + HeaderLayout.prev))
  }
}
