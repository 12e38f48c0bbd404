import Authority
import Cryptography
import Format
import Replication
import Testing

/// What goes on in an office with an operation in its log that this version does not know.
@Suite struct UnknownOperationTests {
  /// Anna owns the office, Ben is an admin, Cleo and Dora are members; all have written.
  struct Office {
    let anna = MemoryNode.founder()
    let ben: MemoryNode
    let cleo: MemoryNode
    let dora: MemoryNode
    let group: GroupID
    let wires: [Wire]
    var nodes: [MemoryNode] { [anna, ben, cleo, dora] }

    init() throws {
      group = try everyone(anna)
      ben = try admit(by: anna, name: "Ben", rank: .member)
      cleo = try admit(by: anna, name: "Cleo")
      dora = try admit(by: anna, name: "Dora")
      wires = [Wire(anna, ben), Wire(anna, cleo), Wire(anna, dora)]
      try write(.rank(ben.replica.member, .admin, []), anna)
      try anna.say("before", in: group)
      relay()
    }

    func relay() { settle(nodes, wires, rounds: 3) }

    func write(_ operation: Operation, _ node: MemoryNode) throws {
      try write([operation], node, node.replica.office)
    }

    func write(_ operations: [Operation], _ node: MemoryNode, _ group: GroupID) throws {
      _ = try node.replica.compose(group, operations.map { .control($0) }, wall: node.wall)
      node.drain()
      relay()
    }

    func remove(_ node: MemoryNode) throws {
      try write(
        .remove(
          .member(node.replica.member), anna.replica.cuts(of: [node.replica.secrets.device])),
        anna)
    }

    func ticket() throws -> Operation {
      let key = try SigningKey(ticketSeed: Random.bytes(32).span)
      return .ticket(
        .init(
          key: TicketKey(Bytes32(key.publicKey.bytes)), rank: .member, isKeeper: false,
          mayAdmit: true, member: MemberID(Bytes16()), expiresMilliseconds: .max, uses: 1,
          groups: []))
    }

    /// A certificate of a further device of the node's member.
    func furtherDevice(of node: MemoryNode) -> Operation {
      let secrets = DeviceSecrets()
      let certificate = secrets.certificate(
        member: node.replica.member, rank: .member, isKeeper: false, mayAdmit: true)
      let content = certificate.proofContent(
        office: node.replica.office, ticket: TicketKey(Bytes32()),
        handshake: HandshakeHash(Bytes32()))
      return .certify(
        .init(
          certificate: certificate, ticket: TicketKey(Bytes32()),
          handshake: HandshakeHash(Bytes32()),
          deviceSignature: SignatureBytes(secrets.signing.sign(.certify, content.raw)),
          ticketSignature: SignatureBytes()))
    }
  }

  @Test func `a member's holds nobody back`() throws {
    let office = try Office()
    try office.write(.unknown(code: 200), office.cleo)
    #expect(office.anna.replica.rosterNow().needsNewerVersion == false)
    try office.write(office.ticket(), office.anna)
    try office.write(office.furtherDevice(of: office.dora), office.dora)
    try office.anna.say("and on", in: office.group)
    office.relay()
    #expect(office.ben.texts(office.group).contains("and on"))
  }

  @Test func `an admin's lets go on what takes rights away, and the epoch that this asks for`()
    throws
  {
    let office = try Office()
    let (anna, cleo, dora) = (office.anna, office.cleo, office.dora)
    try office.write(office.ticket(), anna)
    try office.write(.unknown(code: 200), office.ben)
    let ownFeed = FeedID(Bytes16(Random.bytes16()))
    func refusal(_ operation: Operation) -> ComposeRefusal? {
      anna.replica.refusal(ofWriting: [.control(operation)], in: anna.replica.office)
    }
    let refused = [
      try office.ticket(), office.furtherDevice(of: anna),
      .rank(cleo.replica.member, .admin, []),
    ]
    for operation in refused { #expect(refusal(operation) == .needsNewerVersion) }
    let allowed: [Operation] = [
      .remove(.member(cleo.replica.member), []), .rank(dora.replica.member, .box, []),
      .suspend(ownFeed, seq: 1, EntryID(Bytes32(Random.bytes32())), EntryID(Bytes32())),
    ]
    for operation in allowed { #expect(refusal(operation) == nil, "\(operation)") }
    // An owner list without the signatures it takes fails by those alone.
    let list = Operation.OwnerList(
      previous: EntryID(Bytes32()), members: [anna.replica.member], signatures: [])
    #expect(refusal(.owners(list)) == .notAllowed(.ownersUnsigned))
    // Talking goes on as before, and for fewer.
    try anna.say("as before", in: office.group)
    try office.remove(cleo)
    try anna.say("without Cleo", in: office.group)
    try office.write(.rank(dora.replica.member, .box, []), anna)
    try anna.say("without Dora", in: office.group)
    office.relay()
    #expect(
      office.ben.texts(office.group) == [
        "before", "as before", "without Cleo", "without Dora",
      ])
    #expect(!cleo.texts(office.group).contains("without Cleo"))
    #expect(!dora.texts(office.group).contains("without Dora"))
    // For more readers no epoch is made, until who holds all back is gone.
    #expect(throws: ComposeRefusal.needsNewerVersion) {
      try office.write([.groupAdd([office.ben.replica.member], .member)], anna, office.group)
    }
    try office.remove(office.ben)
    #expect(!anna.replica.rosterNow().needsNewerVersion)
    try office.write(office.ticket(), anna)
  }

  @Test func `who stops an office and silences it is removed, and it goes on`() throws {
    let office = try Office()
    let (anna, ben, group) = (office.anna, office.ben, office.group)
    // Nobody asks Ben's altered node: first the further device, which would be refused after.
    try office.write(office.furtherDevice(of: ben), ben)
    try office.write(.unknown(code: 200), ben)
    #expect(throws: ComposeRefusal.needsNewerVersion) { try anna.say("silent", in: group) }
    // No group is begun of which neither the title nor a message could be written.
    let groups = anna.replica.groupIDs
    #expect(throws: ComposeRefusal.needsNewerVersion) {
      try anna.replica.foundGroup(
        .listed, pair: nil, [.groupAdd([office.dora.replica.member], .member)], wall: anna.wall)
    }
    anna.drain()
    #expect(anna.replica.groupIDs == groups)
    try office.remove(ben)
    try anna.say("free", in: group)
    office.relay()
    #expect(office.cleo.texts(group) == ["before", "free"])
    #expect(!ben.texts(group).contains("free"))
  }

  @Test func `a group is held back by who leads it alone, and freed by its removal`() throws {
    let office = try Office()
    let (anna, ben, cleo, dora) = (office.anna, office.ben, office.cleo, office.dora)
    let members = [ben.replica.member, cleo.replica.member].sorted()
    let listed = try anna.replica.foundGroup(
      .listed, pair: nil, [.groupAdd([members[0]], .manager), .groupAdd([members[1]], .manager)],
      wall: anna.wall
    ).group
    anna.drain()
    office.relay()
    try anna.say("listed", in: listed)
    office.relay()
    try office.write([.unknown(code: 200)], ben, listed)
    #expect(throws: ComposeRefusal.needsNewerVersion) {
      try office.write([.groupAdd([dora.replica.member], .member)], cleo, listed)
    }
    // The office and its other groups are none the wiser.
    try office.write(office.ticket(), anna)
    try cleo.say("meanwhile", in: listed)
    try office.write(
      [.groupRemove(ben.replica.member, anna.replica.cuts(of: ben.replica.member, in: listed))],
      anna, listed)
    try office.write([.groupAdd([dora.replica.member], .member)], cleo, listed)
    try cleo.say("with Dora", in: listed)
    office.relay()
    #expect(dora.texts(listed).contains("with Dora"))
    #expect(!ben.texts(listed).contains("with Dora"))
  }
}
