import Cryptography
import Format
import Platform
import Storage
import TestSupport
import Testing

@testable import Replication

/// Bytes that are the same in every run, where a store wants random ones.
private struct CountingEntropy: Entropy {
  func fill(_ buffer: inout MutableSpan<UInt8>) {
    for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: 0xa7 &+ index &* 31) }
  }
}

/// A data directory with an office of one, as its node would have written it.
final class SampleOffice {
  let folder = TemporaryDirectory()
  let store: Store
  var replica: Replica
  let office: GroupID
  private(set) var group = GroupID(Bytes32())
  private var counter: UInt64 = 0
  private var wall: UInt64 = 1_795_000_000_000
  var home: String { folder.path + "/home" }

  /// Founds an office and a group of everyone, and writes so many commits of so many texts.
  init(commits: Int, texts: Int, size: Int = 200, segmentBytesMax: UInt64 = 1 << 26) throws {
    let disk = try LinuxDisk.creating(root: folder.path + "/home")
    let secrets = DeviceSecrets()
    var keys: [UInt8] = []
    secrets.signing.withBytes { Self.copy($0, &keys) }
    secrets.noise.withBytes { Self.copy($0, &keys) }
    secrets.sealing.withBytes { Self.copy($0, &keys) }
    try disk.replace(HomeFile.keys.path, with: HomeFile.keys.encode(keys).span)
    let member = MemberID(secrets.device.bytes.prefix)
    let founding = Founding(
      secrets: secrets, member: member,
      recoveryKey: DeviceKey(Bytes32(SigningKey().publicKey.bytes)),
      officeSecret: Bytes32(InlineArray(repeating: 0x5e)), nonce: Bytes16(1, 2), wall: wall)
    office = founding.office
    let membership = HomeMembership(
      office: office, member: member, certificate: EntryID(office.bytes), sharedKey: Bytes32())
    try disk.replace(
      HomeFile.office.path, with: HomeFile.office.encode(membership.encode()).span)
    store = try Self.open(folder.path + "/home", segmentBytesMax: segmentBytesMax)
    replica = Replica(
      office: office, secrets: secrets, member: member, certificate: EntryID(office.bytes))
    try append(founding.batch)
    replica.restore(founding.batch, arrivalMilliseconds: wall)
    replica.finishRestoring()
    group = try replica.foundGroup(.everyone, pair: nil, [], wall: wall).group
    try drain()
    for commit in 0..<commits {
      try say((0..<texts).map { text(commit * texts + $0, size) })
    }
    try lock()
  }

  /// Writes the head lock of this moment beside the data directory, as the node would.
  func lock() throws {
    let name = String(replica.secrets.device.description.prefix(16))
    let state = try LinuxDisk.creating(root: folder.path + "/state/" + name)
    counter += 1
    let heads = replica.ownHeads.map {
      HeadLock.Head(group: $0.group, feed: $0.feed, seq: $0.seq, id: $0.id)
    }
    let files = HeadLockFiles(state: state, runtime: nil)
    _ = try files.read()
    try files.flush(
      HeadLock(
        counter: counter,
        surroundings: .init(machine: Bytes16(), boot: Bytes16(), device: 0, inode: 0),
        heads: heads))
  }

  private func text(_ number: Int, _ size: Int) -> String {
    let beginning = "text \(number) "
    return beginning + String(repeating: "x", count: max(0, size - beginning.utf8.count))
  }

  /// Writes texts into the group in one commit.
  func say(_ texts: [String]) throws {
    wall += 1_000
    var generator = SeededGenerator(seed: wall)
    let drafts = texts.map { text in
      Draft.message(
        .text(RequestID(Bytes16(generator.next(), generator.next())), Array(text.utf8)))
    }
    _ = try replica.compose(group, drafts, wall: wall)
    try drain()
  }

  /// Writes the name of this member into the office log.
  func name(_ name: String) throws {
    _ = try replica.compose(
      office,
      [.message(.name(RequestID(Bytes16(7, 7)), .member(replica.member), try Name(name)))],
      wall: wall)
    try drain()
  }

  /// Writes a title into the group.
  func title(_ title: String) throws {
    _ = try replica.compose(
      group, [.message(.title(RequestID(Bytes16(8, 8)), title: try Name(title), purpose: []))],
      wall: wall)
    try drain()
  }

  /// Carries out what the replica wants stored.
  private func drain() throws {
    while let effect = replica.nextEffect() {
      guard case .store(let batch, let token, _) = effect else { continue }
      try append(batch)
      replica.handle(.stored(token, arrivalMilliseconds: wall), at: .zero)
    }
  }

  /// Stores a batch as it is, whatever it says.
  func append(_ batch: Batch) throws { try Self.append(batch, to: store) }

  static func append(_ batch: Batch, to store: Store) throws {
    var jobs = [store.prepare(batch, isOwn: true, arrival: 1_795_000_000_000)]
    try store.writer.perform(&jobs)
    #expect(jobs.allSatisfy { store.finish($0) })
  }

  /// The store of a data directory, for writing.
  static func open(_ home: String, segmentBytesMax: UInt64 = 1 << 26) throws -> Store {
    try Store.open(
      try LinuxDisk.creating(root: home),
      StoreSettings(
        segmentBytesMax: segmentBytesMax, freeBytesMin: 0, entropy: CountingEntropy()),
      first: [], onGroup: { _, _, _ in }
    ).0
  }

  /// A signed message that continues the feed and that no epoch opens.
  func unsealed(_ byte: UInt8) throws -> Batch {
    var builder = try builder()
    _ = builder.append(
      .message, body: [UInt8](repeating: byte, count: 168), epoch: EpochID(Bytes16(1, 1)), wall: 5)
    return builder.sign(replica.secrets)
  }

  /// An entry beside the last one of the feed, with a false signature, as a branch.
  func unsealedAgain(_ byte: UInt8) throws -> Batch {
    let chain = try #require(store.index(group)?[feed])
    let last = try #require(chain.last)
    let (batch, entry) = try store.entry(group, feed, last)
    var builder = CommitBuilder(
      group: group, feed: feed.feed, prev: try batch.header(entry).prev, nextSeq: last,
      lamport: chain.lamport(last - 1) ?? 0)
    _ = builder.append(
      .message, body: [UInt8](repeating: byte, count: 168), epoch: EpochID(Bytes16(1, 1)), wall: 5)
    var branch = builder.sign(replica.secrets)
    branch.branch = BranchID(branch.entries[0].id.prefix)
    branch.signature = SignatureBytes([UInt8](repeating: 1, count: 64)) ?? SignatureBytes()
    return branch
  }

  /// The feed that this device writes in the group.
  var feed: FeedPlace { FeedPlace(feed: FeedID(group.bytes.prefix)) }

  /// A commit that continues the group's feed, not yet stored and unknown to the replica.
  func builder() throws -> CommitBuilder {
    let chain = try #require(store.index(group)?[feed])
    return CommitBuilder(
      group: group, feed: feed.feed, prev: chain.headID, nextSeq: chain.next,
      lamport: chain.last.flatMap { chain.lamport($0) } ?? 0)
  }

  private static func copy(_ span: Span<UInt8>, _ out: inout [UInt8]) {
    for index in span.indices { out.append(span[index]) }
  }
}
