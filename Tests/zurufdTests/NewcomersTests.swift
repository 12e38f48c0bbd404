import Control
import Foundation
import TestSupport
import Testing

@testable import zurufd

/// What a ticket says, at whom it lets in; and the recovery key put away.
@Suite(.serialized) struct NewcomersTests {
  let anna = RealNode()

  private func ticket(
    _ kind: TicketKindWord, keeper: Bool?, name: String?, groups: [String]
  ) throws -> TicketNewCall.Answer {
    try anna.ask(TicketNewCall(kind, keeper: keeper, name: name, groups: groups))
  }

  @Test func `a box joins by a file, with the name and the groups of its ticket`() throws {
    try anna.start()
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    _ = try anna.ask(GroupNewCall(title: "Werkstatt", purpose: nil, members: []))
    let made = try ticket(.box, keeper: false, name: "Empfang", groups: ["Werkstatt"])
    #expect(!made.ticket.keeper)
    #expect(made.ticket.groups.map(\.title) == ["Werkstatt"])
    let box = RealNode()
    let file = box.folder.path + "/ticket"
    try Data((made.text + "\n").utf8).write(to: URL(fileURLWithPath: file))
    try box.start(["--ticket-file", file])
    let member = try anna.until { node in
      try node.ask(MemberListCall(removed: nil)).members.first { $0.name == "Empfang" }
    }
    #expect(member.rank == .box)
    let device = try anna.ask(DeviceListCall(member: "Empfang", removed: nil)).devices
    #expect(device.map(\.keeper) == [false])
    // Linked is who has its own certificate: then the join is done.
    try anna.until { node in
      try node.ask(StatusCall()).peers.contains { $0.member.name == "Empfang" && $0.linked }
        ? true : nil
    }
    try anna.say("an den Empfang", in: "Werkstatt")
    try anna.say("nicht an den Empfang", in: "everyone")
    // Nobody follows a node before it is in its office; until then it answers this alone.
    while try box.ask(OfficeStatusCall()).standing != .ready {}
    try box.untilReads("an den Empfang")
    #expect(try box.ask(GroupListCall()).groups.map(\.title) == ["Werkstatt"])
    #expect(try box.texts(in: nil) == ["an den Empfang"])
    #expect(try box.ask(OfficeStatusCall()).rank == .box)
    // The ticket has done its work, and is a secret.
    #expect(!FileManager.default.fileExists(atPath: file))
    // A box keeps everything where nobody says otherwise.
    #expect(try ticket(.box, keeper: nil, name: nil, groups: []).ticket.keeper)
  }

  @Test func `the recovery key is put away by who reads it back`() throws {
    try anna.start()
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    func word() throws -> RecoveryWord { try anna.ask(OfficeStatusCall()).recovery }
    #expect(try word() == .notPutAway)
    let line = try anna.ask(RecoveryShowCall()).line
    for wrong in [String(line.dropLast(3)), "", line + line] {
      #expect(
        try anna.refusal(of: RecoveryConfirmCall(line: wrong))?.name == .recoveryMismatch)
    }
    // A person finds where it was typed otherwise.
    var letters = Array(line)
    let at = try #require(letters.lastIndex(of: "-")) + 15
    letters[at] = letters[at] == "a" ? "b" : "a"
    #expect(
      try anna.refusal(of: RecoveryConfirmCall(line: String(letters)))?.hint
        == "behind zr1-recovery- the signs 13 to 18 are others; zuruf office recovery shows it once "
        + "more")
    let cut = try anna.refusal(of: RecoveryConfirmCall(line: "zr1-recovry-" + line.dropFirst(13)))
    #expect(cut?.hint?.hasPrefix("its signs are right, but it begins with zr1-recovery-") ?? false)
    let nothing = try anna.refusal(of: RecoveryConfirmCall(line: " \n"))
    #expect(nothing?.hint == "zuruf office recovery shows it once more")
    #expect(try word() == .notPutAway)
    _ = try anna.ask(RecoveryConfirmCall(line: line))
    #expect(try word() == .putAway)
    // It stays so, and the file stays where it is.
    anna.stop()
    try anna.start()
    #expect(try word() == .putAway)
    #expect(try anna.ask(RecoveryShowCall()).line == line)
  }

  @Test func `a ticket names nobody by a name that is taken, and one that is by then gives way`()
    throws
  {
    let (anna, ben, cleo) = (RealNode(), RealNode(), RealNode())
    try anna.meet(ben)
    let taken = try anna.refusal(of: TicketNewCall(.member, name: "BEN"))
    #expect(taken?.name == .nameTaken)
    #expect(taken?.hint?.hasSuffix("zuruf ticket new --for Ben") ?? false)
    let text = try anna.ask(TicketNewCall(.member, name: "Cleo")).text
    _ = try ben.ask(NameSetCall(name: "Cleo", device: nil))
    try anna.until { try $0.rank(of: "Cleo") == nil ? nil : true }
    try cleo.start()
    #expect(try cleo.join(text, "Zora", "pc-cleo").member.name == "Zora")
  }
}
