import Authority
import Format

/// An office made of entries that were never encoded: places, pasts and operations alone.
final class World {
  let views = ViewTable()
  let authority: OfficeAuthority
  let founder: TestDevice
  /// Every entry that was admitted, in the order in which it was written.
  private(set) var log: [ControlEntry] = []
  /// Entries whose right was refused, with the refusal; they are not inserted.
  private(set) var refused: [(entry: ControlEntry, refusal: Refusal)] = []
  private var names: Names
  let recovery: DeviceKey

  init(seed: UInt64 = 1) {
    names = Names(seed: seed)
    let office = GroupID(names.bytes32())
    authority = OfficeAuthority(office: office, verifier: TestSignatures(), views: views)
    recovery = DeviceKey(names.bytes32())
    founder = TestDevice(names: &names)
    founder.certificate = EntryID(office.bytes)
    let genesis = OfficeGenesis(
      certificate: founder.asCertificate(rank: .owner), recoveryKey: recovery,
      officeSecret: Bytes32())
    founder.rank = .owner
    let entry = ControlEntry(
      id: EntryID(office.bytes), place: founder.place, seq: 0, lamport: 1, author: founder.key,
      certificate: EntryID(Bytes32()), content: .founding(genesis), officeView: .empty,
      groupView: .empty)
    founder.nextSeq = 1
    admit(entry, by: founder)
  }

  func newDevice(of member: MemberID? = nil) -> TestDevice {
    TestDevice(names: &names, member: member)
  }

  /// One more feed of a device, which has seen what the device has now, whatever comes later.
  func newFeed(of device: TestDevice) -> TestDevice {
    TestDevice(device, place: FeedPlace(feed: FeedID(names.bytes32().prefix)))
  }

  /// The keys of a device under the name of another member.
  func newDevice(sharing device: TestDevice, of member: MemberID) -> TestDevice {
    TestDevice(device, place: FeedPlace(feed: FeedID(names.bytes32().prefix)), member: member)
  }

  func newTicketKey() -> TicketKey { TicketKey(names.bytes32()) }
  func newEntryID() -> EntryID { EntryID(names.bytes32()) }

  /// Writes an operation with everything the device has seen in its past; nil is a refusal.
  @discardableResult
  func write(
    _ operation: Operation, by device: TestDevice, id: EntryID? = nil
  ) -> ControlEntry? {
    let entry = ControlEntry(
      id: id ?? EntryID(names.bytes32()), place: device.place, seq: device.nextSeq,
      lamport: device.lamport + 1, author: device.key, certificate: device.certificate,
      content: .operation(operation), officeView: device.view, groupView: .empty)
    if let refusal = authority.refusal(of: entry) {
      refused.append((entry, refusal))
      return nil
    }
    device.nextSeq += 1
    admit(entry, by: device)
    return entry
  }

  /// The refusal that writing meets; nil if it was admitted.
  func refusal(_ operation: Operation, by device: TestDevice) -> Refusal? {
    write(operation, by: device) == nil ? refused.last?.refusal : nil
  }

  private func admit(_ entry: ControlEntry, by device: TestDevice) {
    authority.insert(entry)
    log.append(entry)
    device.lamport = entry.lamport
    device.view = views.adding(entry.officeView, entry.place, entry.seq)
  }

  /// The device receives all that the others have.
  func sync(_ device: TestDevice, from others: TestDevice...) {
    for other in others {
      device.view = views.union(device.view, other.view)
      device.lamport = max(device.lamport, other.lamport)
    }
  }

  /// Everything there is.
  var everything: ViewID {
    log.reduce(ViewID.empty) { views.adding($0, $1.place, $1.seq) }
  }

  var roster: Roster { authority.roster(at: everything) }
}

extension World {
  /// Certifies a device by rank; the device then has seen its certificate.
  @discardableResult
  func certify(
    _ device: TestDevice, _ rank: Rank, by author: TestDevice, isKeeper: Bool = false,
    mayAdmit: Bool = true
  ) -> ControlEntry? {
    (device.rank, device.isKeeper, device.mayAdmit) = (rank, isKeeper, mayAdmit)
    return certify(device, ticket: nil, by: author)
  }

  /// Certifies a device by a ticket with the ticket's rank and flags.
  @discardableResult
  func admit(
    _ device: TestDevice, by author: TestDevice, _ ticket: Operation.TicketGrant
  ) -> ControlEntry? {
    (device.rank, device.isKeeper, device.mayAdmit) =
      (ticket.rank, ticket.isKeeper, ticket.mayAdmit)
    return certify(device, ticket: ticket.key, by: author)
  }

  private func certify(
    _ device: TestDevice, ticket: TicketKey?, by author: TestDevice
  ) -> ControlEntry? {
    let certification = Operation.Certification(
      certificate: device.asCertificate(rank: device.rank), ticket: ticket ?? TicketKey(Bytes32()),
      handshake: HandshakeHash(Bytes32()), deviceSignature: TestSignatures.sign(device.key.bytes),
      ticketSignature: ticket.map { TestSignatures.sign($0.bytes) } ?? SignatureBytes())
    guard let entry = write(.certify(certification), by: author) else { return nil }
    device.certificate = entry.id
    sync(device, from: author)
    return entry
  }

  func newTicket(
    _ key: TicketKey? = nil, rank: Rank = .member, isKeeper: Bool = false, mayAdmit: Bool = true,
    member: MemberID? = nil,
    uses: UInt16 = 1, groups: [GroupID] = []
  ) -> Operation.TicketGrant {
    Operation.TicketGrant(
      key: key ?? newTicketKey(), rank: rank, isKeeper: isKeeper, mayAdmit: mayAdmit,
      member: member ?? MemberID(Bytes16()), expiresMilliseconds: .max, uses: uses, groups: groups)
  }

  func owners(
    _ members: [MemberID], previous: EntryID?, signedBy signers: [DeviceKey]
  ) -> Operation {
    .owners(
      Operation.OwnerList(
        previous: previous ?? EntryID(Bytes32()), members: members.sorted(),
        signatures: signers.sorted().map { key in
          let signer = key == recovery ? DeviceKey(Bytes32()) : key
          return Operation.OwnerSignature(
            device: signer, signature: TestSignatures.sign(key.bytes))
        }))
  }

  /// A cut that lets count what the device has written so far in the office log.
  func cut(_ device: TestDevice, at seq: UInt32) -> Cut {
    let entry = log.last { $0.place == device.place && $0.seq == seq }
    return Cut(feed: device.place.feed, seq: seq, entry: entry?.id ?? EntryID(Bytes32()))
  }
}

/// A device and what it has seen.
final class TestDevice {
  let key: DeviceKey
  let noise: NoiseIdentity
  let sealing: SealingIdentity
  let member: MemberID
  /// Its feed in the office log.
  var place: FeedPlace
  var certificate = EntryID(Bytes32())
  var rank = Rank.member
  var isKeeper = false
  var mayAdmit = true
  var nextSeq: UInt32 = 1
  var lamport: UInt32 = 1
  var view = ViewID.empty

  init(names: inout Names, member: MemberID? = nil) {
    key = DeviceKey(names.bytes32())
    noise = NoiseIdentity(names.bytes32())
    sealing = SealingIdentity(names.bytes32())
    self.member = member ?? MemberID(key.bytes.prefix)
    place = FeedPlace(feed: FeedID(names.bytes32().prefix))
  }

  init(_ other: TestDevice, place: FeedPlace, member: MemberID? = nil) {
    (key, noise, sealing) = (other.key, other.noise, other.sealing)
    self.member = member ?? other.member
    (rank, isKeeper, mayAdmit) = (other.rank, other.isKeeper, other.mayAdmit)
    (certificate, lamport, view) = (other.certificate, other.lamport, other.view)
    self.place = place
  }

  func asCertificate(rank: Rank) -> Certificate {
    Certificate(
      member: member, device: key, noise: noise, sealing: sealing, rank: rank, isKeeper: isKeeper,
      mayAdmit: mayAdmit)
  }
}

/// Random names that repeat with their seed.
struct Names {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func bytes32() -> Bytes32 {
    let raw = (0..<32).map { _ in UInt8.random(in: 1...255, using: &generator) }
    return Bytes32(raw) ?? Bytes32()
  }
}

/// SplitMix64: every run grows from its seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// A signature is here the key itself; any other bytes are not genuine.
struct TestSignatures: SignatureVerifier {
  static func sign(_ key: Bytes32) -> SignatureBytes {
    SignatureBytes(key.array + key.array) ?? SignatureBytes()
  }

  func verify(
    _ label: InnerSignature, _ content: [UInt8], key: Bytes32, _ signature: SignatureBytes
  ) -> Bool {
    signature == Self.sign(key)
  }
}
