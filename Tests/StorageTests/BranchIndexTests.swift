import Format
import Testing

@testable import Storage

/// Record groups that name a branch which nothing here gives a place.
struct BranchIndexTests {
  private static let place = RecordPlace(segment: 1, offset: 128, length: 500)

  /// A feed of three entries, and the index that holds them.
  private func start() -> (feed: SampleFeed, trunk: Batch, index: LogIndex) {
    var feed = SampleFeed(nonce: 1)
    let trunk = feed.batch(3)
    var index = LogIndex()
    #expect(index.take(trunk, prev: trunk.prev, at: Self.place) == .next)
    return (feed, trunk, index)
  }

  private func name(of entry: EntrySummary) -> BranchID { BranchID(entry.id.prefix) }

  @Test func `a branch that none of the entries begins waits for the one that does`() {
    var (feed, _, index) = start()
    let batch = feed.batch(1, branch: BranchID(Bytes16(7, 7)))
    #expect(index.take(batch, prev: batch.prev, at: Self.place) == .gap(expected: 0))
    #expect(index.places == [FeedPlace(feed: feed.feed)])
  }

  @Test func `a branch begins neither a feed nor with what the feed goes on with`() {
    var (_, trunk, index) = start()
    for entry in [trunk.entries[0], trunk.entries[2]] {
      trunk.branch = name(of: entry)
      #expect(index.take(trunk, prev: trunk.prev, at: Self.place) == .conflict)
    }
    #expect(index.places == [FeedPlace(feed: trunk.feed)])
  }

  @Test func `a branch whose lamport does not ascend from what it leaves contradicts it`() {
    var (feed, _, index) = start()
    feed.setLamport(2)
    var batch = feed.batch(1, salt: 9)
    batch.branch = name(of: batch.entries[0])
    #expect(index.take(batch, prev: batch.prev, at: Self.place) == .conflict)
    #expect(index.places == [FeedPlace(feed: feed.feed)])
  }

  @Test func `what was written before its feed parted belongs to the last branch that it reaches`()
  {
    var (feed, trunk, index) = start()
    for seq in [2, 1] {
      var other = SampleFeed(nonce: 1)
      _ = other.batch(seq)
      var branch = other.batch(1, salt: 9)
      branch.branch = name(of: branch.entries[0])
      #expect(index.take(branch, prev: branch.prev, at: Self.place) == .next)
    }
    let next = feed.batch(1)
    _ = feed.batch(1)
    #expect([trunk, next].allSatisfy { index.branch(of: $0) == name(of: trunk.entries[2]) })
    // Entries are missing before it, so that nothing says which of the branches it continues.
    #expect(index.branch(of: feed.batch(1)).isZero)
  }

  @Test func `what stands before a branch is none of its entries`() {
    var (feed, trunk, index) = start()
    var batch = feed.batch(1, salt: 9)
    batch.branch = name(of: batch.entries[0])
    #expect(index.take(batch, prev: batch.prev, at: Self.place) == .next)
    trunk.branch = batch.branch
    #expect(index.take(trunk, prev: trunk.prev, at: Self.place) == .conflict)
  }

  @Test func `forgetting what is not here changes nothing`() {
    var (feed, trunk, index) = start()
    let stranger = FeedPlace(feed: FeedID(Bytes16(9, 9)))
    index.forget(stranger, from: 0, headID: EntryID(Bytes32()))
    #expect(index.places == [FeedPlace(feed: feed.feed)] && index[stranger] == nil)
    #expect(index[FeedPlace(feed: feed.feed)]?.headID == trunk.last.id)
  }
}
