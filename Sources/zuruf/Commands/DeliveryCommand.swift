import Control
import Terminal

/// `zuruf delivery`: on which devices one message is.
enum DeliveryCommand {
  static let description = Command("delivery", "tell on which devices a message is")
    .taking(
      Operand(
        "MESSAGE", .optional,
        "its number, or its first digits, as \"zuruf read --ids\" shows them; otherwise the last "
          + "one you sent"))

  static func run(_ session: Session) throws(Failure) {
    var client = try session.connect()
    let entry: String
    if let given = session.invocation.text("MESSAGE") {
      entry = given
    } else {
      entry = try last(&client)
    }
    let answer = try client.ask(DeliveryCall(entry: entry))
    if session.json { return try session.printLine("delivery", answer) }
    var table = Table()
    for device in answer.devices {
      table.add([
        device.device.name, device.member.name, device.keeper ? "keeper" : "",
        words(device),
        device.seen.map { "seen \(session.ago($0))" } ?? "",
      ])
    }
    try session.print(
      "in \(answer.group.shownTitle): \(answer.state.words(in: answer.group))\n"
        + table.text(indent: 2))
  }

  private static func words(_ device: DeviceDelivery) -> String {
    if device.reads == false { return "cannot read it: was not in the group then" }
    return device.holds ? "has it" : "does not have it yet"
  }

  private static func last(_ client: inout ControlClient) throws(Failure) -> String {
    guard let latest = try client.ask(StatusCall()).latest else {
      throw .refused(
        .noSuchName, "you have sent no message yet", hints: ["zuruf send TO TEXT writes one"])
    }
    return latest.entry.text
  }
}
