import Format
import Testing

@testable import Authority

/// What is asked of entries, devices and keys that are not here, and what is taken in twice.
@Suite struct StrangerTests {
  let world = World()

  private func entry(_ content: ControlEntry.Content, at place: FeedPlace) -> ControlEntry {
    let founder = world.founder
    return ControlEntry(
      id: world.newEntryID(), place: place, seq: 9, lamport: 90, author: founder.key,
      certificate: founder.certificate, content: content, officeView: founder.view,
      groupView: .empty)
  }

  @Test func `an office without its genesis has nobody, and only its own genesis founds it`() {
    let empty = OfficeAuthority(
      office: world.authority.office, verifier: TestSignatures(), views: world.views)
    let roster = empty.roster(at: .empty)
    #expect(roster.members.isEmpty && roster.devices.isEmpty && roster.recoveryKey.isZero)
    let genesis = world.log[0]
    let other = entry(genesis.content, at: genesis.place)
    #expect(empty.refusal(of: other) == .notFounder)
    #expect(empty.refusal(of: genesis) == nil)
    #expect(world.authority.refusal(of: other) == .notFounder)
  }

  @Test func `who is not here is nobody, and names nobody`() {
    let stranger = world.newDevice()
    stranger.certificate = world.newEntryID()
    let roster = world.roster
    #expect(roster.device(stranger.key) == nil && roster.device(noise: stranger.noise) == nil)
    #expect(roster.member(stranger.member) == nil && roster.ticket(world.newTicketKey()) == nil)
    #expect(!roster.isLive(stranger.key) && !roster.isLive(noise: stranger.noise))
    for subject in [Content.Subject.office, .member(world.founder.member)] {
      #expect(roster.mayName(subject, by: world.founder.certificate))
      #expect(!roster.mayName(subject, by: stranger.certificate))
    }
    for subject in [Content.Subject.member(stranger.member), .device(stranger.key)] {
      #expect(!roster.mayName(subject, by: world.founder.certificate))
    }
    let founding = ControlReference(world.log[0])
    #expect(!world.authority.certifies(stranger.certificate, after: founding))
    #expect(!world.authority.certifies(stranger.certificate, stranger.key, in: world.everything))
  }

  @Test func `an entry that is taken in twice stands once`() {
    let member = world.newDevice()
    world.certify(member, .member, by: world.founder)
    let group = TestGroup(world, .listed, by: world.founder)
    group.write(.groupAdd([member.member], .member), by: world.founder)
    for entry in world.log { world.authority.insert(entry) }
    for entry in group.log { group.authority.insert(entry) }
    #expect(world.authority.entries.map(\.id) == world.log.map(\.id))
    #expect(group.authority.entries.map(\.id) == group.log.map(\.id))
    #expect(world.authority.lateCount == 0)
  }

  @Test func `a group is founded once, and by operations alone it changes`() {
    let group = TestGroup(world, .listed, by: world.founder)
    for content in [world.log[0].content, .heard] {
      let entry = entry(content, at: group.place(world.founder))
      #expect(group.authority.refusal(of: entry) == .otherLog)
    }
  }

  @Test func `a box does nothing in a group to which nobody added it`() {
    let (box, member) = (world.newDevice(), world.newDevice())
    world.certify(box, .box, by: world.founder)
    world.certify(member, .member, by: world.founder)
    let group = TestGroup(world, .listed, by: world.founder)
    for (device, refusal) in [(box, Refusal.boxNotAdded), (member, .notInGroup)] {
      group.sync(device, from: world.founder)
      #expect(group.refusal(.groupAdd([member.member], .member), by: device) == refusal)
    }
  }

  @Test func `an operation that nobody knows binds in views that hold it alone`() {
    let before = world.everything
    world.write(.unknown(code: 200), by: world.founder)
    #expect(world.roster.needsNewerVersion)
    #expect(!world.authority.roster(at: before).needsNewerVersion)
  }

  @Test func `a ticket adds to a group where its issuer is known to be one who may`() {
    let (boss, newcomer) = (world.newDevice(), world.newDevice())
    world.certify(boss, .admin, by: world.founder)
    let group = TestGroup(world, .listed, by: world.founder)
    let ticket = world.newTicket(groups: [group.id])
    world.write(.ticket(ticket), by: boss)
    world.admit(newcomer, by: boss, ticket)
    world.sync(world.founder, from: boss)
    group.write(.groupAdd([boss.member], .manager), by: world.founder)
    let early = group.authority.membership(groupView: .empty, officeView: world.everything)
    #expect(early.grade(of: newcomer.member) == nil)
    #expect(group.membership.grade(of: newcomer.member) == .member)
  }
}
