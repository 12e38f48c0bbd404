import Daemon
import Format
import Replication
import Testing

@testable import Simulation

/// The bounds of what a node holds because of others: each set may fill its own, and no more (study 3: 30).
@Suite struct BoundsTests {
  private typealias Link = ReplicaUsage.Link

  /// A node that holds as much as it may of everything.
  private func full() -> NodeUsage {
    var replica = ReplicaUsage()
    (replica.groups, replica.refusedGroups) = (Limits.groupsMax, Limits.groupsMax)
    (replica.places, replica.heads, replica.decisions) = (700, 900, 50)
    replica.pendingBytes = Limits.storeQueueBytesMax + Limits.messageBytesMax
    replica.storingBytes = Limits.storeQueueBytesMax + Limits.messageBytesMax
    replica.storing = Limits.storeQueueBatchesMax
    var link = Link()
    (link.announced, link.announcedGroups) = (Limits.announcedMax, Limits.groupsMax)
    link.wanted = link.announced + replica.places + replica.groups
    link.awaited = link.wanted
    (link.serving, link.sent, link.said, link.branchEndings) = (900, 900, 900, 900)
    link.frontiersSaid = Limits.groupsMax
    (link.known, link.doubts, link.arrived) = (50, 50, 50)
    (link.askedForks, link.shownForks) = (Limits.branchesMax, Limits.branchesMax)
    link.proofEnds = replica.places
    (link.proofs, link.outside, link.owed) = (Limits.groupsMax, Limits.groupsMax, Limits.groupsMax)
    (link.compared, link.asking) = (2 * Limits.groupsMax, 2 * Limits.groupsMax)
    link.branchFeeds = Limits.feedsPerGroupMax
    link.branchBeginnings = Limits.feedsPerGroupMax
    link.branchesDeclined = Limits.feedsPerGroupMax
    link.branchNames = 16 * 900
    replica.links = [Link(), link]
    var usage = NodeUsage()
    usage.connections = Limits.linksMax + Limits.halfOpenMax + Limits.diallingMax
    usage.linksOfOneDevice = Limits.linksPerDeviceMax
    usage.queuedBytes = Limits.sendQueueBytesMax + Limits.messageBytesMax
    usage.replica = replica
    return usage
  }

  private let ofNode: [WritableKeyPath<NodeUsage, Int>] = [
    \.connections, \.linksOfOneDevice, \.queuedBytes,
  ]
  private let ofReplica: [WritableKeyPath<ReplicaUsage, Int>] = [
    \.pendingBytes, \.storingBytes, \.storing, \.groups, \.refusedGroups,
  ]
  private let ofLink: [WritableKeyPath<Link, Int>] = [
    \.announced, \.announcedGroups, \.wanted, \.awaited, \.serving, \.frontiersSaid, \.sent,
    \.said, \.proofs, \.proofEnds, \.known, \.doubts, \.askedForks, \.shownForks, \.arrived,
    \.outside, \.compared, \.owed, \.asking, \.branchFeeds, \.branchNames, \.branchBeginnings,
    \.branchesDeclined, \.branchEndings,
  ]

  @Test func `a node that holds as much as it may is let be`() {
    #expect(OfficeRun.excess(NodeUsage()) == nil)
    #expect(OfficeRun.excess(full()) == nil)
  }

  @Test func `one more of anything is too much`() throws {
    for path in ofNode {
      var usage = full()
      usage[keyPath: path] += 1
      let told = try #require(OfficeRun.excess(usage), "\(path)")
      #expect(told.hasPrefix("\(usage[keyPath: path]) "))
    }
    for path in ofReplica {
      var usage = full()
      usage.replica?[keyPath: path] += 1
      #expect(OfficeRun.excess(usage) != nil, "\(path)")
    }
    for path in ofLink {
      var usage = full()
      usage.replica?.links[1][keyPath: path] += 1
      #expect(OfficeRun.excess(usage) != nil, "\(path)")
    }
  }

  /// Every count of a link is one of those that are looked at.
  @Test func `nothing that is counted of a link is left out`() {
    #expect(Mirror(reflecting: Link()).children.count == ofLink.count)
  }
}
