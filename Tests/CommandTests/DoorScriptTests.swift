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

  private static let free = standing(.noOffice)
  private static func standing(_ standing: StandingWord) -> Reply {
    .result(
      .officeStatus(
        .init(
          standing: standing, office: standing == .noOffice ? nil : Samples.office, member: nil,
          device: nil, rank: nil, recovery: .none, owners: 0, members: 0, devices: 0, groups: 0)))
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
      .answering(Self.free, Self.doors(Self.werk), Self.knocked, Self.joined).run()
    #expect(run.exit == 0)
    #expect(
      run.errors == """
        looking for open doors …
          1  "Müller GmbH"  held open by "Anna Weber"  192.168.1.10:47474
        knock there? [1] (or a ticket's line) knocking at "Müller GmbH", held open by "Anna Weber"

            012 345

        "Anna Weber" must see the same digits. If they differ, end this with Ctrl-C.
        waiting for a yes … ("Anna Weber" is asked some more before it comes)
        earlier messages stay with those who were there; you read from here on

        """)
    #expect(
      run.output == """
        joined "Müller GmbH" as "Ben" on "pc-ben", let in by "pc-anna"
        groups: everyone, Werkstatt

        """)
    #expect(
      run.requests == [
        .officeStatus(OfficeStatusCall()), .doors(DoorsCall()),
        Self.knock(Self.werk.id, address: nil), .knockWait(KnockWaitCall()),
      ])
  }

  @Test(arguments: [
    ("2\n", "0b"), ("lag\n", "0b"), ("Anna\n", "0a"), ("müller gmbh\n", "0a"), ("1\n", "0a"),
  ])
  func `of several doors one is chosen by its number or a name`(typed: String, id: String) throws {
    let run = try CommandRun(["join"]).typing(typed, terminal: true)
      .answering(Self.free, Self.doors(Self.werk, Self.lager), Self.knocked, Self.joined).run()
    #expect(run.exit == 0)
    #expect(run.errors.contains("at which one?"))
    let door = id == "0a" ? Self.werk.id : Self.lager.id
    #expect(run.requests.dropFirst(2).first == Self.knock(door, address: nil))
  }

  @Test func `no door leads to the ticket, with the reason`() throws {
    let run = try CommandRun(["join"]).typing("zr1-ticket-x\n", terminal: true)
      .answering(
        Self.free, Self.doors(advice: "nobody here announces one; zuruf join --at ADDRESS"),
        .result(.join(OfficeScriptTests.joined))
      ).run()
    #expect(run.exit == 0)
    #expect(
      run.errors.hasPrefix(
        """
        looking for open doors …
        there is no open door: nobody here announces one; zuruf join --at ADDRESS
        ticket: joining with this ticket …
        """))
    #expect(run.requests.count == 3)
  }

  @Test func `a ticket can be given where doors are open too`() throws {
    let run = try CommandRun(["join"]).typing("zr1-ticket-x\n", terminal: true)
      .answering(Self.free, Self.doors(Self.werk), .result(.join(OfficeScriptTests.joined))).run()
    #expect(run.exit == 0)
    #expect(
      run.requests.last
        == .join(
          JoinCall(ticket: "zr1-ticket-x", name: nil, account: "Anna Weber", device: "pc-anna")))
  }

  @Test func `without a terminal the door or the address is a word`() throws {
    let door = try CommandRun(["join", "--door", "Müller", "--json"])
      .answering(Self.free, Self.doors(Self.werk, Self.lager), Self.knocked, Self.joined).run()
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
      .answering(Self.free, Self.doors(advice: "the network keeps computers apart")).run()
    #expect(none.exit == 6)
    #expect(
      none.errors.hasSuffix(
        "zuruf: error: there is no open door\nzuruf: hint: the network keeps computers apart\n"))
    let other = try CommandRun(["join", "--door", "Bank"])
      .answering(Self.free, Self.doors(Self.werk)).run()
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

  @Test func `a door for one person's computers says so, before and after the knock`() throws {
    let own = DoorInfo(
      id: Samples.id(0x0A, 8), office: "Büro", sponsor: "Ben", address: "a", member: "Ben")
    let knocked = Reply.result(
      .knock(.init(digits: "012345", office: "Büro", sponsor: "Ben", member: "Ben")))
    let run = try CommandRun(["join"]).typing("\n", terminal: true)
      .answering(Self.free, Self.doors(own), knocked, Self.joined).run()
    #expect(run.errors.contains("held open by \"Ben\", only for a computer of \"Ben\""))
    #expect(
      run.errors.contains(
        "this door is for a second computer of \"Ben\" alone: behind it this computer reads and "
          + "writes as Ben. If that is not you, end this with Ctrl-C.\n"))
  }

  @Test func `a computer that has an office looks for no door`() throws {
    let here = try CommandRun(["join"]).typing("\n", terminal: true)
      .answering(Self.standing(.ready)).run()
    #expect(here.exit == 1 && here.requests.count == 1)
    #expect(
      here.errors.hasPrefix("zuruf: error: this computer belongs to \"Müller GmbH\" already\n"))
    #expect(
      here.errors.contains("hint: for another one instead, leave this one first: zuruf office"))
    // An owner would be refused.
    let owner = try CommandRun(["join"]).typing("\n", terminal: true).answering(
      .result(
        .officeStatus(
          OfficeStatusCall.Answer(
            standing: .ready, office: Samples.office, member: Samples.anna, device: Samples.pcAnna,
            rank: .owner, recovery: .none, owners: 1, members: 2, devices: 2, groups: 1)))
    ).run()
    #expect(
      owner.errors.contains(
        "hint: for another one instead, an owner makes another one first: zuruf member rank NAME "
          + "owner, gives the rank up: zuruf member rank 'Anna Weber' member, which prints a line that "
          + "the other owner agrees to: zuruf office agree LINE, and leaves then: zuruf office leave; to "
          + "be in both takes a second node"))
    // One of two needs the other alone.
    #expect(
      OwnerLeaving.steps(own: "Anna", owners: 2)
        == "an owner gives the rank up: zuruf member rank Anna member, which prints a line that another "
        + "owner agrees to: zuruf office agree LINE")
    let removed = try CommandRun(["join"]).typing("\n", terminal: true)
      .answering(Self.standing(.removed)).run()
    #expect(removed.exit == 5 && removed.requests.count == 1)
    #expect(removed.errors.contains("hint: zuruf join --anew sets that aside"))
  }

  @Test func `what a removed computer has is set aside in one step, and only there`() throws {
    let aside = Reply.result(.officeAside(.init(folder: "/d/removed-2026-11-28")))
    let run = try CommandRun(["join", "--anew"]).typing("\ny\n", terminal: true)
      .answering(
        Self.standing(.removed), Self.doors(Self.werk), aside, Self.knocked, Self.joined
      ).run()
    #expect(run.exit == 0)
    #expect(run.errors.contains("nothing is deleted [y/N] "))
    #expect(run.errors.contains("what was here lies in \"/d/removed-2026-11-28\" now"))
    // The door is found first.
    #expect(run.requests[1] == .doors(DoorsCall()))
    #expect(run.requests[2] == .officeAside(OfficeAsideCall()))
    // Without a yes nothing is done.
    for typed in ["\n\n", "\nn\n"] {
      let no = try CommandRun(["join", "--anew"]).typing(typed, terminal: true)
        .answering(Self.standing(.removed), Self.doors(Self.werk)).run()
      #expect(no.exit == 1 && no.requests.count == 2)
    }
    let nobody = try CommandRun(["join", "--anew", "--at", "a"])
      .answering(Self.standing(.removed), Self.doors(Self.werk)).run()
    #expect(nobody.exit == 2 && nobody.requests.count == 2)
    let said = try CommandRun(["join", "--anew", "-y", "--at", "a"])
      .answering(
        Self.standing(.removed), Self.doors(Self.werk), aside, Self.knocked, Self.joined
      ).run()
    #expect(said.exit == 0)
    // Whose door is open there is asked first, and told.
    #expect(said.requests[1] == .doors(DoorsCall(address: "a")))
    #expect(
      said.errors.hasPrefix("at \(Self.werk.address): \"\(Self.werk.office)\", held open by "))
    func status(_ degraded: [DegradedInfo]) -> Reply {
      .result(.status(Samples.status(.ready, peers: [], recovery: .none, degraded: degraded)))
    }
    // Asked again it goes on where it was.
    let again = try CommandRun(["join", "--anew", "-y", "--at", "a"])
      .answering(Self.free, status([]), Self.knocked, Self.joined).run()
    #expect(again.exit == 0)
    let live = try CommandRun(["join", "--anew", "-y", "--at", "a"])
      .answering(Self.standing(.ready), status([])).run()
    #expect(live.exit == 1 && live.requests.count == 2)
    // What others say of it is enough: the proof may never come.
    let doubted = DegradedInfo(word: .saidRemoved, detail: "said", hint: nil, since: nil)
    let word = try CommandRun(["join", "--anew", "-y", "--at", "a"])
      .answering(
        Self.standing(.ready), status([doubted]), Self.doors(Self.werk), aside, Self.knocked,
        Self.joined
      ).run()
    #expect(word.exit == 0 && word.requests[3] == ControlRequest.officeAside(OfficeAsideCall()))
  }

  @Test(arguments: [nil, .bothWrote, .here, .carried, .said, .overruled] as [DegradedForm?])
  func `what was copied is set aside too, but not where somebody only says so`(form: DegradedForm?)
    throws
  {
    let said = DegradedInfo(
      word: .copied, detail: "copied", hint: "restart it", since: nil, form: form)
    let isOnlySaid = form == .said || form == .overruled
    let standing = form == .carried ? Self.free : Self.standing(.ready)
    // With a ticket, of which the node finds nothing to say but that.
    let copied = ControlError(.stopped, "copied", hint: nil)
    let run = try CommandRun(["join", "--anew", "-y", "zr1-ticket-x"])
      .answering(
        standing,
        .result(.status(Samples.status(.ready, peers: [], recovery: .none, degraded: [said]))),
        .error(copied), .result(.officeAside(.init(folder: "/d/removed-2026-11-28"))), Self.joined
      ).run()
    #expect((run.exit == 0) == !isOnlySaid)
    #expect(run.requests.contains(.officeAside(OfficeAsideCall())) == !isOnlySaid)
    #expect(run.errors.contains("hint: restart it") == (form == .said))
  }

  @Test func `what a computer has that was let in and is not in is set aside too`() throws {
    let aside = Reply.result(.officeAside(.init(folder: "/d/removed-2026-11-28")))
    func standing(_ form: DegradedForm?) -> Reply {
      let said = DegradedInfo(word: .joining, detail: "", hint: nil, since: nil, form: form)
      return .result(
        .status(Samples.status(.joining, peers: [], recovery: .none, degraded: [said])))
    }
    let words = ["join", "--anew", "-y", "--at", "a"]
    for form in [DegradedForm.admitted, .unaware] {
      let run = try CommandRun(words)
        .answering(
          Self.standing(.joining), standing(form), Self.doors(Self.werk), aside, Self.knocked,
          Self.joined
        ).run()
      #expect(run.exit == 0 && run.requests[3] == .officeAside(OfficeAsideCall()))
    }
    // Nor does a ticket, of which the node finds nothing to say but that.
    let left = ControlError(.joining, "an office let this computer in already", hint: nil)
    let ticket = try CommandRun(["join", "--anew", "-y", "zr1-ticket-x"])
      .answering(
        Self.standing(.joining), standing(.unaware), .error(left), aside, Self.joined
      ).run()
    #expect(ticket.exit == 0 && ticket.requests[3] == .officeAside(OfficeAsideCall()))
    // Who still asks has nothing that could be set aside.
    let asking = try CommandRun(words)
      .answering(Self.standing(.joining), standing(nil), Self.knocked, Self.joined).run()
    #expect(asking.exit == 0 && asking.requests.count == 4)
    // The overview names the way.
    let overview = try CommandRun([]).answering(standing(.unaware)).run()
    #expect(overview.output.contains("zuruf join --anew  be let in once more"))
  }

  @Test func `an office tells until when the own door is open`() throws {
    func run(_ door: ClaimedTime?) throws -> String {
      let status = OfficeStatusCall.Answer(
        standing: .ready, office: Samples.office, member: Samples.anna, device: Samples.pcAnna,
        rank: .owner, recovery: .none, owners: 1, members: 2, devices: 2, groups: 1, door: door)
      return try CommandRun(["office"]).answering(.result(.officeStatus(status))).run().output
    }
    #expect(try run(Samples.ago(-600)).hasSuffix("groups       1\ndoor         open until 14:30\n"))
    #expect(try run(nil).hasSuffix("groups       1\n"))
  }

  @Test func `what was set aside is said to be whole where the ticket is refused then`() throws {
    let left = ControlError(.removed, "this computer was removed", hint: nil)
    let over = ControlError(.ticketExpired, "the ticket has expired", hint: "ask for a new one")
    let aside = Reply.result(.officeAside(.init(folder: "/d/removed-2026-11-28")))
    var script = CommandRun(["join", "--anew", "-y", "zr1-ticket-x"])
    script.replies = [Self.standing(.removed), .error(left), aside, .error(over)]
    let run = try script.run()
    #expect(run.exit == 1)
    #expect(
      run.errors.contains("read by: zuruf-inspect --home /d/removed-2026-11-28 dump --bodies\n"))
    #expect(
      run.errors.hasSuffix(
        """
        what was set aside lies there as it was; with another ticket, or at an open door: zuruf join
        zuruf: error: the ticket has expired
        zuruf: hint: ask for a new one

        """))
    // What this computer itself knows of the ticket is said first.
    script.replies = [Self.standing(.removed), .error(over)]
    #expect(try script.run().requests.count == 2)
  }

  @Test func `where there is no way in nothing is set aside`() throws {
    func requests(_ words: [String], _ replies: Reply...) throws -> (Int32, [ControlRequest]) {
      var script = CommandRun(["join", "--anew", "-y"] + words)
      script.replies = [Self.standing(.removed)] + replies
      let run = try script.run()
      return (run.exit, run.requests)
    }
    let cut = ControlError(.ticketMalformed, "that is not a ticket", hint: nil)
    let left = ControlError(.removed, "this computer was removed", hint: nil)
    let away = ControlError(.noAnswer, "nobody can be reached at 192.168.1.2:47474", hint: nil)
    // No door, nobody at the address, no file, a ticket that was cut.
    for (exit, asked) in [
      try requests(["--door", "Werk"], Self.doors()),
      try requests(["--at", "192.168.1.2"], .error(away)), try requests(["--file", "nofile"]),
      try requests(["zr1-ticket-x"], .error(cut)), try requests([]),
    ] {
      #expect(exit != 0)
      #expect(!asked.contains(.officeAside(OfficeAsideCall())))
    }
    // A good ticket is refused for the removal alone, and then used.
    let aside = Reply.result(.officeAside(.init(folder: "/d/removed-2026-11-28")))
    let (exit, asked) = try requests(["zr1-ticket-y"], .error(left), aside, Self.joined)
    #expect(exit == 0)
    #expect(asked[2] == .officeAside(OfficeAsideCall()) && asked[1] == asked[3])
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
      .answering(Self.free, Self.doors(hostile), Self.knocked, Self.joined).run()
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
    open: Bool, reason: String? = nil, member: MemberRef? = nil, _ requests: AdmissionInfo...
  ) -> Reply {
    .result(
      .admitStatus(
        .init(
          open: open, until: open ? Samples.ago(-600) : nil, reason: reason, requests: requests,
          member: member)))
  }
  private static func right(_ member: MemberRef? = nil, remove: DeviceRef? = nil) -> Reply {
    .result(.admitCheck(.init(member: member, remove: remove)))
  }
  private static func check(
    _ request: HexIdentifier? = request().id, name: String? = nil, rank: RankWord? = nil,
    groups: [String] = [], member: String? = nil, remove: String? = nil
  ) -> ControlRequest {
    .admitCheck(
      AdmitCheckCall(
        request: request, name: name, rank: rank, groups: groups, member: member, remove: remove))
  }
  private static let opened = Reply.result(.admitOpen(.init(until: Samples.ago(-600))))
  private static let admitted = Reply.result(
    .admitAnswer(
      .init(request: request(.admitted), device: Samples.pcBen, member: Samples.ben)))

  private static func yes(
    name: String? = nil, rank: RankWord? = nil, groups: [String] = [], member: String? = nil,
    remove: String? = nil
  ) -> ControlRequest {
    .admitAnswer(
      AdmitAnswerCall(
        request: request().id, yes: true, name: name, rank: rank, groups: groups, member: member,
        remove: remove))
  }

  /// A run in which somebody knocks at once. `checks` are what the node says before the door opens.
  private func admit(
    _ words: [String], typing: String, ahead: String = "", rank: RankWord = .owner,
    checks: [Reply] = [], events: [ControlEvent] = [], answers: [Reply]
  ) throws -> CommandRun.Outcome {
    var script = CommandRun(["admit"] + words).typing(typing, terminal: true)
    script.typedAhead = ahead
    let opened = Reply(
      outcome: .success(.admitOpen(.init(until: Samples.ago(-600)))),
      events: [.admission(Self.request())] + events, closes: false)
    script.replies =
      [Self.subscribed, Self.standing(rank), Self.status(open: false)] + checks + [opened]
      + answers
    return try script.run()
  }

  @Test func `whoever shows the same digits is let in, with a few Enters`() throws {
    let run = try admit([], typing: "y\n\n\n\n", answers: [Self.right(), Self.admitted])
    #expect(run.exit == 0)
    #expect(
      run.errors
        == """
        the door is open until 14:30; on the other computer: zuruf join
        "Ben" knocks, on "pc-ben", with the digits 012 345
        does "pc-ben" show 012 345 too? [y/N] \
        whose computer is it? Enter for "Ben", who is new, or the name of somebody here: \
        member or admin? [member] groups beside the one of everyone, commas between, or Enter: \

        """.trimmingCharacters(in: .newlines))
    #expect(run.output == "\"pc-ben\" is in the office now: \"Ben\" joined\n")
    #expect(run.requests.last == Self.yes())
    #expect(
      run.requests.dropLast(2).last == .admitOpen(AdmitOpenCall(seconds: 600, hold: true)))
  }

  @Test func `what was typed before a question answers none`() throws {
    // The Enters of somebody who waits say nothing about a stranger who comes then.
    let run = try admit(
      [], typing: "n\n", ahead: "y\n\n\n\n",
      answers: [
        Reply.result(.admitAnswer(.init(request: Self.request(.refused), device: nil)))
          .then(.changed(.door), closing: false), Self.status(open: false),
      ])
    #expect(run.errors.contains("said no; the door stays open\n"))
    #expect(!run.requests.contains(Self.yes()))
  }

  @Test func `a rank, groups, a member and a lost device can be chosen`() throws {
    let new = try admit(
      [], typing: "y\n\nadmin\nWerk, Lager\n",
      answers: [Self.right(), Self.right(), Self.admitted])
    #expect(new.requests.last == Self.yes(rank: .admin, groups: ["Werk", "Lager"]))
    let replaced = Reply.result(
      .admitAnswer(
        .init(
          request: Self.request(.admitted), device: Samples.pcBen, member: Samples.ben,
          removed: Samples.pcAnna)))
    let lost = try admit(
      [], typing: "y\nBen\npc-alt\n",
      answers: [Self.right(Samples.ben), Self.right(Samples.ben, remove: Samples.pcAnna), replaced])
    #expect(lost.requests.last == Self.yes(member: "Ben", remove: "pc-alt"))
    #expect(lost.errors.contains("it will read all that Ben reads, and write as Ben\n"))
    // The groups of whoever is here come along, so nobody is asked for them.
    #expect(!lost.errors.contains("groups beside"))
    #expect(
      lost.output
        == "\"pc-ben\" is in the office now: a computer of \"Ben\", which reads and writes "
        + "as Ben; \"pc-anna\" was removed\n")
    let words = [
      "--name", "Benno", "--rank", "admin", "-g", "Werk", "--minutes", "5",
    ]
    let said = try admit(
      words, typing: "y\n", checks: [Self.right()], answers: [Self.right(), Self.admitted])
    #expect(said.requests.last == Self.yes(name: "Benno", rank: .admin, groups: ["Werk"]))
    #expect(
      said.requests.contains(.admitOpen(AdmitOpenCall(seconds: 300, hold: true))))
  }

  @Test func `a member is told first that the door is for a computer of their own`() throws {
    let anna = "id:" + Samples.anna.id.text
    let own = try admit(
      [], typing: "y\ny\n\n", rank: .member, checks: [Self.right(Samples.anna)],
      answers: [
        Self.right(Samples.anna),
        .result(
          .admitAnswer(
            .init(request: Self.request(.admitted), device: Samples.pcBen, member: Samples.anna))),
      ])
    #expect(
      own.errors.hasPrefix(
        "only admins and owners let new people in; you can let in a second computer of your own, "
          + "which will read all that you read, and write as you. Do that, Anna Weber? [y/N] "))
    #expect(
      own.errors.contains(
        "is \"pc-ben\" your own computer, Anna Weber, and does it show 012 345 too? It will read all "
          + "that you read, and write as you [y/N] "))
    #expect(
      own.requests.contains(.admitOpen(AdmitOpenCall(seconds: 600, hold: true, member: anna))))
    #expect(own.requests.last == Self.yes(member: anna))
    #expect(!own.errors.contains("whose computer is it"))
    #expect(
      own.output
        == "\"pc-ben\" is in the office now: a computer of yours, which reads and writes as you\n")
    // Whoever meant something else opens nothing.
    let no = try admit([], typing: "n\n", rank: .member, answers: [])
    #expect(no.exit == 1 && no.requests.count == 3)
    var script = CommandRun(["admit"])
    script.replies = [Self.subscribed, Self.standing(.member), Self.status(open: false)]
    let nobody = try script.run()
    #expect(nobody.exit == 5 && nobody.errors.contains("zuruf admit --for 'Anna Weber'"))
    // A word that says it needs no question.
    let said = try admit(
      ["--for", "Anna Weber"], typing: "n\n", rank: .member,
      checks: [Self.right(Samples.anna)],
      answers: [
        Reply.result(.admitAnswer(.init(request: Self.request(.refused), device: nil)))
          .then(.changed(.door), closing: false), Self.status(open: false),
      ])
    #expect(said.errors.hasPrefix("the door is open until 14:30"))
    #expect(said.errors.contains("only for one more computer of your own: it will read all"))
  }

  @Test func `a word of the command line that is wrong opens no door`() throws {
    let missing = ControlError(.noSuchDevice, "no device here is called \"pc-anna\"", hint: nil)
    for words in [
      ["--replaces", "pc-anna", "-g", "Geheim"], ["--for", "Zoe"], ["--name", "Ben"],
    ] {
      var script = CommandRun(["admit"] + words).typing("y\n", terminal: true)
      script.replies = [
        Self.subscribed, Self.standing(.owner), Self.status(open: false), .error(missing),
      ]
      let run = try script.run()
      #expect(run.exit == 4 && run.requests.count == 4)
      #expect(run.errors == "zuruf: error: no device here is called \"pc-anna\"\n")
    }
  }

  @Test func `the offered name means who is new, also where somebody who is out had it`() throws {
    let several = ControlError(.ambiguous, "\"Ben\" can mean 2 things", hint: "type one of these")
    let run = try admit(
      [], typing: "y\nben\n\n\n", answers: [.error(several), Self.right(), Self.admitted])
    #expect(run.exit == 0 && run.requests.last == Self.yes())
    #expect(!run.errors.contains("can mean"))
    // Of one who is out it is asked, and a no means who is new.
    let gone = ControlError(.memberGone, "\"Ben\" was removed from the office", hint: nil)
    let one = try admit(
      [], typing: "y\nben\n\n\n\n", answers: [.error(gone), Self.right(), Self.admitted])
    #expect(one.exit == 0 && one.requests.last == Self.yes())
    #expect(one.errors.components(separatedBy: "whose computer is it?").count == 2)
  }

  @Test func `a wrong answer is asked for again, and nothing else`() throws {
    let zed = ControlError(.noSuchMember, "nobody here is called \"Zed\"", hint: nil)
    let taken = ControlError(.nameTaken, "somebody here is called \"Ben\" already", hint: nil)
    let zoo = ControlError(.noSuchGroup, "no group here is called \"Zoo\"", hint: nil)
    let run = try admit(
      [], typing: "y\nZed\n\nBenno\nchef\n\nZoo\nWerk\n",
      answers: [
        .error(zed), .error(taken), Self.right(), .error(zoo), Self.right(), Self.admitted,
      ])
    #expect(run.exit == 0)
    #expect(
      run.requests.suffix(6) == [
        Self.check(member: "Zed"), Self.check(), Self.check(name: "Benno"),
        Self.check(name: "Benno", groups: ["Zoo"]), Self.check(name: "Benno", groups: ["Werk"]),
        Self.yes(name: "Benno", groups: ["Werk"]),
      ])
    #expect(run.errors.components(separatedBy: "whose computer is it?").count == 3)
    #expect(run.errors.components(separatedBy: "does \"pc-ben\" show").count == 2)
    #expect(run.errors.contains("zuruf: error: \"chef\" is no rank\n"))
  }

  @Test func `an error of the yes itself takes another yes, and the end of all typing ends it`()
    throws
  {
    let full = ControlError(.busy, "the disk does not keep up", hint: nil)
    let words = ["--replaces", "pc-alt"]
    let run = try admit(
      words, typing: "y\ny\n", checks: [Self.right(Samples.ben)],
      answers: [.error(full), Self.admitted])
    #expect(run.exit == 0)
    #expect(run.errors.components(separatedBy: "the disk does not keep up").count == 2)
    #expect(run.errors.components(separatedBy: "show 012 345 too?").count == 3)
    let ended = try admit(
      [], typing: "y\n", answers: [.error(ControlError(.noSuchMember, "nobody", hint: nil))])
    #expect(ended.exit == 2)
    #expect(ended.errors.contains("zuruf: error: nobody is there to ask\n"))
  }

  @Test func `whoever goes away takes the question along, and the next knock has its own`() throws {
    let again = Self.request(.comparing, "777888", id: 0x52)
    let run = try admit(
      [], typing: "y\n\n\n\n",
      events: [.admission(Self.request(.gone)), .admission(again)],
      answers: [Self.right(), Self.admitted])
    #expect(run.exit == 0)
    #expect(
      run.errors.contains(
        "does \"pc-ben\" show 012 345 too? [y/N] \n\"Ben\" went away; whoever knocks again has other "
          + "digits\n\"Ben\" knocks, on \"pc-ben\", with the digits 777 888\n"))
    guard case .admitAnswer(let yes)? = run.requests.last else {
      Issue.record("nobody was let in")
      return
    }
    #expect(yes.request == again.id)
  }

  @Test func `a yes to a knock that is gone says so, and the door stays open`() throws {
    let gone = ControlError(.noKnock, "whoever knocked is there no more", hint: nil)
    let again = Self.request(.comparing, "777888", id: 0x52)
    let run = try admit(
      [], typing: "y\n\n\n\ny\n\n\n\n",
      answers: [
        Self.right(), Reply.error(gone).then(.admission(again), closing: false), Self.right(),
        Self.admitted,
      ])
    #expect(run.exit == 0)
    #expect(run.errors.contains("zuruf: error: whoever knocked is there no more\n"))
    #expect(run.errors.contains("with the digits 777 888"))
  }

  @Test func `an answer that is said elsewhere ends the question, and a yes the door`() throws {
    let yes = try admit(
      [], typing: "", events: [.admission(Self.request(.admitted))], answers: [])
    #expect(yes.exit == 0 && yes.requests.count == 4)
    #expect(yes.errors.hasSuffix("\"Ben\" was let in by a yes that was not said here\n"))
    let no = try admit(
      [], typing: "",
      events: [.admission(Self.request(.refused)), .changed(.door)],
      answers: [Self.status(open: false)])
    #expect(no.exit == 6)
    #expect(no.errors.contains("somebody else said no to \"Ben\"\n"))
  }

  @Test func `words for a door that is open already count here, or are refused`() throws {
    func open(_ words: [String], _ member: MemberRef?, _ replies: [Reply]) throws
      -> CommandRun.Outcome
    {
      var script = CommandRun(["admit", "--digits", "012345"] + words)
      script.replies =
        [
          Self.subscribed, Self.standing(.owner),
          Self.status(open: true, member: member, Self.request()),
        ] + replies
      return try script.run()
    }
    let groups = try open(["-g", "Werk"], nil, [Self.right(), Self.admitted])
    #expect(groups.requests.last == Self.yes(groups: ["Werk"]))
    #expect(groups.errors.contains("what you chose counts for who gets the yes here\n"))
    let other = try open(["--for", "Ben"], Samples.anna, [Self.right(Samples.ben)])
    #expect(other.exit == 1 && other.requests.count == 4)
    #expect(other.errors.contains("only for one more computer of \"Anna Weber\"\n"))
    let wrong = ControlError(.noSuchGroup, "no group here is called \"Zoo\"", hint: nil)
    #expect(try open(["-g", "Zoo"], nil, [.error(wrong)]).exit == 4)
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

  @Test func `digits that nobody shows get a no at once, and an error that says why`() throws {
    let said = Reply.result(.admitAnswer(.init(request: Self.request(.refused), device: nil)))
    var script = CommandRun(["admit", "--digits", "111 111"])
    script.replies = [
      Self.subscribed, Self.standing(.owner), Self.status(open: true, Self.request()), said,
    ]
    let run = try script.run()
    #expect(run.exit == 1)
    #expect(
      run.requests.last
        == .admitAnswer(
          AdmitAnswerCall(
            request: Self.request().id, yes: false, name: nil, rank: nil, groups: nil, member: nil,
            remove: nil)))
    #expect(
      run.errors.contains(
        "error: these are not the digits: \"Ben\" knocks with 012 345, not with 111 111, and got a "
          + "no\n"))
    #expect(run.errors.contains("somebody stands between the two: let nobody in here"))
    // Of several it is not known who was meant: nobody is sent away.
    script.replies = [
      Self.subscribed, Self.standing(.owner),
      Self.status(open: true, Self.request(), Self.request(.comparing, "999999", id: 0x52)),
    ]
    let several = try script.run()
    #expect(several.exit == 1 && several.requests.count == 3)
  }

  @Test func `somebody who is gone comes back only after one more yes, or with a word`() throws {
    let gone = ControlError(
      .memberGone, "\"Ben\" was removed from the office; a yes lets that person in again",
      hint: "if that is what you want, write --again too")
    func check(again: Bool?) -> ControlRequest {
      .admitCheck(
        AdmitCheckCall(
          request: Self.request().id, name: nil, rank: nil, groups: [], member: "Ben", remove: nil,
          again: again))
    }
    let run = try admit(
      [], typing: "y\nBen\ny\n\n",
      answers: [
        .error(gone), Self.right(Samples.ben), Self.right(Samples.ben), Self.admitted,
      ])
    #expect(run.exit == 0)
    #expect(
      run.errors.contains(
        "\"Ben\" was removed from the office; a yes lets that person in again; is that what you "
          + "want? [y/N] "))
    #expect(run.requests.contains(check(again: nil)) && run.requests.contains(check(again: true)))
    guard case .admitAnswer(let yes)? = run.requests.last else { throw Missing() }
    #expect(yes.member == "Ben" && yes.again == true)
    // Whoever did not mean that meant who is new.
    let other = try admit(
      [], typing: "y\nBen\nn\n\n\n",
      answers: [.error(gone), Self.right(), Self.admitted])
    #expect(other.exit == 0)
    #expect(other.requests.last == Self.yes())
    #expect(try CommandRun(["admit", "--again"]).run().exit == 2)
  }

  @Test func `what a yes removes is said before it`() throws {
    let run = try admit(
      ["--replaces", "pc-ben"], typing: "y\n",
      checks: [Self.right(Samples.ben, remove: Samples.pcBen)], answers: [Self.admitted])
    #expect(run.exit == 0)
    #expect(
      run.errors.contains(
        "a yes removes \"pc-ben\" from the office: the new computer takes its place\n"))
    // Once, and in the question.
    #expect(run.errors.split(separator: "a yes removes").count == 3)
    #expect(run.errors.contains("a yes removes \"pc-ben\". is \"pc-ben\" a computer of Ben"))
  }

  private struct Missing: Error {}

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

  @Test func `without a terminal the command that says yes is told with what was chosen`() throws {
    var script = CommandRun(["admit", "--for", "@ben vogel", "--replaces", "pc-ben"])
    script.replies = [
      Self.subscribed, Self.standing(.owner), Self.status(open: false),
      Self.right(Samples.ben, remove: Samples.pcBen),
      Reply(
        outcome: .success(.admitOpen(.init(until: Samples.ago(-600)))),
        events: [.admission(Self.request()), .changed(.door)], closes: false),
      Self.status(open: false),
    ]
    #expect(
      try script.run().errors.replacing("\n", with: " ").contains(
        "zuruf admit --for '@ben vogel' --replaces pc-ben --digits 012345 "))
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
