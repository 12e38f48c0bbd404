import Format

/// What is asked of peers, and under which names.
extension Replica {
  /// Asks a peer for everything it announced that is not here and not asked for elsewhere.
  mutating func ask(_ group: GroupState, on link: LinkID) {
    // What would be left out is not asked for; once there is room the next digest shows what is lacking.
    guard hasStoreRoom(group.id), let announced = links[link]?.announced[group.id] else { return }
    var wants: [Message.Want] = []
    for place in announced.keys.sorted() {
      guard group.isWanted(place), let theirs = announced[place],
        // A later want takes the place of the earlier one, and the search would get no answer.
        !group.isProbing(place, link),
        let from = firstLacking(place, theirs, announced, group, on: link),
        links[link]?.wanted[group.id]?[place] != from,
        !isWantedElsewhere(place, group, than: link)
      else { continue }
      links[link]?.want(group.id, place, from: from, now: now)
      wants.append(.init(feed: place.feed, branch: place.branch, from: from))
      if wants.count == Limits.frontierItemsMax { break }
    }
    if !wants.isEmpty { wish(.send(link, .want(group.id, wants))) }
  }

  /// From where on a peer's branch is not here; nil where nothing is to be asked for.
  private mutating func firstLacking(
    _ place: FeedPlace, _ theirs: UInt32, _ announced: [FeedPlace: UInt32], _ group: GroupState,
    on link: LinkID
  ) -> UInt32? {
    if isDeclined(place, group, on: link) { return nil }
    if leavesOutOwn, group.feeds[FeedPlace(feed: place.feed)]?.isOwn ?? false { return nil }
    if let branch = located(place, group, on: link) {
      let count = UInt32(branch.feed.count)
      return branch.end == nil && theirs >= count ? count : nil
    }
    guard !place.branch.isZero else { return 0 }
    links[link]?.branches.announced(place.feed)
    // What a branch leaves comes first.
    let trunk = FeedPlace(feed: place.feed)
    guard let known = group.branch(trunk), links[link]?.branches.isSought(place) ?? false,
      mayAsk(place.feed, in: group)
    else { return nil }
    if let first = links[link]?.branches.first(of: place), first > 0,
      group.strands(of: place.feed, holding: first - 1).isEmpty
    {
      return nil
    }
    let isHere = known.end != nil || announced[trunk].map { Int($0) < known.feed.count } ?? true
    return isHere ? 0 : nil
  }

  private func isWantedElsewhere(
    _ place: FeedPlace, _ group: GroupState, than link: LinkID
  ) -> Bool {
    links.values.contains { $0.id != link && $0.wanted[group.id]?[place] != nil }
  }

  /// Takes a wish off the list once what was asked for is here, or the feed parts where it was to go
  /// on: its branches are asked for by their own names.
  mutating func wantAnswered(_ place: FeedPlace, _ group: GroupState, on link: LinkID) {
    guard let announced = links[link]?.announced[group.id]?[place],
      let branch = located(place, group, on: link),
      branch.end != nil || Int(announced) < branch.feed.count
    else { return }
    links[link]?.wantAnswered(group.id, place)
  }

  /// A feed parts: wishes for what went on there before are off every list.
  mutating func wantsEnded(_ feed: FeedID, _ group: GroupState) {
    for link in links.keys {
      for place in links[link]?.wanted[group.id]?.keys.filter({ $0.feed == feed }) ?? []
      where group.branch(place)?.end != nil {
        links[link]?.wantAnswered(group.id, place)
      }
    }
  }
}

extension Replica {
  /// The branch of a peer's name for it, also where the peer knows that the feed parts and this node
  /// does not.
  ///
  /// To search a feed for the entry that begins a branch is work, which a link gets done for a few
  /// names of feeds that are here, and once for each of them until the feed grows.
  mutating func located(
    _ place: FeedPlace, _ group: GroupState, on link: LinkID
  ) -> Branch? {
    if let branch = group.branch(place) { return branch }
    guard !place.branch.isZero, group.feeds[FeedPlace(feed: place.feed)] != nil,
      var sought = links[link]?.branches.search(place, now: now)
    else { return nil }
    let strands = group.strands(of: place.feed)
    let total = strands.reduce(0) { $0 + $1.count - Int($1.start) }
    if sought.branch == nil, sought.looked < total {
      for feed in strands where sought.branch == nil {
        sought.branch = feed.seq(of: place.branch.bytes).map { (feed, $0) }
      }
      sought.looked = total
      links[link]?.branches.found(place, sought)
    }
    guard let (feed, from) = sought.branch else { return nil }
    return Branch(feed: feed, from: from, end: feed.partings.first { $0 > from })
  }

  /// Whether a peer's branch was not taken in, and would not be now.
  func isDeclined(_ place: FeedPlace, _ group: GroupState, on link: LinkID) -> Bool {
    links[link]?.branches.isDeclined(place, openingState(place.feed, group)) ?? false
  }

  /// Remembers that a peer's branch was not taken in: until something changes it is not asked for.
  mutating func decline(_ place: FeedPlace, _ group: GroupState, on link: LinkID) {
    let state = openingState(place.feed, group)
    links[link]?.branches.decline(place, state)
    links[link]?.wantAnswered(group.id, place)
  }

  private func openingState(
    _ feed: FeedID, _ group: GroupState
  ) -> BranchMemory.OpeningState {
    .init(
      strands: group.strands(of: feed).count,
      awaited: awaited(of: feed))
  }
}
