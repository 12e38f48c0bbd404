import Authority
import Cryptography
import Format
import Replication

/// A link between two nodes in memory: what one sends the other receives, encoded and decoded.
final class Wire {
  let a: MemoryNode
  let b: MemoryNode
  private let idA: LinkID
  private let idB: LinkID
  private(set) var isUp = true
  /// Changes a message on its way, for tests of what must be refused.
  var tamper: ((Message) -> Message?)?

  /// Connects two nodes; each knows the other's device if its certificate is admitted there.
  init(_ a: MemoryNode, _ b: MemoryNode) {
    (self.a, self.b) = (a, b)
    (idA, idB) = (a.nextLink(), b.nextLink())
    let (noiseA, noiseB) = (a.replica.secrets.noiseIdentity, b.replica.secrets.noiseIdentity)
    let (namedA, namedB) = (a.replica.certificate, b.replica.certificate)
    let deviceA = b.replica.rosterNow().device(noise: noiseA, named: namedA)?.key
    let deviceB = a.replica.rosterNow().device(noise: noiseB, named: namedB)?.key
    a.handle(.linkUp(idA, deviceB, noise: noiseB, named: namedB))
    b.handle(.linkUp(idB, deviceA, noise: noiseA, named: namedA))
  }

  func cut() {
    isUp = false
    a.handle(.linkDown(idA))
    b.handle(.linkDown(idB))
  }

  /// Carries one round of messages and entries both ways; returns whether anything moved.
  func carry() -> Bool {
    guard isUp else { return false }
    let one = carry(from: a, idA, to: b, idB)
    let two = carry(from: b, idB, to: a, idA)
    return one || two
  }

  private func carry(
    from sender: MemoryNode, _ out: LinkID, to receiver: MemoryNode, _ into: LinkID
  ) -> Bool {
    var moved = false
    let mine = sender.outbox.filter { $0.0 == out }
    sender.outbox.removeAll { $0.0 == out }
    for (_, message) in mine {
      moved = true
      deliver(message, to: receiver, into)
    }
    while let content = sender.nextEntries(out) {
      moved = true
      if let message = try? Message.decode(kind: Message.entriesKind, content) {
        deliver(message, to: receiver, into)
      }
    }
    return moved
  }

  private func deliver(_ message: Message, to receiver: MemoryNode, _ link: LinkID) {
    guard let message = tamper.map({ $0(message) }) ?? message else { return }
    let bytes = message.encode()
    guard let again = try? Message.decode(kind: bytes[0], Array(bytes[5...])) else { return }
    receiver.handle(.received(link, again))
  }
}

/// Carries everything until nothing moves and timers bring nothing new.
func settle(_ nodes: [MemoryNode], _ wires: [Wire], rounds: Int = 40) {
  for _ in 0..<rounds {
    var moved = true
    while moved {
      moved = false
      for wire in wires where wire.carry() { moved = true }
    }
    for node in nodes { node.advance(.milliseconds(500)) }
  }
}

/// Admits the keys of a new device by a ticket of `sponsor`'s office, written by `sponsor`.
func admit(
  by sponsor: MemoryNode, name: String, rank: Rank = .member, isKeeper: Bool = false,
  sealing: SealingIdentity? = nil, groups: [GroupID] = []
) throws -> MemoryNode {
  let secrets = DeviceSecrets()
  let member = MemberID(secrets.device.bytes.prefix)
  let seed = Random.bytes(32)
  let ticket = try SigningKey(ticketSeed: seed.span)
  let key = TicketKey(Bytes32(ticket.publicKey.bytes))
  let grant = Operation.TicketGrant(
    key: key, rank: rank, isKeeper: isKeeper, mayAdmit: true, member: MemberID(Bytes16()),
    expiresMilliseconds: .max, uses: 1, groups: groups)
  _ = try sponsor.replica.compose(
    sponsor.replica.office, [.control(.ticket(grant))], wall: sponsor.wall)
  sponsor.drain()
  let handshake = HandshakeHash(Bytes32(Random.bytes32()))
  var certificate = secrets.certificate(
    member: member, rank: rank, isKeeper: isKeeper, mayAdmit: true)
  if let sealing {
    certificate = Certificate(
      member: member, device: certificate.device, noise: certificate.noise, sealing: sealing,
      rank: rank, isKeeper: isKeeper, mayAdmit: true)
  }
  let content = certificate.proofContent(
    office: sponsor.replica.office, ticket: key, handshake: handshake)
  let certification = Operation.Certification(
    certificate: certificate, ticket: key, handshake: handshake,
    deviceSignature: SignatureBytes(secrets.signing.sign(.certify, content.raw)),
    ticketSignature: SignatureBytes(ticket.sign(.certify, content.raw)))
  let composed = try sponsor.replica.compose(
    sponsor.replica.office,
    [
      .control(.certify(certification)),
      .message(
        .name(RequestID(Bytes16(Random.bytes16())), .member(member), try Name(name))),
    ], wall: sponsor.wall)
  sponsor.drain()
  return MemoryNode(
    Replica(
      office: sponsor.replica.office, secrets: secrets, member: member,
      certificate: composed.entries[0]))
}

/// A group of everyone, founded by a node.
func everyone(_ node: MemoryNode) throws -> GroupID {
  let composed = try node.replica.foundGroup(.everyone, pair: nil, [], wall: node.wall)
  node.drain()
  return composed.group
}

/// The next list of the owners of the signers' office.
func ownerList(
  _ members: [MemoryNode], after previous: EntryID, by signers: MemoryNode...
) -> Operation.OwnerList {
  let members = members.map { $0.replica.member }.sorted()
  let unsigned = Operation.OwnerList(previous: previous, members: members, signatures: [])
  let signatures = signers.map { signer in
    let content = unsigned.content(office: signer.replica.office)
    return Operation.OwnerSignature(
      device: signer.replica.secrets.device,
      signature: SignatureBytes(signer.replica.secrets.signing.sign(.owners, content.raw)))
  }
  return Operation.OwnerList(
    previous: previous, members: members, signatures: signatures.sorted { $0.device < $1.device })
}
