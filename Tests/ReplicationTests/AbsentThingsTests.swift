import Cryptography
import Format
import Testing

@testable import Authority
@testable import Replication

/// Groups, feeds, entries and links that are not here: whoever asks for them gets nothing, and what is
/// told of them changes nothing.
@Suite struct AbsentThingsTests {
  private let nowhere = GroupID(Bytes32([UInt8](repeating: 5, count: 32)) ?? Bytes32())
  private let nobody = MemberID(Bytes16(7, 7))
  private let device = DeviceKey(Bytes32([UInt8](repeating: 6, count: 32)) ?? Bytes32())
  private let place = FeedPlace(feed: FeedID(Bytes16(1, 2)))

  /// Anna alone with a group and one message in it.
  private func anna() throws -> (MemoryNode, GroupID) {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    try anna.say("first", in: group)
    return (anna, group)
  }

  @Test func `a group that is not here has no messages and no order`() throws {
    let (anna, group) = try anna()
    let last = try #require(
      anna.replica.arrival(group, 0).flatMap {
        anna.replica.readingPlace(EntryPlace(place: $0.place, seq: $0.seq), in: group)
      })
    let entry = EntryPlace(place: place, seq: 0)
    #expect(anna.replica.arrivalCount(nowhere) == 0 && anna.replica.arrival(nowhere, 0) == nil)
    #expect(anna.replica.arrivalIndex(of: entry, in: nowhere) == nil)
    #expect(anna.replica.arrivals(of: nowhere, beginning: [], half: nil).isEmpty)
    #expect(anna.replica.authors(nowhere, from: 0).isEmpty)
    let newest = anna.replica.newest(nowhere, limit: 9, before: nil, since: nil, until: nil)
    #expect(newest.messages.isEmpty && !newest.hasMore)
    #expect(anna.replica.lastOwn(in: nowhere) == nil && !anna.replica.waitsForKey(nowhere))
    #expect(
      anna.replica.noticeCount(of: nowhere) == 0 && anna.replica.notice(0, of: nowhere) == nil)
    #expect(anna.replica.readingPlace(entry, in: nowhere) == nil)
    #expect(anna.replica.unseenCount(nowhere, from: 0, by: nobody) == 0)
    #expect(
      anna.replica.firstUnseen(nowhere, from: 3, by: nobody, shown: nil, upTo: last) == 3)
    #expect(anna.replica.newestShown(nowhere, to: nobody) == nil)
    #expect(anna.replica.voidCount(in: nowhere, of: nil) == 0)
    #expect(anna.replica.unheardCount(in: nowhere) == 0)
  }

  @Test func `an entry that is not here stands nowhere and is nobody's`() throws {
    let (anna, group) = try anna()
    let strange = EntryPlace(place: place, seq: 0)
    let own = try #require(anna.replica.ownPlaces(in: group).first)
    let behind = EntryPlace(place: own, seq: 99)
    for (id, entry) in [(nowhere, strange), (group, strange), (group, behind)] {
      #expect(anna.replica.prefix(of: entry, in: id) == nil)
      #expect(anna.replica.readingPlace(entry, in: id) == nil)
      #expect(anna.replica.find(Bytes16(3, 4), at: entry.seq, in: id) == nil)
    }
    #expect(anna.replica.find(EntryID(Bytes32()), in: group) == nil)
    #expect(anna.replica.arrivalIndex(of: strange, in: group) == nil)
    for id in [nowhere, group] {
      #expect(anna.replica.holders(id, strange, among: [anna.replica.secrets.device]).isEmpty)
      let isVoid = anna.replica.isVoid(EntryID(Bytes32()), strange, in: id)
      #expect(isVoid)
    }
    #expect(anna.replica.arrival(group, 1) == nil && anna.replica.arrival(group, -1) == nil)
    #expect(anna.replica.authors(group, from: 1).isEmpty)
    #expect(anna.replica.unseenCount(group, from: 1, by: nobody) == 0)
    #expect(anna.replica.notice(0, of: group) == nil)
    let entry = ControlEntry(
      id: EntryID(Bytes32()), place: place, seq: 0, lamport: 1, author: device,
      certificate: EntryID(Bytes32()), content: .heard, officeView: .empty, groupView: .empty)
    let reference = ControlReference(entry)
    #expect(anna.replica.origin(of: reference) == nil)
    for id in [nowhere, group] {
      #expect(anna.replica.lacking(id, upTo: [reference], of: device).isEmpty)
      #expect(anna.replica.lacking(id, upTo: [reference], beside: []).isEmpty)
      #expect(anna.replica.departure(of: nobody, from: id) == nil)
    }
  }

  @Test func `the office log has no list that anybody departs from`() throws {
    let (anna, _) = try anna()
    let (office, ben) = (anna.replica.office, try admit(by: anna, name: "Ben").replica.member)
    _ = try anna.replica.compose(office, [.control(.remove(.member(ben), []))], wall: anna.wall)
    anna.drain()
    #expect(anna.replica.rosterNow().member(ben)?.isRemoved == true)
    #expect(anna.replica.departure(of: ben, from: office) == nil)
    #expect(anna.replica.lastRemoval(of: ben, from: office) == nil)
  }

  @Test func `in a group that is not here nothing can be written, and no epoch is lacking`() throws
  {
    let (anna, _) = try anna()
    let text = Draft.message(.text(RequestID(Bytes16()), Array("x".utf8)))
    let outcomes = anna.replica.compose(nowhere, together: [[text], [text]], wall: anna.wall)
    #expect(outcomes.count == 2)
    for outcome in outcomes {
      #expect(throws: ComposeRefusal.unknownGroup) { try outcome.get() }
    }
    #expect(anna.replica.refusal(ofWriting: [text], in: nowhere) == .unknownGroup)
    #expect(throws: ComposeRefusal.unknownGroup) {
      try anna.replica.composeEpoch(nowhere, wall: anna.wall)
    }
    #expect(try !anna.replica.lacksEpoch(nowhere))
    #expect(!anna.replica.lacksTitle(nowhere) && !anna.replica.isAboutToVouch(nowhere))
    #expect(anna.replica.pastOperations(in: nowhere).isEmpty)
    #expect(anna.replica.standings(of: nowhere).isEmpty)
    #expect(anna.replica.kind(of: nowhere) == nil && anna.replica.digest(of: nowhere) == nil)
  }

  @Test func `what is told of things that are not here changes nothing`() throws {
    let (anna, group) = try anna()
    let other = MemoryNode.founder()
    let link = LinkID(77)
    let before = (anna.replica.digest(of: group), anna.storedCount)
    anna.replica.holdBack(nowhere, place, from: 0)
    anna.replica.holdBack(group, place, from: 0)
    anna.replica.overtake(titles: [EntryID(Bytes32())], in: nowhere)
    anna.replica.rememberDelivered(nowhere, place, 3, to: device)
    anna.replica.served(
      Serving(group: group, place: place, from: 0), through: 5, on: link)
    for input in [
      .stored(StoreToken(.max), arrivalMilliseconds: 1), .loadFailed(nowhere, place),
      .linkDown(link), .received(link, .ping(1)),
      .received(link, .want(nowhere, [.init(feed: place.feed, branch: place.branch, from: 0)])),
    ] as [Input] {
      anna.handle(input)
    }
    // What another office stored.
    _ = try everyone(other)
    #expect(other.log.count == 1)
    for batch in other.log { anna.handle(.loaded(batch, arrivalMilliseconds: 1)) }
    #expect(anna.replica.nextServing(on: link) == nil && anna.outbox.isEmpty)
    #expect(anna.replica.digest(of: group) == before.0 && anna.storedCount == before.1)
    #expect(anna.texts(group) == ["first"] && anna.replica.bytesAhead == 0)
  }
}
