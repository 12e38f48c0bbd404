import Format
import Testing

@testable import Authority

@Suite struct OfficeTests {
  @Test func `the founder alone is the owner of the office`() throws {
    let world = World()
    let roster = world.roster
    #expect(roster.owners == [world.founder.member])
    #expect(roster.lastOwners.isZero)
    #expect(roster.recoveryKey == world.recovery)
    #expect(roster.members.map(\.id) == [world.founder.member])
    #expect(roster.rank(of: world.founder.member) == .owner)
    #expect(roster.isLive(world.founder.key))
    #expect(roster.device(noise: world.founder.noise)?.key == world.founder.key)
    #expect(roster.voids.isEmpty)
    #expect(!roster.needsNewerVersion)
  }

  @Test func `an owner certifies a second device of its own`() throws {
    let world = World()
    let second = world.newDevice(of: world.founder.member)
    #expect(world.certify(second, .owner, by: world.founder) != nil)
    #expect(world.roster.members.count == 1)
    #expect(world.roster.device(second.key)?.rank == .owner)
    #expect(world.certify(world.newDevice(), .admin, by: second) != nil)
  }

  @Test func `nobody founds the office twice`() {
    let world = World()
    let again = ControlEntry(
      id: world.newEntryID(), place: world.founder.place, seq: 1, lamport: 2,
      author: world.founder.key, certificate: world.founder.certificate,
      content: world.log[0].content, officeView: world.founder.view, groupView: .empty)
    #expect(world.authority.refusal(of: again) == .notFounder)
  }

  @Test func `a certificate gives at most a rank below its author's`() {
    let world = World()
    let admin = world.newDevice()
    world.certify(admin, .admin, by: world.founder)
    #expect(world.certify(world.newDevice(), .admin, by: admin) == nil)
    #expect(world.refused.last?.refusal == .rankTooHigh)
    #expect(world.certify(world.newDevice(), .owner, by: world.founder) == nil)
    #expect(world.refused.last?.refusal == .ownerNotListed)
    let member = world.newDevice()
    #expect(world.certify(member, .member, by: admin) != nil)
    #expect(world.certify(world.newDevice(), .member, by: member) == nil)
    #expect(world.certify(world.newDevice(), .box, by: admin) != nil)
    #expect(world.certify(world.newDevice(of: member.member), .member, by: member) != nil)
    #expect(world.certify(world.newDevice(), .box, by: member) == nil)
    #expect(world.refused.last?.refusal == .memberOfOthers)
  }

  @Test func `an admin cannot make itself a device of an owner`() {
    let world = World()
    let admin = world.newDevice()
    world.certify(admin, .admin, by: world.founder)
    let false1 = world.newDevice(of: world.founder.member)
    #expect(world.certify(false1, .member, by: admin) == nil)
    #expect(world.refused.last?.refusal == .memberOfOthers)
    #expect(
      world.refusal(.ticket(world.newTicket(member: world.founder.member)), by: admin)
        == .mayNotIssue)
  }

  @Test func `who was not certified writes nothing`() {
    let world = World()
    let stranger = world.newDevice()
    world.sync(stranger, from: world.founder)
    #expect(world.refusal(.unknown(code: 99), by: stranger) == .notCertified)
    stranger.certificate = world.founder.certificate
    #expect(world.refusal(.unknown(code: 99), by: stranger) == .notCertified)
    #expect(
      world.authority.refusal(
        ofWriter: stranger.key, certificate: stranger.certificate, at: stranger.view)
        == .notCertified)
    #expect(
      world.authority.refusal(
        ofWriter: world.founder.key, certificate: world.founder.certificate,
        at: world.founder.view) == nil)
  }

  @Test func `a member makes itself no device of a box, and a box no keeper`() {
    let world = World()
    let (member, box) = (world.newDevice(), world.newDevice())
    world.certify(member, .member, by: world.founder)
    world.certify(box, .box, by: world.founder, isKeeper: true)
    world.sync(member, from: box)
    #expect(world.certify(world.newDevice(of: box.member), .box, by: member) == nil)
    #expect(world.refused.last?.refusal == .memberOfOthers)
    #expect(world.certify(world.newDevice(), .guest, by: box, isKeeper: true) == nil)
    #expect(world.refused.last?.refusal == .memberOfOthers)
    #expect(world.refusal(.remove(.member(box.member), []), by: member) == .notAdmin)
    #expect(world.refusal(.remove(.device(box.key), []), by: member) == .notAdmin)
    #expect(world.write(.remove(.member(box.member), []), by: world.founder) != nil)
  }

  @Test func `nobody has more devices than one may have, until one is removed`() throws {
    let world = World()
    let member = world.newDevice()
    world.certify(member, .member, by: world.founder)
    var last = member
    for _ in 1..<Limits.devicesPerMemberMax {
      last = world.newDevice(of: member.member)
      #expect(world.certify(last, .member, by: member) != nil)
    }
    #expect(world.certify(world.newDevice(of: member.member), .member, by: member) == nil)
    #expect(world.refused.last?.refusal == .tooManyDevices)
    world.sync(world.founder, from: member)
    #expect(world.certify(world.newDevice(of: member.member), .member, by: world.founder) == nil)
    #expect(world.write(.remove(.device(last.key), []), by: member) != nil)
    #expect(world.certify(world.newDevice(of: member.member), .member, by: member) != nil)
  }

  @Test func `an unknown operation is kept, and binds while its author decides for others`() {
    let world = World()
    let (admin, member) = (world.newDevice(), world.newDevice())
    world.certify(admin, .admin, by: world.founder)
    world.certify(member, .member, by: world.founder)
    world.sync(member, from: world.founder)
    #expect(world.write(.unknown(code: 99), by: member) != nil)
    #expect(!world.roster.needsNewerVersion)
    // What was written as a member does not bind when one is an admin later.
    world.sync(world.founder, from: member)
    world.write(.rank(member.member, .admin, []), by: world.founder)
    #expect(!world.roster.needsNewerVersion)
    #expect(world.write(.unknown(code: 99), by: admin) != nil)
    #expect(world.roster.needsNewerVersion)
    // It is in the past of the removal, and has effect; but nobody is held back by it any more.
    world.sync(world.founder, from: admin)
    world.write(.rank(admin.member, .member, []), by: world.founder)
    #expect(!world.roster.needsNewerVersion)
    world.write(.rank(admin.member, .admin, []), by: world.founder)
    #expect(world.roster.needsNewerVersion)
    world.write(
      .remove(.member(admin.member), [world.cut(admin, at: admin.nextSeq - 1)]), by: world.founder)
    #expect(!world.roster.needsNewerVersion && world.roster.voids.isEmpty)
    // Back with a new certificate, it is another matter what the old device wrote.
    world.certify(admin, .admin, by: world.founder)
    #expect(world.roster.rank(of: admin.member) == .admin && !world.roster.needsNewerVersion)
    #expect(world.write(.unknown(code: 99), by: world.founder) != nil)
    #expect(world.roster.needsNewerVersion)
    #expect(world.refusal(.groupRemove(world.founder.member, []), by: world.founder) == .otherLog)
  }
}
