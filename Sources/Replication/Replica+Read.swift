package import Authority
import Cryptography
package import Format

/// What a message entry says, or why nobody can say here.
package enum Reading: Hashable, Sendable {
  case content(Content)
  /// The epoch's secret has not been opened here.
  case waitingForKey
  /// The body was erased.
  case erased
  /// The body opens to nothing that this version can show (E-17, K-7).
  case unreadable
}

extension Replica {
  /// How many messages of a group were admitted; a follower's cursor runs up to it.
  package func arrivalCount(_ id: GroupID) -> Int { groups[id]?.messageCount ?? 0 }

  /// The message at a place in the order of arrival.
  package func arrival(_ id: GroupID, _ index: Int) -> MessagePlace? {
    guard let group = groups[id], index >= 0, index < group.messageCount else { return nil }
    return place(group.arrivals[index], group)
  }

  /// Where a message stands in the order of arrival, sought from the newest.
  package func arrivalIndex(of entry: EntryPlace, in id: GroupID) -> Int? {
    guard let group = groups[id], let feed = group.branch(entry.place)?.feed else { return nil }
    return group.arrivals.lastIndex { $0.feed == feed.index && $0.seq == entry.seq }
  }

  /// Which messages of a group have an ID that begins with these bytes, and with half a byte more
  /// where one is given: places in the order of arrival. Of an ID no more than 16 bytes are looked at.
  package func arrivals(of id: GroupID, beginning bytes: [UInt8], half: UInt8?) -> [Int] {
    guard let group = groups[id] else { return [] }
    return group.arrivals.indices.filter { index in
      let row = group.arrivals[index]
      let prefix = group.feedList[Int(row.feed)].prefix(row.seq).array
      guard prefix.starts(with: bytes.prefix(prefix.count)) else { return false }
      guard let half, bytes.count < prefix.count else { return true }
      return prefix[bytes.count] >> 4 == half
    }
  }

  /// The device that wrote each message of a group, in the order of arrival, from a place on.
  package func authors(_ id: GroupID, from index: Int) -> [DeviceKey] {
    guard let group = groups[id], index < group.messageCount else { return [] }
    return group.arrivals[max(0, index)...].map { group.feedList[Int($0.feed)].device }
  }

  /// The last `limit` messages of a group in display order, newest last, and whether older ones
  /// match too.
  ///
  /// Walks back from the newest, or from what is shown right before the message `before`, which may
  /// stand in another group: all groups share one order, by moment and then by group.
  package mutating func newest(
    _ id: GroupID, limit: Int, before: ReadingPlace?, since: UInt64?, until: UInt64?
  ) -> (messages: [MessagePlace], hasMore: Bool) {
    guard let group = groups[id] else { return ([], false) }
    let rows = ordered(group)
    var index = before.map { end(of: rows, before: $0, in: group) } ?? rows.count
    var found: [MessagePlace] = []
    while index > 0, found.count < limit {
      index -= 1
      if let until, rows[index].effective >= until { continue }
      if let since, rows[index].effective < since { return (found.reversed(), false) }
      found.append(place(rows[index], group))
    }
    return (found.reversed(), index > 0)
  }

  /// The messages of a group as they stand in the display.
  func ordered(_ group: GroupState) -> [Timeline.Row] {
    group.ordered { a, b in
      let (x, y) = (mark(a, group), mark(b, group))
      return x.lamport != y.lamport ? x.lamport < y.lamport : x.prefix < y.prefix
    }
  }

  /// How many of a group's rows are shown before a message of this group or of another.
  private func end(
    of rows: [Timeline.Row], before: ReadingPlace, in group: GroupState
  ) -> Int {
    let first = rows.firstIndexSorted { $0.effective >= before.effective }
    let behind = rows.firstIndexSorted { $0.effective > before.effective }
    if group.id != before.group { return group.id < before.group ? behind : first }
    guard let feed = group.branch(before.entry.place)?.feed.index else {
      return first
    }
    return rows[first..<behind].firstIndex { $0.feed == feed && $0.seq == before.entry.seq }
      ?? first
  }

  /// Where a message stands in the order of all groups; nil where it is not admitted here.
  package func readingPlace(_ entry: EntryPlace, in id: GroupID) -> ReadingPlace? {
    guard let feed = groups[id]?.branch(entry.place)?.feed, entry.seq >= feed.start,
      Int(entry.seq) < feed.admittedCount
    else { return nil }
    return ReadingPlace(effective: feed.mark(entry.seq).effective, group: id, entry: entry)
  }

  /// The message that this device wrote last in a group.
  package func lastOwn(in id: GroupID) -> MessagePlace? {
    guard let group = groups[id] else { return nil }
    return group.arrivals.last { group.feedList[Int($0.feed)].isOwn }
      .map { place($0, group) }
  }

  /// Whether messages of a group came and no key to any of them.
  package func waitsForKey(_ id: GroupID) -> Bool {
    guard let group = groups[id], !group.isOffice else { return false }
    return group.secrets.isEmpty && group.messageCount > 0
  }

  func mark(_ row: Timeline.Row, _ group: GroupState) -> FeedState.Mark {
    group.feedList[Int(row.feed)].mark(row.seq)
  }

  func place(_ row: Timeline.Row, _ group: GroupState) -> MessagePlace {
    let feed = group.feedList[Int(row.feed)]
    return MessagePlace(
      place: feed.place(of: row.seq), seq: row.seq, device: feed.device,
      effectiveMilliseconds: row.effective, isLate: group.isLate(row))
  }

  /// Opens the body of a message entry; `body` is nil where it was erased.
  package func read(_ id: GroupID, _ header: EntryHeader, _ body: [UInt8]?) -> Reading {
    guard let group = groups[id] else { return .unreadable }
    guard let body else { return .erased }
    guard !group.isOffice else { return decoded(body) }
    guard let key = group.secrets[header.epoch] else { return .waitingForKey }
    let place = MessageAAD(
      group: id, feed: header.feed, seq: header.seq, epoch: header.epoch)
    guard let padded = try? place.key(key).open(body.span, aad: place.bytes.span),
      let plain = try? Padding.unpad(padded)
    else { return .unreadable }
    return decoded(plain)
  }

  private func decoded(_ plain: [UInt8]) -> Reading {
    guard let content = try? Content(decoding: plain) else { return .unreadable }
    return .content(content)
  }

  /// Where an entry with this ID stands in a group, if it is here.
  package func find(_ entry: EntryID, in id: GroupID) -> EntryPlace? {
    for feed in groups[id]?.feedList ?? [] {
      if let seq = feed.seq(of: entry.prefix) {
        return EntryPlace(place: feed.place(of: seq), seq: seq)
      }
    }
    return nil
  }

  /// Where the entry with this seq stands whose ID begins so, if it is here.
  package func find(_ prefix: Bytes16, at seq: UInt32, in id: GroupID) -> EntryPlace? {
    let feed = groups[id]?.feedList.first {
      seq >= $0.start && Int(seq) < $0.count && $0.prefix(seq) == prefix
    }
    return feed.map { EntryPlace(place: $0.place(of: seq), seq: seq) }
  }

  /// The beginning of an entry's ID; nil where it is not here.
  package func prefix(of entry: EntryPlace, in id: GroupID) -> Bytes16? {
    guard let feed = groups[id]?.branch(entry.place)?.feed, Int(entry.seq) < feed.count else {
      return nil
    }
    return feed.prefix(entry.seq)
  }

  /// How many of these devices are known to hold an entry.
  package func holders(
    _ id: GroupID, _ entry: EntryPlace, among devices: [DeviceKey]
  ) -> [DeviceKey] {
    guard let group = groups[id] else { return [] }
    guard let feed = group.branch(entry.place)?.feed else { return [] }
    return devices.filter { device in
      device == feed.device || device == secrets.device
        || group.delivered[device]?[feed.place].map { $0 >= entry.seq } ?? false
    }
  }

  /// What a device is not known to hold of some control entries and of all that they have in their past
  /// in this group: branches as the store names them, what a branch leaves first, with the seqs that are
  /// lacking of each.
  package func lacking(
    _ id: GroupID, upTo entries: [ControlReference], of device: DeviceKey
  ) -> [(place: FeedPlace, seqs: ClosedRange<UInt32>)] {
    guard let group = groups[id] else { return [] }
    return lacking(group, upTo: entries, beside: group.delivered[device] ?? [:])
  }

  /// The same for a device that says itself what it holds of the group.
  package func lacking(
    _ id: GroupID, upTo entries: [ControlReference], beside items: [FrontierItem]
  ) -> [(place: FeedPlace, seqs: ClosedRange<UInt32>)] {
    guard let group = groups[id] else { return [] }
    return lacking(group, upTo: entries, beside: held(items, of: group))
  }

  private func lacking(
    _ group: GroupState, upTo entries: [ControlReference], beside held: [FeedPlace: UInt32]
  ) -> [(place: FeedPlace, seqs: ClosedRange<UInt32>)] {
    var past = Reach()
    for entry in entries {
      guard let feed = group.feeds[entry.place], Int(entry.seq) < feed.storedCount else { continue }
      past.add(feed, upTo: entry.seq, in: group)
    }
    var parts: [(place: FeedPlace, seqs: ClosedRange<UInt32>)] = []
    for strand in group.feedList {
      let known = held[strand.place]
      var first = max(strand.start, known.map { $0 < .max ? $0 + 1 : $0 } ?? 0)
      let end = past.end(of: strand)
      while first < end {
        let next = strand.partings.first { $0 > first }.map { min($0, end) } ?? end
        parts.append((strand.place(of: first), first...next - 1))
        first = next
      }
    }
    return parts
  }

  /// How many entries are stored here that a device is not known to hold, over all groups it may hold.
  package mutating func lackingCount(_ device: DeviceKey) -> Int {
    var count = 0
    for id in groups.keys.sorted() {
      // Of a group that this device has left nothing new comes to it, and nothing is left to do.
      guard let group = groups[id],
        group.isOffice || mayHold(device, group) && mayHold(secrets.device, group)
      else { continue }
      for feed in group.feedList where feed.device != device {
        let held = group.delivered[device]?[feed.place].map { Int($0) + 1 } ?? 0
        count += max(0, feed.storedCount - max(held, Int(feed.start)))
      }
    }
    return count
  }

  /// How often something changed in what is remembered of what others hold.
  package var deliveredChanges: UInt64 { groups.values.reduce(0) { $0 &+ $1.deliveredChanges } }

  /// Everything remembered of what others hold, in order, for keeping across a restart.
  package func deliveredItems(
    _ body: (GroupID, DeviceKey, FeedPlace, UInt32) -> Void
  ) {
    for (id, group) in groups.sorted(by: { $0.key < $1.key }) {
      for (device, places) in group.delivered.sorted(by: { $0.key < $1.key }) {
        for (place, seq) in places.sorted(by: { $0.key < $1.key }) { body(id, device, place, seq) }
      }
    }
  }
}

/// Where an entry stands: its feed or branch, and seq.
package struct EntryPlace: Hashable, Sendable {
  package let place: FeedPlace
  package let seq: UInt32
  package init(place: FeedPlace, seq: UInt32) { (self.place, self.seq) = (place, seq) }
}

/// Where a message stands among those of all groups.
package struct ReadingPlace: Hashable, Sendable {
  /// Milliseconds since 1970 at which it stands in the display.
  package let effective: UInt64
  let group: GroupID
  let entry: EntryPlace
}

extension Array {
  /// The index of the first element of which `isBehind` is true; it is false of all before it.
  fileprivate func firstIndexSorted(where isBehind: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = low + (high - low) / 2
      if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
