import Control
import Testing

@testable import zuruf

/// Sending, reading and chatting, as a person and as a program see it.
struct MessageScriptTests {
  @Test func `a sent message is told with its time and how far it came`() throws {
    let run = try CommandRun(["send", "Werk", "Die", "Presse", "steht"])
      .answering(.result(.send(Samples.sent))).run()
    #expect(run.exit == 0)
    #expect(run.output == "14:20 to Werkstatt: on its way to 1 device in reach\n")
    #expect(run.errors == "")
    #expect(
      run.requests == [.send(SendCall(to: "Werk", text: "Die Presse steht", id: nil, wait: true))])
  }

  @Test(arguments: [
    (["send", "Werk"], "a\nb\n", "a\nb"), (["send", "Werk", "-"], "x", "x"),
    (["send", "Werk", "--", "-"], "y\n\n", "y\n"), (["send", "Werk", "-"], "", ""),
    (["send", "Werk", "--", "-n", "5"], "", "-n 5"),
  ])
  func `a text comes from words or from standard input`(
    arguments: [String], input: String, text: String
  ) throws {
    let run = try CommandRun(arguments).typing(input, terminal: false)
      .answering(.result(.send(Samples.sent))).run()
    #expect(run.exit == 0)
    #expect(run.requests == [.send(SendCall(to: "Werk", text: text, id: nil, wait: true))])
  }

  @Test func `the caller's id goes with the message, and a repetition is told`() throws {
    let hex = String(repeating: "0f", count: 16)
    let first = Samples.sent
    let again = SendCall.Answer(
      entry: first.entry, group: first.group, time: first.time, durable: true, repeated: true,
      state: first.state)
    let run = try CommandRun(["send", "Werk", "x", "--id", hex])
      .answering(.result(.send(again))).run()
    #expect(run.output == "14:20 to Werkstatt: sent before, on no other device yet\n")
    #expect(
      run.requests == [
        .send(SendCall(to: "Werk", text: "x", id: HexIdentifier(text: hex), wait: true))
      ])
  }

  @Test(arguments: [
    "0f", "", String(repeating: "0F", count: 16), String(repeating: "0f", count: 17),
  ])
  func `a caller's id of another form is refused`(id: String) throws {
    let run = try CommandRun(["send", "Werk", "x", "--id", id]).run()
    #expect(run.exit == 2)
    #expect(
      run.errors == "zuruf: error: option \"--id\" takes 32 digits 0-9 and a-f, not \"\(id)\"\n")
    #expect(run.requests.isEmpty)
  }

  @Test func `messages are shown with who and when, own ones with how far they came`() throws {
    let spoof = "one\n14:20 [Werkstatt] Anna Weber: two\u{1B}[2J\u{202E}"
    let run = try CommandRun(["read", "-n", "9"]).answering(
      .result(
        Samples.page(
          Samples.message(
            "Guten Morgen", Samples.anna, group: Samples.werkstatt, late: false, number: 9),
          Samples.message(spoof, Samples.ben, group: Samples.everyone, late: true, number: 3),
          Samples.message("ja", Samples.ben, group: Samples.direct, late: false, number: 1),
          more: false))
    ).run()
    #expect(run.exit == 0)
    #expect(
      run.output == """
        14:11 [Werkstatt] Anna Weber: Guten Morgen  (on 2 of 3 devices)
        14:17 [everyone] Ben (late): one
          14:20 [Werkstatt] Anna Weber: two\\u{1b}[2J\\u{202e}
        14:19 [@Ben] Ben: ja

        """)
    #expect(
      run.requests == [
        .read(
          ReadCall(group: nil, limit: 9, sinceMs: nil, untilMs: nil, before: nil, news: true))
      ])
  }

  @Test func `a stranger's name cannot act on the terminal`() throws {
    let evil = MemberRef(id: Samples.ben.id, name: "B\u{1B}]0;x\u{7}\nen")
    let run = try CommandRun(["read", "Werk"]).answering(
      .result(
        Samples.page(
          Samples.message("hi", evil, group: Samples.werkstatt, late: false, number: 1), more: false
        ))
    ).run()
    #expect(run.output == "14:19 B\\u{1b}]0;x\\u{7}\\u{a}en: hi\n")
  }

  private static func closed(_ number: UInt8, _ absence: AbsenceWord) -> MessageInfo {
    MessageInfo(
      entry: Samples.id(number, 32), group: Samples.werkstatt, member: Samples.ben,
      device: Samples.pcBen, time: Samples.ago(Int64(number) * 60), text: nil, absence: absence,
      state: Samples.onTwo, late: false, own: false, cursor: Samples.id(number, 8))
  }

  @Test func `messages that cannot be read are told in one line and do not count`() throws {
    func message(_ number: UInt8) -> MessageInfo {
      Samples.message(
        "\(number)", Samples.ben, group: Samples.werkstatt, late: false, number: number)
    }
    let pages: [Reply] = [
      .result(
        Samples.page(
          Self.closed(4, .beforeJoining), Self.closed(3, .waitingForKey),
          Self.closed(2, .beforeJoining), message(1), more: true)),
      .result(
        Samples.page(Self.closed(8, .beforeJoining), message(7), message(6), message(5), more: true)
      ),
    ]
    var script = CommandRun(["read", "Werk", "-n4"])
    script.replies = pages
    let run = try script.run()
    #expect(run.output == "14:13 Ben: 7\n14:14 Ben: 6\n14:15 Ben: 5\n14:19 Ben: 1\n")
    #expect(
      run.errors
        == "-- 2 messages cannot be read here: written before you came; "
        + "1 message cannot be read yet: waiting for a key\n")
    #expect(
      run.requests == [
        .read(
          ReadCall(group: "Werk", limit: 4, sinceMs: nil, untilMs: nil, before: nil, news: true)),
        .read(
          ReadCall(
            group: "Werk", limit: 1000, sinceMs: nil, untilMs: nil, before: Samples.id(4, 8),
            news: true)),
      ])
    // A program gets as many lines as it asked for.
    var json = CommandRun(["read", "Werk", "-n4", "--json"])
    json.replies = pages
    #expect(try json.run().output.split(separator: "\n").count == 4)
    script.arguments = ["chat", "Werk", "-n1"]
    #expect(try script.run().output == "14:19 Ben: 1\n")
  }

  @Test func `who has just come in is not made to wait for all that was written before`() throws {
    let closed = { Self.closed($0, AbsenceWord.beforeJoining) }
    var script = CommandRun(["read", "Werk Süd", "-n2"])
    script.replies = [
      .result(Samples.page(closed(4), closed(3), more: true)),
      .result(Samples.page(closed(8), closed(7), closed(6), more: true)),
    ]
    let run = try script.run()
    #expect(run.output == "")
    #expect(
      run.errors == """
        -- more than 5 messages cannot be read here: written before you came
           older ones: zuruf read 'Werk Süd' -U '2026-11-23 14:12:01'

        """)
    #expect(run.requests.count == 2)
    // What is less than that is counted.
    script.replies = [
      .result(Samples.page(closed(4), closed(3), more: true)),
      .result(Samples.page(closed(8), closed(7), closed(6), more: false)),
    ]
    #expect(try script.run().errors.hasPrefix("-- 5 messages cannot be read"))
  }

  @Test func `what cannot be read in one group hides nothing of another`() throws {
    let closed = { Self.closed($0, AbsenceWord.beforeJoining) }
    var script = CommandRun(["read", "-n2"])
    let message = Samples.message(
      "9", Samples.ben, group: Samples.werkstatt, late: false, number: 9)
    script.replies = [
      .result(Samples.page(closed(4), closed(3), more: true)),
      .result(Samples.page(closed(8), closed(7), more: true)),
      .result(Samples.page(message, more: false)),
    ]
    #expect(try script.run().output == "14:11 [Werkstatt] Ben: 9\n")
    // Not for ever: somebody waits in front of it.
    script.replies = [Reply](repeating: .result(Samples.page(closed(5), more: true)), count: 40)
    let run = try script.run()
    #expect(run.requests.count == 32)
    #expect(run.errors.hasSuffix("   older ones: zuruf read -U '2026-11-23 14:15:01'\n"))
  }

  @Test(arguments: [
    (["send", "wer", "hat", "den", "Schlüssel?"], true), (["send", "werkstatt", "hat"], false),
    (["send", "id:b1b1", "hat"], false),
  ])
  func `whoever typed the beginning of a title is shown what was sent`(
    arguments: [String], isTold: Bool
  ) throws {
    let groups = ControlResult.groupList(GroupListCall.Answer(groups: [Samples.group]))
    let isID = arguments[1].hasPrefix("id:")
    var typed = CommandRun(arguments).typing("", terminal: true)
    typed.replies = (isID ? [] : [.result(groups)]) + [.result(.send(Samples.sent))]
    let run = try typed.run()
    #expect(run.output == "14:20 to Werkstatt: on its way to 1 device in reach\n")
    #expect(
      run.errors
        == (isTold
          ? "-- \"wer\" begins \"Werkstatt\", so that was sent there: hat den Schlüssel?\n" : ""))
    let script = try CommandRun(arguments).answering(.result(.send(Samples.sent))).run()
    #expect(script.errors == "")
  }

  @Test(arguments: [
    (["send", "@Ben", "Vogel", "hi"], true), (["send", "@ben", "vogel"], true),
    (["send", "@Ben", "Vog", "hi"], false), (["send", "@Ben", "Vogel hi"], false),
    (["send", "@Ben Vogel", "Vogel"], false), (["send", "@B", "Vogel"], false),
  ])
  func `a name of two words without quotes is not sent as half a text`(
    arguments: [String], isRefused: Bool
  ) throws {
    let ben = MemberInfo(
      id: Samples.ben.id, name: "Ben Vogel", rank: .member, own: false, removed: false, devices: 1,
      seen: nil)
    let run = try CommandRun(arguments).typing("", terminal: true).answering(
      .result(.memberList(MemberListCall.Answer(members: [ben]))), .result(.send(Samples.sent))
    ).run()
    #expect(run.requests.count == (isRefused ? 1 : 2))
    #expect(run.exit == (isRefused ? 2 : 0))
    #expect(run.errors.contains("one name: zuruf send '@Ben Vogel' TEXT") == isRefused)
  }

  @Test func `older pages are fetched until enough messages are there`() throws {
    func message(_ number: UInt8) -> MessageInfo {
      Samples.message(
        "\(number)", Samples.ben, group: Samples.werkstatt, late: false, number: number)
    }
    let run = try CommandRun(["read", "Werk", "-n3"]).answering(
      .result(Samples.page(message(2), message(1), more: true)),
      .result(Samples.page(message(3), more: true))
    ).run()
    #expect(run.output == "14:17 Ben: 3\n14:18 Ben: 2\n14:19 Ben: 1\n")
    #expect(
      run.requests == [
        .read(
          ReadCall(group: "Werk", limit: 3, sinceMs: nil, untilMs: nil, before: nil, news: true)),
        .read(
          ReadCall(
            group: "Werk", limit: 1, sinceMs: nil, untilMs: nil, before: Samples.id(2, 8),
            news: true)),
      ])
  }

  @Test(
    arguments: [
      (["-S", "2h"], CommandRun.now - 7_200_000, nil),
      (["-S", "14:00", "-U", "14:10"], CommandRun.now - 1_200_000, CommandRun.now - 600_000),
      (["--since=yesterday"], CommandRun.now - (14 * 60 + 20) * 60_000 - 86_400_000, nil),
    ] as [([String], Int64?, Int64?)])
  func `a range of time asks for all within it`(
    options: [String], since: Int64?, until: Int64?
  ) throws {
    let run = try CommandRun(["read"] + options)
      .answering(.result(Samples.page(more: false))).run()
    #expect(run.exit == 0)
    #expect(run.errors == "no messages\n")
    #expect(
      run.requests == [
        .read(
          ReadCall(
            group: nil, limit: 1000, sinceMs: since, untilMs: until, before: nil, news: true))
      ])
  }

  @Test func `what is no time is a mistake with examples`() throws {
    let run = try CommandRun(["read", "-S", "tomorrow"]).run()
    #expect(run.exit == 2)
    #expect(
      run.errors == """
        zuruf: error: option "--since" takes a time, not "tomorrow"
        zuruf: hint: write 15m, 2h, 3d, 14:20, today, yesterday, 2026-11-23 or "2026-11-23 14:20"

        """)
  }

  @Test func `following shows what comes, and goes on where a slow reader was cut off`() throws {
    func message(_ number: UInt8) -> MessageInfo {
      Samples.message(
        "\(number)", Samples.ben, group: Samples.werkstatt, late: false, number: number)
    }
    let subscribed = ControlResult.subscribe(
      SubscribeCall.Answer(cursor: Samples.id(0xCC, 8), group: Samples.werkstatt))
    let run = try CommandRun(["read", "-f", "Werk"]).answering(
      .result(Samples.page(message(3), more: false)),
      .result(subscribed).then(
        .caughtUp(cursor: Samples.id(0xCC, 8)), .message(message(2)), .changed(.groups),
        .lagged(cursor: Samples.id(2, 8)), closing: true),
      .result(subscribed).then(.message(message(1)), closing: true)
    ).run()
    #expect(run.output == "14:17 Ben: 3\n14:18 Ben: 2\n14:19 Ben: 1\n")
    // It waits until nobody reads any more.
    #expect(run.exit == 0)
    #expect(run.errors == "-- the node was stopped; waiting for it\n")
    #expect(
      run.requests.dropFirst() == [
        .subscribe(SubscribeCall(group: "Werk", after: Samples.id(0xCC, 8), seen: true)),
        .subscribe(SubscribeCall(group: "Werk", after: Samples.id(2, 8), seen: true)),
      ])
  }

  @Test func `whoever follows a node that is stopped goes on with what was not shown yet`() throws {
    func message(_ number: UInt8) -> MessageInfo {
      Samples.message(
        "\(number)", Samples.ben, group: Samples.werkstatt, late: false, number: number)
    }
    let subscribed = ControlResult.subscribe(
      SubscribeCall.Answer(cursor: Samples.id(0xCC, 8), group: Samples.werkstatt))
    var script = CommandRun(["read", "-f", "Werk"]).answering(
      .result(Samples.page(message(5), more: false)),
      .result(subscribed).then(.message(message(4)), closing: true),
      .result(Samples.page(message(5), message(4), message(3), message(2), more: false)),
      .result(.groupSeen(GroupSeenCall.Answer(unread: 0))),
      .result(subscribed).then(.message(message(1)), closing: true))
    script.pauses = 1
    let run = try script.run()
    #expect(run.output == "14:15 Ben: 5\n14:16 Ben: 4\n14:17 Ben: 3\n14:18 Ben: 2\n14:19 Ben: 1\n")
    let line = "-- the node was stopped; waiting for it\n"
    #expect((run.exit, run.errors) == (0, line + line))
    #expect(
      run.requests[2]
        == .read(
          ReadCall(group: "Werk", limit: 1000, sinceMs: nil, untilMs: nil, before: nil)))
    // A program hears of the end and decides itself.
    script.arguments.append("--json")
    let json = try script.run()
    #expect(json.exit == 3)
    #expect(json.requests.count == 2)
  }

  private static let subscribed = ControlResult.subscribe(
    SubscribeCall.Answer(cursor: Samples.id(0xCC, 8), group: Samples.werkstatt))

  private static func plain(_ number: UInt8) -> MessageInfo {
    Samples.message("\(number)", Samples.ben, group: Samples.werkstatt, late: false, number: number)
  }

  @Test func `what was there before somebody began to follow is no news after a restart`() throws {
    let old = [Self.plain(9), Self.plain(8)]
    func page(_ messages: [MessageInfo]) -> ControlResult {
      .read(
        ReadCall.Answer(messages: messages, more: false, cursor: Samples.id(0xCC, 8), group: nil))
    }
    // Nothing lies in the range; behind the old ones two have come while the node was stopped.
    var script = CommandRun(["read", "-f", "-S", "1s", "Werk"]).answering(
      .result(page(old)), .result(page([])), .result(Self.subscribed).then(closing: true),
      .result(page(old + [Self.plain(2), Self.plain(1)])),
      .result(Self.subscribed).then(closing: true))
    script.pauses = 1
    #expect(try script.run().output == "14:18 Ben: 2\n14:19 Ben: 1\n")
    // In a group in which there was nothing everything is news.
    script = CommandRun(["read", "-f", "Werk"]).answering(
      .result(page([])), .result(Self.subscribed).then(closing: true),
      .result(page([Self.plain(1)])), .result(Self.subscribed).then(closing: true))
    script.pauses = 1
    #expect(try script.run().output == "14:19 Ben: 1\n")
    // Of what cannot be read the newest tells as well where it was.
    script = CommandRun(["read", "-f", "Werk"]).answering(
      .result(page([Self.plain(9), Self.closed(8, .waitingForKey)])),
      .result(Self.subscribed).then(closing: true),
      .result(page([Self.plain(7), Self.closed(8, .waitingForKey), Self.plain(1)])),
      .result(Self.subscribed).then(closing: true))
    script.pauses = 1
    #expect(try script.run().output == "14:11 Ben: 9\n14:19 Ben: 1\n")
    // Where nothing is known any more that is said, and nothing old passes for new.
    script = CommandRun(["read", "-f", "Werk"]).answering(
      .result(page([Self.plain(9)])), .result(Self.subscribed).then(closing: true),
      .result(page([Self.plain(7)])), .result(Self.subscribed).then(closing: true))
    script.pauses = 1
    let lost = try script.run()
    #expect(lost.output == "14:11 Ben: 9\n")
    #expect(lost.errors.contains("-- what came meanwhile cannot be told from the rest: zuruf read"))
  }

  @Test func `of what came meanwhile nothing is left out, however many pages it takes`() throws {
    func page(_ messages: MessageInfo..., more: Bool, before: HexIdentifier? = nil) -> Reply {
      .result(
        .read(
          ReadCall.Answer(
            messages: messages, more: more, cursor: Samples.id(0xCC, 8), group: nil,
            before: before)))
    }
    var script = CommandRun(["read", "-f", "Werk"]).answering(
      page(Self.plain(9), more: false), .result(Self.subscribed).then(closing: true),
      page(Self.plain(2), Self.plain(1), more: true),
      // Much that nobody gets lies in between.
      page(more: true, before: Samples.id(0x77, 8)),
      page(Self.plain(9), Self.plain(3), more: true),
      .result(Self.subscribed).then(closing: true))
    script.pauses = 1
    let run = try script.run()
    #expect(run.output == "14:11 Ben: 9\n14:17 Ben: 3\n14:18 Ben: 2\n14:19 Ben: 1\n")
    let asked = run.requests.dropFirst(2).prefix(3).map { request in
      if case .read(let call) = request { call.before } else { HexIdentifier?.none }
    }
    #expect(asked == [nil, Samples.id(2, 8), Samples.id(0x77, 8)])
  }

  @Test func `pages of what nobody gets are asked past, and the hint goes by where messages stand`()
    throws
  {
    func page(_ messages: [MessageInfo], before: HexIdentifier? = nil) -> Reply {
      .result(
        .read(
          ReadCall.Answer(
            messages: messages, more: true, cursor: Samples.id(0xCC, 8), group: nil,
            before: before)))
    }
    // The author's clock is years behind: by it nothing is found.
    let odd = MessageInfo(
      entry: Samples.id(5, 32), group: Samples.werkstatt, member: Samples.ben,
      device: Samples.pcBen, time: Samples.ago(300_000_000), text: nil, absence: .beforeJoining,
      state: Samples.onTwo, late: false, own: false, cursor: Samples.id(5, 8),
      stands: Samples.ago(3600))
    let run = try CommandRun(["read", "Werk", "-n", "2"]).answering(
      page([Self.plain(1)]), page([], before: Samples.id(0x77, 8)), page([odd]), page([odd])
    ).run()
    #expect(run.exit == 0)
    #expect(run.output == "14:19 Ben: 1\n")
    #expect(run.errors.contains("   older ones: zuruf read Werk -U '2026-11-23 13:20:01'"))
    guard case .read(let third)? = run.requests.dropFirst(2).first else { throw Missing() }
    #expect(third.before == Samples.id(0x77, 8))
  }

  private struct Missing: Error {}

  @Test func `a line on its way when the node is stopped is sent again with its id`() throws {
    let again = SendCall.Answer(
      entry: Samples.id(0xE1, 32), group: Samples.werkstatt, time: Samples.ago(0), durable: true,
      repeated: true, state: Samples.here, inReach: 1)
    let old = Samples.page(Self.plain(9), more: false)
    var script = CommandRun(["chat", "Werk", "-n0"]).typing("eins\nzwei\ndrei", terminal: false)
      .answering(
        .result(old), .result(Self.subscribed), .result(.send(Samples.sent)),
        // Two is not answered: the node is gone, and comes back.
        .result(.send(Samples.sent)).then(closing: true))
    script.replies[3] = Reply(outcome: nil, events: [], closes: true)
    script.replies += [
      .result(old), .result(Self.subscribed), .result(.send(again)), .result(.send(Samples.sent)),
    ]
    script.pauses = 1
    let run = try script.run()
    #expect(run.exit == 0)
    #expect(run.errors == "-- the node was stopped; waiting for it\n")
    let sent = run.requests.compactMap { request in
      if case .send(let call) = request { call } else { SendCall?.none }
    }
    #expect(sent.map(\.text) == ["eins", "zwei", "zwei", "drei"])
    let ids: [UInt8] = [1, 2, 2, 3]
    #expect(sent.map(\.id) == ids.map { Samples.id($0, 16) })
  }

  /// The subscription and the page with which each of these chats begins.
  private static func piped(_ words: [String], _ input: String, _ replies: Reply...) -> CommandRun {
    var script = CommandRun(["chat", "Werk", "-n0"] + words).typing(input, terminal: false)
    script.replies =
      [.result(Samples.page(Self.plain(9), more: false)), .result(Self.subscribed)] + replies
    return script
  }

  private static func sent(_ run: CommandRun.Outcome) -> [String] {
    run.requests.compactMap { request in
      if case .send(let call) = request { call.text } else { String?.none }
    }
  }

  @Test func `a line over which a node went away twice is not sent a third time`() throws {
    let gone = Reply(outcome: nil, events: [], closes: true)
    let old = Reply.result(Samples.page(Self.plain(9), more: false))
    var script = Self.piped(
      [], "eins\nzwei\n", gone, old, .result(Self.subscribed), gone, old, .result(Self.subscribed),
      .result(.send(Samples.sent)))
    script.pauses = 2
    let run = try script.run()
    #expect(Self.sent(run) == ["eins", "eins", "zwei"])
    #expect(run.errors.contains("-- whether this was sent is not known: eins\n"))
    #expect(run.exit == 1)
    #expect(run.errors.hasSuffix("zuruf: error: 1 line was not sent, as told above\n"))
  }

  @Test(arguments: [false, true])
  func `a line that is too long is passed over, and what stands behind it is sent`(json: Bool)
    throws
  {
    let long = String(repeating: "y", count: 150_000)
    let run = try Self.piped(
      json ? ["--json"] : [], "eins\n\(long)\nzwei\n", .result(.send(Samples.sent)),
      .result(.send(Samples.sent))
    ).run()
    #expect(Self.sent(run) == ["eins", "zwei"])
    #expect(run.exit == 1)
    let errors = run.errors.split(separator: "\n")
    if json {
      #expect(errors.count == 2 && errors.allSatisfy { $0.hasPrefix("{") })
      #expect(errors[0].contains("\"name\":\"text-too-long\""))
    } else {
      #expect(
        errors.first
          == "zuruf: error: the text has more than 60000 bytes; at most 60000 are allowed")
    }
  }

  @Test func `a line that is no text ends no conversation`() throws {
    var script = Self.piped(
      [], "", .result(.send(Samples.sent)), .result(.send(Samples.sent)))
    script.inputBytes = Array("ok1\n".utf8) + [0xFF, 0x0A] + Array("ok2\n".utf8)
    let run = try script.run()
    #expect(Self.sent(run) == ["ok1", "ok2"])
    #expect(run.errors.contains("zuruf: error: a line is not UTF-8, and was not sent\n"))
    #expect(run.exit == 1)
  }

  @Test func `a text that no message can hold is refused in bytes of text`() throws {
    let run = try CommandRun(["send", "Werk", String(repeating: "\u{1}", count: 60_001)]).run()
    #expect(run.exit == 1 && run.requests.isEmpty)
    #expect(
      run.errors
        == "zuruf: error: the text has 60001 bytes; at most 60000 are allowed\n"
        + "zuruf: hint: send it in parts\n")
  }

  @Test func `lines of one paste behind the one that failed are sent when the node is back`() throws
  {
    let old = Samples.page(Self.plain(9), more: false)
    var script = CommandRun(["chat", "Werk", "-n0"]).typing("eins\rzwei\rno", terminal: true)
      .answering(
        .result(old), .result(Self.subscribed), Reply(outcome: nil, events: [], closes: true),
        .result(old), .result(Self.subscribed), .result(.send(Samples.sent)),
        .result(.send(Samples.sent)))
    script.givesKeys = true
    script.pauses = 1
    let run = try script.run()
    #expect(run.exit == 0)
    let sent = run.requests.compactMap { request in
      if case .send(let call) = request { call.text } else { String?.none }
    }
    #expect(sent == ["eins", "eins", "zwei"])
  }

  @Test func `a program's lines wait a minute for a node that is gone, then it hears of it`() throws
  {
    var script = CommandRun(["chat", "Werk", "-n0"]).typing("eins\nzwei", terminal: false)
      .answering(
        .result(Samples.page(Self.plain(9), more: false)), .result(Self.subscribed),
        Reply(outcome: nil, events: [], closes: true))
    script.pauses = 1_000
    script.nodeGoesAway = true
    let run = try script.run()
    #expect(run.exit == 3)
    #expect(run.errors.contains("-- whether this was sent is not known: eins\n"))
    #expect(run.errors.contains("zuruf: error: "))
  }

  @Test func `a reader that goes away is no error`() throws {
    var script = CommandRun(["read"]).answering(
      .result(
        Samples.page(
          Samples.message("1", Samples.ben, group: Samples.werkstatt, late: false, number: 2),
          Samples.message("2", Samples.ben, group: Samples.werkstatt, late: false, number: 1),
          more: false)))
    script.writesUntilClosed = 1
    let run = try script.run()
    #expect(run.exit == 0)
    #expect(run.output == "14:18 [Werkstatt] Ben: 1\n")
    #expect(run.errors == "")
  }

  @Test func `a message for a program is one object on one line`() throws {
    let run = try CommandRun(["--json", "read"]).answering(
      .result(
        Samples.page(
          Samples.message("a\nb", Samples.ben, group: Samples.direct, late: false, number: 1),
          more: false))
    ).run()
    let line = """
      {"cursor":"0101010101010101","device":{"id":"\(Samples.pcBen.id)","name":"pc-ben"},\
      "entry":"\(Samples.id(1, 32))","group":{"id":"\(Samples.direct.id)","kind":"direct",\
      "title":"@Ben"},"late":false,"member":{"id":"\(Samples.ben.id)","name":"Ben"},"own":false,\
      "state":{"devices":2,"of":3,"word":"on-devices"},"text":"a\\nb",\
      "time":{"ms":1795443540000,"utc":"2026-11-23T14:19:00.000Z"},"type":"message"}

      """
    #expect(run.output == line)
  }

  @Test func `a chat with somebody who is gone shows what there is, and ends`() throws {
    let page = ReadCall.Answer(
      messages: [Self.plain(1)], more: false, cursor: Samples.id(0xCC, 8), group: Samples.werkstatt,
      ended: "Ben left the office")
    let run = try CommandRun(["chat", "@Ben"]).typing("Hallo\n", terminal: false)
      .answering(.result(.read(page))).run()
    #expect(run.exit == 5)
    #expect(run.output == "14:19 Ben: 1\n")
    #expect(
      run.errors == """
        zuruf: error: Ben left the office, so nothing can be written there
        zuruf: hint: what you have stays readable: zuruf read @Ben

        """)
    #expect(run.requests.count == 1)
  }

  @Test func `a chat shows what comes and sends what is typed`() throws {
    let subscribed = ControlResult.subscribe(
      SubscribeCall.Answer(cursor: Samples.id(0xCC, 8), group: Samples.werkstatt))
    let own = MessageInfo(
      entry: Samples.sent.entry, group: Samples.werkstatt, member: Samples.anna,
      device: Samples.pcAnna, time: Samples.ago(0), text: "Hallo", absence: nil,
      state: Samples.here, late: false, own: true, cursor: Samples.id(0xCD, 8))
    let refusal = ControlError(.textTooLong, "the text is too long", hint: "split it")
    let run = try CommandRun(["chat", "Werk", "-n1"])
      .typing("Hallo\n\nzu lang\n/quit\nnie", terminal: true)
      .answering(
        .result(
          Samples.page(
            Samples.message("da?", Samples.ben, group: Samples.werkstatt, late: false, number: 5),
            more: true)),
        .result(subscribed).then(
          .message(
            Samples.message("neu", Samples.ben, group: Samples.werkstatt, late: false, number: 1)),
          closing: false),
        .result(.send(Samples.sent)).then(.message(own), closing: false),
        .error(refusal)
      ).run()
    #expect(run.exit == 0)
    // The own message already stands there, as it was typed.
    #expect(run.output == "14:15 Ben: da?\n14:19 Ben: neu\n")
    #expect(
      run.errors == """
        -- writing to Werk; /quit or Ctrl-D ends
           (on its way to 1 device in reach)
        zuruf: error: the text is too long
        zuruf: hint: split it

        """)
    #expect(
      run.requests.suffix(2) == [
        // Each line has an id of its own, the blank one too.
        .send(SendCall(to: "Werk", text: "Hallo", id: Samples.id(1, 16), wait: true)),
        .send(SendCall(to: "Werk", text: "zu lang", id: Samples.id(3, 16), wait: true)),
      ])
  }

  @Test func `a chat ends with its input, and sends a last line without its line feed`() throws {
    let subscribed = ControlResult.subscribe(
      SubscribeCall.Answer(cursor: Samples.id(0xCC, 8), group: Samples.werkstatt))
    let run = try CommandRun(["chat", "Werk", "-n0"]).typing("eins\nzwei", terminal: false)
      .answering(
        .result(Samples.page(more: false)), .result(subscribed), .result(.send(Samples.sent)),
        .result(.send(Samples.sent))
      ).run()
    #expect(run.exit == 0)
    #expect(run.errors == "")
    #expect(
      run.requests.suffix(2) == [
        .send(SendCall(to: "Werk", text: "eins", id: Samples.id(1, 16), wait: true)),
        .send(SendCall(to: "Werk", text: "zwei", id: Samples.id(2, 16), wait: true)),
      ])
  }

  @Test func `on a terminal the line being typed stays below what comes in`() throws {
    let subscribed = ControlResult.subscribe(
      SubscribeCall.Answer(cursor: Samples.id(0xCC, 8), group: Samples.werkstatt))
    let own = MessageInfo(
      entry: Samples.sent.entry, group: Samples.werkstatt, member: Samples.anna,
      device: Samples.pcAnna, time: Samples.ago(0), text: "Ja", absence: nil,
      state: Samples.here, late: false, own: true, cursor: Samples.id(0xCD, 8))
    var script = CommandRun(["chat", "Werk", "-n0"]).typing("Jo\u{7F}a\rno", terminal: true)
      .answering(
        .result(Samples.page(more: false)),
        .result(subscribed).then(
          .message(
            Samples.message("neu", Samples.ben, group: Samples.werkstatt, late: false, number: 1)),
          closing: false),
        .result(.send(Samples.sent)).then(.message(own), closing: false))
    script.givesKeys = true
    let run = try script.run()
    #expect(run.exit == 0)
    let erase = "\r\u{1B}[K"
    #expect(
      run.output == erase + "> " + erase + "14:19 Ben: neu\n" + erase + "> " + erase + "> no"
        + erase + "14:20 Anna Weber: Ja  (on its way to 1\n  device in reach)\n" + erase
        + "> no" + erase)
    #expect(
      run.requests.last
        == .send(SendCall(to: "Werk", text: "Ja", id: Samples.id(1, 16), wait: true)))
  }

  @Test func `a chat waits for a node that is stopped, and the line being typed stays`() throws {
    let subscribed = ControlResult.subscribe(
      SubscribeCall.Answer(cursor: Samples.id(0xCC, 8), group: Samples.werkstatt))
    var script = CommandRun(["chat", "Werk", "-n0"]).typing("Ja\rno", terminal: true)
      .answering(
        .result(Samples.page(more: false)), .result(subscribed),
        .result(.send(Samples.sent)).then(closing: true))
    script.givesKeys = true
    script.replies += [
      .result(
        Samples.page(
          Samples.message("neu", Samples.ben, group: Samples.werkstatt, late: false, number: 1),
          more: false)), .result(.groupSeen(GroupSeenCall.Answer(unread: 0))), .result(subscribed),
    ]
    script.pauses = 1
    let run = try script.run()
    #expect(run.exit == 0)
    let erase = "\r\u{1B}[K"
    #expect(
      run.output.hasSuffix(
        "> no" + erase + erase + "> no" + erase + "14:19 Ben: neu\n" + erase + "> no" + erase))
    #expect(run.errors.hasSuffix("-- the node was stopped; waiting for it\n"))
  }

  @Test(arguments: [
    (
      DeliveryInfo(word: .onDevices, devices: 2, of: 2, everyone: true), 1, "everyone has it"
    ),
    // Somebody is in the group who cannot read it, or has come since.
    (DeliveryInfo(word: .onDevices, devices: 2, of: 2), 1, "on all 2 devices"),
    (
      DeliveryInfo(word: .onDevices, devices: 2, of: 3, missing: [Samples.ben]), 1,
      "on 2 of 3 devices; not yet at Ben"
    ),
    (
      DeliveryInfo(
        word: .onDevices, devices: 2, of: 9, missing: [Samples.anna, Samples.ben], further: 5),
      1, "on 2 of 9 devices; not yet at Anna Weber, Ben and 5 more"
    ),
    (DeliveryInfo(word: .here, devices: 1, of: 3), 2, "on its way to 2 devices in reach"),
    (
      DeliveryInfo(word: .here, devices: 1, of: 3), 0,
      "kept here: nobody is in reach; it goes on by itself"
    ),
    (
      DeliveryInfo(word: .here, devices: 1, of: 1, everyone: true), 0,
      "kept here: nobody else is in it"
    ),
    (DeliveryInfo(word: .here, devices: 1, of: 1), 0, "kept here: nobody else can read it"),
  ])
  func `after a message was sent it is told how far it came`(
    state: DeliveryInfo, inReach: Int, words: String
  ) throws {
    let first = Samples.sent
    let answer = SendCall.Answer(
      entry: first.entry, group: first.group, time: first.time, durable: true, repeated: false,
      state: state, inReach: inReach)
    let run = try CommandRun(["send", "Werk", "x"]).answering(.result(.send(answer))).run()
    #expect(run.output == "14:20 to Werkstatt: \(words)\n")
    // A program asks for the answer as soon as it is durable.
    let json = try CommandRun(["--json", "send", "Werk", "x"]).answering(.result(.send(first)))
      .run()
    #expect(json.requests == [.send(SendCall(to: "Werk", text: "x", id: nil))])
  }

  @Test(arguments: [
    (
      DeliveryInfo(word: .onDevices, devices: 2, of: 3, missing: [Samples.ben]),
      "on 2 of 3 devices; not yet at Ben"
    ),
    (DeliveryInfo(word: .onRecipient, devices: 2, of: 3), "Ben has it"),
  ])
  func `of a message to one person it is said whether the person has it`(
    state: DeliveryInfo, words: String
  ) throws {
    let answer = SendCall.Answer(
      entry: Samples.sent.entry, group: Samples.direct, time: Samples.ago(0), durable: true,
      repeated: false, state: state, inReach: 1)
    let run = try CommandRun(["send", "@Ben", "x"]).answering(.result(.send(answer))).run()
    #expect(run.output == "14:20 to @Ben: \(words)\n")
  }

  @Test func `what is still on its way is told without alarm`() throws {
    let first = Samples.sent
    let answer = SendCall.Answer(
      entry: first.entry, group: first.group, time: first.time, durable: true, repeated: false,
      state: DeliveryInfo(word: .onDevices, devices: 2, of: 4, missing: [Samples.ben]), inReach: 3,
      onItsWay: 2)
    let run = try CommandRun(["send", "Werk", "x"]).answering(.result(.send(answer))).run()
    #expect(run.output == "14:20 to Werkstatt: on 2 of 4 devices, on its way to 2 more\n")
  }

  @Test func `commands typed into a chat are not sent, and neither is nothing`() throws {
    let subscribed = ControlResult.subscribe(
      SubscribeCall.Answer(cursor: Samples.id(0xCC, 8), group: Samples.werkstatt))
    let run = try CommandRun(["chat", "Werk", "-n0"])
      .typing("/help\n   \n//etc\n/quit\nx\n", terminal: true)
      .answering(
        .result(Samples.page(more: false)), .result(subscribed), .result(.send(Samples.sent))
      ).run()
    #expect(run.exit == 0)
    #expect(
      run.errors.contains(
        "-- \"/help\" was not sent; /reply TEXT answers, /react SIGN shows a sign, /quit ends, and a "
          + "line that begins with // is sent with one /\n"
      )
    )
    #expect(
      run.requests.last
        == .send(SendCall(to: "Werk", text: "/etc", id: Samples.id(3, 16), wait: true)))
    // Another program's lines are text, all of them.
    let sent = [ControlResult](repeating: .send(Samples.sent), count: 4).map { Reply.result($0) }
    var piped = CommandRun(["chat", "Werk", "-n0", "--json"])
      .typing("/help\n   \n//etc\n/quit\nx\n", terminal: false)
    piped.replies = [.result(Samples.page(more: false)), .result(subscribed)] + sent
    var script = piped
    script.arguments.removeLast()
    #expect(try script.run().errors == "-- 1 blank line was not sent\n")
    #expect(
      try piped.run().requests.suffix(4)
        == zip([1, 3, 4, 5], ["/help", "//etc", "/quit", "x"]).map { number, text in
          .send(SendCall(to: "Werk", text: text, id: Samples.id(number, 16), wait: nil))
        })
  }

  @Test func `whoever follows a conversation reads who came and went`() throws {
    func news(_ word: NewsWord, own: Bool) -> ControlEvent {
      .news(
        NewsInfo(
          word: word, group: word == .joined ? nil : Samples.werkstatt, by: Samples.ben,
          members: [Samples.anna], rank: nil, own: own,
          was: word == .groupRenamed ? "Halle" : nil))
    }
    let run = try CommandRun(["read", "-f", "-n1"]).answering(
      .result(Samples.page(more: false)),
      .result(
        .subscribe(SubscribeCall.Answer(cursor: Samples.id(0xCC, 8), group: nil))
      ).then(
        news(.added, own: false), news(.removed, own: true), news(.left, own: false),
        news(.joined, own: false), news(.groupRenamed, own: false),
        news(.groupRenamed, own: true), closing: true)
    ).run()
    #expect(
      run.errors.hasPrefix(
        """
        -- 14:20 Ben added Anna Weber to Werkstatt
        -- 14:20 Ben removed you from Werkstatt
        -- 14:20 Ben left Werkstatt
        -- 14:20 Anna Weber is in the office now, let in by Ben
        -- 14:20 Ben renamed the group Halle to Werkstatt
        -- 14:20 you renamed the group Halle to Werkstatt

        """))
  }

  static let delivered = ControlResult.delivery(
    DeliveryCall.Answer(
      entry: Samples.id(0xE1, 32), group: Samples.werkstatt, state: Samples.here,
      devices: [
        DeviceDelivery(
          device: Samples.pcAnna, member: Samples.anna, keeper: false, holds: true, seen: nil),
        DeviceDelivery(
          device: Samples.pcBen, member: Samples.ben, keeper: true, holds: false,
          seen: Samples.ago(7200)),
      ]))

  @Test func `on how many devices a message is`() throws {
    let run = try CommandRun(["delivery", "e1e1"]).answering(.result(Self.delivered)).run()
    #expect(
      run.output == """
        in Werkstatt: on no other device yet
          pc-anna  Anna Weber          has it
          pc-ben   Ben         keeper  does not have it yet  seen 2 h ago

        """)
    #expect(run.requests == [.delivery(DeliveryCall(entry: "e1e1"))])
  }

  @Test func `without a number the last message sent is meant`() throws {
    let status = Samples.status(
      .ready, peers: [Samples.peerBen], recovery: .putAway, degraded: [])
    let run = try CommandRun(["delivery"])
      .answering(.result(.status(status)), .result(Self.delivered)).run()
    #expect(run.exit == 0)
    #expect(run.requests.last == .delivery(DeliveryCall(entry: Samples.id(0xE1, 32).text)))
    let none = Samples.status(.ready, peers: [], recovery: .putAway, degraded: [])
    let early = try CommandRun(["delivery"]).answering(.result(.status(none))).run()
    #expect(early.exit == 4)
    #expect(
      early.errors == """
        zuruf: error: you have sent no message yet
        zuruf: hint: zuruf send TO TEXT writes one

        """)
  }

  @Test func `a text that looks like an option does not change how errors are told`() throws {
    let run = try CommandRun(["send", "Werk", "--", "--json"])
      .answering(.error(ControlError(.noSuchGroup, "no group here", hint: nil))).run()
    #expect(run.exit == 4)
    #expect(run.errors == "zuruf: error: no group here\n")
  }
}
