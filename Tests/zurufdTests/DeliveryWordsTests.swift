import Control
import Testing

@testable import zurufd

/// Whom a message has reached, and what a computer that was removed says of itself.
@Suite(.serialized) struct DeliveryWordsTests {
  private let anna = RealNode()
  private let ben = RealNode()

  private func state(of text: String, in group: String) throws -> DeliveryInfo? {
    try anna.ask(ReadCall(group: group, limit: nil, sinceMs: nil, untilMs: nil, before: nil))
      .messages.first { $0.text == text }?.state
  }

  @Test func `a message that a box keeps for somebody is not yet at that person`() throws {
    try anna.meet(ben)
    let box = TicketNewCall(
      kind: .box, keeper: nil, name: "Lager", member: nil, groups: [], uses: nil,
      validSeconds: nil)
    let lager = RealNode()
    try lager.start()
    _ = try lager.join(try anna.ask(box).text, nil, "lager")
    #expect(ben.stop() == 0)
    let say = { _ = try anna.say("bist du da?", in: "@Ben") }
    let kept = try anna.until(after: say) { _ -> DeliveryInfo? in
      let state = try state(of: "bist du da?", in: "@Ben")
      return state?.word == .onDevices ? state : nil
    }
    #expect((kept.devices, kept.of) == (2, 3))
    #expect(kept.missing?.map(\.name) == ["Ben"])
    #expect(try anna.ask(StatusCall()).latest?.state == kept)
    try ben.start(["--seed", "127.0.0.1:\(anna.port)"])
    let there = try anna.until { _ -> DeliveryInfo? in
      let state = try state(of: "bist du da?", in: "@Ben")
      return state?.word == .onRecipient ? state : nil
    }
    #expect(there.missing == nil)
  }

  @Test func `what somebody has and cannot read does not count as there`() throws {
    try anna.meet(ben)
    _ = try anna.ask(GroupNewCall(title: "Lohn", purpose: nil, members: ["Ben"]))
    try anna.say("eins", in: "Lohn")
    try ben.untilReads("eins")
    _ = try anna.ask(GroupRemoveCall(group: "Lohn", members: ["Ben"]))
    let hidden = try anna.say("ohne Ben", in: "Lohn")
    _ = try anna.ask(GroupAddCall(group: "Lohn", members: ["Ben"]))
    try anna.say("zwei", in: "Lohn")
    try ben.untilReads("zwei")
    #expect(try ben.texts(in: "Lohn") == ["eins", "before-joining", "zwei"])
    try anna.until { _ in try state(of: "zwei", in: "Lohn")?.devices == 2 ? true : nil }
    #expect(try state(of: "ohne Ben", in: "Lohn") == DeliveryInfo(word: .here, devices: 1, of: 1))
    let devices = try anna.ask(DeliveryCall(entry: hidden.text)).devices
    #expect(devices.count { $0.reads == nil } == 1)
    #expect(devices.first { $0.reads == false }?.member.name == "Ben")
  }

  @Test func `who has come since is neither waited for nor counted, and is part of everyone`()
    throws
  {
    try anna.meet(ben)
    let clara = RealNode()
    try clara.start(["--seed", "127.0.0.1:\(anna.port)"])
    _ = try clara.join(try anna.ticket(), "Clara", "pc-clara")
    _ = try anna.ask(GroupNewCall(title: "Lohn", purpose: nil, members: ["Ben"]))
    let id = try #require(HexIdentifier(bytes: [UInt8](repeating: 7, count: 16)))
    let call = SendCall(to: "Lohn", text: "eins", id: id, wait: true)
    let first = try anna.until { try $0.ask(call) }
    try anna.until { _ in try state(of: "eins", in: "Lohn")?.devices == 2 ? true : nil }
    #expect(try state(of: "eins", in: "Lohn")?.everyone == true)
    _ = try anna.ask(GroupAddCall(group: "Lohn", members: ["Clara"]))
    try clara.untilGroup("Lohn")
    let linked = { try self.anna.ask(StatusCall()).peers.allSatisfy(\.linked) }
    try anna.until { _ in try linked() ? true : nil }
    let second = try anna.ask(call)
    #expect(second.repeated && second.entry == first.entry)
    #expect((second.inReach, second.onItsWay) == (1, 0))
    #expect((second.state.devices, second.state.of) == (2, 2))
    #expect(second.state.everyone == nil)
  }

  @Test func `who reads old messages is not told how far they come`() throws {
    try anna.meet(ben)
    #expect(ben.stop() == 0)
    let old = try anna.say("eins", in: "everyone")
    let new = try anna.say("zwei", in: "everyone")
    func page(_ before: HexIdentifier?) throws -> MessageInfo {
      let call = ReadCall(group: nil, limit: 1, sinceMs: nil, untilMs: nil, before: before)
      return try #require(try anna.ask(call).messages.first)
    }
    let newest = try page(nil)
    #expect(newest.entry == new)
    #expect(try page(newest.cursor).entry == old)
    var events = try anna.client()
    _ = try events.call(SubscribeCall(group: nil, after: nil))
    try ben.start(["--seed", "127.0.0.1:\(anna.port)"])
    try ben.untilReads("zwei")
    // What is told when the next one has come as far stands behind all that was told before.
    var told: [HexIdentifier] = []
    let last = try anna.say("drei", in: "everyone")
    while !told.contains(last) {
      guard case .delivery(let delivery) = try events.nextEvent() else { continue }
      told.append(delivery.entry)
    }
    #expect(told.contains(new) && !told.contains(old))
  }

  @Test func `a message that all had is still on as many devices when somebody has left`() throws {
    try anna.meet(ben)
    _ = try anna.ask(GroupNewCall(title: "Lohn", purpose: nil, members: ["Ben"]))
    let sent = try anna.say("eins", in: "Lohn")
    try ben.untilReads("eins")
    try anna.until { _ in try state(of: "eins", in: "Lohn")?.devices == 2 ? true : nil }
    _ = try ben.ask(GroupLeaveCall(group: "Lohn", look: nil))
    try anna.until { try $0.group("Lohn")?.members.count == 1 ? true : nil }
    let then = try state(of: "eins", in: "Lohn")
    #expect((then?.devices, then?.of) == (2, 2))
    let devices = try anna.ask(DeliveryCall(entry: sent.text)).devices
    #expect(devices.map(\.member.name).sorted() == ["Anna", "Ben"])
    #expect(!devices.contains { !$0.holds })
    // What is written now is for nobody else.
    try anna.say("zwei", in: "Lohn")
    #expect(try state(of: "zwei", in: "Lohn")?.of == 1)
  }

  @Test func `a further computer that was removed says so, in its groups and to the doctor`() throws
  {
    try anna.meet(ben)
    let laptop = RealNode()
    try laptop.start()
    _ = try laptop.join(try ben.ticket(for: "Ben"), nil, "laptop")
    _ = try ben.ask(GroupNewCall(title: "Lohn", purpose: nil, members: ["Anna"]))
    try ben.say("eins", in: "Lohn")
    try laptop.untilReads("eins")
    _ = try ben.ask(DeviceRemoveCall(device: "laptop", look: nil))
    // A removed node tells no events any more: asked until it knows.
    while try laptop.ask(StatusCall()).standing != .removed {}
    for group in try laptop.ask(GroupListCall()).groups {
      #expect(group.gone?.word == .removed)
      #expect(group.gone?.computer == true)
      #expect(group.gone?.by?.name == "Ben")
    }
    #expect(try laptop.group("Lohn")?.readable == true)
    #expect(try laptop.texts(in: "Lohn") == ["eins"])
    let check = try laptop.ask(DoctorCall()).checks.first { $0.name == "office" }
    #expect(check?.verdict == .failed)
    #expect(check?.finding.hasPrefix("this computer was removed from its office by Ben") ?? false)
    for node in [anna, ben, laptop] {
      let checks = try node.ask(DoctorCall()).checks
      #expect(checks.allSatisfy { $0.verdict != .ok || $0.advice == nil })
    }
  }
}
