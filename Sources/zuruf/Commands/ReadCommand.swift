import Control
import Platform
import Terminal

/// `zuruf read`: shows messages.
enum ReadCommand {
  /// How many are shown when nothing else is said.
  static let linesDefault = 20
  /// More than anybody reads; all of a group can be had with `-S`.
  static let linesMax = 1_000_000
  /// Pages asked for at most where a person waits and all of them are of what cannot be read.
  private static let closedPagesMax = 32

  static let description = Command("read", "show messages")
    .saying(
      "Shows the newest \(linesDefault) messages of all groups, or of one, and what happened between "
        + "them. \"-- new --\" stands before what nobody has seen here yet. TIME is one of "
        + TimeInput.examples + "."
    )
    .taking(Operand("GROUP", .optional, "only this group, or @person"))
    .options(
      .number(
        "lines", "n", "N", 1...linesMax, "show at most so many messages; otherwise \(linesDefault)"),
      .text("since", "S", "TIME", "only messages written since then"),
      .text("until", "U", "TIME", "only messages written before then"),
      .flag("follow", "f", "go on, and show new ones as they come"),
      idsOption
    )
    .example("zuruf read Werkstatt -n 5", "the last five of a group")
    .example("zuruf read -S yesterday -U today", "all of yesterday")

  /// Shared with `chat`.
  static let idsOption = CommandOption.flag(
    "ids", "i", "show each message's number: for react, delivery and send --reply")

  static func run(_ session: Session) throws(Failure) {
    let group = session.invocation.text("GROUP")
    let since = try milliseconds(session, "since")
    let until = try milliseconds(session, "until")
    if let since, let until, since >= until {
      throw .usage(
        UsageMistake(
          "nothing lies between \"--since\" and \"--until\"",
          hints: ["the time of \"--since\" is the earlier one"]))
    }
    let isRange = since != nil || until != nil
    let lines = session.invocation.number("lines") ?? (isRange ? linesMax : linesDefault)
    var client = try session.connect()
    // What lies outside a range of time is no news either when the node was stopped.
    let newest =
      session.invocation.has("follow") && isRange && !session.json
      ? try client.ask(
        ReadCall(group: group, limit: LastShown.most, sinceMs: nil, untilMs: nil, before: nil)
      ).messages.map(\.entry) : []
    var history = try history(
      &client,
      ReadCall(
        group: group, limit: lines, sinceMs: since, untilMs: until, before: nil,
        news: session.json ? nil : true),
      json: session.json)
    history.newest = newest + history.newest
    tellClosed(history, of: group, session)
    try show(&history, session, oneGroup: group != nil)
    try noteSeen(history, &client, session)
    guard session.invocation.has("follow") else {
      if history.messages.isEmpty, history.closed.isEmpty { session.note("no messages") }
      return
    }
    try follow(&client, session, group: group, history)
  }

  /// What is shown of the past, and what stands among it that cannot be read here.
  struct History {
    /// The oldest first.
    var messages: [MessageInfo]
    var closed: [ClosedReason: Int]
    /// The oldest message that was looked at, where there are older ones that may be readable.
    var goesOnBefore: MessageInfo?
    /// The newest that were looked at, the oldest first: those that are shown, and others.
    var newest: [HexIdentifier]
    let cursor: HexIdentifier
    let group: GroupRef?
    /// Why nothing can be written there; nil where it can.
    let ended: String?
    /// What happened between them, the oldest first.
    var news: [NewsInfo] = []
    /// The first of the messages that are shown and were not seen here before; nil for none.
    var firstUnread: HexIdentifier?
    /// What was new before this, of all groups that were asked about.
    var unread: [UnreadInfo] = []
    /// What is new and not among the messages.
    var hidden: [UnreadInfo] = []
    /// The messages that are shown and those among them that are only counted, the oldest first.
    var looked: [MessageInfo] = []
    /// Between which of them the day changes.
    var days = DayLine()
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
    var goesOnBefore: MessageInfo?
    var news: [NewsInfo] = []
    while missing > 0 {
      let answer = try client.ask(
        ReadCall(
          group: wanted.group, limit: min(size, ReadCall.limitMax), sinceMs: wanted.sinceMs,
          untilMs: wanted.untilMs, before: before, news: wanted.news))
      newest = newest ?? answer
      news = (answer.news ?? []) + news
      if !answer.messages.isEmpty { pages.append(answer.messages) }
      let counting = answer.messages.count { json || !$0.isClosed }
      missing -= counting
      // A person who was let in a while ago, or was out for a time, is not made to wait for all that
      // was written meanwhile; what may stand before it is had by the command that is told.
      let isAbsence =
        !answer.messages.isEmpty && answer.messages.allSatisfy { $0.absence == .beforeJoining }
      let isWhole = wanted.group != nil && size >= ReadCall.limitMax && isAbsence
      if !json, answer.more, missing > 0, isWhole || pages.count == closedPagesMax {
        goesOnBefore = answer.messages.first
        break
      }
      // Behind what cannot be read there may be much more of it.
      size = counting == answer.messages.count ? missing : ReadCall.limitMax
      before = answer.next
      guard before != nil else { break }
    }
    guard let newest else { throw .control(.misunderstood) }
    let all = pages.reversed().flatMap { $0 }
    var history = History(
      messages: all, closed: [:], goesOnBefore: goesOnBefore,
      newest: all.suffix(LastShown.most).map(\.entry), cursor: newest.cursor,
      group: newest.group, ended: newest.ended)
    if json { return history }
    // What happened since the first of them belongs to what they say, however few they are.
    history.news = Array(news.suffix(max(limit, linesDefault)))
    fold(&history, to: limit)
    // Beyond the end of a range there may be more that was not seen.
    if wanted.untilMs == nil {
      history.unread = newest.unread ?? []
      history.noteUnread(history.unread)
    }
    return history
  }

  /// Leaves the newest that can be read, and counts what stands among them and cannot.
  private static func fold(_ history: inout History, to limit: Int) {
    var kept: [MessageInfo] = []
    var count = 0
    for message in history.messages.reversed() {
      guard kept.count < limit else { break }
      count += 1
      if message.isClosed, let reason = ClosedReason(message) {
        history.closed[reason, default: 0] += 1
      } else {
        kept.append(message)
      }
    }
    history.looked = history.messages.suffix(count)
    history.messages = kept.reversed()
  }

  /// Shows what comes until nobody reads any more. A node that is stopped is waited for.
  private static func follow(
    _ client: inout ControlClient, _ session: Session, group: String?, _ history: History
  ) throws(Failure) {
    var (from, last) = (history.cursor, LastShown(newest: history.newest, days: history.days))
    while true {
      do throws(Failure) {
        _ = try client.ask(
          SubscribeCall(group: group, after: from, seen: session.json ? nil : true))
        while true { try tellNext(&client, session, group: group, &last) }
      } catch {
        guard session.waits(after: error) else { throw error }
      }
      session.note("-- the node was stopped; waiting for it")
      while true {
        // Nothing is typed here that could end it.
        let nothing = { () throws(Failure) -> Bool in true }
        guard let again = try session.connectAgain(orReadable: nil, nothing) else { return }
        client = again
        do throws(Failure) {
          let (missed, cursor) = try missed(&client, session, group, last)
          for message in missed {
            try last.days.tell(message, session)
            try show(message, session, oneGroup: group != nil, isFresh: true)
            last.note(message)
          }
          try noteSeen(missed, &client, session)
          from = cursor
          break
        } catch {
          guard session.waits(after: error) else { throw error }
        }
      }
    }
  }

  /// What came to a node that was stopped and runs again, and where events go on.
  static func missed(
    _ client: inout ControlClient, _ session: Session, _ group: String?, _ last: LastShown
  ) throws(Failure) -> ([MessageInfo], HexIdentifier) {
    var (pages, before): ([[MessageInfo]], HexIdentifier?) = ([], nil)
    var cursor: HexIdentifier?
    repeat {
      let page = try client.ask(
        ReadCall(
          group: group, limit: ReadCall.limitMax, sinceMs: nil, untilMs: nil, before: before))
      cursor = cursor ?? page.cursor
      pages.append(page.messages)
      before = page.messages.contains { last.holds($0.entry) } ? nil : page.next
    } while before != nil
    guard let cursor else { throw .control(.misunderstood) }
    guard let news = last.news(in: pages.reversed().flatMap { $0 }) else {
      session.note("-- what came meanwhile cannot be told from the rest: zuruf read shows it all")
      return ([], cursor)
    }
    return (news, cursor)
  }

  /// Waits for one event and tells it.
  private static func tellNext(
    _ client: inout ControlClient, _ session: Session, group: String?, _ last: inout LastShown
  ) throws(Failure) {
    let event: ControlEvent
    do throws(ControlFault) {
      event = try client.nextEvent()
    } catch {
      throw .control(error)
    }
    switch event {
    case .message(let message):
      try last.days.tell(message, session)
      try show(message, session, oneGroup: group != nil, isFresh: true)
      last.note(message)
    case .delivery, .reaction, .news, .degraded, .recovered: try tell(event, session)
    case .lagged(let cursor):
      // Nothing is lost: the next connection goes on behind the last one shown.
      client = try session.connect()
      _ = try client.ask(
        SubscribeCall(group: group, after: cursor, seen: session.json ? nil : true))
    default: break
    }
  }

  /// Tells in one line of the messages that cannot be read here, and why.
  static func tellClosed(_ history: History, of group: String?, _ session: Session) {
    let reasons = history.closed.sorted { $0.key < $1.key }
      .compactMap { reason, count in
        let more = history.goesOnBefore != nil && reason.absence == .beforeJoining
        return reason.words(count: count).map {
          "\(more ? "more than " : "")\(counted(count, "message", "messages")) \($0)"
        }
      }
    if !reasons.isEmpty { session.note("-- " + reasons.joined(separator: "; ")) }
    guard let oldest = history.goesOnBefore.map({ ($0.stands ?? $0.time).ms }) else { return }
    // A whole second, so that none of it is left out.
    let time = session.world.wall(oldest + 1000)?.full ?? "@\(oldest)"
    let place = group.map { "\(shellWord(escaped($0, .shown))) " } ?? ""
    session.note("   older ones: zuruf read \(place)-U \(shellWord(time))")
  }

  /// Shows the messages, and where they stand what happened meanwhile, where the day changes, and
  /// where that begins which was not seen yet.
  static func show(
    _ history: inout History, _ session: Session, oneGroup: Bool
  ) throws(Failure) {
    var news = history.news[...]
    for message in history.messages {
      let moment = (message.stands ?? message.time).ms
      while let next = news.first, let time = next.time, time.ms <= moment {
        try session.between("", verbatim: "\(session.time(time)) \(next.words)")
        news.removeFirst()
      }
      if !session.json { try history.days.tell(message, session) }
      if message.entry == history.firstUnread { try session.between("new --") }
      try show(message, session, oneGroup: oneGroup, isFresh: false)
    }
    for next in news {
      try session.between(
        "", verbatim: (next.time.map { session.time($0) + " " } ?? "") + next.words)
    }
  }

  static func show(
    _ message: MessageInfo, _ session: Session, oneGroup: Bool, isFresh: Bool,
    mark: String? = nil
  ) throws(Failure) {
    let text = MessageText(
      session: session, showsGroup: !oneGroup, showsID: session.invocation.has("ids"),
      isFresh: isFresh, mark: mark)
    try session.show("message", message, text.text(message))
  }

  /// Tells what becomes of messages and of this node while a conversation is followed, and when.
  static func tell(_ event: ControlEvent, _ session: Session) throws(Failure) {
    func time(_ told: ClaimedTime?) -> String {
      session.time(told ?? ClaimedTime(ms: session.world.now()))
    }
    switch event {
    case .delivery(let delivery):
      if session.json { try session.printLine("delivery", delivery) }
    case .reaction(let reaction):
      if session.json { return try session.printLine("reaction", reaction) }
      session.note("-- ", verbatim: "\(time(nil)) \(reaction.words)")
    case .news(let news):
      if session.json { return try session.printLine("news", news) }
      session.note("-- ", verbatim: "\(time(news.time)) \(news.words)")
    // What happened is told as news; what waits for another owner stands in "zuruf".
    case .degraded(let state) where !session.json && state.word.isNews: break
    case .recovered(let word) where !session.json && word.isNews: break
    case .degraded(let state):
      if session.json { return try session.printLine("degraded", state) }
      session.note("-- \(time(nil)) \(state.words): \(shown(state.detail))")
    case .recovered(let word):
      if session.json { return try session.printLine("recovered", ["word": word]) }
      session.note("-- \(time(nil)) over now: \(word.words)")
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
