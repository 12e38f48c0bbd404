import Format

extension Replica {
  /// Takes in a batch from a link: unpack, chain, signature, and only then the order to store it.
  mutating func receive(_ message: EntriesMessage, on link: LinkID) {
    let head = message.head
    guard let state = links[link] else { return }
    // Entries nobody asked for and nobody may send here are dropped, not stored (H-5).
    guard head.group == office || state.device != nil else {
      return violate(link, .notOnThisLink(kind: Message.entriesKind))
    }
    guard message.branch.isZero, groups.count < Limits.groupsMax || groups[head.group] != nil
    else { return }
    // Over the limit the batch is left out; the next digest shows that it is still lacking.
    guard storingBytes < Limits.storeQueueBytesMax else { return }
    let group = groupOrNew(head.group)
    let place = FeedPlace(feed: head.feed)
    let feed = group.feeds[place]
    let held = UInt32(feed?.count ?? 0)
    note(link, group, place, head.first + UInt32(head.count) - 1)
    if let feed, feed.forkedAt != nil { return }
    if head.first > held { return askSoon(group, on: link) }
    if head.first < held {
      if let feed { receiveOld(message, feed, group, on: link) }
      return
    }
    if let feed, feed.isOwn, !feed.isClosed { closeOwn(feed, in: group) }
    if feed == nil, group.feeds.count >= Limits.feedsPerGroupMax { return }
    do {
      let batch = try verify(message, group, feed)
      let feed = feed ?? addFeed(of: batch, to: group)
      guard let feed else { return violate(link, .chain(group.id, head.feed, seq: 0)) }
      accept(batch, feed, group, isOwn: false, from: link)
      wantAnswered(place, group, on: link)
    } catch {
      violate(link, error)
    }
  }

  /// Unpacks a batch that begins exactly behind what is held, and checks its one signature.
  func verify(
    _ message: EntriesMessage, _ group: GroupState, _ feed: FeedState?
  ) throws(Violation) -> Batch {
    let head = message.head
    if let feed {
      guard head.wallBase == feed.head.wallMilliseconds, head.lamportBase == feed.head.lamport
      else { throw .chain(group.id, head.feed, seq: head.first) }
    }
    var unpacker = BatchUnpacker(
      head, entriesAt: EntriesMessage.entriesAt, prev: feed?.head.id ?? EntryID(Bytes32()))
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
    do throws(DecodeError) { try batch.checkBodies() } catch { throw .decode(error) }
    let device: DeviceKey
    if let feed { device = feed.device } else { device = try batch.genesisFacts().device }
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
      place: FeedPlace(feed: batch.feed, branch: batch.branch), device: facts.device,
      certificate: certificate, isOwn: facts.device == secrets.device,
      head: .init(id: EntryID(Bytes32()), seq: 0, lamport: 0, wallMilliseconds: 0))
    group.add(feed)
    return feed
  }

  /// Appends a verified batch to its feed and orders it stored.
  mutating func accept(
    _ batch: Batch, _ feed: FeedState, _ group: GroupState, isOwn: Bool, from link: LinkID?
  ) {
    extend(feed, by: batch)
    let token = StoreToken(nextToken)
    nextToken += 1
    storingBytes += batch.records.count
    storing[token] = StoringBatch(batch: batch, group: group, feed: feed, from: link)
    wish(.store(batch, token, isOwn: isOwn))
  }

  func extend(_ feed: FeedState, by batch: Batch) {
    for entry in batch.entries {
      feed.marks.append(.init(prefix: entry.id.prefix, effective: 0, lamport: entry.lamport))
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
    links[link] = nil
    wish(.close(link, .violation, violation))
  }
}
