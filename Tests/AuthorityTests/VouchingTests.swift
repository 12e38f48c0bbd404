import Format
import Testing

@testable import Authority

/// What somebody does in a group from a place before it was removed, struck, lowered, or left.
@Suite struct VouchingTests {
  let world = World()
  let anna: TestDevice
  let ben: TestDevice
  let cleo: TestDevice
  let dora: TestDevice
  let mole: TestDevice

  init() {
    anna = world.newDevice()
    world.certify(anna, .admin, by: world.founder)
    (ben, cleo, dora, mole) = (
      world.newDevice(), world.newDevice(), world.newDevice(), world.newDevice()
    )
    for device in [ben, cleo, dora, mole] { world.certify(device, .member, by: anna) }
    for device in [ben, cleo, dora, mole, world.founder] { world.sync(device, from: anna) }
  }

  /// Ben's group, with these of the grade; and a further feed of his, at a place before all else.
  func group(
    _ members: [TestDevice], _ grade: Operation.Grade
  ) -> (group: TestGroup, early: TestDevice) {
    let group = TestGroup(world, .listed, by: ben)
    group.write(.groupAdd(members.map(\.member).sorted(), grade), by: ben)
    let early = world.newFeed(of: ben)
    for device in members + [early] { group.sync(device, from: ben) }
    return (group, early)
  }

  func removeBen(_ cuts: [Cut] = []) {
    #expect(world.write(.remove(.member(ben.member), cuts), by: anna) != nil)
  }

  @Test func `who was removed throws out nobody once members know of it`() {
    let (group, early) = group([cleo, dora], .member)
    removeBen()
    for device in [cleo, dora] {
      world.sync(device, from: anna)
      #expect(group.say(by: device))
      // Only the first message knows first.
      #expect(!group.say(by: device))
    }
    for device in [cleo, dora] {
      #expect(group.write(.groupRemove(device.member, []), by: early) != nil)
    }
    #expect(group.grade(cleo) == .member && group.grade(dora) == .member)
    #expect(group.membership.voids.count == 2)
  }

  @Test func `only what may take something in a group is heard there`() {
    let (group, _) = group([cleo], .member)
    let everyone = TestGroup(world, .everyone, by: ben)
    everyone.sync(cleo, from: ben)
    // Dora is not in the group, and whose computer it is does not matter.
    let newer = world.newDevice(of: dora.member)
    world.certify(newer, .member, by: dora)
    world.write(.remove(.device(newer.key), []), by: dora)
    world.sync(cleo, from: dora)
    #expect(!group.say(by: cleo) && !everyone.say(by: cleo))
    group.write(.groupAdd([dora.member], .member), by: ben)
    group.sync(cleo, from: ben)
    #expect(group.say(by: cleo))
    removeBen()
    world.sync(cleo, from: anna)
    #expect(!everyone.say(by: cleo) && group.say(by: cleo) && !group.say(by: cleo))
  }

  @Test func `what they had seen when they heard of a removal counts`() {
    let (group, _) = group([cleo, dora], .member)
    group.write(.groupRemove(dora.member, []), by: ben)
    group.sync(cleo, from: ben)
    removeBen()
    world.sync(dora, from: anna)
    #expect(group.say(by: dora))
    world.sync(cleo, from: anna)
    #expect(group.say(by: cleo))
    #expect(group.grade(dora) == nil && group.grade(cleo) == .member)
  }

  @Test func `a message of a manager bears witness of a removal`() {
    let (group, early) = group([cleo, dora], .manager)
    removeBen()
    #expect(group.write(.groupAdd([mole.member], .member), by: early) != nil)
    #expect(group.grade(mole) == .member)
    world.sync(cleo, from: anna)
    #expect(group.say(by: cleo))
    #expect(group.grade(mole) == nil)
    // Nobody else decides any more, with more of the same.
    group.sync(mole, from: early)
    world.sync(mole, from: anna)
    group.say(by: mole)
    #expect(group.grade(mole) == nil && group.grade(dora) == .manager)
  }

  @Test func `a struck owner does nothing in a group that has heard of it`() {
    world.sync(cleo, from: anna)
    let first = world.write(
      world.owners(
        [world.founder.member, cleo.member], previous: nil, signedBy: [world.founder.key]),
      by: world.founder)
    for device in [ben, cleo, dora, mole] { world.sync(device, from: world.founder) }
    let (group, _) = group([dora], .member)
    let early = world.newFeed(of: cleo)
    group.sync(early, from: ben)
    let second = world.write(
      world.owners(
        [world.founder.member], previous: first?.id, signedBy: [world.founder.key, cleo.key]),
      by: world.founder)
    #expect(second != nil)
    world.sync(ben, from: world.founder)
    #expect(group.say(by: ben))
    #expect(group.write(.groupAdd([mole.member], .manager), by: early) != nil)
    #expect(group.write(.groupRemove(dora.member, []), by: early) != nil)
    #expect(group.write(.groupRemove(ben.member, []), by: early) != nil)
    #expect(
      group.grade(mole) == nil && group.grade(dora) == .member && group.grade(ben) == .creator)
  }

  @Test func `a manager throws out no equal by its silence`() {
    let (group, _) = group([cleo], .manager)
    group.write(.groupAdd([dora.member], .manager), by: ben)
    group.sync(dora, from: ben)
    group.write(.groupAdd([mole.member], .member), by: dora)
    removeBen()
    world.sync(cleo, from: anna)
    #expect(group.write(.unknown(code: 50), by: cleo) != nil)
    #expect(group.grade(dora) == .manager && group.grade(mole) == .member)
    #expect(group.membership.voids.isEmpty)
  }

  @Test func `a manager who was removed does not come back by its silence`() {
    let (group, _) = group([cleo], .manager)
    group.write(.groupRemove(cleo.member, []), by: ben)
    group.write(.groupAdd([dora.member], .member), by: ben)
    removeBen()
    world.sync(cleo, from: anna)
    let late = group.write(.unknown(code: 50), by: cleo)
    #expect(group.grade(cleo) == nil && group.grade(dora) == .member)
    #expect(group.membership.voids.map(\.entry.id) == [late?.id])
  }

  @Test func `whom an owner removed does not come back when that one retires`() {
    world.sync(dora, from: anna)
    let first = world.write(
      world.owners(
        [world.founder.member, dora.member], previous: nil, signedBy: [world.founder.key]),
      by: world.founder)
    for device in [ben, cleo, dora, mole] { world.sync(device, from: world.founder) }
    let (group, early) = group([cleo], .manager)
    group.write(.groupAdd([mole.member], .member), by: ben)
    group.write(.groupRemove(ben.member, []), by: ben)
    group.sync(dora, from: ben)
    #expect(group.write(.groupRemove(cleo.member, []), by: dora) != nil)
    group.sync(mole, from: dora)
    let second = world.write(
      world.owners(
        [world.founder.member], previous: first?.id, signedBy: [world.founder.key, dora.key]),
      by: world.founder)
    #expect(second != nil)
    let late = world.newFeed(of: cleo)
    group.sync(late, from: early)
    for device in [mole, late] {
      world.sync(device, from: world.founder)
      #expect(group.say(by: device))
    }
    #expect(group.grade(cleo) == nil && group.grade(mole) == .member)
    #expect(group.membership.voids.isEmpty)
  }

  @Test(arguments: [false, true])
  func `who was removed or lowered vouches no more for what comes late`(isLowered: Bool) {
    let (group, early) = group([cleo, dora], .manager)
    let isEnded =
      isLowered
      ? group.write(.groupAdd([cleo.member], .member), by: ben)
      : group.write(.groupRemove(cleo.member, []), by: ben)
    #expect(isEnded != nil)
    group.sync(dora, from: ben)
    removeBen()
    world.sync(dora, from: anna)
    #expect(group.say(by: dora))
    #expect(group.write(.groupAdd([mole.member], .member), by: early) != nil)
    #expect(group.grade(mole) == nil)
    let late = world.newFeed(of: cleo)
    group.sync(late, from: early)
    world.sync(late, from: anna)
    #expect(group.say(by: late))
    #expect(group.grade(mole) == nil && group.grade(dora) == .manager)
    #expect(group.grade(cleo) == (isLowered ? .member : nil))
  }

  @Test(arguments: [false, true])
  func `who was lowered takes nothing by its silence`(isFirst: Bool) {
    let (group, early) = group([cleo], .manager)
    let late = world.newFeed(of: cleo)
    group.sync(late, from: early)
    world.sync(late, from: ben)
    group.write(.groupAdd([cleo.member], .member), by: ben)
    group.write(.groupAdd([dora.member], .member), by: ben)
    group.sync(dora, from: ben)
    removeBen()
    for device in isFirst ? [late, dora] : [dora, late] {
      world.sync(device, from: anna)
      #expect(group.say(by: device))
    }
    #expect(group.grade(dora) == .member && group.grade(cleo) == .member)
    #expect(group.membership.voids.isEmpty)
  }

  @Test func `who was removed says nothing of removals that knew of that`() {
    let (group, _) = group([cleo, mole], .manager)
    group.write(.groupAdd([dora.member], .member), by: ben)
    let (late, other) = (world.newFeed(of: cleo), world.newFeed(of: mole))
    for device in [late, other] { group.sync(device, from: ben) }
    for device in [cleo, mole] { group.write(.groupRemove(device.member, []), by: ben) }
    group.sync(dora, from: ben)
    #expect(group.write(.groupRemove(dora.member, []), by: other) != nil)
    removeBen()
    for device in [dora, late] {
      world.sync(device, from: anna)
      #expect(group.say(by: device))
    }
    #expect(group.grade(dora) == .member)
    #expect(group.grade(cleo) == nil && group.grade(mole) == nil)
  }

  /// A newer computer of somebody removes the older one, and lists what it wrote up to an entry.
  func replace(_ device: TestDevice, upTo word: ControlEntry?) {
    let newer = world.newDevice(of: device.member)
    #expect(world.certify(newer, .member, by: device) != nil)
    world.sync(newer, from: device)
    let cuts = word.map { [Cut(feed: $0.place.feed, seq: $0.seq, entry: $0.id)] } ?? []
    #expect(world.write(.remove(.device(device.key), cuts), by: newer) != nil)
  }

  @Test(arguments: [false, true])
  func `what a computer bore witness of stays so when it is replaced and that is listed`(
    isListed: Bool
  ) {
    let (group, early) = group([cleo], .manager)
    removeBen()
    world.sync(cleo, from: anna)
    #expect(group.say(by: cleo))
    #expect(group.write(.groupAdd([mole.member], .member), by: early) != nil)
    #expect(group.grade(mole) == nil)
    replace(cleo, upTo: isListed ? group.log.first { $0.author == cleo.key } : nil)
    #expect(group.grade(mole) == (isListed ? nil : .member))
    #expect(group.grade(cleo) == .manager)
  }

  @Test func `who was let in beside a removal stays when a computer that saw it is replaced`() {
    let (group, _) = group([cleo, mole], .manager)
    group.write(.groupAdd([dora.member], .member), by: ben)
    group.sync(cleo, from: ben)
    removeBen()
    for device in [cleo, mole] {
      world.sync(device, from: anna)
      #expect(group.say(by: device))
    }
    #expect(group.grade(dora) == .member)
    replace(cleo, upTo: group.log.last { $0.author == cleo.key })
    #expect(group.grade(dora) == .member && group.membership.voids.isEmpty)
  }

  @Test func `an admin's cut takes nobody out of a group whom it cannot remove from the office`() {
    let group = TestGroup(world, .listed, by: ben)
    let first = group.write(.groupAdd([cleo.member], .member), by: ben)
    let added = [anna.member, world.founder.member].sorted()
    group.write(.groupAdd(added, .manager), by: ben)
    group.write(.groupAdd([dora.member], .member), by: ben)
    let cut = first.map { Cut(feed: $0.place.feed, seq: $0.seq, entry: $0.id) }
    removeBen([cut].compactMap { $0 })
    #expect(group.grade(cleo) == .member && group.grade(dora) == nil)
    #expect(group.grade(anna) == .manager && group.grade(world.founder) == .manager)
  }

  @Test func `an admin's cut takes in an addition that names one whom it cannot remove`() {
    let group = TestGroup(world, .listed, by: ben)
    let first = group.write(.groupAdd([cleo.member], .member), by: ben)
    group.write(.groupAdd([dora.member, world.founder.member].sorted(), .manager), by: ben)
    let cut = first.map { Cut(feed: $0.place.feed, seq: $0.seq, entry: $0.id) }
    removeBen([cut].compactMap { $0 })
    #expect(group.grade(cleo) == .member)
    #expect(group.grade(dora) == nil && group.grade(world.founder) == nil)
  }

  @Test(arguments: [false, true])
  func `a manager neither removes nor lowers an equal from a place before`(isFirst: Bool) {
    let group = TestGroup(world, .listed, by: ben)
    group.write(.groupAdd([cleo.member], .manager), by: ben)
    let early = world.newFeed(of: cleo)
    group.sync(early, from: ben)
    group.write(.groupAdd([dora.member], .member), by: ben)
    let later = world.newFeed(of: cleo)
    group.sync(later, from: ben)
    if !isFirst { group.write(.groupAdd([dora.member], .manager), by: ben) }
    #expect(group.write(.groupAdd([dora.member], .member), by: early) != nil)
    #expect(group.write(.groupRemove(dora.member, []), by: later) != nil)
    #expect(group.grade(dora) == (isFirst ? nil : .manager))
    // Who makes her a manager need not have met that.
    if isFirst { group.write(.groupAdd([dora.member], .manager), by: ben) }
    #expect(group.grade(dora) == .manager && group.grade(cleo) == .manager)
    // The addition has effect, and does not count for her.
    #expect(group.membership.voids.count == 1)
  }

  @Test(arguments: [false, true])
  func `a creator who left removes no manager from a place before`(isFirst: Bool) {
    let group = TestGroup(world, .listed, by: ben, ownersDoNotOutrank: true)
    group.write(.groupAdd([cleo.member, dora.member].sorted(), .manager), by: ben)
    let early = world.newFeed(of: ben)
    group.sync(early, from: ben)
    if isFirst { #expect(group.write(.groupRemove(cleo.member, []), by: early) != nil) }
    #expect(group.grade(cleo) == (isFirst ? nil : .manager))
    #expect(group.write(.groupRemove(ben.member, []), by: ben) != nil)
    if !isFirst { #expect(group.write(.groupRemove(cleo.member, []), by: early) != nil) }
    #expect(group.grade(cleo) == .manager && group.grade(dora) == .manager)
    #expect(group.grade(ben) == nil && group.membership.voids.count == 1)
  }

  @Test func `who leads a group removes a manager from a place before`() {
    let (group, early) = group([cleo, dora], .member)
    group.write(.groupAdd([cleo.member], .manager), by: ben)
    #expect(group.write(.groupRemove(cleo.member, []), by: early) != nil)
    #expect(group.grade(cleo) == nil && group.grade(dora) == .member)
  }

  @Test func `who leaves from an old place takes nobody along, and adds nobody once seniors know`()
  {
    let group = TestGroup(world, .listed, by: ben, ownersDoNotOutrank: true)
    group.write(.groupAdd([cleo.member], .manager), by: ben)
    group.sync(cleo, from: ben)
    let (early, later) = (world.newFeed(of: cleo), world.newFeed(of: cleo))
    group.sync(early, from: cleo)
    group.sync(later, from: cleo)
    group.write(.groupAdd([dora.member], .member), by: cleo)
    group.sync(ben, from: cleo)
    #expect(group.write(.groupRemove(cleo.member, []), by: early) != nil)
    #expect(group.grade(cleo) == nil && group.grade(dora) == .member)
    #expect(group.write(.groupAdd([mole.member], .member), by: later) != nil)
    group.sync(ben, from: early)
    #expect(group.say(by: ben))
    #expect(group.grade(dora) == .member && group.grade(mole) == nil)
  }

  @Test func `who leaves takes nobody along who came by its ticket`() {
    let group = TestGroup(world, .listed, by: anna, ownersDoNotOutrank: true)
    let early = world.newFeed(of: anna)
    let grant = world.newTicket(uses: 9, groups: [group.id])
    world.write(.ticket(grant), by: anna)
    group.write(.groupAdd([cleo.member], .manager), by: anna)
    group.sync(cleo, from: anna)
    let (newcomer, late) = (world.newDevice(), world.newDevice())
    #expect(world.admit(newcomer, by: cleo, grant) != nil)
    #expect(group.write(.groupRemove(anna.member, []), by: early) != nil)
    #expect(group.grade(anna) == nil && group.grade(newcomer) == .member)
    group.sync(cleo, from: early)
    #expect(group.say(by: cleo))
    world.sync(ben, from: anna)
    #expect(world.admit(late, by: ben, grant) != nil)
    #expect(group.grade(newcomer) == .member && group.grade(late) == nil)
  }

  @Test(arguments: [false, true])
  func `who removes itself or its computer takes back nothing that others had seen`(
    computer: Bool
  ) {
    let (group, early) = group([cleo], .manager)
    group.write(.groupAdd([dora.member], .member), by: ben)
    group.write(.groupRemove(ben.member, []), by: ben)
    group.sync(cleo, from: ben)
    let newer = world.newDevice(of: ben.member)
    world.certify(newer, .member, by: ben)
    world.sync(newer, from: ben)
    let cut = Cut(feed: group.place(ben).feed, seq: 0, entry: EntryID(Bytes32()))
    let gone = world.write(
      .remove(computer ? .device(ben.key) : .member(ben.member), [cut]), by: computer ? newer : ben)
    #expect(gone != nil)
    world.sync(cleo, from: computer ? newer : ben)
    #expect(group.say(by: cleo))
    #expect(group.grade(cleo) == .manager && group.grade(dora) == .member)
    #expect(group.grade(ben) == nil)
    #expect(group.membership.voids.isEmpty)
    // Of what nobody had seen nothing stays.
    #expect(group.write(.groupAdd([mole.member], .member), by: early) != nil)
    #expect(group.grade(mole) == nil)
  }
}
