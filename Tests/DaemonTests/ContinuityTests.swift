import Cryptography
import Format
import Platform
import Replication
import TestSupport
import Testing

@testable import Daemon
@testable import Storage

/// Own feeds over several starts of one data directory, on a real disk.
@Suite struct ContinuityTests {
  /// What one start found and may write.
  private final class Start {
    let store: Store
    var replica: Replica
    let continuity: Continuity

    /// Opens the directory as another start of the same kernel; `inode` tells copies apart, `boot` starts of
    /// the kernel.
    init(_ office: SmallOffice, inode: UInt64 = 1, boot: UInt64 = 1) throws {
      let started = try office.started()
      store = started.store
      continuity = try Continuity(
        files: HeadLockFiles(state: try LinuxDisk.creating(root: office.state), runtime: nil),
        surroundings: .init(
          machine: Bytes16(0, 1), boot: Bytes16(0, boot), device: 1, inode: inode),
        store: started.store, damages: started.damages, replica: started.replica)
      replica = started.replica
      try continuity.begin(&replica, isNew: false)
    }

    /// Writes one own entry and makes it durable; returns the feed it went to.
    func write() throws -> FeedID {
      try write { try self.continuity.advance([$0]) }
    }

    /// `then` is told of what became durable, in the place of the lock.
    func write(_ then: (Batch) throws -> Void) throws -> FeedID {
      let device = replica.secrets.device
      let draft = Draft.message(
        .name(RequestID(Bytes16(Random.bytes16())), .device(device), try Name("laptop")))
      let composed = try replica.compose(replica.office, [draft], wall: 5)
      while let effect = replica.nextEffect() {
        guard case .store(let batch, let token, let isOwn) = effect else { continue }
        var jobs = [store.prepare(batch, isOwn: isOwn, arrival: 5)]
        try store.writer.perform(&jobs)
        #expect(jobs.allSatisfy { store.finish($0) })
        try then(batch)
        replica.handle(.stored(token, arrivalMilliseconds: 5), at: .zero)
      }
      return composed.place.feed
    }
  }

  @Test func `an own feed goes on over starts as long as nothing was put back`() throws {
    let office = try SmallOffice()
    // Without a lock beside the office genesis the founder's first feed cannot be proven.
    let feed = try Start(office).write()
    for _ in 0..<3 { #expect(try Start(office).write() == feed) }
  }

  @Test func `until others were asked first each start asks them anew`() throws {
    let office = try SmallOffice()
    for boot in [1, 2] as [UInt64] {
      // The second one ends before it has asked, or before it says so.
      for _ in 0..<2 { #expect(try Start(office, boot: boot).continuity.verdict.asksFirst) }
      let asking = try Start(office, boot: boot)
      #expect(asking.continuity.verdict.asksFirst)
      let feed = try asking.write()
      try asking.continuity.endAsking()
      let next = try Start(office, boot: boot)
      #expect(!next.continuity.verdict.asksFirst && next.continuity.verdict.newFeeds.isEmpty)
      #expect(try next.write() == feed)
    }
  }

  @Test func `what a copied directory closed stays closed at the second start`() throws {
    let office = try SmallOffice()
    let first = try Start(office).write()
    let copied = try Start(office, inode: 2)
    #expect(!copied.continuity.verdict.newFeeds.isEmpty)
    // Nothing was written meanwhile; the lock knows the new inode now.
    let second = try Start(office, inode: 2)
    #expect(second.continuity.verdict.newFeeds.isEmpty)
    let feed = try second.write()
    #expect(feed != first)
    #expect(try Start(office, inode: 2).write() == feed)
  }

  @Test func `what was on its way when its feed was closed opens it no more`() throws {
    let office = try SmallOffice()
    let start = try Start(office)
    let first = try start.write()
    let again = try start.write {
      try start.continuity.close(FeedID($0.feed.bytes))
      try start.continuity.advance([$0])
    }
    #expect(again == first)
    let feed = try Start(office).write()
    #expect(feed != first)
    #expect(try Start(office).write() == feed)
  }

  @Test func `a lock that could not be written is behind until it is`() throws {
    let office = try SmallOffice()
    let started = try office.started()
    let state = MemoryDisk()
    let continuity = try Continuity(
      files: HeadLockFiles(state: state, runtime: nil),
      surroundings: .init(machine: Bytes16(0, 1), boot: Bytes16(0, 1), device: 1, inode: 1),
      store: started.store, damages: [], replica: started.replica)
    var replica = started.replica
    try continuity.begin(&replica, isNew: true)
    let feed = try #require(replica.ownHeads.first?.feed)
    func named() throws -> [FeedID]? {
      try HeadLockFiles(state: state, runtime: nil).read().lock?.heads.map(\.feed)
    }
    #expect(try named() == [feed])
    state.setReadOnly(true)
    // Twice, for the first attempt has forgotten the feed already.
    #expect(throws: DiskError.self) { try continuity.close(feed) }
    #expect(throws: DiskError.self) { try continuity.close(feed) }
    state.setReadOnly(false)
    #expect(try named() == [feed])
    try continuity.close(feed)
    #expect(try named() == [])
    #expect(try HeadLockFiles(state: state.crashed(.lost), runtime: nil).read().lock?.heads == [])
  }

  @Test func `what could not be closed is not taken for closed when the asking ends`() throws {
    let office = try SmallOffice()
    let started = try office.started()
    let (store, state) = (started.store, MemoryDisk())
    var replica = started.replica
    func continuity(boot: UInt64) throws -> Continuity {
      try Continuity(
        files: HeadLockFiles(state: state, runtime: nil),
        surroundings: .init(machine: Bytes16(0, 1), boot: Bytes16(0, boot), device: 1, inode: 1),
        store: store, damages: [], replica: replica)
    }
    try continuity(boot: 1).begin(&replica, isNew: true)
    let asking = try continuity(boot: 2)
    try asking.begin(&replica, isNew: false)
    let feed = try #require(replica.ownHeads.first?.feed)
    state.setReadOnly(true)
    #expect(throws: DiskError.self) { try asking.close(feed) }
    state.setReadOnly(false)
    try asking.endAsking()
    try asking.close(feed)
    #expect(try HeadLockFiles(state: state.crashed(.lost), runtime: nil).read().lock?.heads == [])
  }

  @Test func `a feed that another copy wrote on is still closed after a restart`() throws {
    let office = try SmallOffice()
    let start = try Start(office)
    let first = try start.write()
    try start.continuity.close(first)
    let feed = try Start(office).write()
    #expect(feed != first)
    #expect(try Start(office).write() == feed)
  }

  /// After a power cut the lock may know less than was exposed; what else was lives in the log alone.
  @Test(arguments: [1, 2], [true, false])
  func `an own feed that rotted behind what the lock knows is not written on`(
    fromEnd: Int, isHead: Bool
  ) throws {
    let office = try SmallOffice()
    let start = try Start(office)
    let first = try start.write()
    for _ in 0..<3 { #expect(try start.write { _ in } == first) }
    let chain = try #require(start.store.index(office.office)?[FeedPlace(feed: first)])
    let place = chain.pieces[chain.pieces.count - 1 - fromEnd].place
    let disk = try LinuxDisk.creating(root: office.data)
    let file = try disk.openForWriting(StorePaths.segment(office.office, place.segment))
    // Of a head that cannot be read nothing tells whose entries they were.
    let at = UInt64(place.offset) + (isHead ? 20 : UInt64(place.length) - 1)
    var bytes: [UInt8] = [0]
    var span = bytes.mutableSpan
    _ = try disk.read(file, at: at, into: &span)
    bytes[0] ^= 4
    try disk.write(bytes.span, to: file, at: at)
    let after = try Start(office)
    #expect(after.continuity.verdict.newFeeds == [office.office: .logUnread])
    let second = try after.write()
    #expect(second != first)
    // The damage is still there, and before the end of what is written now.
    #expect(try Start(office).write() == second)
  }
}
