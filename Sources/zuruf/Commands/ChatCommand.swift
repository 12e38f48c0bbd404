import Control
import Terminal

/// `zuruf chat`: follows a conversation and writes into it, in one terminal.
enum ChatCommand {
  static let description = Command("chat", "follow a group and write to it in one terminal")
    .saying(
      "Shows the last messages and then what comes. Every line you type is sent. Ctrl-D, or a "
        + "line \"/quit\", ends it."
    )
    .taking(Operand("TO", .one, "a group or @person"))
    .options(.number("lines", "n", "N", 0...1000, "show so many messages first"))

  static func run(_ session: Session) throws(Failure) {
    let to = session.invocation.text("TO") ?? ""
    var client = try session.connect()
    let lines = session.invocation.number("lines") ?? ReadCommand.linesDefault
    // A page of one is read even where none is to be shown: it tells where events begin.
    let history = try ReadCommand.history(
      &client,
      ReadCall(group: to, limit: max(1, lines), sinceMs: nil, untilMs: nil, before: nil))
    for message in history.messages.suffix(lines) {
      try ReadCommand.show(message, session, oneGroup: true)
    }
    _ = try client.ask(SubscribeCall(group: to, after: history.cursor))
    if session.world.inputIsTerminal {
      session.note("-- writing to \(shown(history.group?.title ?? to)); Ctrl-D ends")
    }
    var conversation = Conversation(session: session, to: to)
    while try conversation.step(&client) {}
  }
}

/// One chat while it lasts.
private struct Conversation {
  let session: Session
  let to: String
  /// Own messages of this terminal, which already stand there as they were typed.
  private var typed: Set<HexIdentifier> = []

  init(session: Session, to: String) {
    self.session = session
    self.to = to
  }

  /// Waits for one thing to happen; false at the end.
  mutating func step(_ client: inout ControlClient) throws(Failure) -> Bool {
    let wake: ControlClient.Wake
    do throws(ControlFault) {
      wake = try client.nextEvent(orReadable: session.world.inputNumber)
    } catch {
      throw .control(error)
    }
    switch wake {
    case .event(.message(let message)):
      if typed.remove(message.entry) == nil || !session.world.inputIsTerminal {
        try ReadCommand.show(message, session, oneGroup: true)
      }
    case .event(.delivery(let delivery)):
      if session.json { try session.printLine("delivery", delivery) }
    case .event(.lagged(let cursor)):
      client = try session.connect()
      _ = try client.ask(SubscribeCall(group: to, after: cursor))
    case .event: break
    case .other: return try takeInput(&client)
    }
    return true
  }

  private mutating func takeInput(_ client: inout ControlClient) throws(Failure) -> Bool {
    try session.world.input.fill()
    while let line = session.world.input.bufferedLine() {
      let text = try session.text(line, "the line")
      if text == "/quit" { return false }
      if text.isEmpty { continue }
      do throws(Failure) {
        let answer = try client.ask(SendCall(to: to, text: text, id: nil))
        typed.insert(answer.entry)
      } catch {
        // One message that was refused does not end a conversation.
        guard case .control(.refused) = error else { throw error }
        session.world.complain(error.report.text(Voice(program: "zuruf")))
      }
    }
    return !session.world.input.isFinished
  }
}
