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
