import Format
import Testing

@testable import Authority

@Suite struct EpochTests {
  let world = World()
  let anna: TestDevice
  let ben: TestDevice
  let cleo: TestDevice
  let dora: TestDevice
  let group: TestGroup

  init() {
    anna = world.newDevice()
    ben = world.newDevice()
    cleo = world.newDevice()
    dora = world.newDevice()
    world.certify(anna, .admin, by: world.founder)
    world.certify(ben, .admin, by: world.founder)
    for device in [cleo, dora] { world.certify(device, .member, by: world.founder) }
    for device in [anna, ben, cleo] { world.sync(device, from: dora) }
    group = TestGroup(world, .everyone, by: anna)
  }

  @Test func `an epoch of the members' devices is eligible`() {
    let epoch = group.epoch(by: anna)
    #expect(epoch.recipients.count == 5)
    #expect(group.refusal(of: epoch) == nil)
  }

  @Test func `a newcomer makes a new epoch necessary`() {
    let epoch = group.epoch(by: anna)
    world.certify(world.newDevice(), .member, by: ben)
    #expect(group.refusal(of: epoch) == .recipientsDiffer)
    #expect(group.refusal(of: group.epoch(by: ben)) == nil)
  }

  @Test func `two removals in two partitions leave neither epoch eligible`() {
    let byAnna = world.write(.remove(.member(cleo.member), []), by: anna)
    let first = group.epoch(by: anna)
    let byBen = world.write(.remove(.member(dora.member), []), by: ben)
    let second = group.epoch(by: ben)
    #expect(byAnna != nil && byBen != nil)
    #expect(first.recipients.contains(dora.key) && second.recipients.contains(cleo.key))
    #expect(group.refusal(of: first) == .recipientsDiffer)
    #expect(group.refusal(of: second) == .recipientsDiffer)
    group.sync(anna, from: ben)
    #expect(group.refusal(of: group.epoch(by: anna)) == nil)
  }

  @Test func `an epoch from before a removal stays out when its device is back`() {
    let old = group.epoch(by: anna)
    let removal = world.write(.remove(.device(cleo.key), []), by: anna)
    #expect(world.certify(cleo, .member, by: anna) != nil)
    #expect(old.recipients == group.membership.devices.map(\.key))
    #expect(group.refusal(of: old) == removal.map { .unseen(ControlReference($0)) })
    #expect(group.refusal(of: group.epoch(by: anna)) == nil)
  }

  @Test func `a removal from the group counts like one from the office`() {
    let group = TestGroup(world, .listed, by: cleo)
    group.write(.groupAdd([dora.member], .member), by: cleo)
    let old = group.epoch(by: cleo)
    let removal = group.write(.groupRemove(dora.member, []), by: cleo)
    group.write(.groupAdd([dora.member], .member), by: cleo)
    #expect(group.refusal(of: old) == removal.map { .unseen(ControlReference($0)) })
    #expect(group.refusal(of: group.epoch(by: cleo)) == nil)
  }

  @Test func `a removal of who was never a member does not touch the group`() {
    let group = TestGroup(world, .listed, by: cleo)
    let epoch = group.epoch(by: cleo)
    world.write(.remove(.member(dora.member), []), by: anna)
    #expect(group.refusal(of: epoch) == nil)
    world.write(.remove(.member(ben.member), []), by: world.founder)
    #expect(group.refusal(of: epoch) == nil)
  }

  @Test func `a suspension asks for a new epoch, and leaves the device out, once it is proven`() {
    let epoch = group.epoch(by: anna)
    func suspend(_ device: TestDevice, by author: TestDevice) -> ControlEntry? {
      world.write(
        .suspend(device.place.feed, seq: 3, world.newEntryID(), world.newEntryID()), by: author)
    }
    // Anybody may write one, of any feed: without the proof nobody acts on it.
    #expect(suspend(cleo, by: dora) != nil && suspend(world.newDevice(), by: dora) != nil)
    #expect(group.refusal(of: epoch) == nil)
    world.authority.noteFork(of: cleo.place.feed, by: cleo.key)
    #expect(group.refusal(of: epoch) == .recipientsDiffer)
    group.sync(anna, from: dora)
    let second = group.epoch(by: anna)
    #expect(!second.recipients.contains(cleo.key))
    #expect(group.refusal(of: second) == nil)
    #expect(world.roster.device(cleo.key)?.isSuspended == true)
    // However often it is said again, and from whatever place.
    #expect(suspend(cleo, by: dora) != nil && suspend(cleo, by: ben) != nil)
    #expect(group.refusal(of: second) == nil)
  }

  @Test func `a proven suspension asks for a new epoch where its device was a member`() {
    let group = TestGroup(world, .listed, by: anna)
    group.write(.groupAdd([cleo.member], .member), by: anna)
    group.sync(cleo, from: anna)
    group.write(.groupRemove(cleo.member, []), by: anna)
    let other = TestGroup(world, .listed, by: anna)
    let (old, aside) = (group.epoch(by: anna), other.epoch(by: anna))
    let suspension = world.write(
      .suspend(cleo.place.feed, seq: 3, world.newEntryID(), world.newEntryID()), by: dora)
    world.authority.noteFork(of: cleo.place.feed, by: cleo.key)
    #expect(group.refusal(of: old) == suspension.map { .unseen(ControlReference($0)) })
    #expect(other.refusal(of: aside) == nil)
  }

  @Test func `a void removal asks for nothing`() {
    let epoch = group.epoch(by: ben)
    world.write(.remove(.member(anna.member), []), by: world.founder)
    world.write(.remove(.member(cleo.member), []), by: anna)
    group.sync(ben, from: world.founder)
    let second = group.epoch(by: ben)
    #expect(group.refusal(of: epoch) == .recipientsDiffer)
    #expect(second.recipients.contains(cleo.key))
    #expect(group.refusal(of: second) == nil)
  }
}
