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
    #expect(world.certify(world.newDevice(), .box, by: member) != nil)
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

  @Test func `an unknown operation is kept and asks for a newer version`() {
    let world = World()
    #expect(world.write(.unknown(code: 99), by: world.founder) != nil)
    #expect(world.roster.needsNewerVersion)
    #expect(world.refusal(.groupRemove(world.founder.member, []), by: world.founder) == .otherLog)
  }
}
