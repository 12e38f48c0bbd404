package import Format

/// The chains of one group and where each entry lies: what a range is read by.
package struct LogIndex: Sendable {
  private var chains: [FeedPlace: FeedIndex] = [:]

  /// All chains in the order of their places.
  package var places: [FeedPlace] { chains.keys.sorted() }

  package subscript(place: FeedPlace) -> FeedIndex? { chains[place] }

  /// Puts a stored record group where it belongs. Opening and running pass here alike.
  ///
  /// A batch of an unknown branch splits the chain that it leaves (B-store, S-14).
  mutating func take(_ batch: Batch, at place: RecordPlace) -> FeedIndex.Taken {
    let feedPlace = FeedPlace(feed: batch.feed, branch: batch.branch)
    if chains[feedPlace] == nil {
      if let refusal = open(feedPlace, batch) { return refusal }
    }
    guard let taken = chains[feedPlace]?.judge(batch, prev: prev(batch)) else { return .conflict }
    switch taken {
    case .next: chains[feedPlace]?.append(batch, at: place)
    case .again: chains[feedPlace]?.repoint(batch, at: place)
    case .gap, .conflict: break
    }
    return taken
  }

  /// Begins a chain for a batch; a branch takes the tail of what it leaves along.
  private mutating func open(_ place: FeedPlace, _ batch: Batch) -> FeedIndex.Taken? {
    guard !place.branch.isZero else {
      guard batch.first == 0 else { return .gap(expected: 0) }
      chains[place] = FeedIndex(start: 0, headID: EntryID(Bytes32()))
      return nil
    }
    guard let first = batch.entries.first(where: { $0.id.prefix == place.branch.bytes }) else {
      return .gap(expected: 0)
    }
    guard first.seq > 0 else { return .conflict }
    let prev = prev(batch, first)
    let parents = chains.keys.sorted().filter {
      $0.feed == place.feed && chains[$0]?.prefix(first.seq - 1) == prev.prefix
    }
    guard let parent = parents.first else { return .gap(expected: 0) }
    if let other = chains[parent]?.prefix(first.seq) {
      if other == first.id.prefix { return .conflict }
      let tail = FeedPlace(feed: place.feed, branch: BranchID(other))
      chains[tail] = chains[parent]?.split(at: first.seq, headID: prev)
    }
    chains[place] = FeedIndex(start: first.seq, headID: prev)
    return nil
  }

  private func prev(_ batch: Batch) -> EntryID { prev(batch, batch.entries[0]) }

  private func prev(_ batch: Batch, _ entry: EntrySummary) -> EntryID {
    EntryID(Bytes32(batch.records.raw, Int(entry.headerAt) + HeaderLayout.prev))
  }

  /// Forgets the entries of a chain from `seq` on, so that they can be stored anew.
  mutating func forget(_ place: FeedPlace, from seq: UInt32, headID: EntryID) {
    guard let chain = chains[place] else { return }
    if seq <= chain.start {
      chains[place] = nil
    } else {
      chains[place]?.cut(from: seq, headID: headID)
    }
  }
}
