import Format
import Testing

@testable import Authority

@Suite struct TicketTests {
  let world = World()
  let admin: TestDevice
  let member: TestDevice

  init() {
    admin = world.newDevice()
    member = world.newDevice()
    world.certify(admin, .admin, by: world.founder)
    world.certify(member, .member, by: admin)
  }

  func issue(_ grant: Operation.TicketGrant, by issuer: TestDevice) {
    #expect(world.write(.ticket(grant), by: issuer) != nil)
    world.sync(member, from: issuer)
  }

  @Test func `a member admits by ticket while the owner is off`() {
    let grant = world.newTicket()
    issue(grant, by: admin)
    let newcomer = world.newDevice()
    #expect(world.admit(newcomer, by: member, grant) != nil)
    let roster = world.authority.roster(at: newcomer.view)
    #expect(roster.rank(of: newcomer.member) == .member)
    #expect(roster.member(newcomer.member)?.certifier == member.member)
    #expect(roster.member(newcomer.member)?.ticket == grant.key)
    #expect(roster.ticket(grant.key)?.used == 1)
    #expect(roster.ticket(grant.key)?.isOverused == false)
    #expect(
      world.write(
        .suspend(member.place.feed, seq: 1, world.newEntryID(), world.newEntryID()),
        by: newcomer) != nil)
  }

  @Test func `a further device is named by who let it in, and by nobody who let in others`() {
    let further = world.newTicket(member: admin.member)
    let other = world.newTicket()
    issue(further, by: admin)
    issue(other, by: admin)
    let (second, newcomer) = (world.newDevice(of: admin.member), world.newDevice())
    #expect(world.admit(second, by: member, further) != nil)
    world.sync(newcomer, from: admin)
    #expect(world.admit(newcomer, by: admin, other) != nil)
    let roster = world.roster
    let device = Content.Subject.device(second.key)
    for by in [member, admin, second, world.founder] {
      #expect(roster.mayName(device, by: by.certificate))
    }
    #expect(!roster.mayName(device, by: newcomer.certificate))
    // Letting in a member's further device gives no say in the member's own name.
    #expect(!roster.mayName(.member(admin.member), by: member.certificate))
    // Nor in that of devices it did not let in.
    #expect(!roster.mayName(.device(newcomer.key), by: member.certificate))
    #expect(roster.mayName(.member(newcomer.member), by: newcomer.certificate))
  }

  @Test func `a ticket that two partitions spend is over-used and nobody loses anything`() {
    let grant = world.newTicket()
    issue(grant, by: admin)
    let (one, two) = (world.newDevice(), world.newDevice())
    #expect(world.admit(one, by: member, grant) != nil)
    #expect(world.admit(two, by: admin, grant) != nil)
    let ticket = world.roster.ticket(grant.key)
    #expect(ticket?.used == 2)
    #expect(ticket?.isOverused == true)
    #expect(world.roster.isLive(one.key) && world.roster.isLive(two.key))
    #expect(world.roster.voids.isEmpty)
  }

  @Test func `a revoked ticket admits nobody who is admitted with the revocation in the past`() {
    let grant = world.newTicket(uses: 9)
    issue(grant, by: admin)
    let (early, late) = (world.newDevice(), world.newDevice())
    #expect(world.write(.ticketRevoke(grant.key), by: world.founder) == nil)
    world.sync(world.founder, from: admin)
    #expect(world.write(.ticketRevoke(grant.key), by: world.founder) != nil)
    #expect(world.admit(early, by: member, grant) != nil)
    world.sync(member, from: world.founder)
    #expect(world.admit(late, by: member, grant) == nil)
    #expect(world.refused.last?.refusal == .ticketRevoked)
    #expect(world.roster.ticket(grant.key)?.isRevoked == true)
    #expect(world.roster.isLive(early.key))
  }

  @Test func `the certificate is what the ticket allows`() {
    let grant = world.newTicket(rank: .box, isKeeper: true, mayAdmit: false)
    issue(grant, by: admin)
    let box = world.newDevice()
    for wrong in [
      Operation.TicketGrant(
        key: grant.key, rank: .member, isKeeper: true, mayAdmit: false, member: grant.member,
        expiresMilliseconds: 0, uses: 1, groups: []),
      Operation.TicketGrant(
        key: grant.key, rank: .box, isKeeper: false, mayAdmit: false, member: grant.member,
        expiresMilliseconds: 0, uses: 1, groups: []),
      Operation.TicketGrant(
        key: grant.key, rank: .box, isKeeper: true, mayAdmit: true, member: grant.member,
        expiresMilliseconds: 0, uses: 1, groups: []),
    ] {
      #expect(world.admit(box, by: member, wrong) == nil)
      #expect(world.refused.last?.refusal == .ticketDiffers)
    }
    #expect(world.admit(box, by: member, grant) != nil)
    #expect(world.roster.device(box.key)?.isKeeper == true)
    #expect(world.roster.device(box.key)?.rank == .box)
    #expect(world.admit(world.newDevice(), by: box, grant) == nil)
    #expect(world.refused.last?.refusal == .mayNotAdmit)
  }

  @Test func `a ticket that is not in the past admits nobody`() {
    let grant = world.newTicket()
    #expect(world.write(.ticket(grant), by: admin) != nil)
    #expect(world.admit(world.newDevice(), by: member, grant) == nil)
    #expect(world.refused.last?.refusal == .ticketUnknown)
  }

  @Test func `a ticket for anyone does not open the door to being someone`() {
    let grant = world.newTicket(uses: 5)
    issue(grant, by: admin)
    #expect(world.admit(world.newDevice(of: admin.member), by: member, grant) == nil)
    #expect(world.refused.last?.refusal == .memberTaken)
    #expect(world.admit(world.newDevice(of: world.founder.member), by: member, grant) == nil)
    #expect(world.refused.last?.refusal == .memberTaken)
  }

  @Test func `nobody is introduced under the name of a member that the place has not heard of`() {
    let grant = world.newTicket(uses: 5)
    issue(grant, by: admin)
    let boss = world.newDevice()
    world.certify(boss, .admin, by: world.founder)
    // The member's place does not know the new admin: only the name can tell.
    #expect(world.admit(world.newDevice(of: boss.member), by: member, grant) == nil)
    #expect(world.refused.last?.refusal == .memberNotNamedByKey)
  }

  @Test func `a ticket ends with its issuer's right to issue it`() {
    let grant = world.newTicket(uses: 5)
    issue(grant, by: admin)
    world.sync(world.founder, from: admin)
    #expect(world.write(.rank(admin.member, .member, []), by: world.founder) != nil)
    #expect(world.admit(world.newDevice(), by: member, grant) != nil)
    world.sync(member, from: world.founder)
    #expect(world.admit(world.newDevice(), by: member, grant) == nil)
    #expect(world.refused.last?.refusal == .ticketEnded)
    #expect(world.roster.ticket(grant.key)?.hasEnded == true)
  }

  @Test func `a member issues tickets for further devices of its own, within its flags`() {
    #expect(world.refusal(.ticket(world.newTicket()), by: member) == .mayNotIssue)
    #expect(
      world.refusal(.ticket(world.newTicket(member: admin.member)), by: member) == .mayNotIssue)
    #expect(
      world.refusal(.ticket(world.newTicket(isKeeper: true, member: member.member)), by: member)
        == .mayNotIssue)
    let grant = world.newTicket(member: member.member)
    issue(grant, by: member)
    #expect(world.admit(world.newDevice(), by: member, grant) == nil)
    #expect(world.refused.last?.refusal == .ticketDiffers)
    let second = world.newDevice(of: member.member)
    #expect(world.admit(second, by: member, grant) != nil)
    #expect(world.roster.member(member.member)?.devices.count == 2)
  }

  @Test func `only the issuer, its seniors and owners revoke a ticket`() {
    let grant = world.newTicket()
    issue(grant, by: admin)
    let other = world.newDevice()
    world.certify(other, .admin, by: world.founder)
    world.sync(other, from: admin)
    #expect(world.refusal(.ticketRevoke(grant.key), by: other) == .mayNotRevoke)
    #expect(world.refusal(.ticketRevoke(grant.key), by: member) == .mayNotRevoke)
    #expect(world.refusal(.ticketRevoke(world.newTicketKey()), by: admin) == .ticketUnknown)
    #expect(world.write(.ticketRevoke(grant.key), by: admin) != nil)
  }

  @Test func `a ticket's key is used once`() {
    let grant = world.newTicket()
    issue(grant, by: admin)
    #expect(world.refusal(.ticket(grant), by: admin) == .ticketRepeated)
  }

  @Test func `both signatures of a certificate by ticket are genuine`() {
    let grant = world.newTicket()
    issue(grant, by: admin)
    let device = world.newDevice()
    for (deviceKey, ticketKey, refusal) in [
      (grant.key.bytes, grant.key.bytes, Refusal.badDeviceSignature),
      (device.key.bytes, device.key.bytes, Refusal.badTicketSignature),
    ] {
      let certification = Operation.Certification(
        certificate: device.asCertificate(rank: .member), ticket: grant.key,
        handshake: HandshakeHash(Bytes32()), deviceSignature: TestSignatures.sign(deviceKey),
        ticketSignature: TestSignatures.sign(ticketKey))
      #expect(world.refusal(.certify(certification), by: member) == refusal)
    }
  }

  // MARK: A key that several operations name

  /// Somebody who has been there for longer than the ticket, and what it can write from there.
  func mole(_ rank: Rank = .member) -> (device: TestDevice, early: TestDevice) {
    let mole = world.newDevice()
    world.certify(mole, rank, by: world.founder)
    return (mole, world.newFeed(of: mole))
  }

  @Test(arguments: [Rank.member, .box])
  func `who repeats a ticket's key from an old place spoils, takes over and revokes nothing`(
    rank: Rank
  ) {
    let (mole, early) = mole(rank)
    let group = TestGroup(world, .listed, by: admin)
    let grant = world.newTicket(uses: 3, groups: [group.id])
    for _ in 0..<3 { world.write(.ticket(world.newTicket()), by: admin) }
    issue(grant, by: admin)
    let dora = world.newDevice()
    #expect(world.admit(dora, by: member, grant) != nil)
    let repeated = Operation.TicketGrant(
      key: grant.key, rank: rank, isKeeper: false, mayAdmit: true, member: mole.member,
      expiresMilliseconds: .max, uses: 1, groups: [])
    let entry = world.write(.ticket(repeated), by: early)
    #expect(entry != nil && world.write(.ticketRevoke(grant.key), by: early) != nil)
    #expect(group.grade(dora) == .member)
    let ticket = world.roster.ticket(grant.key)
    #expect(ticket?.issuer == admin.member && ticket?.used == 1 && ticket?.isRevoked == false)
    #expect(world.roster.ticket(grant.key, for: world.newDevice().member)?.grant == grant)
    #expect(world.roster.mayName(.ticket(grant.key), by: admin.certificate))
    #expect(!world.roster.mayName(.ticket(grant.key), by: mole.certificate))
    // The next newcomer is let in by who has seen it all.
    world.sync(member, from: early, admin)
    let next = world.newDevice()
    #expect(world.admit(next, by: member, grant) != nil)
    #expect(group.grade(next) == .member)
    // A revoke that has both in its past ends the one that its author may end.
    world.sync(early, from: member)
    #expect(world.write(.ticketRevoke(grant.key), by: early) != nil)
    #expect(world.roster.ticket(grant.key)?.isRevoked == false)
    world.sync(admin, from: early)
    #expect(world.write(.ticketRevoke(grant.key), by: admin) != nil)
    #expect(world.roster.ticket(grant.key)?.isRevoked == true)
    world.sync(member, from: admin)
    #expect(world.admit(world.newDevice(), by: member, grant) == nil)
  }

  @Test func `who was removed comes back by no ticket from before`() {
    let grant = world.newTicket(member: member.member, uses: 3)
    issue(grant, by: admin)
    let second = world.newDevice(of: member.member)
    world.sync(world.founder, from: member)
    #expect(world.admit(second, by: world.founder, grant) != nil)
    world.sync(admin, from: world.founder)
    world.write(.remove(.member(member.member), []), by: admin)
    world.sync(world.founder, from: admin)
    let again = world.newDevice(of: member.member)
    #expect(world.admit(again, by: world.founder, grant) == nil)
    #expect(world.refused.last?.refusal == .ticketEnded)
    #expect(world.roster.ticket(grant.key)?.hasEnded == true)
    let anew = world.newTicket(member: member.member)
    world.write(.ticket(anew), by: admin)
    world.sync(world.founder, from: admin)
    #expect(world.admit(again, by: world.founder, anew) != nil)
    #expect(world.roster.rank(of: member.member) == .member)
  }

  // MARK: How often

  @Test func `a ticket lets in no more than its uses by who knows of them`() {
    let grant = world.newTicket(uses: 2)
    issue(grant, by: admin)
    for _ in 0..<2 { #expect(world.admit(world.newDevice(), by: member, grant) != nil) }
    #expect(world.admit(world.newDevice(), by: member, grant) == nil)
    #expect(world.refused.last?.refusal == .ticketUsedUp)
  }

  @Test func `who came by a ticket lets in nobody else by it, from whatever place`() {
    let (one, many) = (world.newTicket(), world.newTicket(uses: 99))
    issue(one, by: admin)
    issue(many, by: admin)
    let (first, second) = (world.newDevice(), world.newDevice())
    world.admit(first, by: member, one)
    world.admit(second, by: member, many)
    #expect(world.admit(world.newDevice(), by: first, one) == nil)
    #expect(world.refused.last?.refusal == .ticketUsedUp)
    #expect(world.admit(world.newDevice(), by: second, many) == nil)
    #expect(world.refused.last?.refusal == .ticketOwn)
    let further = world.newDevice(of: second.member)
    #expect(world.certify(further, .member, by: second) != nil)
    #expect(world.admit(world.newDevice(), by: further, many) == nil)
    #expect(world.refused.last?.refusal == .ticketOwn)
    // Another ticket is one that it may let in by, and its own further computers are its own.
    #expect(world.admit(world.newDevice(), by: first, many) != nil)
    let own = world.newTicket(member: first.member, uses: 2)
    world.write(.ticket(own), by: first)
    let mine = world.newDevice(of: first.member)
    #expect(world.admit(mine, by: first, own) != nil)
    #expect(world.admit(world.newDevice(of: first.member), by: mine, own) != nil)
  }

  @Test func `a certificate that counts once more takes nothing from who came meanwhile`() {
    let grant = world.newTicket()
    issue(grant, by: admin)
    let (plotter, other) = (world.newDevice(), world.newDevice())
    world.certify(plotter, .admin, by: world.founder)
    let (one, two) = (world.newDevice(), world.newDevice())
    world.admit(one, by: member, grant)
    world.sync(plotter, from: member)
    // While the plotter's removal has effect the ticket is not used, and another comes by it.
    world.write(.remove(.member(member.member), [world.cut(member, at: 0)]), by: plotter)
    world.certify(other, .member, by: world.founder)
    world.sync(other, from: plotter)
    #expect(world.admit(two, by: other, grant) != nil)
    world.write(.remove(.member(plotter.member), []), by: world.founder)
    #expect(world.roster.isLive(one.key) && world.roster.isLive(two.key))
  }
}
