import Control
import Platform
import Terminal

/// `zuruf join`: joins an office, at an open door by six digits or with a ticket.
enum JoinCommand {
  static let description = Command("join", "join an office, at an open door or with a ticket")
    .saying(
      "Without a ticket it looks for doors that somebody of an office holds open with \"zuruf "
        + "admit\", knocks at the one you choose, and shows six digits: whoever holds the door open "
        + "sees the same ones, and says yes. If they differ, end this: somebody stands between."
    )
    .saying(
      "A ticket is one line that somebody of the office made with \"zuruf ticket new\". Whoever "
        + "sees it can use it, so a file or the question is better than the command line. "
        + "Names default to the ticket's, then to the account's and the computer's."
    )
    .taking(Operand("TICKET", .optional, "its line; a door is looked for when it is missing"))
    .options(
      .file("file", nil, "FILE", "read the ticket from a file"),
      .text("door", nil, "NAME", "knock at the door of this office or person, without a question"),
      .text("at", nil, "ADDRESS", "knock at the computer of this address or name"),
      .text("name", nil, "NAME", "your name in the office"),
      .text("device", nil, "NAME", "what this device is called"),
      .flag("anew", nil, "set aside what is here of an office that one is not in, and join as new"),
      .flag("yes", "y", "set it aside without a question")
    )
    .example("zuruf join", "look for open doors")
    .example("zuruf join --at 192.168.1.20", "where the network hides computers from each other")
    .example("zuruf join --file ticket.txt", "join without a screen")

  /// How the line of every ticket begins (N-1).
  private static let linePrefix = "zr1-ticket-"

  static func run(_ session: Session) throws(Failure) {
    let options = session.invocation
    let ways = ["TICKET", "file", "door", "at"].filter {
      options.has($0) || options.text($0) != nil
    }
    guard ways.count < 2 else {
      throw .usage(
        ways == ["TICKET", "file"]
          ? UsageMistake("give the ticket or \"--file\", not both", hints: [])
          : UsageMistake("give a ticket, \"--door\" or \"--at\", only one of them", hints: []))
    }
    var client = try session.connect()
    let left = options.has("anew") ? try whatIsLeft(&client) : nil
    // The way in is found first: who finds none keeps what is here.
    let way = try way(session, &client, isAnew: left != nil)
    if let left {
      if case .ticket(let ticket) = way { try checkTicket(ticket, session, &client) }
      try setAside(left, session, &client)
    }
    do throws(Failure) {
      switch way {
      case .ticket(let ticket): try join(with: ticket, session, &client)
      case .door(let door): try knock(door: door, address: nil, session, &client)
      case .address(let address): try knock(door: nil, address: address, session, &client)
      }
    } catch {
      // Whether a ticket still counts, only a computer of the office can say.
      if left != nil {
        session.note(
          "what was set aside lies there as it was; with another ticket, or at an open door: "
            + "zuruf join")
      }
      throw error
    }
  }

  /// How somebody comes in.
  private enum Way {
    case ticket(String)
    case door(DoorInfo)
    case address(String)
  }

  private static func way(
    _ session: Session, _ client: inout ControlClient, isAnew: Bool
  ) throws(Failure) -> Way {
    let options = session.invocation
    if let address = options.text("at") {
      // Whoever answers there says whose door it is, or the node why nobody does.
      if isAnew {
        for door in try client.ask(DoorsCall(address: address)).doors {
          session.note("at \(shown(door.address)): \(words(door))")
        }
      }
      return .address(address)
    }
    let hasTicket = options.text("TICKET") != nil || options.text("file") != nil
    if !hasTicket, options.has("door") || session.world.inputIsTerminal {
      if !isAnew { try checkIsFree(&client) }
      return try door(session, &client)
    }
    return .ticket(try ticket(session, &client))
  }

  // MARK: Once more

  /// What "--anew" has to set aside; nil where it is asked again, and that is done already.
  private static func whatIsLeft(
    _ client: inout ControlClient
  ) throws(Failure) -> OfficeStatusCall.Answer? {
    let status = try client.ask(OfficeStatusCall())
    switch status.standing {
    case .noOffice:
      let isCarried = try client.ask(StatusCall()).degraded.contains { $0.form == .carried }
      return isCarried ? status : nil
    case .joining:
      // Who still asks has nothing of an office; who was let in has its keys, and perhaps more.
      let isAsking = try client.ask(StatusCall()).degraded.contains {
        $0.word == .joining && $0.form == nil
      }
      return isAsking ? nil : status
    case .removed: return status
    case .ready:
      let degraded = try client.ask(StatusCall()).degraded
      // Nothing here proves it, and what this computer has may never prove it: its person knows by now. And
      // of two computers that are one, each may become a new one, where that is more than somebody's word.
      let copied = degraded.first { $0.word == .copied }
      let isCopied = copied.map { $0.form != .overruled && $0.form != .said } ?? false
      if isCopied || degraded.contains(where: { $0.word == .saidRemoved }) { return status }
      if let copied, copied.form == .said {
        throw .refused(.refused, copied.detail, hints: copied.hint.map { [$0] } ?? [])
      }
      throw .refused(
        .refused, "this computer is in its office; \"--anew\" is for one that is not, or no more",
        hints: [secondOffice(status)])
    }
  }

  /// How whoever belongs to an office gets into another one.
  private static func secondOffice(_ status: OfficeStatusCall.Answer) -> String {
    var leaving = "leave this one first: zuruf office leave"
    if status.rank == .owner {
      let own = status.member.map { shellWord(shown($0.name)) } ?? "NAME"
      leaving =
        OwnerLeaving.steps(own: own, owners: status.owners)
        + ", and leaves then: zuruf office leave"
    }
    return "for another one instead, \(leaving); to be in both takes a second node: zurufd "
      + "--home DIR --socket DIR/control"
  }

  /// Has the node judge a ticket while there is something to lose: it says what is wrong with it, or
  /// else that this computer was removed, or let in already, or writes nothing for it was copied.
  private static func checkTicket(
    _ ticket: String, _ session: Session, _ client: inout ControlClient
  ) throws(Failure) {
    do throws(Failure) {
      _ = try client.ask(call(with: ticket, session))
    } catch {
      guard case .control(.refused(let refusal)) = error,
        [.removed, .joining, .stopped].contains(refusal.name)
      else { throw error }
    }
  }

  /// Makes a computer free that was removed from its office: what it has lies in a folder then, and
  /// nothing is deleted (C-19).
  private static func setAside(
    _ office: OfficeStatusCall.Answer, _ session: Session, _ client: inout ControlClient
  ) throws(Failure) {
    if !session.invocation.has("yes") {
      let name = office.office.map { quoted($0.name) } ?? "its office"
      let answer = try session.ask(
        "set aside what this computer has of \(name), with its keys, in a folder of its own? zuruf "
          + "shows those messages no more, and what was not sent yet reaches nobody; nothing is deleted "
          + "[y/N] ")
      guard let answer else {
        throw .usage(
          UsageMistake(
            "nobody is there to ask", hints: ["write \"--yes\" to do it without a question"]))
      }
      guard isYes(answer) else { throw .refused(.refused, "nothing was done", hints: []) }
    }
    let folder = try client.ask(OfficeAsideCall()).folder
    session.note(
      "what was here lies in \(quoted(folder)) now, and nothing is lost; its messages can be read by: "
        + "zuruf-inspect --home \(shellWord(folder)) dump --bodies")
  }

  /// Refuses where this computer has an office, before anything is looked for.
  private static func checkIsFree(_ client: inout ControlClient) throws(Failure) {
    try checkIsFree(try client.ask(OfficeStatusCall()))
  }

  private static func checkIsFree(_ status: OfficeStatusCall.Answer) throws(Failure) {
    switch status.standing {
    case .noOffice, .joining: return
    case .removed:
      throw .refused(
        .notAllowed, "this computer was removed from its office, and keeps what it had",
        hints: [
          "zuruf join --anew sets that aside and joins as a new device; nothing is deleted"
        ])
    case .ready:
      let name = status.office.map { quoted($0.name) } ?? "an office"
      throw .refused(
        .refused, "this computer belongs to \(name) already",
        hints: [secondOffice(status)])
    }
  }

  // MARK: With a ticket

  private static func join(
    with ticket: String, _ session: Session, _ client: inout ControlClient
  ) throws(Failure) {
    // What is no ticket is refused at once, and nobody is asked.
    if ticket.hasPrefix(Self.linePrefix) { session.note("joining with this ticket …") }
    let answer = try client.ask(call(with: ticket, session))
    try show(answer, session)
    if let name = session.invocation.text("name"), name != answer.member.name {
      session.note(
        "the ticket says who you are, so \(quoted(name)) was not used; to be called otherwise: "
          + "zuruf name \(name.hasPrefix("-") ? "-- " : "")\(shellWord(escaped(name, .shown)))")
    }
    session.note("earlier messages stay with those who were there; you read from here on")
  }

  private static func call(with ticket: String, _ session: Session) -> JoinCall {
    JoinCall(
      ticket: ticket, name: session.invocation.text("name"), account: session.world.personName,
      device: session.invocation.text("device") ?? session.world.computerName)
  }

  private static func show(_ answer: JoinCall.Answer, _ session: Session) throws(Failure) {
    // Of some the key comes only in a moment, and with it the title.
    let untitled = answer.groups.count { $0.title == nil }
    let groups =
      (answer.groups.compactMap { $0.title.map { shown($0) } }
      + (untitled > 0 ? [counted(untitled, "more group", "more groups")] : []))
      .joined(separator: ", ")
    try session.show(
      "joined", answer,
      """
      joined \(quoted(answer.office.name)) as \(quoted(answer.member.name)) \
      on \(quoted(answer.device.name)), let in by \(quoted(answer.by?.name ?? answer.through.name))

      """ + (groups.isEmpty ? "" : "groups: \(groups)\n"))
  }

  private static func ticket(
    _ session: Session, _ client: inout ControlClient
  ) throws(Failure) -> String {
    let given = session.invocation.text("TICKET")
    if let given, given != "-" { return trimmed(given) }
    let line =
      given == nil
      ? try session.typedLine(file: "file", "ticket: ", "the ticket")
      : try session.world.input.line(limit: LineGuard.bytesMax).map {
        (bytes) throws(Failure) in trimmed(try session.text(bytes, "the ticket"))
      }
    guard let line else {
      // Who needs none is told so, and not how to bring one.
      do throws(Failure) {
        if !session.invocation.has("anew") { try checkIsFree(&client) }
      } catch {
        if case .refused = error { throw error }
      }
      throw .usage(
        UsageMistake(
          "there is no ticket",
          hints: [
            "write \"zuruf join --file F\" or \"zuruf join TICKET\"",
            "where somebody holds a door open: zuruf join --door NAME",
          ]))
    }
    return line
  }

  // MARK: At a door (C-17)

  private static func door(
    _ session: Session, _ client: inout ControlClient
  ) throws(Failure) -> Way {
    session.note("looking for open doors …")
    let answer = try client.ask(DoorsCall())
    if let wanted = session.invocation.text("door") {
      guard !answer.doors.isEmpty else { throw noDoor(answer.advice) }
      return .door(try chosen(wanted, answer.doors))
    }
    guard !answer.doors.isEmpty else {
      session.note("there is no open door: \(shown(answer.advice))")
      return .ticket(try ticket(session, &client))
    }
    var table = Table()
    for (index, door) in answer.doors.enumerated() {
      table.add([String(index + 1), quoted(door.office), holder(door), door.address])
    }
    session.world.complain(session.wrapped(table.text(indent: 2)))
    let question = answer.doors.count == 1 ? "knock there? [1] " : "at which one? "
    while true {
      let typed = try session.ask(question + "(or a ticket's line) ")
      let word = trimmed(typed ?? "")
      if word.lowercased().hasPrefix(Self.linePrefix) { return .ticket(word) }
      do throws(Failure) {
        return .door(
          word.isEmpty && answer.doors.count == 1
            ? answer.doors[0] : try chosen(word, answer.doors))
      } catch {
        // Who mistyped is asked once more; nobody is where the input has ended.
        guard typed != nil else { throw error }
        session.world.complain(
          session.wrapped(
            error.report(session.world).text(Voice(program: "zuruf"), session.spelling)))
      }
    }
  }

  private static func words(_ door: DoorInfo) -> String {
    "\(quoted(door.office)), \(holder(door))"
  }

  /// Who holds a door open, and for whom.
  private static func holder(_ door: DoorInfo) -> String {
    "held open by \(quoted(door.sponsor))"
      + (door.member.map { ", only for a computer of \(quoted($0))" } ?? "")
  }

  private static func noDoor(_ advice: String?) -> Failure {
    .refused(.notYet, "there is no open door", hints: advice.map { [shown($0)] } ?? [])
  }

  /// A door by its number in the list, or by the beginning of its office's or sponsor's name.
  private static func chosen(_ word: String, _ doors: [DoorInfo]) throws(Failure) -> DoorInfo {
    if let number = Int(word), doors.indices.contains(number - 1) { return doors[number - 1] }
    let folded = word.lowercased()
    let names = { (door: DoorInfo) in [door.office.lowercased(), door.sponsor.lowercased()] }
    let exact = doors.filter { names($0).contains(folded) }
    let found = exact.isEmpty ? doors.filter { names($0).contains { $0.hasPrefix(folded) } } : exact
    guard !word.isEmpty, found.count == 1 else {
      throw .refused(
        .noSuchName,
        found.isEmpty || word.isEmpty
          ? "no open door is called \(quoted(word))"
          : "\(quoted(word)) can mean \(found.count) doors",
        hints: doors.map { "there is \(words($0))" })
    }
    return found[0]
  }

  private static func knock(
    door: DoorInfo?, address: String?, _ session: Session, _ client: inout ControlClient
  ) throws(Failure) {
    let world = session.world
    let knocked = try client.ask(
      KnockCall(
        door: door?.id, address: address, name: session.invocation.text("name"),
        account: world.personName,
        device: session.invocation.text("device") ?? world.computerName, hold: true))
    if session.json { try session.printLine("knock", knocked) }
    let sponsor = quoted(knocked.sponsor)
    if let member = knocked.member {
      session.note(
        "this door is for a second computer of \(quoted(member)) alone: behind it this computer "
          + "reads and writes as \(shown(member)). If that is not you, end this with Ctrl-C.")
    }
    session.note(
      """
      knocking at \(quoted(knocked.office)), held open by \(sponsor)

          \(spaced(knocked.digits))

      \(sponsor) must see the same digits. If they differ, end this with Ctrl-C.
      waiting for a yes … (\(sponsor) is asked some more before it comes)
      """)
    let answer = try client.ask(KnockWaitCall())
    try show(answer, session)
    session.note("earlier messages stay with those who were there; you read from here on")
  }
}
