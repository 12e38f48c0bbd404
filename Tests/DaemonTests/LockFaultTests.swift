import Control
import Cryptography
import Format
import Foundation
import Platform
import Replication
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// What a node does while what says where its own messages end cannot be written.
@Suite struct LockFaultTests {
  /// Stores at once, and keeps the outcomes until the test takes them.
  private final class Inline: StoreWorker {
    private let work: StoreQueue.Work

    init(_ work: @escaping StoreQueue.Work) { self.work = work }

    func submit(_ order: StoreQueue.Order) -> Bool {
      var orders = [order]
      work(&orders)
      return true
    }

    func stop() {}
  }

  private final class Outcomes: Sendable {
    let list = Mutex<[StoreQueue.Outcome]>([])
  }

  private let office: SmallOffice
  private let node: OfficeNode
  private let state = MemoryDisk()
  private let outcomes = Outcomes()
  private let link = Replication.LinkID(1)

  init() throws {
    office = try SmallOffice()
    let started = try office.started()
    let clock = LinuxClock()
    let outcomes = outcomes
    node = try OfficeNode(
      number: 1, replica: started.replica, store: started.store,
      home: Home(disk: try LinuxDisk.creating(root: office.data)), clock: clock,
      origin: clock.now(), storing: { Inline($0) },
      answer: { outcome in outcomes.list.withLock { $0.append(outcome) } })
    let continuity = try Continuity(
      files: HeadLockFiles(state: state, runtime: nil),
      surroundings: .init(machine: Bytes16(0, 1), boot: Bytes16(0, 1), device: 1, inode: 1),
      store: node.store, damages: [], replica: node.replica)
    try continuity.begin(&node.replica, isNew: true)
    node.continuity = continuity
  }

  /// Takes what the disk has done, until nothing more is.
  private func settle() {
    node.commitWaiting()
    while true {
      let taken = outcomes.list.withLock { list in
        defer { list = [] }
        return list
      }
      guard !taken.isEmpty else { return }
      for outcome in taken { node.take(outcome) }
      node.commitWaiting()
    }
  }

  /// Writes one own entry; nil where it was kept.
  private func write() throws -> ErrorName? {
    var answer: ErrorName?
    let draft = Draft.message(
      .name(node.request(), .device(node.replica.secrets.device), try Name("laptop")))
    node.write(node.office, [draft]) { result in
      if case .failure(let error) = result { answer = error.name }
    }
    settle()
    return answer
  }

  private var heads: [UInt32]? {
    get throws { try HeadLockFiles(state: state, runtime: nil).read().lock?.heads.map(\.seq) }
  }

  @Test func `nothing own is written until it can be written again, and that is visible`() throws {
    #expect(try write() == nil)
    #expect(try heads == [1])
    state.setReadOnly(true)
    // This one is durable, and whoever wrote it is told so.
    #expect(try write() == nil)
    #expect(node.lockFault?.contains("heads-now") ?? false)
    #expect(try write() == .readOnly)
    node.keepLock()
    #expect(node.lockFault != nil)
    state.setReadOnly(false)
    #expect(try heads == [1])
    node.keepLock()
    #expect(node.lockFault == nil)
    #expect(try heads == [2])
    #expect(try write() == nil)
    #expect(try heads == [3])
  }

  @Test func `what another copy wrote on an own feed waits until that is written down`() throws {
    let head = try #require(node.replica.ownHeads.first)
    let entries = try ofCopy()
    state.setReadOnly(true)
    node.handle(
      .linkUp(
        link, node.replica.secrets.device, noise: node.replica.secrets.noiseIdentity,
        named: node.replica.certificate))
    node.handle(.received(link, .entries(try EntriesMessage(decoding: entries))))
    settle()
    let place = FeedPlace(feed: head.feed)
    #expect(node.lockFault != nil && node.replica.isStoring)
    #expect(node.store.index(node.office)?[place]?.next == 1)
    state.setReadOnly(false)
    node.keepLock()
    settle()
    #expect(node.lockFault == nil && !node.replica.isStoring)
    #expect(node.store.index(node.office)?[place]?.next == 2)
    #expect(try heads == [])
  }

  @Test func `what another copy wrote takes no room while that cannot be written down`() throws {
    let head = try #require(node.replica.ownHeads.first)
    let entries = try ofCopy()
    state.setReadOnly(true)
    node.lockFault = "it cannot be written"
    let place = FeedPlace(feed: head.feed)
    let next = try #require(node.store.index(node.office)?[place]?.next)
    node.handle(
      .linkUp(
        link, node.replica.secrets.device, noise: node.replica.secrets.noiseIdentity,
        named: node.replica.certificate))
    node.handle(.received(link, .entries(try EntriesMessage(decoding: entries))))
    settle()
    #expect(node.store.index(node.office)?[place]?.next == next && !node.replica.isStoring)
    #expect(try write() == .readOnly)
    state.setReadOnly(false)
    node.keepLock()
    node.handle(.received(link, .entries(try EntriesMessage(decoding: entries))))
    settle()
    #expect(node.lockFault == nil && !node.replica.isStoring)
    #expect(node.store.index(node.office)?[place]?.next == next + 1)
  }

  /// The second entry of the own feed, as a copy of the data directory writes it.
  private func ofCopy() throws -> [UInt8] {
    let root = office.folder.path + "/copy"
    try FileManager.default.copyItem(atPath: office.data, toPath: root)
    let disk = try LinuxDisk.creating(root: root)
    guard let secrets = try Home(disk: disk).readKeys() else { throw HomeFault.damaged("keys") }
    var replica = Replica(
      office: office.office, secrets: secrets, member: office.member,
      certificate: EntryID(office.office.bytes))
    let (store, _) = try Store.open(disk, .standard(entropy: LinuxEntropy()), first: []) {
      batch, _, arrival in replica.restore(batch, arrivalMilliseconds: arrival)
    }
    replica.finishRestoring()
    let draft = Draft.message(
      .name(
        RequestID(Bytes16(Random.bytes16())), .device(replica.secrets.device), try Name("copy")))
    let composed = try replica.compose(office.office, [draft], wall: 9)
    while let effect = replica.nextEffect() {
      guard case .store(let batch, _, let isOwn) = effect else { continue }
      var jobs = [store.prepare(batch, isOwn: isOwn, arrival: 5)]
      try store.writer.perform(&jobs)
      #expect(jobs.allSatisfy { store.finish($0) })
    }
    let found = try store.packed(
      office.office, FeedPlace(feed: composed.place.feed), from: 1, bytesMax: .max)
    return try #require(found)
  }

  @Test func `what may lie in memory alone is shown here and told to nobody`() throws {
    #expect(try write() == nil)
    let head = try #require(node.replica.ownHeads.first)
    let stored = { [node] in node.replica.standings(of: node.office).map(\.storedCount) }
    #expect(stored() == [2])
    node.replica.holdBack(node.office, FeedPlace(feed: head.feed), from: 1)
    #expect(stored() == [1])
    // What it wrote itself it knows, and goes on behind it.
    #expect(node.replica.ownHeads.first?.seq == 1)
  }
}
