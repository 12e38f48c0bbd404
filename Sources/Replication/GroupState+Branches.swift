import Format

/// A part of a strand that no other strand leaves but at its end: what nodes name and exchange.
struct Branch {
  let feed: FeedState
  let from: UInt32
  /// Where the feed parts behind it; nil for a branch that goes on to a head.
  let end: UInt32?

  /// Behind its last durable entry.
  var storedEnd: UInt32 { end ?? UInt32(feed.storedCount) }
}

extension FeedState {
  /// The name under which an entry of this strand, or of those that it leaves, is exchanged.
  func place(of seq: UInt32) -> FeedPlace { place(of: seq, partings: \.partings) }

  /// The name under which a batch that ends here is handed to the store, which learns of the
  /// partings in the order of what it is handed.
  func placeToStore(_ seq: UInt32) -> FeedPlace { place(of: seq, partings: \.partingsAhead) }

  private func place(of seq: UInt32, partings: (FeedState) -> [UInt32]) -> FeedPlace {
    var strand = self
    while seq < strand.start, let parent = strand.parent { strand = parent }
    guard let from = partings(strand).last(where: { $0 <= seq }) else { return strand.place }
    return FeedPlace(feed: place.feed, branch: BranchID(strand.prefix(from)))
  }

  /// The stored heads of its branches.
  func addItems(to items: inout [FrontierItem]) {
    guard storedCount > Int(start) else { return }
    var branch = place.branch
    for parting in partings + [UInt32(storedCount)] where Int(parting) <= storedCount {
      items.append(
        FrontierItem(
          feed: place.feed, branch: branch, seq: parting - 1, prefix: prefix(parting - 1)))
      guard Int(parting) < storedCount else { return }
      branch = BranchID(prefix(parting))
    }
  }
}

extension GroupState {
  /// The strands of a feed; the first one came first here.
  func strands(of feed: FeedID) -> [FeedState] {
    if let strands = forked[feed] { return strands }
    return feeds[FeedPlace(feed: feed)].map { [$0] } ?? []
  }

  /// The branch of this name, as far as this node knows where the feed parts.
  func branch(_ place: FeedPlace) -> Branch? {
    if let feed = feeds[place] {
      return Branch(feed: feed, from: feed.start, end: feed.partings.first)
    }
    for feed in forked[place.feed] ?? [] {
      for (index, parting) in feed.partings.enumerated()
      where feed.prefix(parting) == place.branch.bytes {
        let next = index + 1 < feed.partings.count ? feed.partings[index + 1] : nil
        return Branch(feed: feed, from: parting, end: next)
      }
    }
    return nil
  }

  /// Whether an entry of this name is here, where a feed parts or not: then a branch of this name is.
  func holds(_ place: FeedPlace) -> Bool {
    branch(place) != nil
      || strands(of: place.feed).contains { $0.seq(of: place.branch.bytes) != nil }
  }

  /// The strand that holds the referenced entry as its own, if it is here.
  func feed(holding reference: Reference) -> FeedState? {
    strands(of: reference.feed).first { strand in
      reference.seq >= strand.start && Int(reference.seq) < strand.count
        && strand.prefix(reference.seq) == reference.prefix
    }
  }

  /// The strands that hold an entry of a feed at `seq` as their own.
  func strands(of feed: FeedID, holding seq: UInt32) -> [FeedState] {
    strands(of: feed).filter { seq >= $0.start && Int(seq) < $0.count }
  }

  /// Whether a link is asked where one of these branches and what is here part.
  func isProbing(_ place: FeedPlace, _ link: LinkID) -> Bool {
    probes.contains { $0.key.link == link && $0.value.place == place }
  }

  /// The first seq at which a forked feed has two entries that are durable here.
  func firstParting(of feed: FeedID) -> UInt32? { forked[feed]?.first?.partings.first }

  /// How many heads the frontier can have at most: each strand that leaves another adds its own
  /// and cuts a branch in two.
  var itemsMax: Int {
    feedList.count + forked.values.reduce(0) { $0 + $1.count - 1 }
  }
}
