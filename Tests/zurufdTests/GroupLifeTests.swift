import Control
import Foundation
import TestSupport
import Testing

@testable import zurufd

/// What real nodes tell those who leave groups, come in by a box, or write to one.
@Suite(.serialized) struct GroupLifeTests {
  private func node() throws -> RealNode {
    let node = RealNode()
    try node.start()
    return node
  }

  private func office() throws -> (anna: RealNode, ben: RealNode) {
    let (anna, ben) = (try node(), try node())
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    _ = try ben.join(try anna.ticket(), "Ben", "pc-ben")
    return (anna, ben)
  }

  private func texts(_ group: String?, of node: RealNode) throws -> [String] {
    try node.ask(ReadCall(group: group, limit: nil, sinceMs: nil, untilMs: nil, before: nil))
      .messages.compactMap(\.text)
  }

  @Test func `who is removed from a group is told, refused in words, and keeps what it had`() throws
  {
    let (anna, ben) = try office()
    _ = try anna.ask(GroupNewCall(title: "Lohn", purpose: nil, members: ["Ben"]))
    _ = try anna.ask(SendCall(to: "Lohn", text: "für beide", id: nil))
    try ben.until { try texts(nil, of: $0).contains("für beide") ? true : nil }
    var events = try ControlClient.connect(paths: [ben.socket])
    _ = try events.call(SubscribeCall(group: "Lohn", after: nil))

    let look = try anna.ask(GroupRemoveCall(group: "Lohn", members: ["Ben"], look: true)).group
    #expect(look.members.map(\.name) == ["Anna"])
    #expect(try anna.group("Lohn")?.members.count == 2)
    _ = try anna.ask(GroupRemoveCall(group: "Lohn", members: ["Ben"]))
    let news = try events.next { event -> NewsInfo? in
      if case .news(let news) = event { return news }
      return nil
    }
    #expect((news.word, news.by.name, news.own) == (.removed, "Anna", true))
    #expect(news.group?.title == "Lohn")

    let refusal = try ben.refusal(of: SendCall(to: "Lohn", text: "hallo?", id: nil))
    #expect(refusal?.name == .notAllowed)
    #expect(refusal?.message == "you were removed from Lohn by Anna")
    let line = try #require(try ben.group("Lohn"))
    #expect(line.gone == GoneInfo(word: .removed, by: news.by, lost: 0))
    #expect(line.messages == 1)
    #expect(try texts("Lohn", of: ben) == ["für beide"])
    let status = try ben.ask(StatusCall())
    #expect(
      status.degraded.first { $0.word == .removedFromGroup }?.detail
        == "you were removed from Lohn by Anna")
    // No event tells when everything is handed over.
    for node in [ben, anna] { while try !node.ask(StatusCall()).waiting.isEmpty {} }

    // Once more in it, all is as before.
    _ = try anna.ask(GroupAddCall(group: "Lohn", members: ["Ben"]))
    try ben.until { try $0.group("Lohn")?.gone == nil ? true : nil }
    _ = try ben.ask(SendCall(to: "Lohn", text: "wieder da", id: nil))
    try anna.until { try texts("Lohn", of: $0).contains("wieder da") ? true : nil }
    #expect(try anna.group("Lohn")?.messages == 2)
  }

  @Test func `a group that one of it calls otherwise is called so on every computer`() throws {
    let (anna, ben) = try office()
    _ = try anna.ask(GroupNewCall(title: "Lohn", purpose: "Monatsende", members: ["Ben"]))
    _ = try anna.ask(SendCall(to: "Lohn", text: "für beide", id: nil))
    try ben.until { try $0.group("Lohn")?.last?.text == "für beide" ? true : nil }
    #expect(try ben.group("Lohn")?.last?.member.name == "Anna")
    var events = try ControlClient.connect(paths: [anna.socket])
    _ = try events.call(SubscribeCall(group: nil, after: nil))
    _ = try ben.ask(GroupRenameCall(group: "Lohn", title: "Gehalt", purpose: nil))
    _ = try events.next { $0 == .changed(.groups) ? true : nil }
    try anna.until { try $0.group("Gehalt")?.purpose == "Monatsende" ? true : nil }
    #expect(try anna.group("Lohn") == nil)
  }

  @Test func `who was off when a group was called otherwise does not take that back`() throws {
    let (anna, ben) = try office()
    let cleo = try node()
    _ = try cleo.join(try anna.ticket(), "Cleo", "pc-cleo")
    try ben.until { node in
      try node.ask(MemberListCall(removed: nil)).members.contains { $0.name == "Cleo" } ? true : nil
    }
    #expect(cleo.stop() == 0)
    _ = try ben.ask(GroupNewCall(title: "Werkstatt", purpose: nil, members: ["Anna"]))
    _ = try ben.ask(SendCall(to: "Werkstatt", text: "hallo", id: nil))
    try anna.until { try texts(nil, of: $0).contains("hallo") ? true : nil }
    #expect(ben.stop() == 0)
    _ = try anna.ask(GroupRenameCall(group: "Werkstatt", title: "Halle", purpose: "neu"))
    #expect(anna.stop() == 0)
    // He is alone, adds somebody, and says the title that he knows again for her.
    try ben.start()
    _ = try ben.ask(GroupAddCall(group: "Werkstatt", members: ["Cleo"]))
    #expect(try ben.group("Werkstatt")?.members.count == 3)
    try anna.start(["--seed", "127.0.0.1:\(ben.port)"])
    for node in [ben, anna] {
      let group = try node.until { node in
        try node.group("Halle").flatMap { $0.members.count == 3 ? $0 : nil }
      }
      #expect(group.purpose == "neu")
      #expect(try node.group("Werkstatt") == nil)
    }
    // She reads what was said since she was added, and nothing from before.
    try cleo.start(["--seed", "127.0.0.1:\(ben.port)"])
    #expect(try cleo.until { try $0.group("Halle") }.purpose == "neu")
    #expect(try cleo.group("Werkstatt") == nil)
    // All are told that it was Anna, and when: she too, who reads none but repetitions.
    let told = try [anna, ben, cleo].flatMap { try renamed("Halle", on: $0) }
    #expect(told.allSatisfy { $0.by.name == "Anna" && $0.was == "Werkstatt" })
    #expect(told.map(\.own) == [true, false, false])
    #expect(Set(told.map(\.time)).count == 1 && told.allSatisfy { $0.time != nil })
  }

  /// Who called a group otherwise, as is read later.
  private func renamed(_ group: String, on node: RealNode) throws -> [NewsInfo] {
    let call = ReadCall(
      group: group, limit: nil, sinceMs: nil, untilMs: nil, before: nil, news: true)
    return (try node.ask(call).news ?? []).filter { $0.word == .groupRenamed }
  }

  @Test func `messages that came after a removal are told of on both sides`() throws {
    let (anna, ben) = try office()
    _ = try anna.ask(GroupNewCall(title: "Lohn", purpose: nil, members: ["Ben"]))
    _ = try anna.ask(SendCall(to: "Lohn", text: "für beide", id: nil))
    try ben.until { try texts(nil, of: $0).contains("für beide") ? true : nil }
    while try !anna.ask(StatusCall()).waiting.isEmpty {}
    #expect(ben.stop() == 0)
    _ = try anna.ask(GroupRemoveCall(group: "Lohn", members: ["Ben"]))
    #expect(anna.stop() == 0)
    // He is alone and does not know.
    try ben.start()
    _ = try ben.ask(SendCall(to: "Lohn", text: "hallo?", id: nil))
    #expect(ben.stop() == 0)
    try anna.start()
    try ben.start(["--seed", "127.0.0.1:\(anna.port)"])
    let gone = try ben.until { try $0.group("Lohn")?.gone }
    #expect((gone.word, gone.lost) == (.removed, 1))
    let shown = try ben.ask(
      ReadCall(group: "Lohn", limit: nil, sinceMs: nil, untilMs: nil, before: nil)
    ).messages
    #expect(shown.map(\.text) == ["für beide", "hallo?"])
    #expect(shown.last?.state.word == .nobody)
    let lost = try #require(shown.last?.entry.text)
    #expect(try ben.ask(DeliveryCall(entry: lost)).state.word == .nobody)
    let state = try ben.ask(StatusCall()).degraded.first { $0.word == .removedFromGroup }
    #expect(
      state?.detail
        == "you were removed from Lohn by Anna; 1 message of yours came after that, and nobody "
        + "gets it")
    #expect(try texts("Lohn", of: anna) == ["für beide"])
    #expect(try anna.group("Lohn")?.messages == 1)
    // Each one's list ends with what that one is shown.
    #expect(try anna.group("Lohn")?.last?.text == "für beide")
    #expect(try anna.group("Lohn")?.latest == shown.first.map { $0.stands ?? $0.time })
    #expect(try ben.group("Lohn")?.last?.text == "hallo?")
    #expect(try ben.group("Lohn")?.latest == shown.last.map { $0.stands ?? $0.time })
  }

  @Test func `a list shows what it showed before, once nobody is shown what came since`() throws {
    let (anna, ben) = try office()
    let cleo = try node()
    _ = try cleo.join(try anna.ticket(), "Cleo", "pc-cleo")
    _ = try anna.ask(GroupNewCall(title: "Lohn", purpose: nil, members: ["Ben", "Cleo"]))
    _ = try anna.ask(SendCall(to: "Lohn", text: "für alle", id: nil))
    for node in [ben, cleo] {
      try node.until { try texts(nil, of: $0).contains("für alle") ? true : nil }
    }
    let before = try #require(try cleo.group("Lohn")?.latest)
    #expect(anna.stop() == 0)
    #expect(cleo.stop() == 0)
    try cleo.start(["--seed", "127.0.0.1:\(ben.port)"])
    _ = try ben.ask(SendCall(to: "Lohn", text: "sah Anna nicht", id: nil))
    try cleo.until { try $0.group("Lohn")?.last?.text == "sah Anna nicht" ? true : nil }
    #expect(ben.stop() == 0)
    #expect(cleo.stop() == 0)
    // She removes him and has not seen it.
    try anna.start()
    _ = try anna.ask(GroupRemoveCall(group: "Lohn", members: ["Ben"]))
    try cleo.start(["--seed", "127.0.0.1:\(anna.port)"])
    for node in [anna, cleo] {
      try node.until { try $0.group("Lohn")?.members.count == 2 ? true : nil }
    }
    for node in [anna, cleo] {
      let line = try #require(try node.group("Lohn"))
      #expect((line.last?.text, line.latest, line.messages) == ("für alle", before, 1))
    }
  }

  @Test func `who leaves a group keeps what it had and is told that it left`() throws {
    let (anna, ben) = try office()
    _ = try anna.ask(GroupNewCall(title: "Chefs", purpose: nil, members: ["Ben"]))
    _ = try anna.ask(SendCall(to: "Chefs", text: "geheim", id: nil))
    try ben.until { try texts(nil, of: $0).contains("geheim") ? true : nil }
    let left = try ben.ask(GroupRemoveCall(group: "Chefs", members: ["Ben"])).group
    #expect(left.gone?.word == .left)
    #expect(
      try ben.refusal(of: SendCall(to: "Chefs", text: "x", id: nil))?.message == "you left Chefs")
    #expect(try texts("Chefs", of: ben) == ["geheim"])
    #expect(try ben.ask(StatusCall()).degraded.allSatisfy { $0.word != .removedFromGroup })
  }

  @Test func `a box is not written to alone, and writes to nobody alone`() throws {
    let (anna, _) = try office()
    let box = TicketNewCall(.box, name: "Lager")
    let lager = try node()
    _ = try lager.join(try anna.ask(box).text, nil, "lager")
    let refusal = try anna.refusal(of: SendCall(to: "@Lager", text: "hi", id: nil))
    #expect(refusal?.message == "\"Lager\" is a box and reads only groups it was added to")
    #expect(refusal?.hint == "add it to one: zuruf group add GROUP Lager")
    #expect(
      try lager.refusal(of: SendCall(to: "@Anna", text: "hi", id: nil))?.message
        == "a box writes to groups, not to one person")
  }

  @Test func `who is let in by a box reads and writes once somebody else is there`() throws {
    let anna = try node()
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    _ = try anna.ask(GroupNewCall(title: "Werkstatt", purpose: nil, members: []))
    let lager = try node()
    let box = TicketNewCall(.box, name: "Lager")
    _ = try lager.join(try anna.ask(box).text, nil, "lager")
    let ticket = try anna.ask(TicketNewCall(.member, groups: ["Werkstatt"]))
    try lager.until { node in
      try node.ask(TicketListCall()).tickets.contains { $0.id == ticket.ticket.id } ? true : nil
    }
    #expect(anna.stop() == 0)
    let clara = RealNode()
    try clara.start(["--seed", "127.0.0.1:\(lager.port)"])
    let joined = try clara.join(ticket.text, "Clara", "pc-clara")
    #expect(joined.through.name == "lager")
    #expect(joined.groups.first?.title == "everyone")
    try anna.start(["--seed", "127.0.0.1:\(clara.port)"])
    // Nobody writes a word, and the title of the group that the ticket named comes all the same.
    try clara.until { try $0.group("Werkstatt") }
    #expect(try clara.group("everyone")?.readable == true)
    _ = try clara.ask(SendCall(to: "Werkstatt", text: "hallo", id: nil))
    try anna.until { try texts("Werkstatt", of: $0).contains("hallo") ? true : nil }
  }

  @Test func `an answer that waits says how far the message came by then`() throws {
    let (anna, ben) = try office()
    let sent = try anna.ask(SendCall(to: "everyone", text: "da?", id: nil, wait: true))
    #expect(sent.inReach == 1)
    #expect((sent.state.word, sent.state.of) == (.onDevices, 2))
    #expect(ben.stop() == 0)
    try anna.until { try $0.ask(StatusCall()).peers.allSatisfy { !$0.linked } ? true : nil }
    let kept = try anna.ask(SendCall(to: "everyone", text: "weg?", id: nil, wait: true))
    #expect((kept.inReach, kept.state.word) == (0, .here))
  }

  @Test func `a removed computer says once who removed it, and shows what it has`() throws {
    let (anna, ben) = try office()
    _ = try anna.ask(SendCall(to: "everyone", text: "guten Morgen", id: nil))
    try ben.until { try texts(nil, of: $0).isEmpty ? nil : true }
    _ = try anna.ask(MemberRemoveCall(member: "Ben", look: nil))
    // A removed node tells no events any more: asked until it knows.
    while try ben.ask(StatusCall()).standing != .removed {}
    let status = try ben.ask(StatusCall())
    #expect(status.degraded.map(\.word) == [.removed])
    #expect(
      status.degraded.first?.detail
        == "this computer was removed from its office by Anna; nothing is sent or received any more"
    )
    #expect(try texts("everyone", of: ben) == ["guten Morgen"])
    #expect(try ben.refusal(of: SendCall(to: "everyone", text: "x", id: nil))?.name == .removed)
    let ticket = try anna.ticket()
    let refusal = try ben.refusal(
      of: JoinCall(ticket: ticket, name: "Ben", account: nil, device: "pc-ben"))
    #expect(refusal?.name == .removed)
    #expect(refusal?.hint?.contains("zuruf join --anew") ?? false)
    // Before it is set aside it can be seen whether there is a way in.
    #expect(try ben.ask(DoorsCall()).doors.isEmpty)
    // Who is in the office is not set aside.
    #expect(try anna.refusal(of: OfficeAsideCall())?.name == .refused)
    try comesBack(ben, ticket)
  }

  /// A computer that was removed sets aside what it has, in the node that runs, and joins as another.
  private func comesBack(_ ben: RealNode, _ ticket: String) throws {
    let data = ben.folder.path + "/data"
    func keys(_ folder: String) throws -> Data {
      try Data(contentsOf: URL(fileURLWithPath: folder + "/keys"))
    }
    let old = try keys(data)
    let folder = try ben.ask(OfficeAsideCall()).folder
    #expect(folder.hasPrefix(data + "/removed-"))
    #expect(try keys(folder) == old)
    for name in ["/office", "/logs"] {
      #expect(FileManager.default.fileExists(atPath: folder + name))
      #expect(!FileManager.default.fileExists(atPath: data + name))
    }
    #expect(try ben.ask(OfficeStatusCall()).standing == .noOffice)
    #expect(try ben.refusal(of: OfficeAsideCall())?.name == .noOffice)
    let joined = try ben.join(ticket, "Ben", "pc-ben")
    #expect(joined.member.name == "Ben" && joined.by?.name == "Anna")
    // No key is used again.
    #expect(try keys(data) != old)
    // After a restart it is the new one.
    #expect(ben.stop() == 0)
    try ben.start()
    #expect(try ben.ask(OfficeStatusCall()).device == joined.device)
  }

  @Test func `a move that was cut short is ended by the next start`() throws {
    let (anna, ben) = try office()
    _ = try anna.ask(MemberRemoveCall(member: "Ben", look: nil))
    while try ben.ask(StatusCall()).standing != .removed {}
    #expect(ben.stop() == 0)
    // As a crash leaves it: one file is there already, the others are not.
    let (data, files) = (ben.folder.path + "/data", FileManager.default)
    try files.createDirectory(
      atPath: data + "/setting-aside", withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o700])
    try files.moveItem(atPath: data + "/office", toPath: data + "/setting-aside/office")
    try ben.start()
    #expect(try ben.ask(OfficeStatusCall()).standing == .noOffice)
    let folders = try files.contentsOfDirectory(atPath: data).filter { $0.hasPrefix("removed-") }
    #expect(folders.count == 1 && !files.fileExists(atPath: data + "/setting-aside"))
    let moved = try files.contentsOfDirectory(atPath: data + "/" + (folders.first ?? ""))
    #expect(Set(moved).isSuperset(of: ["office", "keys", "logs"]))
  }
}
