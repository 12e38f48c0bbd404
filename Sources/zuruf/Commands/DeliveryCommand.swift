import Control
import Terminal

/// `zuruf delivery`: on which devices one message is.
enum DeliveryCommand {
  static let description = Command("delivery", "tell on which devices a message is")
    .taking(
      Operand(
        "MESSAGE", .one,
        "the beginning of its number, as \"--json\" of send and read prints it (\"entry\")"))

  static func run(_ session: Session) throws(Failure) {
    var client = try session.connect()
    let answer = try client.ask(
      DeliveryCall(entry: session.invocation.text("MESSAGE") ?? ""))
    if session.json { return try session.printLine("delivery", answer) }
    var table = Table()
    for device in answer.devices {
      table.add([
        device.device.name, device.member.name, device.keeper ? "keeper" : "",
        device.holds ? "has it" : "does not have it yet",
        device.seen.map { "seen \(session.ago($0))" } ?? "",
      ])
    }
    try session.print(
      "in \(answer.group.shownTitle): \(answer.state.words(in: answer.group))\n"
        + table.text(indent: 2))
  }
}
