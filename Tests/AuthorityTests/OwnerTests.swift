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

  @Test func `more than half of the owners change the list, whoever writes it down`() {
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
    #expect(world.write(change, by: helper) != nil)
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
    #expect(world.refusal(.owners(forged), by: second) == .ownersUnsigned)
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

  @Test func `the recovery key changes the list from anybody's feed`() {
    let list = world.owners([second.member], previous: nil, signedBy: [world.recovery])
    #expect(world.write(list, by: third) != nil)
    #expect(world.roster.owners == [second.member])
    #expect(world.roster.rank(of: world.founder.member) == .member)
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
    #expect(revenge.map { reasons[$0.id] } == .targetIsOwner)
    // The new owner removes the old one and so takes back what it had not seen.
    #expect(!world.roster.isLive(third.key))
    let removal = world.write(.remove(.member(thief.member), []), by: second)
    #expect(removal != nil)
    #expect(world.roster.isLive(third.key))
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
    world.sync(world.founder, from: second, third)
    let list = world.write(
      world.owners(
        [world.founder.member, fourth.member], previous: world.roster.lastOwners,
        signedBy: [second.key, third.key]), by: world.founder)
    #expect(list != nil)
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
}
