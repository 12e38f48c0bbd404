import Format
import Platform
import TestSupport
import Testing

@testable import Storage

/// A forked feed in the store: the common part is one chain, each branch another.
struct ForkTests {
  @Test func `a branch takes its part of the feed, after a restart too`() throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    try store.append([feed.batch(3)])
    var other = feed
    let (left, more) = (feed.batch(4), feed.batch(1))
    try store.append([left, more])
    let branch = other.batch(2, salt: 100)
    let named = BranchID(branch.entries[0].id.prefix)
    var right = branch
    right.branch = named
    try store.append([right])
    let trunk = FeedPlace(feed: feed.feed)
    let rightPlace = FeedPlace(feed: feed.feed, branch: named)
    let leftPlace = FeedPlace(
      feed: feed.feed, branch: BranchID(left.entries[0].id.prefix))
    for index in [store.index(feed.group), try open(disk).store.index(feed.group)] {
      let index = try #require(index)
      #expect(index.places == [trunk, leftPlace, rightPlace].sorted())
      #expect(index[trunk]?.next == 3 && index[trunk]?.headID.prefix == index[trunk]?.prefix(2))
      #expect(index[leftPlace]?.start == 3 && index[leftPlace]?.headID == more.last.id)
      #expect(index[rightPlace]?.start == 3 && index[rightPlace]?.headID == branch.last.id)
    }
    // Each branch is sent from where it leaves, with time and lamport of the entry before it.
    for (place, ids) in [
      (leftPlace, (left.entries + more.entries).map(\.id)), (rightPlace, branch.entries.map(\.id)),
    ] {
      let packed = try #require(
        try store.packed(feed.group, place, from: 3, bytesMax: .max))
      #expect(Array(packed[..<16]) == place.branch.bytes.array)
      var unpacker = BatchUnpacker(
        try BatchHead(decoding: packed, at: 16), entriesAt: 16 + BatchHead.size,
        prev: try #require(store.index(feed.group)?[trunk]?.headID))
      var records: [UInt8] = []
      #expect(
        try unpacker.unpack(packed, into: &records, hasher: Hasher()).map(\.id) == ids)
    }
  }

  @Test func `a fork inside a record group cuts the trunk there`() throws {
    var feed = SampleFeed(nonce: 1)
    var other = feed
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    let whole = feed.batch(6)
    _ = other.batch(3)
    var branch = other.batch(2, salt: 100)
    branch.branch = BranchID(branch.entries[0].id.prefix)
    try store.append([whole])
    try store.append([branch])
    let trunk = FeedPlace(feed: feed.feed)
    let index = try #require(try open(disk).store.index(feed.group))
    #expect(index[trunk]?.next == 3 && index.places.count == 3)
    // No signature ends the trunk, so what is sent of it runs on to the next one.
    let packed = try #require(try store.packed(feed.group, trunk, from: 1, bytesMax: .max))
    #expect(try BatchHead(decoding: packed, at: 16).count == 5)
  }

  @Test func `what contradicts its place or skips entries is not taken in`() throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    try store.append([feed.batch(3)])
    var other = feed
    try store.append([feed.batch(2)])
    _ = feed.batch(1)
    try store.append([other.batch(1, salt: 100), feed.batch(1)])
    #expect(store.damages.map(\.kind) == [.conflict, .gap(expected: 5, found: 6)])
    #expect(store.index(feed.group)?[FeedPlace(feed: feed.feed)]?.next == 5)
    #expect(try open(disk).report.damages.map(\.kind) == store.damages.map(\.kind))
  }

  @Test func `a lamport that does not ascend between record groups is not taken in`() throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    try store.append([feed.batch(3)])
    feed.setLamport(1)
    try store.append([feed.batch(1)])
    #expect(store.damages.map(\.kind) == [.conflict])
    #expect(try open(disk).report.damages.map(\.kind) == [.conflict])
    let place = FeedPlace(feed: feed.feed)
    let packed = try #require(try store.packed(feed.group, place, from: 0, bytesMax: .max))
    #expect(try BatchHead(decoding: packed, at: 16).count == 3)
  }

  @Test(arguments: [false, true])
  func `a record group without a signature is not taken in`(isOwn: Bool) throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    try store.append([feed.batch(2)], isOwn: isOwn)
    try store.append([feed.batch(1, isSigned: false)], isOwn: isOwn)
    let (again, report, _) = try open(disk)
    #expect(report.damages.map(\.kind) == [.unsigned])
    #expect(again.index(feed.group)?[FeedPlace(feed: feed.feed)]?.next == 2)
  }
}
