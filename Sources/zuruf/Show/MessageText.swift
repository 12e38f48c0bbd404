import Control
import Terminal

/// How one message looks on a terminal.
struct MessageText {
  let session: Session
  /// Whether each line names its group.
  let showsGroup: Bool
  /// Whether it is shown as it comes: that it is here only is then the beginning of its way.
  let isFresh: Bool

  /// What is said of how far an own message came, where more is known than the message says.
  var mark: String?

  /// The message in one line, or in several, of which all but the first are indented so that no
  /// text can look like another message.
  func text(_ message: MessageInfo) -> String {
    var head = session.time(message.time)
    if showsGroup { head += " [\(message.group.shownTitle)]" }
    head += " \(shown(message.member.name))"
    if message.late { head += " (late)" }
    let text = message.text.map { escaped($0, .kept) } ?? message.absence?.words ?? ""
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if let mark {
      lines[lines.count - 1] += "  (\(mark))"
    } else if message.own, !isFresh || message.state.word != .here {
      lines[lines.count - 1] += "  (\(message.state.words(in: message.group)))"
    }
    return "\(head): " + lines.joined(separator: "\n  ") + "\n"
  }
}
