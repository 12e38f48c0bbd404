import Format
import Testing

@testable import Authority

/// Who was made a manager by one who is gone does not say itself that it is one.
@Suite struct SelfVouchingTests {
  let world = World()
  let ben: TestDevice
  let cleo: TestDevice
  let dora: TestDevice
  let group: TestGroup
  /// A further feed of Ben's, at a place before he was removed.
  let early: TestDevice

  /// Ben's group, in which the founder of the office and Cleo are members; Dora, if she is one, is too.
  init() {
    (ben, cleo, dora) = (world.newDevice(), world.newDevice(), world.newDevice())
    for device in [ben, cleo, dora] { world.certify(device, .member, by: world.founder) }
    for device in [ben, cleo, dora] { world.sync(device, from: world.founder) }
    group = TestGroup(world, .listed, by: ben)
    group.write(.groupAdd([world.founder.member, dora.member].sorted(), .member), by: ben)
    group.write(.groupAdd([cleo.member], .manager), by: ben)
    early = world.newFeed(of: ben)
    for device in [world.founder, cleo, dora, early] { group.sync(device, from: ben) }
  }

  /// Removes Ben, of which the founder says a word there, and makes a manager of somebody as if from
  /// before, who hears of the removal alone.
  func raise(_ device: TestDevice) throws {
    #expect(world.write(.remove(.member(ben.member), []), by: world.founder) != nil)
    let heard = world.newDevice()
    world.sync(heard, from: world.founder)
    #expect(group.say(by: world.founder))
    #expect(group.write(.groupAdd([device.member], .manager), by: early) != nil)
    group.sync(device, from: early)
    world.sync(device, from: heard)
    #expect(group.membership(seenBy: device).grade(of: device.member) == .manager)
  }

  @Test(arguments: [false, true]) func `whoever is raised by one gone does not vouch for that`(
    isMember: Bool
  ) throws {
    let raised = isMember ? dora : world.newDevice()
    if !isMember {
      world.certify(raised, .member, by: world.founder)
      for device in [ben, cleo, early] { world.sync(device, from: world.founder) }
    }
    try raise(raised)
    #expect(group.say(by: raised))
    #expect(group.grade(raised) == (isMember ? .member : nil))
    // Nor does it with all the rest before it.
    group.sync(raised, from: world.founder)
    #expect(
      group.refusal(.groupAdd([world.founder.member], .member), by: raised)
        == (isMember ? .mayNotAdd : .notInGroup))
  }

  @Test func `another manager vouches for whom one gone had raised`() throws {
    try raise(dora)
    #expect(group.grade(dora) == .member)
    group.sync(cleo, from: dora)
    #expect(group.say(by: cleo))
    #expect(group.grade(dora) == .manager && group.grade(cleo) == .manager)
  }
}
