import Format
import Platform
import TestSupport
import Testing

@testable import Storage

/// A store of four record groups of two feeds in one log, and what it handed over when whole.
struct SmallStore {
  let files: [DiskPath: [UInt8]]
  let whole: [Seen]
  let group: GroupID
  let settings: StoreSettings

  /// With two segments: the second holds the last record group alone.
  static func long() throws -> SmallStore {
    try SmallStore(segmentBytesMax: 270_000, bodySize: 65_000, first: 4)
  }

  init(segmentBytesMax: UInt64 = 1 << 22, bodySize: Int = 20, first: Int = 2) throws {
    let settings = StoreSettings.testing(segmentBytesMax: segmentBytesMax)
    self.settings = settings
    var a = SampleFeed(nonce: 1, bodySize: bodySize)
    var b = SampleFeed(in: a.group, nonce: 2, bodySize: bodySize)
    group = a.group
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk, settings)
    try store.append([a.batch(first)], isOwn: true)
    try store.append([b.batch(1), a.batch(1)])
    try store.append([b.batch(2)])
    files = disk.files
    whole = try open(disk, settings).seen
    try #require(whole.count == 4)
  }

  /// The bytes of a segment of the log, without the room reserved behind them.
  func segments() -> [DiskPath: [UInt8]] {
    files.mapValues { bytes in
      let end = bytes.lastIndex { $0 != 0 } ?? 0
      return Array(bytes[...end])
    }
  }
}
