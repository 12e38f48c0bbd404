import Control
import Platform
import Terminal

/// `zuruf office`: founds an office, tells about it, keeps its recovery key.
enum OfficeCommand {
  static let description = Command(
    "office", "found an office, tell about it, its owners and recovery key"
  )
  .verbs(
    [
      Command("show", "tell which office this is"),
      Command("new", "found an office on this computer")
        .taking(Operand("NAME", .one, "what the office is called"))
        .options(
          .text("name", nil, "NAME", "your name in it; otherwise the account's"),
          .text(
            "device", nil, "NAME", "what this device is called; otherwise the computer's name")
        )
        .example("zuruf office new \"Müller GmbH\"", "found it with the names of this computer"),
      Command("leave", "leave the office, with all your computers")
        .saying(
          "What is stored on them stays readable there. The way back is to be let in anew."
        )
        .options(.flag("yes", "y", "do it without a question")),
      Command("agree", "agree, as an owner, to a change of owners")
        .saying(
          "Where an office has two owners or more, more than half of them must agree to a change "
            + "of owners. \"zuruf member rank\" begins it and prints a line for the next owner; "
            + "the line is no secret."
        )
        .taking(Operand("LINE", .optional, "the line; asked for when it is missing"))
        .options(
          .file("file", nil, "FILE", "read the line from a file"),
          .flag("yes", "y", "agree without a question"), OwnerCommands.writeOption),
      Command("recovery", "show, confirm or use the recovery key")
        .saying(
          "The recovery key is one line. Whoever has it can name new owners when all owners "
            + "are gone, and nothing else. Print it or write it down, and keep it elsewhere. "
            + "The line is never given as a word of a command, where others could see it."
        )
        .verbs(
          [
            Command("show", "show the line"),
            Command("confirm", "read the line back; a match ends the reminders")
              .options(.file("file", nil, "FILE", "read the line from a file")),
            Command("use", "become the owner of the office with the recovery key")
              .saying(
                "For when the computers of all owners are lost. It works on any computer of the "
                  + "office. Whoever was an owner before and is not named is one no more."
              )
              .taking(
                Operand("MEMBER", .any, "who is to own the office instead of you alone")
              )
              .options(
                .file("file", nil, "FILE", "read the line from a file"),
                .flag("yes", "y", "do it without a question")),
          ], otherwise: "show"),
    ], otherwise: "show")

  static func run(_ session: Session) throws(Failure) {
    switch session.invocation.path.dropFirst().first {
    case "new": try new(session)
    case "leave": try leave(session)
    case "agree": try OwnerCommands.agree(session)
    case "recovery":
      switch session.invocation.path.last {
      case "confirm": try confirm(session)
      case "use": try OwnerCommands.recover(session)
      default: try recovery(session)
      }
    default: try show(session)
    }
  }

  private static func show(_ session: Session) throws(Failure) {
    var client = try session.connect()
    let answer = try client.ask(OfficeStatusCall())
    if session.json { return try session.printLine("office", answer) }
    guard let office = answer.office, let member = answer.member, let device = answer.device else {
      return try session.print(answer.standing.sentence + "\n")
    }
    var table = Table()
    table.add(["office", office.name])
    table.add(["you", member.name + (answer.rank.map { " (\($0.rawValue))" } ?? "")])
    table.add(["this device", device.name])
    table.add(["members", String(answer.members)])
    table.add(["devices", String(answer.devices)])
    table.add(["groups", String(answer.groups)])
    if let words = answer.recovery.words(owners: answer.owners) {
      table.add(["recovery key", session.spelling.spelled(words)])
    }
    if let door = answer.door { table.add(["door", "open until \(session.time(door))"]) }
    try session.print(table.text(indent: 0))
    if let pending = answer.pending, let line = pending.line {
      try session.print(
        "\nwaiting for another owner: \(OwnerCommands.words(pending)); "
          + "\(pending.signed) of the \(pending.needed) owners it takes have agreed\n"
          + "it is no secret; another owner types: zuruf office agree \(line)\n"
          + "it cannot be taken back, but ends when the owners change in another way\n")
    }
  }

  /// Takes the person who asks out of the office, after saying what that means.
  private static func leave(_ session: Session) throws(Failure) {
    try session.checkCanConfirm()
    var client = try session.connect()
    let status = try client.ask(OfficeStatusCall())
    guard let office = status.office, let member = status.member, status.standing == .ready else {
      let code: ExitCode = status.standing == .removed ? .notAllowed : .notYet
      throw .refused(code, status.standing.sentence, hints: [])
    }
    let me = "id:\(member.id.text)"
    let look = try client.ask(MemberRemoveCall(member: me, look: true))
    let devices = look.devices.prefix(5).map { shown($0.name) }.joined(separator: ", ")
    let more = look.devices.count > 5 ? " and \(look.devices.count - 5) more" : ""
    try session.confirm(
      "leave \(quoted(office.name)) with all your computers (\(devices)\(more))? you get nothing more "
        + "of it; what is here stays readable")
    let answer = try client.ask(MemberRemoveCall(member: me, look: nil))
    try session.show("member", answer.member, "you left \(quoted(office.name))\n")
  }

  private static func new(_ session: Session) throws(Failure) {
    var client = try session.connect()
    let answer = try client.ask(
      OfficeNewCall(
        office: session.invocation.text("NAME") ?? "",
        name: session.invocation.text("name") ?? session.world.personName,
        device: session.invocation.text("device") ?? session.world.computerName))
    try session.show(
      "office-new", answer,
      """
      founded \(quoted(answer.office.name)); you are \(quoted(answer.member.name)), \
      its owner, on \(quoted(answer.device.name))

      """)
    session.note(
      """
      next: zuruf admit              lets one more person or device in
            zuruf office recovery    shows the recovery key, to put away
      """)
  }

  private static func recovery(_ session: Session) throws(Failure) {
    var client = try session.connect()
    let answer = try client.ask(RecoveryShowCall())
    try session.show("recovery", answer, answer.line + "\n")
    session.note(
      answer.confirmed ?? false
        ? """
        it was read back, and lies in \(quoted(answer.file)) still
        next: rm \(shellWord(escaped(answer.file, .shown)))
        """
        : """
        it lies in \(quoted(answer.file)); print it or write it down, and keep it elsewhere
        next: zuruf office recovery confirm
        """)
  }

  private static func confirm(_ session: Session) throws(Failure) {
    let question = "the recovery key, as you put it away: "
    guard let line = try session.typedLine(file: "file", question, "the recovery key") else {
      throw .usage(
        UsageMistake(
          "there is no line to compare",
          hints: ["type it when asked, or write \"zuruf office recovery confirm --file F\""]))
    }
    var client = try session.connect()
    _ = try client.ask(RecoveryConfirmCall(line: line))
    let file = try client.ask(RecoveryShowCall()).file
    session.note(
      """
      it is the recovery key of this office; keep it where you put it
      it also lies on this computer still: whoever can take this computer away can take it too
      next: rm \(shellWord(escaped(file, .shown)))
      """)
  }
}

extension StandingWord {
  /// Where this computer stands, as a sentence.
  var sentence: String {
    switch self {
    case .noOffice: "this computer belongs to no office yet"
    case .joining: "this computer waits until somebody of the office lets it in"
    case .ready: "this computer belongs to an office"
    case .removed: "this computer is in its office no more"
    }
  }
}

extension RecoveryWord {
  /// What is said about the recovery key; nothing where it lies with somebody else.
  func words(owners: Int) -> String? {
    switch self {
    case .none: nil
    case .notPutAway:
      "not yet put away"
        + (owners == 1 ? ", and there is one owner only" : "") + " (zuruf office recovery)"
    case .putAway: "put away"
    }
  }
}
