import Control
import Format
import Platform
import Replication
import Storage
import Testing

@testable import Daemon

/// How the newest message of a group is told in lists, and how a group is called otherwise.
@Suite(.serialized) struct LastTextTests {
  private let node = TurnedNode()

  private func say(_ text: String, _ loop: NodeLoop, _ office: OfficeNode) throws {
    let call = SendCall(to: "everyone", text: text, id: nil)
    _ = try node.answer(loop) { office.send(call, $0) }.get()
  }

  @Test func `a list tells how the newest message begins, and nothing of one that was erased`()
    throws
  {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    let group = try #require(office.ownGroups().first)
    func last() -> LastInfo? { office.groupList().groups.first?.last }
    #expect(last() == nil)
    try say("Guten Morgen", loop, office)
    let me = office.memberRef(office.replica.member)
    #expect(last() == LastInfo(member: me, own: true, text: "Guten Morgen"))
    let long = String(repeating: "ä", count: 100)
    try say(long, loop, office)
    #expect(last()?.text == String(long.prefix(LastInfo.textBytesMax / 2)))
    #expect(last()?.text == office.groupInfo(group).last?.text)

    let found = office.replica.lastOwn(in: group)
    let newest = try #require(found)
    let jobs = try office.store.prepareErase(group, newest.place, newest.seq)
    // It is let go of though nobody asks for a list, and a list meanwhile keeps nothing.
    #expect(office.lastTexts.known.isEmpty)
    #expect(last() != nil && office.lastTexts.known.isEmpty)
    try office.store.writer.erase(jobs)
    #expect(!jobs.isEmpty && last() == nil)
    // That there is nothing is known from then on, and the disk is not asked again.
    #expect(office.lastTexts.known[group] != nil)
    try say("Weiter", loop, office)
    #expect(last()?.text == "Weiter")
    #expect(office.lastTexts.known.count == 1)
    loop.stop()
  }

  @Test func `what could not be read is looked at again when the group changes`() throws {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    let call = GroupNewCall(title: "Halle", purpose: nil, members: [])
    _ = try node.answer(loop) { office.groupNew(call, $0) }.get()
    let group = try #require(office.ownGroups().last)
    _ = try node.answer(loop) {
      office.send(SendCall(to: "Halle", text: "Guten Morgen", id: nil), $0)
    }.get()
    func last() -> LastInfo? { office.groupInfo(group).last }
    #expect(last()?.text == "Guten Morgen")
    let known = try #require(office.lastTexts.known[group])
    office.lastTexts.known[group] = .init(place: known.place, author: known.author, text: nil)
    #expect(last() == nil)
    let leave = GroupLeaveCall(group: "Halle", look: nil)
    _ = try node.answer(loop) { office.groupLeave(leave, $0) }.get()
    #expect(last()?.text == "Guten Morgen")
    loop.stop()
  }

  private func titles(_ loop: NodeLoop) -> [String?] {
    loop.office?.groupList().groups.map(\.title) ?? []
  }

  @Test func `a group is called otherwise, or for something else, and keeps what is not said`()
    throws
  {
    try callOtherwise()
    // It lies in the log, and a start reads it there.
    let again = try node.start()
    #expect(titles(again) == ["everyone", "Büro", "HALLE"])
    again.stop()
  }

  private func callOtherwise() throws {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    func rename(
      _ group: String, _ title: String?, _ purpose: String? = nil
    ) throws -> Result<GroupInfo, ControlError> {
      let call = GroupRenameCall(group: group, title: title, purpose: purpose)
      return try node.answer(loop) { office.groupRename(call, $0) }.map { result in
        guard case .groupRename(let answer) = result else { preconditionFailure("\(result)") }
        return answer.group
      }
    }
    func refusal(_ group: String, _ title: String?) throws -> ErrorName? {
      guard case .failure(let error) = try rename(group, title) else { return nil }
      return error.name
    }
    for title in ["Werkstatt", "Büro"] {
      let call = GroupNewCall(title: title, purpose: "Schicht 1", members: [])
      _ = try node.answer(loop) { office.groupNew(call, $0) }.get()
    }
    var info = try rename("Werkstatt", "Halle").get()
    #expect(info.title == "Halle" && info.purpose == "Schicht 1")
    info = try rename("Halle", nil, "").get()
    #expect(info.title == "Halle" && info.purpose == nil)
    // In other letters it is the same group still.
    #expect(try rename("Halle", "HALLE").get().title == "HALLE")
    #expect(titles(loop) == ["everyone", "Büro", "HALLE"])
    #expect(try refusal("HALLE", "büro") == .nameTaken)
    #expect(try refusal("HALLE", "@Ben") == .nameMalformed)
    #expect(try refusal("HALLE", "alle") == .nameTaken)
    #expect(try refusal("HALLE", nil) == .invalidParameters)
    #expect(try refusal("everyone", "Alle") == .notAllowed)
    #expect(try refusal("Werkstatt", "Halle") == .noSuchGroup)
    loop.stop()
  }

  @Test func `what is not called otherwise stays as it is when that is written, whatever it is`()
    throws
  {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    let made = GroupNewCall(title: "Werkstatt", purpose: "Schicht 1", members: [])
    _ = try node.answer(loop) { office.groupNew(made, $0) }.get()
    let group = try #require(office.ownGroups().last)
    // It waits for a peer, and what that brings calls the group otherwise, as nobody could type it.
    office.foundedNow = []
    office.asksFirstUntil = loop.clock.now() + .seconds(600)
    var result: Result<ControlResult, ControlError>?
    let call = GroupRenameCall(group: "Werkstatt", title: nil, purpose: "Schicht 2")
    office.groupRename(call) { result = $0 }
    #expect(result == nil)
    let content = Content.title(office.request(), title: try Name("@Halle"), purpose: [])
    _ = try office.replica.compose(group, [.message(content)], wall: office.wall)
    office.drain()
    var events: [PollEvent] = []
    while office.title(group) != "@Halle" { try loop.turn(&events) }
    let next = try node.answer(loop) { reply in
      office.asksFirstUntil = nil
      office.releaseHeld()
      let call = GroupRenameCall(
        group: "id:\(group)", title: "@Halle", purpose: "Schicht 3")
      office.groupRename(call, reply)
    }
    #expect(throws: Never.self) { try #require(result).get() }
    #expect(throws: Never.self) { try next.get() }
    let info = office.groupInfo(group)
    #expect(info.title == "@Halle" && info.purpose == "Schicht 3")
    loop.stop()
  }

  @Test func `of two changes at once the second begins from the first`() throws {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    let call = GroupNewCall(title: "Werkstatt", purpose: "alt", members: [])
    _ = try node.answer(loop) { office.groupNew(call, $0) }.get()
    var answers: [Result<ControlResult, ControlError>] = []
    let title = GroupRenameCall(group: "Werkstatt", title: "Halle", purpose: nil)
    office.groupRename(title) { answers.append($0) }
    let purpose = GroupRenameCall(group: "Werkstatt", title: nil, purpose: "neu")
    _ = try node.answer(loop) { office.groupRename(purpose, $0) }.get()
    let info = office.groupList().groups.last
    #expect(answers.count == 1 && info?.title == "Halle" && info?.purpose == "neu")
    // What was written is known by the log alone again, and said again it changes nothing.
    #expect(office.titlesUnderway.isEmpty)
    loop.stop()
  }
}
