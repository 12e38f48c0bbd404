import Control
import Terminal

/// `zuruf member`: lists and removes members.
enum MemberCommand {
  static let description = Command("member", "list and remove members, make admins and owners")
    .verbs(
      [
        Command("list", "list the members of the office")
          .options(.flag("all", "a", "removed ones too")),
        Command("rank", "make a member an owner, an admin or a member like any other")
          .saying(
            "Admins let people in and remove them. Owners make admins, and say who owns the office; "
              + "where there are several, most of them must agree (\"zuruf office agree\")."
          )
          .taking(
            Operand("MEMBER", .one, "the name, any beginning that only one has"),
            Operand(
              "RANK", .one, "owner, admin or member", choices: ["owner", "admin", "member"])
          )
          .options(OwnerCommands.writeOption)
          .example("zuruf member rank @ben admin", "let Ben let people in"),
        Command("remove", "remove a member with all devices from the office")
          .taking(Operand("MEMBER", .one, "the name, any beginning that only one has"))
          .options(.flag("yes", "y", "do it without a question")),
      ], otherwise: "list")

  static func run(_ session: Session) throws(Failure) {
    switch session.invocation.path.last {
    case "rank": try OwnerCommands.rank(session)
    case "remove": try remove(session)
    default: try list(session)
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
    let alike = Alike(members.filter { !$0.removed }.map(\.name))
    for member in members {
      let state =
        member.left ?? false ? "left" : member.removed ? "removed" : member.own ? "you" : ""
      table.add([
        alike.told(member.name, member.id),
        // Whoever is out has no rank.
        member.removed && member.rank != .box ? "" : member.rank.rawValue,
        counted(member.devices, "device", "devices"), state,
        member.seen.map { "seen \(session.ago($0))" } ?? "",
      ])
    }
    try session.print(table.text(indent: 0))
  }

  private static func remove(_ session: Session) throws(Failure) {
    let name = session.invocation.text("MEMBER") ?? ""
    try session.checkCanConfirm()
    var client = try session.connect()
    let found = try client.ask(MemberRemoveCall(member: name, look: true))
    try DeviceInfo.noteLastKeeper(among: found.devices, &client, session)
    try session.confirm(
      "remove \(words(found)) from the office? what is there already stays readable there; the way "
        + "back is to be let in anew")
    // Whom the question named, whoever is called so by now.
    let answer = try client.ask(
      MemberRemoveCall(member: "id:\(found.member.id.text)", look: nil))
    if session.json {
      try session.printLine("member", answer.member)
      for device in answer.devices { try session.printLine("device", device) }
      return
    }
    try session.print("removed \(words(found))\n")
  }

  /// Whom it is about: `"Lager" (box, 1 device)`.
  private static func words(_ found: MemberRemoveCall.Answer) -> String {
    let devices = counted(found.devices.count, "device", "devices")
    return "\(quoted(found.member.name)) (\(found.member.rank.rawValue), \(devices))"
  }
}
