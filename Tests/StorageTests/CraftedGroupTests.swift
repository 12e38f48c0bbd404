import Format
import TestSupport
import Testing

@testable import Storage

/// Record groups whose checksums hold and whose content does not: another program made them, or a bug.
struct CraftedGroupTests {
  private static let offset: UInt64 = 128
  private static let mark: UInt32 = 7

  /// Three entries as the writer seals them.
  private struct Sealed {
    let group: GroupID
    let seed: PlaceSeed
    var bytes: [UInt8]
    var head: GroupHead
    let entries: [EntrySummary]

    /// What is changed is changed before the checksums are made.
    init(_ change: (inout Batch) -> Void) throws {
      var feed = SampleFeed(nonce: 1)
      var batch = feed.batch(3)
      change(&batch)
      (group, entries) = (feed.group, batch.entries)
      seed = PlaceSeed(group: group, segment: 1)
      var job = WriteJob(batch, isOwn: false, inOffice: false, arrival: 5, generation: 0)
      _ = job.seal(mark: mark, seed: seed, segment: 1, offset: offset, durable: 0)
      let bytes = job.batch.records
      let read = GroupHead(bytes.raw, 0, mark: mark, seed: seed, offset: offset)
      head = try #require(read)
      self.bytes = bytes
    }

    /// What is wrong with it, read as one of `group`.
    func fault(as group: GroupID) -> GroupFault? {
      do throws(GroupFault) {
        _ = try checkedBatch(bytes, head, group: group, seed: seed, start: 0, offset: offset)
        return nil
      } catch {
        return error
      }
    }
  }

  @Test func `a head that counts more or fewer entries than stand behind it is refused`() throws {
    var sealed = try Sealed { _ in }
    #expect(sealed.fault(as: sealed.group) == nil)
    sealed.head.count = 2
    #expect(sealed.fault(as: sealed.group) == .badContent(entry: 2))
    sealed.head.count = 4
    #expect(sealed.fault(as: sealed.group) == .badContent(entry: 3))
  }

  @Test func `entries of another group are refused`() throws {
    let sealed = try Sealed { _ in }
    let other = GroupID(Bytes32([UInt8](repeating: 8, count: 32)) ?? Bytes32())
    // The genesis of a group names none.
    #expect(sealed.fault(as: other) == .badContent(entry: 1))
  }

  @Test func `a header that breaks a rule is refused`() throws {
    let sealed = try Sealed { batch in
      batch.records[Int(batch.entries[2].headerAt) + HeaderLayout.kind] = 0
    }
    #expect(sealed.fault(as: sealed.group) == .badContent(entry: 2))
  }

  @Test func `a body that is not there and was not erased is damaged`() throws {
    var sealed = try Sealed { batch in
      batch.records.removeLast(batch.entries[2].bodyCount)
      batch.entries[2].bodyState = .erased
    }
    #expect(sealed.fault(as: sealed.group) == nil)
    let prefixAt = Int(sealed.entries[2].headerAt) - RecordLayout.prefixSize
    sealed.bytes[prefixAt + RecordLayout.bodyChecksum] ^= 1
    #expect(sealed.fault(as: sealed.group) == .badBody(entry: 2))
  }

  @Test func `a head that states what none can is none`() throws {
    let sealed = try Sealed { _ in }
    let changes: [(inout GroupHead) -> Void] = [
      { $0.count = 0 }, { $0.count = UInt16(Limits.runEntriesMax + 1) },
      { $0.length = UInt32(GroupHead.size - 1) },
      { $0.length = UInt32(RecordLayout.groupSizeMax + 1) }, { $0.first = .max - 2 },
    ]
    for (number, change) in changes.enumerated() {
      var (head, bytes) = (sealed.head, sealed.bytes)
      change(&head)
      var span = bytes.mutableSpan
      var raw = unsafe span.mutableBytes
      _ = head.store(&raw, seed: sealed.seed, offset: Self.offset)
      let read = GroupHead(
        bytes.raw, 0, mark: Self.mark, seed: sealed.seed, offset: Self.offset)
      #expect(read == nil, "change \(number)")
    }
  }

  @Test func `entries that are more than may travel together are damaged, and not sent`() throws {
    var feed = SampleFeed(nonce: 1, bodySize: 60_000)
    var batch = feed.batch(7)
    // The bodies never came, so that they take no room here; their headers state them.
    var records = Array(batch.records[..<RecordLayout.headSize])
    for index in batch.entries.indices {
      let entry = batch.entries[index]
      records += [UInt8](repeating: 0, count: RecordLayout.prefixSize)
      batch.entries[index].headerAt = UInt32(records.count)
      records += batch.records[Int(entry.headerAt)..<entry.bodyAt]
      if entry.seq > 0 { batch.entries[index].bodyState = .erased }
    }
    batch.records = records
    let (store, _, _) = try open(MemoryDisk())
    try store.append([batch])
    let place = FeedPlace(feed: feed.feed)
    #expect(try store.read(feed.group, place, from: 0, bytesMax: .max).map(\.entries.count) == [7])
    #expect(throws: StorageError.self) {
      try store.packed(feed.group, place, from: 0, bytesMax: .max)
    }
    #expect(store.damages.map(\.kind) == [.group(.badContent(entry: 5))])
  }
}
