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

  static func run(_ session: Session) throws(Failure) {
    let ticket = try ticket(session)
    let world = session.world
    var client = try session.connect()
    session.note("asking the office to let this computer in …")
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
    session.note("earlier messages stay with those who were there; you read from here on")
  }

  private static func ticket(_ session: Session) throws(Failure) -> String {
    let given = session.invocation.text("TICKET")
    if let path = session.invocation.text("file") {
      guard given == nil else {
        throw .usage(UsageMistake("give the ticket or \"--file\", not both", hints: []))
      }
      switch session.world.readFile(path) {
      case .success(let bytes): return trimmed(try session.text(bytes, "the ticket"))
      case .failure(let fault):
        throw .refused(.refused, fault.text, hints: [])
      }
    }
    if let given, given != "-" { return trimmed(given) }
    if given == nil, let answer = try session.ask("ticket: ") { return trimmed(answer) }
    guard let line = try session.world.input.line(limit: LineGuard.bytesMax) else {
      throw .usage(
        UsageMistake(
          "there is no ticket", hints: ["write \"zuruf join TICKET\" or \"zuruf join --file F\""]))
    }
    return trimmed(try session.text(line, "the ticket"))
  }

  /// Without the white space that mail programs and files put around a line.
  private static func trimmed(_ text: String) -> String {
    let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
    let bytes = Array(text.utf8)
    guard let first = bytes.firstIndex(where: { !isSpace($0) }),
      let last = bytes.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }
}
