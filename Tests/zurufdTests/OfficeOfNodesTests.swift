import Control
import Foundation
import Platform
import TestSupport
import Testing

@testable import zurufd

/// Offices of real nodes on loopback, asked over their sockets as a program would.
@Suite(.serialized) struct OfficeOfNodesTests {
  /// A node that runs.
  private func node() throws -> RealNode {
    let node = RealNode()
    try node.start()
    return node
  }

  /// How a node ends that cannot start, and what it says.
  private func end(_ node: RealNode, _ options: [String] = []) -> (status: Int32?, said: String) {
    do {
      try node.start(options)
      node.stop()
      return (nil, "it started")
    } catch {
      return (node.exitStatus(), node.said)
    }
  }

  /// Anna's office, with Ben in it.
  private func office() throws -> (anna: RealNode, ben: RealNode) {
    let (anna, ben) = (try node(), try node())
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    _ = try ben.join(try anna.ticket(), "Ben", "pc-ben")
    return (anna, ben)
  }

  @Test func `the recovery key makes somebody the owner, who lets the lost one in again`() throws {
    let (anna, ben) = try office()
    let id = try #require(try anna.ask(OfficeStatusCall()).member?.id)
    let line = try anna.ask(RecoveryShowCall()).line
    #expect(anna.stop() == 0)
    // Before, nobody who is left may let anyone in.
    let ticket = TicketNewCall(.member, member: "Anna")
    #expect(try ben.refusal(of: ticket)?.name == .notAllowed)
    let cut = String(line.dropLast(3))
    #expect(
      try ben.refusal(of: RecoveryUseCall(line: cut, owners: nil))?.name == .lineMalformed)

    let change = try ben.ask(RecoveryUseCall(line: line, owners: nil))
    #expect(change.owners.map(\.name) == ["Ben"])
    #expect(change.removed.map(\.name) == ["Anna"])
    #expect(try ben.rank(of: "Ben") == .owner)
    #expect(try ben.rank(of: "Anna") == .member)
    #expect(try ben.ask(OfficeStatusCall()).office?.name == "Müller GmbH")

    // A look tells which device it would be, and leaves it.
    let looked = try ben.ask(DeviceRemoveCall(device: "PC-AN", look: true)).device
    #expect((looked.name, looked.member.name) == ("pc-anna", "Anna"))
    #expect(looked.state != .removed)
    let person = try ben.ask(MemberRemoveCall(member: "ann", look: true))
    #expect((person.member.name, person.devices.map(\.name)) == ("Anna", ["pc-anna"]))
    let removed = try ben.ask(
      DeviceRemoveCall(device: "id:\(looked.id.text)", look: nil)
    ).device
    #expect((removed.id, removed.state) == (looked.id, .removed))
    let back = try node()
    // Nobody lets in without knowing it who was removed.
    #expect(
      try ben.refusal(of: TicketNewCall(.member, member: "@Anna"))?.message
        == "\"Anna\" was removed from the office; a ticket lets that person in again")
    let absent = try ben.refusal(of: SendCall(to: "@Anna", text: "x", id: nil))
    #expect(absent?.message == "\"Anna\" was removed from the office")
    #expect(
      absent?.hint?.hasPrefix(
        "to let that person in again: zuruf ticket new --again --for id:") ?? false)
    let joined = try back.join(try ben.ticket(for: "@Anna", again: true), nil, "pc-anna-2")
    #expect(joined.member.id == id)
    #expect(joined.member.name == "Anna")
    _ = try ben.ask(MemberRankCall(member: "Anna", rank: .owner))
    try back.until { try $0.rank(of: "Anna") == .owner ? true : nil }
    _ = try back.ask(SendCall(to: "everyone", text: "wieder da", id: nil))
    try ben.until { node in
      try node.ask(ReadCall(group: nil, limit: nil, sinceMs: nil, untilMs: nil, before: nil))
        .messages.contains { $0.text == "wieder da" && $0.member.id == id } ? true : nil
    }
  }

  @Test func `whoever has joined writes at once to everyone and to the groups of the ticket`()
    throws
  {
    let anna = try node()
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    _ = try anna.ask(GroupNewCall(title: "Werkstatt", purpose: nil, members: []))
    let ticket = try anna.ask(TicketNewCall(.member, groups: ["Werkstatt"]))
    let ben = try node()
    let joined = try ben.join(ticket.text, "Ben", "pc-ben")
    #expect(joined.groups.map(\.title) == ["everyone", "Werkstatt"])
    // Whoever is in it makes no second one, however it is written.
    let twin = try ben.refusal(of: GroupNewCall(title: "WERKSTATT", purpose: nil, members: []))
    #expect(twin?.name == .nameTaken)
    #expect(twin?.message == "you are in a group called \"Werkstatt\" already")
    // Nor one that looks the same: the second letter is a Cyrillic one.
    let alike = try ben.refusal(
      of: GroupNewCall(title: "W\u{435}rkstatt", purpose: nil, members: []))
    #expect(alike?.name == .nameTaken)
    #expect(
      alike?.message
        == "\"W\u{435}rkstatt\" looks like \"Werkstatt\", as a group of yours is called")
    for group in ["everyone", "Werkstatt"] {
      #expect(try ben.ask(SendCall(to: group, text: "da", id: nil)).group.title == group)
    }
  }

  @Test func `a join goes on over a restart until somebody of the office is there`() throws {
    let anna = try node()
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    let ticket = try anna.ticket()
    #expect(anna.stop() == 0)
    let ben = try node()
    let asked = ben.askBeside(
      JoinCall(ticket: ticket, name: "Ben", account: nil, device: "pc-ben"))
    while try ben.ask(StatusCall()).standing != .joining {}
    #expect(ben.stop() == 0)
    // Whoever waited for it hears no more than that the node has ended.
    #expect(asked.wait() == nil)
    try ben.start()
    let status = try ben.ask(StatusCall())
    #expect(status.standing == .joining)
    let state = try #require(status.degraded.first { $0.word == .joining })
    #expect(state.detail.hasSuffix("; this computer goes on trying"))
    #expect(ben.stop() == 0)
    // Her port may be another one now: it is told to him as a seed.
    try anna.start()
    try ben.start(["--seed", "127.0.0.1:\(anna.port)"])
    // Who follows a node on its way into an office hears when it has come there.
    try ben.until { try $0.ask(StatusCall()).standing == .ready ? true : nil }
    #expect(try ben.ask(NameSetCall(name: nil, device: nil)).device.name == "pc-ben")
    #expect(try ben.ask(StatusCall()).degraded.allSatisfy { $0.word != .joining })
    #expect(!FileManager.default.fileExists(atPath: ben.folder.path + "/data/joining"))
  }

  @Test func `of two owners both must agree, and an office keeps one`() throws {
    let (anna, ben) = try office()
    #expect(
      try anna.refusal(of: MemberRankCall(member: "Anna", rank: .member))?.name == .lastOwner)
    #expect(try ben.refusal(of: MemberRankCall(member: "Ben", rank: .owner))?.name == .notAllowed)
    let made = try anna.ask(MemberRankCall(member: "Ben", rank: .owner))
    #expect(made.member.rank == .owner)
    #expect(made.change?.line == nil)
    try ben.until { try $0.rank(of: "Ben") == .owner ? true : nil }

    let begun = try anna.ask(MemberRankCall(member: "Anna", rank: .member))
    let change = try #require(begun.change)
    #expect((change.signed, change.needed) == (1, 2))
    let line = try #require(change.line)
    // One owner who agrees twice is still one.
    #expect(try anna.ask(OwnersAgreeCall(line: line, look: nil)).line != nil)
    #expect(try ben.ask(OwnersAgreeCall(line: line, look: true)).removed.map(\.name) == ["Anna"])
    #expect(try ben.rank(of: "Anna") == .owner)
    #expect(try ben.ask(OwnersAgreeCall(line: line, look: nil)).line == nil)
    #expect(try ben.rank(of: "Anna") == .member)
    #expect(try ben.refusal(of: OwnersAgreeCall(line: line, look: nil))?.name == .refused)
    try anna.until { try $0.rank(of: "Anna") == .member ? true : nil }
  }

  @Test func `an admin lets people in, and a member only own further devices`() throws {
    let (anna, ben) = try office()
    let forAnybody = TicketNewCall(.member)
    #expect(try ben.refusal(of: forAnybody)?.name == .notAllowed)
    let laptop = try node()
    let line = try ben.ticket(for: "Ben")
    #expect(
      try laptop.refusal(
        of: JoinCall(ticket: line, name: "Benno", account: nil, device: "laptop"))?.name
        == .refused)
    let joined = try laptop.join(line, nil, "laptop")
    #expect(joined.member.name == "Ben")
    let info = try ben.until { node in
      try node.ask(MemberListCall(removed: nil)).members.first {
        $0.name == "Ben" && $0.devices == 2
      }
    }
    #expect(info.rank == .member)

    _ = try anna.ask(MemberRankCall(member: "Ben", rank: .admin))
    try ben.until { try $0.rank(of: "Ben") == .admin ? true : nil }
    let ticket = try ben.ask(forAnybody)
    // A ticket is also called by its own line.
    #expect(
      try ben.ask(TicketRevokeCall(ticket: ticket.text)).ticket.state == .revoked)
    _ = try anna.ask(MemberRankCall(member: "Ben", rank: .member))
    try ben.until { try $0.rank(of: "Ben") == .member ? true : nil }
    #expect(try ben.refusal(of: forAnybody)?.name == .notAllowed)
  }

  @Test func `what somebody may not do is refused in words that say why and who can`() throws {
    let (anna, ben) = try office()
    let box = TicketNewCall(.box, name: "Lager")
    let lager = try node()
    _ = try lager.join(try anna.ask(box).text, nil, "lager")
    _ = try anna.ask(GroupNewCall(title: "Werkstatt", purpose: nil, members: ["Ben"]))
    try ben.untilGroup("Werkstatt")
    let open = try anna.ask(TicketNewCall(.box, name: "Halle")).ticket
    try ben.until { node in
      try node.ask(TicketListCall()).tickets.contains { $0.id == open.id } ? true : nil
    }
    let lettingIn = "only admins and owners let others in, or make a computer a keeper"
    let nothing = "there is no text to send"
    let rows: [(RealNode, any ControlCall, ErrorName, String)] = [
      (
        anna, MemberRemoveCall(member: "Anna", look: nil), .notAllowed,
        "an owner cannot leave the office"
      ),
      (
        anna, DeviceRemoveCall(device: "pc-anna", look: nil), .lastOwner,
        "this is the last computer of an owner, who would be locked out"
      ),
      (
        anna, MemberRankCall(member: "Anna", rank: .member), .lastOwner,
        "\"Anna\" is the only owner of the office"
      ),
      (
        anna, GroupRemoveCall(group: "Werkstatt", members: ["Lager"]), .noSuchMember,
        "\"Lager\" is not in this group"
      ),
      (
        anna, GroupRemoveCall(group: "everyone", members: ["Ben"]), .notAllowed,
        "this group has no list of members"
      ),
      (
        ben, MemberRemoveCall(member: "Anna", look: nil), .notAllowed,
        "only admins and owners remove others from the office"
      ),
      (
        ben, DeviceRemoveCall(device: "pc-anna", look: nil), .notAllowed,
        "only admins and owners remove others from the office"
      ),
      // A look refuses too what could not be done: nobody is asked about it in vain.
      (
        ben, MemberRemoveCall(member: "Anna", look: true), .notAllowed,
        "only admins and owners remove others from the office"
      ),
      (
        ben, DeviceRemoveCall(device: "pc-anna", look: true), .notAllowed,
        "only admins and owners remove others from the office"
      ),
      (
        ben, GroupRemoveCall(group: "Werkstatt", members: ["Anna"], look: true), .notAllowed,
        "you may not remove anyone from this group"
      ),
      (
        anna, DeviceRemoveCall(device: "Ben", look: true), .noSuchDevice,
        "\"Ben\" is no device, but has one or more"
      ),
      (anna, SendCall(to: "everyone", text: " \n\u{200b}", id: nil), .textEmpty, nothing),
      (
        ben, MemberRankCall(member: "Ben", rank: .admin), .notAllowed,
        "only owners say who is an admin"
      ),
      (
        ben, MemberRankCall(member: "Ben", rank: .owner), .notAllowed,
        "only owners change who owns the office"
      ),
      (ben, TicketNewCall(.member), .notAllowed, lettingIn),
      (ben, TicketNewCall(.member, keeper: true, member: "Ben"), .notAllowed, lettingIn),
      (
        ben, TicketRevokeCall(ticket: open.id.text), .notAllowed, "you may not revoke this ticket"
      ),
      (
        ben, GroupAddCall(group: "Werkstatt", members: ["Lager"]), .notAllowed,
        "you may not add anyone to this group"
      ),
      (
        ben, GroupRemoveCall(group: "Werkstatt", members: ["Anna"]), .notAllowed,
        "you may not remove anyone from this group"
      ),
      (
        lager, GroupNewCall(title: "Kisten", purpose: nil, members: []), .notAllowed,
        "a box makes no groups"
      ),
    ]
    for (node, call, name, words) in rows {
      let error = try node.refusal(of: call)
      #expect(error?.name == name, "\(call)")
      #expect(error?.message == words, "\(call)")
      #expect(error?.hint != nil || name == .textEmpty, "\(call)")
    }
  }

  @Test func `a ticket that is used up is no less so because its maker may make none any more`()
    throws
  {
    let (anna, ben) = try office()
    _ = try anna.ask(MemberRankCall(member: "Ben", rank: .admin))
    try ben.until { try $0.rank(of: "Ben") == .admin ? true : nil }
    let (used, open) = (
      try ben.ask(TicketNewCall(.member)), try ben.ask(TicketNewCall(.member))
    )
    let clara = try node()
    _ = try clara.join(used.text, "Clara", "pc-clara")
    _ = try anna.ask(MemberRankCall(member: "Ben", rank: .member))
    func state(_ ticket: TicketInfo) throws -> TicketStateWord? {
      try anna.ask(TicketListCall()).tickets.first { $0.id == ticket.id }?.state
    }
    try anna.until { _ in try state(used.ticket) == .usedUp ? true : nil }
    try anna.until { _ in try state(open.ticket) == .onHold ? true : nil }
  }

  @Test func `a page of no messages is refused, not taken for another size`() throws {
    let anna = try node()
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    for limit in [0, -1, ReadCall.limitMax + 1] {
      let call = ReadCall(group: nil, limit: limit, sinceMs: nil, untilMs: nil, before: nil)
      #expect(try anna.refusal(of: call)?.name == .invalidParameters)
    }
  }

  @Test func `answers come in the order of their requests`() throws {
    let anna = try node()
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    let requests = [
      #"{"jsonrpc":"2.0","id":1,"method":"send","params":{"to":"everyone","text":"eins"}}"#,
      #"{"jsonrpc":"2.0","id":2,"method":"group.list"}"#, "{",
      #"{"jsonrpc":"2.0","id":4,"method":"send","params":{"to":"everyone","text":"zwei"}}"#,
    ].map { $0 + "\n" }.joined()
    let socket = try Socket.connect(path: anna.socket)
    let bytes = Array(requests.utf8)
    #expect(socket.write(bytes.span) == .bytes(bytes.count))
    var poller = try Poller.open()
    try poller.add(socket.descriptor, token: 0, interest: .read)
    var (buffer, ready): (LineBuffer, [PollEvent]) = (LineBuffer(bytesMax: 1 << 20), [])
    var ids: [String] = []
    var room = [UInt8](repeating: 0, count: 65_536)
    while ids.count < 4 {
      try poller.wait(until: nil, into: &ready)
      var span = room.mutableSpan
      guard case .bytes(let count) = socket.read(into: &span) else { break }
      buffer.append(room[..<count])
      while let line = try buffer.next() {
        let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
        ids.append((object?["id"] as? Int).map { "\($0)" } ?? "none")
      }
    }
    #expect(ids == ["1", "2", "none", "4"])
  }

  @Test func `every cause of an end has an exit status and a sentence of its own`() throws {
    let first = try node()
    let port = first.port
    #expect(!port.isEmpty)
    let second = end(RealNode(in: first.folder))
    #expect(second.status == 3)
    #expect(second.said.contains("another node uses the data directory"))
    #expect(end(RealNode(socket: first.socket)).status == 7)
    #expect(end(RealNode(), ["--port", port]).status == 8)
    #expect(end(RealNode(), ["--seed", "::::"]).status == 2)
    #expect(first.stop() == 0)

    let files = FileManager.default
    let readable = TemporaryDirectory()
    try files.createDirectory(
      atPath: readable.path + "/data", withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o755])
    #expect(end(RealNode(in: readable)).status == 4)
    let office = first.folder.path + "/data/office"
    try Data("no membership".utf8).write(to: URL(fileURLWithPath: office))
    try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: office)
    #expect(end(RealNode(in: first.folder)).status == 5)
  }
}

/// Real nodes that may open few files.
@Suite(.serialized) struct FewFilesTests {
  @Test func `a start that gets too few descriptors ends with its own status and says so`() throws {
    var statuses: Set<Int32> = []
    var starting: Int?
    for limit in 4...64 where starting == nil {
      let node = RealNode()
      node.openFilesMax = limit
      do {
        try node.start()
        starting = limit
        #expect(node.stop() == 0)
      } catch {
        let status = try #require(node.exitStatus())
        // With the first few not even the libraries of the program can be opened.
        if status == 127 { continue }
        #expect(node.said.contains("too many open files"), "\(limit): \(node.said)")
        statuses.insert(status)
      }
    }
    #expect(starting != nil)
    // The directory, then poller, signals and waker, the socket, the port.
    #expect(statuses == [7, 8, 9, 70])
  }

  @Test func `a crowd at the socket of a node that can open no more files does not end it`() throws
  {
    let node = RealNode()
    node.openFilesMax = 40
    try node.start()
    do {
      let crowd = try (0..<48).map { _ in Caller(try Socket.connect(path: node.socket)) }
      #expect(crowd.count > 40)
    }
    #expect(try node.ask(StatusCall()).standing == .noOffice)
    #expect(node.stop() == 0)
  }

  /// Somebody who connects, says nothing, and hangs up.
  private final class Caller {
    private let socket: Socket
    init(_ socket: consuming Socket) { self.socket = socket }
  }
}
