import Control
import Foundation
import Platform
import Terminal
import Testing

@testable import zuruf

/// Founding, joining and keeping an office, and what goes wrong on the way.
struct OfficeScriptTests {
  @Test func `without a node the program says so, and how to start one`() throws {
    var script = CommandRun([])
    script.nodeRuns = false
    let run = try script.run()
    #expect(run.exit == 3)
    #expect(
      run.errors == """
        zuruf: error: no node is running at "/control"
        zuruf: hint: start one in another terminal: /opt/zuruf/zurufd --home DIR --socket /control

        """)
    for (socket, home) in [
      ("/run/user/1000/zuruf/control", ""), ("/srv/ben/control", " --home /srv/ben"),
      ("/srv/ben/s", ""),
    ] {
      var built = CommandRun(["--socket", socket])
      (built.nodeRuns, built.programs) = (false, "/home/anna/zuruf/.build/release")
      #expect(
        try built.run().errors.hasSuffix(
          "hint: start one in another terminal: /home/anna/zuruf/Tools/start\(home)\n"))
    }
    script.hasNodeProgram = false
    #expect(
      try script.run().errors.hasSuffix(
        "hint: start zurufd in another terminal, or Tools/start where the sources are\n"))
  }

  @Test func `whoever is alone with further computers is told to let others in as before`() throws {
    let laptop = PeerInfo(
      device: Samples.pcBen, member: Samples.anna, keeper: false, linked: true, since: nil,
      addresses: [], trouble: nil)
    func next(_ peers: [PeerInfo]) throws -> String {
      let run = try CommandRun([]).answering(
        .result(
          .status(Samples.status(.ready, peers: peers, recovery: .putAway, degraded: [])))
      ).run()
      return run.output.components(separatedBy: "next:\n").last ?? ""
    }
    let alone = try next([laptop])
    #expect(alone.hasPrefix("  zuruf admit         let one more person or device in\n"))
    #expect(alone.contains("zuruf read"))
    #expect(try !next([laptop, Samples.peerBen]).contains("zuruf ticket new"))
  }

  @Test func `where a copy stopped writing nothing that cannot work comes next`() throws {
    let copied = DegradedInfo(
      word: .copied, detail: "a copy runs as well", hint: "end the copy for good", since: nil)
    let status = Samples.status(
      .ready, peers: [Samples.peerBen], recovery: .putAway, degraded: [copied])
    let run = try CommandRun([]).answering(.result(.status(status))).run()
    #expect(
      run.output.hasSuffix(
        """
        ! this computer was copied: a copy runs as well
          -> end the copy for good

        next:
          zuruf doctor  says what to do about the copy
          zuruf read    what is stored here stays readable

        """))
  }

  /// What comes next where a computer was copied.
  private func nextOfCopied(_ standing: StandingWord, _ form: DegradedForm) throws -> String {
    let copied = DegradedInfo(word: .copied, detail: "it is", hint: nil, since: nil, form: form)
    let status = Samples.status(standing, peers: [], recovery: .none, degraded: [copied])
    let run = try CommandRun([]).answering(.result(.status(status))).run()
    return run.output.components(separatedBy: "next:\n").last ?? ""
  }

  @Test(arguments: [.here, .bothWrote, .said, .overruled] as [DegradedForm])
  func `only the copy, or either of two that both wrote, is led to become a new one`(
    form: DegradedForm
  ) throws {
    let next = try nextOfCopied(.ready, form)
    #expect(next.hasPrefix("  zuruf doctor"))
    #expect(next.contains("zuruf join --anew") == (form == .here || form == .bothWrote))
  }

  @Test func `where what is here comes from another computer one thing comes next`() throws {
    #expect(
      try nextOfCopied(.noOffice, .carried)
        == "  zuruf join --anew  come in as a new device; what is here is set aside\n")
  }

  @Test func `a ticket that goes on waiting and one that was refused stand in the overview`() throws
  {
    let joining = DegradedInfo(
      word: .joining, detail: "nobody of the office could be reached; this computer goes on trying",
      hint: "zuruf doctor says whom it asked; zuruf join takes another ticket", since: nil)
    let run = try CommandRun([]).answering(
      .result(.status(Samples.status(.joining, peers: [], recovery: .none, degraded: [joining])))
    ).run()
    #expect(
      run.output.hasPrefix(
        """
        this computer waits until somebody of the office lets it in
        ! not let in yet: nobody of the office could be reached; this computer goes on trying
          -> zuruf doctor says whom it asked; zuruf join takes another ticket

        """))
  }

  @Test func `a computer without an office is told the two ways to one`() throws {
    let run = try CommandRun([]).answering(
      .result(.status(Samples.status(.noOffice, peers: [], recovery: .none, degraded: [])))
    ).run()
    #expect(run.exit == 0)
    #expect(
      run.output == """
        this computer belongs to no office yet

        next:
          zuruf office new NAME  found an office on this computer
          zuruf join             join one, at an open door or with a ticket

        """)
  }

  @Test func `a founder is told to let others in and to put the key away`() throws {
    let run = try CommandRun([]).answering(
      .result(.status(Samples.status(.ready, peers: [], recovery: .notPutAway, degraded: [])))
    ).run()
    #expect(
      run.output == """
        Müller GmbH: Anna Weber on pc-anna, no other device belongs to it yet

        next:
          zuruf admit            let one more person or device in
          zuruf ticket new       or make a ticket for who is not here
          zuruf office recovery  put the recovery key away

        """)
  }

  @Test func `the status tells everything a person may ask`() throws {
    let run = try CommandRun(["status"]).answering(
      .result(
        .status(
          Samples.status(
            .ready, peers: [Samples.peerBen], recovery: .putAway,
            degraded: [Samples.discoveryDown])))
    ).run()
    #expect(
      run.output == """
        office        Müller GmbH
        you           Anna Weber (owner) on pc-anna
        recovery key  put away
        last message  14:19 to Werkstatt: on 2 of 3 devices
        listening     0.0.0.0:7480
        data          /home/anna/.local/share/zuruf
        node          zurufd 0.1.0, running since 12:20

        ! discovery down: Avahi does not answer
          -> sudo systemctl start avahi-daemon

        devices
          pc-ben  Ben  linked since 13:20  192.168.1.20:7480 (found by mDNS, in use)

        not yet there
          pc-ben  Ben  3 to hand over

        """)
  }

  @Test func `a computer that knocks says so in every terminal, with its digits`() throws {
    let status = Samples.status(
      .noOffice, peers: [], recovery: .none, degraded: [],
      knock: KnockCall.Answer(digits: "012345", office: "Müller GmbH", sponsor: "Anna Weber"))
    let here = try CommandRun([]).answering(.result(.status(status))).run().output
    #expect(
      here.contains(
        "it knocks at \"Müller GmbH\", held open by \"Anna Weber\"; waiting for a yes; Anna Weber must "
          + "see the digits 012 345 too\n"))
    #expect(!here.contains("zuruf office new"))
    let all = try CommandRun(["status"]).answering(.result(.status(status))).run().output
    #expect(all.contains("digits     012 345; Anna Weber must see the same\n"))
  }

  @Test func `a keeper says of how many groups it keeps all messages`() throws {
    let status = Samples.status(
      .ready, peers: [], recovery: .none, degraded: [], keeps: 3)
    for words in [[], ["status"]] {
      let run = try CommandRun(words).answering(.result(.status(status))).run()
      #expect(run.output.contains("all messages of 3 groups for the others\n"))
    }
  }

  @Test func `who left is not told to have been removed`() throws {
    let left = DegradedInfo(
      word: .removed, detail: "you left the office", hint: nil, since: nil, form: .left)
    let status = Samples.status(.removed, peers: [], recovery: .none, degraded: [left])
    let run = try CommandRun([]).answering(.result(.status(status))).run()
    #expect(run.output.contains("! out of the office: you left the office\n"))
  }

  @Test func `an office is founded with the names of account and computer`() throws {
    let run = try CommandRun(["office", "new", "Müller GmbH"]).answering(
      .result(
        .officeNew(
          OfficeNewCall.Answer(
            office: Samples.office, member: Samples.anna, device: Samples.pcAnna,
            everyone: Samples.everyone, recoveryFile: "/home/anna/recovery")))
    ).run()
    #expect(run.exit == 0)
    #expect(
      run.output
        == "founded \"Müller GmbH\"; you are \"Anna Weber\", its owner, on \"pc-anna\"\n")
    #expect(
      run.requests == [
        .officeNew(OfficeNewCall(office: "Müller GmbH", name: "Anna Weber", device: "pc-anna"))
      ])
  }

  @Test func `the recovery key is shown on a line of its own and read back`() throws {
    let shown = try CommandRun(["office", "recovery"]).answering(
      .result(
        .recoveryShow(RecoveryShowCall.Answer(line: "zr1-recovery-x", file: "/home/anna/r")))
    ).run()
    #expect(shown.output == "zr1-recovery-x\n")
    #expect(shown.errors.hasSuffix("next: zuruf office recovery confirm\n"))
    let confirmed = try CommandRun(["office", "recovery", "confirm"])
      .typing("zr1-recovery-x\n", terminal: true)
      .answering(
        .result(.recoveryConfirm(Done())),
        .result(
          .recoveryShow(RecoveryShowCall.Answer(line: "zr1-recovery-x", file: "/home/a b/r")))
      ).run()
    #expect(confirmed.exit == 0)
    #expect(
      confirmed.requests == [
        .recoveryConfirm(RecoveryConfirmCall(line: "zr1-recovery-x")),
        .recoveryShow(RecoveryShowCall()),
      ])
    #expect(
      confirmed.errors.hasSuffix(
        """
        it also lies on this computer still: whoever can take this computer away can take it too
        next: rm '/home/a b/r'

        """))
  }

  static let joined = JoinCall.Answer(
    office: Samples.office, member: Samples.ben, device: Samples.pcBen,
    groups: [Samples.everyone, Samples.werkstatt], through: Samples.pcAnna)

  @Test func `groups whose titles are still to come are counted`() throws {
    let nameless = GroupRef(id: Samples.id(0xB7, 32), title: nil, kind: .listed)
    let joined = JoinCall.Answer(
      office: Samples.office, member: Samples.ben, device: Samples.pcBen,
      groups: [Samples.everyone, nameless], through: Samples.pcAnna)
    let run = try CommandRun(["join", "zr1-ticket-x"])
      .answering(.result(.join(joined))).run()
    #expect(run.output.hasSuffix("groups: everyone, 1 more group\n"))
  }

  @Test(arguments: [
    (["join", "zr1-ticket-x"], "", false), (["join", "--file", "t.txt"], "", false),
    (["join"], "  zr1-ticket-x \r\n", false),
    (["join", "-"], "zr1-ticket-x", false),
  ])
  func `a ticket comes as a word, from a file, or is typed`(
    arguments: [String], input: String, terminal: Bool
  ) throws {
    var script = CommandRun(arguments).typing(input, terminal: terminal)
      .answering(.result(.join(Self.joined)))
    script.files = ["t.txt": "zr1-ticket-x\n"]
    let run = try script.run()
    #expect(run.exit == 0)
    #expect(
      run.output == """
        joined "Müller GmbH" as "Ben" on "pc-ben", let in by "pc-anna"
        groups: everyone, Werkstatt

        """)
    #expect(
      run.requests == [
        .join(
          JoinCall(ticket: "zr1-ticket-x", name: nil, account: "Anna Weber", device: "pc-anna"))
      ])
  }

  @Test(
    arguments: [
      (
        ["join", "--file", "no.txt"], 1,
        "zuruf: error: cannot read \"no.txt\": no such file or directory (ENOENT)\n"
      ),
      (
        ["join", "x", "--file", "t"], 2,
        "zuruf: error: give the ticket or \"--file\", not both\n"
      ),
      (
        ["join"], 2,
        "zuruf: error: there is no ticket\n"
          + "zuruf: hint: write \"zuruf join --file F\" or \"zuruf join TICKET\"\n"
          + "zuruf: hint: where somebody holds a door open: zuruf join --door NAME\n"
      ),
      (
        ["ticket", "new", "--valid", "now"], 2,
        "zuruf: error: option \"--valid\" takes a duration from a minute to a year, not \"now\"\n"
          + "zuruf: hint: write 30m, 12h or 3d\n"
      ),
      (
        ["ticket", "new", "--for", "Ben", "--name", "Ben"], 2,
        "zuruf: error: give \"--for\" or \"--name\", not both\n"
          + "zuruf: hint: the device belongs to somebody who is here and keeps the name\n"
      ),
      (
        ["member", "rank", "Ben", "boss"], 2,
        "zuruf: error: \"boss\" is no RANK\nzuruf: hint: it is one of owner, admin, member\n"
      ),
      (
        ["office", "recovery", "use", "--yes"], 2,
        "zuruf: error: there is no recovery key\n"
          + "zuruf: hint: type it when asked, or write \"zuruf office recovery use --file F\"\n"
      ),
      (
        ["office", "recovery", "confirm"], 2,
        "zuruf: error: there is no line to compare\n"
          + "zuruf: hint: type it when asked, or write \"zuruf office recovery confirm --file F\"\n"
      ),
      (
        ["office", "agree", "x", "--file", "t"], 2,
        "zuruf: error: give the line or \"--file\", not both\n"
      ),
      (
        ["ticket", "new", "--keeper", "--no-keeper"], 2,
        "zuruf: error: give \"--keeper\" or \"--no-keeper\", not both\n"
      ),
      (
        ["member", "remove", "Ben"], 2,
        "zuruf: error: this asks for a yes, and nobody is there to say it\n"
          + "zuruf: hint: write \"--yes\" to do it without a question\n"
      ),
      (
        ["completion", "tcsh"], 2,
        "zuruf: error: \"tcsh\" is no SHELL\nzuruf: hint: it is one of bash, zsh, fish\n"
      ),
      (
        ["help", "grop"], 2,
        "zuruf: error: there is no command \"grop\"\n"
          + "zuruf: hint: did you mean \"group\"?\n"
      ),
      (
        ["offce"], 2,
        "zuruf: error: there is no command \"offce\"\nzuruf: hint: did you mean \"office\"?\n"
      ),
      (
        ["inspect", "verify", "--home=x", "-x"], 1,
        "zuruf: error: cannot run \"zuruf-inspect\": zuruf-inspect verify --home=x -x\n"
          + "zuruf: hint: it belongs beside the program \"zuruf\"\n"
      ),
    ] as [([String], Int32, String)])
  func `a mistake is told before the node is asked`(
    arguments: [String], exit: Int32, errors: String
  ) throws {
    let run = try CommandRun(arguments).run()
    #expect(run.exit == exit)
    #expect(run.errors == errors)
    #expect(run.output == "")
    // Who has an office needs no ticket, and is told so.
    #expect(run.requests.allSatisfy { arguments == ["join"] && $0 == .officeStatus(.init()) })
  }

  @Test(arguments: [
    (["send", "Wekrstatt", "x"], "did you mean \"Werkstatt\"?"), (["send", "Lager", "x"], "list"),
    (["send", "kueche", "x"], "did you mean 'Büro & Küche'?"),
    (["send", "Kuche", "x"], "did you mean 'Büro & Küche'?"),
    (["send", "buero", "x"], "did you mean 'Büro & Küche'?"),
  ])
  func `a mistyped group is guessed`(arguments: [String], hint: String) throws {
    let error = ControlError(.noSuchGroup, "no group here is called that", hint: "list")
    let run = try CommandRun(arguments).answering(
      .error(error),
      .result(.groupList(GroupListCall.Answer(groups: [Samples.group, Samples.kitchen])))
    ).run()
    #expect(run.exit == 4)
    #expect(
      run.errors
        == "zuruf: error: no group here is called that\nzuruf: hint: \(hint)\n"
    )
  }

  @Test(arguments: [
    (["member", "remove", "bne", "--yes"], "did you mean \"@Ben\"?"),
    (["send", "@Bn", "x"], "did you mean \"@Ben\"?"), (["send", "@Zoe", "x"], "list"),
  ])
  func `a mistyped person is guessed`(arguments: [String], hint: String) throws {
    let error = ControlError(.noSuchMember, "nobody here is called that", hint: "list")
    let run = try CommandRun(arguments).answering(
      .error(error), .result(.memberList(MemberListCall.Answer(members: [Samples.member])))
    ).run()
    #expect(run.exit == 4)
    #expect(
      run.errors == "zuruf: error: nobody here is called that\nzuruf: hint: \(hint)\n")
  }

  @Test func `a person is guessed by a first name`() throws {
    let anna = MemberInfo(
      id: Samples.anna.id, name: "Anna Weber", rank: .owner, own: false, removed: false, devices: 1,
      seen: nil)
    for name in ["@ana", "@weber", "@Webr"] {
      let run = try CommandRun(["send", name, "x"]).answering(
        .error(ControlError(.noSuchMember, "nobody here is called that", hint: "list")),
        .result(.memberList(MemberListCall.Answer(members: [anna])))
      ).run()
      #expect(run.errors.hasSuffix("hint: did you mean '@Anna Weber'?\n"))
    }
  }

  @Test func `whoever removes somebody's only computer hears what becomes of the person`() throws {
    let run = try CommandRun(["device", "remove", "pc-b"]).typing("n\n", terminal: true).answering(
      .result(.deviceRemove(DeviceRemoveCall.Answer(device: Samples.device, only: true)))
    ).run()
    #expect(
      run.errors.hasPrefix(
        """
        it is the only one of "Ben", who is then out of the office; the way back is a ticket: \
        zuruf ticket new --again --for id:02020202
        remove the device "pc-ben" of "Ben" from the office? [y/N]\u{20}
        """))
  }

  @Test func `what is no ticket is refused without asking anybody`() throws {
    let error = ControlError(.ticketMalformed, "that is not a ticket", hint: nil)
    let run = try CommandRun(["join", "hallo"]).answering(.error(error))
      .run()
    #expect(run.errors == "zuruf: error: that is not a ticket\n")
    let cut = try CommandRun(["join", "zr1-ticket-x"])
      .answering(.error(error)).run()
    #expect(cut.errors.hasPrefix("joining with this ticket"))
  }

  @Test func `an ambiguous name lists the candidates`() throws {
    let error = ControlError(
      .ambiguous, "\"@An\" may be any of 2 members", hint: "type more of the name",
      candidates: [
        Candidate(text: "@Anna Weber", detail: "member"),
        Candidate(text: "@An\u{202E}ton", detail: nil),
      ])
    let text = try CommandRun(["send", "@An", "x"]).answering(.error(error)).run()
    #expect(text.exit == 4)
    #expect(text.output == "")
    #expect(
      text.errors == """
        zuruf: error: "@An" may be any of 2 members
        zuruf: hint: it may be '@Anna Weber' (member)
        zuruf: hint: it may be '@An\\u{202e}ton'
        zuruf: hint: type more of the name

        """)
    let json = try CommandRun(["send", "@An", "x", "--json"]).answering(.error(error)).run()
    #expect(json.exit == 4)
    #expect(
      json.errors == """
        {"candidates":[{"detail":"member","text":"@Anna Weber"},{"text":"@An\u{202E}ton"}],\
        "exit":4,"hints":["type more of the name"],\
        "message":"\\"@An\\" may be any of 2 members","name":"ambiguous","type":"error"}

        """)
  }

  @Test(arguments: ErrorName.allCases)
  func `every error of the node ends with its exit code`(name: ErrorName) throws {
    let run = try CommandRun(["name"])
      .answering(.error(ControlError(name, "it did not work", hint: nil))).run()
    #expect(run.exit == (name.code > 0 ? Int32(name.code / 1000) : 1))
    #expect((1...6).contains(run.exit))
    #expect(run.errors == "zuruf: error: it did not work\n")
  }

  @Test func `a ticket is printed alone, and what it does beside it`() throws {
    let run = try CommandRun([
      "ticket", "new", "--box", "--name", "Lager", "-g", "Werk", "--uses=1", "--valid", "1d",
    ]).answering(
      .result(.ticketNew(TicketNewCall.Answer(ticket: Samples.ticket, text: "zr1-ticket-x")))
    ).run()
    #expect(run.output == "zr1-ticket-x\n")
    // Into a file there is no line to paste.
    var written = CommandRun(["ticket", "new"]).answering(
      .result(.ticketNew(TicketNewCall.Answer(ticket: Samples.ticket, text: "zr1-ticket-x"))))
    written.outputIsTerminal = false
    #expect(try written.run().errors.contains("zuruf join --file FILE, with this file\n"))
    #expect(
      run.errors == """
        for 1 box, to keep all groups' messages, valid until 24 Nov 14:20; to end it: zuruf ticket \
        revoke 71717171
        on the other computer: zuruf join, then paste the line
        where only zurufd is installed there: lay it at /etc/zuruf/ticket, then: sudo systemctl \
        enable --now zurufd

        """)
    #expect(
      run.requests == [
        .ticketNew(
          TicketNewCall(
            kind: .box, keeper: nil, name: "Lager", member: nil, groups: ["Werk"], uses: 1,
            validSeconds: 86_400))
      ])
  }

  @Test(
    arguments: [
      (
        ["ticket"], ControlResult.ticketList(TicketListCall.Answer(tickets: [Samples.ticket])),
        "71717171  box, keeper  open  0 of 1 used  until 24 Nov 14:20  by Anna Weber  named Lager  into Werkstatt\n"
      ),
      (
        ["group"], .groupList(GroupListCall.Answer(groups: [Samples.group])),
        "Werkstatt  Anna Weber, Ben  12 messages  newest 14:19  Schicht 1\n"
      ),
      (
        ["member"], .memberList(MemberListCall.Answer(members: [Samples.member])),
        "Ben  member  1 device    seen 2 h ago\n"
      ),
      (
        ["device"], .deviceList(DeviceListCall.Answer(devices: [Samples.device])),
        "pc-ben  Ben    away  seen 2 h ago\n"
      ),
      (
        ["group", "new", "Werkstatt", "Ben", "--purpose", "Schicht 1"],
        .groupNew(GroupAnswer(group: Samples.group)),
        "Werkstatt  Anna Weber, Ben  12 messages  newest 14:19  Schicht 1\n"
      ),
      (
        ["name"],
        .nameSet(NameSetCall.Answer(member: Samples.anna, device: Samples.pcAnna)),
        "Anna Weber on pc-anna\n"
      ),
    ] as [([String], ControlResult, String)])
  func `objects are listed when no verb is given, and changed by verbs`(
    arguments: [String], result: ControlResult, output: String
  ) throws {
    let run = try CommandRun(arguments).answering(.result(result)).run()
    #expect(run.exit == 0)
    #expect(run.output == output)
    #expect(run.errors == "")
    let json = try CommandRun(arguments + ["--json"]).answering(.result(result)).run()
    #expect(json.exit == 0)
    #expect(json.output.hasPrefix("{") && json.output.contains("\"type\":"))
    #expect(json.requests == run.requests)
  }

  @Test func `of two conversations with the same name each is shown with its id`() throws {
    func pair(_ number: UInt8) -> GroupInfo {
      GroupInfo(
        id: Samples.id(number, 32), title: "@Ben", kind: .direct, purpose: nil,
        members: [Samples.anna, Samples.ben], readable: true, messages: 1, latest: nil, gone: nil)
    }
    let list = GroupListCall.Answer(groups: [pair(0x21), pair(0x22), Samples.kitchen])
    let run = try CommandRun(["group"]).answering(.result(.groupList(list))).run()
    #expect(
      run.output.split(separator: "\n").map { String($0.prefix(18)) } == [
        "@Ben (id:21212121)", "@Ben (id:22222222)", "Büro & Küche      ",
      ])
  }

  @Test func `tickets that ended long ago are listed only where somebody asks for all`() throws {
    func ticket(_ state: TicketStateWord, created: Int64, expires: Int64) -> TicketInfo {
      TicketInfo(
        id: Samples.ticket.id, kind: .member, keeper: false, name: nil, member: nil, groups: [],
        issuer: Samples.anna, created: Samples.ago(created), expires: Samples.ago(expires), uses: 1,
        used: 1, state: state)
    }
    let day: Int64 = 86_400
    let tickets = ControlResult.ticketList(
      TicketListCall.Answer(tickets: [
        ticket(.open, created: 3 * day, expires: -day),
        ticket(.usedUp, created: 60, expires: -day),
        ticket(.usedUp, created: 2 * day, expires: -day),
        // Good for ten minutes, as a yes at a door makes it, and for one, as a person does.
        ticket(.usedUp, created: 60, expires: -540), ticket(.usedUp, created: 60, expires: 0),
        ticket(.expired, created: 9 * day, expires: 60),
        ticket(.onHold, created: 9 * day, expires: -day),
        ticket(.expired, created: 9 * day, expires: 2 * day),
      ]))
    func words(_ arguments: String...) throws -> ([Substring], String) {
      let run = try CommandRun(arguments).answering(.result(tickets)).run()
      return (run.output.split(separator: "\n"), run.errors)
    }
    let few = try words("ticket", "list")
    #expect(few.0.count == 5)
    #expect(few.0[1].contains("  used up ") && few.0[2].contains("  used up "))
    #expect(few.0[4].contains("  on hold: its maker may let nobody in at present  1 of 1 used  "))
    #expect(few.1 == "-- 2 more that ended: zuruf ticket list --all\n")
    let all = try words("ticket", "list", "--all")
    #expect((all.0.count, all.1) == (8, ""))
    #expect(all.0.count { $0.contains("  used at the door ") } == 1)
    #expect(try words("ticket", "list", "--json").0.count == 8)
  }

  @Test(
    arguments: [
      (nil, ""),
      (
        .expired,
        "-- it had expired anyway; now it is over on every computer, whatever its clock says\n"
      ),
      (.usedUp, "-- it was used up anyway; now it stays over\n"),
      (
        .onHold,
        "-- its maker may let nobody in at present, so it was on hold anyway; now it stays over\n"
      ),
    ] as [(TicketStateWord?, String)])
  func `whoever revokes a ticket hears that nobody could join with it anyway`(
    was: TicketStateWord?, words: String
  ) throws {
    let answer = TicketRevokeCall.Answer(ticket: Samples.ticket, was: was)
    let run = try CommandRun(["ticket", "revoke", "7171"])
      .answering(.result(.ticketRevoke(answer))).run()
    #expect((run.exit, run.errors) == (0, words))
  }

  static let device = ControlResult.deviceRemove(DeviceRemoveCall.Answer(device: Samples.device))
  static let member = ControlResult.memberRemove(
    MemberRemoveCall.Answer(member: Samples.member, devices: [Samples.device]))
  static let looks = [
    ControlRequest.deviceRemove(DeviceRemoveCall(device: "pc-b", look: true)),
    .memberRemove(MemberRemoveCall(member: "be", look: true)),
  ]
  /// Removed is who was shown, by the id.
  static let removals = [
    ControlRequest.deviceRemove(
      DeviceRemoveCall(device: "id:" + String(repeating: "12", count: 16), look: nil)),
    .memberRemove(
      MemberRemoveCall(member: "id:" + String(repeating: "02", count: 16), look: nil)),
  ]

  @Test(arguments: [("y\n", Int32(0)), ("n\n", 1), ("\n", 1), ("ja\n", 0)])
  func `what cannot be undone is asked for, with whom it means`(
    answer: String, exit: Int32
  ) throws {
    let device = try CommandRun(["device", "remove", "pc-b"]).typing(answer, terminal: true)
      .answering(.result(Self.device), .result(Self.device)).run()
    #expect(device.exit == exit)
    #expect(
      device.errors.hasPrefix("remove the device \"pc-ben\" of \"Ben\" from the office? [y/N] "))
    #expect(device.requests == [Self.looks[0]] + (exit == 0 ? [Self.removals[0]] : []))
    let member = try CommandRun(["member", "remove", "be"]).typing(answer, terminal: true)
      .answering(.result(Self.member), .result(Self.member)).run()
    #expect(member.exit == exit)
    #expect(
      member.errors.hasPrefix(
        "remove \"Ben\" (member, 1 device) from the office? what is there already stays readable "
          + "there; the way back is to be let in anew [y/N] "))
    #expect(member.requests == [Self.looks[1]] + (exit == 0 ? [Self.removals[1]] : []))
  }

  @Test func `whoever removes the last keeper hears that nobody keeps messages then`() throws {
    func keeper(_ number: UInt8) -> DeviceInfo {
      DeviceInfo(
        id: Samples.id(number, 32), name: "box", member: Samples.ben, keeper: true, state: .away,
        seen: nil)
    }
    func errors(_ words: [String], _ look: ControlResult, _ devices: [DeviceInfo]) throws -> String
    {
      try CommandRun(words).typing("n\n", terminal: true).answering(
        .result(look), .result(.deviceList(DeviceListCall.Answer(devices: devices)))
      ).run().errors
    }
    let device = ControlResult.deviceRemove(DeviceRemoveCall.Answer(device: keeper(9)))
    let member = ControlResult.memberRemove(
      MemberRemoveCall.Answer(member: Samples.member, devices: [keeper(9)]))
    for (words, look) in [
      (["device", "remove", "box"], device), (["member", "remove", "be"], member),
    ] {
      let last = try errors(words, look, [Samples.device, keeper(9)])
      #expect(
        last.hasPrefix("no other keeper is there: nobody keeps messages for those who are off"))
      #expect(last.contains("zuruf ticket new --box\nremove "))
      #expect(try errors(words, look, [keeper(8), keeper(9)]).hasPrefix("remove "))
    }
  }

  @Test func `of whoever is out it is told how, and no rank`() throws {
    func out(left: Bool?) -> MemberInfo {
      MemberInfo(
        id: Samples.ben.id, name: "Ben", rank: .member, own: false, removed: true, devices: 0,
        seen: nil, left: left)
    }
    let list = MemberListCall.Answer(members: [out(left: nil), out(left: true)])
    let run = try CommandRun(["member", "list", "-a"]).answering(.result(.memberList(list))).run()
    #expect(
      run.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        == [["Ben", "0", "devices", "removed"], ["Ben", "0", "devices", "left"]])
  }

  private static func werkstatt(_ members: [MemberRef], gone: GoneInfo?) -> ControlResult {
    .groupRemove(
      GroupAnswer(
        group: GroupInfo(
          id: Samples.werkstatt.id, title: "Werkstatt", kind: .listed, purpose: nil,
          members: members, readable: true, messages: 2, latest: nil, gone: gone)))
  }

  @Test func `nobody is removed from a group without a question, or a word for it`() throws {
    let left = Self.werkstatt([Samples.anna], gone: nil)
    func look(_ looks: Bool) -> ControlRequest {
      .groupRemove(
        GroupRemoveCall(
          group: looks ? "Werk" : "id:\(Samples.werkstatt.id.text)", members: ["ben"],
          look: looks ? true : nil))
    }
    let words = ["group", "remove", "Werk", "ben"]
    let no = try CommandRun(words).typing("n\n", terminal: true).answering(.result(left)).run()
    #expect(no.exit == 1 && no.requests == [look(true)])
    #expect(
      no.errors.hasPrefix(
        "remove \"ben\" from \"Werkstatt\"? what they have of it stays readable to them [y/N] "))
    let yes = try CommandRun(words).typing("y\n", terminal: true)
      .answering(.result(left), .result(left)).run()
    #expect(yes.exit == 0 && yes.requests == [look(true), look(false)])
    #expect(try CommandRun(words).answering(.result(left)).run().exit == 2)
    let said = try CommandRun(words + ["-y"]).answering(.result(left), .result(left)).run()
    #expect(said.exit == 0 && said.requests.count == 2)
  }

  private static let wayBack = Reply.result(
    .groupLeave(
      GroupLeaveCall.Answer(group: Samples.group, mayAdd: [Samples.ben], owners: [Samples.anna])))

  @Test func `a group is called otherwise, or is for something else`() throws {
    func run(_ words: [String]) throws -> CommandRun.Outcome {
      try CommandRun(["group", "rename", "Werk"] + words)
        .answering(.result(.groupRename(GroupAnswer(group: Samples.group)))).run()
    }
    for (words, title, purpose) in [
      (["Halle 2"], "Halle 2", nil), (["--purpose", ""], nil, ""),
      (["Halle", "--purpose", "Schicht 2"], "Halle", "Schicht 2"),
    ] as [([String], String?, String?)] {
      let outcome = try run(words)
      #expect(outcome.output.hasPrefix("Werkstatt"))
      #expect(
        outcome.requests == [
          .groupRename(GroupRenameCall(group: "Werk", title: title, purpose: purpose))
        ])
    }
    let nothing = try run([])
    #expect(nothing.exit == 2 && nothing.requests.isEmpty)
    #expect(nothing.errors.hasPrefix("zuruf: error: there is nothing to change\n"))
  }

  @Test func `whoever leaves a group is told so, and asked where nobody stays behind`() throws {
    let gone = GoneInfo(word: .left, by: Samples.anna, lost: 0)
    let run = try CommandRun(["group", "remove", "Werk", "anna"]).typing("y\n", terminal: true)
      .answering(
        .result(Self.werkstatt([Samples.ben], gone: gone)), Self.wayBack,
        .result(Self.werkstatt([Samples.ben], gone: gone))
      ).run()
    #expect(run.exit == 0)
    #expect(run.output == "you left Werkstatt\n")
    #expect(
      run.errors.hasPrefix(
        "who can add you again: \"Ben\"\nyou are one of them, and get nothing more of \"Werkstatt\""
      ))
    // With a yes that was said beforehand too.
    let said = try CommandRun(["group", "remove", "Werk", "anna", "-y"]).answering(
      .result(Self.werkstatt([Samples.ben], gone: gone)), Self.wayBack,
      .result(Self.werkstatt([Samples.ben], gone: gone))
    ).run()
    #expect(said.errors == "who can add you again: \"Ben\"\n")
    #expect(
      run.requests == [
        .groupRemove(GroupRemoveCall(group: "Werk", members: ["anna"], look: true)),
        .groupLeave(GroupLeaveCall(group: "id:\(Samples.werkstatt.id.text)", look: true)),
        .groupRemove(
          GroupRemoveCall(
            group: "id:\(Samples.werkstatt.id.text)", members: ["anna"], look: nil)),
      ])
    let last = try CommandRun(["group", "remove", "Werk", "anna"]).typing("n\n", terminal: true)
      .answering(.result(Self.werkstatt([], gone: nil))).run()
    #expect(last.exit == 1)
    #expect(last.requests.count == 1)
    #expect(
      last.errors.contains(
        "nobody is left in \"Werkstatt\" then, and nobody gets what is written there; what each "
          + "computer has stays readable on it; remove?"))
  }

  @Test func `who leaves the office is asked first, and left it then`() throws {
    func status(_ rank: RankWord, owners: Int) -> ControlResult {
      .officeStatus(
        OfficeStatusCall.Answer(
          standing: .ready, office: Samples.office, member: Samples.anna, device: Samples.pcAnna,
          rank: rank, recovery: .none, owners: owners, members: 2, devices: 2, groups: 1))
    }
    let removal = ControlResult.memberRemove(
      MemberRemoveCall.Answer(member: Samples.member, devices: [Samples.device]))
    let run = try CommandRun(["office", "leave"]).typing("y\n", terminal: true).answering(
      .result(status(.member, owners: 2)), .result(removal), .result(removal)
    ).run()
    #expect(run.output == "you left \"Müller GmbH\"\n")
    #expect(
      run.errors
        == "leave \"Müller GmbH\" with all your computers (pc-ben)? you get nothing more of it; what "
        + "is here stays readable [y/N] ")
    let me = "id:\(Samples.anna.id.text)"
    #expect(
      run.requests == [
        .officeStatus(OfficeStatusCall()),
        .memberRemove(MemberRemoveCall(member: me, look: true)),
        .memberRemove(MemberRemoveCall(member: me, look: nil)),
      ])
    let owner = ControlError(.notAllowed, "an owner cannot leave the office", hint: "first")
    let last = try CommandRun(["office", "leave"]).typing("y\n", terminal: true)
      .answering(.result(status(.owner, owners: 1)), .error(owner)).run()
    #expect(last.exit == 5 && last.requests.count == 2)
    #expect(
      last.errors == "zuruf: error: an owner cannot leave the office\nzuruf: hint: first\n")
  }

  @Test func `a ticket for somebody who was removed says for whom, and one of a door is no ticket`()
    throws
  {
    let run = try CommandRun(["ticket", "new", "--again"]).run()
    #expect(run.exit == 2 && run.requests.isEmpty)
    #expect(run.errors.hasSuffix("zuruf: hint: write \"--for NAME\" too\n"))
    let door = TicketInfo(
      id: Samples.ticket.id, kind: .member, keeper: false, name: "Ben", member: nil, groups: [],
      issuer: Samples.anna, created: Samples.ago(900), expires: Samples.ago(300), uses: 1,
      used: 1, state: .usedUp)
    let list = ControlResult.ticketList(TicketListCall.Answer(tickets: [door]))
    let tickets = try CommandRun(["ticket"]).answering(.result(list)).run()
    #expect(tickets.output == "")
    let all = try CommandRun(["ticket", "list", "--all"]).answering(.result(list)).run()
    #expect(all.output.contains("used at the door"))
  }

  private static func leaving(
    _ members: [MemberRef], mayAdd: [MemberRef], owners: [MemberRef], gone: GoneInfo?
  ) -> ControlResult {
    .groupLeave(
      GroupLeaveCall.Answer(
        group: GroupInfo(
          id: Samples.werkstatt.id, title: "Werkstatt", kind: .listed, purpose: nil,
          members: members, readable: true, messages: 2, latest: nil, gone: gone),
        mayAdd: mayAdd, owners: owners))
  }

  @Test(
    arguments: [
      ([Samples.ben], [Samples.ben], [], "who can add you again: \"Ben\""),
      (
        [Samples.ben], [], [Samples.anna],
        "nobody of those who stay can add you again; only an owner of the office can bring you back "
          + "(\"Anna Weber\"), and only at a keeper: a computer that keeps all groups' messages"
      ),
      (
        [], [], [Samples.anna],
        "nobody else is in it, so it ends with you; only an owner of the office can bring you back "
          + "(\"Anna Weber\"), and only at a keeper: a computer that keeps all groups' messages"
      ),
    ] as [([MemberRef], [MemberRef], [MemberRef], String)])
  func `whoever leaves a group hears first what is lost and who may undo it`(
    members: [MemberRef], mayAdd: [MemberRef], owners: [MemberRef], words: String
  ) throws {
    let look = Self.leaving(members, mayAdd: mayAdd, owners: owners, gone: nil)
    let question =
      "you get nothing more of \"Werkstatt\"; what is here stays readable\n\(words)\nleave? [y/N] "
    let no = try CommandRun(["group", "leave", "Werk"]).typing("n\n", terminal: true)
      .answering(.result(look)).run()
    #expect(no.exit == 1)
    #expect(no.errors.hasPrefix(question))
    #expect(no.requests == [.groupLeave(GroupLeaveCall(group: "Werk", look: true))])
    let left = Self.leaving(
      members, mayAdd: mayAdd, owners: owners,
      gone: GoneInfo(word: .left, by: Samples.anna, lost: 0))
    let yes = try CommandRun(["group", "leave", "Werk"]).typing("j\n", terminal: true)
      .answering(.result(look), .result(left)).run()
    #expect((yes.exit, yes.output) == (0, "you left Werkstatt\n"))
    #expect(
      yes.requests.last
        == .groupLeave(GroupLeaveCall(group: "id:\(Samples.werkstatt.id.text)", look: nil)))
    let sure = try CommandRun(["group", "leave", "Werk", "--yes"])
      .answering(.result(look), .result(left)).run()
    #expect((sure.exit, sure.output, sure.errors) == (0, "you left Werkstatt\n", ""))
  }

  @Test func `a group of before stands in the list with how it ended`() throws {
    let removed = GroupInfo(
      id: Samples.werkstatt.id, title: "Werkstatt", kind: .listed, purpose: nil,
      members: [Samples.anna], readable: true, messages: 3, latest: nil,
      gone: GoneInfo(word: .removed, by: Samples.anna, lost: 2))
    let run = try CommandRun(["group"])
      .answering(.result(.groupList(GroupListCall.Answer(groups: [removed])))).run()
    #expect(
      run.output
        == "Werkstatt  you were removed by Anna Weber; 2 messages of yours came after that: nobody "
        + "gets them  3 messages\n")
  }

  @Test(arguments: [
    (0, ""), (1, "; nobody is known to have 1 message of yours"),
    (2, "; nobody is known to have 2 messages of yours"),
  ])
  func `who was added in vain reads that, and not who removed somebody`(
    lost: Int, words: String
  ) throws {
    let group = GroupInfo(
      id: Samples.werkstatt.id, title: "Werkstatt", kind: .listed, purpose: nil,
      members: [Samples.anna], readable: true, messages: 3, latest: nil,
      gone: GoneInfo(word: .notAdded, by: Samples.anna, lost: lost))
    let run = try CommandRun(["group"])
      .answering(.result(.groupList(GroupListCall.Answer(groups: [group])))).run()
    #expect(
      run.output
        == "Werkstatt  Anna Weber was no longer allowed to add you\(words)  3 messages\n")
  }

  @Test func `a computer that was removed says so of every group`() throws {
    let group = GroupInfo(
      id: Samples.werkstatt.id, title: nil, kind: .listed, purpose: nil,
      members: [Samples.anna, Samples.ben], readable: false, messages: 0, latest: nil,
      gone: GoneInfo(word: .removed, by: Samples.anna, lost: 0, computer: true))
    let run = try CommandRun(["group"])
      .answering(.result(.groupList(GroupListCall.Answer(groups: [group])))).run()
    // Without a title there is what can be typed.
    #expect(run.output == "id:b1b1b1b1  this computer was removed by Anna Weber  0 messages\n")
  }

  @Test func `what is removed without a question is named all the same`() throws {
    let device = try CommandRun(["device", "remove", "pc-b", "-y"])
      .answering(.result(Self.device), .result(Self.device)).run()
    #expect(device.output == "removed \"pc-ben\" of \"Ben\"\n")
    #expect(device.errors == "")
    let member = try CommandRun(["member", "remove", "be", "--yes"])
      .answering(.result(Self.member), .result(Self.member)).run()
    #expect(member.output == "removed \"Ben\" (member, 1 device)\n")
    let json = try CommandRun(["member", "remove", "be", "--yes", "--json"])
      .answering(.result(Self.member), .result(Self.member)).run()
    #expect(json.output.split(separator: "\n").count == 2)
  }

  @Test func `the doctor's findings are told with what to do, and a failed one ends with 1`() throws
  {
    let run = try CommandRun(["doctor"]).answering(
      .result(
        .doctor(
          DoctorCall.Answer(checks: [
            CheckInfo(name: "clock", verdict: .ok, finding: "right within 1 s", advice: nil),
            CheckInfo(
              name: "port", verdict: .failed, finding: "nobody reaches 7480",
              advice: "sudo ufw allow 7480/tcp"),
          ])))
    ).run()
    #expect(run.exit == 1)
    #expect(
      run.output == """
        ok       clock       right within 1 s
        failed   port        nobody reaches 7480
                             -> sudo ufw allow 7480/tcp

        """)
    #expect(run.errors == "zuruf: error: 1 examination failed\n")
  }
}
