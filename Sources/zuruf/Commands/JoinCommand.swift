import Control
import Terminal

/// `zuruf join`: joins an office with a ticket.
enum JoinCommand {
  static let description = Command("join", "join an office with a ticket")
    .saying(
      "A ticket is one line that somebody of the office made with \"zuruf ticket new\". Whoever "
        + "sees it can use it, so a file or the question is better than the command line. "
        + "Names default to the ticket's, then to the account's and the computer's."
    )
    .taking(Operand("TICKET", .optional, "the line; asked for when it is missing"))
    .options(
      .file("file", nil, "FILE", "read the ticket from a file"),
      .text("name", nil, "NAME", "your name in the office"),
      .text("device", nil, "NAME", "what this device is called")
    )
    .example("zuruf join --file ticket.txt", "join without a screen")

  /// How the line of every ticket begins (N-1).
  private static let linePrefix = "zr1-ticket-"

  static func run(_ session: Session) throws(Failure) {
    let ticket = try ticket(session)
    let world = session.world
    var client = try session.connect()
    // What is no ticket is refused at once, and nobody is asked.
    if ticket.hasPrefix(Self.linePrefix) {
      session.note("asking the office to let this computer in …")
    }
    let answer = try client.ask(
      JoinCall(
        ticket: ticket, name: session.invocation.text("name"), account: world.personName,
        device: session.invocation.text("device") ?? world.computerName))
    let groups = answer.groups.map(\.shownTitle).joined(separator: ", ")
    try session.show(
      "joined", answer,
      """
      joined \(quoted(answer.office.name)) as \(quoted(answer.member.name)) \
      on \(quoted(answer.device.name)), let in by \(quoted(answer.through.name))

      """ + (groups.isEmpty ? "" : "groups: \(groups)\n"))
    if let name = session.invocation.text("name"), name != answer.member.name {
      session.note(
        "the ticket says who you are, so \(quoted(name)) was not used; to be called otherwise: "
          + "zuruf name \(quoted(name))")
    }
    session.note("earlier messages stay with those who were there; you read from here on")
  }

  private static func ticket(_ session: Session) throws(Failure) -> String {
    let given = session.invocation.text("TICKET")
    if given != nil, session.invocation.has("file") {
      throw .usage(UsageMistake("give the ticket or \"--file\", not both", hints: []))
    }
    if let given, given != "-" { return trimmed(given) }
    let line =
      given == nil
      ? try session.typedLine(file: "file", "ticket: ", "the ticket")
      : try session.world.input.line(limit: LineGuard.bytesMax).map {
        (bytes) throws(Failure) in trimmed(try session.text(bytes, "the ticket"))
      }
    guard let line else {
      throw .usage(
        UsageMistake(
          "there is no ticket", hints: ["write \"zuruf join TICKET\" or \"zuruf join --file F\""]))
    }
    return line
  }
}
