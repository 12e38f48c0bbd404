import Control
import Terminal

/// `zuruf` alone: where this computer stands, and the next command to type.
enum HereCommand {
  static func run(_ session: Session) throws(Failure) {
    var client = try session.connect()
    let status = try client.ask(StatusCall(seen: session.json ? nil : true))
    if session.json { return try session.printLine("status", status) }
    var text = place(status)
    if let knock = status.knock {
      text +=
        "it knocks \(knock.words); \(shown(knock.sponsor)) must see the digits "
        + "\(spaced(knock.digits)) too\n"
    }
    if let keeps = status.keeps {
      text += "it keeps all messages of \(counted(keeps, "group", "groups")) for the others\n"
    }
    if let unread = status.unread { text += "\(unread.words)\n" }
    if let door = status.door {
      let command = session.spelling.spelled("zuruf admit")
      text += "the door is open until \(session.time(door)): \(command) shows who knocks\n"
    }
    text += StatusText(session: session, status: status).degraded
    text += "\nnext:\n"
    var table = Table()
    for (command, effect) in next(status) {
      table.add([session.spelling.spelled(command), effect])
    }
    try session.print(text + table.text(indent: 2))
  }

  private static func place(_ status: StatusCall.Answer) -> String {
    guard let office = status.office, let member = status.member, let device = status.device,
      status.standing == .ready
    else { return status.standing.sentence + "\n" }
    let linked = status.peers.filter(\.linked).count
    let reach =
      status.peers.isEmpty
      ? "no other device belongs to it yet"
      : "\(linked) of \(counted(status.peers.count, "other device", "other devices")) in reach"
    return "\(shown(office.name)): \(shown(member.name)) on \(shown(device.name)), \(reach)\n"
  }

  private static func next(_ status: StatusCall.Answer) -> [(String, String)] {
    switch status.standing {
    case .noOffice where status.knock != nil:
      return [("zuruf status", "show how it stands")]
    case .noOffice where status.degraded.contains(where: { $0.form == .carried }):
      return [("zuruf join --anew", "come in as a new device; what is here is set aside")]
    case .noOffice:
      return [
        ("zuruf office new NAME", "found an office on this computer"),
        ("zuruf join", "join one, at an open door or with a ticket"),
      ]
    case .joining where status.degraded.contains(where: { $0.form == .unaware }):
      return [
        ("zuruf doctor", "find out whom this computer reaches"),
        ("zuruf join --anew", "be let in once more; what is here is set aside"),
      ]
    case .joining:
      return [
        ("zuruf doctor", "find out whom this computer asked, and why nobody answers")
      ]
    case .removed:
      return [
        ("zuruf read", "what is stored here stays readable"),
        ("zuruf join --anew", "come back, or join another office; what is here is set aside"),
      ]
    case .ready: break
    }
    if let copied = status.degraded.first(where: { $0.word == .copied }) {
      // Of two that did not write to one place the copy becomes a new one, and the original goes on.
      let becomesNew = copied.form == .here || copied.form == .bothWrote
      return [
        ("zuruf doctor", "says what to do about the copy"),
        ("zuruf read", "what is stored here stays readable"),
      ]
        + (becomesNew
          ? [("zuruf join --anew", "be a device of its own; what is here is set aside")] : [])
    }
    var next: [(String, String)] = []
    if status.peers.allSatisfy({ $0.member == status.member }) {
      next.append(("zuruf admit", "let one more person or device in"))
      next.append(("zuruf ticket new", "or make a ticket for who is not here"))
    }
    if !status.peers.isEmpty {
      next.append(("zuruf read", "show the newest messages"))
      next.append(("zuruf send TO TEXT", "write to a group or to @person"))
      next.append(("zuruf group", "list your groups"))
    }
    if status.recovery == .notPutAway {
      next.append(("zuruf office recovery", "put the recovery key away"))
    }
    if !status.peers.isEmpty, !status.peers.contains(where: \.linked) {
      next.append(("zuruf doctor", "find out why nobody is in reach"))
    }
    return next
  }
}
