import Control
import Testing

@testable import zurufd

/// What ends a ticket, and what of it can come undone.
@Suite(.serialized) struct TicketEndsTests {
  private let anna = RealNode()
  private let ben = RealNode()

  private func ticket(_ id: HexIdentifier) throws -> TicketInfo? {
    try anna.ask(TicketListCall()).tickets.first { $0.id == id }
  }

  private func makeBen(_ rank: RankWord) throws {
    _ = try anna.ask(MemberRankCall(member: "Ben", rank: rank))
    try ben.until { try $0.rank(of: "Ben") == rank ? true : nil }
  }

  @Test
  func `a ticket whose maker may make none is on hold, and revoked for good where one says so`()
    throws
  {
    try anna.meet(ben)
    try makeBen(.admin)
    let (leaked, other) = (
      try ben.ask(TicketNewCall(.member)).ticket, try ben.ask(TicketNewCall(.member)).ticket
    )
    // What she has not seen yet would be void.
    for made in [leaked, other] {
      try anna.until { _ in try ticket(made.id)?.state == .open ? true : nil }
    }
    try makeBen(.member)
    try anna.until { _ in try ticket(other.id)?.state == .onHold ? true : nil }
    let answer = try anna.ask(TicketRevokeCall(ticket: leaked.id.text))
    #expect((answer.ticket.state, answer.was) == (.revoked, .onHold))
    try makeBen(.admin)
    try anna.until { _ in try ticket(other.id)?.state == .open ? true : nil }
    #expect(try ticket(leaked.id)?.state == .revoked)
    let again = try anna.refusal(of: TicketRevokeCall(ticket: leaked.id.text))
    #expect(again?.message == "the ticket is revoked already, so nobody can join with it")
    #expect(again?.hint != nil)
    // One that was open was nothing else before.
    #expect(try anna.ask(TicketRevokeCall(ticket: other.id.text)).was == nil)
  }

  @Test func `a ticket that is used up lets in nobody, and can be revoked: its user may be void`()
    throws
  {
    try anna.start()
    try ben.start()
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    let made = try anna.ask(TicketNewCall(.member))
    _ = try ben.join(made.text, "Ben", "pc-ben")
    try anna.until { _ in try ticket(made.ticket.id)?.state == .usedUp ? true : nil }
    let cleo = RealNode()
    try cleo.start()
    let refused = try cleo.refusal(
      of: JoinCall(ticket: made.text, name: "Cleo", account: nil, device: "pc-cleo"))
    #expect(refused?.name == .ticketUsedUp)
    let answer = try anna.ask(TicketRevokeCall(ticket: made.ticket.id.text))
    #expect((answer.ticket.state, answer.was) == (.revoked, .usedUp))
    #expect(try anna.rank(of: "Ben") == .member)
  }

  @Test func `who is to come again is somebody who was removed, not one of that name who is here`()
    throws
  {
    try anna.meet(ben)
    let here = try anna.refusal(of: TicketNewCall(.member, member: "Ben", again: true))
    #expect(here?.name == .refused)
    #expect(here?.message == "\"Ben\" is in the office; --again is for who was removed")
    _ = try anna.ask(MemberRemoveCall(member: "Ben", look: nil))
    let gone = try #require(
      try anna.ask(MemberListCall(removed: true)).members.first { $0.removed })
    let hint = try anna.refusal(of: MemberRemoveCall(member: "Ben", look: nil))?.hint
    let id = "id:\(gone.id.text.prefix(8))"
    #expect(hint == "to let that person in again: zuruf ticket new --again --for \(id)")
    // Another Ben comes, and is not taken for the first one.
    let other = RealNode()
    try other.start()
    _ = try other.join(try anna.ticket(), "Ben", "laptop")
    #expect(try anna.refusal(of: TicketNewCall(.member, member: "Ben", again: true)) != nil)
    let ticket = try anna.ask(TicketNewCall(.member, member: id, again: true)).ticket
    #expect(ticket.member?.id == gone.id)
  }
}
