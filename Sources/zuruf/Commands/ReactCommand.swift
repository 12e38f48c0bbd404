import Control
import Terminal

/// `zuruf react`: shows a sign to a message.
enum ReactCommand {
  static let description = Command("react", "show a sign to a message, such as \u{1F44D}")
    .saying("It takes the place of what you showed to that message before.")
    .taking(
      Operand(
        "MESSAGE", .one,
        "its number, or its first digits, as \"zuruf read --ids\" shows them"),
      Operand("SIGN", .optional, "an emoji or a short word; without it, take back what you showed")
    )

  static func run(_ session: Session) throws(Failure) {
    let sign = session.invocation.text("SIGN")
    var client = try session.connect()
    let answer = try client.ask(
      ReactCall(
        entry: session.invocation.text("MESSAGE") ?? "", text: sign,
        remove: sign == nil ? true : nil))
    try session.show(
      "reactions", answer,
      answer.reactions.isEmpty ? "nobody shows anything\n" : answer.reactions.words + "\n")
  }
}

extension [ReactionInfo] {
  /// Each sign with those who show it.
  var words: String {
    map { one in
      let names = one.members.map { shown($0.name) }.joined(separator: ", ")
      return "\(shown(one.text)) \(names)" + (one.further.map { " and \($0) more" } ?? "")
    }.joined(separator: "; ")
  }
}
