import Control
import Testing

@testable import zurufd

/// What a node says to who was removed, and of who was, in words that any language can take up.
@Suite(.serialized) struct ComingBackTests {
  private let anna = RealNode()
  private let ben = RealNode()

  @Test func `what two wrote stays readable after one of them was removed, and nothing is added`()
    throws
  {
    try anna.meet(ben)
    try ben.say("unter uns", in: "@Anna")
    try anna.untilReads("unter uns")
    let id = try #require(try anna.ask(MemberListCall(removed: nil)).members.first { !$0.own }?.id)
    _ = try anna.ask(MemberRemoveCall(member: "Ben", look: nil))
    let line = try #require(try anna.ask(GroupListCall()).groups.first { $0.kind == .direct })
    #expect(line.partner?.name == "Ben")
    #expect(line.partner?.id == id)
    #expect(line.gone == nil)
    for to in ["@Ben", "@id:\(id.text)"] {
      #expect(try anna.texts(in: to) == ["unter uns"])
      _ = try anna.ask(GroupSeenCall(group: to, cursor: nil))
      let refusal = try anna.refusal(of: SendCall(to: to, text: "noch da?", id: nil))
      #expect(refusal?.name == .noSuchMember)
    }
  }

  @Test func `a removed computer knows its office, is followed, and goes on in the next`() throws {
    try anna.meet(ben)
    _ = try anna.ask(MemberRemoveCall(member: "Ben", look: nil))
    while try ben.ask(StatusCall()).standing != .removed {}
    let info = try ben.ask(OfficeStatusCall())
    #expect(info.standing == .removed)
    #expect(info.office?.name == "Müller GmbH")
    #expect(info.member?.name == "Ben")
    #expect(info.rank == nil && info.recovery == .none)
    #expect(try ben.ask(MemberListCall(removed: nil)).members.map(\.name) == ["Anna"])
    #expect(try ben.ask(DeviceListCall(member: nil, removed: nil)).devices.count == 1)
    var events = try ben.client()
    _ = try events.call(SubscribeCall(group: nil, after: nil))
    let state = try events.next { event -> DegradedInfo? in
      guard case .degraded(let state) = event else { return nil }
      return state
    }
    #expect(state.word == .removed && state.form == nil && state.values == ["by": "Anna"])
    #expect(try ben.ask(DoctorCall()).checks.first?.state?.values == ["by": "Anna"])
    _ = try ben.ask(OfficeAsideCall())
    #expect(try ben.ask(OfficeStatusCall()).standing == .noOffice)
    _ = try ben.join(try anna.ticket(), "Ben", "pc-ben")
    try anna.say("willkommen zurück", in: "everyone")
    let text = try events.next { event -> String? in
      guard case .message(let message) = event, message.text == "willkommen zurück" else {
        return nil
      }
      return message.text
    }
    #expect(text == "willkommen zurück")
  }

  @Test func `who was removed hears what is wrong with a ticket before anything is set aside`()
    throws
  {
    try anna.meet(ben)
    let revoked = try anna.ticket()
    _ = try anna.ask(TicketRevokeCall(ticket: revoked))
    _ = try anna.ask(MemberRemoveCall(member: "Ben", look: nil))
    while try ben.ask(StatusCall()).standing != .removed {}
    func refused(_ ticket: String) throws -> ErrorName? {
      try ben.refusal(of: JoinCall(ticket: ticket, name: nil, account: "Ben", device: "pc-ben"))?
        .name
    }
    #expect(try refused(revoked) == .ticketRevoked)
    // Of one that was made since nothing is known here.
    #expect(try refused(try anna.ticket()) == .removed)
    #expect(try ben.ask(OfficeStatusCall()).standing == .removed)
  }

  @Test func `who was removed hears whose door is open at an address before anything is set aside`()
    throws
  {
    try anna.meet(ben)
    _ = try anna.ask(MemberRemoveCall(member: "Ben", look: nil))
    while try ben.ask(StatusCall()).standing != .removed {}
    func refused(_ place: String) throws -> ErrorName? {
      try ben.refusal(of: DoorsCall(address: place))?.name
    }
    #expect(try refused("127.0.0.1:1") == .noAnswer)
    #expect(try refused("nobody here") == .refused)
    #expect(try refused("127.0.0.1:\(anna.port)") == .doorClosed)
    try anna.openDoor()
    for place in ["127.0.0.1:\(anna.port)", "localhost:\(anna.port)"] {
      let doors = try ben.ask(DoorsCall(address: place)).doors
      #expect(doors.map(\.office) == ["Müller GmbH"] && doors.map(\.sponsor) == ["Anna"])
    }
    // Whoever only asks commits to nothing.
    #expect(try anna.ask(AdmitStatusCall()).requests.isEmpty)
    #expect(try anna.refusal(of: DoorsCall(address: "127.0.0.1:1"))?.name == .officeExists)
    #expect(try ben.ask(OfficeStatusCall()).standing == .removed)
  }

  @Test func `checks, states and refusals say in words what their sentences say`() throws {
    try anna.meet(ben)
    _ = try anna.ask(MemberRankCall(member: "Ben", rank: .admin))
    let told = try ben.until { node in
      try node.ask(StatusCall()).degraded.first { $0.word == .rankChanged }
    }
    #expect(told.form == .admin && told.values == ["by": "Anna"])
    let refusal = try ben.refusal(of: MemberRemoveCall(member: "Anna", look: true))
    #expect(refusal?.name == .notAllowed && refusal?.reason == .notSenior)
    for node in [anna, ben] {
      let checks = try node.ask(DoctorCall()).checks
      #expect(checks.allSatisfy { ($0.word == nil) != ($0.state == nil) })
      let link = try #require(checks.first { $0.name.hasPrefix("link to ") })
      #expect(link.word == .linked)
      #expect(link.values?["member"] == (node === anna ? "Ben" : "Anna"))
    }
    let owners = try anna.ask(DoctorCall()).checks.first { $0.name == "owners" }
    #expect(owners?.word == .keyNotPutAway && owners?.values == ["count": "1"])
  }
}
