import Control
import Terminal

extension ReadCommand.History {
  /// Finds where that begins which was not seen here, and how far it is seen when it is shown.
  ///
  /// The node counts in the order in which messages came; here the newest so many are meant, which is
  /// the same where none came late.
  mutating func noteUnread(_ unread: [UnreadInfo], among messages: [MessageInfo]) {
    var left = Dictionary(unread.map { ($0.group.id, $0.messages) }) { first, _ in first }
    guard !left.isEmpty else { return }
    var told: Set<HexIdentifier> = []
    for message in messages.reversed() {
      guard let count = left[message.group.id] else { continue }
      if told.insert(message.group.id).inserted {
        seen.append((Self.typed(message, among: messages), message.cursor))
      }
      guard !message.own, count > 0 else { continue }
      left[message.group.id] = count - 1
      if !message.isClosed { firstUnread = message.entry }
    }
    seen.reverse()
  }

  /// What a request names the group of a message by.
  private static func typed(_ message: MessageInfo, among messages: [MessageInfo]) -> String {
    guard message.group.kind == .direct else { return "id:\(message.group.id.text)" }
    let other = messages.last { $0.group.id == message.group.id && !$0.own }
    return other.map { "@id:\($0.member.id.text)" } ?? message.group.title ?? ""
  }
}

/// Tells of a change of the day between messages that are shown one after another.
struct DayLine {
  private var last: LocalTime?

  mutating func tell(_ message: MessageInfo, _ session: Session) {
    guard let now = session.world.wall(message.time.ms) else { return }
    if let last, last.day != now.day || last.month != now.month || last.year != now.year {
      session.note("-- \(now.dayWords)")
    }
    last = now
  }
}

extension [UnreadInfo] {
  /// How many new messages are where: `3 new messages in Werkstatt, 1 from Ben`.
  var words: String {
    enumerated().map { index, one in
      let noun = index == 0 ? (one.messages == 1 ? " new message" : " new messages") : ""
      let place =
        one.group.kind == .direct
        ? "from \(shown(one.group.title?.dropFirst()))" : "in \(one.group.shownTitle)"
      return "\(one.messages)\(noun) \(place)"
    }.joined(separator: ", ")
  }
}

extension ReactionEvent {
  /// What is shown to which message now.
  var words: String {
    (reactions.isEmpty ? "nothing is shown any more" : reactions.words)
      + " " + (to?.words ?? "to a message")
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
