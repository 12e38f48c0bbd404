import Format

/// A search for the entry at which a peer's copy of a feed and this node's part.
struct ForkProbe {
  /// The strand that is searched, and with whom: no peer can hold up the search with another one.
  struct Key: Hashable, Comparable {
    let strand: FeedPlace
    let link: LinkID

    static func < (a: Key, b: Key) -> Bool {
      a.strand != b.strand ? a.strand < b.strand : a.link < b.link
    }
  }

  let link: LinkID
  /// What the peer calls the branch.
  let place: FeedPlace
  /// The copies agree before `low`; at `high`, or at some entry up to it, they do not.
  let low: UInt32
  let high: UInt32
  /// From where on the peer was asked, and what it sent; nil while it is awaited.
  let from: UInt32
  var theirs: EntriesMessage?
  /// Whether it was asked; what came by itself is the first answer to a search that nothing was asked for.
  var isAsked = true
  /// What the peer did wrong if there is no such entry.
  let otherwise: Violation?
  /// Until when it has to send what it was asked for.
  let until: Duration
}

extension Replica {
  /// A peer names another entry at a place that is taken here, or sends entries that do not follow:
  /// look for where the feed parts.
  mutating func suspectFork(
    _ branch: Branch, _ place: FeedPlace, _ group: GroupState, on link: LinkID, upTo seq: UInt32?,
    otherwise: Violation?
  ) {
    // Of who has no right to a group as far as is known here a mere claim closes nothing.
    if branch.feed.isOwn, mayHold(link, group) { claimed(group, on: link) }
    search(branch, place, group, on: link, upTo: seq, otherwise: otherwise)
  }

  private mutating func search(
    _ branch: Branch, _ place: FeedPlace, _ group: GroupState, on link: LinkID, upTo seq: UInt32?,
    otherwise: Violation?
  ) {
    let feed = branch.feed
    let key = ForkProbe.Key(strand: feed.place, link: link)
    guard group.probes[key] == nil, feed.storedCount > Int(feed.start),
      !isDeclined(place, group, on: link)
    else { return }
    // Entries that are on their way to the disk cannot be compared yet, and as many peers as a feed
    // has branches are enough to search with.
    if otherwise != nil && feed.storedCount < feed.count
      || group.probes.count(where: { $0.key.strand == feed.place }) >= Limits.branchesMax
    {
      links[link]?.wantAnswered(group.id, place)
      return askSoon(group, on: link)
    }
    // The genesis names the feed and the first entry of a branch the branch: those are the same.
    probe(
      feed, group, place, low: branch.from + 1,
      high: min(seq ?? .max, UInt32(feed.storedCount - 1)), on: link, otherwise: otherwise)
  }

  /// A peer that did not say on this link what it holds of a group sends entries whose places are taken
  /// here: it may hold another branch, and shows with it how a member came to be in the group no more.
  /// They are the first answer of a search, which asks for others only where they follow nothing that is
  /// here: pushes cross, and one that is late is no reason to ask. Of an own feed the peer claims nothing
  /// with that: whoever got it from others first pushes it back.
  mutating func compareUnsaid(
    _ message: EntriesMessage, _ branch: Branch, _ place: FeedPlace, _ group: GroupState,
    on link: LinkID
  ) {
    let (feed, head) = (branch.feed, message.head)
    let key = ForkProbe.Key(strand: feed.place, link: link)
    guard links[link]?.compared.contains(group.id) == false, group.probes[key] == nil,
      head.first >= branch.from, Int(head.first) < feed.storedCount,
      !isDeclined(place, group, on: link)
    else { return }
    let last = min(head.first + UInt32(head.count), UInt32(feed.storedCount)) - 1
    group.probes[key] = ForkProbe(
      link: link, place: place, low: branch.from + 1, high: last, from: head.first,
      theirs: message, isAsked: false, otherwise: nil, until: now + .seconds(Limits.wantSeconds))
    searching.insert(group.id)
    wish(.load(group.id, feed.place(of: head.first), from: head.first))
  }

  private mutating func probe(
    _ feed: FeedState, _ group: GroupState, _ place: FeedPlace, low: UInt32, high: UInt32,
    on link: LinkID, otherwise: Violation?
  ) {
    guard low <= high else {
      if let otherwise { violate(link, otherwise) }
      return
    }
    let from = low + (high - low) / 2
    if let said = links[link]?.announced[group.id]?[place], said < from {
      return searchEnds(place, group, on: link, otherwise)
    }
    // The peer answers the later one of two wants.
    links[link]?.wantAnswered(group.id, place)
    group.probes[.init(strand: feed.place, link: link)] = ForkProbe(
      link: link, place: place, low: low, high: high, from: from, otherwise: otherwise,
      until: now + .seconds(Limits.wantSeconds))
    searching.insert(group.id)
    wish(.send(link, .want(group.id, [.init(feed: place.feed, branch: place.branch, from: from)])))
  }

  /// A peer says where a branch ends: what it was asked for behind that it will not send.
  mutating func branchEnds(_ item: FrontierItem, _ group: GroupState, on link: LinkID) {
    for key in group.probes.keys.sorted() where key.link == link {
      guard let probe = group.probes[key], probe.place == item.place, item.seq < probe.from,
        probe.theirs == nil
      else { continue }
      group.probes[key] = nil
      searchEnds(item.place, group, on: link, probe.otherwise)
    }
  }

  /// A peer's branch turned out to end before what is searched: it learnt that the feed parts there,
  /// and shows its branches by their names. That is honest as often as a feed can part.
  private mutating func searchEnds(
    _ place: FeedPlace, _ group: GroupState, on link: LinkID, _ otherwise: Violation?
  ) {
    guard links[link]?.branches.mayEnd(place.feed) ?? false else {
      if let otherwise { violate(link, otherwise) }
      return
    }
    links[link]?.wantAnswered(group.id, place)
    askSoon(group, on: link)
  }

  /// Whether a probe waits for these entries; then the own ones are read to compare.
  mutating func answersProbe(
    _ message: EntriesMessage, _ place: FeedPlace, _ group: GroupState, on link: LinkID
  ) -> Bool {
    for (key, probe) in group.probes
    where probe.link == link && probe.place == place && probe.from == message.head.first
      && probe.theirs == nil
    {
      guard let feed = group.feeds[key.strand] else { continue }
      group.probes[key]?.theirs = message
      wish(.load(group.id, feed.place(of: probe.from), from: probe.from))
      return true
    }
    return false
  }

  /// Own entries came from the store: compare with what probed peers sent.
  mutating func compareProbes(_ mine: Batch, _ group: GroupState) {
    for key in group.probes.keys.sorted() where key.strand.feed == mine.feed {
      guard let probe = group.probes[key], let theirs = probe.theirs,
        let feed = group.feeds[key.strand], let prev = prev(in: mine, at: probe.from, of: feed)
      else { continue }
      group.probes[key] = nil
      let other: Batch?
      do {
        other = try followed(theirs, after: prev, probe.from, feed)
      } catch {
        violate(probe.link, error)
        continue
      }
      guard let other else {
        // Not even the entry before is the same.
        guard probe.from > 0 else { continue }
        narrow(feed, group, probe, low: probe.low, high: probe.from - 1)
        continue
      }
      let parting = other.entries.first { entry in
        Int(entry.seq) < feed.count && feed.prefix(entry.seq) != entry.id.prefix
      }
      if let parting {
        addStrand(
          other, leaving: feed, at: parting, group, from: probe.link, as: probe.place)
      } else if other.last.seq < probe.high {
        narrow(feed, group, probe, low: other.last.seq + 1, high: probe.high)
      } else if let otherwise = probe.otherwise {
        // All that is here the peer holds too: what it sent next follows nothing.
        violate(probe.link, otherwise)
      } else if probe.isAsked {
        links[probe.link]?.wantAnswered(group.id, probe.place)
        askSoon(group, on: probe.link)
      }
    }
  }

  private mutating func narrow(
    _ feed: FeedState, _ group: GroupState, _ last: ForkProbe, low: UInt32, high: UInt32
  ) {
    probe(
      feed, group, last.place, low: low, high: high, on: last.link, otherwise: last.otherwise)
  }

  /// The ID of the entry before `seq`, as the own entry there states it.
  func prev(in mine: Batch, at seq: UInt32, of feed: FeedState) -> EntryID? {
    guard Int(seq) < feed.count,
      let entry = mine.entries.first(where: { $0.seq == seq }), entry.id.prefix == feed.prefix(seq),
      let header = try? mine.header(entry)
    else { return nil }
    return header.prev
  }

  /// A batch that follows the entry `prev` and is signed; nil if it is not. What breaks a rule wherever
  /// it stands is thrown: it is no sign of another branch.
  func followed(
    _ message: EntriesMessage, after prev: EntryID, _ seq: UInt32, _ feed: FeedState
  ) throws(Violation) -> Batch? {
    let batch: Batch
    do {
      batch = try verify(message, after: prev, by: feed.device)
    } catch .signature {
      return nil
    }
    // As for any entry that continues a feed; the store counts on it.
    return seq == 0 || batch.entries[0].lamport > feed.mark(seq - 1).lamport ? batch : nil
  }

  /// Another copy of this device wrote on an own feed: it is never written again.
  mutating func closeOwn(_ id: FeedID, in group: GroupState) {
    var wasOpen = false
    for feed in group.strands(of: id) where feed.isOwn && !feed.isClosed {
      (feed.isClosed, wasOpen) = (true, true)
      if group.composing?.feed === feed { group.composing = nil }
    }
    if wasOpen { tell(.ownFeedClosed(group.id, id)) }
  }

  /// Another copy of this device wrote on an own feed, as a verified batch shows: closes it, and says
  /// whether the batch is to be left out until that can be written down.
  mutating func leavesOut(
    _ place: FeedPlace, _ feed: FeedState, in group: GroupState, on link: LinkID
  ) -> Bool {
    guard feed.isOwn else { return false }
    closeOwn(place.feed, in: group)
    if leavesOutOwn { links[link]?.wantAnswered(group.id, place) }
    return leavesOutOwn
  }

  /// From now on what others wrote on own feeds is left out, or taken in again and asked for.
  package mutating func leaveOutOwn(_ isLeftOut: Bool) {
    leavesOutOwn = isLeftOut
    guard !isLeftOut else { return }
    for id in groups.keys.sorted() {
      guard let group = groups[id], group.feedList.contains(where: \.isOwn) else { continue }
      for link in links.keys.sorted() { askSoon(group, on: link) }
    }
  }

  /// Ends searches that took too long. What a peer sent before, and showed no other branch for when it
  /// was asked, was a violation; own entries that could not be read are nobody's. Returns when
  /// the next search is due.
  mutating func reviewSearches() -> Duration? {
    var next: Duration?
    for id in searching.sorted() {
      guard let group = groups[id] else { continue }
      for place in group.openings.keys.sorted() where group.openings[place]?.until ?? now <= now {
        openingFailed(place, group)
      }
      for key in group.probes.keys.sorted() {
        guard let probe = group.probes[key], probe.until <= now else { continue }
        group.probes[key] = nil
        if probe.theirs == nil, let otherwise = probe.otherwise { violate(probe.link, otherwise) }
        askSoon(group, on: probe.link)
      }
      for at in group.probes.values.map(\.until) + group.openings.values.map(\.until) {
        next = min(next ?? at, at)
      }
      if group.probes.isEmpty && group.openings.isEmpty { searching.remove(id) }
    }
    return next
  }

  /// What was asked of a link that is gone is not awaited any more.
  mutating func forgetProbes(on link: LinkID) {
    for group in groups.values {
      group.probes = group.probes.filter { $0.key.link != link }
      group.openings = group.openings.filter { $0.value.link != link }
    }
  }
}
