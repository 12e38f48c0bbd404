import Control
import Terminal

/// `zuruf stored`: what is stored about the person who asks.
enum StoredCommand {
  static let description = Command("stored", "tell what is stored about you, and who can read it")

  static func run(_ session: Session) throws(Failure) {
    var client = try session.connect()
    let answer = try client.ask(StoredCall())
    if session.json { return try session.printLine("stored", answer) }
    var table = Table()
    for line in answer.groups where line.messages > 0 {
      table.add([
        line.group.shownTitle, counted(line.messages, "message", "messages"),
        line.oldest.map { "since \(session.time($0))" } ?? "",
        "read by " + line.readers.map { shown($0.name) }.joined(separator: ", ")
          + (line.further.map { " and \($0) more" } ?? ""),
        "on \(counted(line.devices, "device", "devices"))",
      ])
    }
    try session.print(
      """
      your name, your computers' names and the groups you are in: on every computer of the office
      your messages, until somebody removes the data of Zuruf there: nothing deletes them yet

      """ + table.text(indent: 2)
        + former(answer, session) + keepers(answer)
          + """
          on every computer of the office too, for good: who let you and your computers in, your ranks, \
          your earlier names, and when each of that was; newcomers get it as well
          with your messages: what you answered and which signs you showed
          on the computers of colleagues: at which addresses in the network your computers were, when they \
          were last linked, and which messages they have
          Zuruf stores nothing of you outside the computers of the office

          """)
  }

  /// Computers that had it and are to have it no more: nobody can say that it is gone there.
  private static func former(_ answer: StoredCall.Answer, _ session: Session) -> String {
    answer.groups.compactMap { line -> String? in
      guard line.messages > 0, let former = line.former else { return nil }
      let names = former.map { one in
        "\(shown(one.member.name)) (\(counted(one.devices, "device", "devices"))"
          + (one.until.map { ", up to \(session.time($0))" } ?? "") + ")"
      }
      return "what was in \(line.group.shownTitle) before stays, as they had it, also on computers "
        + "that were removed: \(names.joined(separator: ", "))\n"
    }.joined()
  }

  private static func keepers(_ answer: StoredCall.Answer) -> String {
    func names(_ devices: [DeviceRef]) -> String {
      devices.map { shown($0.name) }.joined(separator: ", ")
    }
    let former = answer.formerKeepers ?? []
    return
      (answer.keepers.isEmpty
      ? "" : "kept unread for those who are off: \(names(answer.keepers))\n")
      + (former.isEmpty
        ? "" : "kept unread, as they had it, also on boxes that were removed: \(names(former))\n")
  }
}
