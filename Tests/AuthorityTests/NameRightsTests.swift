import Format
import Testing

@testable import Authority

/// Who may name whom (E-18), where somebody has gone or meddled.
@Suite struct NameRightsTests {
  let world = World()
  let admin: TestDevice
  let member: TestDevice

  init() {
    admin = world.newDevice()
    member = world.newDevice()
    for device in [admin, member] { world.certify(device, .member, by: world.founder) }
  }

  @Test func `who left keeps the say that it had last`() {
    let other = Content.Subject.member(member.member)
    world.write(.rank(admin.member, .admin, []), by: world.founder)
    world.sync(admin, from: world.founder)
    #expect(world.roster.mayName(other, by: admin.certificate))
    world.write(.remove(.member(admin.member), []), by: admin)
    #expect(world.roster.rank(of: admin.member) == nil)
    #expect(world.roster.member(admin.member)?.rank == .admin)
    #expect(world.roster.mayName(other, by: admin.certificate))
  }

  @Test func `who was lowered before it left has no more say for having left`() {
    let boss = world.newDevice()
    world.certify(boss, .admin, by: world.founder)
    world.write(.rank(boss.member, .member, []), by: world.founder)
    world.write(.remove(.member(boss.member), []), by: world.founder)
    #expect(world.roster.member(boss.member)?.rank == .member)
    #expect(!world.roster.mayName(.member(member.member), by: boss.certificate))
  }

  @Test func `who was struck from the owners and left has no say in the office's name`() {
    world.write(
      world.owners([admin.member], previous: nil, signedBy: [world.founder.key]), by: world.founder)
    #expect(!world.roster.mayName(.office, by: world.founder.certificate))
    world.sync(admin, from: world.founder)
    #expect(world.write(.remove(.member(world.founder.member), []), by: admin) != nil)
    #expect(world.roster.member(world.founder.member)?.rank == .member)
    #expect(!world.roster.mayName(.office, by: world.founder.certificate))
  }

  @Test func `who came back and left again has the say of the last time`() {
    world.write(.rank(admin.member, .admin, []), by: world.founder)
    world.write(.remove(.member(admin.member), []), by: world.founder)
    world.certify(admin, .member, by: world.founder)
    world.write(.remove(.device(admin.key), []), by: world.founder)
    #expect(world.roster.member(admin.member)?.rank == .member)
  }

  @Test func `whoever copies a certificate to an old place let nobody in`() {
    let grant = world.newTicket()
    world.write(.ticket(grant), by: world.founder)
    let mole = world.newDevice()
    world.certify(mole, .member, by: world.founder)
    let early = world.newFeed(of: mole)
    for _ in 0..<3 { world.write(.ticket(world.newTicket()), by: world.founder) }
    world.sync(member, from: world.founder)
    let victim = world.newDevice()
    let entry = world.admit(victim, by: member, grant)
    let subjects = [Content.Subject.member(victim.member), .device(victim.key)]
    for subject in subjects { #expect(world.roster.mayName(subject, by: member.certificate)) }
    guard case .operation(let operation)? = entry?.content else {
      Issue.record("the victim was let in")
      return
    }
    let copy = world.write(operation, by: early)
    #expect(copy.map { one in entry.map { ControlEntry.precedes(one, $0) } ?? false } == true)
    for subject in subjects {
      #expect(!world.roster.mayName(subject, by: mole.certificate))
      #expect(world.roster.mayName(subject, by: victim.certificate))
      #expect(world.roster.mayName(subject, by: world.founder.certificate))
    }
    #expect(world.roster.member(victim.member)?.certifier == victim.member)
    #expect(world.roster.ticket(grant.key)?.used == 1)
  }
}
