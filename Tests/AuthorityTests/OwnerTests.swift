import Format
import Testing

@testable import Authority

@Suite struct OwnerTests {
  let world = World()
  let second: TestDevice
  let third: TestDevice

  init() {
    second = world.newDevice()
    third = world.newDevice()
    world.certify(second, .admin, by: world.founder)
    world.certify(third, .member, by: world.founder)
    world.sync(second, from: world.founder)
  }

  /// Makes founder, second and third owners together.
  func threeOwners() -> ControlEntry? {
    let list = world.write(
      world.owners(
        [world.founder.member, second.member, third.member], previous: nil,
        signedBy: [world.founder.key]), by: world.founder)
    world.sync(second, from: world.founder)
    world.sync(third, from: world.founder)
    return list
  }

  @Test func `the founder alone makes more owners`() {
    let list = threeOwners()
    #expect(list != nil)
    #expect(world.roster.owners.count == 3)
    #expect(world.roster.lastOwners == list?.id)
    #expect(world.roster.rank(of: third.member) == .owner)
    #expect(world.certify(world.newDevice(), .admin, by: third) != nil)
  }

  @Test func `more than half of the owners change the list, and one of them writes it down`() {
    let list = threeOwners()
    let members = [second.member, third.member]
    for signers in [[second], [second, second]] {
      #expect(
        world.refusal(
          world.owners(members, previous: list?.id, signedBy: signers.map(\.key)), by: second)
          == .ownersUnsigned)
    }
    let helper = world.newDevice()
    world.certify(helper, .member, by: second)
    let change = world.owners(members, previous: list?.id, signedBy: [second.key, third.key])
    #expect(world.refusal(change, by: helper) == .ownersOfOthers)
    #expect(world.write(change, by: second) != nil)
    #expect(world.roster.owners == members.sorted())
    // Who was struck keeps no rank from the list or from its first certificate.
    #expect(world.roster.rank(of: world.founder.member) == .member)
  }

  @Test func `two devices of one owner are one signature`() {
    let list = threeOwners()
    let more = world.newDevice(of: second.member)
    world.certify(more, .owner, by: second)
    #expect(
      world.refusal(
        world.owners([second.member], previous: list?.id, signedBy: [second.key, more.key]),
        by: second) == .ownersUnsigned)
  }

  @Test func `a list names the last one before it`() {
    _ = threeOwners()
    #expect(
      world.refusal(
        world.owners([second.member], previous: nil, signedBy: [second.key, third.key]),
        by: second) == .ownersOutdated)
    #expect(
      world.refusal(
        world.owners([second.member], previous: world.newEntryID(), signedBy: [second.key]),
        by: second) == .ownersOutdated)
  }

  @Test func `a forged signature carries no list`() {
    let forged = Operation.OwnerList(
      previous: EntryID(Bytes32()), members: [second.member],
      signatures: [
        Operation.OwnerSignature(
          device: world.founder.key, signature: TestSignatures.sign(second.key.bytes))
      ])
    #expect(world.refusal(.owners(forged), by: world.founder) == .ownersUnsigned)
    let recovery = Operation.OwnerList(
      previous: EntryID(Bytes32()), members: [second.member],
      signatures: [
        Operation.OwnerSignature(
          device: DeviceKey(Bytes32()), signature: TestSignatures.sign(second.key.bytes))
      ])
    #expect(world.refusal(.owners(recovery), by: second) == .ownersUnsigned)
  }

  @Test func `of two lists after the same one the first in canonical order holds`() {
    let more = world.newDevice(of: world.founder.member)
    world.certify(more, .owner, by: world.founder)
    let one = world.write(
      world.owners(
        [world.founder.member, second.member], previous: nil, signedBy: [world.founder.key]),
      by: world.founder)
    let two = world.write(
      world.owners([world.founder.member, third.member], previous: nil, signedBy: [more.key]),
      by: more)
    guard let one, let two else {
      Issue.record("both lists are right at their places")
      return
    }
    let first = ControlEntry.precedes(one, two) ? one : two
    let loser = first.id == one.id ? two : one
    #expect(world.roster.lastOwners == first.id)
    #expect(world.roster.voids.map(\.entry.id) == [loser.id])
    #expect(world.roster.voids.map(\.reason) == [.otherOwners])
  }

  @Test func `the recovery key changes the list from a feed of whom it names`() {
    let list = world.owners([second.member], previous: nil, signedBy: [world.recovery])
    #expect(world.refusal(list, by: third) == .ownersOfOthers)
    #expect(world.write(list, by: second) != nil)
    #expect(world.roster.owners == [second.member])
    #expect(world.roster.rank(of: world.founder.member) == .member)
  }

  @Test func `of a ticket whose operation lost its effect it is known that it did`() {
    let (grant, other) = (world.newTicket(), world.newTicket())
    world.write(
      world.owners([second.member], previous: nil, signedBy: [world.recovery]), by: second)
    #expect(!world.roster.hasLost(grant.key))
    #expect(world.write(.ticket(grant), by: world.founder) != nil)
    #expect(world.roster.ticket(grant.key) == nil && world.roster.hasLost(grant.key))
    world.write(.ticket(other), by: second)
    #expect(world.roster.ticket(other.key) != nil && !world.roster.hasLost(other.key))
  }

  @Test func `whom a struck owner let in is shown the list in force`() {
    let first = world.write(
      world.owners([second.member, third.member], previous: nil, signedBy: [world.recovery]),
      by: second)
    let (early, late) = (world.newDevice(), world.newDevice())
    #expect(world.certify(early, .member, by: world.founder) != nil)
    let last = world.write(
      world.owners(
        [second.member], previous: first?.id, signedBy: [world.recovery]), by: second)
    #expect(world.certify(late, .member, by: second) != nil)
    let voided = world.roster.voided(early.certificate, noise: early.noise)
    #expect(voided?.by == [last].compactMap { $0.map { ControlReference($0) } })
    #expect(voided?.blamed == [world.founder.member] && voided?.by.isEmpty == false)
    #expect(world.roster.voided(late.certificate, noise: late.noise) == nil)
  }

  @Test func `a stolen owner's device cannot undo what the recovery key did`() {
    let thief = world.founder
    // The recovery comes first; the thief knows nothing of it and writes from its old place.
    world.write(
      world.owners([second.member], previous: nil, signedBy: [world.recovery]), by: second)
    let list = world.write(
      world.owners([thief.member], previous: nil, signedBy: [thief.key]), by: thief)
    let revenge = world.write(.remove(.member(second.member), []), by: thief)
    let other = world.write(.remove(.member(third.member), []), by: thief)
    #expect(list != nil && revenge != nil && other != nil)
    #expect(world.roster.owners == [second.member])
    #expect(world.roster.isLive(second.key))
    let reasons = Dictionary(
      uniqueKeysWithValues: world.roster.voids.map { ($0.entry.id, $0.reason) })
    #expect(list.map { reasons[$0.id] } == .otherOwners)
    // Nor does anything count that it does as the owner it was.
    let struck = world.roster.lastOwnersReference.map { VoidReason.struckOwner($0) }
    #expect(revenge.map { reasons[$0.id] } == .targetIsOwner)
    #expect(other.map { reasons[$0.id] } == struck)
    #expect(world.roster.isLive(third.key))
    #expect(world.write(.remove(.member(thief.member), []), by: second) != nil)
    #expect(!world.roster.isLive(thief.key))
  }

  @Test func `what an owner did stands when a later list that has seen it strikes the owner`() {
    let removal = world.write(.remove(.member(third.member), []), by: world.founder)
    world.sync(second, from: world.founder)
    world.write(
      world.owners([second.member], previous: nil, signedBy: [world.recovery]), by: second)
    world.write(.remove(.member(world.founder.member), []), by: second)
    #expect(world.roster.removals.first?.entry.id == removal?.id)
    #expect(!world.roster.isLive(third.key))
  }

  @Test func `an owner gets devices from itself alone, unless it has none`() {
    _ = threeOwners()
    #expect(world.certify(world.newDevice(of: third.member), .owner, by: second) == nil)
    #expect(world.refused.last?.refusal == .memberOfOthers)
    #expect(
      world.refusal(.ticket(world.newTicket(member: third.member)), by: second) == .mayNotIssue)
    #expect(world.refusal(.remove(.device(third.key), []), by: second) == .notSenior)
    // An owner whom a list names before it has a device is certified by another owner.
    let fourth = world.newDevice()
    world.sync(second, from: world.founder, third)
    let list = world.write(
      world.owners(
        [world.founder.member, fourth.member], previous: world.roster.lastOwners,
        signedBy: [second.key, third.key]), by: second)
    #expect(list != nil)
    world.sync(world.founder, from: second)
    #expect(world.certify(fourth, .owner, by: world.founder) != nil)
    #expect(world.roster.rank(of: fourth.member) == .owner)
  }

  @Test func `a demotion that a new owner's list has not seen cuts nothing of the new owner's`() {
    let thief = world.founder
    let list = world.write(
      world.owners([second.member], previous: nil, signedBy: [world.recovery]), by: second)
    let guest = world.newDevice()
    world.certify(guest, .member, by: second)
    let demotion = world.write(
      .rank(second.member, .box, [Cut(feed: second.place.feed, seq: 0, entry: world.newEntryID())]),
      by: thief)
    #expect(list != nil && demotion != nil)
    #expect(world.roster.rank(of: second.member) == .owner)
    #expect(world.roster.isLive(guest.key))
    #expect(world.roster.voids.map(\.reason) == [.targetIsOwner])
  }

  @Test func `a list of members without a device is no list`() {
    let nobody = world.newDevice().member
    #expect(
      world.refusal(
        world.owners([nobody], previous: nil, signedBy: [world.founder.key]), by: world.founder)
        == .ownersAbsent)
    #expect(
      world.refusal(
        world.owners([nobody], previous: nil, signedBy: [world.recovery]), by: world.founder)
        == .ownersAbsent)
  }

  // MARK: Who was struck

  /// Strikes the founder, with its consent; the others have seen it.
  func strikeFounder() -> ControlEntry? {
    let both = threeOwners()
    let list = world.write(
      world.owners(
        [second.member, third.member], previous: both?.id,
        signedBy: [world.founder.key, second.key]
      ), by: second)
    world.sync(third, from: second)
    return list
  }

  @Test func `who was struck does nothing as an owner from places before the list`() {
    let early = world.newFeed(of: world.founder)
    let list = strikeFounder()
    let (puppet, guest) = (world.newDevice(), world.newDevice())
    let grant = world.newTicket()
    let entries = [
      world.certify(puppet, .admin, by: early),
      world.write(.rank(second.member, .box, []), by: early),
      world.write(.remove(.member(third.member), []), by: early),
      world.write(.ticket(grant), by: early),
      world.write(.remove(.device(second.key), []), by: early),
    ]
    #expect(!entries.contains { $0 == nil })
    #expect(world.admit(guest, by: early, grant) != nil)
    let deed = world.certify(world.newDevice(), .member, by: puppet)
    #expect(deed != nil)
    let reasons = world.roster.voids.map(\.reason)
    #expect(reasons.count == entries.count + 2)
    #expect(reasons.count { $0 == .targetIsOwner } == 3)
    #expect(reasons.count { $0 == list.map { .struckOwner(ControlReference($0)) } } == 3)
    for device in [puppet, guest] { #expect(world.roster.rank(of: device.member) == nil) }
    for device in [second, third] { #expect(world.roster.rank(of: device.member) == .owner) }
    // Nor does the next list, which has it all in its past, make it good.
    world.sync(second, from: early, puppet)
    let next = world.owners(
      [second.member], previous: list?.id, signedBy: [second.key, third.key])
    #expect(world.write(next, by: second) != nil)
    #expect(world.roster.rank(of: puppet.member) == nil)
    #expect(world.roster.isLive(third.key))
  }

  @Test func `what the list had seen of who was struck stays, and what that one does since`() {
    let puppet = world.newDevice()
    world.certify(puppet, .admin, by: world.founder)
    world.sync(second, from: world.founder)
    #expect(strikeFounder() != nil)
    world.sync(world.founder, from: second)
    let further = world.newDevice(of: world.founder.member)
    #expect(world.certify(further, .member, by: world.founder) != nil)
    #expect(world.roster.rank(of: puppet.member) == .admin)
    #expect(world.roster.isLive(further.key) && world.roster.voids.isEmpty)
  }

  @Test func `what any member may, who was struck may from places before the list`() {
    let further = world.newDevice(of: world.founder.member)
    world.certify(further, .member, by: world.founder)
    let early = world.newFeed(of: world.founder)
    let list = strikeFounder()
    let third = world.newDevice(of: world.founder.member)
    #expect(world.certify(third, .member, by: early) != nil)
    #expect(world.write(.remove(.device(further.key), []), by: early) != nil)
    #expect(list != nil && world.roster.isLive(third.key) && !world.roster.isLive(further.key))
    #expect(world.roster.rank(of: world.founder.member) == .member)
    #expect(world.roster.voids.isEmpty)
  }

  @Test(arguments: [false, true])
  func `who was struck takes nothing back by a copy of the list and by leaving`(hasCopy: Bool) {
    let list = threeOwners()
    let early = world.newFeed(of: world.founder)
    let ally = world.newDevice()
    world.certify(ally, .member, by: world.founder)
    #expect(world.write(.rank(ally.member, .admin, []), by: world.founder) != nil)
    world.sync(second, from: world.founder)
    let strike = world.owners(
      [second.member, third.member], previous: list?.id,
      signedBy: [world.founder.key, second.key])
    let written = world.write(strike, by: second)
    #expect(written != nil && world.roster.rank(of: ally.member) == .admin)
    if hasCopy {
      #expect(world.write(strike, by: early) != nil)
    } else {
      world.sync(early, from: second)
    }
    #expect(world.write(.remove(.member(world.founder.member), []), by: early) != nil)
    #expect(world.roster.rank(of: ally.member) == .admin)
    // A copy is shown as one, and changes nothing.
    #expect(world.roster.voids.map(\.reason) == (hasCopy ? [.otherOwners] : []))
    #expect(world.roster.lastOwners == written?.id)
    #expect(world.roster.rank(of: world.founder.member) == nil)
  }

  @Test func `whoever a list names that is not in force is no owner anywhere`() {
    let early = world.newFeed(of: world.founder)
    let (ally, puppet) = (world.newDevice(), world.newDevice())
    world.certify(ally, .member, by: early)
    let list = world.owners([second.member], previous: nil, signedBy: [world.recovery])
    #expect(world.write(list, by: second) != nil)
    let rival = world.owners([ally.member], previous: nil, signedBy: [world.founder.key])
    #expect(world.write(rival, by: early) != nil)
    world.sync(ally, from: early)
    #expect(world.certify(puppet, .admin, by: ally) != nil)
    #expect(world.write(.remove(.member(third.member), []), by: ally) != nil)
    #expect(world.roster.owners == [second.member])
    #expect(world.roster.rank(of: puppet.member) == nil)
    #expect(world.roster.isLive(third.key))
  }

  @Test func `a list that overtakes another from an old place is ended by the recovery key`() {
    let early = world.newFeed(of: world.founder)
    for _ in 0..<3 { world.write(.ticket(world.newTicket()), by: world.founder) }
    #expect(strikeFounder() != nil)
    // Of two lists after the same one nobody can tell which was first.
    let rival = world.write(
      world.owners([world.founder.member], previous: nil, signedBy: [world.founder.key]), by: early)
    #expect(rival != nil && world.roster.owners == [world.founder.member])
    world.sync(second, from: early)
    let list = world.owners(
      [second.member], previous: rival?.id, signedBy: [world.recovery])
    #expect(world.write(list, by: second) != nil)
    let again = world.newFeed(of: early)
    again.view = early.view
    #expect(
      world.write(
        world.owners([world.founder.member], previous: rival?.id, signedBy: [world.founder.key]),
        by: again) != nil)
    #expect(world.roster.owners == [second.member])
  }

  @Test func `in a group who was struck does no more than its grade allows`() {
    let group = TestGroup(world, .listed, by: third)
    let (guest, puppet) = (world.newDevice(), world.newDevice())
    for device in [guest, puppet] { world.certify(device, .member, by: world.founder) }
    group.sync(third, from: world.founder)
    group.write(.groupAdd([guest.member], .member), by: third)
    let early = world.newFeed(of: world.founder)
    group.sync(world.founder, from: third)
    #expect(group.write(.groupRemove(guest.member, []), by: world.founder) != nil)
    #expect(strikeFounder() != nil)
    group.sync(third, from: world.founder, second)
    #expect(group.write(.unknown(code: 50), by: third) != nil)
    #expect(group.write(.groupAdd([puppet.member], .member), by: early) != nil)
    #expect(group.write(.groupAdd([guest.member], .member), by: early) != nil)
    #expect(group.grade(puppet) == nil && group.grade(guest) == nil)
    #expect(group.grade(world.founder) == nil)
  }

  @Test func `a ticket of who was struck adds nobody whom the list had not seen`() {
    let group = TestGroup(world, .listed, by: third)
    let grant = world.newTicket(uses: 9, groups: [group.id])
    world.write(.ticket(grant), by: world.founder)
    let (seen, unseen) = (world.newDevice(), world.newDevice())
    world.sync(third, from: world.founder)
    let early = world.newFeed(of: third)
    #expect(world.admit(seen, by: third, grant) != nil)
    world.sync(second, from: third)
    #expect(strikeFounder() != nil)
    #expect(world.admit(unseen, by: early, grant) != nil)
    #expect(world.roster.isLive(unseen.key))
    #expect(group.grade(seen) == .member && group.grade(unseen) == nil)
  }
}
