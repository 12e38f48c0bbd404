import Control
import Format
import Platform
import Replication
import TestSupport
import Testing

@testable import Daemon
@testable import Storage

/// A lock whose newest file cannot be read beside a log that lost what that file knew.
@Suite struct UnreadLockTests {
  private let node = MemoryTurnedNode()

  private func everyone(_ office: OfficeNode) throws -> GroupID {
    try #require(office.replica.groupIDs.first { $0 != office.office })
  }

  private func ownFeed(_ loop: NodeLoop) throws -> FeedID {
    let office = try #require(loop.office)
    let group = try everyone(office)
    return try #require(office.replica.ownHeads.last { $0.group == group }).feed
  }

  /// What a kill left, of which the disk cannot read the last own entry, nor what knows of it.
  private func damaged(lock name: FileName) throws -> (node: MemoryTurnedNode, feed: FeedID) {
    let loop = try node.start()
    try node.found(loop)
    #expect(try node.send(loop, "one") == nil)
    loop.keep(loop.clock.now())
    #expect(try node.send(loop, "two") == nil)
    let group = try everyone(try #require(loop.office))
    let feed = try ownFeed(loop)
    let left = node.copied()
    loop.stop()
    let path = StorePaths.segment(group, 1)
    let bytes = try #require(left.disk.files[path])
    left.disk.rot(path, byte: bytes.lastIndex { $0 != 0 } ?? 0, bit: 2)
    left.state.failReads(of: .root.appending(name))
    return (left, feed)
  }

  @Test func `what only a file that cannot be read knew of is written in no feed once more`() throws
  {
    let (left, feed) = try damaged(lock: "heads-now")
    let loop = try left.start()
    let office = try #require(loop.office)
    #expect(office.damages.count == 1 && office.isUnproven && !office.isLikelyCopy)
    #expect(try left.send(loop, "three") == nil)
    let next = try ownFeed(loop)
    #expect(next != feed)
    // In the office log nothing is missing.
    let own = office.replica.ownHeads.filter { $0.group == office.office }
    #expect(own.count == 1 && office.replica.ownHeads.count == 2)
    loop.stop()
    // The file is whole again, so that the next start goes on.
    let again = try left.start()
    #expect(again.office?.isUnproven == false)
    #expect(try left.send(again, "four") == nil)
    #expect(try ownFeed(again) == next)
    again.stop()
  }

  @Test func `the lock of this start of the computer is believed where another cannot be read`()
    throws
  {
    let (left, _) = try damaged(lock: "heads-0")
    let loop = try left.start()
    #expect(loop.office?.lostOwn.isEmpty == false && loop.office?.isUnproven == false)
    loop.stop()
  }
}
