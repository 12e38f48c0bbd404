import Cryptography
import Format
import Platform
import TestSupport

@testable import Storage

/// Marks that are the same in every run, so that a failing image can be made again.
struct CountingEntropy: Entropy {
  func fill(_ buffer: inout MutableSpan<UInt8>) {
    for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: 0xa7 &+ index &* 31) }
  }
}

extension StoreSettings {
  /// Without a floor of free space, for disks that are small on purpose.
  static func testing(segmentBytesMax: UInt64 = 1 << 22) -> StoreSettings {
    StoreSettings(
      segmentBytesMax: segmentBytesMax, freeBytesMin: 0, entropy: CountingEntropy())
  }
}

/// A record group as a store handed it over at opening, copied out.
struct Seen: Hashable, Sendable {
  let place: FeedPlace
  let first: UInt32
  let ids: [EntryID]
  let headers: [[UInt8]]
  let bodies: [[UInt8]?]
  let isOwn: Bool
  let arrival: UInt64
  let signature: SignatureBytes

  init(_ batch: Batch, _ isOwn: Bool, _ arrival: UInt64) {
    place = FeedPlace(feed: batch.feed, branch: batch.branch)
    first = batch.first
    ids = batch.entries.map(\.id)
    headers = batch.entries.map {
      Array(batch.records[Int($0.headerAt)..<Int($0.headerAt) + Int($0.headerSize)])
    }
    bodies = batch.entries.map { batch.body($0) }
    (self.isOwn, self.arrival, signature) = (isOwn, arrival, batch.signature)
  }
}

/// Opens a store and copies all it hands over.
func open(
  _ disk: any Disk, _ settings: StoreSettings = .testing(), promised: HeadLock.Promise = .heads([])
) throws -> (store: Store, report: RecoveryReport, seen: [Seen]) {
  var seen: [Seen] = []
  let (store, report) = try Store.open(disk, settings, first: [], promised: promised) {
    seen.append(Seen($0, $1, $2))
  }
  return (store, report, seen)
}

extension Store {
  /// Prepares, performs and finishes batches as the two threads would.
  func append(
    _ batches: [Batch], isOwn: Bool = false, inOffice: Bool = false, arrival: UInt64 = 5
  ) throws(StorageError) {
    var jobs = batches.map { prepare($0, isOwn: isOwn, inOffice: inOffice, arrival: arrival) }
    try writer.perform(&jobs)
    for job in jobs { _ = finish(job) }
  }
}

/// The product's hashes for the unpacker.
struct Hasher: EntryHasher {
  func bodyHash(_ bytes: RawSpan) -> Bytes32 { SampleFeed.hash(.body, Storage.bytes(of: bytes)) }
  func entryID(_ header: RawSpan) -> Bytes32 { SampleFeed.hash(.entry, Storage.bytes(of: header)) }
}
