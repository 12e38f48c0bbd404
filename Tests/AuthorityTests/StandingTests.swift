import Format
import Testing

@testable import Authority

/// Removals that would throw out whom their author could not remove.
@Suite struct StandingTests {
  let world = World()
  let admin: TestDevice
  let sponsor: TestDevice

  init() {
    admin = world.newDevice()
    sponsor = world.newDevice()
    world.certify(admin, .admin, by: world.founder)
    world.certify(sponsor, .member, by: world.founder)
  }

  /// Somebody whom the sponsor lets in by a ticket of the issuer's.
  func newcomer(ticketOf issuer: TestDevice? = nil, rank: Rank = .member) -> TestDevice {
    let issuer = issuer ?? world.founder
    let grant = world.newTicket(rank: rank)
    world.write(.ticket(grant), by: issuer)
    world.sync(sponsor, from: issuer)
    let newcomer = world.newDevice()
    #expect(world.admit(newcomer, by: sponsor, grant) != nil)
    world.sync(world.founder, from: sponsor)
    world.sync(admin, from: sponsor)
    return newcomer
  }

  /// Makes somebody the only owner, or one beside the founder.
  func makeOwner(_ device: TestDevice, beside founder: Bool = false) {
    let members = founder ? [world.founder.member, device.member] : [device.member]
    #expect(
      world.write(
        world.owners(members, previous: nil, signedBy: [world.founder.key]), by: world.founder)
        != nil)
    for other in [device, admin, sponsor] { world.sync(other, from: world.founder) }
  }

  @Test(arguments: [false, true])
  func `who let an owner in throws it out by no removal of itself`(fromOldPlace: Bool) {
    let second = world.newDevice(of: sponsor.member)
    world.certify(second, .member, by: sponsor)
    let early = world.newFeed(of: second)
    let (owner, other) = (newcomer(), newcomer())
    makeOwner(owner)
    world.sync(second, from: world.founder)
    let leaver = fromOldPlace ? early : second
    let cuts = fromOldPlace ? [] : [world.cut(sponsor, at: 1)]
    #expect(world.write(.remove(.device(sponsor.key), cuts), by: leaver) != nil)
    #expect(!world.roster.isLive(sponsor.key))
    #expect(world.roster.rank(of: owner.member) == .owner)
    #expect(world.roster.rank(of: other.member) == .member)
    #expect(world.roster.voids.isEmpty)
    #expect(world.write(.remove(.member(sponsor.member), cuts), by: leaver) != nil)
    #expect(world.roster.rank(of: owner.member) == .owner)
    #expect(world.roster.rank(of: other.member) == .member)
  }

  @Test func `an admin who removes a sponsor throws out juniors alone`() {
    let (owner, equal, junior) = (newcomer(), newcomer(), newcomer())
    world.write(.rank(equal.member, .admin, []), by: world.founder)
    makeOwner(owner, beside: true)
    #expect(
      world.write(.remove(.member(sponsor.member), [world.cut(sponsor, at: 0)]), by: admin) != nil)
    #expect(world.roster.rank(of: owner.member) == .owner)
    #expect(world.roster.rank(of: equal.member) == .admin)
    #expect(world.roster.rank(of: junior.member) == nil)
    // What those do who stay has effect.
    #expect(world.certify(world.newDevice(), .member, by: owner) != nil)
    #expect(world.roster.rank(of: equal.member) == .admin)
  }

  @Test func `an owner throws out no other owner by removing who let it in`() {
    let (owner, equal) = (newcomer(), newcomer())
    world.write(.rank(equal.member, .admin, []), by: world.founder)
    makeOwner(owner, beside: true)
    world.write(.remove(.member(sponsor.member), [world.cut(sponsor, at: 0)]), by: world.founder)
    #expect(world.roster.rank(of: owner.member) == .owner)
    #expect(world.roster.rank(of: equal.member) == nil)
  }

  @Test func `a list that knew of the cut leaves it as it is`() {
    let owner = newcomer()
    let removal = world.write(
      .remove(.member(sponsor.member), [world.cut(sponsor, at: 0)]), by: world.founder)
    #expect(world.roster.rank(of: owner.member) == nil)
    #expect(
      world.write(
        world.owners(
          [world.founder.member, owner.member], previous: nil, signedBy: [world.founder.key]),
        by: world.founder) != nil)
    #expect(removal != nil && world.roster.rank(of: owner.member) == nil)
  }

  @Test func `the next list of the same owners gives effect to no removal that had none`() {
    let owner = newcomer()
    let (early, plot) = (world.newFeed(of: admin), world.newFeed(of: admin))
    makeOwner(owner, beside: true)
    #expect(world.write(.remove(.member(owner.member), []), by: early) != nil)
    #expect(
      world.write(.remove(.member(sponsor.member), [world.cut(sponsor, at: 0)]), by: plot) != nil)
    #expect(world.roster.rank(of: owner.member) == .owner)
    world.sync(world.founder, from: early, plot, owner)
    let list = world.owners(
      [world.founder.member, owner.member, admin.member].sorted(),
      previous: world.roster.lastOwners, signedBy: [world.founder.key, owner.key])
    #expect(world.write(list, by: world.founder) != nil)
    #expect(world.roster.owners.count == 3)
    #expect(world.roster.rank(of: owner.member) == .owner)
  }

  @Test func `a ticket that is taken away takes along juniors alone`() {
    let (owner, junior) = (newcomer(ticketOf: admin), newcomer(ticketOf: admin))
    makeOwner(owner, beside: true)
    let second = world.newDevice(of: admin.member)
    world.certify(second, .admin, by: admin)
    // The admin had issued both tickets.
    #expect(
      world.write(.remove(.device(admin.key), [world.cut(admin, at: 0)]), by: world.founder) != nil)
    #expect(world.roster.rank(of: owner.member) == .owner)
    #expect(world.roster.rank(of: junior.member) == nil)
  }

  @Test func `a ticket's key that somebody uses again elsewhere makes nobody fall`() {
    let unaware = world.newFeed(of: admin)
    let grant = world.newTicket()
    world.write(.ticket(grant), by: world.founder)
    world.sync(sponsor, from: world.founder)
    let equal = world.newDevice()
    #expect(world.admit(equal, by: sponsor, grant) != nil)
    for other in [world.founder, admin] { world.sync(other, from: sponsor) }
    // As if the newcomer were one more computer of a member that the ticket names.
    let again = world.newTicket(grant.key, member: equal.member)
    #expect(world.refusal(.ticket(again), by: admin) == .ticketRepeated)
    #expect(world.write(.ticket(again), by: unaware) != nil)
    world.write(.rank(equal.member, .admin, []), by: world.founder)
    for other in [equal, admin] { world.sync(other, from: world.founder, unaware) }
    #expect(
      world.write(.remove(.member(sponsor.member), [world.cut(sponsor, at: 0)]), by: admin) != nil)
    #expect(world.roster.rank(of: sponsor.member) == nil)
    #expect(world.roster.rank(of: equal.member) == .admin)
  }

  @Test func `an admin who was lowered takes back nobody with its tickets`() {
    let before = world.cut(admin, at: admin.nextSeq - 1)
    let early = world.newFeed(of: admin)
    let guest = newcomer(ticketOf: admin)
    #expect(world.write(.rank(admin.member, .member, []), by: world.founder) != nil)
    let second = world.newDevice(of: admin.member)
    world.certify(second, .member, by: early)
    world.sync(second, from: early)
    #expect(world.write(.remove(.device(admin.key), [before]), by: second) != nil)
    #expect(world.roster.isLive(guest.key) && !world.roster.isLive(admin.key))
    // The ticket is worth nothing any more.
    #expect(world.roster.voids.count == 1)
    #expect(world.roster.rank(of: admin.member) == .member)
  }

  @Test func `a thief's further devices fall with the device, whoever removes it`() {
    let thief = world.newFeed(of: sponsor)
    let second = world.newDevice(of: sponsor.member)
    world.certify(second, .member, by: sponsor)
    let stolen = world.newDevice(of: sponsor.member)
    #expect(world.certify(stolen, .member, by: thief) != nil)
    let beyond = world.newDevice(of: sponsor.member)
    #expect(world.certify(beyond, .member, by: stolen) != nil)
    #expect(
      world.write(
        .remove(.device(sponsor.key), [world.cut(sponsor, at: sponsor.nextSeq - 1)]), by: second)
        != nil)
    #expect(world.roster.isLive(second.key))
    #expect(!world.roster.isLive(stolen.key) && !world.roster.isLive(beyond.key))
  }

  @Test(arguments: [0, 1, 2])
  func `an admin removes no other admin from a place where it was none yet`(way: Int) {
    let equal = newcomer()
    let early = world.newFeed(of: admin)
    let raise = world.write(.rank(equal.member, .admin, []), by: world.founder)
    let cuts = [world.cut(equal, at: 0)]
    let removals: [Operation] = [
      .remove(.member(equal.member), cuts), .remove(.device(equal.key), cuts),
      .rank(equal.member, .box, cuts),
    ]
    #expect(world.write(removals[way], by: early) != nil)
    #expect(world.roster.rank(of: equal.member) == .admin)
    #expect(
      world.roster.voids.map(\.reason) == [raise.map { .targetWasRaised(ControlReference($0)) }])
    // An owner takes the word back, and who knew of the one removes as ever.
    world.write(.rank(equal.member, .member, []), by: world.founder)
    world.sync(admin, from: world.founder)
    #expect(world.write(.remove(.member(equal.member), []), by: admin) != nil)
    #expect(world.roster.rank(of: equal.member) == nil)
  }

  /// The office's owner is a plain member of a group and makes a manager of it; so is the creator who
  /// left and came back, where owners have no say.
  @Test(arguments: [false, true])
  func `no manager throws another out with the plain member who had made it one`(
    ownersDoNotOutrank: Bool
  ) throws {
    let managers = [newcomer(), newcomer()]
    let (one, other) = (managers[0], managers[1])
    for device in [admin, sponsor, one, other] { world.sync(device, from: world.founder) }
    let group = TestGroup(
      world, .listed, by: sponsor, ownersDoNotOutrank: ownersDoNotOutrank)
    let maker = ownersDoNotOutrank ? sponsor : world.founder
    group.write(.groupAdd([one.member], .manager), by: sponsor)
    group.sync(maker, from: sponsor)
    let early = try #require(group.log.last)
    group.write(.groupAdd([other.member], .manager), by: maker)
    group.write(.groupAdd([admin.member], .member), by: maker)
    if ownersDoNotOutrank {
      group.write(.groupRemove(maker.member, []), by: maker)
    }
    group.sync(one, from: maker)
    group.write(.groupAdd([maker.member], .member), by: one)
    let cut = Cut(
      feed: group.place(maker).feed, seq: ownersDoNotOutrank ? early.seq : 0,
      entry: ownersDoNotOutrank ? early.id : EntryID(Bytes32()))
    #expect(group.write(.groupRemove(maker.member, [cut]), by: one) != nil)
    #expect(group.grade(one) == .manager && group.grade(other) == .manager)
    #expect(group.grade(maker) == nil && group.grade(admin) == nil)
    #expect(group.refusals == [])
  }

  @Test func `a manager's addition beside a raise counts for the others whom it names`() {
    let (manager, other) = (newcomer(), newcomer())
    for device in [admin, sponsor, manager, other] { world.sync(device, from: world.founder) }
    let group = TestGroup(world, .listed, by: sponsor, ownersDoNotOutrank: true)
    group.write(.groupAdd([manager.member], .manager), by: sponsor)
    let early = world.newFeed(of: sponsor)
    for device in [early, manager] { group.sync(device, from: sponsor) }
    group.write(.groupAdd([admin.member, other.member].sorted(), .member), by: manager)
    #expect(group.grade(admin) == .member && group.grade(other) == .member)
    #expect(group.write(.groupAdd([admin.member], .manager), by: early) != nil)
    #expect(group.grade(admin) == .manager && group.grade(other) == .member)
    #expect(group.membership.voids.isEmpty)
    // Nor does it take from the one raised whom that one lets in.
    let grant = world.newTicket(groups: [group.id])
    world.write(.ticket(grant), by: admin)
    world.sync(other, from: admin)
    let guest = world.newDevice()
    #expect(world.admit(guest, by: other, grant) != nil)
    #expect(group.grade(guest) == .member)
    group.sync(manager, from: early)
    #expect(group.refusal(.groupRemove(admin.member, []), by: manager) == .mayNotRemove)
    // The creator, who stands above managers, lowers beside it.
    #expect(group.write(.groupAdd([admin.member], .member), by: sponsor) != nil)
    #expect(group.grade(admin) == .member && group.grade(guest) == nil)
  }
}
