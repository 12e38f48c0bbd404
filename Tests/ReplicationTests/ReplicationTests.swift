import Authority
import Cryptography
import Format
import Replication
import Testing

@Suite struct ReplicationTests {
  @Test func `a group nobody wrote in yet reaches its members`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire], rounds: 1)
    #expect(ben.replica.groupIDs == [group])
  }

  @Test func `three nodes of an office end with the same logs and texts`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let cleo = try admit(by: anna, name: "Cleo")
    let wires = [Wire(anna, ben), Wire(anna, cleo)]
    settle([anna, ben, cleo], wires)
    try anna.say("hello", in: group)
    settle([anna, ben, cleo], wires)
    try ben.say("hi", in: group)
    try cleo.say("good morning", in: group)
    settle([anna, ben, cleo], wires)
    #expect(anna.texts(group).sorted() == ["good morning", "hello", "hi"])
    #expect(ben.texts(group) == anna.texts(group))
    #expect(cleo.texts(group) == anna.texts(group))
    for node in [ben, cleo] {
      #expect(node.replica.digest(of: group) == anna.replica.digest(of: group))
      #expect(
        node.replica.digest(of: anna.replica.office)
          == anna.replica.digest(of: anna.replica.office))
      #expect(node.replica.name(of: ben.replica.member)?.text == "Ben")
    }
  }

  @Test func `a node that was off catches up from another while the author is gone`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let cleo = try admit(by: anna, name: "Cleo")
    let (ab, ac) = (Wire(anna, ben), Wire(anna, cleo))
    settle([anna, ben, cleo], [ab, ac])
    ac.cut()
    for number in 0..<300 { try anna.say("\(number)", in: group) }
    settle([anna, ben], [ab])
    ab.cut()
    let bc = Wire(ben, cleo)
    settle([ben, cleo], [bc])
    #expect(cleo.texts(group).count == 300)
    #expect(cleo.texts(group).last == "299")
  }

  @Test func `a newcomer whom the owner does not know meets the owner alone`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let ab = Wire(anna, ben)
    settle([anna, ben], [ab])
    ab.cut()
    let cleo = try admitLate(by: ben, using: anna)
    let bc = Wire(ben, cleo)
    settle([ben, cleo], [bc])
    bc.cut()
    let ac = Wire(anna, cleo)
    settle([anna, cleo], [ac])
    try cleo.say("I am new", in: group)
    settle([anna, cleo], [ac])
    #expect(anna.texts(group) == ["I am new"])
  }

  /// Ben admits with a ticket that Anna issued while they were linked.
  private func admitLate(by ben: MemoryNode, using anna: MemoryNode) throws -> MemoryNode {
    // Members admit by tickets of admins: Anna issues, Ben's node writes the certificate.
    let secrets = DeviceSecrets()
    let member = MemberID(secrets.device.bytes.prefix)
    let ticket = try SigningKey(ticketSeed: Random.bytes(32).span)
    let key = TicketKey(Bytes32(ticket.publicKey.bytes))
    let wire = Wire(anna, ben)
    _ = try anna.replica.compose(
      anna.replica.office,
      [
        .control(
          .ticket(
            .init(
              key: key, rank: .member, isKeeper: false, mayAdmit: true,
              member: MemberID(Bytes16()), expiresMilliseconds: .max, uses: 1, groups: [])))
      ], wall: anna.wall)
    anna.drain()
    settle([anna, ben], [wire])
    wire.cut()
    let handshake = HandshakeHash(Bytes32(Random.bytes32()))
    let certificate = secrets.certificate(
      member: member, rank: .member, isKeeper: false, mayAdmit: true)
    let content = certificate.proofContent(
      office: anna.replica.office, ticket: key, handshake: handshake)
    let composed = try ben.replica.compose(
      ben.replica.office,
      [
        .control(
          .certify(
            .init(
              certificate: certificate, ticket: key, handshake: handshake,
              deviceSignature: SignatureBytes(secrets.signing.sign(.certify, content.raw)),
              ticketSignature: SignatureBytes(ticket.sign(.certify, content.raw)))))
      ], wall: ben.wall)
    ben.drain()
    return MemoryNode(
      Replica(
        office: ben.replica.office, secrets: secrets, member: member,
        certificate: composed.entries[0]))
  }

  @Test func `a keeper carries what it cannot read`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let box = try admit(by: anna, name: "Empfang", rank: .box, isKeeper: true)
    let (ax, xb) = (Wire(anna, box), Wire(box, ben))
    settle([anna, ben, box], [ax, xb])
    try anna.say("not for boxes", in: group)
    settle([anna, ben, box], [ax, xb])
    #expect(box.texts(group) == ["(no key)"])
    #expect(ben.texts(group) == ["not for boxes"])
  }

  @Test func `a keeper of a reserved rank gets no group`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let (office, none) = (anna.replica.office, TicketKey(Bytes32()))
    let secrets = DeviceSecrets()
    let member = MemberID(secrets.device.bytes.prefix)
    let certificate = secrets.certificate(
      member: member, rank: .guest, isKeeper: true, mayAdmit: true)
    let content = certificate.proofContent(
      office: office, ticket: none, handshake: HandshakeHash(Bytes32()))
    let certification = Operation.Certification(
      certificate: certificate, ticket: none, handshake: HandshakeHash(Bytes32()),
      deviceSignature: SignatureBytes(secrets.signing.sign(.certify, content.raw)),
      ticketSignature: SignatureBytes())
    let composed = try anna.replica.compose(
      office, [.control(.certify(certification))], wall: anna.wall)
    anna.drain()
    let guest = MemoryNode(
      Replica(
        office: office, secrets: secrets, member: member, certificate: composed.entries[0]))
    let wire = Wire(anna, guest)
    try anna.say("not for guests", in: group)
    settle([anna, guest], [wire])
    #expect(guest.replica.rosterNow().isLive(guest.replica.secrets.device))
    #expect(guest.texts(group).isEmpty)
    // Nor is it told anything for saying that it holds it.
    let peer = LoosePeer(anna, as: guest)
    peer.agreeOnOffice()
    _ = peer.heard()
    peer.say(.frontier(group, anna.items(group)))
    #expect(peer.heard().isEmpty && !peer.isClosed())
  }

  @Test func `who was removed reads nothing that was written after`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let cleo = try admit(by: anna, name: "Cleo")
    let wires = [Wire(anna, ben), Wire(anna, cleo), Wire(ben, cleo)]
    settle([anna, ben, cleo], wires)
    try anna.say("before", in: group)
    settle([anna, ben, cleo], wires)
    _ = try anna.replica.compose(
      anna.replica.office,
      [
        .control(
          .remove(
            .member(cleo.replica.member), anna.replica.cuts(of: [cleo.replica.secrets.device])))
      ], wall: anna.wall)
    anna.drain()
    settle([anna, ben], [wires[0]])
    try ben.say("after", in: group)
    settle([anna, ben, cleo], wires)
    #expect(anna.texts(group) == ["before", "after"])
    #expect(ben.texts(group) == ["before", "after"])
    #expect(!cleo.texts(group).contains("after"))
    // Cleo's node may not have heard of it; what it writes has no effect for those who did.
    _ = try? cleo.say("still here", in: group)
    settle([anna, ben, cleo], wires)
    #expect(!anna.shown(group).contains("still here"))
  }

  @Test func `nothing is told before it is durable`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    anna.storesAtOnce = false
    try anna.say("on its way", in: group)
    settle([anna, ben], [wire], rounds: 4)
    #expect(ben.texts(group).isEmpty)
    #expect(anna.texts(group).isEmpty)
    anna.storesAtOnce = true
    anna.storeAll()
    settle([anna, ben], [wire], rounds: 4)
    #expect(ben.texts(group) == ["on its way"])
  }

  @Test func `what was lost on the way is found out when the link is idle`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let wire = Wire(anna, ben)
    wire.tamper = { _ in nil }
    settle([anna, ben], [wire], rounds: 4)
    #expect(ben.replica.groupIDs.isEmpty)
    wire.tamper = nil
    settle([anna, ben], [wire], rounds: 60)
    #expect(ben.replica.groupIDs == [group])
    wire.tamper = { message in
      if case .have = message { return nil }
      if case .entries = message { return nil }
      return message
    }
    try anna.say("lost at first", in: group)
    settle([anna, ben], [wire], rounds: 2)
    #expect(ben.texts(group).isEmpty)
    wire.tamper = nil
    settle([anna, ben], [wire], rounds: 60)
    #expect(ben.texts(group) == ["lost at first"])
  }

  @Test func `a batch with a wrong signature is refused whole, and the rule is named`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    wire.tamper = { message in
      guard case .entries(let entries) = message else { return message }
      var bytes = entries.bytes
      bytes[16 + 66] ^= 1
      return (try? EntriesMessage(decoding: bytes)).map { .entries($0) }
    }
    let before = ben.storedCount
    try anna.say("forged", in: group)
    settle([anna, ben], [wire], rounds: 2)
    #expect(ben.storedCount == before)
    #expect(ben.brokenRules == ["F-2"])
  }

  @Test func `a changed byte of a body is refused, and nothing of the batch is kept`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    try anna.say("whole", in: group)
    settle([anna, ben], [wire])
    wire.tamper = { message in
      guard case .entries(let entries) = message else { return message }
      var bytes = entries.bytes
      bytes[bytes.count - 1] ^= 1
      return (try? EntriesMessage(decoding: bytes)).map { .entries($0) }
    }
    let before = ben.storedCount
    try anna.say("changed", in: group)
    settle([anna, ben], [wire], rounds: 2)
    #expect(ben.storedCount == before)
    #expect(ben.brokenRules == ["F-2"])
  }

  @Test func `a restart from what was durable decides everything alike`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    for number in 0..<20 {
      try anna.say("a\(number)", in: group)
      try ben.say("b\(number)", in: group)
      settle([anna, ben], [wire], rounds: 1)
    }
    settle([anna, ben], [wire])
    let again = ben.restarted(secrets: DeviceSecrets())
    #expect(again.replica.digest(of: group) == ben.replica.digest(of: group))
    #expect(again.replica.arrivalCount(group) == 40)
    // Another device's keys open nothing, but the order and the counts are the same.
    #expect(again.texts(group).count == ben.texts(group).count)
  }

  @Test func `two copies of one device that both write are found out and the proof is kept`() throws
  {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    try ben.say("one", in: group)
    settle([anna, ben], [wire])
    let copy = ben.restarted(secrets: try ben.copyOfSecrets())
    wire.cut()
    try ben.say("from the first", in: group)
    try copy.say("from the second", in: group)
    let first = Wire(anna, ben)
    settle([anna, ben], [first])
    first.cut()
    let second = Wire(anna, copy)
    settle([anna, copy], [second])
    #expect(anna.hasFoundFork)
    #expect(copy.hasClosedOwnFeed)
    #expect(anna.texts(group).contains("one"))
    #expect(anna.texts(group).contains("from the first"))
  }
}
