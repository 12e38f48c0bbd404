import Format

/// A search for the place where two copies of a feed part: both sides' runs from `from` on.
struct ForkProbe {
  let link: LinkID
  let from: UInt32
  /// What the peer sent from there; nil while it is awaited.
  var theirs: EntriesMessage?
}

extension Replica {
  /// A peer names another entry at a place that is taken here: look for where the feed parts.
  mutating func suspectFork(_ feed: FeedState, _ group: GroupState, on link: LinkID) {
    guard feed.forkedAt == nil, group.probes[feed.place] == nil, feed.storedCount > 0 else {
      return
    }
    probe(feed, group, from: UInt32(feed.storedCount - 1), on: link)
  }

  private mutating func probe(
    _ feed: FeedState, _ group: GroupState, from: UInt32, on link: LinkID
  ) {
    group.probes[feed.place] = ForkProbe(link: link, from: from)
    wish(
      .send(
        link,
        .want(
          group.id, [.init(feed: feed.place.feed, branch: feed.place.branch, from: from)])))
  }

  /// Entries below the head: what a probe waits for, or a harmless repeat.
  mutating func receiveOld(
    _ message: EntriesMessage, _ feed: FeedState, _ group: GroupState, on link: LinkID
  ) {
    let head = message.head
    if let probe = group.probes[feed.place], probe.link == link, probe.from == head.first,
      probe.theirs == nil
    {
      group.probes[feed.place]?.theirs = message
      return wish(.load(group.id, feed.place, from: head.first))
    }
    // A batch that reaches past the head is asked for again from the head on.
    if Int(head.first) + Int(head.count) > feed.count { askSoon(group, on: link) }
  }

  /// The own entries of a probed place came from the store: compare with what the peer sent.
  mutating func compareProbe(_ mine: Batch, _ feed: FeedState, _ group: GroupState) -> Bool {
    guard let probe = group.probes[feed.place], let theirs = probe.theirs,
      let start = mine.entries.firstIndex(where: { $0.seq == probe.from }),
      let header = try? mine.header(mine.entries[start])
    else { return false }
    group.probes[feed.place] = nil
    guard let other = unpackProbe(theirs, prev: header.prev, feed) else {
      // They part earlier: look further to the front; below the genesis there is nothing.
      if probe.from > 0 { self.probe(feed, group, from: probe.from / 2, on: probe.link) }
      return true
    }
    for (index, entry) in other.entries.enumerated() {
      let place = start + index
      guard place < mine.entries.count else { break }
      if mine.entries[place].id != entry.id {
        found(
          feed, group, mine: side(mine, from: place), theirs: side(other, from: index), entry.seq)
        return true
      }
    }
    // Equal so far: they part behind this run.
    let next = mine.last.seq + 1
    if Int(next) < feed.storedCount { self.probe(feed, group, from: next, on: probe.link) }
    return true
  }

  private func unpackProbe(
    _ message: EntriesMessage, prev: EntryID, _ feed: FeedState
  ) -> Batch? {
    var unpacker = BatchUnpacker(message.head, entriesAt: EntriesMessage.entriesAt, prev: prev)
    var records: [UInt8] = []
    guard
      let entries = try? unpacker.unpack(message.bytes, into: &records, hasher: EntryHashes()),
      let last = entries.last,
      EntryHashes.isSigned(last.id, by: feed.device, message.head.signature)
    else { return nil }
    return Batch(
      group: message.head.group, feed: message.head.feed, branch: message.branch,
      records: records, entries: entries, signature: message.head.signature)
  }

  private func side(_ batch: Batch, from index: Int) -> ForkProof.Side {
    let headers = batch.entries[index...].map { entry in
      Array(batch.records[Int(entry.headerAt)..<entry.bodyAt])
    }
    return .init(headers: headers, signature: batch.signature)
  }

  private mutating func found(
    _ feed: FeedState, _ group: GroupState, mine: ForkProof.Side, theirs: ForkProof.Side,
    _ seq: UInt32
  ) {
    let proof = ForkProof(
      group: group.id, feed: feed.place.feed, seq: seq,
      sides: firstIDOfSide(mine) < firstIDOfSide(theirs) ? [mine, theirs] : [theirs, mine])
    keep(proof, feed, group)
  }

  /// Takes in a proof from a peer: it counts only if the feed's device signed both sides.
  mutating func receive(_ proof: ForkProof, on link: LinkID) {
    guard let group = groups[proof.group], mayHold(link, group),
      let feed = group.feeds[FeedPlace(feed: proof.feed)], group.forks[proof.feed] == nil
    else { return }
    guard proof.sides.count == 2, let a = firstID(proof.sides[0], feed, proof),
      let b = firstID(proof.sides[1], feed, proof), a < b,
      havePrev(proof)
    else { return violate(link, .emptyProof(proof.feed)) }
    keep(proof, feed, group)
  }

  /// The ID of the first entry of one side, if the side is a chain at the place that the device signed.
  private func firstID(
    _ side: ForkProof.Side, _ feed: FeedState, _ proof: ForkProof
  ) -> EntryID? {
    var first: EntryID?
    var last = EntryID(Bytes32())
    for (index, bytes) in side.headers.enumerated() {
      guard let header = try? EntryHeader(decoding: bytes), header.feed == proof.feed,
        header.group == proof.group, UInt64(header.seq) == UInt64(proof.seq) + UInt64(index),
        index == 0 || header.prev == last
      else { return nil }
      last = EntryID(EntryHashes().entryID(bytes.raw))
      if first == nil { first = last }
    }
    guard first != nil, EntryHashes.isSigned(last, by: feed.device, side.signature) else {
      return nil
    }
    return first
  }

  /// The ID of the first entry of a side, by which the sides stand in order.
  private func firstIDOfSide(_ side: ForkProof.Side) -> Bytes32 {
    let header = side.headers[0]
    return EntryHashes().entryID(header.raw)
  }

  /// Whether both sides follow the same entry.
  private func havePrev(_ proof: ForkProof) -> Bool {
    let prevs = proof.sides.map { side in
      side.headers.first.flatMap { try? EntryHeader(decoding: $0) }?.prev
    }
    return prevs[0] != nil && prevs[0] == prevs[1]
  }

  private mutating func keep(_ proof: ForkProof, _ feed: FeedState, _ group: GroupState) {
    group.forks[proof.feed] = proof
    feed.forkedAt = proof.seq
    if feed.isOwn { closeOwn(feed, in: group) }
    tell(.forked(group.id, proof.feed, seq: proof.seq))
    guard Message.fork(proof).encode().count <= Limits.messageBytesMax else { return }
    for link in links.keys.sorted() where mayHold(link, group) {
      wish(.send(link, .fork(proof)))
    }
  }

  /// Another copy of this device wrote on an own feed: it is never written again.
  mutating func closeOwn(_ feed: FeedState, in group: GroupState) {
    guard !feed.isClosed else { return }
    feed.isClosed = true
    if group.composing?.feed === feed { group.composing = nil }
    tell(.ownFeedClosed(group.id, feed.place.feed))
  }
}
