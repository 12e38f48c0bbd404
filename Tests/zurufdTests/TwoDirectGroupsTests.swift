import Control
import Testing

@testable import zurufd

/// Two people who both wrote first while apart: their two groups are one conversation.
@Suite(.serialized) struct TwoDirectGroupsTests {
  private let anna = RealNode()
  private let ben = RealNode()

  private func line(_ node: RealNode) throws -> GroupInfo {
    let lines = try node.ask(GroupListCall()).groups.filter { $0.kind == .direct }
    #expect(lines.count == 1)
    return try #require(lines.first)
  }

  private func read(_ node: RealNode, _ to: String) throws -> [MessageInfo] {
    try node.ask(ReadCall(group: to, limit: nil, sinceMs: nil, untilMs: nil, before: nil)).messages
  }

  /// Anna writes while Ben's computer is off, and he twice while hers is; then both are on.
  private func writeApart() throws {
    try anna.meet(ben)
    #expect(ben.stop() == 0)
    try anna.say("von Anna", in: "@Ben")
    #expect(anna.stop() == 0)
    try ben.start()
    for text in ["von Ben", "noch von Ben"] { try ben.say(text, in: "@Anna") }
    try anna.start(["--seed", "127.0.0.1:\(ben.port)"])
    try anna.untilReads("noch von Ben")
    try ben.untilReads("von Anna")
  }

  @Test func `a list counts what both groups hold, and shows the newest of them`() throws {
    try writeApart()
    let (hers, his) = (try line(anna), try line(ben))
    #expect((hers.messages, hers.unread) == (3, 2))
    // Each of them names both, so that what is told of the other one finds its place.
    #expect(Set([hers.id] + (hers.also ?? [])) == Set([his.id] + (his.also ?? [])))
    #expect(hers.also?.count == 1)
    #expect((his.messages, his.unread) == (3, 1))
    // Whichever of the two groups stands for both: its id is random.
    for (info, shown) in [(hers, try read(anna, "@Ben")), (his, try read(ben, "@Anna"))] {
      #expect(info.last?.text == "noch von Ben")
      #expect(info.latest == shown.last.map { $0.stands ?? $0.time })
    }
    #expect(try ben.ask(StatusCall()).unread?.map(\.messages) == [1])
    #expect(try anna.ask(StatusCall()).unread?.map(\.messages) == [2])
    // Who writes on does so in one of them, and the other one counts still.
    try anna.say("zusammen", in: "@Ben")
    try ben.untilReads("zusammen")
    #expect(try line(ben).messages == 4)
    #expect(try line(ben).last?.text == "zusammen")
    // In one of them or in both: it is new from one person.
    #expect(try ben.ask(StatusCall()).unread?.map(\.messages) == [2])
  }

  @Test func `what was shown up to a message is seen in both groups`() throws {
    try writeApart()
    let shown = try read(ben, "@Anna")
    #expect(shown.map(\.text) == ["von Anna", "von Ben", "noch von Ben"])
    // The last of them stands in the other group than the one that is unread.
    let last = try #require(shown.last)
    #expect(shown.first?.group.id != last.group.id)
    func seen(from: HexIdentifier?, to: HexIdentifier) throws -> Int {
      try ben.ask(GroupSeenCall(group: "@Anna", cursor: to, from: from)).unread
    }
    #expect(try seen(from: last.cursor, to: last.cursor) == 1)
    #expect(try seen(from: nil, to: last.cursor) == 0)
    #expect(try line(ben).unread == 0)
    #expect(try ben.ask(StatusCall()).unread == nil)
    let hers = try read(anna, "@Ben")
    let first = try #require(hers.first)
    // What comes after it was not seen.
    let answer = try anna.ask(GroupSeenCall(group: "@Ben", cursor: first.cursor))
    #expect(answer.unread == 2)
  }
}
