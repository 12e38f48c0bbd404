import Format
import Testing

@testable import Authority

@Suite struct RemovalTests {
  let world = World()
  let admin: TestDevice
  let other: TestDevice

  init() {
    admin = world.newDevice()
    other = world.newDevice()
    world.certify(admin, .admin, by: world.founder)
    world.certify(other, .admin, by: world.founder)
    world.sync(admin, from: world.founder)
  }

  func reason(_ entry: ControlEntry?) -> VoidReason? {
    world.roster.voids.first { $0.entry.id == entry?.id }?.reason
  }

  @Test func `what a removed admin wrote beyond the cut is void, and what hung on it`() throws {
    let (early, late) = (world.newDevice(), world.newDevice())
    let guest = world.newDevice(of: late.member)
    world.certify(early, .member, by: admin)
    let lateEntry = world.certify(late, .member, by: admin)
    let guestEntry = world.certify(guest, .member, by: late)
    #expect(guestEntry != nil)
    world.sync(world.founder, from: admin)
    let removal = world.write(
      .remove(.member(admin.member), [world.cut(admin, at: 1)]), by: world.founder)
    let roster = world.roster
    #expect(!roster.isLive(admin.key))
    #expect(roster.member(admin.member)?.isRemoved == true)
    #expect(roster.isLive(early.key))
    #expect(!roster.isLive(late.key) && !roster.isLive(guest.key))
    #expect(reason(lateEntry) == removal.map { .cut(ControlReference($0)) })
    #expect(reason(guestEntry) == .noRight(.notCertified))
    #expect(roster.removals.map(\.entry.id) == [removal?.id])
    #expect(
      world.authority.refusal(
        ofWriter: admin.key, certificate: admin.certificate, at: world.everything)
        == .certificateEnded)
  }

  @Test func `for devices without a right to be here who let in the first of them is to blame`() {
    let removal = world.write(.remove(.member(admin.member), []), by: world.founder)
    let first = world.newDevice()
    let second = world.newDevice(of: first.member)
    world.certify(first, .member, by: admin)
    #expect(world.certify(second, .member, by: first) != nil)
    for device in [first, second] {
      let voided = world.roster.voided(device.certificate, noise: device.noise)
      #expect(voided?.device == device.key)
      #expect(voided?.by == [removal].compactMap { $0.map { ControlReference($0) } })
      #expect(voided?.blamed == [admin.member])
    }
    #expect(world.roster.voided(admin.certificate, noise: admin.noise) == nil)
    #expect(world.roster.voided(first.certificate, noise: second.noise) == nil)
  }

  @Test func `where an owner cut off the founding itself nobody let in who has no right by it`() {
    let (founder, second) = (world.founder, world.newDevice(of: world.founder.member))
    world.certify(second, .owner, by: founder)
    let cut = Cut(feed: founder.place.feed, seq: 0, entry: world.newEntryID())
    #expect(world.write(.remove(.device(founder.key), [cut]), by: second) != nil)
    for device in [founder, second] {
      let voided = world.roster.voided(device.certificate, noise: device.noise)
      #expect(voided?.device == device.key)
      #expect(voided?.blamed.isEmpty == true)
    }
  }

  @Test func `a removed admin gains nothing by writing from an old place`() {
    let removal = world.write(.remove(.member(admin.member), []), by: world.founder)
    // The admin has not seen its removal; both entries are right at their places.
    let newcomer = world.newDevice()
    let backdated = world.certify(newcomer, .member, by: admin)
    let revenge = world.write(.remove(.member(newcomer.member), []), by: admin)
    #expect(backdated != nil && revenge != nil)
    #expect(reason(backdated) == removal.map { .cut(ControlReference($0)) })
    #expect(reason(revenge) == removal.map { .cut(ControlReference($0)) })
    #expect(world.roster.member(newcomer.member) == nil)
  }

  @Test func `equals cannot remove each other and a junior no senior`() {
    #expect(world.refusal(.remove(.member(other.member), []), by: admin) == .notSenior)
    #expect(world.refusal(.remove(.device(other.key), []), by: admin) == .notSenior)
    #expect(world.refusal(.remove(.member(world.founder.member), []), by: admin) == .notSenior)
    let member = world.newDevice()
    world.certify(member, .member, by: admin)
    #expect(world.refusal(.remove(.member(admin.member), []), by: member) == .notAdmin)
    #expect(world.refusal(.remove(.device(world.newDevice().key), []), by: admin) == .targetUnknown)
    #expect(
      world.refusal(.remove(.member(world.newDevice().member), []), by: admin)
        == .targetUnknown)
  }

  @Test func `two devices of one member that remove each other are both out`() {
    let second = world.newDevice(of: admin.member)
    world.certify(second, .admin, by: admin)
    #expect(world.write(.remove(.device(second.key), []), by: admin) != nil)
    #expect(world.write(.remove(.device(admin.key), []), by: second) != nil)
    #expect(!world.roster.isLive(second.key) && !world.roster.isLive(admin.key))
    #expect(world.roster.removals.count == 2)
  }

  @Test func `a removal wins over a certificate that has not seen it`() {
    let member = world.newDevice()
    world.certify(member, .member, by: admin)
    world.sync(world.founder, from: admin)
    world.sync(other, from: admin)
    world.write(.remove(.member(member.member), []), by: world.founder)
    let second = world.newDevice(of: member.member)
    #expect(world.certify(second, .member, by: other) != nil)
    #expect(!world.roster.isLive(second.key))
    #expect(world.roster.rank(of: member.member) == nil)
  }

  @Test func `who was removed comes back with a certificate that has seen the removal`() {
    world.write(.rank(other.member, .member, []), by: world.founder)
    world.write(.rank(other.member, .admin, []), by: world.founder)
    world.write(.remove(.member(other.member), []), by: world.founder)
    let old = other.certificate
    #expect(world.certify(other, .member, by: world.founder) != nil)
    #expect(world.roster.isLive(other.key))
    #expect(world.roster.device(certificate: old)?.isLive == false)
    // Neither the old certificate nor the old rank operation gives the rank back.
    #expect(world.roster.rank(of: other.member) == .member)
    other.certificate = old
    world.sync(other, from: world.founder)
    #expect(world.refusal(.unknown(code: 77), by: other) == .certificateEnded)
  }

  @Test func `a demotion takes back what lies beyond its cuts and keeps the member`() {
    let (early, late) = (world.newDevice(), world.newDevice())
    world.certify(early, .member, by: admin)
    let void = world.certify(late, .member, by: admin)
    world.sync(world.founder, from: admin)
    let demotion = world.write(
      .rank(admin.member, .member, [world.cut(admin, at: 1)]), by: world.founder)
    #expect(world.roster.rank(of: admin.member) == .member)
    #expect(world.roster.isLive(admin.key))
    #expect(world.roster.isLive(early.key) && !world.roster.isLive(late.key))
    #expect(reason(void) == demotion.map { .cut(ControlReference($0)) })
    // What the demoted member writes with the demotion in its past stands.
    world.sync(admin, from: world.founder)
    let second = world.newDevice(of: admin.member)
    #expect(world.certify(world.newDevice(), .member, by: admin) == nil)
    #expect(world.certify(second, .member, by: admin) != nil)
    #expect(world.roster.isLive(second.key))
  }

  @Test func `a promotion cuts nothing`() {
    let member = world.newDevice()
    world.certify(member, .member, by: admin)
    let second = world.newDevice(of: member.member)
    world.certify(second, .member, by: member)
    world.sync(world.founder, from: member)
    world.write(.rank(member.member, .admin, [world.cut(member, at: 0)]), by: world.founder)
    #expect(world.roster.rank(of: member.member) == .admin)
    #expect(world.roster.isLive(second.key))
    #expect(world.roster.removals.isEmpty)
  }

  @Test func `of two demotions the fewest rights hold and a later one replaces both`() {
    world.sync(other, from: world.founder, admin)
    let second = world.newDevice(of: world.founder.member)
    world.certify(second, .owner, by: world.founder)
    world.sync(second, from: other)
    let box = world.write(.rank(admin.member, .box, []), by: second)
    world.write(.rank(admin.member, .member, []), by: world.founder)
    #expect(world.roster.rank(of: admin.member) == .box)
    #expect(world.roster.ranking(of: admin.member)?.id == box?.id)
    world.sync(second, from: world.founder)
    world.write(.rank(admin.member, .admin, []), by: second)
    #expect(world.roster.rank(of: admin.member) == .admin)
  }

  @Test func `an admin sets ranks among members and boxes alone`() {
    let member = world.newDevice()
    world.certify(member, .member, by: admin)
    #expect(world.refusal(.rank(other.member, .member, []), by: admin) == .rankNotToGive)
    #expect(world.refusal(.rank(member.member, .admin, []), by: admin) == .rankNotToGive)
    #expect(
      world.refusal(.rank(world.founder.member, .member, []), by: world.founder)
        == .rankNotToGive)
    world.sync(world.founder, from: admin)
    #expect(
      world.refusal(.rank(member.member, .owner, []), by: world.founder) == .rankNotToGive)
    #expect(world.write(.rank(member.member, .box, []), by: admin) != nil)
  }

  @Test func `everyone may leave but the office keeps an owner's last device`() {
    let member = world.newDevice()
    world.certify(member, .member, by: admin)
    #expect(world.write(.remove(.member(member.member), []), by: member) != nil)
    #expect(world.roster.rank(of: member.member) == nil)
    #expect(
      world.refusal(.remove(.member(world.founder.member), []), by: world.founder) == .ownerStays)
    #expect(
      world.refusal(.remove(.device(world.founder.key), []), by: world.founder)
        == .lastOwnerDevice)
    let second = world.newDevice(of: world.founder.member)
    world.certify(second, .owner, by: world.founder)
    #expect(world.write(.remove(.device(world.founder.key), []), by: second) != nil)
    #expect(world.roster.member(world.founder.member)?.devices.map(\.key) == [second.key])
  }

  @Test func `keys are never used twice`() {
    let member = world.newDevice()
    world.certify(member, .member, by: admin)
    for stolen in 0..<3 {
      let thief = world.newDevice()
      let certificate = Certificate(
        member: MemberID((stolen == 0 ? member : thief).key.bytes.prefix),
        device: stolen == 0 ? member.key : thief.key,
        noise: stolen == 1 ? member.noise : thief.noise,
        sealing: stolen == 2 ? member.sealing : thief.sealing, rank: .member, isKeeper: false,
        mayAdmit: true)
      let certification = Operation.Certification(
        certificate: certificate, ticket: TicketKey(Bytes32()),
        handshake: HandshakeHash(Bytes32()),
        deviceSignature: TestSignatures.sign(certificate.device.bytes),
        ticketSignature: SignatureBytes())
      #expect(world.refusal(.certify(certification), by: admin) == .keyReused)
    }
    #expect(world.certify(member, .member, by: admin) == nil)
    #expect(world.refused.last?.refusal == .keyReused)
    world.write(.remove(.device(member.key), []), by: admin)
    #expect(world.certify(member, .member, by: admin) != nil)
  }

  @Test func `of a feed that a removal does not list counts what its author had seen`() {
    let (seen, unseen) = (world.newDevice(), world.newDevice())
    world.certify(seen, .member, by: admin)
    world.sync(world.founder, from: admin)
    let late = world.certify(unseen, .member, by: admin)
    let removal = world.write(.remove(.device(admin.key), []), by: world.founder)
    #expect(world.roster.isLive(seen.key) && !world.roster.isLive(unseen.key))
    #expect(reason(late) == removal.map { .cut(ControlReference($0)) })
  }

  @Test func `a cut of a branch that the entry does not stand on leaves it void`() {
    let late = world.certify(world.newDevice(), .member, by: admin)
    world.sync(world.founder, from: admin)
    let cut = Cut(feed: admin.place.feed, seq: 1, entry: world.newEntryID())
    let removal = world.write(.remove(.device(admin.key), [cut]), by: world.founder)
    #expect(reason(late) == removal.map { .cut(ControlReference($0)) })
  }
}
