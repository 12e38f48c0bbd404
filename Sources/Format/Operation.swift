/// A control operation: the body of an entry of kind 3 (5-authority).
package enum Operation: Hashable, Sendable {
  case certify(Certification)
  case remove(Target, [Cut])
  case rank(MemberID, Rank, [Cut])
  case ticket(TicketGrant)
  case ticketRevoke(TicketKey)
  case owners(OwnerList)
  case suspend(FeedID, seq: UInt32, EntryID, EntryID)
  case groupAdd([MemberID], Grade)
  case groupRemove(MemberID, [Cut])
  /// An operation this version does not know.
  case unknown(code: UInt8)

  /// Who is removed.
  package enum Target: Hashable, Sendable {
    case member(MemberID)
    case device(DeviceKey)
  }

  /// Admits a device for a member, with the device's own proof.
  package struct Certification: Hashable, Sendable {
    package let certificate: Certificate
    /// The ticket that gave the right; zero where the author's rank did.
    package let ticket: TicketKey
    package let handshake: HandshakeHash
    package let deviceSignature: SignatureBytes
    /// Zero iff there is no ticket.
    package let ticketSignature: SignatureBytes

    package init(
      certificate: Certificate, ticket: TicketKey, handshake: HandshakeHash,
      deviceSignature: SignatureBytes, ticketSignature: SignatureBytes
    ) {
      (self.certificate, self.ticket, self.handshake) = (certificate, ticket, handshake)
      (self.deviceSignature, self.ticketSignature) = (deviceSignature, ticketSignature)
    }
  }

  /// What a ticket allows.
  package struct TicketGrant: Hashable, Sendable {
    package let key: TicketKey
    package let rank: Rank
    package let isKeeper: Bool
    package let mayAdmit: Bool
    /// The member whose further device it admits; zero for a new member.
    package let member: MemberID
    package let expiresMilliseconds: UInt64
    package let uses: UInt16
    package let groups: [GroupID]

    package init(
      key: TicketKey, rank: Rank, isKeeper: Bool, mayAdmit: Bool, member: MemberID,
      expiresMilliseconds: UInt64, uses: UInt16, groups: [GroupID]
    ) {
      (self.key, self.rank, self.isKeeper, self.mayAdmit) = (key, rank, isKeeper, mayAdmit)
      (self.member, self.expiresMilliseconds) = (member, expiresMilliseconds)
      (self.uses, self.groups) = (uses, groups)
    }
  }

  /// A new list of owners with the signatures that carry it.
  package struct OwnerList: Hashable, Sendable {
    package let previous: EntryID
    package let members: [MemberID]
    package let signatures: [OwnerSignature]

    package init(previous: EntryID, members: [MemberID], signatures: [OwnerSignature]) {
      (self.previous, self.members, self.signatures) = (previous, members, signatures)
    }

    /// What `sign(zr1 owners; …)` covers.
    package func content(office: GroupID) -> [UInt8] {
      var writer = Writer()
      writer.id(office)
      writer.id(previous)
      writer.u8(UInt8(members.count))
      for member in members { writer.id(member) }
      return writer.bytes
    }
  }

  /// One signature under an owner list; the device key is zero where the recovery key signed.
  package struct OwnerSignature: Hashable, Sendable {
    package let device: DeviceKey
    package let signature: SignatureBytes

    package init(device: DeviceKey, signature: SignatureBytes) {
      (self.device, self.signature) = (device, signature)
    }
  }

  /// A member's right in a listed group; a lower number is senior, the creator's is 0.
  package enum Grade: UInt8, Hashable, Comparable, Sendable {
    case creator = 0
    case manager = 1
    case member = 2

    /// Orders by number: the senior grade is the lower one.
    package static func < (a: Grade, b: Grade) -> Bool { a.rawValue < b.rawValue }
  }
}
