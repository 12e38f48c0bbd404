import Control
import Terminal

/// How one message looks on a terminal.
struct MessageText {
  let session: Session
  /// Whether each line names its group.
  let showsGroup: Bool
  /// Whether each line has the number by which a message is named.
  var showsID = false
  /// Whether it is shown as it comes: that it is here only is then the beginning of its way.
  let isFresh: Bool

  /// What is said of how far an own message came, where more is known than the message says.
  var mark: String?

  /// So many digits tell the messages of an office apart; fewer may.
  private static let digits = 8

  /// The message in one line, or in several, of which all but the first are indented so that no
  /// text can look like another message.
  func text(_ message: MessageInfo) -> String {
    var head = session.time(message.time)
    if showsID { head += " \(message.entry.text.prefix(Self.digits))" }
    if showsGroup { head += " [\(message.group.shownTitle)]" }
    head += " \(shown(message.member.name))"
    if message.late { head += " (late)" }
    if let reply = message.reply { head += " (\(reply.words))" }
    let text = message.text.map { escaped($0, .kept) } ?? message.absence?.words ?? ""
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if let mark {
      lines[lines.count - 1] += "  (\(mark))"
    } else if message.own, !isFresh || message.state.word != .here {
      lines[lines.count - 1] += "  (\(message.state.words(in: message.group)))"
    }
    if let reactions = message.reactions { lines.append(reactions.words) }
    return "\(head): " + lines.joined(separator: "\n  ") + "\n"
  }
}

extension ReplyInfo {
  /// So many characters of what is answered are shown.
  private static let shownMax = 30

  /// Whom and what a message answers.
  var words: String {
    guard let member else { return "to a message that is not here" }
    let to = "to \(shown(member.name))"
    guard let line = text?.split(separator: "\n").first else { return to }
    let beginning = line.prefix(Self.shownMax)
    return "\(to): \(shown(beginning))" + (beginning.count < line.count ? "…" : "")
  }
}
