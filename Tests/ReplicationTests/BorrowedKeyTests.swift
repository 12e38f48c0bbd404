import Authority
import Cryptography
import Format
import Replication
import Testing

/// A certificate that bears the Noise key of somebody else, which signs nothing of it.
@Suite struct BorrowedKeyTests {
  let anna = MemoryNode.founder()
  let ben: MemoryNode
  let cleo: MemoryNode
  let group: GroupID
  /// A further device of Ben's with Cleo's Noise key, as he calls it.
  let borrowed: DeviceKey

  /// Ben joins and, in touch with nobody, certifies it, before Cleo's certificate in canonical order.
  init() throws {
    group = try everyone(anna)
    ben = try admit(by: anna, name: "Ben")
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    wire.cut()
    for name in ["Dora", "Emil", "Fritz"] { _ = try admit(by: anna, name: name) }
    cleo = try admit(by: anna, name: "Cleo")
    let secrets = DeviceSecrets()
    borrowed = secrets.device
    let certificate = Certificate(
      member: ben.replica.member, device: secrets.device,
      noise: cleo.replica.secrets.noiseIdentity, sealing: secrets.sealingIdentity, rank: .member,
      isKeeper: false, mayAdmit: false)
    let (ticket, handshake) = (TicketKey(Bytes32()), HandshakeHash(Bytes32()))
    let content = certificate.proofContent(
      office: ben.replica.office, ticket: ticket, handshake: handshake)
    _ = try ben.replica.compose(
      ben.replica.office,
      [
        .control(
          .certify(
            .init(
              certificate: certificate, ticket: ticket, handshake: handshake,
              deviceSignature: SignatureBytes(secrets.signing.sign(.certify, content.raw)),
              ticketSignature: SignatureBytes())))
      ], wall: ben.wall)
    ben.drain()
  }

  @Test func `a link is that of the device whose certificate its greeting names`() throws {
    let ab = Wire(anna, ben)
    settle([anna, ben], [ab])
    let roster = anna.replica.rosterNow()
    let noise = cleo.replica.secrets.noiseIdentity
    #expect(roster.isLive(borrowed) && roster.isLive(noise: noise))
    #expect(roster.device(noise: noise) == nil)
    #expect(
      roster.device(noise: noise, named: cleo.replica.certificate)?.key
        == cleo.replica.secrets.device)
    // A greeting that names another key's certificate is no help to anybody (H-4).
    #expect(roster.device(noise: noise, named: ben.replica.certificate) == nil)
    let ac = Wire(anna, cleo)
    settle([anna, ben, cleo], [ab, ac])
    try anna.say("hello", in: group)
    try cleo.say("here I am", in: group)
    settle([anna, ben, cleo], [ab, ac])
    for node in [anna, ben, cleo] { #expect(node.shown(group).sorted() == ["hello", "here I am"]) }
    #expect(anna.replica.isLinked(cleo.replica.secrets.device) == true)
    #expect(anna.replica.isLinked(borrowed) == false)
    #expect(anna.closed.isEmpty && cleo.closed.isEmpty)
  }

  @Test func `a link taken for another's ends when the certificate comes that it names`() throws {
    // Ben's node knows its own device alone by this key.
    let link = ben.nextLink()
    let noise = cleo.replica.secrets.noiseIdentity
    let device = ben.replica.rosterNow().device(noise: noise, named: cleo.replica.certificate)?.key
    #expect(device == borrowed)
    ben.handle(.linkUp(link, device, noise: noise, named: cleo.replica.certificate))
    settle([anna, ben], [Wire(anna, ben)])
    #expect(ben.closed.contains { $0.0 == link && $0.1 == .notNow })
  }
}
