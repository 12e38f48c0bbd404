/// How much a node holds in memory because of what others say, by its own counts.
package struct ReplicaLoad: Sendable {
  /// Bytes of entries that wait for admission, and of batches on their way to the disk; how many of
  /// these there are.
  package let pendingBytes: Int
  package let storingBytes: Int
  package let storing: Int
  /// Groups that are here, and such as were not taken.
  package let groups: Int
  package let refusedGroups: Int
  /// Feeds and branches that are here, of all groups together.
  package let places: Int
  /// Of each link, in the order of their numbers.
  package let links: [Link]

  /// What lives and dies with one link.
  package struct Link: Sendable {
    /// Heads that the peer says it holds.
    package let announced: Int
    /// What it is asked for, what it asked for, and what it was told.
    package let wanted: Int
    package let serving: Int
    package let told: Int
    /// Groups and removals of which something else is remembered.
    package let named: Int
  }
}

extension Replica {
  /// Counts what is held at this moment.
  package var load: ReplicaLoad {
    ReplicaLoad(
      pendingBytes: pendingBytes, storingBytes: storingBytes, storing: storing.count,
      groups: groups.count, refusedGroups: refusedGroups.count,
      places: groups.values.reduce(0) { $0 + $1.feedList.count },
      links: links.sorted { $0.key < $1.key }.map(\.value.load))
  }
}
