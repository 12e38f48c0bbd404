import Format
import Testing

@testable import Authority

@Suite struct CutVerdictTests {
  let world = World()
  let anna: TestDevice
  let ben: TestDevice
  let group: TestGroup
  /// Ben's feed in the group.
  let feed: FeedID

  init() {
    anna = world.newDevice()
    ben = world.newDevice()
    world.certify(anna, .admin, by: world.founder)
    world.certify(ben, .member, by: anna)
    group = TestGroup(world, .listed, by: anna)
    group.write(.groupAdd([ben.member], .member), by: anna)
    group.sync(ben, from: anna)
    feed = group.place(ben).feed
  }

  /// The verdict on one of Ben's messages, seen with everything.
  func verdict(
    _ seq: UInt32, id: EntryID? = nil, of feed: FeedID? = nil, officeView: ViewID? = nil,
    groupView: ViewID? = nil
  ) -> CutVerdict {
    group.authority.verdict(
      of: id ?? EntryID(Bytes32()), feed: feed ?? self.feed, seq: seq,
      certificate: ben.certificate, groupView: groupView ?? group.view(ben),
      officeView: officeView ?? ben.view, roster: world.roster, membership: group.membership)
  }

  func beyond(_ removals: ControlEntry?...) -> CutVerdict {
    .hangs(CutVerdict.Doubts(beyond: removals.compactMap { $0 }.map { ControlReference($0) }))
  }

  func unlisted(_ removal: ControlEntry?) -> CutVerdict {
    .hangs(CutVerdict.Doubts(unlisted: [removal].compactMap { $0 }.map { ControlReference($0) }))
  }

  @Test func `without a removal every message counts`() {
    #expect(verdict(9) == .counts)
  }

  @Test func `a message beyond a cut is for a witness to judge, one up to it counts`() {
    let last = world.newEntryID()
    let removal = world.write(
      .remove(.member(ben.member), [Cut(feed: feed, seq: 5, entry: last)]), by: anna)
    #expect(removal != nil)
    #expect(verdict(4) == .counts)
    #expect(verdict(5, id: last) == .counts)
    #expect(verdict(5, id: world.newEntryID()) == beyond(removal))
    #expect(verdict(6) == beyond(removal))
  }

  @Test func `each of two cuts asks its own witnesses`() {
    let last = world.newEntryID()
    let first = world.write(
      .remove(.member(ben.member), [Cut(feed: feed, seq: 5, entry: last)]), by: anna)
    let lower = world.write(
      .remove(.member(ben.member), [Cut(feed: feed, seq: 3, entry: last)]), by: world.founder)
    // The founder has not seen Ben at all: its removal has no right and changes nothing.
    #expect(lower == nil)
    world.sync(world.founder, from: ben)
    let second = world.write(
      .remove(.device(ben.key), [Cut(feed: feed, seq: 3, entry: last)]), by: world.founder)
    #expect(verdict(3, id: last) == .counts)
    #expect(verdict(4) == beyond(second))
    #expect(verdict(6) == beyond(first, second))
  }

  @Test func `a feed that the removal does not list is for a witness to judge`() {
    let removal = world.write(.remove(.member(ben.member), []), by: anna)
    #expect(removal != nil && verdict(2) == unlisted(removal))
  }

  @Test func `a demotion cuts the feeds it lists and no others`() {
    let list = [Cut(feed: feed, seq: 5, entry: world.newEntryID())]
    let demotion = world.write(.rank(ben.member, .box, list), by: anna)
    #expect(demotion != nil && verdict(6) == beyond(demotion))
    #expect(verdict(6, of: FeedID(world.newEntryID().prefix)) == .counts)
    // With the demotion in its past it was judged with the lower rank.
    #expect(verdict(7, officeView: world.everything) == .counts)
  }

  @Test func `a removal from the group cuts like one from the office`() {
    let last = world.newEntryID()
    let removal = group.write(
      .groupRemove(ben.member, [Cut(feed: feed, seq: 5, entry: last)]), by: anna)
    #expect(verdict(5, id: last) == .counts)
    #expect(removal != nil && verdict(6) == beyond(removal))
    let other = FeedID(world.newEntryID().prefix)
    #expect(verdict(0, of: other) == unlisted(removal))
    #expect(verdict(0, of: other, groupView: group.everything) == .counts)
  }

  @Test func `what lies beyond a cut by which its author removes a computer of theirs is void`() {
    let second = world.newDevice(of: ben.member)
    world.certify(second, .member, by: ben)
    world.sync(second, from: ben)
    let last = world.newEntryID()
    let removal = world.write(
      .remove(.device(ben.key), [Cut(feed: feed, seq: 5, entry: last)]), by: second)
    #expect(verdict(5, id: last) == .counts)
    #expect(verdict(6) == removal.map { .void(by: ControlReference($0)) })
  }

  @Test func `of a feed that is forked nobody vouches for what a cut leaves out`() {
    let last = world.newEntryID()
    let removal = world.write(
      .remove(.member(ben.member), [Cut(feed: feed, seq: 5, entry: last)]), by: anna)
    world.authority.noteFork(of: feed, by: ben.key, NoLineage())
    #expect(verdict(6) == removal.map { .void(by: ControlReference($0)) })
  }

  @Test func `a message of a device whose certificate is void is no one's`() {
    world.sync(world.founder, from: ben)
    world.write(
      .remove(.member(anna.member), [world.cut(anna, at: 0)]), by: world.founder)
    #expect(world.roster.device(certificate: ben.certificate) == nil)
    #expect(verdict(1) == .uncertified)
  }
}

/// Knows of no branch.
private final class NoLineage: ForkLineage {
  func isBefore(_ entry: EntryID, seq: UInt32, _ cut: Cut) -> Bool { false }
  func isPast(_ cut: Cut, of removal: ControlReference) -> Bool { false }
}
