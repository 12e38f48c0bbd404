import Control
import Testing

@testable import zuruf

/// What is new, the numbers of messages, and what happens beside them.
struct UnreadScriptTests {
  private static let cursor = Samples.id(0xCC, 8)

  private static func message(
    _ number: UInt8, _ member: MemberRef = Samples.ben, group: GroupRef = Samples.werkstatt
  ) -> MessageInfo {
    Samples.message("\(number)", member, group: group, late: false, number: number)
  }

  private static func page(
    _ messages: [MessageInfo], unread: [UnreadInfo]? = nil, news: [NewsInfo]? = nil
  ) -> Reply {
    .result(
      .read(
        ReadCall.Answer(
          messages: messages, more: false, cursor: cursor, group: nil, unread: unread, news: news)))
  }

  private static func news(
    _ word: NewsWord, by: MemberRef, _ members: [MemberRef], ago seconds: Int64
  ) -> NewsInfo {
    NewsInfo(
      word: word, group: nil, by: by, members: members, rank: nil, own: false,
      was: word == .renamed ? "Benno" : nil, time: Samples.ago(seconds))
  }

  @Test(arguments: [false, true])
  func `what is new is told by zuruf and by status`(isStatus: Bool) throws {
    let known = Samples.status(.ready, peers: [Samples.peerBen], recovery: .putAway, degraded: [])
    let status = StatusCall.Answer(
      version: known.version, api: 1, standing: .ready, office: known.office,
      member: known.member, device: known.device, rank: known.rank, recovery: .putAway, owners: 1,
      home: known.home, listening: [], started: known.started, peers: known.peers, waiting: [],
      latest: nil,
      unread: [
        UnreadInfo(group: Samples.werkstatt, messages: 3),
        UnreadInfo(group: Samples.direct, messages: 1),
      ], degraded: [])
    let run = try CommandRun(isStatus ? ["status"] : []).answering(.result(.status(status))).run()
    #expect(run.output.contains("4 new messages: 3 in Werkstatt, 1 from Ben\n"))
    #expect(run.requests == [.status(StatusCall(seen: true))])
    // A program sees nothing in a person's place.
    var json = CommandRun(["--json"])
    json.replies = [.result(.status(status))]
    #expect(try json.run().requests == [.status(StatusCall())])
  }

  @Test func `a line stands before what was not seen, which is seen then`() throws {
    let run = try CommandRun(["read"]).answering(
      Self.page(
        [
          Self.message(9), Self.message(8, group: Samples.direct), Self.message(7),
          Self.message(6, Samples.anna), Self.message(5),
        ],
        unread: [
          UnreadInfo(group: Samples.werkstatt, messages: 2),
          UnreadInfo(group: Samples.direct, messages: 1),
        ]),
      .result(.groupSeen(GroupSeenCall.Answer(unread: 0))),
      .result(.groupSeen(GroupSeenCall.Answer(unread: 0)))
    ).run()
    #expect(run.exit == 0)
    #expect(run.errors == "" && run.output.contains("-- new --\n"))
    #expect(
      run.requests.dropFirst() == [
        .groupSeen(
          GroupSeenCall(
            group: "@id:\(Samples.ben.id.text)", cursor: Samples.id(8, 8), from: Samples.id(8, 8))),
        .groupSeen(
          GroupSeenCall(
            group: "id:\(Samples.werkstatt.id.text)", cursor: Samples.id(5, 8),
            from: Samples.id(9, 8))),
      ])
  }

  @Test func `what is new and not shown is told, and is not seen`() throws {
    let run = try CommandRun(["read", "-n", "2"]).answering(
      Self.page(
        [Self.message(9), Self.message(8), Self.message(7)],
        unread: [
          UnreadInfo(group: Samples.werkstatt, messages: 30),
          UnreadInfo(group: Samples.direct, messages: 1),
          // Both wrote first while they were apart.
          UnreadInfo(
            group: GroupRef(id: Samples.id(0x7B, 32), title: Samples.direct.title, kind: .direct),
            messages: 2),
        ]),
      .result(.groupSeen(GroupSeenCall.Answer(unread: 30)))
    ).run()
    #expect(run.exit == 0)
    #expect(run.output.hasPrefix("-- new --\n") && run.output.split(separator: "\n").count == 3)
    #expect(
      run.errors == """
        -- 28 new messages in Werkstatt are not among these: zuruf read Werkstatt -n 30
        -- 3 new messages from Ben are not among these: zuruf read @Ben -n 20

        """)
    // Only what was shown is told to the node as seen.
    #expect(
      run.requests.dropFirst() == [
        .groupSeen(
          GroupSeenCall(
            group: "id:\(Samples.werkstatt.id.text)", cursor: Samples.id(7, 8),
            from: Samples.id(8, 8)))
      ])
  }

  @Test func `one that came late and stands further up is told of too`() throws {
    let run = try CommandRun(["read", "Werk", "-n1"]).answering(
      Self.page([Self.message(9)], unread: [UnreadInfo(group: Samples.werkstatt, messages: 1)]),
      .result(.groupSeen(GroupSeenCall.Answer(unread: 1)))
    ).run()
    #expect(
      run.errors.hasSuffix(
        "-- 1 new message in Werkstatt is not among these: zuruf read Werkstatt -n 100\n"))
  }

  @Test func `what somebody wrote is no command, whatever it says`() throws {
    let to = ReplyInfo(
      entry: Samples.id(1, 32), member: Samples.anna, text: "zuruf read sagt was")
    var script = CommandRun(["--socket", "SOCKET", "read", "-f", "-n1"]).answering(
      Self.page([]),
      .result(.subscribe(SubscribeCall.Answer(cursor: Self.cursor, group: nil))).then(
        .reaction(
          ReactionEvent(
            entry: Samples.id(1, 32), group: Samples.werkstatt,
            reactions: [
              ReactionInfo(text: "\u{1F44D}", members: [Samples.ben], further: nil, own: false)
            ], to: to)), closing: true))
    script.pauses = 0
    #expect(
      try script.run().errors.contains(
        "-- 14:20 \u{1F44D} Ben to Anna Weber: zuruf read sagt was\n"))
  }

  @Test func `what happened stands between the messages, and so does a new day`() throws {
    let old = MessageInfo(
      entry: Samples.id(1, 32), group: Samples.werkstatt, member: Samples.ben,
      device: Samples.pcBen, time: Samples.ago(86_400), text: "old", absence: nil,
      state: Samples.onTwo, late: false, own: false, cursor: Samples.id(1, 8))
    let run = try CommandRun(["read", "Werk"]).answering(
      Self.page(
        [old, Self.message(5)],
        news: [
          Self.news(.joined, by: Samples.anna, [Samples.ben], ago: 90_000),
          Self.news(.renamed, by: Samples.ben, [Samples.ben], ago: 60),
        ])
    ).run()
    // In one stream, so that they stand so behind a pipe too.
    #expect(
      run.output == """
        -- 22 Nov 13:20 Ben is in the office now, let in by Anna Weber
        22 Nov 14:20 Ben: old
        -- 23 Nov 2026
        14:15 Ben: 5
        -- 14:19 Benno is called Ben now

        """)
    #expect(run.errors == "")
  }

  @Test func `reactions, names and ranks are told as they come, and no rank as an alarm`() throws {
    let to = ReplyInfo(entry: Samples.id(1, 32), member: Samples.anna, text: "Kuchen ist da")
    func shown(_ reactions: [ReactionInfo]) -> ControlEvent {
      .reaction(
        ReactionEvent(
          entry: Samples.id(1, 32), group: Samples.werkstatt, reactions: reactions, to: to))
    }
    let rank = DegradedInfo(
      word: .rankChanged, detail: "you own the office now", hint: nil, since: nil)
    let run = try CommandRun(["read", "-f", "-n1"]).answering(
      Self.page([]),
      .result(.subscribe(SubscribeCall.Answer(cursor: Self.cursor, group: nil))).then(
        shown([ReactionInfo(text: "\u{1F44D}", members: [Samples.ben], further: nil, own: false)]),
        shown([]), .degraded(rank), .recovered(.rankChanged),
        .news(
          NewsInfo(
            word: .rank, group: nil, by: Samples.ben, members: [Samples.anna], rank: .owner,
            own: true)),
        .news(
          NewsInfo(
            word: .removed, group: nil, by: Samples.anna, members: [Samples.ben], rank: nil,
            own: false)), closing: true)
    ).run()
    #expect(
      run.errors.hasPrefix(
        """
        -- 14:20 \u{1F44D} Ben to Anna Weber: Kuchen ist da
        -- 14:20 taken back: the last sign to Anna Weber: Kuchen ist da
        -- 14:20 Ben made you an owner
        -- 14:20 Anna Weber removed Ben from the office
        -- the node was stopped

        """.dropLast()))
  }

  @Test func `each message's number is shown where it is asked for`() throws {
    let run = try CommandRun(["read", "Werk", "--ids"])
      .answering(Self.page([Self.message(7)])).run()
    #expect(run.output == "14:13 07070707 Ben: 7\n")
  }

  @Test func `in a chat the newest message of somebody else is answered, or one by its number`()
    throws
  {
    let subscribed = ControlResult.subscribe(
      SubscribeCall.Answer(cursor: Self.cursor, group: Samples.werkstatt))
    let reacted = ControlResult.react(
      ReactCall.Answer(entry: Samples.id(8, 32), reactions: []))
    let unchanged = ControlResult.react(
      ReactCall.Answer(entry: Samples.id(8, 32), reactions: [], unchanged: true))
    let run = try CommandRun(["chat", "Werk"])
      .typing(
        "/reply ja bitte\n/react \u{1F44D}\n/react\n/reply 0909 später\n/reply\n/quit\n",
        terminal: true
      ).answering(
        Self.page([Self.message(9), Self.message(8), Self.message(7, Samples.anna)]),
        .result(subscribed), .result(.send(Samples.sent)), .result(reacted),
        .result(unchanged), .result(.send(Samples.sent))
      ).run()
    #expect(run.exit == 0)
    let newest = Samples.id(8, 32).text
    #expect(
      run.requests.dropFirst(2) == [
        .send(
          SendCall(
            to: "Werk", text: "ja bitte", id: Samples.id(1, 16), wait: true, reply: newest)),
        .react(ReactCall(entry: newest, text: "\u{1F44D}")),
        .react(ReactCall(entry: newest, text: nil, remove: true)),
        .send(
          SendCall(
            to: "Werk", text: "später", id: Samples.id(4, 16), wait: true,
            reply: Samples.id(9, 32).text)),
      ])
    #expect(run.errors.contains("-- \"/reply\" was not sent: write the answer behind it\n"))
    // What changes nothing is followed by no event that would say so.
    #expect(
      run.errors.contains("-- nothing was taken back: you showed no sign to that message\n"))
    #expect(!run.errors.contains("-- you show that sign already"))
  }

  @Test func `where nothing was written there is nothing to answer`() {
    #expect(
      ChatLine("/reply ja", Answerable([]))
        == .mistake("\"/reply ja\" was not sent: there is nothing here yet to answer"))
    #expect(ChatLine("//reply", Answerable([])) == .text("/reply", reply: nil))
    #expect(ChatLine("/quit", Answerable([])) == .quit)
  }

  @Test func `of what one's other computer can read it is told that it has it`() throws {
    func closed(_ number: UInt8, _ elsewhere: [DeviceRef]?) -> MessageInfo {
      MessageInfo(
        entry: Samples.id(number, 32), group: Samples.werkstatt, member: Samples.ben,
        device: Samples.pcBen, time: Samples.ago(Int64(number) * 60), text: nil,
        absence: .beforeJoining, state: Samples.onTwo, late: false, own: false,
        cursor: Samples.id(number, 8), elsewhere: elsewhere)
    }
    let run = try CommandRun(["read", "Werk"]).answering(
      Self.page([
        closed(9, nil), closed(8, []), closed(7, [Samples.pcAnna]), closed(6, [Samples.pcAnna]),
        Self.message(5),
      ])
    ).run()
    #expect(
      run.errors
        == "-- 1 message cannot be read here: written before you came; "
        + "1 message cannot be read here: written before this computer joined, to computers of yours "
        + "that are removed; 2 messages cannot be read here: written before this computer joined; "
        + "your other computer has them: pc-anna\n")
  }
}
