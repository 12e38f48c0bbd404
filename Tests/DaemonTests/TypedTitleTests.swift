import Control
import Format
import Platform
import TestSupport
import Testing

@testable import Daemon

/// Titles that could not be typed as a TO (C-15).
@Suite(.serialized) struct TypedTitleTests {
  private let directory = TemporaryDirectory()

  private func start() throws -> NodeLoop {
    var configuration = Configuration()
    configuration.home = directory.path + "/data"
    configuration.stateDirectory = directory.path + "/state"
    configuration.socket = directory.path + "/s"
    configuration.usesDiscovery = false
    return try NodeLoop(configuration, Environment([:]))
  }

  /// Takes turns until there is an answer.
  private func answer<Value>(
    _ loop: NodeLoop, _ ask: (@escaping (Result<Value, ControlError>) -> Void) -> Void
  ) throws -> Value {
    var answer: Result<Value, ControlError>?
    ask { answer = $0 }
    var events: [PollEvent] = []
    while answer == nil { try loop.turn(&events) }
    return try #require(answer).get()
  }

  @Test(arguments: [
    ("@ben", "a person"), ("@", "a person"), ("-n", "an option"), ("id:abcd", "a number"),
  ])
  func `a title that means something else as a TO is refused`(
    title: String, meaning: String
  ) throws {
    let refusal = try #require(TypedTitle.refusal(try Name(title)))
    #expect(refusal.name == .nameMalformed)
    #expect(refusal.message.hasPrefix("\"\(title)\" cannot be a title"))
    #expect(refusal.message.hasSuffix("is \(meaning)"))
  }

  @Test(arguments: [" ", "   ", "\u{a0}\u{3000}", "\u{200b}", " \u{200d} "])
  func `a title of blanks alone is refused`(title: String) throws {
    #expect(TypedTitle.refusal(try Name(title))?.message.contains("blanks") ?? false)
  }

  @Test func `of more than one blank within a name one is left`() throws {
    for text in [" Dora   Neu ", "Dora \u{a0}Neu", "Dora\u{2003}\u{2003}Neu"] {
      #expect(try TypedName.name(text, .person).text == "Dora Neu")
    }
    #expect(try TypedName.name("Dora\u{a0}Neu", .person).text == "Dora\u{a0}Neu")
  }

  @Test(arguments: ["a", "Werkstatt 2", "id", "ID:x", "a@b", "a-b", "…", "👩‍🔧", " x"])
  func `what can be typed is a title`(title: String) throws {
    #expect(TypedTitle.refusal(try Name(title)) == nil)
  }

  @Test func `no such group is made, and a log that holds one is listed and read by its id`() throws
  {
    let loop = try start()
    let founding = OfficeNewCall(office: "Werk", name: "Anna", device: "a")
    let _: ControlResult = try answer(loop) { loop.officeNew(founding, $0) }
    let office = try #require(loop.office)
    for title in ["@ben", "id:0a", "-x", "  "] {
      let call = GroupNewCall(title: title, purpose: nil, members: [])
      let refusal = #expect(throws: ControlError.self) {
        let _: ControlResult = try answer(loop) { office.groupNew(call, $0) }
      }
      #expect(refusal?.name == .nameMalformed)
    }
    #expect(office.groupList().groups.map(\.title) == ["everyone"])
    // What another version wrote.
    let content = Content.title(office.request(), title: try Name("@ben"), purpose: [])
    let group = try answer(loop) {
      office.foundGroup(.listed, pair: nil, [], title: content, then: $0)
    }
    #expect(office.groupList().groups.map(\.title) == ["everyone", "@ben"])
    let id = "id:\(group.description.prefix(12))"
    let _: ControlResult = try answer(loop) {
      office.send(SendCall(to: id, text: "hallo", id: nil), $0)
    }
    let page = try office.read(
      ReadCall(group: id, limit: nil, sinceMs: nil, untilMs: nil, before: nil))
    #expect(page.messages.map(\.text) == ["hallo"])
    #expect(page.group?.title == "@ben")
    loop.stop()
  }
}

/// Names that a node offers (C-18).
struct TypedNameTests {
  private func name(_ text: String, _ kind: TypedName.Kind = .person) -> String? {
    (try? TypedName.name(text, kind))?.text
  }

  @Test(arguments: [TypedName.Kind.person, .office, .group, .device])
  func `white space around a name is none of it`(kind: TypedName.Kind) {
    #expect(name("  Ben\u{a0}Vogel \t", kind) == "Ben\u{a0}Vogel")
    #expect(name("Ben Vogel", kind) == "Ben Vogel")
    #expect(name("👩‍🔧 ❤\u{fe0f}", kind) == "👩‍🔧 ❤\u{fe0f}")
  }

  @Test(arguments: [
    "", " ", " \u{3000}", "\u{200b}", "\u{200d}", "Lohn\u{202e}", "\u{2066}Ben", "Be\u{ad}n",
    "B\u{feff}en",
    "a\nb",
  ])
  func `what cannot be seen or turns text around is no name`(text: String) {
    for kind in [TypedName.Kind.person, .office, .group, .device] {
      let refusal = #expect(throws: ControlError.self) { try TypedName.name(text, kind) }
      #expect(refusal?.name == .nameMalformed)
    }
  }

  @Test(arguments: ["@Ben", "id:0a", " @Ben"])
  func `what means something else where it is typed is no name`(text: String) {
    for kind in [TypedName.Kind.person, .office, .device] {
      #expect(name(text, kind) == nil)
    }
  }
}
