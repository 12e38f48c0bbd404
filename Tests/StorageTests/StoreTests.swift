import Format
import Platform
import TestSupport
import Testing

@testable import Storage

/// Storing, reading back and sending on, on a real file system.
struct StoreTests {
  let directory = TemporaryDirectory()

  func disk() throws -> LinuxDisk { try LinuxDisk(root: directory.path) }

  @Test func `what was stored is handed over again, in order and byte for byte`() throws {
    var a = SampleFeed(nonce: 1)
    var b = SampleFeed(in: a.group, nonce: 2)
    let batches = [a.batch(3), b.batch(1), a.batch(256), b.batch(5)]
    do {
      let (store, report, seen) = try open(try disk())
      #expect(seen.isEmpty && report.damages.isEmpty)
      try store.append(Array(batches[0..<2]), isOwn: true, arrival: 11)
      try store.append(Array(batches[2..<4]), isOwn: false, arrival: 12)
    }
    for _ in 0..<2 {
      let (store, report, seen) = try open(try disk())
      #expect(
        seen
          == [
            Seen(batches[0], true, 11), Seen(batches[1], true, 11),
            Seen(batches[2], false, 12), Seen(batches[3], false, 12),
          ])
      #expect(report.damages.isEmpty && report.cuts.isEmpty && report.entries == 265)
      #expect(store.index(a.group)?[FeedPlace(feed: a.feed)]?.next == 259)
      #expect(store.index(a.group)?[FeedPlace(feed: b.feed)]?.headID == batches[3].last.id)
      let again = try #require(try store.stored(a.group, FeedPlace(feed: a.feed), 200))
      #expect(Seen(again.batch, false, again.arrival) == Seen(batches[2], false, 12))
      #expect(try store.stored(a.group, FeedPlace(feed: a.feed), 259)?.arrival == nil)
    }
  }

  @Test func `small record groups are sent as one batch that starts anywhere`() throws {
    var feed = SampleFeed(nonce: 1)
    let (store, _, _) = try open(try disk())
    var ids: [EntryID] = []
    var last = SignatureBytes()
    for size in [1, 1, 4, 1, 7, 1] {
      let batch = feed.batch(size)
      ids += batch.entries.map(\.id)
      last = batch.signature
      try store.append([batch])
    }
    for from in 0..<feed.next {
      let place = FeedPlace(feed: feed.feed)
      let packed = try #require(
        try store.packed(feed.group, place, from: from, bytesMax: .max))
      let head = try BatchHead(decoding: packed, at: 16)
      #expect(Array(packed[0..<16]) == place.branch.bytes.array)
      #expect(head.first == from && Int(head.count) == ids.count - Int(from))
      #expect(head.signature == last)
      var unpacker = BatchUnpacker(
        head, entriesAt: 16 + BatchHead.size,
        prev: from == 0 ? EntryID(Bytes32()) : ids[Int(from) - 1])
      var records: [UInt8] = []
      let entries = try unpacker.unpack(packed, into: &records, hasher: Hasher())
      #expect(entries.map(\.id) == Array(ids[Int(from)...]))
    }
  }

  @Test func `a batch to send ends at a signature and stays within both limits`() throws {
    var feed = SampleFeed(nonce: 1, bodySize: 2_000)
    let (store, _, _) = try open(try disk())
    for _ in 0..<40 { try store.append([feed.batch(10)]) }
    let place = FeedPlace(feed: feed.feed)
    var from: UInt32 = 0
    var counts: [Int] = []
    while let packed = try store.packed(feed.group, place, from: from, bytesMax: .max) {
      let head = try BatchHead(decoding: packed, at: 16)
      counts.append(Int(head.count))
      from += UInt32(head.count)
    }
    #expect(from == 400 && counts.allSatisfy { $0 % 10 == 0 && $0 <= 120 && $0 >= 40 })
    #expect(try store.packed(feed.group, place, from: 400, bytesMax: .max) == nil)
    let least = try #require(try store.packed(feed.group, place, from: 3, bytesMax: 0))
    #expect(try BatchHead(decoding: least, at: 16).count == 7)
  }

  @Test func `a log goes on in a new segment and is read across the border`() throws {
    var feed = SampleFeed(nonce: 1, bodySize: 30_000)
    let settings = StoreSettings.testing(segmentBytesMax: 300_000)
    let place = FeedPlace(feed: feed.feed)
    do {
      let (store, _, _) = try open(try disk(), settings)
      for _ in 0..<25 { try store.append([feed.batch(1)]) }
      let packed = try #require(
        try store.packed(feed.group, place, from: 2, bytesMax: .max))
      #expect(try BatchHead(decoding: packed, at: 16).count == 8)
    }
    let (store, report, seen) = try open(try disk(), settings)
    #expect(seen.count == 25 && report.damages.isEmpty)
    #expect(try disk().list(StorePaths.group(feed.group)).count == 3)
    for seq in 1..<UInt32(25) {
      let (batch, entry) = try store.entry(feed.group, place, seq)
      #expect(batch.body(entry) == feed.body(seq))
    }
  }
}
