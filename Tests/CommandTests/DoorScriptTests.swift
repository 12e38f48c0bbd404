import Control
import Foundation
import Platform
import Terminal
import Testing

@testable import zuruf

/// Joining by six digits, on the sponsor's screen and on the newcomer's.
struct DoorScriptTests {
  private static let werk = DoorInfo(
    id: Samples.id(0x0A, 8), office: "Müller GmbH", sponsor: "Anna Weber",
    address: "192.168.1.10:47474")
  private static let lager = DoorInfo(
    id: Samples.id(0x0B, 8), office: "Lager", sponsor: "Ben", address: "192.168.1.11:47474")

  // MARK: The newcomer

  private static func doors(_ doors: DoorInfo..., advice: String? = nil) -> Reply {
    .result(.doors(.init(doors: doors, advice: advice, reason: advice == nil ? nil : .nobody)))
  }

  private static let knocked = Reply.result(
    .knock(.init(digits: "012345", office: "Müller GmbH", sponsor: "Anna Weber")))
  private static let joined = Reply.result(.knockWait(OfficeScriptTests.joined))

  private static func knock(_ door: HexIdentifier?, address: String?) -> ControlRequest {
    .knock(
      KnockCall(
        door: door, address: address, name: nil, account: "Anna Weber", device: "pc-anna",
        hold: true))
  }

  @Test func `the one open door is shown, and Enter knocks there`() throws {
    let run = try CommandRun(["join"]).typing("\n", terminal: true)
      .answering(Self.doors(Self.werk), Self.knocked, Self.joined).run()
    #expect(run.exit == 0)
    #expect(
      run.errors == """
        looking for open doors …
          1  "Müller GmbH"  held open by "Anna Weber"  192.168.1.10:47474
        knock there? [1] (or a ticket's line) knocking at "Müller GmbH", held open by "Anna Weber"

            012 345

        "Anna Weber" must see the same digits. If they differ, end this with Ctrl-C.
        waiting for a yes …
        earlier messages stay with those who were there; you read from here on

        """)
    #expect(
      run.output == """
        joined "Müller GmbH" as "Ben" on "pc-ben", let in by "pc-anna"
        groups: everyone, Werkstatt

        """)
    #expect(
      run.requests == [
        .doors(DoorsCall()), Self.knock(Self.werk.id, address: nil),
        .knockWait(KnockWaitCall()),
      ])
  }

  @Test(arguments: [
    ("2\n", "0b"), ("lag\n", "0b"), ("Anna\n", "0a"), ("müller gmbh\n", "0a"), ("1\n", "0a"),
  ])
  func `of several doors one is chosen by its number or a name`(typed: String, id: String) throws {
    let run = try CommandRun(["join"]).typing(typed, terminal: true)
      .answering(Self.doors(Self.werk, Self.lager), Self.knocked, Self.joined).run()
    #expect(run.exit == 0)
    #expect(run.errors.contains("at which one?"))
    let door = id == "0a" ? Self.werk.id : Self.lager.id
    #expect(run.requests.dropFirst().first == Self.knock(door, address: nil))
  }

  @Test func `no door leads to the ticket, with the reason`() throws {
    let run = try CommandRun(["join"]).typing("zr1-ticket-x\n", terminal: true)
      .answering(
        Self.doors(advice: "nobody here announces one; zuruf join --at ADDRESS"),
        .result(.join(OfficeScriptTests.joined))
      ).run()
    #expect(run.exit == 0)
    #expect(
      run.errors.hasPrefix(
        """
        looking for open doors …
        there is no open door: nobody here announces one; zuruf join --at ADDRESS
        ticket: asking the office to let this computer in …
        """))
    #expect(run.requests.count == 2)
  }

  @Test func `a ticket can be given where doors are open too`() throws {
    let run = try CommandRun(["join"]).typing("zr1-ticket-x\n", terminal: true)
      .answering(Self.doors(Self.werk), .result(.join(OfficeScriptTests.joined))).run()
    #expect(run.exit == 0)
    #expect(
      run.requests.last
        == .join(
          JoinCall(ticket: "zr1-ticket-x", name: nil, account: "Anna Weber", device: "pc-anna")))
  }

  @Test func `without a terminal the door or the address is a word`() throws {
    let door = try CommandRun(["join", "--door", "Müller", "--json"])
      .answering(Self.doors(Self.werk, Self.lager), Self.knocked, Self.joined).run()
    #expect(door.exit == 0 && door.errors.isEmpty)
    let lines = door.output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(
      lines.first
        == #"{"digits":"012345","office":"Müller GmbH","sponsor":"Anna Weber","type":"knock"}"#)
    let address = try CommandRun(["join", "--at", "192.168.1.10"])
      .answering(Self.knocked, Self.joined).run()
    #expect(address.exit == 0)
    #expect(address.requests.first == Self.knock(nil, address: "192.168.1.10"))
    let none = try CommandRun(["join", "--door", "Müller"])
      .answering(Self.doors(advice: "the network keeps computers apart")).run()
    #expect(none.exit == 6)
    #expect(
      none.errors.hasSuffix(
        "zuruf: error: there is no open door\nzuruf: hint: the network keeps computers apart\n"))
    let other = try CommandRun(["join", "--door", "Bank"])
      .answering(Self.doors(Self.werk)).run()
    #expect(other.exit == 4)
    #expect(
      other.errors.hasSuffix(
        """
        zuruf: error: no open door is called "Bank"
        zuruf: hint: there is "Müller GmbH", held open by "Anna Weber"

        """))
    for words in [["--door", "a", "--at", "b"], ["zr1-ticket-x", "--at", "b"]] {
      #expect(try CommandRun(["join"] + words).run().exit == 2)
    }
  }

  @Test func `a no ends the join with its sentence`() throws {
    let no = ControlError(.refused, "\"Anna Weber\" said no", hint: "ask them")
    let run = try CommandRun(["join", "--at", "192.168.1.10"])
      .answering(Self.knocked, .error(no)).run()
    #expect(run.exit == 1)
    #expect(
      run.errors.hasSuffix(
        "zuruf: error: \"Anna Weber\" said no\nzuruf: hint: ask them\n"))
  }

  @Test func `a door's name is escaped`() throws {
    let hostile = DoorInfo(
      id: Samples.id(0x0A, 8), office: "\u{1B}[2JBank", sponsor: "a\u{202E}b", address: "x")
    let run = try CommandRun(["join"]).typing("\n", terminal: true)
      .answering(Self.doors(hostile), Self.knocked, Self.joined).run()
    #expect(!run.errors.contains("\u{1B}") && !run.errors.contains("\u{202E}"))
  }

  // MARK: The sponsor

  private static func request(
    _ state: AdmissionWord = .comparing, _ digits: String = "012345", id: UInt8 = 0x51
  ) -> AdmissionInfo {
    AdmissionInfo(
      id: Samples.id(id, 16), name: "Ben", device: "pc-ben", digits: digits, state: state,
      since: Samples.ago(1))
  }

  private static let subscribed = Reply.result(
    .subscribe(.init(cursor: Samples.id(0xCC, 8), group: nil)))
  private static func standing(_ rank: RankWord) -> Reply {
    .result(
      .officeStatus(
        .init(
          standing: .ready, office: Samples.office, member: Samples.anna, device: Samples.pcAnna,
          rank: rank, recovery: .none, owners: 1, members: 2, devices: 2, groups: 2)))
  }
  private static func status(
    open: Bool, reason: String? = nil, _ requests: AdmissionInfo...
  ) -> Reply {
    .result(
      .admitStatus(
        .init(open: open, until: open ? Samples.ago(-600) : nil, reason: reason, requests: requests)
      ))
  }
  private static let opened = Reply.result(.admitOpen(.init(until: Samples.ago(-600))))
  private static let admitted = Reply.result(
    .admitAnswer(.init(request: request(.admitted), device: Samples.pcBen)))

  private static func yes(
    name: String? = nil, rank: RankWord? = nil, groups: [String] = [], member: String? = nil,
    remove: String? = nil
  ) -> ControlRequest {
    .admitAnswer(
      AdmitAnswerCall(
        request: request().id, yes: true, name: name, rank: rank, groups: groups, member: member,
        remove: remove))
  }

  /// A run in which somebody knocks at once.
  private func admit(
    _ words: [String], typing: String, rank: RankWord = .owner, answers: [Reply]
  ) throws -> CommandRun.Outcome {
    var script = CommandRun(["admit"] + words).typing(typing, terminal: true)
    script.replies =
      [
        Self.subscribed, Self.standing(rank), Self.status(open: false),
        Self.opened.then(.admission(Self.request()), closing: false),
      ] + answers
    return try script.run()
  }

  @Test func `whoever shows the same digits is let in, with a few Enters`() throws {
    let run = try admit([], typing: "y\n\n\n\n", answers: [Self.admitted])
    #expect(run.exit == 0)
    #expect(
      run.errors
        == """
        the door is open until 14:30; on the other computer: zuruf join
        "Ben" knocks, on "pc-ben", with the digits 012 345
        does "pc-ben" show 012 345 too? [y/N] \
        whose is it? Enter for "Ben", who is new, or the name of somebody here: \
        member or admin? [member] groups beside the one of everyone, commas between, or Enter: \

        """.trimmingCharacters(in: .newlines))
    #expect(run.output == "\"pc-ben\" is in the office now\n")
    #expect(run.requests.last == Self.yes())
    #expect(
      run.requests.dropLast().last == .admitOpen(AdmitOpenCall(seconds: 600, hold: true)))
  }

  @Test func `a rank, groups, a member and a lost device can be chosen`() throws {
    let new = try admit([], typing: "y\n\nadmin\nWerk, Lager\n", answers: [Self.admitted])
    #expect(new.requests.last == Self.yes(rank: .admin, groups: ["Werk", "Lager"]))
    let lost = try admit([], typing: "y\nAnna\npc-alt\n\n", answers: [Self.admitted])
    #expect(lost.requests.last == Self.yes(member: "Anna", remove: "pc-alt"))
    let words = [
      "--name", "Benno", "--rank", "admin", "-g", "Werk", "--minutes", "5",
    ]
    let said = try admit(words, typing: "y\n", answers: [Self.admitted])
    #expect(said.requests.last == Self.yes(name: "Benno", rank: .admin, groups: ["Werk"]))
    #expect(
      said.requests.dropLast().last == .admitOpen(AdmitOpenCall(seconds: 300, hold: true)))
    // A member lets in what is theirs, and is not asked whose it is.
    let own = try admit([], typing: "y\n\n\n", rank: .member, answers: [Self.admitted])
    #expect(own.requests.last == Self.yes(member: "id:" + Samples.anna.id.text))
    #expect(!own.errors.contains("whose is it"))
  }

  @Test func `other digits get a no, and the door stays open until it closes`() throws {
    let said = Reply.result(.admitAnswer(.init(request: Self.request(.refused), device: nil)))
    let run = try admit(
      [], typing: "n\n",
      answers: [said.then(.changed(.door), closing: false), Self.status(open: false)])
    #expect(run.exit == 6)
    #expect(run.errors.contains("said no; the door stays open\n"))
    #expect(
      run.errors.hasSuffix(
        """
        zuruf: error: the door is closed, and nobody was let in
        zuruf: hint: zuruf admit opens it again

        """))
    #expect(
      run.requests.contains(
        .admitAnswer(
          AdmitAnswerCall(
            request: Self.request().id, yes: false, name: nil, rank: nil, groups: nil, member: nil,
            remove: nil))))
  }

  @Test func `a door that closed by itself says why, and what helps`() throws {
    let run = try admit(
      [], typing: "n\n",
      answers: [
        Reply.result(.admitAnswer(.init(request: Self.request(.refused), device: nil)))
          .then(.changed(.door), closing: false),
        Self.status(open: false, reason: "16 who knocked were not let in"),
      ])
    #expect(
      run.errors.hasSuffix(
        """
        zuruf: error: the door is closed, for 16 who knocked were not let in, and nobody was let in
        zuruf: hint: let the newcomer in with a ticket, handed over in person: zuruf ticket new

        """))
  }

  @Test func `what is refused is asked again, while the newcomer waits`() throws {
    let taken = ControlError(.nameTaken, "somebody here is called \"Ben\" already", hint: nil)
    let run = try admit(
      [], typing: "y\n\n\n\nBen\n\n\n", answers: [.error(taken), Self.admitted])
    #expect(run.exit == 0)
    #expect(run.errors.contains("zuruf: error: somebody here is called \"Ben\" already\n"))
    #expect(run.requests.last == Self.yes(member: "Ben"))
  }

  @Test func `without a terminal digits say yes, also at a door that is held open elsewhere`()
    throws
  {
    var script = CommandRun(["admit", "--digits", "012 345"])
    script.replies = [
      Self.subscribed, Self.standing(.owner),
      Self.status(open: true, Self.request(.comparing, "999999", id: 0x52), Self.request()),
      Self.admitted,
    ]
    let run = try script.run()
    #expect(run.exit == 0)
    #expect(run.requests.last == Self.yes())
    #expect(run.requests.count == 4)
    #expect(run.errors.hasPrefix("the door is open already; on the other computer: zuruf join\n"))
    for wrong in ["12345", "1234567", "12a456", ""] {
      #expect(try CommandRun(["admit", "--digits", wrong]).run().exit == 2)
    }
    #expect(try CommandRun(["admit", "--for", "Ben", "--rank", "admin"]).run().exit == 2)
    #expect(try CommandRun(["admit", "--for", "Ben", "--name", "B"]).run().exit == 2)
  }

  @Test func `for programs every knock is a line, and nobody is asked`() throws {
    var script = CommandRun(["admit", "--json"])
    script.replies = [
      Self.subscribed, Self.standing(.owner), Self.status(open: false),
      Self.opened.then(
        .admission(Self.request()), .admission(Self.request(.gone)), .changed(.door),
        closing: false), Self.status(open: false),
    ]
    let run = try script.run()
    #expect(run.exit == 6)
    let types = run.output.split(separator: "\n").map { line in
      line.contains(#""type":"door""#)
        ? "door" : line.contains(#""type":"request""#) ? "request" : ""
    }
    #expect(types == ["door", "request", "request"])
  }
}
