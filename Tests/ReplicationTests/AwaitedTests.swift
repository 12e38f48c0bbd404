import Format
import Testing

@testable import Replication

/// Feeds that a peer sent and whose certificate is not here yet are remembered as long as they are asked
/// for, and no longer: nothing else bounds them.
struct AwaitedTests {
  private let group = GroupID(Bytes32())
  private let state = LinkState(
    id: LinkID(1), device: nil, noise: NoiseIdentity(Bytes32()), named: EntryID(Bytes32()),
    now: Duration.zero)

  private func awaited(_ number: UInt64) -> FeedPlace {
    let place = FeedPlace(feed: FeedID(Bytes16(number, 0)))
    state.want(group, place, from: 0, now: Duration.zero)
    state.awaitCertificate(group, place)
    return place
  }

  @Test func `they go with the wish that was answered`() {
    let place = awaited(1)
    #expect(state.usage.awaited == 1)
    state.wantAnswered(group, place)
    #expect(state.usage.awaited == 0 && state.awaited.isEmpty)
  }

  @Test func `they go with wishes that others are asked for now`() {
    let places = (1...5).map { awaited($0) }
    #expect(Set(state.takeWishes()[group, default: [:]].keys) == Set(places))
    #expect(state.usage.awaited == 0 && state.usage.wanted == 0)
  }

  @Test func `they go with what the peer does not say any more that it holds`() {
    let places = (1...5).map { awaited($0) }
    #expect(state.announce(group, places[0], 3))
    #expect(state.dropWishes(of: group).count == 4)
    #expect(state.usage.awaited == 1 && state.usage.wanted == 1)
  }

  @Test func `what is not asked for is not waited for`() {
    state.awaitCertificate(group, FeedPlace(feed: FeedID(Bytes16(9, 9))))
    #expect(state.usage.awaited == 0)
  }

  @Test func `what comes unasked before its certificate is asked for, and again once that is here`()
    throws
  {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let cleo = try admin(by: anna, name: "Cleo")
    try meet(anna, cleo)
    let ben = try admit(by: cleo, name: "Ben")
    try meet(cleo, ben)
    try ben.say("hello", in: group)
    try meet(cleo, ben)
    let feed = try #require(cleo.feed(of: ben, in: group))
    let peer = LoosePeer(anna, as: cleo)
    peer.agreeOnOffice()
    /// Cleo's device sends what Ben wrote; whether that feed is asked for soon after.
    func isAsked(after id: GroupID) -> Bool {
      _ = peer.heard()
      for message in cleo.messages(id) {
        if case .entries(let entries) = message, id != group || entries.head.feed == feed {
          peer.say(message)
        }
      }
      anna.advance(.milliseconds(500))
      return peer.asked(group).contains(feed)
    }
    #expect(isAsked(after: group))
    #expect(!isAsked(after: group) && anna.texts(group).isEmpty)
    #expect(isAsked(after: anna.replica.office))
    #expect(!isAsked(after: group) && anna.texts(group).count == 1)
    #expect(anna.closed.isEmpty)
  }
}
