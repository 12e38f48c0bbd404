import Control
import Cryptography
import Format
import Platform
import Replication
import Storage
import Testing
import Transport

@testable import Daemon

/// Computers that call a node, without nodes of their own.
private final class Callers {
  private var links: LinkSet
  private var poller: Poller
  private var events: [PollEvent] = []
  /// How links ended.
  private(set) var ends: [LinkEnd] = []

  init() throws {
    poller = try Poller.open()
    links = LinkSet(
      identities: [], bootNonce: BootNonce(Bytes16(Random.bytes16())), clock: LinuxClock(),
      network: TCPNetwork())
  }

  func call(_ port: UInt16, as identity: LinkIdentity, at now: Moment) {
    _ = links.dial(SocketAddress(.loopbackV4, port: port), as: identity, mode: .member, at: now)
  }

  /// Does what can be done at once.
  func turn(at now: Moment) throws {
    try poller.wait(until: Moment(nanoseconds: .min), into: &events)
    for event in events where LinkSet.owns(event.token) { links.handle(event, at: now) }
    while let event = links.nextEvent() {
      if case .down(let down) = event { ends.append(down.end) }
    }
    try links.flush(&poller, at: now)
  }
}

/// Members whose computers come in at once, as when an office wakes (H-5).
@Suite(.serialized) struct ArrivalTests {
  /// After so long it is a failure, and not a busy machine.
  private static let patience = Duration.seconds(120)

  private let node = TurnedNode()

  /// Lets a new member in, and gives what its computer calls with.
  private func member(of loop: NodeLoop) throws -> LinkIdentity {
    let (office, membership) = (try #require(loop.office), try #require(loop.membership))
    let secrets = DeviceSecrets()
    let certificate = secrets.certificate(
      member: MemberID(secrets.device.bytes.prefix), rank: .member, isKeeper: false,
      mayAdmit: true)
    let (none, nowhere) = (TicketKey(Bytes32()), HandshakeHash(Bytes32()))
    let content = certificate.proofContent(
      office: office.office, ticket: none, handshake: nowhere)
    let certification = Operation.Certification(
      certificate: certificate, ticket: none, handshake: nowhere,
      deviceSignature: SignatureBytes(secrets.signing.sign(.certify, content.raw)),
      ticketSignature: SignatureBytes())
    var outcome: Result<Composed, ControlError>?
    office.write(office.office, [.control(.certify(certification))]) { outcome = $0 }
    var events: [PollEvent] = []
    let end = loop.clock.now() + Self.patience
    while outcome == nil, loop.clock.now() < end { try loop.turn(&events) }
    _ = try #require(outcome).get()
    let keys = LinkKeys(
      office: office.office, preSharedKey: try PreSharedKey(bytes: membership.sharedKey.array.span),
      noiseKey: secrets.intoNoise())
    return LinkIdentity(keys: keys, certificate: EntryID(Bytes32()))
  }

  @Test func `members who come in within one turn are not pushed out as strangers are`() throws {
    let loop = try node.start()
    try node.found(loop)
    // One more than there may be strangers.
    let count = Limits.unprovenLinksMax + 1
    let identities = try (0..<count).map { _ in try member(of: loop) }
    try loop.links.listen(on: [.loopbackV4], port: 0)
    try loop.links.flush(&loop.poller, at: loop.clock.now())
    let callers = try Callers()
    for identity in identities {
      callers.call(loop.links.port, as: identity, at: loop.clock.now())
    }
    // Each does all it can in turn, so the last steps of all handshakes are there at once.
    var events: [PollEvent] = []
    var linked: Int { loop.up.values.count { $0.device != nil } }
    let end = loop.clock.now() + Self.patience
    while linked < count, callers.ends.isEmpty, loop.clock.now() < end {
      try callers.turn(at: loop.clock.now())
      try loop.turn(&events)
    }
    try callers.turn(at: loop.clock.now())
    #expect(callers.ends.isEmpty)
    #expect(linked == count)
    loop.stop()
  }
}
