/// A member's place in the order of rights; a lower number is senior.
package enum Rank: UInt8, Hashable, Comparable, Sendable {
  case owner = 0
  case admin = 1
  case member = 2
  case box = 3
  case guest = 4
  case machine = 5

  /// Whether `self` has fewer rights than nothing else but `other`: the senior one is smaller.
  package static func < (a: Rank, b: Rank) -> Bool { a.rawValue < b.rawValue }
}

/// Binds the three keys of a device to a member.
package struct Certificate: Hashable, Sendable {
  package static let size = 114
  package var member: MemberID
  package var device: DeviceKey
  package var noise: NoiseIdentity
  package var sealing: SealingIdentity
  package var rank: Rank
  /// Entitled to every group's log as ciphertext, and serves it.
  package var isKeeper: Bool
  /// May admit others with a ticket.
  package var mayAdmit: Bool

  package init(
    member: MemberID, device: DeviceKey, noise: NoiseIdentity, sealing: SealingIdentity,
    rank: Rank, isKeeper: Bool, mayAdmit: Bool
  ) {
    (self.member, self.device, self.noise, self.sealing) = (member, device, noise, sealing)
    (self.rank, self.isKeeper, self.mayAdmit) = (rank, isKeeper, mayAdmit)
  }

  package var flags: UInt8 { (isKeeper ? 1 : 0) | (mayAdmit ? 2 : 0) }

  package init(_ reader: inout Reader) throws(DecodeError) {
    member = try reader.id()
    device = try reader.id()
    noise = try reader.id()
    sealing = try reader.id()
    guard let rank = Rank(rawValue: try reader.u8()) else { throw reader.fail() }
    self.rank = rank
    let flags = try reader.u8()
    guard flags & ~3 == 0 else { throw reader.fail() }
    (isKeeper, mayAdmit) = (flags & 1 != 0, flags & 2 != 0)
  }

  /// Writes the 114 bytes as they stand in a `certify` and in a founding.
  package func encode(_ writer: inout Writer) {
    writer.id(member)
    writer.id(device)
    writer.id(noise)
    writer.id(sealing)
    writer.u8(rank.rawValue)
    writer.u8(flags)
  }

  /// What `sign(zr1 certify; …)` covers.
  package func proofContent(office: GroupID, ticket: TicketKey, handshake: HandshakeHash) -> [UInt8]
  {
    var writer = Writer(capacity: 240)
    writer.id(office)
    writer.id(ticket)
    writer.id(member)
    writer.id(device)
    writer.id(noise)
    writer.id(sealing)
    writer.id(handshake)
    return writer.bytes
  }
}

/// The body of the office genesis.
package struct OfficeGenesis: Hashable, Sendable {
  package static let size = 178
  package let certificate: Certificate
  /// The Ed25519 key that can change the owner list and nothing else.
  package let recoveryKey: DeviceKey
  /// From which the office PSK is derived; every device of the office knows it.
  package let officeSecret: Bytes32

  package init(certificate: Certificate, recoveryKey: DeviceKey, officeSecret: Bytes32) {
    (self.certificate, self.recoveryKey) = (certificate, recoveryKey)
    self.officeSecret = officeSecret
  }

  /// Decodes the body of a genesis whose ext names `device` (E-14).
  package init(decoding body: [UInt8], device: DeviceKey) throws(DecodeError) {
    guard body.count == Self.size else { throw .broken(.e16) }
    var reader = Reader(body, .e14)
    certificate = try Certificate(&reader)
    recoveryKey = try reader.id()
    officeSecret = try reader.bytes32()
    try reader.finish()
    guard certificate.rank == .owner, certificate.device == device else { throw .broken(.e14) }
  }

  /// The 178 bytes of the body.
  package func encode() -> [UInt8] {
    var writer = Writer(capacity: Self.size)
    certificate.encode(&writer)
    writer.id(recoveryKey)
    writer.bytes32(officeSecret)
    return writer.bytes
  }
}
