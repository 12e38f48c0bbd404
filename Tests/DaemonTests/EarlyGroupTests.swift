import Control
import Cryptography
import Format
import Platform
import Storage
import Testing

@testable import Daemon
@testable import Replication

/// A node that hears of another group of the kind everyone before the office's is there (C-22).
@Suite struct EarlyGroupTests {
  private let small: SmallOffice
  private let node: TurnedNode
  private let loop: NodeLoop
  private let office: OfficeNode

  /// The founder's node, whose office has no group yet.
  init() throws {
    small = try SmallOffice()
    node = TurnedNode(directory: small.folder)
    try Home(disk: try LinuxDisk.creating(root: small.data)).write(
      HomeMembership(
        office: small.office, member: small.member, certificate: EntryID(small.office.bytes),
        sharedKey: Bytes32(Random.bytes32())))
    loop = try node.start()
    office = try #require(loop.office)
    // There is nobody whom it could ask first.
    office.asksFirstUntil = loop.clock.now()
    loop.settle(loop.clock.now())
  }

  private func write(_ drafts: [Draft]) throws -> EntryID {
    var written: Result<Composed, ControlError>?
    office.write(office.office, drafts) { written = $0 }
    var events: [PollEvent] = []
    while written == nil { try loop.turn(&events) }
    return try #require(try written?.get().entries.first)
  }

  /// Lets in another member by a ticket, whose device knows what the office log says.
  private func admit() throws -> Replica {
    let secrets = DeviceSecrets()
    let member = MemberID(secrets.device.bytes.prefix)
    let ticket = try SigningKey(ticketSeed: Random.bytes(32).span)
    let key = TicketKey(Bytes32(ticket.publicKey.bytes))
    _ = try write([
      .control(
        .ticket(
          .init(
            key: key, rank: .member, isKeeper: false, mayAdmit: true, member: MemberID(Bytes16()),
            expiresMilliseconds: .max, uses: 1, groups: [])))
    ])
    let handshake = HandshakeHash(Bytes32(Random.bytes32()))
    let certificate = secrets.certificate(
      member: member, rank: .member, isKeeper: false, mayAdmit: true)
    let content = certificate.proofContent(
      office: office.office, ticket: key, handshake: handshake)
    let entry = try write([
      .control(
        .certify(
          .init(
            certificate: certificate, ticket: key, handshake: handshake,
            deviceSignature: SignatureBytes(secrets.signing.sign(.certify, content.raw)),
            ticketSignature: SignatureBytes(ticket.sign(.certify, content.raw)))))
    ])
    var replica = Replica(
      office: office.office, secrets: secrets, member: member, certificate: entry)
    _ = try Store.open(
      try LinuxDisk.creating(root: small.data), .standard(entropy: LinuxEntropy()), first: []
    ) { batch, _, arrival in replica.restore(batch, arrivalMilliseconds: arrival) }
    replica.finishRestoring()
    while replica.nextEffect() != nil {}
    return replica
  }

  /// What the beginning of a group is sent as.
  private func entries(_ batch: Batch) throws -> Message {
    var packer = BatchPacker(
      group: batch.group, feed: batch.feed, first: 0, wallBase: 0, lamportBase: 0,
      behind: batch.branch.bytes.array)
    for entry in batch.entries {
      packer.append(
        batch.records, headerAt: Int(entry.headerAt), headerSize: Int(entry.headerSize),
        body: entry.bodyState)
    }
    return .entries(try EntriesMessage(decoding: packer.finish(signature: batch.signature)))
  }

  private func send(to word: String) throws -> Result<ControlResult, ControlError> {
    try node.answer(loop) { loop.send(SendCall(to: word, text: "an alle", id: nil), $0) }
  }

  @Test func `what is said to everyone waits for the office's group, whichever came first`() throws
  {
    var other = try admit()
    let founded = try other.foundGroup(.everyone, pair: nil, [], wall: office.wall).group
    var begun: Batch?
    while let effect = other.nextEffect() {
      if case .store(let batch, _, _) = effect, batch.group == founded, batch.first == 0 {
        begun = batch
      }
    }
    let link = Replication.LinkID(1)
    let message = try entries(try #require(begun))
    office.handle(
      .linkUp(
        link, other.secrets.device, noise: other.secrets.noiseIdentity, named: other.certificate))
    office.handle(.received(link, message))
    var events: [PollEvent] = []
    while office.replica.kind(of: founded) != .everyone { try loop.turn(&events) }
    #expect(office.ownGroups() == [founded])
    #expect(office.everyone == nil && office.title(founded) == nil)
    let ticket = TicketKey(Bytes32(Random.bytes32()))
    #expect(!office.holdsGroups(of: ticket))
    for word in ["everyone", "every", "alle"] {
      let error = #expect(throws: ControlError.self) { try send(to: word).get() }
      #expect(error?.name == .noSuchGroup)
    }
    // Nor does it once the office's has come.
    var made: Result<GroupID, ControlError>?
    office.foundGroup(.everyone, pair: nil, [], title: nil) { made = $0 }
    while made == nil { try loop.turn(&events) }
    let own = try #require(try made?.get())
    #expect(office.everyone == own && office.title(own) == "everyone")
    for word in ["everyone", "every", "alle"] {
      guard case .send(let sent) = try send(to: word).get() else {
        preconditionFailure("an answer to something else")
      }
      #expect(sent.group.id == identifier(own.bytes.array))
    }
    #expect(office.holdsGroups(of: ticket))
    loop.stop()
  }
}
