import Authority
import Cryptography
import Format
import Platform
import Storage
import TestSupport

@testable import Replication

/// A small office that was written once, the same in every process: what targets begin with that need
/// genuine entries.
///
/// Anna founds it and writes, Ben writes, Cleo's box keeps, Dora is removed at last.
struct SampleOffice: Sendable {
  /// Everybody, and a stranger who was never let in.
  enum Person: Int, CaseIterable, Sendable {
    case anna, ben, cleo, dora, eve

    fileprivate var keys: [UInt8] {
      (0..<3).flatMap { [UInt8](repeating: UInt8(16 * rawValue + 1 + $0), count: 32) }
    }

    func secrets() throws -> DeviceSecrets { try DeviceSecrets(content: keys) }

    /// A member's name is the beginning of its first device's key.
    var member: MemberID { Self.members[rawValue] }

    /// Derived once: a key pair takes as long as many a whole input.
    private static let members = allCases.map { person in
      do {
        return MemberID(try person.secrets().device.bytes.prefix)
      } catch {
        preconditionFailure("a device has keys of 96 bytes")
      }
    }
  }

  static let shared: SampleOffice = {
    do {
      return try SeededRandomness.from(1) { try SampleOffice() }
    } catch {
      fatalError("the sample office cannot be written: \(error)")
    }
  }()

  static let wall: UInt64 = 1_795_000_000_000

  let office: GroupID
  /// Everyone's group, and one of Anna, Ben and Dora.
  private(set) var groups: [GroupID] = []
  /// In the order in which they were stored.
  private(set) var log: [Batch] = []
  /// Second entries at places of `log`, of Ben and of Dora, and what Dora wrote after her removal.
  private(set) var forks: [Batch] = []
  private(set) var certificates: [EntryID]
  /// The keys by which everybody is known on links.
  let noises: [NoiseIdentity]

  private init() throws {
    let secrets = try Person.anna.secrets()
    let founding = Founding(
      secrets: secrets, member: Person.anna.member,
      recoveryKey: DeviceKey(Bytes32(repeating: 0x77)),
      officeSecret: Bytes32(repeating: 0x5e), nonce: Bytes16(1, 2), wall: Self.wall)
    office = founding.office
    certificates = Person.allCases.map { _ in EntryID(founding.office.bytes) }
    noises = try Person.allCases.map { try $0.secrets().noiseIdentity }
    log = [founding.batch]
    for person in [Person.ben, .cleo, .dora] { try admit(person) }
    groups.append(
      try write(as: .anna) { try $0.foundGroup(.everyone, pair: nil, [], wall: Self.wall).group })
    try say(["Hallo", "zusammen"], as: .anna, in: groups[0])
    try say(["Moin"], as: .ben, in: groups[0])
    let others = [Person.ben.member, Person.dora.member].sorted()
    groups.append(
      try write(as: .anna) {
        try $0.foundGroup(.listed, pair: nil, [.groupAdd(others, .member)], wall: Self.wall).group
      })
    let title = Content.title(RequestID(Bytes16(8, 8)), title: try Name("Werk"), purpose: [])
    let werk = groups[1]
    try write(as: .anna) { try $0.compose(werk, [.message(title)], wall: Self.wall + 9) }
    for person in [Person.ben, .dora] { try say(["Ja?"], as: person, in: groups[1]) }
    let before = log
    try say(["Die Presse steht"], as: .ben, in: groups[1])
    try say(["Läuft wieder"], as: .dora, in: groups[1])
    let after = log
    // The same places once more, with other words.
    log = before
    try say(["Die Presse läuft"], as: .ben, in: groups[1])
    forks += log[before.count...]
    log = Array(after.dropLast())
    try say(["Steht still"], as: .dora, in: groups[1])
    forks += log[(after.count - 1)...]
    log = after
    let cuts = after.suffix(1).map { Cut(feed: $0.feed, seq: $0.last.seq, entry: $0.last.id) }
    let removal = Operation.remove(.member(Person.dora.member), cuts)
    let office = office
    try write(as: .anna) {
      try $0.compose(office, [.control(removal)], wall: Self.wall + 20)
    }
    try say(["Nun ohne Dora"], as: .anna, in: groups[1])
    try say(["Ja"], as: .ben, in: groups[1])
    let whole = log
    log = after
    try say(["Noch ich"], as: .dora, in: groups[1])
    forks += log[after.count...]
    log = whole
  }

  // MARK: Writing it

  /// A replica of somebody who holds so much of the log.
  func replica(_ person: Person, holding batches: some Sequence<Batch>) throws -> Replica {
    var replica = Replica(
      office: office, secrets: try person.secrets(), member: person.member,
      certificate: certificates[person.rawValue])
    for batch in batches { replica.restore(batch, arrivalMilliseconds: Self.wall) }
    replica.finishRestoring()
    while replica.nextEffect() != nil {}
    return replica
  }

  @discardableResult
  private mutating func write<Result>(
    as person: Person, _ body: (inout Replica) throws -> Result
  ) throws -> Result {
    var replica = try replica(person, holding: log)
    let result = try body(&replica)
    while let effect = replica.nextEffect() {
      guard case .store(let batch, let token, _) = effect else { continue }
      log.append(batch)
      replica.handle(.stored(token, arrivalMilliseconds: Self.wall), at: .zero)
    }
    return result
  }

  private mutating func say(_ texts: [String], as person: Person, in group: GroupID) throws {
    let drafts = texts.map { text in
      Draft.message(.text(RequestID(Bytes16(Random.bytes16())), Array(text.utf8)))
    }
    let wall = Self.wall + UInt64(log.count) * 1_000
    try write(as: person) { _ = try $0.compose(group, drafts, wall: wall) }
  }

  private mutating func admit(_ person: Person) throws {
    let secrets = try person.secrets()
    let seed = [UInt8](repeating: UInt8(0x90 + person.rawValue), count: 32)
    let ticket = try SigningKey(ticketSeed: seed.span)
    let key = TicketKey(Bytes32(ticket.publicKey.bytes))
    let isBox = person == .cleo
    let grant = Operation.TicketGrant(
      key: key, rank: isBox ? .box : .member, isKeeper: isBox, mayAdmit: !isBox,
      member: MemberID(Bytes16()), expiresMilliseconds: .max, uses: 1, groups: [])
    let handshake = HandshakeHash(Bytes32(repeating: UInt8(person.rawValue)))
    let certificate = secrets.certificate(
      member: person.member, rank: isBox ? .box : .member, isKeeper: isBox, mayAdmit: !isBox)
    let content = certificate.proofContent(office: office, ticket: key, handshake: handshake)
    let certification = Operation.Certification(
      certificate: certificate, ticket: key, handshake: handshake,
      deviceSignature: SignatureBytes(secrets.signing.sign(.certify, content.raw)),
      ticketSignature: SignatureBytes(ticket.sign(.certify, content.raw)))
    let name = Content.name(
      RequestID(Bytes16(9, UInt64(person.rawValue))), .member(person.member), try Name("\(person)"))
    let office = office
    try write(as: .anna) {
      try $0.compose(office, [.control(.ticket(grant))], wall: Self.wall)
    }
    let composed = try write(as: .anna) {
      try $0.compose(
        office, [.control(.certify(certification)), .message(name)], wall: Self.wall)
    }
    certificates[person.rawValue] = composed.entries[0]
  }

  // MARK: What it is used for

  /// The content of an `entries` message for each of these, in their order.
  static func packed(_ batches: [Batch], after log: [Batch]) -> [[UInt8]] {
    var ends: [EntryID: EntrySummary] = [:]
    for batch in log + batches { for entry in batch.entries { ends[entry.id] = entry } }
    return batches.map { batch in
      let header = try? batch.header(batch.entries[0])
      let before = header.flatMap { ends[$0.prev] }
      var packer = BatchPacker(
        group: batch.group, feed: batch.feed, first: batch.first,
        wallBase: before?.wallMilliseconds ?? 0, lamportBase: before?.lamport ?? 0,
        behind: batch.branch.bytes.array)
      for entry in batch.entries {
        packer.append(
          batch.records, headerAt: Int(entry.headerAt), headerSize: Int(entry.headerSize),
          body: entry.bodyState)
      }
      return packer.finish(signature: batch.signature)
    }
  }

  static let settings = StoreSettings(
    segmentBytesMax: UInt64(SegmentHead.size + RecordLayout.groupSizeMax), freeBytesMin: 0,
    entropy: Marks())

  /// Marks of segments that are the same in every run.
  private struct Marks: Entropy {
    func fill(_ buffer: inout MutableSpan<UInt8>) {
      for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: 0xa7 &+ index &* 31) }
    }
  }

  /// What a disk holds on which these were stored, without the room that is reserved behind them.
  static func files(storing batches: [Batch], own device: Person) throws -> [DiskPath: [UInt8]] {
    let disk = MemoryDisk()
    let (store, _) = try Store.open(disk, settings, first: []) { _, _, _ in }
    let key = try device.secrets().device
    var owns: Set<FeedID> = []
    for batch in batches {
      if batch.first == 0, try batch.genesisFacts().device == key { owns.insert(batch.feed) }
      var jobs = [store.prepare(batch, isOwn: owns.contains(batch.feed), arrival: wall)]
      try store.writer.perform(&jobs)
      for job in jobs { _ = store.finish(job) }
    }
    return disk.files.mapValues { bytes in Array(bytes[...(bytes.lastIndex { $0 != 0 } ?? 0)]) }
  }
}
