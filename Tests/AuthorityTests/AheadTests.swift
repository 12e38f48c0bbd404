import Format
import Testing

@testable import Authority

/// Answers that were asked for in a view whose entries were not all taken in yet, as when an own
/// entry is composed behind one that is still on its way to the disk.
@Suite struct AheadTests {
  @Test func `an answer given ahead of an entry of the office does not outlive its coming`() {
    let world = World()
    let (admin, late) = (world.newDevice(), world.newDevice())
    world.certify(admin, .admin, by: world.founder)
    world.certify(late, .member, by: admin)
    world.sync(world.founder, from: admin)
    let founder = world.founder
    let removal = ControlEntry(
      id: world.newEntryID(), place: founder.place, seq: founder.nextSeq,
      lamport: founder.lamport + 1, author: founder.key, certificate: founder.certificate,
      content: .operation(.remove(.member(admin.member), [world.cut(admin, at: 0)])),
      officeView: founder.view,
      groupView: .empty)
    let ahead = world.views.adding(founder.view, removal.place, removal.seq)
    #expect(
      world.authority.refusal(ofWriter: late.key, certificate: late.certificate, at: ahead) == nil)
    #expect(world.authority.roster(at: ahead).isLive(late.key))
    world.authority.insert(removal)
    #expect(!world.authority.roster(at: ahead).isLive(late.key))
    #expect(
      world.authority.refusal(ofWriter: late.key, certificate: late.certificate, at: ahead) != nil)
  }

  @Test func `an answer given ahead of an entry of a group does not outlive its coming`() {
    let world = World()
    let (ben, cleo) = (world.newDevice(), world.newDevice())
    for device in [ben, cleo] { world.certify(device, .member, by: world.founder) }
    let group = TestGroup(world, .listed, by: world.founder)
    let founder = world.founder
    #expect(group.write(.groupAdd([cleo.member], .member), by: founder) != nil)
    let addition = ControlEntry(
      id: world.newEntryID(), place: group.place(founder), seq: 2, lamport: founder.lamport + 1,
      author: founder.key, certificate: founder.certificate,
      content: .operation(.groupAdd([ben.member], .member)), officeView: founder.view,
      groupView: group.view(founder))
    let ahead = world.views.adding(group.view(founder), addition.place, addition.seq)
    func refusal() -> Refusal? {
      group.authority.refusal(
        ofWriter: ben.key, certificate: ben.certificate, groupView: ahead,
        officeView: founder.view, opensFeed: false)
    }
    func isIn() -> Bool {
      group.authority.membership(groupView: ahead, officeView: founder.view).contains(ben.key)
    }
    #expect(refusal() == .notInGroup && !isIn())
    group.authority.insert(addition)
    #expect(refusal() == nil && isIn())
  }
}
