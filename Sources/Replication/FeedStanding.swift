package import Format

/// How far one feed or branch has come here, for those who look into logs.
package struct FeedStanding: Hashable, Sendable {
  package let place: FeedPlace
  package let device: DeviceKey
  /// The entry that certifies the device.
  package let certificate: EntryID
  /// How many entries are verified and durable, and how many of them are admitted.
  package let storedCount: Int
  package let admittedCount: Int
  /// Why admission ended for good, if it did.
  package let ended: AdmissionEnd?
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
    return group.feedList.map { feed in
      FeedStanding(
        place: feed.place, device: feed.device, certificate: feed.certificate,
        storedCount: feed.storedCount, admittedCount: feed.admittedCount, ended: feed.ended,
        waitsFor: feed.ended == nil && feed.admittedCount < feed.storedCount
          ? awaited[feed.place] : nil)
    }.sorted { $0.place < $1.place }
  }
}
