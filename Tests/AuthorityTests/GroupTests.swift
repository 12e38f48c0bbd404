import Format
import Testing

@testable import Authority

@Suite struct GroupTests {
  let world = World()
  let anna: TestDevice
  let ben: TestDevice
  let cleo: TestDevice
  let box: TestDevice

  init() {
    anna = world.newDevice()
    ben = world.newDevice()
    cleo = world.newDevice()
    box = world.newDevice()
    world.certify(anna, .admin, by: world.founder)
    for device in [ben, cleo] { world.certify(device, .member, by: anna) }
    world.certify(box, .box, by: anna, isKeeper: true)
    for device in [ben, cleo, world.founder] { world.sync(device, from: anna, box) }
  }

  @Test func `everyone means members, admins and owners, and no box`() {
    let group = TestGroup(world, .everyone, by: ben)
    #expect(
      group.membership.members.map(\.id)
        == [world.founder, anna, ben, cleo].map(\.member).sorted())
    #expect(group.grade(ben) == .creator)
    #expect(group.grade(cleo) == .member)
    #expect(group.silence(cleo) == nil)
    #expect(group.silence(box) == .boxNotAdded)
    #expect(
      group.membership.devices.map(\.key)
        == [world.founder, anna, ben, cleo].map(\.key).sorted())
    #expect(group.refusal(.groupAdd([box.member], .member), by: ben) == .groupHasNoList)
    #expect(group.refusal(.groupRemove(cleo.member, []), by: ben) == .groupHasNoList)
  }

  @Test func `a direct group is two members' own`() {
    let pair = MemberPair(a: ben.member, b: cleo.member)
    let group = TestGroup(world, .direct, by: ben, pair: pair)
    #expect(group.membership.members.map(\.id) == [ben.member, cleo.member].sorted())
    #expect(group.silence(cleo) == nil)
    #expect(group.silence(anna) == .notInGroup)
    #expect(group.silence(world.founder) == .notInGroup)
    let facts = group.authority.facts
    for (device, refusal) in [(ben, nil), (anna, Refusal.mayNotFound), (box, .mayNotFound)] {
      #expect(
        GroupAuthority.refusal(
          ofFounding: facts, device: device.key, certificate: device.certificate,
          officeView: device.view, office: world.authority) == refusal)
    }
  }

  @Test func `a group names its office`() {
    let facts = GroupFacts(
      office: GroupID(world.newEntryID().bytes), kind: .everyone, pair: nil,
      ownersDoNotOutrank: false)
    #expect(
      GroupAuthority.refusal(
        ofFounding: facts, device: ben.key, certificate: ben.certificate, officeView: ben.view,
        office: world.authority) == .mayNotFound)
  }

  @Test func `the creator adds managers and members, a manager members`() {
    let group = TestGroup(world, .listed, by: ben)
    #expect(group.membership.members == [GroupMember(id: ben.member, grade: .creator)])
    #expect(group.refusal(.groupAdd([cleo.member], .member), by: anna) == .notInGroup)
    #expect(group.write(.groupAdd([anna.member], .manager), by: ben) != nil)
    group.sync(anna, from: ben)
    #expect(group.refusal(.groupAdd([cleo.member], .manager), by: anna) == .mayNotAdd)
    #expect(group.write(.groupAdd([cleo.member], .member), by: anna) != nil)
    group.sync(cleo, from: anna)
    #expect(group.refusal(.groupAdd([box.member], .member), by: cleo) == .mayNotAdd)
    #expect(group.refusal(.groupRemove(anna.member, []), by: cleo) == .mayNotRemove)
    #expect(group.refusal(.groupRemove(ben.member, []), by: anna) == .mayNotRemove)
    #expect(group.grade(anna) == .manager)
    #expect(group.grade(cleo) == .member)
    #expect(
      group.refusal(.groupAdd([world.newDevice().member], .member), by: ben)
        == .targetUnknown)
  }

  @Test func `a box reads and writes only where it was added`() {
    let group = TestGroup(world, .listed, by: ben)
    #expect(group.silence(box) == .boxNotAdded)
    #expect(!group.membership.contains(box.key))
    group.write(.groupAdd([box.member], .member), by: ben)
    group.sync(box, from: ben)
    #expect(group.silence(box) == nil)
    #expect(group.membership.contains(box.key))
    #expect(
      GroupAuthority.refusal(
        ofFounding: group.authority.facts, device: box.key, certificate: box.certificate,
        officeView: box.view, office: world.authority) == .mayNotFound)
  }

  @Test func `an owner of the office stands above a group unless its genesis says otherwise`() {
    let open = TestGroup(world, .listed, by: ben)
    #expect(open.silence(world.founder) == .notInGroup)
    #expect(open.silence(world.founder, opensFeed: true) == nil)
    #expect(open.write(.groupRemove(ben.member, []), by: world.founder) != nil)
    #expect(open.grade(ben) == nil)
    let closed = TestGroup(world, .listed, by: ben, ownersDoNotOutrank: true)
    #expect(closed.silence(world.founder, opensFeed: true) == .notInGroup)
    #expect(closed.refusal(.groupRemove(ben.member, []), by: world.founder) == .notInGroup)
  }

  @Test func `anyone leaves a group and comes back only when added again`() {
    let group = TestGroup(world, .listed, by: ben)
    group.write(.groupAdd([cleo.member], .member), by: ben)
    group.sync(cleo, from: ben)
    #expect(group.write(.groupRemove(cleo.member, []), by: cleo) != nil)
    #expect(group.grade(cleo) == nil)
    // An addition that has not seen the removal does not outweigh it.
    #expect(group.write(.groupAdd([cleo.member], .manager), by: ben) != nil)
    #expect(group.grade(cleo) == nil)
    group.sync(ben, from: cleo)
    #expect(group.write(.groupAdd([cleo.member], .member), by: ben) != nil)
    #expect(group.grade(cleo) == .member)
  }

  @Test func `a removal from the office ends every group and an old addition does not return`() {
    let group = TestGroup(world, .listed, by: ben)
    group.write(.groupAdd([cleo.member], .member), by: ben)
    world.write(.remove(.member(cleo.member), []), by: anna)
    #expect(group.grade(cleo) == nil)
    #expect(world.certify(cleo, .member, by: anna) != nil)
    #expect(world.roster.isLive(cleo.key))
    #expect(group.grade(cleo) == nil)
    group.sync(ben, from: anna)
    group.write(.groupAdd([cleo.member], .member), by: ben)
    #expect(group.grade(cleo) == .member)
  }

  @Test func `what a removed manager did beyond the cut is void`() {
    let group = TestGroup(world, .listed, by: ben)
    group.write(.groupAdd([anna.member], .manager), by: ben)
    group.sync(anna, from: ben)
    let early = group.write(.groupAdd([box.member], .member), by: anna)
    let late = group.write(.groupAdd([cleo.member], .member), by: anna)
    #expect(early != nil && late != nil)
    let cut = Cut(
      feed: group.place(anna).feed, seq: early?.seq ?? 0, entry: early?.id ?? EntryID(Bytes32()))
    group.sync(ben, from: anna)
    let removal = group.write(.groupRemove(anna.member, [cut]), by: ben)
    #expect(group.grade(anna) == nil && group.grade(cleo) == nil)
    #expect(group.grade(box) == .member)
    #expect(group.membership.voids.map(\.entry.id) == [late?.id])
    #expect(group.membership.voids.map(\.reason) == [removal.map { .cut(ControlReference($0)) }])
  }

  @Test func `two managers cannot remove each other, the creator removes both`() {
    let group = TestGroup(world, .listed, by: ben)
    group.write(.groupAdd([anna.member, cleo.member].sorted(), .manager), by: ben)
    group.sync(anna, from: ben)
    #expect(group.refusal(.groupRemove(cleo.member, []), by: anna) == .mayNotRemove)
    #expect(group.write(.groupRemove(cleo.member, []), by: ben) != nil)
    #expect(group.write(.groupRemove(anna.member, []), by: ben) != nil)
    #expect(group.membership.members.map(\.id) == [ben.member])
  }

  @Test func `a removal from the office that lists no feed here keeps what a witness had seen`() {
    let group = TestGroup(world, .listed, by: ben)
    group.write(.groupAdd([anna.member], .manager), by: ben)
    group.sync(anna, from: ben)
    group.write(.groupAdd([cleo.member], .member), by: anna)
    group.sync(ben, from: anna)
    world.write(.remove(.member(anna.member), []), by: world.founder)
    // Nobody here has the removal in its past yet: all counts.
    #expect(group.grade(cleo) == .member)
    world.sync(ben, from: world.founder)
    group.write(.groupAdd([world.founder.member], .member), by: ben)
    let late = group.write(.groupAdd([box.member], .member), by: anna)
    #expect(late != nil)
    #expect(group.grade(cleo) == .member)
    #expect(group.grade(box) == nil)
    #expect(group.membership.voids.map(\.entry.id) == [late?.id])
  }

  @Test func `no plain member takes along whom a departed creator added`() {
    let group = TestGroup(world, .listed, by: ben)
    group.write(.groupAdd([cleo.member], .member), by: ben)
    group.sync(cleo, from: ben)
    group.write(.groupAdd([box.member], .member), by: ben)
    world.write(.remove(.member(ben.member), []), by: anna)
    world.sync(cleo, from: anna)
    // Cleo has the removal in her past, and not that the box was added.
    #expect(group.write(.unknown(code: 50), by: cleo) != nil)
    #expect(group.grade(box) == .member && group.grade(cleo) == .member)
    #expect(group.membership.voids.isEmpty)
  }

  @Test func `whom one of those above the members had seen added stays, whoever wrote first`() {
    let group = TestGroup(world, .listed, by: ben, ownersDoNotOutrank: true)
    group.write(.groupAdd([anna.member, world.founder.member].sorted(), .manager), by: ben)
    group.sync(anna, from: ben)
    group.write(.groupAdd([box.member], .member), by: ben)
    group.sync(world.founder, from: ben)
    let unseen = group.write(.groupAdd([cleo.member], .member), by: ben)
    world.write(.remove(.member(ben.member), []), by: anna)
    group.write(.unknown(code: 50), by: anna)
    #expect(group.grade(box) == nil && group.grade(cleo) == nil)
    world.sync(world.founder, from: anna)
    group.write(.unknown(code: 50), by: world.founder)
    #expect(group.grade(box) == .member && group.grade(cleo) == nil)
    #expect(group.membership.voids.map(\.entry.id) == [unseen?.id])
    // What she hears later, she did not know when it mattered.
    group.sync(anna, from: ben)
    group.write(.unknown(code: 50), by: anna)
    #expect(group.grade(cleo) == nil)
  }

  @Test func `a ticket adds to the groups it names, where its issuer may add`() {
    let group = TestGroup(world, .listed, by: anna)
    let foreign = TestGroup(world, .listed, by: ben, ownersDoNotOutrank: true)
    let grant = world.newTicket(uses: 5, groups: [group.id, foreign.id].sorted())
    world.write(.ticket(grant), by: anna)
    world.sync(cleo, from: anna)
    let newcomer = world.newDevice()
    #expect(world.admit(newcomer, by: cleo, grant) != nil)
    #expect(group.grade(newcomer) == .member)
    #expect(foreign.grade(newcomer) == nil)
    #expect(group.silence(newcomer) == nil)
    #expect(group.membership.contains(newcomer.key))
    group.sync(anna, from: newcomer)
    group.write(.groupRemove(newcomer.member, []), by: anna)
    #expect(group.grade(newcomer) == nil)
    let other = world.newDevice()
    world.admit(other, by: cleo, grant)
    #expect(group.grade(other) == .member)
  }

  @Test func `who was removed from a group, or lowered in it, adds nobody by a ticket any more`() {
    let group = TestGroup(world, .listed, by: ben, ownersDoNotOutrank: true)
    group.write(.groupAdd([anna.member], .manager), by: ben)
    let grant = world.newTicket(uses: 9, groups: [group.id])
    world.write(.ticket(grant), by: anna)
    group.sync(ben, from: anna)
    func comes() -> TestDevice {
      let newcomer = world.newDevice()
      world.sync(cleo, from: anna)
      #expect(world.admit(newcomer, by: cleo, grant) != nil)
      return newcomer
    }
    let seen = comes()
    world.sync(ben, from: cleo)
    let beside = comes()
    #expect(group.grade(beside) == .member)
    #expect(group.write(.groupRemove(anna.member, []), by: ben) != nil)
    // Only whom the remover had seen came by who might still add.
    #expect(group.grade(seen) == .member)
    #expect(group.grade(beside) == nil && group.grade(comes()) == nil)
    // Another ticket of hers is worth no more.
    let later = world.newTicket(uses: 9, groups: [group.id])
    world.write(.ticket(later), by: anna)
    world.sync(cleo, from: anna)
    let late = world.newDevice()
    #expect(world.admit(late, by: cleo, later) != nil)
    #expect(group.grade(late) == nil)
    // Added again as a manager, she may again; as a mere member she may not.
    world.sync(ben, from: cleo)
    group.write(.groupAdd([anna.member], .manager), by: ben)
    #expect(group.grade(anna) == .manager && group.grade(late) == .member)
    group.write(.groupAdd([anna.member], .member), by: ben)
    #expect(group.grade(anna) == .member && group.grade(late) == .member)
    #expect(group.grade(comes()) == nil)
  }

  @Test func `of a member with too many devices the first are recipients, in any order`() {
    let group = TestGroup(world, .everyone, by: ben)
    var devices = [cleo]
    let second = world.newDevice(of: cleo.member)
    world.certify(second, .member, by: cleo)
    devices.append(second)
    // Neither knows what the other certifies.
    for _ in 2..<Limits.devicesPerMemberMax {
      for author in [cleo, second] {
        let device = world.newDevice(of: cleo.member)
        #expect(world.certify(device, .member, by: author) != nil)
        devices.append(device)
      }
    }
    let live = world.roster.devices.filter { $0.isLive && $0.member == cleo.member }
    #expect(live.count == devices.count && live.count > Limits.devicesPerMemberMax)
    let places = world.log.sorted { ControlEntry.precedes($0, $1) }.map(\.id)
    let first = devices.sorted {
      places.firstIndex(of: $0.certificate) ?? 0 < places.firstIndex(of: $1.certificate) ?? 0
    }.prefix(Limits.devicesPerMemberMax).map(\.key)
    let others = [world.founder, anna, ben].map(\.key)
    #expect(group.membership.devices.map(\.key) == (first + others).sorted())
  }

  @Test func `of more devices than an epoch can name the senior and the first are recipients`() {
    let group = TestGroup(world, .everyone, by: ben)
    var (puppets, last): ([TestDevice], [TestDevice]) = ([], [])
    while puppets.count <= Limits.epochRecipientsMax {
      let puppet = world.newDevice()
      world.certify(puppet, .member, by: anna)
      puppets.append(puppet)
    }
    // An admin who came last still reads and writes.
    let late = world.newDevice()
    world.sync(world.founder, from: anna)
    world.certify(late, .admin, by: world.founder)
    last = Array(puppets.suffix(puppets.count + 5 - Limits.epochRecipientsMax))
    let recipients = group.membership.devices
    #expect(recipients.count == Limits.epochRecipientsMax)
    #expect(recipients.map(\.key) == recipients.map(\.key).sorted())
    for device in [world.founder, anna, ben, cleo, late, puppets[0]] {
      #expect(group.membership.contains(device.key))
    }
    #expect(last.count == 6 && !last.contains { group.membership.contains($0.key) })
    #expect(group.membership.members.count > Limits.epochRecipientsMax)
  }

  @Test func `a keeper writes nothing in a group it is not in`() {
    let keeper = world.newDevice()
    world.certify(keeper, .member, by: anna, isKeeper: true)
    let group = TestGroup(world, .listed, by: ben)
    #expect(group.silence(keeper) == .notInGroup)
    #expect(world.roster.device(keeper.key)?.isKeeper == true)
    #expect(!group.membership.contains(keeper.key))
  }

  @Test func `operations of the office have no place in a group`() {
    let group = TestGroup(world, .listed, by: ben)
    #expect(group.refusal(.ticketRevoke(world.newTicketKey()), by: ben) == .otherLog)
  }

  @Test func `what is not known binds in a group while its author stands above its members`() {
    let group = TestGroup(world, .listed, by: ben)
    group.write(.groupAdd([anna.member], .manager), by: ben)
    group.write(.groupAdd([cleo.member], .member), by: ben)
    group.sync(anna, from: ben)
    group.sync(cleo, from: ben)
    #expect(group.write(.unknown(code: 50), by: cleo) != nil)
    #expect(!group.membership.needsNewerVersion)
    #expect(group.write(.unknown(code: 50), by: anna) != nil)
    #expect(group.membership.needsNewerVersion)
    group.sync(ben, from: anna)
    group.write(.groupRemove(anna.member, []), by: ben)
    #expect(!group.membership.needsNewerVersion)
    group.write(.groupAdd([anna.member], .manager), by: ben)
    #expect(group.grade(anna) == .manager && !group.membership.needsNewerVersion)
    // Nobody but an owner stands above the creator; an owner's own binds too.
    #expect(group.write(.unknown(code: 50), by: ben) != nil)
    #expect(group.membership.needsNewerVersion)
    group.sync(world.founder, from: ben)
    group.write(.groupRemove(ben.member, []), by: world.founder)
    #expect(!group.membership.needsNewerVersion)
    #expect(group.write(.unknown(code: 50), by: world.founder) != nil)
    #expect(group.membership.needsNewerVersion)
    // Of two in a conversation neither decides for the other.
    let direct = TestGroup(
      world, .direct, by: ben, pair: MemberPair(a: ben.member, b: cleo.member))
    #expect(direct.write(.unknown(code: 50), by: ben) != nil)
    #expect(!direct.membership.needsNewerVersion)
  }

  // MARK: Lowered and gone

  /// Anna is a manager, adds Cleo, and is a mere member since; the device writes as she could before.
  func lowered() -> (group: TestGroup, early: TestDevice) {
    let group = TestGroup(world, .listed, by: ben, ownersDoNotOutrank: true)
    group.write(.groupAdd([anna.member], .manager), by: ben)
    group.sync(anna, from: ben)
    let early = world.newFeed(of: anna)
    group.sync(early, from: anna)
    group.write(.groupAdd([cleo.member], .member), by: anna)
    group.sync(ben, from: anna)
    #expect(group.write(.groupAdd([anna.member], .member), by: ben) != nil)
    return (group, early)
  }

  @Test func `a lowered manager adds and removes nobody from a place before`() {
    let (group, early) = lowered()
    #expect(group.write(.groupAdd([box.member], .member), by: early) != nil)
    #expect(group.grade(anna) == .member)
    #expect(group.grade(cleo) == .member && group.grade(box) == nil)
    #expect(group.membership.voids.count == 1)
    let other = world.newFeed(of: anna)
    group.sync(other, from: anna)
    #expect(group.write(.groupRemove(cleo.member, []), by: other) != nil)
    #expect(group.grade(cleo) == .member)
    // A manager again, she adds again.
    group.write(.groupAdd([anna.member], .manager), by: ben)
    group.sync(anna, from: ben)
    #expect(group.write(.groupAdd([box.member], .member), by: anna) != nil)
    #expect(group.grade(box) == .member)
  }

  @Test(arguments: [false, true])
  func `who leaves takes nobody along whom it had added`(fromOldPlace: Bool) {
    let (group, early) = lowered()
    if !fromOldPlace { group.sync(anna, from: ben) }
    let cut = Cut(feed: group.place(anna).feed, seq: 0, entry: world.newEntryID())
    let leaver = fromOldPlace ? early : anna
    let later = world.newFeed(of: early)
    group.sync(later, from: early)
    #expect(group.write(.groupRemove(anna.member, [cut]), by: leaver) != nil)
    #expect(group.grade(anna) == nil)
    #expect(group.grade(cleo) == .member)
    // What she adds after that, from a place before, is void.
    #expect(group.write(.groupAdd([box.member], .member), by: later) != nil)
    #expect(group.grade(box) == nil)
  }

  @Test func `a creator whom an owner lowers adds nobody beside that`() {
    let group = TestGroup(world, .listed, by: ben)
    let early = world.newFeed(of: ben)
    #expect(group.write(.groupAdd([ben.member], .member), by: world.founder) != nil)
    #expect(group.write(.groupAdd([box.member], .member), by: early) != nil)
    #expect(group.grade(ben) == .member && group.grade(box) == nil)
  }
}
