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

  @Test func `what was written with somebody who left or was removed stays readable and gets seen`()
    throws
  {
    try anna.meet(ben)
    let cleo = RealNode()
    try cleo.start()
    _ = try cleo.join(try anna.ticket(), "Cleo", "pc-cleo")
    for node in [ben, cleo] {
      _ = try node.ask(SendCall(to: "@Anna", text: "vor dem Gehen", id: nil))
    }
    try anna.until { try $0.ask(StatusCall()).unread?.count == 2 ? true : nil }
    _ = try ben.ask(MemberRemoveCall(member: "Ben", look: nil))
    _ = try anna.ask(MemberRemoveCall(member: "Cleo", look: nil))
    try anna.until { try $0.rank(of: "Ben") == nil && $0.rank(of: "Cleo") == nil ? true : nil }
    let gone = try anna.ask(MemberListCall(removed: true)).members
    for (name, words, left) in [
      ("Ben", "left the office", true), ("Cleo", "was removed from the office", nil),
    ] {
      let id = try #require(gone.first { $0.name == name }?.id.text)
      #expect(gone.first { $0.name == name }?.left == left)
      for group in ["@\(name)", "@\(name.prefix(2))", "@id:\(id)"] {
        let page = try anna.ask(
          ReadCall(group: group, limit: nil, sinceMs: nil, untilMs: nil, before: nil))
        #expect(page.messages.map(\.text) == ["vor dem Gehen"])
        #expect(page.ended == "\(name) \(words)")
        var events = try anna.client()
        let followed = try events.call(SubscribeCall(group: group, after: page.cursor))
        #expect(followed.group?.title == "@\(name)")
      }
      let refusal = try anna.refusal(of: SendCall(to: "@\(name)", text: "x", id: nil))
      #expect(refusal?.name == .noSuchMember && refusal?.message == "\"\(name)\" \(words)")
      let seen = GroupSeenCall(group: "@id:\(id)", cursor: nil)
      #expect(try anna.ask(seen).unread == 0)
    }
    #expect(try anna.ask(StatusCall()).unread == nil)
  }
}
