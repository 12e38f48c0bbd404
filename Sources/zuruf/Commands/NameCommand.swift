import Control
import Terminal

/// `zuruf name`: tells or changes the own names.
enum NameCommand {
  static let description = Command("name", "tell or change your name and this device's")
    .taking(Operand("NAME", .optional, "your new name; the change is shown to all"))
    .options(.text("device", nil, "NAME", "what this device is called from now on"))

  static func run(_ session: Session) throws(Failure) {
    var client = try session.connect()
    let answer = try client.ask(
      NameSetCall(
        name: session.invocation.text("NAME"), device: session.invocation.text("device")))
    try session.show(
      "name", answer, "\(shown(answer.member.name)) on \(shown(answer.device.name))\n")
  }
}
