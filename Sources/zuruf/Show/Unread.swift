import Control
import Platform
import Terminal

/// What a person was shown of one group, as the node is told it.
struct ShownPart {
  /// What the group is called, and what a request names it by.
  let group: GroupRef
  let typed: String
  /// The first and the last of its messages among those that were shown.
  let from: HexIdentifier
  let cursor: HexIdentifier
  /// How many messages of it were shown.
  let count: Int

  /// The parts of messages that were shown one after another, of the group with the newest one last.
  static func all(of messages: [MessageInfo]) -> [ShownPart] {
    var parts: [HexIdentifier: ShownPart] = [:]
    var order: [HexIdentifier] = []
    for message in messages.reversed() {
      let known = parts[message.group.id]
      if known == nil { order.append(message.group.id) }
      parts[message.group.id] = ShownPart(
        group: message.group, typed: known?.typed ?? typed(message, among: messages),
        from: message.cursor, cursor: known?.cursor ?? message.cursor,
        count: (known?.count ?? 0) + 1)
    }
    return order.reversed().compactMap { parts[$0] }
  }

  /// What a request names the group of a message by.
  private static func typed(_ message: MessageInfo, among messages: [MessageInfo]) -> String {
    guard message.group.kind == .direct else { return "id:\(message.group.id.text)" }
    let other = messages.last { $0.group.id == message.group.id && !$0.own }
    return other.map { "@id:\($0.member.id.text)" } ?? message.group.title ?? ""
  }
}

extension ReadCommand.History {
  /// Finds where that begins which was not seen here, and how much of it is not among the messages.
  ///
  /// The node counts in the order in which messages came; here the newest so many are meant, which is
  /// the same where none came late.
  mutating func noteUnread(_ unread: [UnreadInfo]) {
    var left = Dictionary(unread.map { ($0.group.id, $0.messages) }) { first, _ in first }
    for message in looked.reversed() where !message.own && message.absence != .beforeJoining {
      guard let count = left[message.group.id], count > 0 else { continue }
      left[message.group.id] = count - 1
      if !message.isClosed { firstUnread = message.entry }
    }
    hidden = unread.compactMap { one in
      left[one.group.id].flatMap { $0 > 0 ? UnreadInfo(group: one.group, messages: $0) : nil }
    }
  }
}

extension ReadCommand {
  /// Tells the node what a person was shown, and the person what is new and was not among it.
  static func noteSeen(
    _ history: History, _ client: inout ControlClient, _ session: Session
  ) throws(Failure) {
    var hidden = history.hidden
    let parts = ShownPart.all(of: history.looked)
    let isNew = Set(history.unread.map(\.group.id))
    // Two people may have more than one group: what is left of all is known with the last of them.
    var left: [String: (part: ShownPart, messages: Int)] = [:]
    var typed: [String] = []
    for part in parts where isNew.contains(part.group.id) {
      if left[part.typed] == nil { typed.append(part.typed) }
      left[part.typed] = (part, try noteSeen(part, &client))
    }
    for case (let part, let messages)? in typed.map({ left[$0] }) where messages > 0 {
      // One that came late stands further up, where the newest so many do not reach.
      guard !hidden.contains(where: { $0.group.id == part.group.id }) else { continue }
      hidden.append(UnreadInfo(group: part.group, messages: 1))
    }
    hidden = together(hidden)
    for one in hidden.prefix(hiddenMax) {
      let shown = parts.first { $0.group.id == one.group.id }?.count ?? 0
      let isLate = !history.hidden.contains { $0.group.id == one.group.id }
      let lines = isLate ? max(100, 4 * shown) : max(linesDefault, shown + one.messages)
      let place = one.group.title.map { shellWord(escaped($0, .shown)) }
      session.note(
        "-- \([one].words) \(one.messages == 1 ? "is" : "are") not among these: zuruf read "
          + "\(place ?? "id:\(one.group.id.text.prefix(8))") -n \(min(lines, linesMax))")
    }
    if hidden.count > hiddenMax {
      session.note("-- and new ones in \(hidden.count - hiddenMax) more groups: zuruf lists them")
    }
  }

  /// Counts the groups of two people, who may have more than one, as one: they are read together.
  private static func together(_ all: [UnreadInfo]) -> [UnreadInfo] {
    all.reduce(into: []) { told, one in
      let known = told.firstIndex {
        one.group.kind == .direct && $0.group.kind == .direct && $0.group.title == one.group.title
      }
      guard let known else { return told.append(one) }
      told[known] = UnreadInfo(
        group: told[known].group, messages: told[known].messages + one.messages)
    }
  }

  /// So many groups are named one by one.
  private static let hiddenMax = 5

  /// The same of messages that came while somebody followed; how many are left is told by `zuruf`.
  static func noteSeen(
    _ messages: [MessageInfo], _ client: inout ControlClient, _ session: Session
  ) throws(Failure) {
    guard !session.json else { return }
    for part in ShownPart.all(of: messages) { _ = try noteSeen(part, &client) }
  }

  private static func noteSeen(
    _ part: ShownPart, _ client: inout ControlClient
  ) throws(Failure) -> Int {
    try client.ask(GroupSeenCall(group: part.typed, cursor: part.cursor, from: part.from)).unread
  }
}

/// Tells of a change of the day between messages that are shown one after another.
struct DayLine {
  private var last: LocalTime?

  mutating func tell(_ message: MessageInfo, _ session: Session) throws(Failure) {
    guard let now = session.world.wall(message.time.ms) else { return }
    if let last, last.day != now.day || last.month != now.month || last.year != now.year {
      try session.between(now.dayWords)
    }
    last = now
  }
}

extension [UnreadInfo] {
  /// How many new messages are where: `4 new messages: 3 in Werkstatt, 1 from Ben`.
  var words: String {
    let all = counted(reduce(0) { $0 + $1.messages }, "new message", "new messages")
    if count == 1 { return "\(all) \(self[0].place)" }
    return "\(all): " + map { "\($0.messages) \($0.place)" }.joined(separator: ", ")
  }
}

extension UnreadInfo {
  /// Where they are, or whose.
  fileprivate var place: String {
    group.kind == .direct
      ? "from \(shown(group.title?.behindSign))" : "in \(group.shownTitle)"
  }
}

extension ReactionEvent {
  /// What is shown to which message now.
  var words: String {
    let place = to?.words ?? "to a message"
    return reactions.isEmpty
      ? "taken back: the last sign \(place)" : "\(reactions.words) \(place)"
  }
}

extension DegradedWord {
  /// Whether it tells of something that happened, and not of what goes less well than it should.
  var isNews: Bool {
    switch self {
    case .removedFromGroup, .rankChanged, .ownersPending: true
    default: false
    }
  }
}
