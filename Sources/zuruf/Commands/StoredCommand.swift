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
        "read by " + line.readers.map { shown($0.name) }.joined(separator: ", "),
        "on \(counted(line.devices, "device", "devices"))",
      ])
    }
    let keepers = answer.keepers.map { shown($0.name) }.joined(separator: ", ")
    try session.print(
      """
      your name, your computers' names and the groups you are in: on every computer of the office
      your messages, until somebody removes the data of Zuruf there: nothing deletes them yet

      """ + table.text(indent: 2)
        + (keepers.isEmpty
          ? "" : "kept unread for those who are off: \(keepers)\n")
        + "nothing is stored anywhere else\n")
  }
}
