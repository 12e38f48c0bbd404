import Authority
import Cryptography
import Format
import Platform
import Replication
import Storage
import TestSupport
import Testing

/// A replica with a store on a disk in memory: everything handed over is durable at once, or when
/// told. What is read again comes out of the store, as in a daemon.
final class MemoryNode {
  var replica: Replica
  let disk: MemoryDisk
  private let store: Store
  /// Record groups in the order in which they became durable since the start.
  private(set) var log: [Batch] = []
  var storedCount: Int { log.count }
  var now: Duration = .zero
  var wall: UInt64 = 1_700_000_000_000
  /// While false, batches wait in `unstored`, as on a slow disk.
  var storesAtOnce = true
  /// While false, stored entries cannot be read again, as on a failing disk.
  var canLoad = true
  /// How often stored entries were asked for again.
  private(set) var loadCount = 0
  /// Whether it writes `suspend` when a fork is to be told, as daemons do.
  var tellsForks = true
  /// Whether it makes the epochs that are due, as daemons do.
  var renewsEpochs = false
  /// The groups whose epoch it was told to make, as often as it was told.
  var epochsDue: [GroupID] = []
  private(set) var unstored: [(Batch, StoreToken, isOwn: Bool)] = []
  private(set) var happenings: [Happening] = []
  var closed: [(LinkID, Message.Bye, Violation?)] = []
  private var links: UInt64 = 0
  private static let settings = StoreSettings(
    segmentBytesMax: 1 << 22, freeBytesMin: 0, entropy: FixedEntropy())
  /// Messages for the peers of links, in order.
  var outbox: [(LinkID, Message)] = []

  /// A node with nothing in its store.
  convenience init(_ replica: consuming Replica) {
    self.init(replica, MemoryDisk())
  }

  /// A node that reads what is on its disk.
  private init(_ replica: consuming Replica, _ disk: MemoryDisk) {
    var replica = replica
    let (store, report) = try! Store.open(disk, MemoryNode.settings, first: [replica.office]) {
      batch, _, arrival in
      replica.restore(batch, arrivalMilliseconds: arrival)
    }
    #expect(report.damages.isEmpty)
    replica.finishRestoring()
    self.disk = disk
    self.store = store
    self.replica = replica
    drain()
  }

  /// The first device of a new office.
  static func founder() -> MemoryNode {
    let secrets = DeviceSecrets()
    let member = MemberID(secrets.device.bytes.prefix)
    let founding = Founding(
      secrets: secrets, member: member,
      recoveryKey: DeviceKey(Bytes32([UInt8](repeating: 7, count: 32))!),
      officeSecret: Bytes32([UInt8](repeating: 9, count: 32))!, nonce: Bytes16(Random.bytes16()),
      wall: 1_700_000_000_000)
    let disk = MemoryDisk()
    let (store, _) = try! Store.open(
      disk, MemoryNode.settings, first: []
    ) { _, _, _ in }
    var jobs = [store.prepare(founding.batch, isOwn: true, arrival: 1_700_000_000_000)]
    try! store.writer.perform(&jobs)
    let replica = Replica(
      office: founding.office, secrets: secrets, member: member,
      certificate: EntryID(founding.office.bytes))
    return MemoryNode(replica, disk)
  }

  func nextLink() -> LinkID {
    links += 1
    return LinkID(links)
  }

  /// The rules that peers broke, as this node named them.
  var brokenRules: [String] { closed.compactMap { $0.2?.rule } }

  /// Whether a fork was found, and whether an own feed was closed.
  var hasFoundFork: Bool {
    happenings.contains { happening in
      if case .forked = happening { return true }
      return false
    }
  }
  var hasClosedOwnFeed: Bool {
    happenings.contains { happening in
      if case .ownFeedClosed = happening { return true }
      return false
    }
  }

  func handle(_ input: Input) {
    replica.handle(input, at: now)
    drain()
  }

  /// Lets time pass and timers run.
  func advance(_ duration: Duration) {
    now += duration
    wall += 1
    handle(.tick)
  }

  func drain() {
    while let effect = replica.nextEffect() {
      switch effect {
      case .store(let batch, let token, let isOwn):
        unstored.append((batch, token, isOwn))
        if storesAtOnce { storeAll() }
      case .send(let link, let message): outbox.append((link, message))
      case .close(let link, let bye, let violation): closed.append((link, bye, violation))
      case .load(let group, let place, let from):
        loadCount += 1
        let batches =
          canLoad ? (try? store.read(group, place, from: from, bytesMax: 1)) ?? [] : []
        if batches.isEmpty {
          #expect(!canLoad, "entries that are not in the store were asked for")
          replica.handle(.loadFailed(group, place), at: now)
        }
        for batch in batches { replica.handle(.loaded(batch, arrivalMilliseconds: wall), at: now) }
      case .happened(let happening):
        happenings.append(happening)
        if case .suspensionDue(let due) = happening, tellsForks { suspend(due) }
        if case .epochDue(let group) = happening { epochsDue.append(group) }
        if case .epochDue(let group) = happening, renewsEpochs {
          _ = try? replica.composeEpoch(group, wall: wall)
        }
      }
    }
  }

  /// Tells the office of a fork, as a daemon does.
  private func suspend(_ due: SuspensionDue) {
    let sides = due.sides.compactMap { try? store.entry(due.group, $0, due.seq).entry.id }.sorted()
    guard sides.count == 2 else {
      Issue.record("the sides of a fork are not in the store")
      return
    }
    let operation = Operation.suspend(due.feed, seq: due.seq, sides[0], sides[1])
    _ = try? replica.compose(replica.office, [.control(operation)], wall: wall)
  }

  /// Everything that waits becomes durable.
  func storeAll() {
    while !unstored.isEmpty {
      let (batch, token, isOwn) = unstored.removeFirst()
      log.append(batch)
      var jobs = [store.prepare(batch, isOwn: isOwn, arrival: wall)]
      try! store.writer.perform(&jobs)
      #expect(jobs.allSatisfy { store.finish($0) })
      #expect(store.damages.isEmpty)
      replica.handle(.stored(token, arrivalMilliseconds: wall), at: now)
      drain()
    }
  }

  /// The content of an `entries` message for what a link wants next.
  func nextEntries(_ link: LinkID) -> [UInt8]? {
    while let serving = replica.nextServing(on: link) {
      let content = try? store.packed(
        serving.group, serving.place, from: serving.from, bytesMax: serving.bytesMax)
      guard let content, let head = try? BatchHead(decoding: content, at: 16) else {
        replica.served(serving, through: nil, on: link)
        continue
      }
      replica.served(serving, through: head.first + UInt32(head.count) - 1, on: link)
      return content
    }
    return nil
  }

  /// The IDs of all entries of a group in the store, by branch.
  func entries(_ group: GroupID) -> [FeedPlace: [Bytes16]] {
    guard let index = store.index(group) else { return [:] }
    var all: [FeedPlace: [Bytes16]] = [:]
    for place in index.places {
      guard let chain = index[place] else { continue }
      all[place] = (chain.start..<chain.next).compactMap { chain.prefix($0) }
    }
    return all
  }

  /// The texts of a group in the order in which they are shown, or what stands for them.
  func texts(_ group: GroupID) -> [String] {
    replica.newest(group, limit: 10_000, before: nil, since: nil, until: nil).messages.map {
      place in
      guard let (batch, entry) = find(group, place.place, place.seq),
        let header = try? batch.header(entry)
      else { return "?" }
      switch replica.read(group, header, batch.body(entry)) {
      case .content(.text(_, let bytes, _)): return String(decoding: bytes, as: UTF8.self)
      case .waitingForKey: return "(no key)"
      default: return "(other)"
      }
    }
  }

  /// The texts that are shown: without those that a removal made void.
  func shown(_ group: GroupID) -> [String] {
    replica.newest(group, limit: 10_000, before: nil, since: nil, until: nil).messages.compactMap {
      place in
      guard let (batch, entry) = find(group, place.place, place.seq),
        !replica.isVoid(
          entry.id, EntryPlace(place: place.place, seq: place.seq), in: group),
        let header = try? batch.header(entry),
        case .content(.text(_, let bytes, _)) = replica.read(group, header, batch.body(entry))
      else { return nil }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  private func find(
    _ group: GroupID, _ place: FeedPlace, _ seq: UInt32
  ) -> (Batch, EntrySummary)? {
    try? store.entry(group, place, seq)
  }

  /// The same device started anew from what is on the disk, or another one with its entries, or from
  /// all that this node stored but one feed.
  func restarted(secrets: consuming DeviceSecrets, without lost: FeedID? = nil) -> MemoryNode {
    guard let lost else { return restored(from: backup(), secrets: secrets) }
    let disk = MemoryDisk()
    let (store, _) = try! Store.open(disk, Self.settings, first: []) { _, _, _ in }
    var jobs = log.filter { $0.feed != lost }
      .map { store.prepare($0, isOwn: false, arrival: wall) }
    try! store.writer.perform(&jobs)
    return restored(from: disk, secrets: secrets)
  }

  /// The same disk as it is now, to be put back later.
  func backup() -> MemoryDisk { disk.crashed(.lost) }

  /// The same device with an earlier disk.
  func restored(from disk: MemoryDisk, secrets: consuming DeviceSecrets) -> MemoryNode {
    let replica = Replica(
      office: self.replica.office, secrets: secrets, member: self.replica.member,
      certificate: self.replica.certificate)
    let node = MemoryNode(replica, disk)
    (node.now, node.wall, node.tellsForks) = (now, wall, tellsForks)
    return node
  }

  func say(_ text: String, in group: GroupID) throws { try say([text], in: group) }

  /// Writes texts in one commit: one signature covers them.
  func say(_ texts: [String], in group: GroupID) throws {
    wall += 1
    _ = try replica.compose(
      group,
      texts.map { .message(.text(RequestID(Bytes16(Random.bytes16())), Array($0.utf8))) },
      wall: wall)
    drain()
  }
}

/// Marks that are the same in every run.
private struct FixedEntropy: Entropy {
  func fill(_ buffer: inout MutableSpan<UInt8>) {
    for index in buffer.indices { buffer[index] = 0x5a }
  }
}

extension MemoryNode {
  /// The keys once more, as a copied disk would have them.
  func copyOfSecrets() throws -> DeviceSecrets {
    func copied(_ span: Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }
    let signing = replica.secrets.signing.withBytes { copied($0) }
    let noise = replica.secrets.noise.withBytes { copied($0) }
    let sealing = replica.secrets.sealing.withBytes { copied($0) }
    return DeviceSecrets(
      signing: try SigningKey(bytes: signing.span), noise: try NoiseKey(bytes: noise.span),
      sealing: try SealingKey(bytes: sealing.span))
  }
}
