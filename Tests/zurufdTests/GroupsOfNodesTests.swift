import Control
import Testing

@testable import zurufd

/// Who is in a group, with real nodes, and what each of them can read.
@Suite(.serialized) struct GroupsOfNodesTests {
  let anna = RealNode()
  let ben = RealNode()
  let cleo = RealNode()

  /// Anna's office with Ben and Cleo in it, all of whom know each other.
  private func meet() throws {
    // Nothing tells them of each other here, and what Anna is not in does not go by way of her.
    try anna.start()
    try ben.start()
    try cleo.start(["--seed", "127.0.0.1:\(ben.port)"])
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    _ = try ben.join(try anna.ticket(), "Ben", "pc-ben")
    _ = try cleo.join(try anna.ticket(), "Cleo", "pc-cleo")
    for node in [anna, ben, cleo] { try node.untilLinked(with: 2) }
  }

  private func names(_ group: GroupInfo) -> [String] { group.members.map(\.name).sorted() }

  @Test func `who is added reads from then on, and who is removed reads no more`() throws {
    try meet()
    _ = try ben.ask(GroupNewCall(title: "Werkstatt", purpose: "Bohren", members: []))
    try ben.say("vorher", in: "Werkstatt")
    let added = try ben.ask(GroupAddCall(group: "Werkstatt", members: ["Cleo"]))
    #expect(names(added.group) == ["Ben", "Cleo"])
    try ben.say("dabei", in: "Werkstatt")
    try cleo.untilReads("dabei")
    let group = try #require(try cleo.group("Werkstatt"))
    #expect(group.purpose == "Bohren")
    #expect(names(group) == ["Ben", "Cleo"])
    #expect(try cleo.texts(in: "Werkstatt") == ["before-joining", "dabei"])
    #expect(try anna.group("Werkstatt") == nil)
    // Who is merely in it changes nothing.
    let swap = GroupRemoveCall(group: "Werkstatt", members: ["Ben"], look: nil)
    #expect(try cleo.refusal(of: swap)?.name == .notAllowed)

    let removed = try ben.ask(GroupRemoveCall(group: "Werkstatt", members: ["Cleo"], look: nil))
    #expect(names(removed.group) == ["Ben"])
    try ben.say("danach", in: "Werkstatt")
    // What comes later over the same link is here, and that is not.
    try ben.say("unter uns", in: "@Cleo")
    try cleo.untilReads("unter uns")
    #expect(try cleo.texts(in: "Werkstatt") == ["before-joining", "dabei"])

    // Back in the group the ciphertext comes too, and stays closed.
    let again = try ben.ask(GroupAddCall(group: "Werkstatt", members: ["Cleo"]))
    #expect(names(again.group) == ["Ben", "Cleo"])
    try ben.say("wieder", in: "Werkstatt")
    try cleo.untilReads("wieder")
    #expect(
      try cleo.texts(in: "Werkstatt") == ["before-joining", "dabei", "before-joining", "wieder"])
    #expect(
      try ben.texts(in: "Werkstatt") == ["vorher", "dabei", "danach", "wieder"])
  }

  @Test func `an owner who is in no group undoes a removal where the group is kept`() throws {
    try meet()
    let server = RealNode()
    try server.start(["--seed", "127.0.0.1:\(ben.port)"])
    let ticket = try anna.ask(TicketNewCall(.member, keeper: true, member: "Anna"))
    _ = try server.join(ticket.text, nil, "server")
    try ben.until { node in
      try node.ask(DeviceListCall(member: "Anna", removed: nil)).devices
        .contains { $0.name == "server" && $0.keeper && $0.state == .linked } ? true : nil
    }
    let made = try ben.ask(GroupNewCall(title: "Werkstatt", purpose: nil, members: ["Cleo"]))
    _ = try ben.ask(GroupRemoveCall(group: "Werkstatt", members: ["Cleo"], look: nil))
    // Whoever holds that message holds the removal before it.
    var sent = ""
    let say = { sent = try ben.say("allein", in: "Werkstatt").text }
    try ben.until(after: say) { node in
      try node.ask(DeliveryCall(entry: sent)).devices
        .contains { $0.device.name == "server" && $0.holds } ? true : nil
    }
    #expect(try server.group("Werkstatt") == nil)
    let id = "id:" + made.group.id.text.prefix(12)
    let back = GroupAddCall(group: id, members: ["Cleo"])
    // The owner's other computer keeps nothing of it.
    #expect(try anna.refusal(of: back)?.name == .noSuchGroup)
    #expect(names(try server.ask(back).group) == ["Ben", "Cleo"])
    try ben.until { node in
      try node.group("Werkstatt").map(names) == ["Ben", "Cleo"] ? true : nil
    }
    try ben.say("zu zweit", in: "Werkstatt")
    try cleo.untilReads("zu zweit")
    #expect(try cleo.texts(in: "Werkstatt").last == "zu zweit")
    // And takes out whoever made the group, whom nobody in it outranks.
    let emptied = try server.ask(GroupRemoveCall(group: id, members: ["Ben"], look: nil))
    #expect(names(emptied.group) == ["Cleo"])
  }

  @Test func `two who wrote to each other before they met have one conversation`() throws {
    try meet()
    cleo.stop()
    ben.stop()
    try anna.say("von Anna", in: "@Ben")
    anna.stop()
    try ben.start()
    try ben.say("von Ben", in: "@Anna")
    // Other tests may have taken the ports of before.
    try anna.start(["--seed", "127.0.0.1:\(ben.port)"])
    for (node, other) in [(anna, "@Ben"), (ben, "@Anna")] {
      try node.untilReads("von Anna")
      try node.untilReads("von Ben")
      #expect(try node.texts(in: other).sorted() == ["von Anna", "von Ben"])
      let direct = try node.ask(GroupListCall()).groups.filter { $0.kind == .direct }
      #expect(direct.map(\.title) == [other])
    }
    let (one, two) = (
      try anna.ask(SendCall(to: "@Ben", text: "eins", id: nil)),
      try ben.ask(SendCall(to: "@Anna", text: "zwei", id: nil))
    )
    #expect(one.group.id == two.group.id)
  }
}

extension RealNode {
  /// Waits until it has links to that many devices.
  func untilLinked(with count: Int) throws {
    try until { try $0.ask(StatusCall()).peers.count(where: \.linked) >= count ? true : nil }
  }

  /// Writes a text; the message's id.
  @discardableResult
  func say(_ text: String, in group: String) throws -> HexIdentifier {
    try ask(SendCall(to: group, text: text, id: nil)).entry
  }

  /// The texts of a group, or why one is missing, the oldest first.
  func texts(in group: String?) throws -> [String] {
    try ask(ReadCall(group: group, limit: nil, sinceMs: nil, untilMs: nil, before: nil))
      .messages.map { $0.text ?? $0.absence?.rawValue ?? "nothing" }
  }

  /// Waits until a text can be read here.
  func untilReads(_ text: String) throws {
    try until { try $0.texts(in: nil).contains(text) ? true : nil }
  }

  /// A group this member is in.
  func group(_ title: String) throws -> GroupInfo? {
    try ask(GroupListCall()).groups.first { $0.title == title }
  }
}
