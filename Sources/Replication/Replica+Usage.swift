import Authority
import Format

/// How much a node holds in memory because of what others say, by its own counts.
package struct ReplicaUsage: Sendable {
  /// Bytes of entries that wait for admission, and of batches on their way to the disk; how many of
  /// these there are.
  package var pendingBytes = 0
  package var storingBytes = 0
  package var storing = 0
  /// Groups that are here, and such as were not taken.
  package var groups = 0
  package var refusedGroups = 0
  /// Feeds and branches that are here, of all groups together.
  package var places = 0
  /// How many heads the frontiers of all groups together can have at most.
  package var heads = 0
  /// Entries that decide about people, of all groups but the office's.
  package var decisions = 0
  /// Of each link, in the order of their numbers.
  package var links: [Link] = []

  package init() {}

  /// What lives and dies with one link; each count is of one set.
  package struct Link: Sendable {
    /// Heads that the peer says it holds, and groups of which it says so.
    package var announced = 0
    package var announcedGroups = 0
    /// What it is asked for, and what of that waits for a certificate; what it asked for.
    package var wanted = 0
    package var awaited = 0
    package var serving = 0
    /// What it was told: groups whose frontier, and places up to which entries or heads were sent.
    package var frontiersSaid = 0
    package var sent = 0
    package var said = 0
    /// Removals that it is shown, with where the past of these ends; that it said it has, and that it was
    /// asked about.
    package var proofs = 0
    package var proofEnds = 0
    package var known = 0
    package var doubts = 0
    /// Suspensions of this device for whose proof it was asked, and branches of its own that it was sent.
    package var askedForks = 0
    package var shownForks = 0
    /// Removals of which it has what it was known to lack.
    package var arrived = 0
    /// Groups of which it was asked something to which it has no right, which were compared with it, of
    /// which it is to be told something, and of which it is to be asked something.
    package var outside = 0
    package var compared = 0
    package var owed = 0
    package var asking = 0
    /// Of branches that are not here: feeds that have them, names that were searched for, where they
    /// begin, which were declined, and feeds of which one ended while it was searched.
    package var branchFeeds = 0
    package var branchNames = 0
    package var branchBeginnings = 0
    package var branchesDeclined = 0
    package var branchEndings = 0

    package init() {}
  }
}

extension Replica {
  /// Counts what is held at this moment.
  package var usage: ReplicaUsage {
    var usage = ReplicaUsage()
    (usage.pendingBytes, usage.storingBytes, usage.storing) = (
      pendingBytes, storingBytes, storing.count
    )
    (usage.groups, usage.refusedGroups) = (groups.count, refusedGroups.count)
    for group in groups.values {
      usage.places += group.feedList.count
      usage.heads += group.itemsMax
      usage.decisions += group.authority?.entries.count ?? 0
    }
    usage.links = links.sorted { $0.key < $1.key }.map(\.value.usage)
    return usage
  }
}

extension LinkState {
  /// What it holds in memory, counted.
  var usage: ReplicaUsage.Link {
    var usage = ReplicaUsage.Link()
    func count<Value>(_ sets: [GroupID: [FeedPlace: Value]]) -> Int {
      sets.values.reduce(0) { $0 + $1.count }
    }
    (usage.announced, usage.announcedGroups) = (count(announced), announced.count)
    (usage.wanted, usage.serving) = (count(wanted), serving.count)
    usage.awaited = awaited.values.reduce(0) { $0 + $1.count }
    (usage.frontiersSaid, usage.sent, usage.said) = (frontierSaid.count, count(sent), count(said))
    (usage.proofs, usage.known, usage.doubts) = (proofs.count, known.count, doubts.count)
    usage.proofEnds = proofs.values.reduce(0) { $0 + $1.ends.count }
    (usage.askedForks, usage.shownForks) = (askedForks.count, shownForks.count)
    usage.arrived = arrived.count
    (usage.outside, usage.compared) = (outsiderDigests.count, compared.count)
    (usage.owed, usage.asking) = (haveOwed.count, askOwed.count)
    branches.count(in: &usage)
    return usage
  }
}

extension BranchMemory {
  fileprivate func count(in usage: inout ReplicaUsage.Link) {
    (usage.branchFeeds, usage.branchNames) = (feeds.count, nameCount)
    (usage.branchBeginnings, usage.branchesDeclined) = (firsts.count, declined.count)
    usage.branchEndings = endings.count
  }
}
