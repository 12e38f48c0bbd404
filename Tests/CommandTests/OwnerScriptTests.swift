import Control
import Terminal
import Testing

@testable import zuruf

/// Who owns the office, who is its admin, and a second device of somebody.
struct OwnerScriptTests {
  private static func change(line: String?) -> OwnerChange {
    OwnerChange(
      owners: [Samples.ben], added: [Samples.ben], removed: [Samples.anna],
      signed: line == nil ? 2 : 1, needed: 2, line: line)
  }

  @Test(arguments: [false, true])
  func `the recovery key is typed or in a file, never a word of the command`(
    inFile: Bool
  ) throws {
    var script = CommandRun(
      ["office", "recovery", "use"] + (inFile ? ["--file", "key.txt", "--yes"] : [])
    ).typing(inFile ? "" : "zr1-recovery-x\ny\n", terminal: !inFile)
      .answering(
        .result(.recoveryUse(Self.change(line: nil))),
        .result(.recoveryUse(Self.change(line: nil))))
    script.files = ["key.txt": " zr1-recovery-x\r\n"]
    let run = try script.run()
    #expect(run.exit == 0)
    #expect(run.output == "done; owner: Ben; an owner no more: Anna Weber\n")
    #expect(
      run.errors.hasSuffix(
        """
        next: zuruf ticket new --for NAME     lets a new computer of the same person in
              zuruf device remove NAME        takes the lost computer out of the office
              zuruf member rank NAME owner    makes somebody an owner beside you

        """))
    #expect(
      run.requests == [
        .recoveryUse(RecoveryUseCall(line: "zr1-recovery-x", owners: nil, look: true)),
        .recoveryUse(RecoveryUseCall(line: "zr1-recovery-x", owners: nil)),
      ])
  }

  @Test func `a person who does not confirm the use of the recovery key changes nothing`() throws {
    let run = try CommandRun(["office", "recovery", "use", "Ben"])
      .typing("zr1-recovery-x\nn\n", terminal: true)
      .answering(
        .result(.deviceList(DeviceListCall.Answer(devices: []))),
        .result(.recoveryUse(Self.change(line: nil)))
      ).run()
    #expect(run.exit == 1)
    #expect(
      run.requests.last
        == .recoveryUse(
          RecoveryUseCall(line: "zr1-recovery-x", owners: ["Ben"], look: true)))
    #expect(
      run.errors.contains(
        "make \"Ben\" the only owner of the office; \"Anna Weber\" will be none any more? [y/N] "))
  }

  @Test func `who is to own the office is known before the key is asked for`() throws {
    let run = try CommandRun(["office", "recovery", "use", "foo"])
      .typing("zr1-recovery-x\n", terminal: true)
      .answering(.error(ControlError(.noSuchMember, "nobody here is called \"foo\"", hint: "x")))
      .run()
    #expect(run.exit == 4)
    #expect(!run.errors.contains("the recovery key"))
  }

  @Test func `an admin is made in one step`() throws {
    let member = MemberInfo(
      id: Samples.ben.id, name: "Ben", rank: .admin, own: false, removed: false, devices: 1,
      seen: nil)
    let run = try CommandRun(["member", "rank", "@ben", "admin"]).answering(
      .result(.memberRank(MemberRankCall.Answer(member: member, change: nil)))
    ).run()
    #expect(run.output == "Ben is an admin\n")
    #expect(run.requests == [.memberRank(MemberRankCall(member: "@ben", rank: .admin))])
  }

  @Test func `a change that another owner must agree to is a line, and how to hand it on`() throws {
    let run = try CommandRun(["member", "rank", "Anna", "member"]).answering(
      .result(
        .memberRank(
          MemberRankCall.Answer(
            member: Samples.member, change: Self.change(line: "zr1-owners-x"))))
    ).run()
    #expect(run.output == "zr1-owners-x\n")
    #expect(
      run.errors == """
        owner: Ben; an owner no more: Anna Weber: 1 of the 2 owners it takes have agreed
        nothing has changed yet; another owner types: zuruf office agree, then this line (no secret)
        it cannot be taken back, but ends when the owners change in another way; zuruf office shows it
        whoever has the recovery key can change the owners alone: zuruf office recovery use

        """)
  }

  @Test func `the other owner is written to where that is wanted, and the change shown later`()
    throws
  {
    let change = OwnerChange(
      owners: [Samples.anna], added: [], removed: [Samples.ben], signed: 1, needed: 2,
      line: "zr1-owners-x")
    let office = OfficeStatusCall.Answer(
      standing: .ready, office: Samples.office, member: Samples.anna, device: Samples.pcAnna,
      rank: .owner, recovery: .none, owners: 2, members: 2, devices: 2, groups: 1, pending: change)
    let run = try CommandRun(["member", "rank", "Ben", "member"]).typing("y\n", terminal: true)
      .answering(
        .result(
          .memberRank(MemberRankCall.Answer(member: Samples.member, change: change))),
        .result(.officeStatus(office)), .result(.send(Samples.sent))
      ).run()
    #expect(run.errors.contains("write it to Ben now? [y/N] written to Ben\n"))
    #expect(
      run.requests.last
        == .send(
          SendCall(
            to: "@id:\(Samples.ben.id.text)",
            text: "owner: Anna Weber; an owner no more: Ben. To agree, as an owner, type: "
              + "zuruf office agree zr1-owners-x", id: nil)))
    let shown = try CommandRun(["office"]).answering(.result(.officeStatus(office))).run()
    #expect(
      shown.output.hasSuffix(
        """

        waiting for another owner: owner: Anna Weber; an owner no more: Ben; 1 of the 2 owners it \
        takes have agreed
        it is no secret; another owner types: zuruf office agree zr1-owners-x
        it cannot be taken back, but ends when the owners change in another way

        """))
  }

  @Test(arguments: [("y\n", Int32(0)), ("n\n", 1)])
  func `an owner sees what changes before agreeing`(answer: String, exit: Int32) throws {
    let run = try CommandRun(["office", "agree", "zr1-owners-x"]).typing(answer, terminal: true)
      .answering(
        .result(.ownersAgree(Self.change(line: "zr1-owners-x"))),
        .result(.ownersAgree(Self.change(line: nil)))
      ).run()
    #expect(run.exit == exit)
    #expect(
      run.errors.hasPrefix("owner: Ben; an owner no more: Anna Weber; new: Ben\nagree? [y/N] "))
    // Only the recovery key rules out a list as if from before.
    #expect(run.errors.contains("recovery key: zuruf office recovery use NAME") == (exit == 0))
    #expect(run.requests.count == (exit == 0 ? 2 : 1))
    #expect(
      run.requests.first == .ownersAgree(OwnersAgreeCall(line: "zr1-owners-x", look: true)))
  }

  @Test func `a ticket for a second device names whose it is`() throws {
    let ticket = TicketInfo(
      id: Samples.id(0x71, 32), kind: .member, keeper: false, name: nil, member: Samples.ben,
      groups: [], issuer: Samples.anna, created: Samples.ago(0), expires: Samples.ago(-86_400),
      uses: 1, used: 0, state: .open)
    let run = try CommandRun(["ticket", "new", "--for", "@ben"]).answering(
      .result(.ticketNew(TicketNewCall.Answer(ticket: ticket, text: "zr1-ticket-x")))
    ).run()
    #expect(run.output == "zr1-ticket-x\n")
    #expect(run.errors.hasPrefix("for 1 more device of Ben, valid until 24 Nov 14:20; to end"))
    let list = try CommandRun(["ticket"]).answering(
      .result(.ticketList(TicketListCall.Answer(tickets: [ticket])))
    ).run()
    #expect(list.output.contains("for Ben"))
  }

  @Test func `the status says that one owner alone has a key not put away`() throws {
    let run = try CommandRun(["status"]).answering(
      .result(.status(Samples.status(.ready, peers: [], recovery: .notPutAway, degraded: [])))
    ).run()
    #expect(
      run.output.contains(
        "recovery key  not yet put away, and there is one owner only (zuruf office recovery)\n"))
  }
}
