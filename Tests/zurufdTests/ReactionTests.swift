import Control
import Testing

@testable import zurufd

/// Answers, reactions and what nobody has seen yet, on two real nodes.
@Suite(.serialized) struct ReactionTests {
  private let anna = RealNode()
  private let ben = RealNode()

  private func message(_ text: String, at node: RealNode) throws -> MessageInfo? {
    try node.ask(ReadCall(group: "everyone", limit: nil, sinceMs: nil, untilMs: nil, before: nil))
      .messages.first { $0.text == text }
  }

  private func shown(_ text: String, at node: RealNode) throws -> [String] {
    try message(text, at: node)?.reactions?.map { one in
      "\(one.text) \(one.members.map(\.name).joined(separator: ","))\(one.own ? " own" : "")"
    } ?? []
  }

  /// Waits until a node shows that and nothing else to the message.
  private func until(_ expected: [String], _ text: String, at node: RealNode) throws {
    try node.until { try shown(text, at: $0) == expected ? true : nil }
  }

  @Test func `each person shows one sign to a message, can change it and take it back`() throws {
    try anna.meet(ben)
    try anna.say("Kuchen ist da", in: "everyone")
    try ben.untilReads("Kuchen ist da")
    let entry = try #require(try message("Kuchen ist da", at: ben)).entry.text
    var events = try anna.client()
    _ = try events.call(SubscribeCall(group: "everyone", after: nil))
    #expect(try shown("Kuchen ist da", at: anna) == [])
    let first = try ben.ask(ReactCall(entry: entry, text: "👍")).reactions
    #expect(first.map(\.text) == ["👍"] && first.map(\.own) == [true])
    let told = try events.next { event in
      if case .reaction(let reaction) = event { return reaction }
      return nil
    }
    #expect(told.entry.text == entry && told.reactions.map(\.text) == ["👍"])
    #expect(told.reactions.first?.members.map(\.name) == ["Ben"])
    _ = try anna.ask(ReactCall(entry: entry, text: "👍"))
    try until(["👍 Anna,Ben own"], "Kuchen ist da", at: ben)
    _ = try ben.ask(ReactCall(entry: entry, text: "🎂"))
    try until(["👍 Anna own", "🎂 Ben"], "Kuchen ist da", at: anna)
    // It is read out of the log, and a restart changes nothing.
    #expect(anna.stop() == 0)
    try anna.start()
    #expect(try shown("Kuchen ist da", at: anna) == ["👍 Anna own", "🎂 Ben"])
    // Taken back once; the second time there is nothing to take back.
    for unchanged in [nil, true] {
      let answer = try ben.ask(ReactCall(entry: entry, text: nil, remove: true))
      #expect(answer.reactions.count == 1 && answer.unchanged == unchanged)
    }
    #expect(try ben.texts(in: "everyone") == ["Kuchen ist da"])
  }

  @Test func `who reads a conversation of two is told of the first sign in it`() throws {
    try anna.meet(ben)
    try anna.say("Hast du den Zettel?", in: "@Ben")
    try ben.untilReads("Hast du den Zettel?")
    var events = try anna.client()
    _ = try events.call(SubscribeCall(group: "@Ben", after: nil))
    #expect(try anna.texts(in: "@Ben") == ["Hast du den Zettel?"])
    let read = ReadCall(group: "@Anna", limit: nil, sinceMs: nil, untilMs: nil, before: nil)
    let entry = try #require(try ben.ask(read).messages.first).entry.text
    _ = try ben.ask(ReactCall(entry: entry, text: "👍"))
    let told = try events.next { event in
      if case .reaction(let reaction) = event { return reaction }
      return nil
    }
    #expect(told.entry.text == entry && told.reactions.map(\.text) == ["👍"])
  }

  @Test func `an answer shows whom and what it answers`() throws {
    try anna.meet(ben)
    let asked = try anna.say("Wer hat den Schlüssel?", in: "everyone")
    try ben.untilReads("Wer hat den Schlüssel?")
    _ = try ben.ask(
      SendCall(to: "everyone", text: "ich", id: nil, reply: asked.text))
    try anna.untilReads("ich")
    let reply = try #require(try message("ich", at: anna)?.reply)
    #expect(reply.member?.name == "Anna" && reply.text == "Wer hat den Schlüssel?")
    let elsewhere = SendCall(to: "@Anna", text: "x", id: nil, reply: asked.text)
    #expect(throws: (any Error).self) { try ben.ask(elsewhere) }
    let nothing = SendCall(
      to: "everyone", text: "x", id: nil, reply: String(repeating: "0f", count: 32))
    #expect(throws: (any Error).self) { try ben.ask(nothing) }
    #expect(try ben.texts(in: "everyone") == ["Wer hat den Schlüssel?", "ich"])
  }

  @Test func `what others wrote is unread until it was seen, also after a restart`() throws {
    try anna.meet(ben)
    for text in ["eins", "zwei", "drei"] { try anna.say(text, in: "everyone") }
    try ben.untilReads("drei")
    func unread(_ node: RealNode) throws -> Int? {
      try node.ask(GroupListCall()).groups.first { $0.title == "everyone" }?.unread
    }
    #expect(try unread(ben) == 3)
    #expect(try unread(anna) == 0)
    let second = try #require(try message("zwei", at: ben)).cursor
    #expect(try ben.ask(GroupSeenCall(group: "everyone", cursor: second)).unread == 1)
    #expect(ben.stop() == 0)
    try ben.start()
    #expect(try unread(ben) == 1)
    #expect(try ben.ask(GroupSeenCall(group: "everyone", cursor: nil)).unread == 0)
    // What was seen once stays seen.
    let first = try #require(try message("eins", at: ben)).cursor
    #expect(try ben.ask(GroupSeenCall(group: "everyone", cursor: first)).unread == 0)
  }

  @Test func `what came late is unread until all that stands up to it was shown`() throws {
    try anna.meet(ben)
    // Ben writes while Anna is off, and Anna before that comes to her: it stands above hers.
    #expect(anna.stop() == 0)
    try ben.say("früh", in: "everyone")
    #expect(ben.stop() == 0)
    try anna.start()
    try anna.say("spät", in: "everyone")
    try ben.start(["--seed", "127.0.0.1:\(anna.port)"])
    try anna.untilReads("früh")
    #expect(try anna.texts(in: "everyone") == ["früh", "spät"])
    let last = try #require(try message("spät", at: anna)).cursor
    func unread(from: HexIdentifier?) throws -> Int {
      try anna.ask(GroupSeenCall(group: "everyone", cursor: last, from: from)).unread
    }
    // Who was shown the newest one alone has not seen it; who was shown all up to that has.
    #expect(try unread(from: last) == 1)
    #expect(try unread(from: nil) == 0)
  }

  @Test func `what a newcomer cannot read is not new to it`() throws {
    try anna.start()
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    for text in ["eins", "zwei"] { try anna.say(text, in: "everyone") }
    try ben.start()
    _ = try ben.join(try anna.ticket(), "Ben", "pc-ben")
    try anna.say("drei", in: "everyone")
    try ben.untilReads("drei")
    #expect(try ben.ask(StatusCall()).unread?.map(\.messages) == [1])
    // Only the last of two was shown.
    try anna.say("vier", in: "everyone")
    try ben.untilReads("vier")
    let fourth = try #require(try message("vier", at: ben)).cursor
    let seen = GroupSeenCall(group: "everyone", cursor: fourth, from: fourth)
    #expect(try ben.ask(seen).unread == 2)
    #expect(try ben.ask(GroupSeenCall(group: "everyone", cursor: fourth)).unread == 0)
  }

  @Test func `a person is told what is stored and who can read it`() throws {
    try anna.meet(ben)
    for text in ["eins", "zwei"] { try anna.say(text, in: "everyone") }
    try ben.untilReads("zwei")
    let stored = try ben.ask(StoredCall())
    #expect(stored.groups.map(\.messages) == [0])
    let own = try #require(try anna.ask(StoredCall()).groups.first)
    #expect(own.messages == 2 && own.devices == 2 && own.oldest != nil)
    #expect(own.readers.map(\.name) == ["Anna", "Ben"])
  }

  @Test func `what was there before a removal is told of, with whose computers have it`() throws {
    try anna.meet(ben)
    _ = try anna.ask(GroupNewCall(title: "Lohn", purpose: nil, members: ["Ben"]))
    for group in ["Lohn", "everyone"] {
      try anna.say(group, in: group)
      try ben.untilReads(group)
    }
    func stored(_ title: String) throws -> StoredLine? {
      try anna.ask(StoredCall()).groups.first { $0.group.title == title }
    }
    #expect(try stored("Lohn")?.former == nil)
    _ = try anna.ask(GroupRemoveCall(group: "Lohn", members: ["Ben"]))
    let line = try #require(try stored("Lohn"))
    #expect(line.readers.map(\.name) == ["Anna"])
    #expect(line.former?.map(\.member.name) == ["Ben"] && line.former?.first?.devices == 1)
    #expect(line.former?.first?.until != nil)
    #expect(try stored("everyone")?.former == nil)
    // Out of the office he has both, and nothing later of either.
    _ = try anna.ask(MemberRemoveCall(member: "Ben", look: nil))
    #expect(try stored("Lohn")?.former == line.former)
    #expect(try stored("everyone")?.former?.map(\.member.name) == ["Ben"])
  }
}
