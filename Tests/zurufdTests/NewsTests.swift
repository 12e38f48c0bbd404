import Control
import Testing

@testable import zurufd

/// What happens beside messages, live and later, and how messages are named and seen.
@Suite(.serialized) struct NewsTests {
  private let anna = RealNode()
  private let ben = RealNode()

  private func subscribed(
    _ node: RealNode, group: String? = nil, seen: Bool? = nil
  ) throws -> ControlClient {
    var client = try node.client()
    _ = try client.call(SubscribeCall(group: group, after: nil, seen: seen))
    return client
  }

  private func read(_ node: RealNode, _ group: String? = nil, limit: Int? = nil) throws
    -> ReadCall.Answer
  {
    try node.ask(
      ReadCall(
        group: group, limit: limit, sinceMs: nil, untilMs: nil, before: nil, news: true))
  }

  private func news(_ client: inout ControlClient) throws -> NewsInfo {
    try client.next { event in
      if case .news(let news) = event { return news }
      return nil
    }
  }

  @Test func `who calls a group otherwise is told as it happens and when one reads later`() throws {
    try anna.meet(ben)
    _ = try anna.ask(GroupNewCall(title: "Werkstatt", purpose: nil, members: ["Ben"]))
    try anna.say("hallo", in: "Werkstatt")
    try ben.until { try $0.group("Werkstatt") }
    var events = try subscribed(ben)
    let rename = GroupRenameCall(group: "Werkstatt", title: "Halle", purpose: nil)
    _ = try anna.ask(rename)
    // What it is for is another thing.
    _ = try anna.ask(GroupRenameCall(group: "Halle", title: nil, purpose: "Schicht 2"))
    _ = try anna.ask(GroupRenameCall(group: "Halle", title: "Halle 2", purpose: nil))
    let told = [try news(&events), try news(&events)]
    #expect(told.allSatisfy { $0.word == .groupRenamed && $0.by.name == "Anna" && !$0.own })
    #expect(told.map(\.was) == ["Werkstatt", "Halle"])
    #expect(told.map(\.group?.title) == ["Halle", "Halle 2"])
    try ben.until { try $0.group("Halle 2") }
    let later = (try read(ben, "Halle 2").news ?? []).filter { $0.word == .groupRenamed }
    #expect(later == told)
    #expect(try read(anna, "Halle 2").news?.last?.own == true)
  }

  @Test func `names, newcomers, ranks and removals are told as they come and when one reads later`()
    throws
  {
    try anna.meet(ben)
    var events = try subscribed(anna)
    let cleo = RealNode()
    try cleo.start()
    _ = try cleo.join(try anna.ticket(), "Cleo", "pc-cleo")
    let joined = try news(&events)
    #expect(joined.word == .joined && joined.members.map(\.name) == ["Cleo"])
    _ = try ben.ask(NameSetCall(name: "Benno", device: nil))
    let renamed = try news(&events)
    #expect(renamed.word == .renamed && renamed.was == "Ben")
    #expect(renamed.members.map(\.name) == ["Benno"] && !renamed.own)
    _ = try anna.ask(MemberRankCall(member: "Benno", rank: .owner))
    let rank = try news(&events)
    #expect(rank.word == .rank && rank.rank == .owner && rank.members.map(\.name) == ["Benno"])
    _ = try anna.ask(MemberRemoveCall(member: "Cleo", look: nil))
    let removed = try news(&events)
    #expect(removed.word == .removed && removed.group == nil)
    #expect(removed.members.map(\.name) == ["Cleo"] && removed.by.name == "Anna")

    let later = try read(anna, "everyone").news ?? []
    #expect(later.map(\.word) == [.joined, .joined, .renamed, .rank, .removed])
    #expect(later.allSatisfy { $0.time != nil && $0.group == nil })
    #expect([joined, renamed, rank, removed].map(\.time) == later.suffix(4).map(\.time))
    #expect(later[2].was == "Ben" && later[2].members.map(\.name) == ["Benno"])
    // Between messages stands what happened between them.
    try anna.say("nachher", in: "everyone")
    #expect(try read(anna, "everyone").news?.count == 5)
    try anna.say("ganz nachher", in: "everyone")
    #expect(try read(anna, "everyone", limit: 1).news == nil)
    #expect(
      try anna.ask(ReadCall(group: nil, limit: nil, sinceMs: nil, untilMs: nil, before: nil)).news
        == nil)
  }

  @Test func `who begins to follow hears of the states there are, and of no end of another one`()
    throws
  {
    try anna.meet(ben)
    #expect(ben.stop() == 0)
    var first = try subscribed(anna)
    _ = try first.next { event in
      if case .degraded(let state) = event, state.word == .noPeers { return true }
      return nil
    }
    try ben.start(["--seed", "127.0.0.1:\(anna.port)"])
    _ = try first.next { event in
      if case .recovered(.noPeers) = event { return true }
      return nil
    }
    // It was over before this one came.
    var second = try subscribed(anna)
    try anna.say("Hallo", in: "everyone")
    var ends: [DegradedWord] = []
    _ = try second.next { event -> Bool? in
      if case .recovered(let word) = event { ends.append(word) }
      guard case .message(let message) = event else { return nil }
      return message.text == "Hallo"
    }
    #expect(ends == [])
  }

  @Test func `what somebody follows with their eyes is seen, and what is told to a program is not`()
    throws
  {
    try anna.meet(ben)
    func unread() throws -> [UnreadInfo] { try ben.ask(StatusCall()).unread ?? [] }
    var program = try subscribed(ben)
    try anna.say("eins", in: "everyone")
    _ = try program.message("eins")
    #expect(try unread().map(\.messages) == [1])
    #expect(try read(ben).unread == unread())
    var person = try subscribed(ben, group: "everyone", seen: true)
    try anna.say("zwei", in: "everyone")
    _ = try person.message("zwei")
    // The one before it was shown to nobody yet.
    #expect(try unread().map(\.messages) == [2])
    #expect(try ben.ask(GroupSeenCall(group: "everyone", cursor: nil)).unread == 0)
    try anna.say("drei", in: "everyone")
    _ = try person.message("drei")
    #expect(try unread() == [])
    #expect(try read(ben).unread == nil)
  }

  @Test func `a message is named by the first digits of its id`() throws {
    try anna.meet(ben)
    let id = try anna.say("Kuchen ist da", in: "everyone").text
    try ben.untilReads("Kuchen ist da")
    var events = try subscribed(anna, group: "everyone")
    let number = String(id.prefix(7)).uppercased()
    #expect(try ben.ask(ReactCall(entry: number, text: "\u{1F382}")).entry.text == id)
    let told = try events.next { event in
      if case .reaction(let reaction) = event { return reaction }
      return nil
    }
    #expect(told.to?.member?.name == "Anna" && told.to?.text == "Kuchen ist da")
    #expect(try anna.ask(DeliveryCall(entry: number)).entry.text == id)
    _ = try ben.ask(
      SendCall(to: "everyone", text: "ich komme", id: nil, reply: String(id.prefix(8))))
    try anna.untilReads("ich komme")
    let hint = "zuruf read --ids shows the numbers of messages"
    for wrong in ["3", "x123", "Kuchen", String(repeating: "0", count: 65)] {
      let refusal = try ben.refusal(of: ReactCall(entry: wrong, text: "x"))
      #expect(refusal?.name == .noSuchEntry && refusal?.hint?.hasPrefix(hint) ?? false)
    }
    let other = id.hasPrefix("0000") ? "1111" : "0000"
    #expect(try ben.refusal(of: DeliveryCall(entry: other))?.hint == hint)
  }

  @Test func `of what was written before one's further computer came it is told who has it`() throws
  {
    try anna.meet(ben)
    try anna.say("vorher", in: "everyone")
    try ben.untilReads("vorher")
    let laptop = RealNode()
    try laptop.start()
    _ = try laptop.join(try anna.ticket(for: "Anna"), nil, "laptop")
    let own = try laptop.until { node in
      try read(node).messages.first { $0.absence == .beforeJoining }
    }
    #expect(own.elsewhere?.map(\.name) == ["pc-anna"])
    let cleo = RealNode()
    try cleo.start()
    _ = try cleo.join(try anna.ticket(), "Cleo", "pc-cleo")
    let foreign = try cleo.until { node in
      try read(node).messages.first { $0.absence == .beforeJoining }
    }
    #expect(foreign.elsewhere == nil)
    // The computer that had it is lost.
    _ = try anna.ask(DeviceRemoveCall(device: "pc-anna", look: nil))
    try laptop.until { node in
      try read(node).messages.first { $0.absence == .beforeJoining }?.elsewhere == [] ? true : nil
    }
  }

  @Test func `a further computer that comes, goes or gets another name is told of`() throws {
    try anna.meet(ben)
    var events = try subscribed(anna)
    let laptop = RealNode()
    try laptop.start()
    _ = try laptop.join(try ben.ticket(for: "Ben"), nil, "laptop")
    let came = try news(&events)
    #expect(came.word == .deviceJoined && came.device?.name == "laptop" && !came.own)
    #expect(came.members.map(\.name) == ["Ben"] && came.by.name == "Ben")
    _ = try laptop.ask(NameSetCall(name: nil, device: "notebook"))
    let renamed = try news(&events)
    #expect(renamed.word == .deviceRenamed && renamed.was == "laptop")
    #expect(renamed.device?.name == "notebook")
    // On the person's other computer too.
    try ben.until { node in
      try read(node).news?.contains { $0.word == .deviceRenamed && $0.own } ?? false ? true : nil
    }
    #expect(try read(ben).news?.contains { $0.word == .deviceJoined && $0.own } ?? false)
    _ = try anna.ask(DeviceRemoveCall(device: "notebook", look: nil))
    let gone = try news(&events)
    #expect(gone.word == .deviceRemoved && gone.device?.id == came.device?.id)
    let later = try read(anna, "everyone").news ?? []
    #expect(later.map(\.word) == [.joined, .deviceJoined, .deviceRenamed, .deviceRemoved])
    #expect([came, renamed, gone].map(\.time) == later.suffix(3).map(\.time))
  }

  @Test func `who comes into a group or goes does so at the same moment, live and later`() throws {
    try anna.meet(ben)
    _ = try anna.ask(GroupNewCall(title: "Lohn", purpose: nil, members: []))
    var events = try subscribed(anna)
    _ = try anna.ask(GroupAddCall(group: "Lohn", members: ["Ben"]))
    let added = try news(&events)
    try ben.untilGroup("Lohn")
    _ = try ben.ask(GroupLeaveCall(group: "Lohn", look: nil))
    let left = try news(&events)
    #expect([added, left].map(\.word) == [.added, .left])
    let later = try read(anna, "Lohn").news ?? []
    #expect(later.suffix(2).map(\.word) == [.added, .left])
    #expect([added, left].map(\.time) == later.suffix(2).map(\.time))
    #expect(added.time != nil && left.time != nil)
  }

  @Test func `who made the ticket let somebody in, whichever computer was on`() throws {
    try anna.meet(ben)
    let ticket = try anna.ticket()
    try ben.until { try $0.ask(TicketListCall()).tickets.count == 2 ? true : nil }
    #expect(anna.stop() == 0)
    let cleo = RealNode()
    try cleo.start(["--seed", "127.0.0.1:\(ben.port)"])
    _ = try cleo.join(ticket, "Cleo", "pc-cleo")
    let joined = try ben.until { try read($0).news?.last { $0.word == .joined } }
    #expect(joined.members.map(\.name) == ["Cleo"] && joined.by.name == "Anna")
  }

  @Test func `that the recovery key was used is told to all, and what was told before stays`()
    throws
  {
    try anna.meet(ben)
    let line = try anna.ask(RecoveryShowCall()).line
    _ = try anna.ask(MemberRankCall(member: "Ben", rank: .owner))
    try ben.until { try $0.rank(of: "Ben") == .owner ? true : nil }
    var events = try subscribed(anna)
    _ = try ben.ask(RecoveryUseCall(line: line, owners: nil))
    let lost = try news(&events)
    #expect(lost.word == .unowned && lost.recovery == true && lost.own && lost.by.name == "Ben")
    let told = try anna.ask(StatusCall()).degraded.first { $0.word == .rankChanged }
    #expect(
      told?.detail
        == "Ben used the recovery key: you own the office no more; its owners are Ben")
    #expect(told?.hint?.contains("in wrong hands") ?? false)
    for node in [anna, ben] {
      let words = try read(node, "everyone").news ?? []
      #expect(words.filter { $0.rank == .owner }.map { $0.by.name } == ["Anna"])
      #expect(words.last?.word == .unowned && words.last?.recovery == true)
      #expect(lost.time != nil && words.last?.time == lost.time)
    }
    // Whoever was removed and came back was removed all the same.
    _ = try ben.ask(MemberRemoveCall(member: "Anna", look: nil))
    let back = RealNode()
    try back.start()
    _ = try back.join(try ben.ticket(for: "Anna", again: true), nil, "pc-anna-2")
    try ben.until { try $0.rank(of: "Anna") == nil ? nil : true }
    let later = try read(ben, "everyone").news ?? []
    #expect(later.map(\.word) == [.rank, .unowned, .removed, .joined])
  }
}
