import Control
import Testing

@testable import zurufd

/// What a removal does to messages that its author had not seen.
@Suite(.serialized) struct RemovalWordsTests {
  private let anna = RealNode()
  private let ben = RealNode()

  private func seed(_ node: RealNode) -> [String] { ["--seed", "127.0.0.1:\(node.port)"] }

  @Test func `whoever follows hears that nobody gets what was written after a removal`() throws {
    try anna.meet(ben)
    // The removal says how far this counts.
    try ben.say("da", in: "everyone")
    try anna.untilReads("da")
    while try !anna.ask(StatusCall()).waiting.isEmpty {}
    #expect(ben.stop() == 0)
    _ = try anna.ask(MemberRemoveCall(member: "Ben", look: nil))
    #expect(anna.stop() == 0)
    // He is alone and does not know.
    try ben.start()
    var events = try ben.client()
    _ = try events.call(SubscribeCall(group: nil, after: nil))
    let sent = try ben.ask(SendCall(to: "everyone", text: "hallo?", id: nil))
    try anna.start(seed(ben))
    let word = try events.next { event -> DeliveryWord? in
      guard case .delivery(let delivery) = event, delivery.entry == sent.entry else { return nil }
      return delivery.state.word
    }
    #expect(word == .nobody)
  }

  @Test func `a page of what nobody gets is not the end of what can be read`() throws {
    try anna.meet(ben)
    let clara = RealNode()
    try clara.start(seed(anna) + seed(ben))
    _ = try clara.join(try anna.ticket(), "Clara", "pc-clara")
    _ = try anna.ask(GroupNewCall(title: "Lohn", purpose: nil, members: ["Ben", "Clara"]))
    try anna.say("für alle", in: "Lohn")
    for node in [ben, clara] { try node.untilReads("für alle") }
    try ben.say("auch", in: "Lohn")
    for node in [anna, clara] { try node.untilReads("auch") }
    try clara.until { try $0.ask(StatusCall()).peers.allSatisfy(\.linked) ? true : nil }
    // Anna does not see what Ben writes before she removes him.
    #expect(anna.stop() == 0)
    try ben.say("weg", in: "Lohn")
    try clara.untilReads("weg")
    for node in [ben, clara] { #expect(node.stop() == 0) }
    try anna.start()
    _ = try anna.ask(GroupRemoveCall(group: "Lohn", members: ["Ben"]))
    try clara.start(seed(anna))
    try clara.until { try $0.group("Lohn")?.members.count == 2 ? true : nil }
    let newest = try clara.ask(
      ReadCall(group: "Lohn", limit: 1, sinceMs: nil, untilMs: nil, before: nil))
    #expect(newest.messages.map(\.text) == ["auch"])
    let all = try clara.ask(
      ReadCall(group: "Lohn", limit: 3, sinceMs: nil, untilMs: nil, before: nil))
    #expect(all.messages.map(\.text) == ["für alle", "auch"])
    #expect(!all.more)
  }
}
