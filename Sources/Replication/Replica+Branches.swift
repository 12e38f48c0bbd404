import Authority
import Format

/// First entries of a branch, whose place among those held here is to be found.
struct BranchOpening {
  let link: LinkID
  let message: EntriesMessage
  /// How many strands may still hold the entry before.
  var left: Int
  let until: Duration
}

extension Replica {
  /// Takes in entries of a branch that is not here: those that were asked for and begin it. Whoever
  /// sends others is asked for it: so a removal is shown to a device that could not know of it.
  mutating func open(
    _ message: EntriesMessage, _ place: FeedPlace, _ group: GroupState, on link: LinkID
  ) {
    let first = message.head.first
    guard links[link]?.wanted[group.id]?[place] != nil else { return askSoon(group, on: link) }
    guard group.openings[place] == nil, first > 0, mayAsk(place.feed, in: group) else { return }
    let owners = group.strands(of: place.feed, holding: first - 1)
    for owner in owners where owner.count == Int(first) {
      // The feed parts behind what is here: until another branch is, this one goes on with it.
      let batch: Batch
      do {
        guard let next = try followed(message, after: owner.head.id, first, owner) else { continue }
        batch = next
      } catch {
        return violate(link, error)
      }
      guard batch.entries[0].id.prefix == place.branch.bytes else {
        return violate(link, .otherBranch(place.feed, seq: first))
      }
      // Signed with this device's key and not written by this node: another copy did.
      if leavesOut(place, owner, in: group, on: link) { return }
      accept(batch, owner, group, isOwn: false, from: link)
      links[link]?.brought(batch.records.count)
      return wantAnswered(place, group, on: link)
    }
    let stored = owners.filter { Int(first) < $0.storedCount }
    guard !stored.isEmpty else {
      // The branch that it leaves is to come: asked again when the feed has grown so far.
      links[link]?.branches.begins(place, at: first)
      links[link]?.wantAnswered(group.id, place)
      return
    }
    group.openings[place] = BranchOpening(
      link: link, message: message, left: stored.count, until: now + .seconds(Limits.wantSeconds))
    searching.insert(group.id)
    for owner in stored { wish(.load(group.id, owner.place(of: first), from: first)) }
  }

  /// Own entries came from the store: see whether a branch that was sent leaves them.
  mutating func compareOpenings(_ mine: Batch, _ group: GroupState) {
    for place in group.openings.keys.sorted() where place.feed == mine.feed {
      guard let opening = group.openings[place] else { continue }
      let first = opening.message.head.first
      let owner = group.strands(of: place.feed, holding: first - 1).first {
        prev(in: mine, at: first, of: $0) != nil
      }
      guard let owner, let prev = prev(in: mine, at: first, of: owner) else { continue }
      let batch: Batch?
      do {
        batch = try followed(opening.message, after: prev, first, owner)
      } catch {
        violate(opening.link, error)
        continue
      }
      guard let batch else {
        group.openings[place]?.left -= 1
        if opening.left <= 1 { openingFailed(place, group) }
        continue
      }
      group.openings[place] = nil
      guard batch.entries[0].id.prefix == place.branch.bytes else {
        violate(opening.link, .otherBranch(place.feed, seq: first))
        continue
      }
      addStrand(
        batch, leaving: owner, at: batch.entries[0], group, from: opening.link, as: place)
    }
  }

  /// What was sent leaves nothing that is here: it costs the sender its turn, for each try reads the
  /// disk. It is asked for again when the feed has grown.
  mutating func openingFailed(_ place: FeedPlace, _ group: GroupState) {
    guard let opening = group.openings.removeValue(forKey: place) else { return }
    links[opening.link]?.wantAnswered(group.id, place)
  }

  /// Own entries of a feed could not be read: nobody is to blame, and nothing is compared.
  mutating func searchFailed(_ feed: FeedID, _ group: GroupState) {
    for place in group.openings.keys.sorted() where place.feed == feed {
      openingFailed(place, group)
    }
    group.probes = group.probes.filter { $0.key.strand.feed != feed || $0.value.theirs == nil }
  }

  /// Whether more branches of a feed are asked for: of eight there are enough, unless an entry
  /// of another feed waits for one.
  func mayAsk(_ id: FeedID, in group: GroupState) -> Bool {
    guard group.itemsMax + 2 <= Limits.frontierItemsMax else { return false }
    let strands = group.strands(of: id)
    return strands.count < 2 || !awaited(of: id).isEmpty
      || strands.count < Limits.branchesMax && hasRoom(forStrandsOf: strands[0].device, in: group)
  }

  /// Whether another branch of a feed is taken in that begins with this batch.
  ///
  /// Two make the proof of the fork. Up to eight are taken within the share of their device; after
  /// that a branch that holds what another feed waits for, and within that share one that may lead to
  /// it.
  private func mayOpen(_ batch: Batch, in group: GroupState) -> Bool {
    guard mayAsk(batch.feed, in: group) else { return false }
    let strands = group.strands(of: batch.feed)
    if strands.count < 2 { return true }
    let hasRoom = hasRoom(forStrandsOf: strands[0].device, in: group)
    if strands.count < Limits.branchesMax, hasRoom { return true }
    return awaited(of: batch.feed).contains { cited in
      guard cited.seq >= batch.first else { return false }
      guard cited.seq <= batch.last.seq else { return hasRoom }
      return batch.entries.contains { $0.seq == cited.seq && $0.id.prefix == cited.prefix }
    }
  }

  /// The entries of a feed that another feed waits for.
  func awaited(of id: FeedID) -> [Reference] {
    waiters[id]?.filter { $0.ref.feed.place.feed != id }.map(\.cited) ?? []
  }

  /// Begins a strand with a verified batch, in which `first` differs from what is held; the peer calls
  /// the branch that it stands on `theirs`.
  mutating func addStrand(
    _ batch: Batch, leaving other: FeedState, at first: EntrySummary, _ group: GroupState,
    from link: LinkID, as theirs: FeedPlace
  ) {
    let place = FeedPlace(feed: batch.feed, branch: BranchID(first.id.prefix))
    // Whatever was asked for under that name, this was the answer.
    links[link]?.wantAnswered(group.id, theirs)
    if leavesOut(theirs, other, in: group, on: link) { return }
    guard !group.holds(place) else { return askSoon(group, on: link) }
    guard mayOpen(batch, in: group),
      let strand = makeStrand(place, leaving: other, at: first.seq, group)
    else { return decline(theirs, group, on: link) }
    accept(batch, strand, group, isOwn: false, from: link)
    links[link]?.brought(batch.records.count)
    wantAnswered(place, group, on: link)
    askSoon(group, on: link)
  }

  private func makeStrand(
    _ place: FeedPlace, leaving other: FeedState, at seq: UInt32, _ group: GroupState
  ) -> FeedState? {
    guard seq > 0 else { return nil }
    var owner = other
    while seq - 1 < owner.start, let parent = owner.parent { owner = parent }
    let strand = FeedState(place.branch, leaving: owner, at: seq)
    let known = group.strands(of: place.feed)
    group.add(strand)
    group.forked[place.feed] = known + [strand]
    owner.part(at: seq, isStored: false)
    // Whose head was not compared may hold the other branch.
    group.forgetDelivered(owner, from: seq)
    return strand
  }

  /// The strand that a stored record group of an unknown branch begins.
  func restoreStrand(_ batch: Batch, _ group: GroupState) -> FeedState? {
    guard let first = batch.entries.first(where: { $0.id.prefix == batch.branch.bytes }),
      first.seq > 0, let prev = try? batch.header(first).prev,
      let owner = group.strands(of: batch.feed, holding: first.seq - 1).first(where: {
        $0.prefix(first.seq - 1) == prev.prefix
      }), Int(first.seq) < owner.count
    else { return nil }
    return makeStrand(
      FeedPlace(feed: batch.feed, branch: batch.branch), leaving: owner, at: first.seq, group)
  }

  /// The first entries of a strand are durable: the fork is proven here, for the entries of both
  /// sides are its proof.
  mutating func strandStored(_ strand: FeedState, _ group: GroupState) {
    guard let parent = strand.parent else { return }
    parent.part(at: strand.start, isStored: true)
    let id = strand.place.feed
    closeOwn(id, in: group)
    wantsEnded(id, group)
    for link in links.values { link.parted(id, in: group.id) }
    authority.noteFork(of: id, by: strand.device, Lineage(group: group, feed: id))
    forkProven()
    oweSuspension(id, group)
    if let seq = group.firstParting(of: id) { tell(.forked(group.id, id, strand.device, seq: seq)) }
  }

  /// A device is known to be copied: a suspension of it has effect from here on.
  private mutating func forkProven() {
    for group in groups.values { (group.membership, group.currentEpoch) = (nil, nil) }
    rightsChanged()
  }

  /// A feed waits for another one, of which more branches are wanted now than before.
  mutating func askWaited(_ id: FeedID, in group: GroupState) {
    guard !isRestoring else { return }
    for log in [group, officeLog] where log.forked[id]?.count ?? 0 >= Limits.branchesMax {
      for feed in log.strands(of: id).prefix(1) { askBranches(feed, log) }
    }
  }

  /// A feed has grown: branches that its peers announced may have their place now.
  mutating func askBranches(_ feed: FeedState, _ group: GroupState) {
    for link in links.keys.sorted()
    where links[link]?.branches.feeds.contains(feed.place.feed) ?? false {
      ask(group, on: link)
    }
  }
}

/// Says for Authority which entries of a forked feed stand on one branch.
private final class Lineage: ForkLineage {
  private weak var group: GroupState?
  private let feed: FeedID
  /// Whether the entry named by a removal's cut is in its past, by the removal: that never changes.
  private var pasts: [EntryID: Bool] = [:]

  init(group: GroupState, feed: FeedID) { (self.group, self.feed) = (group, feed) }

  func isBefore(_ entry: EntryID, seq: UInt32, _ cut: Cut) -> Bool {
    guard let group else { return false }
    let end = Reference(feed: feed, seq: cut.seq, prefix: cut.entry.prefix)
    guard let strand = group.feed(holding: end), seq <= cut.seq else {
      // As long as the entry that the cut names is not here, what is common to all is sure.
      return group.firstParting(of: feed).map { seq < $0 } ?? true
    }
    return strand.prefix(seq) == entry.prefix
  }

  func isPast(_ cut: Cut, of removal: ControlReference) -> Bool {
    if let known = pasts[removal.id] { return known }
    let end = Reference(feed: feed, seq: cut.seq, prefix: cut.entry.prefix)
    guard let group, let strand = group.feeds[removal.place], let named = group.feed(holding: end)
    else { return false }
    let isPast = group.reach(from: strand, upTo: removal.seq).holds(named, cut.seq)
    pasts[removal.id] = isPast
    return isPast
  }
}
