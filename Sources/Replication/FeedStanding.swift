package import Format

/// How far one feed or branch has come here, for those who look into logs.
package struct FeedStanding: Hashable, Sendable {
  package let place: FeedPlace
  package let device: DeviceKey
  /// The entry that certifies the device.
  package let certificate: EntryID
  /// Where the branch begins: 0, or the seq of the entry that names it.
  package let start: UInt32
  /// The seqs behind the last entry that is verified and durable, and behind the last admitted one.
  package let storedCount: Int
  package let admittedCount: Int
  /// Why admission ended for good, if it did so here.
  package let ended: AdmissionEnd?
  /// Whether it ended before this branch.
  package let isBehindEnd: Bool
  /// The feed of which an entry is awaited, if admission waits for one.
  package let waitsFor: FeedID?
}

extension Replica {
  /// Every feed and branch of a group, in the order of their places.
  package func standings(of id: GroupID) -> [FeedStanding] {
    guard let group = groups[id] else { return [] }
    var awaited: [FeedPlace: FeedID] = [:]
    for (feed, all) in waiters {
      for waiter in all where waiter.ref.group === group {
        awaited[waiter.ref.feed.place] = feed
      }
    }
    return group.feedList.flatMap { feed in
      var items: [FrontierItem] = []
      feed.addItems(to: &items)
      var start = feed.start
      return items.map { item in
        defer { start = item.seq + 1 }
        let stored = Int(item.seq) + 1
        return FeedStanding(
          place: item.place, device: feed.device, certificate: feed.certificate, start: start,
          storedCount: stored, admittedCount: max(Int(start), min(stored, feed.admittedCount)),
          ended: feed.ended.flatMap { $0.seq >= start && Int($0.seq) < stored ? $0 : nil },
          isBehindEnd: feed.ended.map { $0.seq < start } ?? false,
          waitsFor: feed.ended == nil && feed.admittedCount < stored
            ? awaited[feed.place] : nil)
      }
    }.sorted { $0.place < $1.place }
  }
}
