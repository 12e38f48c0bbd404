import Authority
import Format

extension Replica {
  /// Takes in a batch from a link: unpack, chain, signature, and only then the order to store it.
  mutating func receive(_ message: EntriesMessage, on link: LinkID) {
    let head = message.head
    // Entries nobody asked for and nobody may send here are dropped, not stored (H-5).
    guard head.group == office || links[link]?.device != nil else {
      return violate(link, .notOnThisLink(kind: Message.entriesKind))
    }
    // Before any of it waits to be compared: while it does no other peer's answer counts.
    if let bare = message.firstWithoutBody {
      return violate(link, .withoutBody(head.feed, seq: bare))
    }
    guard groups.count < Limits.groupsMax || groups[head.group] != nil else { return }
    // Over the limit the batch is left out; the next digest shows that it is still lacking.
    guard hasStoreRoom(head.group) else { return }
    let group = groupOrEmpty(head.group)
    let place = FeedPlace(feed: head.feed, branch: message.branch)
    note(link, group, place, head.first + UInt32(head.count) - 1)
    let isOutside = wasRemoved(link, group)
    if isOutside {
      var trust = OutsideTrust(isRemoved: true)
      guard mayTakeFromOutsider(place, group, &trust) else { return }
    }
    if answersProbe(message, place, group, on: link) { return }
    guard let branch = located(place, group, on: link) else {
      guard place.branch.isZero else { return open(message, place, group, on: link) }
      return head.first > 0
        ? askSoon(group, on: link) : begin(message, group, on: link, isOutside: isOutside)
    }
    let feed = branch.feed
    let held = UInt32(feed.count)
    // Who does not know yet that the feed parts here hears of it, and names the branches then.
    if branch.end != nil { return }
    // That the peer goes on otherwise here is known, and its branch is not taken in.
    if isDeclined(place, group, on: link) { return }
    if head.first > held { return askSoon(group, on: link) }
    if head.first < held {
      // A batch that reaches past the head is asked for again from the head on.
      if head.first + UInt32(head.count) > held { askSoon(group, on: link) }
      // Who shows a removal that is known here does not know so, and would show it on each link.
      if group.authority != nil, membershipNow(group.id)?.grade(of: member) == nil {
        owesHave(group, on: link)
      }
      compareUnsaid(message, branch, place, group, on: link)
      return
    }
    do {
      let batch = try verify(message, group, feed)
      // Signed with this device's key and not written by this node: another copy did.
      if leavesOut(place, feed, in: group, on: link) { return }
      accept(batch, feed, group, isOwn: false, from: link)
      links[link]?.brought(batch.records.count)
      wantAnswered(place, group, on: link)
    } catch .decode(let error) {
      violate(link, .decode(error))
    } catch {
      // The peer may hold another branch here; it is a violation once it can show none.
      suspectFork(branch, place, group, on: link, upTo: nil, otherwise: error)
    }
  }

  /// Whether the peer's member was removed from a group. What such a one still writes there counts for
  /// nobody who knows it, and is not taken: the first word of whoever was silent until then would
  /// have it in its past, and so make it count. Owners act in groups from outside. What
  /// others wrote is taken from it as from anybody.
  mutating func wasRemoved(_ link: LinkID, _ group: GroupState) -> Bool {
    guard let key = links[link]?.device, let device = rosterNow().device(key), !device.isKeeper,
      device.rank != .owner, let membership = membershipNow(group.id)
    else { return false }
    return membership.grade(of: device.member) == nil
      && membership.removals.contains { $0.member == device.member }
  }

  /// Takes in the first batch of a feed.
  private mutating func begin(
    _ message: EntriesMessage, _ group: GroupState, on link: LinkID, isOutside: Bool
  ) {
    do {
      let batch = try verify(message, group, nil)
      if isOutside, !mayBeginOutside(batch, group) {
        links[link]?.wantAnswered(group.id, FeedPlace(feed: batch.feed))
        if let author = group.outsideAuthors[batch.feed] {
          showRemoval(of: author, from: group, on: link)
        }
        return
      }
      guard mayBegin(batch, group, on: link) else { return }
      if leavesOutOwn, (try? batch.genesisFacts())?.device == secrets.device {
        links[link]?.wantAnswered(group.id, FeedPlace(feed: batch.feed))
        return
      }
      groups[group.id] = group
      guard let feed = addFeed(of: batch, to: group) else {
        return violate(link, .chain(group.id, batch.feed, seq: 0))
      }
      if feed.isOwn { closeOwn(feed.place.feed, in: group) }
      noteAnnounced(feed, group)
      accept(batch, feed, group, isOwn: false, from: link)
      links[link]?.brought(batch.records.count)
      wantAnswered(feed.place, group, on: link)
    } catch {
      violate(link, error)
    }
  }

  /// Whether what others wrote in a group may wait for the disk. The office log has a quarter for itself:
  /// on a disk that groups filled, what was not stored waits here, and a removal must come through (S-11).
  func hasStoreRoom(_ group: GroupID) -> Bool {
    let quarters = group == office ? 4 : 3
    return storingBytes < Limits.storeQueueBytesMax / 4 * quarters
      && storing.count < Limits.storeQueueBatchesMax / 8 * quarters
  }

  /// Bytes of entries on their way to the disk.
  package var bytesAhead: Int { storingBytes }

  /// Unpacks a batch that begins exactly behind what is held, and checks its one signature: nothing
  /// of it exists for anybody before (F-3).
  func verify(
    _ message: EntriesMessage, _ group: GroupState, _ feed: FeedState?
  ) throws(Violation) -> Batch {
    let head = message.head
    if let feed {
      guard head.wallBase == feed.head.wallMilliseconds, head.lamportBase == feed.head.lamport
      else { throw .chain(group.id, head.feed, seq: head.first) }
    }
    return try verify(message, after: feed?.head.id ?? EntryID(Bytes32()), by: feed?.device)
  }

  /// Unpacks a batch that follows the entry `prev`, and checks its one signature.
  func verify(
    _ message: EntriesMessage, after prev: EntryID, by author: DeviceKey?
  ) throws(Violation) -> Batch {
    let head = message.head
    var unpacker = BatchUnpacker(head, entriesAt: EntriesMessage.entriesAt, prev: prev)
    var records: [UInt8] = []
    let entries: [EntrySummary]
    do {
      entries = try unpacker.unpack(message.bytes, into: &records, hasher: EntryHashes())
    } catch {
      throw .decode(error)
    }
    let batch = Batch(
      group: head.group, feed: head.feed, branch: message.branch, records: records,
      entries: entries, signature: head.signature)
    do {
      try batch.checkBodies()
    } catch {
      throw .decode(error)
    }
    if let bare = entries.first(where: { $0.bodyState == .erased }) {
      throw .withoutBody(head.feed, seq: bare.seq)
    }
    let device: DeviceKey
    if let author { device = author } else { device = try batch.genesisFacts().device }
    guard EntryHashes.isSigned(batch.last.id, by: device, head.signature) else {
      throw .signature(head.group, head.feed, seq: batch.last.seq)
    }
    try batch.checkKinds(office: office)
    return batch
  }

  /// Makes the state of a feed whose genesis was just verified.
  mutating func addFeed(of batch: Batch, to group: GroupState) -> FeedState? {
    guard batch.first == 0, let header = try? batch.header(batch.entries[0]),
      let facts = GenesisFacts(header)
    else { return nil }
    let certificate = facts.certificate.isZero ? batch.entries[0].id : facts.certificate
    let feed = FeedState(
      feed: batch.feed, device: facts.device, certificate: certificate,
      isOwn: facts.device == secrets.device)
    group.add(feed)
    return feed
  }

  /// Appends a verified batch to its feed and orders it stored.
  mutating func accept(
    _ batch: Batch, _ feed: FeedState, _ group: GroupState, isOwn: Bool, from link: LinkID?
  ) {
    extend(feed, by: batch)
    var batch = batch
    batch.branch = feed.placeToStore(batch.last.seq).branch
    let token = StoreToken(nextToken)
    nextToken += 1
    storingBytes += batch.records.count
    storing[token] = StoringBatch(batch: batch, group: group, feed: feed, from: link)
    wish(.store(batch, token, isOwn: isOwn))
  }

  func extend(_ feed: FeedState, by batch: Batch) {
    // The first batch of a strand may begin before it.
    for entry in batch.entries where Int(entry.seq) >= feed.count {
      feed.append(.init(prefix: entry.id.prefix, effective: 0, lamport: entry.lamport))
    }
    let last = batch.last
    feed.head = .init(
      id: last.id, seq: last.seq, lamport: last.lamport, wallMilliseconds: last.wallMilliseconds)
  }

  /// A batch that does not follow: pushes cross wants, so it is no violation.
  mutating func askSoon(_ group: GroupState, on link: LinkID) {
    links[link]?.oweAsk(group.id, by: now + .milliseconds(Limits.askDelayMilliseconds))
  }

  mutating func violate(_ link: LinkID, _ violation: Violation) {
    guard links[link] != nil else { return }
    linkDown(link)
    wish(.close(link, .violation, violation))
  }
}

extension Replica {
  /// Whether so much waits for the disk that peers should wait with more.
  package var isStoringMuch: Bool {
    storingBytes > Limits.storeQueueBytesMax / 2
      || storing.count > Limits.storeQueueBatchesMax / 4
  }
}
