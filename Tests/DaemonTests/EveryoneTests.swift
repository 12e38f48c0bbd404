import Control
import Format
import Platform
import Testing

@testable import Daemon
@testable import Replication

/// Which group the word for everyone means, where more of that kind were founded (C-22).
@Suite(.serialized) struct EveryoneTests {
  private let node = TurnedNode()

  /// Founds one more group of the kind everyone, called so.
  private func found(_ title: String, _ loop: NodeLoop, _ office: OfficeNode) throws -> GroupID {
    let content = Content.title(office.request(), title: try Name(title), purpose: [])
    var made: Result<GroupID, ControlError>?
    office.foundGroup(.everyone, pair: nil, [], title: content) { made = $0 }
    var events: [PollEvent] = []
    while made == nil { try loop.turn(&events) }
    return try #require(made).get()
  }

  @Test
  func `the first group of everyone is called so, and no other one, whatever is said in them`()
    throws
  {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    let first = try #require(office.everyone)
    // They are founded when the office's log has gone on, so they come later in canonical order.
    var isNamed = false
    let name = Content.name(office.request(), .office, try Name("Kontor"))
    office.write(office.office, [.message(name)]) { _ in isNamed = true }
    var events: [PollEvent] = []
    while !isNamed { try loop.turn(&events) }
    // Titles that look like the two words for it name no other group.
    let others = try ["everyone", "ALLE", "Lohn"].map { try found($0, loop, office) }
    let said = Content.title(office.request(), title: try Name("Gehalt"), purpose: [])
    _ = try office.replica.compose(first, [.message(said)], wall: office.wall)
    office.drain()
    while office.groupTitle(first)?.title.text != "Gehalt" { try loop.turn(&events) }
    #expect(office.everyone == first)
    #expect(others.map { office.title($0) } == [nil, nil, "Lohn"])
    let lines = office.groupList().groups
    #expect(
      lines.first.map { ($0.title, $0.id) == ("everyone", identifier(first.bytes.array)) } == true)
    #expect(lines.count == 4)
    for word in ["everyone", "Alle"] {
      let call = SendCall(to: word, text: "an alle", id: nil)
      let result = try node.answer(loop) { loop.send(call, $0) }.get()
      guard case .send(let sent) = result else { preconditionFailure("\(result)") }
      #expect(sent.group.id == lines.first?.id)
    }
    let other = try #require(others.first)
    #expect(try office.directory().group("id:\(other)") == other)
    #expect(try office.directory().group("Lohn") == others.last)
    loop.stop()
  }

  /// `isHere`: the office's own group of everyone.
  @Test(arguments: [true, false])
  func `no group is called like everyone's, whether that is here or not`(isHere: Bool) throws {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    if !isHere {
      office.replica.everyone = nil
      office.knownDirectory = nil
    }
    for title in ["everyone", "Everyone", "Alle", "ALLE", "\u{410}lle", " alle "] {
      let call = GroupNewCall(title: title, purpose: nil, members: [])
      let error = #expect(throws: ControlError.self, "\(title)") {
        try node.answer(loop) { office.groupNew(call, $0) }.get()
      }
      #expect(error?.name == .nameTaken && error?.reason == .titleTaken)
    }
    let call = GroupNewCall(title: "Alle Azubis", purpose: nil, members: [])
    _ = try node.answer(loop) { office.groupNew(call, $0) }.get()
    loop.stop()
  }
}
