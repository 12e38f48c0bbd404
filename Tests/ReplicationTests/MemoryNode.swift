import Authority
import Cryptography
import Format
import Replication
import Testing

/// A replica with a store in memory: everything handed over is durable at once, or when told.
final class MemoryNode {
  var replica: Replica
  /// Record groups in the order in which they became durable.
  private(set) var log: [Batch] = []
  var now: Duration = .zero
  var wall: UInt64 = 1_700_000_000_000
  /// While false, batches wait in `unstored`, as on a slow disk.
  var storesAtOnce = true
  /// While false, stored entries cannot be read again, as on a failing disk.
  var canLoad = true
  private(set) var unstored: [(Batch, StoreToken)] = []
  private(set) var happenings: [Happening] = []
  private(set) var closed: [(LinkID, Message.Bye, Violation?)] = []
  private var links: UInt64 = 0
  /// Messages for the peers of links, in order.
  var outbox: [(LinkID, Message)] = []

  init(_ replica: consuming Replica) {
    self.replica = replica
    self.replica.finishRestoring()
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
    let batch = founding.batch
    var replica = Replica(
      office: founding.office, secrets: secrets, member: member,
      certificate: EntryID(founding.office.bytes))
    replica.restore(batch, arrivalMilliseconds: 1_700_000_000_000)
    let node = MemoryNode(replica)
    node.log.append(batch)
    return node
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
      case .store(let batch, let token, _):
        unstored.append((batch, token))
        if storesAtOnce { storeAll() }
      case .send(let link, let message): outbox.append((link, message))
      case .close(let link, let bye, let violation): closed.append((link, bye, violation))
      case .load(let group, let place, let from):
        let batch = log.first {
          $0.group == group && $0.feed == place.feed && $0.first <= from && from <= $0.last.seq
        }
        if let batch, canLoad {
          replica.handle(.loaded(batch, arrivalMilliseconds: wall), at: now)
        } else {
          replica.handle(.loadFailed(group, place), at: now)
        }
      case .happened(let happening): happenings.append(happening)
      }
    }
  }

  /// Everything that waits becomes durable.
  func storeAll() {
    while !unstored.isEmpty {
      let (batch, token) = unstored.removeFirst()
      log.append(batch)
      replica.handle(.stored(token, arrivalMilliseconds: wall), at: now)
      drain()
    }
  }

  /// The content of an `entries` message for what a link wants next.
  func nextEntries(_ link: LinkID) -> [UInt8]? {
    guard let serving = replica.nextServing(on: link) else { return nil }
    let parts = log.filter {
      $0.group == serving.group && $0.feed == serving.place.feed && $0.last.seq >= serving.from
    }
    guard let batch = parts.first else {
      replica.served(serving, through: nil, on: link)
      return nil
    }
    let entries = batch.entries.filter { $0.seq >= serving.from }
    var (wall, lamport): (UInt64, UInt32) = (0, 0)
    if serving.from > 0 {
      let before = log.lazy.filter { $0.group == serving.group && $0.feed == serving.place.feed }
        .flatMap(\.entries).first { $0.seq == serving.from - 1 }
      (wall, lamport) = (before?.wallMilliseconds ?? 0, before?.lamport ?? 0)
    }
    var packer = BatchPacker(
      group: batch.group, feed: batch.feed, first: serving.from, wallBase: wall,
      lamportBase: lamport, behind: [UInt8](repeating: 0, count: 16))
    for entry in entries {
      packer.append(
        batch.records, headerAt: Int(entry.headerAt), headerSize: Int(entry.headerSize),
        body: entry.bodyState)
    }
    replica.served(serving, through: batch.last.seq, on: link)
    return packer.finish(signature: batch.signature)
  }

  /// The texts of a group in the order in which they are shown, or what stands for them.
  func texts(_ group: GroupID) -> [String] {
    replica.newest(group, limit: 10_000, before: nil, since: nil, until: nil).messages.map {
      place in
      guard let (batch, entry) = find(group, place.place.feed, place.seq),
        let header = try? batch.header(entry)
      else { return "?" }
      switch replica.read(group, header, batch.body(entry)) {
      case .content(.text(_, let bytes)): return String(decoding: bytes, as: UTF8.self)
      case .waitingForKey: return "(no key)"
      default: return "(other)"
      }
    }
  }

  /// The texts that are shown: without those that a removal made void.
  func shown(_ group: GroupID) -> [String] {
    replica.newest(group, limit: 10_000, before: nil, since: nil, until: nil).messages.compactMap {
      place in
      guard let (batch, entry) = find(group, place.place.feed, place.seq),
        !replica.isVoid(
          entry.id, EntryPlace(place: place.place, seq: place.seq), in: group),
        let header = try? batch.header(entry),
        case .content(.text(_, let bytes)) = replica.read(group, header, batch.body(entry))
      else { return nil }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  private func find(_ group: GroupID, _ feed: FeedID, _ seq: UInt32) -> (Batch, EntrySummary)? {
    for batch in log where batch.group == group && batch.feed == feed {
      if let entry = batch.entries.first(where: { $0.seq == seq }) { return (batch, entry) }
    }
    return nil
  }

  /// The same device started anew from what was durable, or from all of that but one feed.
  func restarted(secrets: consuming DeviceSecrets, without lost: FeedID? = nil) -> MemoryNode {
    var replica = Replica(
      office: self.replica.office, secrets: secrets, member: self.replica.member,
      certificate: self.replica.certificate)
    let kept = log.filter { $0.feed != lost }
    for batch in kept { replica.restore(batch, arrivalMilliseconds: wall) }
    let node = MemoryNode(replica)
    node.log = kept
    node.now = now
    node.wall = wall
    return node
  }

  func say(_ text: String, in group: GroupID) throws {
    wall += 1
    _ = try replica.compose(
      group,
      [.message(.text(RequestID(Bytes16(Random.bytes16())), Array(text.utf8)))], wall: wall)
    drain()
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
