import Control
import Terminal

/// `zuruf member`: lists and removes members.
enum MemberCommand {
  static let description = Command("member", "list and remove members")
    .verbs(
      [
        Command("list", "list the members of the office")
          .options(.flag("all", "a", "removed ones too")),
        Command("remove", "remove a member with all devices from the office")
          .taking(Operand("MEMBER", .one, "the name, any beginning that only one has"))
          .options(.flag("yes", "y", "do it without a question")),
      ], otherwise: "list")

  static func run(_ session: Session) throws(Failure) {
    if session.invocation.path.last == "remove" {
      try remove(session)
    } else {
      try list(session)
    }
  }

  private static func list(_ session: Session) throws(Failure) {
    var client = try session.connect()
    let call = MemberListCall(removed: session.invocation.has("all") ? true : nil)
    let members = try client.ask(call).members
    if session.json {
      for member in members { try session.printLine("member", member) }
      return
    }
    var table = Table()
    for member in members {
      let state = member.removed ? "removed" : member.own ? "you" : ""
      table.add([
        member.name, member.rank.rawValue, counted(member.devices, "device", "devices"), state,
        member.seen.map { "seen \(session.ago($0))" } ?? "",
      ])
    }
    try session.print(table.text(indent: 0))
  }

  private static func remove(_ session: Session) throws(Failure) {
    let name = session.invocation.text("MEMBER") ?? ""
    try session.confirm("remove \(quoted(name)) with all devices from the office?")
    var client = try session.connect()
    let answer = try client.ask(MemberRemoveCall(member: name))
    if session.json {
      try session.printLine("member", answer.member)
      for device in answer.devices { try session.printLine("device", device) }
      return
    }
    try session.print(
      "removed \(quoted(answer.member.name)) with "
        + counted(answer.devices.count, "device", "devices") + "\n")
  }
}
