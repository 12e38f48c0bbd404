import Cryptography
import Format
import Replication
import Storage
import TestSupport

/// What it says of others, within its rights and beyond them.
extension Liar {
  func operation(in group: GroupID) -> Operation {
    let people = lore.people(of: office)
    let member = one(of: people.members) ?? membership.member
    let certificate = one(of: people.certificates)?.certificate
    if group != office {
      switch chance.number(0...3) {
      case 0: return .unknown(code: UInt8(chance.number(11...255)))
      case 1: return .groupRemove(member, cuts(in: group))
      default:
        let some = people.members.filter { _ in chance.oneIn(3) }.sorted()
        return .groupAdd(some.isEmpty ? [member] : some, chance.oneIn(2) ? .manager : .member)
      }
    }
    switch chance.number(0...11) {
    case 0, 1: return .remove(.member(member), cuts(in: office))
    case 2: return .remove(.device(certificate?.device ?? secrets.device), cuts(in: office))
    case 3:
      return .rank(member, one(of: [.owner, .admin, .member, .box]) ?? .admin, cuts(in: office))
    case 4: return .rank(membership.member, .admin, [])
    case 5: return .ticket(ticket(for: member))
    case 6: return .ticketRevoke(one(of: people.tickets) ?? TicketKey(madeUpID().bytes))
    case 7: return suspension()
    case 8: return ownerList(people)
    case 9, 10: return certification(of: chance.oneIn(2) ? membership.member : member)
    default: return .unknown(code: UInt8(chance.number(11...255)))
    }
  }

  /// Places in feeds up to which entries are to count, and such as are not there.
  private func cuts(in group: GroupID) -> [Cut] {
    lore.chains(of: group).filter { _ in chance.oneIn(3) }.sorted { $0.feed < $1.feed }.map {
      let seq = number(below: $0.next)
      let isThere = !chance.oneIn(8)
      return Cut(
        feed: $0.feed, seq: UInt32(seq), entry: isThere ? $0.leaves[seq].id : madeUpID())
    }
  }

  private func ticket(for member: MemberID) -> Operation.TicketGrant {
    Operation.TicketGrant(
      key: TicketKey(Bytes32(SigningKey().publicKey.bytes)), rank: .member,
      isKeeper: chance.oneIn(3), mayAdmit: chance.oneIn(2),
      member: chance.oneIn(2) ? member : MemberID(Bytes16()),
      expiresMilliseconds: chance.oneIn(2) ? .max : 0, uses: UInt16(chance.number(0...100)),
      groups: chance.oneIn(2) ? [] : lore.groups.filter { $0 != office }.sorted())
  }

  private func suspension() -> Operation {
    let chain = one(of: lore.chains(of: one(of: lore.groups) ?? office))
    let seq = chain.map { number(below: $0.next) } ?? 0
    let ids = [chain?.leaves[seq].id ?? madeUpID(), madeUpID()].sorted()
    return .suspend(chain?.feed ?? FeedID(bytes16()), seq: UInt32(seq), ids[0], ids[1])
  }

  /// A list that names whom it likes, signed by itself or by nobody.
  private func ownerList(_ people: Lore.People) -> Operation {
    let members = Array(Set(people.members.filter { _ in chance.oneIn(3) } + [membership.member]))
      .sorted()
    let previous = one(of: people.ownerLists) ?? EntryID(Bytes32())
    let list = Operation.OwnerList(
      previous: previous, members: Array(members.prefix(Limits.ownersMax)), signatures: [])
    let signature = SignatureBytes(
      secrets.signing.sign(.owners, list.content(office: office).raw))
    let device = chance.oneIn(2) ? secrets.device : DeviceKey(Bytes32())
    return .owners(
      Operation.OwnerList(
        previous: list.previous, members: list.members,
        signatures: [.init(device: device, signature: signature)]))
  }

  /// A device that it brings along: for its own member, or for another one.
  private func certification(of member: MemberID) -> Operation {
    let made = DeviceSecrets()
    let rank: Rank = chance.oneIn(4) ? .admin : .member
    let certificate = made.certificate(
      member: member, rank: rank, isKeeper: chance.oneIn(4), mayAdmit: chance.oneIn(2))
    let isBorrowed = chance.oneIn(4)
    let noise = one(of: lore.people(of: office).certificates)?.certificate.noise
    let shown = Certificate(
      member: member, device: certificate.device,
      noise: isBorrowed ? noise ?? certificate.noise : certificate.noise,
      sealing: certificate.sealing, rank: rank, isKeeper: certificate.isKeeper,
      mayAdmit: certificate.mayAdmit)
    let (ticket, handshake) = (TicketKey(Bytes32()), HandshakeHash(Bytes32()))
    let content = shown.proofContent(office: office, ticket: ticket, handshake: handshake)
    return .certify(
      .init(
        certificate: shown, ticket: ticket, handshake: handshake,
        deviceSignature: SignatureBytes(made.signing.sign(.certify, content.raw)),
        ticketSignature: SignatureBytes()))
  }
}
