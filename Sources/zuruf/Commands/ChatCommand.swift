import Control
import Platform
import Terminal

/// `zuruf chat`: follows a conversation and writes into it, in one terminal.
enum ChatCommand {
  static let description = Command("chat", "follow a group and write to it in one terminal")
    .saying(
      "Shows the last messages and then what comes. Every line you type is sent. Ctrl-D ends "
        + "it. On a terminal \"/reply TEXT\" answers the newest message of somebody else, "
        + "\"/react SIGN\" shows a sign to it (without SIGN it takes yours back), \"/quit\" ends, and "
        + "another line that begins with / is held back. With --ids a message's number may stand "
        + "before TEXT or SIGN. What comes from a file or another program is sent as it is. A node "
        + "that is stopped is waited for, but no longer than a minute where no terminal is there."
    )
    .taking(Operand("TO", .one, "a group or @person"))
    .options(
      .number(
        "lines", "n", "N", 0...1000,
        "show so many messages first; otherwise \(ReadCommand.linesDefault)"),
      ReadCommand.idsOption)

  static func run(_ session: Session) throws(Failure) {
    let to = session.invocation.text("TO") ?? ""
    var client = try session.connect()
    let lines = session.invocation.number("lines") ?? ReadCommand.linesDefault
    // A page of one is read even where none is to be shown: it tells where events begin.
    var history = try ReadCommand.history(
      &client,
      ReadCall(
        group: to, limit: max(1, lines), sinceMs: nil, untilMs: nil, before: nil,
        news: session.json || lines == 0 ? nil : true),
      json: session.json)
    if lines > 0 {
      ReadCommand.tellClosed(history, of: to, session)
      try ReadCommand.show(&history, session, oneGroup: true)
      try ReadCommand.noteSeen(history, &client, session)
    }
    // Nobody types a message for somebody who gets none.
    if let ended = history.ended {
      throw .refused(
        .notAllowed, "\(shown(ended)), so nothing can be written there",
        hints: ["what you have stays readable: zuruf read \(shellWord(escaped(to, .shown)))"])
    }
    _ = try client.ask(
      SubscribeCall(group: to, after: history.cursor, seen: session.json ? nil : true))
    if session.world.inputIsTerminal {
      session.note("-- writing to \(shown(history.group?.title ?? to)); /quit or Ctrl-D ends")
    }
    // Where keys come one by one, the line being typed stays below what comes in.
    let terminal = session.json ? nil : session.world.holdTerminal()
    var conversation = Conversation(
      session: session, to: to, byKeys: terminal != nil,
      LastShown(newest: history.newest, days: history.days),
      Answerable(lines > 0 ? history.messages : []))
    try conversation.draw()
    while true {
      do throws(Failure) {
        // First what waits since there was no node.
        if try conversation.workOff(&client) { while try conversation.step(&client) {} }
        break
      } catch {
        // What is told does not stand behind what was being typed.
        try conversation.erase()
        guard session.waits(after: error) else { throw error }
      }
      do throws(Failure) {
        guard let again = try conversation.goOn() else { break }
        client = again
      } catch {
        conversation.tellUnsent()
        throw error
      }
    }
    // The terminal is given back when this value ends, which must not be sooner.
    try withExtendedLifetime(terminal) { () throws(Failure) in
      try conversation.erase()
      conversation.tellUnsent()
      conversation.tellBlanks()
      try conversation.checkAllSent()
    }
  }
}

/// One chat while it lasts.
private struct Conversation {
  let session: Session
  let to: String
  /// The line being typed; nil where whole lines come.
  private var editor: LineEditor?
  /// Own messages of a terminal that shows them as they are typed.
  private var typed: Set<HexIdentifier> = []
  /// How far own messages came in the moment after they were written.
  private var marks: [HexIdentifier: String] = [:]
  private var last: LastShown
  /// What can be answered here.
  private var answerable: Answerable
  /// What was typed and has no answer yet. The first may have been sent when the node went away: it is
  /// sent again with its id, and stands in the conversation once (C-7).
  private var lines: [Line] = []
  /// Lines of blanks that a program wrote.
  private var blanks = 0
  /// Lines of a program that were not sent, or of which nobody knows.
  private var lost = 0

  private struct Line {
    /// Nil: the person ends the conversation here.
    let text: String?
    let id: HexIdentifier?
    /// How often it was handed to a node.
    var tries = 0
  }

  /// A node that twice goes away over the same line may do so because of it.
  private static let triesMax = 2

  init(
    session: Session, to: String, byKeys: Bool, _ last: LastShown, _ answerable: Answerable
  ) {
    self.session = session
    self.to = to
    (self.last, self.answerable) = (last, answerable)
    editor = byKeys ? LineEditor(bytesMax: LineGuard.bytesMax / 8) : nil
  }

  /// Shows the line being typed.
  func draw() throws(Failure) {
    guard let editor else { return }
    try session.printAsIs(editor.drawn("> ", columns: session.world.columns()))
  }

  /// Takes the line being typed off the screen.
  func erase() throws(Failure) {
    if editor != nil { try session.printAsIs(LineEditor.erasing) }
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
    case .event(.message(let message)): try show(message)
    case .event(let event) where event.isTold:
      try erase()
      try ReadCommand.tell(event, session)
      try draw()
    case .event(.lagged(let cursor)):
      client = try session.connect()
      try subscribe(&client, after: cursor)
    case .event: break
    case .other:
      guard try takeInput(), try workOff(&client) else { return false }
      if editor != nil { try draw() }
    }
    return true
  }

  /// Waits for a node that was stopped and shows what came to it; nil where the person ends it.
  mutating func goOn() throws(Failure) -> ControlClient? {
    let session = session
    session.note("-- the node was stopped; waiting for it")
    try draw()
    while true {
      let number = editor == nil ? nil : session.world.inputNumber
      let again = try session.connectAgain(
        orReadable: number,
        secondsMax: session.world.inputIsTerminal ? nil : Session.awaySecondsMax
      ) { () throws(Failure) -> Bool in try holdBack() }
      guard var client = again else { return nil }
      do throws(Failure) {
        let (missed, cursor) = try ReadCommand.missed(&client, session, to, last)
        for message in missed { try show(message) }
        try ReadCommand.noteSeen(missed, &client, session)
        try subscribe(&client, after: cursor)
        return client
      } catch {
        guard session.waits(after: error) else { throw error }
      }
    }
  }

  private func subscribe(
    _ client: inout ControlClient, after cursor: HexIdentifier
  ) throws(Failure) {
    _ = try client.ask(SubscribeCall(group: to, after: cursor, seen: session.json ? nil : true))
  }

  /// Takes keys while there is no node; false where they end it.
  private mutating func holdBack() throws(Failure) -> Bool {
    try session.world.input.fill()
    let keys = session.world.input.takeAll()
    guard !keys.isEmpty else { return false }
    for action in editor?.take(keys) ?? [] {
      guard case .submitted(let text) = action, text != "/quit" else { return false }
      try erase()
      session.note("-- not sent, for no node is running: ", verbatim: shown(text))
    }
    try draw()
    return true
  }

  /// Lines of blanks are no messages; who pipes a text hears that they were left out.
  func tellBlanks() {
    guard blanks > 0 else { return }
    session.note("-- \(counted(blanks, "blank line was", "blank lines were")) not sent")
  }

  private mutating func show(_ message: MessageInfo) throws(Failure) {
    last.note(message)
    answerable.note(message)
    let mark = marks.removeValue(forKey: message.entry)
    if typed.remove(message.entry) != nil { return }
    try erase()
    if !session.json { try last.days.tell(message, session) }
    try ReadCommand.show(message, session, oneGroup: true, isFresh: true, mark: mark)
    try draw()
  }

  /// Reads what was typed; false at its end.
  private mutating func takeInput() throws(Failure) -> Bool {
    try session.world.input.fill()
    guard editor != nil else { return true }
    let keys = session.world.input.takeAll()
    for action in editor?.take(keys) ?? [] {
      if case .submitted(let text) = action {
        lines.append(line(text))
      } else {
        lines.append(line(nil))
      }
    }
    return !keys.isEmpty
  }

  private func line(_ text: String?) -> Line {
    Line(text: text, id: HexIdentifier(bytes: session.world.random(SendCall.idBytes)))
  }

  /// Sends what was typed, line by line; false where nothing more is to come. What the node did not
  /// answer stays.
  mutating func workOff(_ client: inout ControlClient) throws(Failure) -> Bool {
    while let line = try nextLine() {
      guard line.tries < Self.triesMax else {
        tellFate(of: line.text ?? "", isUnknown: true)
        lost += 1
        lines.removeFirst()
        continue
      }
      lines[0].tries += 1
      guard let text = line.text, try send(text, line.id, &client) else {
        lines = []
        return false
      }
      lines.removeFirst()
    }
    return editor != nil || !session.world.input.isFinished
  }

  /// The next line to be sent. What is no text, or longer than any, is passed over: it does not end a
  /// conversation.
  private mutating func nextLine() throws(Failure) -> Line? {
    while lines.isEmpty, editor == nil,
      let piece = session.world.input.bufferedLine(limit: SendCall.textBytesMax)
    {
      switch piece {
      case .tooLong: try complain(.control(.refused(SendCall.tooLong(nil))))
      case .line(let bytes):
        guard let text = String(validating: bytes, as: UTF8.self) else {
          try complain(
            .refused(
              .refused, "a line is not UTF-8, and was not sent",
              hints: ["it begins \(quoted(String(decoding: bytes.prefix(40), as: UTF8.self)))"]))
          continue
        }
        lines.append(line(text))
      }
    }
    return lines.first
  }

  /// Tells of what was typed and of which nobody can say, without a node, whether it was sent.
  mutating func tellUnsent() {
    for line in lines {
      guard let text = line.text else { continue }
      tellFate(of: text, isUnknown: line.tries > 0)
      lost += 1
    }
  }

  private func tellFate(of text: String, isUnknown: Bool) {
    let fate = isUnknown ? "whether this was sent is not known" : "not sent"
    session.note("-- \(fate): ", verbatim: shown(beginning(text)))
  }

  /// As much of a text as tells which one it was.
  private func beginning(_ text: String) -> String {
    text.count <= 200 ? text : text.prefix(200) + "…"
  }

  /// Ends a program's conversation with what it has to know: that not all of it was sent.
  func checkAllSent() throws(Failure) {
    guard lost > 0, !session.world.inputIsTerminal else { return }
    throw .refused(
      .refused, "\(counted(lost, "line was", "lines were")) not sent, as told above", hints: [])
  }

  /// Sends what was typed; false where it asks to end.
  private mutating func send(
    _ text: String, _ id: HexIdentifier?, _ client: inout ControlClient
  ) throws(Failure) -> Bool {
    // What a program writes is text, whatever it begins with.
    let isTyped = session.world.inputIsTerminal
    if text.allSatisfy(\.isWhitespace) {
      if !isTyped { blanks += 1 }
      return true
    }
    let meant = isTyped ? ChatLine(text, answerable) : ChatLine.text(text, reply: nil)
    let said: String
    let reply: HexIdentifier?
    switch meant {
    case .quit: return false
    case .text(let text, let answered):
      said = text
      reply = answered
    case .sign(let sign, let entry):
      try show(sign, to: entry, &client)
      return true
    case .mistake(let words):
      try erase()
      session.note("-- \(words)")
      return true
    }
    do throws(Failure) {
      let answer = try client.ask(
        SendCall(
          to: to, text: said, id: id, wait: session.json ? nil : true, reply: reply?.text))
      // It was written before the node went away, and stands among what was missed.
      guard !last.holds(answer.entry) else { return true }
      if editor == nil, session.world.inputIsTerminal { typed.insert(answer.entry) }
      guard !session.json else { return true }
      // What stands there as it was typed gets its mark below, the rest behind the line itself.
      if typed.contains(answer.entry) {
        session.note("   (\(answer.words))")
      } else {
        marks[answer.entry] = answer.words
      }
    } catch {
      try complain(error)
    }
    return true
  }

  /// Shows a sign, or takes back what was shown; the event that follows says so, and where nothing
  /// changes none does.
  private mutating func show(
    _ sign: String?, to entry: HexIdentifier, _ client: inout ControlClient
  ) throws(Failure) {
    do throws(Failure) {
      let answer = try client.ask(
        ReactCall(entry: entry.text, text: sign, remove: sign == nil ? true : nil))
      guard answer.unchanged ?? false else { return }
      try erase()
      session.note(
        sign == nil
          ? "-- nothing was taken back: you showed no sign to that message"
          : "-- you show that sign already")
    } catch {
      try complain(error)
    }
  }

  /// One message that was refused does not end a conversation.
  private mutating func complain(_ failure: Failure) throws(Failure) {
    try erase()
    switch failure {
    case .control(.refused), .refused: break
    default: throw failure
    }
    lost += 1
    CommandLineProgram.tell(failure, session.world, session.spelling, json: session.json)
  }
}

extension ControlEvent {
  /// Whether it tells what becomes of messages and of this node.
  fileprivate var isTold: Bool {
    switch self {
    case .delivery, .reaction, .news, .degraded, .recovered: true
    default: false
    }
  }
}
