import Control
import Foundation
import TestSupport
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

  @Test func `behind a seed somebody who was removed is told of so, and comes back soon`() throws {
    try anna.start()
    // One that no other node of a test takes while nobody listens there.
    let port = "27474"
    try ben.start(["--port", port])
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    _ = try ben.join(try anna.ticket(), "Ben", "pc-ben")
    let clara = RealNode()
    try clara.start(seed(anna))
    _ = try clara.join(try anna.ticket(), "Clara", "pc-clara")
    _ = try anna.ask(MemberRankCall(member: "Clara", rank: .admin))
    try clara.until { try $0.rank(of: "Clara") == .admin ? true : nil }
    #expect(clara.stop() == 0)
    #expect(anna.stop() == 0)
    try anna.start(["--seed", "127.0.0.1:\(port)"])
    try anna.until { try $0.ask(StatusCall()).peers.contains(where: \.linked) ? true : nil }
    _ = try anna.ask(MemberRemoveCall(member: "Ben", look: nil))
    while try ben.ask(StatusCall()).standing != .removed {}
    func check() throws -> CheckInfo? {
      try anna.ask(DoctorCall()).checks.first { $0.name.hasPrefix("seed ") }
    }
    while try check()?.finding != "the computer there was removed from the office" {}
    #expect(try check()?.verdict == .failed)
    #expect(try check()?.advice?.contains("zuruf join --anew") ?? false)
    // At the same place comes another device, let in by somebody else, which knows nobody but her.
    #expect(ben.stop() == 0)
    try clara.start(seed(anna))
    try clara.until { try $0.rank(of: "Ben") == nil ? true : nil }
    let again = RealNode()
    try again.start(["--port", port])
    _ = try again.join(try clara.ticket(), "Ben", "pc-ben-2")
    try anna.until { node in
      try node.ask(StatusCall()).peers.contains { $0.linked && $0.device.name == "pc-ben-2" }
        ? true : nil
    }
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
    // More than one look of a node goes through.
    let count = 2 + 3 * ReadCall.limitMax
    var writing = try ben.client()
    for number in 1...count {
      _ = try writing.call(SendCall(to: "Lohn", text: "weg \(number)", id: nil))
    }
    try clara.untilReads("weg \(count)")
    for node in [ben, clara] { #expect(node.stop() == 0) }
    try anna.start()
    _ = try anna.ask(GroupRemoveCall(group: "Lohn", members: ["Ben"]))
    try clara.start(seed(anna))
    try clara.until { try $0.group("Lohn")?.members.count == 2 ? true : nil }
    func page(_ limit: Int, _ before: HexIdentifier?) throws -> ReadCall.Answer {
      try clara.ask(
        ReadCall(group: "Lohn", limit: limit, sinceMs: nil, untilMs: nil, before: before))
    }
    // It says where to go on, though it has nothing to show.
    let nothing = try page(1, nil)
    #expect(nothing.messages.isEmpty)
    #expect(nothing.more && nothing.before != nil)
    let newest = try page(1, nothing.next)
    #expect(newest.messages.map(\.text) == ["auch"])
    #expect(newest.more && newest.before == nil)
    #expect(try page(1, newest.next).messages.map(\.text) == ["für alle"])
    // Whoever asks for more at once gets over it at once.
    let all = try page(1000, nil)
    #expect(all.messages.map(\.text) == ["für alle", "auch"])
    #expect(!all.more && all.before == nil)
  }

  @Test func `a ticket that is laid ready for a computer that was removed says what to do`() throws
  {
    for node in [anna, ben] { try node.start() }
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    let (used, revoked) = (try anna.ticket(), try anna.ticket())
    _ = try anna.ask(TicketRevokeCall(ticket: revoked))
    _ = try ben.join(used, "Ben", "pc-ben")
    let file = ben.folder.path + "/ticket"
    _ = try anna.ask(MemberRemoveCall(member: "Ben", look: nil))
    while try ben.ask(StatusCall()).standing != .removed {}
    /// What it says of its ticket after a start with this one.
    func start(with ticket: String) throws -> DegradedInfo? {
      #expect(ben.stop() == 0)
      try Data(ticket.utf8).write(to: URL(fileURLWithPath: file))
      try ben.start(["--ticket-file", file])
      let told = try ben.ask(StatusCall()).degraded
      #expect(told.first?.word == .removed)
      return told.first { $0.word == .ticketRefused }
    }
    // The one that let it in leads nowhere, and nobody is to set anything aside for it.
    let done = try start(with: used)
    #expect(done?.form == .used)
    #expect(done?.hint == "remove it: it is a secret that has done its work")
    let refused = try start(with: revoked)
    #expect(refused?.form == nil && refused?.detail.hasSuffix("the ticket was revoked") ?? false)
    let text = try anna.ticket()
    let told = try start(with: text)
    #expect(
      told?.detail
        == "the ticket in \"\(file)\" was not used: this computer was removed from its office, and "
        + "keeps what it had")
    #expect(told?.form == .unused)
    #expect(told?.hint?.hasPrefix("zuruf join --anew --file \(file) ") ?? false)
    #expect(
      try ben.ask(DoctorCall()).checks.contains { $0.name == "ticket" && $0.verdict == .failed })
    // Used by hand it is used up, and goes.
    _ = try ben.ask(OfficeAsideCall())
    _ = try ben.join(text, "Benno", "pc-ben-2")
    #expect(!FileManager.default.fileExists(atPath: file))
    #expect(try ben.ask(StatusCall()).degraded.allSatisfy { $0.word != .ticketRefused })
  }
}
