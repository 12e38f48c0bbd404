import Cryptography
import Format
import Platform
import Replication
import Storage
import TestSupport
import Transport

/// Devices that somebody who lies brings along: certified for its own member, linked and written with as
/// if they were somebody's.
extension Liar {
  /// A device of its own member, with what it takes to be it.
  final class Brought {
    let secrets: DeviceSecrets
    let device: DeviceKey
    let identity: LinkIdentity
    let certificate: EntryID

    init(_ secrets: consuming DeviceSecrets, _ identity: LinkIdentity, _ certificate: EntryID) {
      device = secrets.device
      self.secrets = secrets
      (self.identity, self.certificate) = (identity, certificate)
    }
  }

  static let broughtMax = 3

  /// Brings one more along, or does something as one of them; says when the next time is.
  func bring(_ now: Moment) -> Moment {
    let next = now + .milliseconds(chance.number(2_000...15_000))
    guard let one = one(of: brought.indices.map { $0 }) else {
      certifyAnother()
      return next
    }
    switch chance.number(0...3) {
    case 0 where brought.count < Self.broughtMax: certifyAnother()
    case 0, 1:
      note("calls as a device that it brought")
      for other in world.hosts where other.isRunning { call(other, as: brought[one].identity, now) }
    default: write(as: brought[one])
    }
    return next
  }

  private func certifyAnother() {
    let made = (0..<3).map { _ in chance.bytes(32) }.flatMap { $0 }
    guard let secrets = try? DeviceSecrets(content: made),
      let other = try? DeviceSecrets(content: made),
      let shared = try? PreSharedKey(bytes: membership.sharedKey.array.span)
    else { return }
    let known = strands.firstIndex { $0.group == office }
    guard let way = known ?? begin(in: office, isOld: false) else { return }
    let first = known == nil ? 0 : strands[way].next
    let (ticket, handshake) = (TicketKey(Bytes32()), HandshakeHash(Bytes32()))
    let certificate = secrets.certificate(
      member: membership.member, rank: .member, isKeeper: false, mayAdmit: false)
    let content = certificate.proofContent(office: office, ticket: ticket, handshake: handshake)
    let operation = Operation.certify(
      .init(
        certificate: certificate, ticket: ticket, handshake: handshake,
        deviceSignature: SignatureBytes(secrets.signing.sign(.certify, content.raw)),
        ticketSignature: SignatureBytes()))
    guard grow(control(operation), on: way) else { return }
    note("brings a device along")
    let entry = strands[way].head.id
    tell(way, from: first)
    if let known = Long(secrets.device.bytes.array) { world.audit.book.liars.insert(known) }
    let identity = LinkIdentity(
      keys: LinkKeys(office: office, preSharedKey: shared, noiseKey: other.intoNoise()),
      certificate: entry)
    brought.append(Brought(secrets, identity, entry))
  }

  /// Writes as a device that it brought: in a feed of that one, true to the form.
  private func write(as one: Brought) {
    guard let group = self.one(of: lore.groups) else { return }
    let known = strands.firstIndex { $0.group == group && $0.device == one.device }
    guard let way = known ?? begin(in: group, as: one) else { return }
    let first = known == nil ? 0 : strands[way].next
    let isOffice = group == office
    guard grow(isOffice ? control(operation(in: group)) : text(in: group), on: way) else { return }
    note("writes as a device that it brought")
    tell(way, from: first)
  }

  private func begin(in group: GroupID, as one: Brought) -> Int? {
    guard let (chain, seq) = place(of: one.certificate) else { return nil }
    var cited = [cite(chain, seq)]
    if group != office {
      guard let first = lore[FeedID(group.bytes.prefix)] else { return nil }
      if first.feed != chain.feed { cited.append(cite(first, first.next - 1)) }
    }
    return begin(group, group: nil, cited, as: one.device, certificate: one.certificate)
  }

  /// Where an entry of its own or of others lies.
  private func place(of entry: EntryID) -> (chain: Chain, seq: Int)? {
    for chain in strands {
      if let seq = chain.leaves.firstIndex(where: { $0.id == entry }) { return (chain, seq) }
    }
    return lore.place(of: entry)
  }
}
