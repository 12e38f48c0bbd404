import Control
import Platform
import Terminal

/// `zuruf send`: writes one message.
enum SendCommand {
  static let description = Command("send", "write a message to a group or to @person")
    .saying(
      "TO is a group's title or @ and a person's name; any beginning that only one has will do. "
        + "Without TEXT, or with \"-\", the text is read from standard input. The command ends "
        + "when the message is durable on this computer, and says how far it came by then; others "
        + "get it when they are in reach."
    )
    .taking(
      Operand("TO", .one, "a group or @person"),
      Operand("TEXT", .any, "what to say; several words are joined by spaces")
    )
    .options(
      .text("id", nil, "HEX", "16 bytes of your choice: repeating them never sends twice"),
      .text(
        "reply", nil, "MESSAGE",
        "answer this message: its number, or its first digits, as \"zuruf read --ids\" shows them")
    )
    .example("zuruf send Werkstatt Die Presse steht", "write to a group")
    .example("zuruf send @anna - < notes.txt", "send what a file says to one person")

  static func run(_ session: Session) throws(Failure) {
    let to = session.invocation.text("TO") ?? ""
    let id = try callersID(session)
    let text = try text(session)
    // A line that is too long for the node would be refused in words about lines.
    guard text.utf8.count <= SendCall.textBytesMax else {
      throw .control(.refused(SendCall.tooLong(text.utf8.count)))
    }
    var client = try session.connect()
    try checkQuoted(to, &client, session)
    let answer = try client.ask(
      SendCall(
        to: to, text: text, id: id, wait: session.json ? nil : true,
        reply: session.invocation.text("reply")))
    try session.show(
      "sent", answer,
      "\(session.time(answer.time)) to \(answer.group.shownTitle): \(answer.words)\n")
    if session.world.inputIsTerminal, !session.invocation.texts("TEXT").isEmpty {
      warnOfBeginning(to, text, answer.group, session)
    }
  }

  /// Refuses a name of several words that a person typed without quotes: its rest would be sent.
  private static func checkQuoted(
    _ to: String, _ client: inout ControlClient, _ session: Session
  ) throws(Failure) {
    guard session.world.inputIsTerminal, let next = session.invocation.texts("TEXT").first,
      !next.isEmpty, next != "-", !to.begins("id:")
    else { return }
    let isPerson = to.begins("@")
    let begun = (to.behindSign ?? to).lowercased()
    // What is looked up here only warns: a list that cannot be had keeps nobody from sending.
    let known =
      isPerson
      ? try? client.ask(MemberListCall(removed: nil)).members.map(\.name)
      : try? client.ask(GroupListCall()).groups.compactMap { $0.gone == nil ? $0.title : nil }
    guard let names = known else { return }
    let meant = names.filter { $0.lowercased().hasPrefix(begun) }
    guard meant.count == 1, let name = meant.first,
      "\(name.lowercased()) ".hasPrefix("\(begun) \(next.lowercased()) ")
    else { return }
    let whole = shellWord(escaped((isPerson ? "@" : "") + name, .shown))
    throw .usage(
      UsageMistake(
        "\(quoted(next)) belongs to the name \(quoted(name)), and would be sent as text",
        hints: ["with quotes it is one name: zuruf send \(whole) TEXT"]))
  }

  /// A sentence whose TO was forgotten goes where its first word is the beginning of a title: who
  /// typed only a beginning is shown what was sent.
  private static func warnOfBeginning(
    _ to: String, _ text: String, _ group: GroupRef, _ session: Session
  ) {
    guard let title = group.title, group.kind != .direct, !to.begins("id:"),
      to.lowercased() != title.lowercased()
    else { return }
    let (said, most) = (text.split(separator: "\n").first.map(String.init) ?? "", 40)
    let beginning = said.count > most ? said.prefix(most) + "…" : Substring(said)
    session.note(
      "-- ",
      verbatim: "\(quoted(to)) begins \(quoted(title)), so that was sent there: "
        + shown(beginning))
  }

  private static func callersID(_ session: Session) throws(Failure) -> HexIdentifier? {
    guard let text = session.invocation.text("id") else { return nil }
    guard let id = HexIdentifier(text: text), id.bytes.count == SendCall.idBytes else {
      throw .usage(
        UsageMistake(
          "option \"--id\" takes \(2 * SendCall.idBytes) digits 0-9 and a-f, not \(quoted(text))",
          hints: []))
    }
    return id
  }

  private static func text(_ session: Session) throws(Failure) -> String {
    let words = session.invocation.texts("TEXT")
    if !words.isEmpty, words != ["-"] { return words.joined(separator: " ") }
    if session.world.inputIsTerminal {
      session.note("type the text; Ctrl-D on a line of its own ends it")
    }
    guard var bytes = try session.world.input.all(limit: LineGuard.bytesMax) else {
      throw .control(.refused(SendCall.tooLong(nil)))
    }
    // The line feed that ends a file or a typed text is not part of what was said.
    if bytes.last == 0x0A { bytes.removeLast() }
    return try session.text(bytes, "the text")
  }
}
