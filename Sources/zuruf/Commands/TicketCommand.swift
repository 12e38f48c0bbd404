import Control
import Terminal

/// `zuruf ticket`: makes, lists and revokes tickets.
enum TicketCommand {
  private static let seconds: ClosedRange<Int64> = 60...366 * 86_400

  static let description = Command("ticket", "make, list and revoke tickets")
    .verbs(
      [
        Command("new", "make a ticket and print its line")
          .saying(
            "Whoever has the line can join once, or as often as --uses says, until it expires. "
              + "Hand it over where nobody else sees it."
          )
          .options(
            .flag("box", nil, "for a box: a device without a screen, for a place or a machine"),
            .flag(
              "keeper", nil,
              "the device keeps every group's messages for the others, and reads only its own groups"
            ),
            .flag("no-keeper", nil, "the box keeps only its own groups"),
            .text("name", nil, "NAME", "what the newcomer is called"),
            .text("for", nil, "MEMBER", "for one more device of somebody who is here, or of you"),
            .flag("again", nil, "with --for: let in again somebody who was removed"),
            .text("group", "g", "GROUP", "add the newcomer to this group").repeated,
            .number("uses", nil, "N", 1...1_000, "how many may join with it; otherwise one"),
            .text(
              "valid", nil, "TIME", "how long it is valid, such as 30m, 12h or 3d; otherwise 7d")
          )
          .example(
            "(umask 077; zuruf ticket new -g Werkstatt > ticket.txt)",
            "for a colleague, into a file that nobody else reads"
          )
          .example("zuruf ticket new --for @anna", "for a second computer of Anna")
          .example("zuruf ticket new --box --name Lager", "for a box that keeps all messages"),
        Command("list", "list open tickets, and others of the last day")
          .options(.flag("all", "a", "older ones too, and those that a yes at a door made")),
        Command("revoke", "end a ticket; nobody whom it let in is removed")
          .taking(Operand("TICKET", .one, "the beginning of its number or name, or its line")),
      ], otherwise: "list")

  static func run(_ session: Session) throws(Failure) {
    switch session.invocation.path.last {
    case "new": try new(session)
    case "revoke": try revoke(session)
    default: try list(session)
    }
  }

  private static func new(_ session: Session) throws(Failure) {
    let options = session.invocation
    guard !(options.has("keeper") && options.has("no-keeper")) else {
      throw .usage(UsageMistake("give \"--keeper\" or \"--no-keeper\", not both", hints: []))
    }
    if options.has("for"), options.has("box") || options.has("name") {
      let other = options.has("box") ? "--box" : "--name"
      throw .usage(
        UsageMistake(
          "give \"--for\" or \"\(other)\", not both",
          hints: ["the device belongs to somebody who is here and keeps the name"]))
    }
    if options.has("again"), !options.has("for") {
      throw .usage(
        UsageMistake(
          "\"--again\" is of somebody who was removed, and says not whom",
          hints: ["write \"--for NAME\" too"]))
    }
    let keeper: Bool? = options.has("keeper") ? true : options.has("no-keeper") ? false : nil
    let call = TicketNewCall(
      kind: options.has("box") ? .box : .member, keeper: keeper, name: options.text("name"),
      member: options.text("for"), groups: options.texts("group"), uses: options.number("uses"),
      validSeconds: try validSeconds(session), again: options.has("again") ? true : nil)
    var client = try session.connect()
    let answer = try client.ask(call)
    try session.show("ticket-new", answer, answer.text + "\n")
    let ticket = answer.ticket
    let whom =
      ticket.member.map {
        "\(counted(ticket.uses, "more device", "more devices")) of \(shown($0.name))"
      } ?? counted(ticket.uses, ticket.kind.rawValue, many(ticket.kind))
    session.note(
      """
      for \(whom)\
      \(ticket.keeper ? ", to keep all groups' messages" : ""), valid until \
      \(session.time(ticket.expires)); to end it: zuruf ticket revoke \(Self.number(ticket))
      on the other computer: \(session.world.outputIsTerminal
        ? "zuruf join, then paste the line" : "zuruf join --file FILE, with this file")
      """)
    if ticket.kind == .box {
      session.note(
        "where only zurufd is installed there: lay it at /etc/zuruf/ticket, then: sudo systemctl "
          + "enable --now zurufd")
    }
    if ticket.member != nil, ticket.kind == .member {
      session.note("it will read what is written from then on; what was before stays where it is")
    }
  }

  /// What `revoke` takes.
  private static func number(_ ticket: TicketInfo) -> String { String(ticket.id.text.prefix(8)) }

  /// A ticket that somebody let in at a door used, good for minutes: nobody ever held it.
  private static func isOfDoor(_ ticket: TicketInfo) -> Bool {
    ticket.state == .usedUp && ticket.uses == 1
      && doorMilliseconds.contains(ticket.expires.ms - ticket.created.ms)
  }

  /// Around `doorTicketSeconds` (10-limits), for two clocks say when it began and ends.
  private static let doorMilliseconds: ClosedRange<Int64> = 540_000...660_000

  private static func words(_ state: TicketStateWord) -> String {
    switch state {
    case .open, .expired, .revoked: state.rawValue
    case .onHold: "on hold: its maker may let nobody in at present"
    case .usedUp: "used up"
    case .overUsed: "used too often"
    }
  }

  private static func many(_ kind: TicketKindWord) -> String {
    kind == .box ? "boxes" : "members"
  }

  private static func validSeconds(_ session: Session) throws(Failure) -> Int? {
    guard let text = session.invocation.text("valid") else { return nil }
    guard let wall = session.world.wall(session.world.now()),
      case .ago(let seconds)? = TimeInput(text, now: wall), Self.seconds.contains(seconds)
    else {
      throw .usage(
        UsageMistake(
          "option \"--valid\" takes a duration from a minute to a year, not \(quoted(text))",
          hints: ["write 30m, 12h or 3d"]))
    }
    return Int(seconds)
  }

  private static func list(_ session: Session) throws(Failure) {
    var client = try session.connect()
    var tickets: [TicketInfo] = []
    var before: HexIdentifier?
    repeat {
      let page = try client.ask(TicketListCall(before: before))
      tickets = page.tickets + tickets
      before = page.more ?? false ? page.tickets.first?.id : nil
    } while before != nil
    let isAll = session.json || session.invocation.has("all")
    let shown = isAll ? tickets : tickets.filter { isShown($0, session) }
    if shown.isEmpty, !tickets.isEmpty {
      session.note("no open tickets; make one: zuruf ticket new")
    } else {
      try show(shown, session)
    }
    // Of those of a door nobody knows that there was a ticket.
    let rest = tickets.count { !isOfDoor($0) } - shown.count { !isOfDoor($0) }
    if rest > 0 { session.note("-- \(rest) more that ended: zuruf ticket list --all") }
  }

  /// Of those that have ended only such as were made or good within a day.
  private static func isShown(_ ticket: TicketInfo, _ session: Session) -> Bool {
    let dayAgo = session.world.now() - 86_400_000
    switch ticket.state {
    case .open, .onHold: return true
    case .expired: return ticket.expires.ms > dayAgo
    case .usedUp, .overUsed, .revoked: return ticket.created.ms > dayAgo && !isOfDoor(ticket)
    }
  }

  private static func revoke(_ session: Session) throws(Failure) {
    var client = try session.connect()
    let call = TicketRevokeCall(ticket: session.invocation.text("TICKET") ?? "")
    let answer = try client.ask(call)
    try show([answer.ticket], session)
    if let was = answer.was.flatMap({ overWords($0) }) { session.note("-- \(was)") }
  }

  /// Why nobody could join with a ticket that is revoked now, and that this was worth it all the same.
  private static func overWords(_ state: TicketStateWord) -> String? {
    switch state {
    case .expired:
      "it had expired anyway; now it is over on every computer, whatever its clock says"
    case .usedUp, .overUsed: "it was used up anyway; now it stays over"
    case .onHold:
      "its maker may let nobody in at present, so it was on hold anyway; now it stays over"
    case .open, .revoked: nil
    }
  }

  private static func show(_ tickets: [TicketInfo], _ session: Session) throws(Failure) {
    if session.json {
      for ticket in tickets { try session.printLine("ticket", ticket) }
      return
    }
    guard !tickets.isEmpty else { return session.note("no tickets; make one: zuruf ticket new") }
    var table = Table()
    for ticket in tickets {
      table.add([
        number(ticket), ticket.kind.rawValue + (ticket.keeper ? ", keeper" : ""),
        isOfDoor(ticket) ? "used at the door" : words(ticket.state),
        "\(ticket.used) of \(ticket.uses) used",
        "until \(session.time(ticket.expires))", "by \(ticket.issuer.name)",
        ticket.member.map { "for \($0.name)" } ?? ticket.name.map { "named \($0)" } ?? "",
        ticket.groups.isEmpty
          ? "" : "into " + ticket.groups.map(\.shownTitle).joined(separator: ", "),
      ])
    }
    try session.print(table.text(indent: 0))
  }
}
