import Control
import Terminal

/// `zuruf read`: shows messages.
enum ReadCommand {
  /// How many are shown when nothing else is said.
  static let linesDefault = 20
  /// More than anybody reads; all of a group can be had with `-S`.
  private static let linesMax = 1_000_000

  static let description = Command("read", "show messages")
    .saying(
      "Shows the newest \(linesDefault) messages of all groups, or of one. TIME is one of "
        + TimeInput.examples + "."
    )
    .taking(Operand("GROUP", .optional, "only this group, or @person"))
    .options(
      .number("lines", "n", "N", 1...linesMax, "show at most so many"),
      .text("since", "S", "TIME", "only messages written since then"),
      .text("until", "U", "TIME", "only messages written before then"),
      .flag("follow", "f", "go on, and show new ones as they come")
    )
    .example("zuruf read Werkstatt -n 5", "the last five of a group")
    .example("zuruf read -S yesterday -U today", "all of yesterday")

  static func run(_ session: Session) throws(Failure) {
    let group = session.invocation.text("GROUP")
    let since = try milliseconds(session, "since")
    let until = try milliseconds(session, "until")
    let isRange = since != nil || until != nil
    let lines = session.invocation.number("lines") ?? (isRange ? linesMax : linesDefault)
    var client = try session.connect()
    let history = try history(
      &client, ReadCall(group: group, limit: lines, sinceMs: since, untilMs: until, before: nil),
      json: session.json)
    tellClosed(history, session)
    try show(history.messages, session, oneGroup: group != nil)
    guard session.invocation.has("follow") else {
      if history.messages.isEmpty, history.closed.isEmpty { session.note("no messages") }
      return
    }
    try follow(&client, session, group: group, from: history.cursor)
  }

  /// What is shown of the past, and what stands among it that cannot be read here.
  struct History {
    /// The oldest first.
    var messages: [MessageInfo]
    var closed: [AbsenceWord: Int]
    /// Whether there is more of what cannot be read than was counted.
    var hasMoreClosed = false
    let cursor: HexIdentifier
    let group: GroupRef?
  }

  /// The messages of as many pages as it takes. A person counts those that can be read, a program
  /// all of them.
  static func history(
    _ client: inout ControlClient, _ wanted: ReadCall, json: Bool
  ) throws(Failure) -> History {
    let limit = wanted.limit ?? ReadCall.limitDefault
    var pages: [[MessageInfo]] = []
    var (missing, size) = (limit, limit)
    var before: HexIdentifier?
    var newest: ReadCall.Answer?
    var hasMoreClosed = false
    while missing > 0 {
      let answer = try client.ask(
        ReadCall(
          group: wanted.group, limit: min(size, ReadCall.limitMax), sinceMs: wanted.sinceMs,
          untilMs: wanted.untilMs, before: before))
      newest = newest ?? answer
      pages.append(answer.messages)
      let counting = answer.messages.count { json || !$0.isClosed }
      missing -= counting
      // Behind what cannot be read there may be much more of it.
      size = counting == answer.messages.count ? missing : ReadCall.limitMax
      before = answer.messages.first?.cursor
      guard answer.more, before != nil else { break }
      // What is older than a whole page of what was written before this computer came in was too; what
      // stands before a time of absence as long as that is read with -U.
      if !json, pages.count > 1, !answer.messages.isEmpty,
        answer.messages.allSatisfy({ $0.absence == .beforeJoining })
      {
        hasMoreClosed = true
        break
      }
    }
    guard let newest else { throw .control(.misunderstood) }
    let all = pages.reversed().flatMap { $0 }
    var history = History(
      messages: all, closed: [:], cursor: newest.cursor, group: newest.group)
    history.hasMoreClosed = hasMoreClosed
    if !json { fold(&history, to: limit) }
    return history
  }

  /// Leaves the newest that can be read, and counts what stands among them and cannot.
  private static func fold(_ history: inout History, to limit: Int) {
    var kept: [MessageInfo] = []
    for message in history.messages.reversed() {
      guard kept.count < limit else { break }
      if message.isClosed, let absence = message.absence {
        history.closed[absence, default: 0] += 1
      } else {
        kept.append(message)
      }
    }
    history.messages = kept.reversed()
  }

  /// Shows what comes until the node ends or nobody reads any more.
  private static func follow(
    _ client: inout ControlClient, _ session: Session, group: String?, from: HexIdentifier
  ) throws(Failure) {
    _ = try client.ask(SubscribeCall(group: group, after: from))
    while true {
      let event: ControlEvent
      do throws(ControlFault) {
        event = try client.nextEvent()
      } catch {
        throw .control(error)
      }
      switch event {
      case .message(let message):
        try show(message, session, oneGroup: group != nil, isFresh: true)
      case .delivery, .news, .degraded, .recovered: try tell(event, session)
      case .lagged(let cursor):
        // Nothing is lost: the next connection goes on behind the last one shown.
        client = try session.connect()
        _ = try client.ask(SubscribeCall(group: group, after: cursor))
      default: break
      }
    }
  }

  /// Tells in one line of the messages that cannot be read here, and why.
  static func tellClosed(_ history: History, _ session: Session) {
    let reasons = history.closed.sorted { $0.key.rawValue < $1.key.rawValue }
      .compactMap { absence, count in
        let more = history.hasMoreClosed && absence == .beforeJoining ? "more than " : ""
        return absence.closedWords.map { "\(more)\(counted(count, "message", "messages")) \($0)" }
      }
    if !reasons.isEmpty { session.note("-- " + reasons.joined(separator: "; ")) }
  }

  static func show(
    _ messages: [MessageInfo], _ session: Session, oneGroup: Bool
  ) throws(Failure) {
    for message in messages { try show(message, session, oneGroup: oneGroup, isFresh: false) }
  }

  static func show(
    _ message: MessageInfo, _ session: Session, oneGroup: Bool, isFresh: Bool,
    mark: String? = nil
  ) throws(Failure) {
    let text = MessageText(session: session, showsGroup: !oneGroup, isFresh: isFresh, mark: mark)
    try session.show("message", message, text.text(message))
  }

  /// Tells what becomes of messages and of this node while a conversation is followed.
  static func tell(_ event: ControlEvent, _ session: Session) throws(Failure) {
    switch event {
    case .delivery(let delivery):
      if session.json { try session.printLine("delivery", delivery) }
    case .news(let news):
      if session.json { return try session.printLine("news", news) }
      session.note("-- \(news.words)")
    // The removal itself was told already.
    case .degraded(let state) where !session.json && state.word == .removedFromGroup: break
    case .degraded(let state):
      if session.json { return try session.printLine("degraded", state) }
      session.note("-- \(state.word.words): \(shown(state.detail))")
    case .recovered(let word):
      if session.json { return try session.printLine("recovered", ["word": word]) }
      session.note("-- no longer: \(word.words)")
    default: break
    }
  }

  private static func milliseconds(_ session: Session, _ option: String) throws(Failure) -> Int64? {
    guard let text = session.invocation.text(option) else { return nil }
    let now = session.world.now()
    guard let wall = session.world.wall(now), let input = TimeInput(text, now: wall) else {
      throw .usage(
        UsageMistake(
          "option \"--\(option)\" takes a time, not \(quoted(text))",
          hints: ["write \(TimeInput.examples)"]))
    }
    switch input {
    case .ago(let seconds): return now - seconds * 1000
    case .milliseconds(let milliseconds): return milliseconds
    case .wall(let time):
      guard let milliseconds = session.world.milliseconds(time) else {
        throw .usage(UsageMistake("no clock here shows \(quoted(text))", hints: []))
      }
      return milliseconds
    }
  }
}
