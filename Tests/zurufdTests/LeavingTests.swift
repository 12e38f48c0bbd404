import Control
import Testing

@testable import zurufd

/// Leaving a group on real nodes, and coming back.
@Suite(.serialized) struct LeavingTests {
  private let anna = RealNode()
  private let ben = RealNode()

  @Test func `the maker who left is added again by an owner who stayed`() throws {
    try anna.meet(ben)
    _ = try ben.ask(GroupNewCall(title: "Chefs", purpose: nil, members: ["Anna"]))
    try ben.say("geheim", in: "Chefs")
    try anna.untilReads("geheim")
    let look = try ben.ask(GroupLeaveCall(group: "Chefs", look: true))
    #expect(look.group.members.map(\.name) == ["Anna"])
    #expect(look.mayAdd.map(\.name) == ["Anna"])
    #expect(look.owners.isEmpty)
    #expect(try ben.group("Chefs")?.gone == nil)

    let left = try ben.ask(GroupLeaveCall(group: "Chefs", look: nil)).group
    #expect(left.gone?.word == .left)
    #expect(try ben.texts(in: "Chefs") == ["geheim"])
    #expect(
      try ben.refusal(of: SendCall(to: "Chefs", text: "x", id: nil))?.message == "you left Chefs")
    try anna.until { try $0.group("Chefs")?.members.map(\.name) == ["Anna"] ? true : nil }

    _ = try anna.ask(GroupAddCall(group: "Chefs", members: ["Ben"]))
    try ben.until { try $0.group("Chefs")?.gone == nil ? true : nil }
    try ben.say("wieder da", in: "Chefs")
    try anna.untilReads("wieder da")
    // The way back makes a member of whoever made the group.
    #expect(try ben.ask(GroupLeaveCall(group: "Chefs", look: true)).mayAdd.map(\.name) == ["Anna"])
    let last = try anna.ask(GroupLeaveCall(group: "Chefs", look: true))
    #expect(last.mayAdd.isEmpty)
    #expect(last.owners.map(\.name) == ["Anna"])
  }

  @Test func `an owner who made a group and left comes back by a keeper of its own`() throws {
    try anna.meet(ben)
    let server = RealNode()
    try server.start(["--seed", "127.0.0.1:\(ben.port)"])
    let ticket = try anna.ask(
      TicketNewCall(
        kind: .member, keeper: true, name: nil, member: "Anna", groups: [], uses: nil,
        validSeconds: nil))
    _ = try server.join(ticket.text, nil, "server")
    let made = try anna.ask(GroupNewCall(title: "Lohn", purpose: nil, members: ["Ben"])).group
    try anna.say("eins", in: "Lohn")
    try ben.untilReads("eins")
    _ = try anna.ask(GroupLeaveCall(group: "Lohn", look: nil))
    try ben.until { try $0.group("Lohn")?.members.map(\.name) == ["Ben"] ? true : nil }
    let back = GroupAddCall(group: "Lohn", members: ["Anna"])
    // By the rules nobody who stayed may, and this computer would reach nobody.
    #expect(try ben.refusal(of: back)?.name == .notAllowed)
    #expect(try anna.refusal(of: back)?.message == "you left Lohn")
    try server.until { try $0.group("Lohn")?.gone != nil ? true : nil }
    _ = try server.ask(back)
    try anna.until { try $0.group("Lohn")?.gone == nil ? true : nil }
    #expect(try anna.group("Lohn")?.id == made.id)
    try anna.say("zwei", in: "Lohn")
    try ben.untilReads("zwei")
  }

  @Test func `nobody leaves the group of everyone`() throws {
    try anna.start()
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    let refusal = try anna.refusal(of: GroupLeaveCall(group: "everyone", look: true))
    #expect(refusal?.name == .notAllowed)
    #expect(refusal?.message == "everyone is for everybody in the office")
  }

  @Test func `who leaves the office left it, and was not removed by itself`() throws {
    try anna.meet(ben)
    var events = try anna.client()
    _ = try events.call(SubscribeCall(group: nil, after: nil))
    _ = try ben.ask(MemberRemoveCall(member: "Ben", look: nil))
    let status = try ben.ask(StatusCall())
    #expect(status.standing == .removed)
    #expect(
      status.degraded.first { $0.word == .removed }?.detail
        == "you left the office; nothing is sent or received here any more")
    #expect(try ben.ask(DoctorCall()).checks.first?.finding.hasPrefix("you left") ?? false)
    let news = try events.next { event -> NewsInfo? in
      guard case .news(let news) = event else { return nil }
      return news
    }
    #expect(news.word == .left && news.group == nil && news.by.name == "Ben")
  }

  @Test func `what somebody wrote who left the office is read and seen like anything else`() throws
  {
    try anna.meet(ben)
    _ = try ben.ask(SendCall(to: "@Anna", text: "vor dem Gehen", id: nil))
    try anna.untilReads("vor dem Gehen")
    func leave() throws { _ = try ben.ask(MemberRemoveCall(member: "Ben", look: nil)) }
    func isAlone(_ node: RealNode) throws -> Bool? {
      try node.ask(MemberListCall(removed: nil)).members.count == 1 ? true : nil
    }
    try anna.until(after: leave, isAlone)
    let page = try anna.ask(
      ReadCall(group: "@Ben", limit: nil, sinceMs: nil, untilMs: nil, before: nil))
    #expect(page.messages.map(\.text) == ["vor dem Gehen"])
    #expect(page.unread?.map(\.messages) == [1])
    let cursor = try #require(page.messages.last?.cursor)
    #expect(try anna.ask(GroupSeenCall(group: "@Ben", cursor: cursor)).unread == 0)
    // Nothing can be written there any more.
    let refusal = try anna.refusal(of: SendCall(to: "@Ben", text: "x", id: nil))
    #expect(refusal?.message == "\"Ben\" is in the office no more")
  }
}
