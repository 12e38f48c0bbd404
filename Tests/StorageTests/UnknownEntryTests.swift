import Format
import TestSupport
import Testing

@testable import Storage

/// What a store says of entries that it does not hold.
struct UnknownEntryTests {
  @Test func `what is not here is unknown, however it is asked for`() throws {
    var feed = SampleFeed(nonce: 1)
    let (store, _, _) = try open(MemoryDisk())
    try store.append([feed.batch(2)])
    let here = FeedPlace(feed: feed.feed)
    let stranger = FeedPlace(feed: FeedID(Bytes16(9, 9)))
    for (group, place, seq) in [
      (feed.group, here, UInt32(2)), (feed.group, stranger, 0), (GroupID(Bytes32()), here, 0),
    ] {
      #expect(try store.read(group, place, from: seq, bytesMax: .max).isEmpty)
      #expect(try store.stored(group, place, seq).map(\.arrival) == nil)
      #expect(try store.packed(group, place, from: seq, bytesMax: .max) == nil)
      #expect(throws: StorageError.unknownEntry) { _ = try store.entry(group, place, seq) }
      var recent = Store.Recent()
      #expect(throws: StorageError.unknownEntry) {
        _ = try store.entry(group, place, seq, &recent)
      }
      #expect(throws: StorageError.unknownEntry) { _ = try store.prepareErase(group, place, seq) }
      #expect(store.forget(group, place, from: seq) == seq)
    }
    #expect(store.damages.isEmpty)
  }

  @Test func `entries of one record group that are read in a row are read once`() throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    try store.append([feed.batch(2), feed.batch(1)])
    let (place, before) = (FeedPlace(feed: feed.feed), disk.reads)
    var recent = Store.Recent()
    for (seq, reads) in [(UInt32(0), 1), (1, 1), (2, 2), (1, 3)] {
      #expect(try store.entry(feed.group, place, seq, &recent).entry.seq == seq)
      #expect(disk.reads == before + reads, "entry \(seq)")
    }
  }

  @Test func `a branch is not sent while what it leaves is forgotten`() throws {
    var feed = SampleFeed(nonce: 1)
    let (store, _, _) = try open(MemoryDisk())
    try store.append([feed.batch(3)])
    var other = feed
    try store.append([feed.batch(2)])
    var right = other.batch(2, salt: 100)
    right.branch = BranchID(right.entries[0].id.prefix)
    try store.append([right])
    let place = FeedPlace(feed: feed.feed, branch: right.branch)
    #expect(try store.packed(feed.group, place, from: 3, bytesMax: .max) != nil)
    #expect(store.forget(feed.group, FeedPlace(feed: feed.feed), from: 1) == 0)
    #expect(throws: StorageError.unknownEntry) {
      try store.packed(feed.group, place, from: 3, bytesMax: .max)
    }
  }
}
