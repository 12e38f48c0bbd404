import Format
import Storage

/// A forked feed of a store: where it first parts, and into how many branches with a head.
struct Fork {
  let feed: FeedID
  let seq: UInt32
  let heads: Int
}

extension StoreView {
  /// The feeds of a group of which there are branches, ascending.
  func forks(of group: GroupID) -> [Fork] {
    guard let index = index(group) else { return [] }
    let branches = index.places.filter { !$0.branch.isZero }
    return Set(branches.map(\.feed)).sorted().map { feed in
      let own = branches.filter { $0.feed == feed }
      // What a branch leaves has no head of its own: the trunk and others end where the feed parts.
      let partings = Set(own.compactMap { left(group, $0) })
      return Fork(
        feed: feed, seq: own.compactMap { index[$0]?.start }.min() ?? 0,
        heads: own.count + 1 - partings.count)
    }
  }
}

extension StoreView {
  /// The ID of the entry that a branch leaves.
  private func left(_ group: GroupID, _ place: FeedPlace) -> EntryID? {
    guard let start = index(group)?[place]?.start,
      let (batch, entry) = try? self.entry(group, place, start)
    else { return nil }
    return try? batch.header(entry).prev
  }
}

extension Finding {
  /// Says that a device wrote two entries at one place; both are proven like any others.
  init(_ fork: Fork, _ group: GroupID) {
    self.init(
      weight: .note, group: group, place: FeedPlace(feed: fork.feed), seq: fork.seq, rule: "R-10",
      text: "the feed is forked here into \(fork.heads) branches: its device was copied, or put "
        + "back from a backup, and wrote on; the branches are the proof")
  }
}
