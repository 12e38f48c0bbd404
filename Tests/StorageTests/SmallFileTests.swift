import Format
import Platform
import TestSupport
import Testing

@testable import Storage

/// The small files beside the logs.
struct SmallFileTests {
  private let membership = HomeMembership(
    office: GroupID(Bytes32([UInt8](repeating: 1, count: 32)) ?? Bytes32()),
    member: MemberID(Bytes16(2, 2)),
    certificate: EntryID(Bytes32([UInt8](repeating: 3, count: 32)) ?? Bytes32()),
    sharedKey: Bytes32([UInt8](repeating: 4, count: 32)) ?? Bytes32())

  @Test func `the file of the office is read as it was written, and not at all where it is none`()
    throws
  {
    #expect(try HomeMembership.read(MemoryDisk()) == nil)
    let bytes = HomeFile.office.encode(membership.encode())
    let path = HomeFile.office.path
    #expect(try HomeMembership.read(MemoryDisk(files: [path: bytes])) == membership)
    for spoilt in bytes.indices.map({ at in
      var spoilt = bytes
      spoilt[at] ^= 1
      return spoilt
    }) + [bytes + [0], bytes.dropLast(), []] {
      #expect(throws: HomeFault.damaged("office")) {
        try HomeMembership.read(MemoryDisk(files: [path: spoilt]))
      }
    }
    let disk = MemoryDisk(files: [path: bytes])
    disk.failReads(of: path)
    #expect(throws: HomeFault.disk(DiskError(.read, "office", SystemError.inputOutput))) {
      try HomeMembership.read(disk)
    }
  }

  @Test func `the file of the keys holds what was put into it`() throws {
    let content = (0..<96).map { UInt8($0) }
    let disk = MemoryDisk(files: [HomeFile.keys.path: HomeFile.keys.encode(content)])
    #expect(try HomeFile.keys.read(disk) == content)
    #expect(throws: HomeFault.damaged("office")) {
      try HomeMembership.read(
        MemoryDisk(files: [HomeFile.office.path: HomeFile.keys.encode(content)]))
    }
  }

  @Test func `a head lock whose copy cannot be read gets another one`() throws {
    let (state, runtime) = (MemoryDisk(), MemoryDisk())
    let lock = HeadLock(
      counter: 3,
      surroundings: .init(machine: Bytes16(1, 1), boot: Bytes16(2, 2), device: 3, inode: 4),
      heads: [])
    #expect(try HeadLockFiles.newest(state) == nil)
    try HeadLockFiles(state: state, runtime: runtime).write(lock)
    #expect(try HeadLockFiles.newest(state) == lock)
    let path = try #require(runtime.files.keys.first)
    runtime.failReads(of: path)
    let files = HeadLockFiles(state: state, runtime: runtime)
    #expect(try !files.read().isLatestWhole)
    var newer = lock
    newer.counter = 4
    try files.write(newer)
    let reading = try HeadLockFiles(state: state, runtime: runtime).read()
    #expect(reading.isWhole && reading.lock == newer)
    #expect(try HeadLockFiles.newest(runtime) == newer)
  }

  @Test func `of what others hold as much is read as is whole`() {
    let items = (1...2).map { number in
      [UInt8](repeating: UInt8(number), count: 96) + [0, 0, 0, UInt8(number)]
    }
    for cut in 0..<200 {
      let read = DeliveredFile.items(Array((items[0] + items[1])[..<cut]))
      #expect(read.count == cut / 100 && read.allSatisfy { $0.seq == 1 })
    }
    let read = DeliveredFile.items(items[0] + items[1])
    #expect(read.map(\.seq) == [1, 2])
    #expect(
      read.last?.place == FeedPlace(feed: FeedID(Bytes16(of: 2)), branch: BranchID(Bytes16(of: 2))))
  }
}

extension Bytes16 {
  /// The same byte sixteen times.
  fileprivate init(of byte: UInt8) {
    self = Bytes16([UInt8](repeating: byte, count: 16)) ?? Bytes16()
  }
}
