import Format
import Platform
import TestSupport
import Testing

@testable import Storage

/// Who may still write on a disk that runs full, and when everybody may again (S-11).
struct RoomTests {
  @Test func `on a disk that others filled own entries are still written`() throws {
    let disk = MemoryDisk()
    var settings = StoreSettings.testing()
    settings.freeBytesMin = 100_000
    var (own, other) = (SampleFeed(nonce: 1), SampleFeed(nonce: 2, bodySize: 4_000))
    let (store, _, _) = try open(disk, settings)
    try store.append([own.batch(1)], isOwn: true)
    try store.append([other.batch(1)])
    let used = disk.files.values.reduce(0) { $0 + $1.count }
    disk.limit(room: used + 99_000)
    let flood = other.batch(2)
    let full = StorageFull.floor(free: 99_000, floor: 100_000, refused: .others)
    #expect(throws: StorageError.full(full)) { try store.append([flood]) }
    #expect(store.state == .full(full))
    #expect(store.state.takesOwn && store.state.isResumable)
    // What removes whoever filled it.
    try store.append([own.batch(1)], isOwn: true)
    #expect(throws: StorageError.self) { try store.append([flood]) }
    try store.append([own.batch(1)], isOwn: true)
    // There is an end to that too, and behind what was not stored nothing is.
    disk.limit(room: used + 50_001)
    let last = own.batch(1)
    #expect(throws: StorageError.self) { try store.append([last], isOwn: true) }
    #expect(!store.state.takesOwn)
    disk.limit(room: used + 49_000)
    #expect(throws: StorageError.self) { try store.resume() }
    disk.limit(room: used + 60_000)
    try store.resume()
    try store.append([last], isOwn: true)
    #expect(throws: StorageError.self) { try store.append([flood]) }
    #expect(store.state.takesOwn)
    disk.limit(room: used + 99_999)
    #expect(throws: StorageError.self) { try store.resume() }
    disk.limit(room: .max)
    try store.resume()
    try store.append([flood])
    #expect(try open(disk.crashed(.lost), settings).report.entries == 7)
  }

  private func filled(
    _ store: Store, _ disk: MemoryDisk, _ batch: Batch, free: Int
  ) throws -> Int {
    let used = disk.files.values.reduce(0) { $0 + $1.count }
    disk.limit(room: used + free)
    #expect(throws: StorageError.self) { try store.append([batch]) }
    return used
  }

  @Test func `what others wrote is taken in again only when there is room for a while`() throws {
    let disk = MemoryDisk()
    var settings = StoreSettings.testing()
    settings.freeBytesMin = 100_000
    var other = SampleFeed(nonce: 2, bodySize: 4_000)
    let (store, _, _) = try open(disk, settings)
    try store.append([other.batch(1)])
    let flood = other.batch(2)
    let used = try filled(store, disk, flood, free: 100_001)
    // Room for the batch itself, and no more: the next one would end it at once.
    disk.limit(room: used + 100_000 + flood.records.count)
    #expect(throws: StorageError.self) { try store.resume() }
    #expect(!store.state.takes(.others) && store.state.takesOwn)
    disk.limit(room: used + 100_000 + 5_000_000)
    try store.resume()
    try store.append([flood])
  }

  @Test func `for a removal that others wrote there is more room than for the flood`() throws {
    let disk = MemoryDisk()
    var settings = StoreSettings.testing()
    settings.freeBytesMin = 100_000
    var (flood, office, own) = (
      SampleFeed(nonce: 1, bodySize: 4_000), SampleFeed(nonce: 2), SampleFeed(nonce: 3)
    )
    let (store, _, _) = try open(disk, settings)
    try store.append([flood.batch(1)])
    try store.append([office.batch(1)], inOffice: true)
    try store.append([own.batch(1)], isOwn: true)
    let used = try filled(store, disk, flood.batch(2), free: 99_000)
    try store.append([office.batch(1)], inOffice: true)
    // That ends before what is kept for own entries does.
    disk.limit(room: used + 74_000)
    let refused = office.batch(1)
    #expect(throws: StorageError.self) { try store.append([refused], inOffice: true) }
    #expect(!store.state.takes(.office) && store.state.takesOwn)
    disk.limit(room: used + 90_000)
    let later = office.batch(1)
    #expect(throws: StorageError.notWriting(store.state)) {
      try store.append([later], inOffice: true)
    }
    try store.append([own.batch(1)], isOwn: true)
    disk.limit(room: .max)
    try store.resume()
    try store.append([refused, later], inOffice: true)
    #expect(try open(disk.crashed(.lost), settings).report.entries == 7)
  }

  @Test func `a quota that is used up is believed, whatever the disk says of its room`() throws {
    var feed = SampleFeed(nonce: 1, bodySize: 4_000)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    try store.append([feed.batch(1)])
    let used = disk.files.values.reduce(0) { $0 + $1.count }
    disk.limit(room: used, isTold: false)
    let batch = feed.batch(40)
    #expect(throws: StorageError.self) { try store.append([batch]) }
    for more in [0, Limits.storeAheadBytesMax] {
      disk.limit(room: used + more, isTold: false)
      #expect(throws: StorageError.self) { try store.resume() }
      guard case .full(.system) = store.state else {
        Issue.record("it goes on")
        return
      }
      #expect(disk.files[StorePaths.room] == nil)
    }
    disk.limit(room: used + 2 * Limits.storeAheadBytesMax, isTold: false)
    try store.resume()
    try store.append([batch])
    #expect(try open(disk.crashed(.lost)).report.entries == 41)
  }

  @Test func `what was taken to try the room is given back after a crash`() throws {
    let disk = MemoryDisk(files: [StorePaths.room: [UInt8](repeating: 0, count: 9)])
    let (_, report, _) = try open(disk)
    #expect(report.strangers.isEmpty && disk.crashed(.lost).files.isEmpty)
  }

  @Test func `a disk that does not say how much room it has is asked again`() throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    try store.append([feed.batch(1)])
    disk.failSpace(true)
    let batch = feed.batch(1)
    #expect(throws: StorageError.self) { try store.append([batch]) }
    #expect(!store.state.takesOwn && store.state.isResumable)
    #expect(throws: StorageError.self) { try store.resume() }
    disk.failSpace(false)
    // By now it is full, and that is what it says.
    disk.limit(room: disk.files.values.reduce(0) { $0 + $1.count })
    #expect(throws: StorageError.self) { try store.resume() }
    guard case .full(.floor) = store.state else {
      Issue.record("it is \(store.state)")
      return
    }
    disk.limit(room: .max)
    try store.resume()
    try store.append([batch])
    #expect(try open(disk.crashed(.lost)).report.entries == 2)
  }
}
