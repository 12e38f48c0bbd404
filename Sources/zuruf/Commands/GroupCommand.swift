import Control
import Terminal

/// `zuruf group`: makes, changes and lists groups.
enum GroupCommand {
  static let description = Command("group", "make, change and list groups")
    .verbs(
      [
        Command("new", "make a group; you are in it")
          .taking(
            Operand("TITLE", .one, "what it is called"),
            Operand("MEMBER", .any, "who else is in it")
          )
          .options(.text("purpose", nil, "TEXT", "what it is for"))
          .example(
            "zuruf group new Werkstatt anna ben --purpose \"Schicht 1\"", "a group of three"),
        Command("add", "add members; each reads from now on")
          .taking(
            Operand("GROUP", .one, "which group"),
            Operand("MEMBER", .atLeastOne, "who is added")),
        Command("rename", "give a group another title, or say otherwise what it is for")
          .taking(
            Operand("GROUP", .one, "which group"),
            Operand("TITLE", .optional, "what it is called from now on")
          )
          .saying("Everybody in it may; all of them see what it is called then.")
          .options(.text("purpose", nil, "TEXT", "what it is for; an empty one says nothing")),
        Command("remove", "remove members; they cannot read what is written then")
          .taking(
            Operand("GROUP", .one, "which group"),
            Operand("MEMBER", .atLeastOne, "who is removed")
          )
          .saying("It asks only where you are one of them, or nobody would be left.")
          .options(.flag("yes", "y", "do it without a question there too")),
        Command("leave", "leave a group; what you have of it stays readable")
          .taking(Operand("GROUP", .one, "which group"))
          .options(.flag("yes", "y", "do it without a question")),
        Command("list", "list your groups, and those you were in"),
      ], otherwise: "list")

  static func run(_ session: Session) throws(Failure) {
    let words = session.invocation
    var client = try session.connect()
    switch words.path.last {
    case "new":
      let answer = try client.ask(
        GroupNewCall(
          title: words.text("TITLE") ?? "", purpose: words.text("purpose"),
          members: words.texts("MEMBER")))
      try show([answer.group], session)
    case "add":
      let answer = try client.ask(
        GroupAddCall(group: words.text("GROUP") ?? "", members: words.texts("MEMBER")))
      try show([answer.group], session)
      if answer.added?.isEmpty ?? false {
        let whoever = words.texts("MEMBER").count == 1 ? "that member is" : "they are"
        session.note("-- nothing changed: \(whoever) in it already")
      }
    case "rename":
      let (title, purpose) = (words.text("TITLE"), words.text("purpose"))
      guard title != nil || purpose != nil else {
        throw .usage(
          UsageMistake("there is nothing to change", hints: ["a new TITLE, or --purpose TEXT"]))
      }
      let call = GroupRenameCall(
        group: words.text("GROUP") ?? "", title: title, purpose: purpose)
      try show([try client.ask(call).group], session)
    case "remove":
      try remove(&client, session)
    case "leave":
      try leave(&client, session)
    default:
      let answer = try client.ask(GroupListCall())
      let groups = answer.groups
      if session.json {
        // A program gets all members and purposes, which may be more than one answer holds.
        for group in groups { try show([try whole(group, &client)], session) }
      } else {
        try show(groups, session)
      }
      if groups.isEmpty { session.note("no groups; make one: zuruf group new TITLE MEMBER") }
      if answer.more ?? false { session.note("-- and more, which one answer has no room for") }
    }
  }

  /// A group with all its members.
  private static func whole(
    _ group: GroupInfo, _ client: inout ControlClient
  ) throws(Failure) -> GroupInfo {
    guard group.kind != .direct, group.further != nil || group.purpose == nil else { return group }
    let call = GroupListCall(group: "id:\(group.id.text)")
    return try client.ask(call).groups.first ?? group
  }

  /// Removes members, after saying whom, and what else it means where nobody would stay behind who
  /// could add anyone again, and where the one who asks leaves too.
  private static func remove(_ client: inout ControlClient, _ session: Session) throws(Failure) {
    let (group, members) = (
      session.invocation.text("GROUP") ?? "", session.invocation.texts("MEMBER")
    )
    try session.checkCanConfirm()
    let look = try client.ask(GroupRemoveCall(group: group, members: members, look: true))
    let then = look.group
    if then.members.isEmpty {
      try session.confirm(
        "nobody is left in \(quoted(then.title ?? group)) then, and nobody gets what is written "
          + "there; what each computer has stays readable on it; remove?")
    } else if then.gone?.word == .left {
      session.note(wayBack(try client.ask(GroupLeaveCall(group: "id:\(then.id.text)", look: true))))
      try session.confirm(
        "you are one of them, and get nothing more of \(quoted(then.title ?? group)); what is here "
          + "stays readable; remove?")
    } else {
      let names = look.removed?.map(\.name) ?? members
      try session.confirm(
        "remove \(names.map { quoted($0) }.joined(separator: ", ")) from "
          + "\(quoted(then.title ?? group))? what they have of it stays readable to them")
    }
    // Whom the question named, whoever is called so by now.
    let answer = try client.ask(
      GroupRemoveCall(
        group: "id:\(then.id.text)", members: look.removed?.map { "id:\($0.id.text)" } ?? members,
        look: nil)
    ).group
    if let gone = answer.gone, gone.word == .left, !session.json {
      return try session.print("you left \(answer.ref.shownTitle)\n")
    }
    try show([answer], session)
  }

  /// Leaves a group, after saying what that means and who may undo it.
  private static func leave(_ client: inout ControlClient, _ session: Session) throws(Failure) {
    let group = session.invocation.text("GROUP") ?? ""
    try session.checkCanConfirm()
    let then = try client.ask(GroupLeaveCall(group: group, look: true))
    try session.confirm(
      "you get nothing more of \(quoted(then.group.title ?? group)); what is here stays readable\n"
        + "\(wayBack(then))\nleave?")
    let left = try client.ask(GroupLeaveCall(group: "id:\(then.group.id.text)", look: nil)).group
    if session.json { return try show([left], session) }
    try session.print("you left \(left.ref.shownTitle)\n")
  }

  /// Who may add again whoever leaves, as a sentence.
  private static func wayBack(_ then: GroupLeaveCall.Answer) -> String {
    func names(_ members: [MemberRef]) -> String {
      let shown = members.prefix(5).map { quoted($0.name) }.joined(separator: ", ")
      return members.count > 5 ? "\(shown) and \(members.count - 5) more" : shown
    }
    guard then.mayAdd.isEmpty else { return "who can add you again: \(names(then.mayAdd))" }
    let stay =
      then.group.members.isEmpty
      ? "nobody else is in it, so it ends with you"
      : "nobody of those who stay can add you again"
    return stay + "; only an owner of the office can bring you back "
      + "(\(names(then.owners))), and only at a keeper: a computer that keeps all groups' messages"
  }

  private static func show(_ groups: [GroupInfo], _ session: Session) throws(Failure) {
    if session.json {
      for group in groups { try session.printLine("group", group) }
      return
    }
    var table = Table()
    // Somebody who came in again has a conversation of before, too.
    let alike = Alike(groups.map(\.ref.shownTitle))
    for group in groups {
      table.add([
        alike.told(group.ref.shownTitle, group.id), who(group),
        counted(group.messages, "message", "messages"),
        group.latest.map { "newest \(session.time($0))" } ?? "", group.purpose ?? "",
      ])
    }
    try session.print(table.text(indent: 0))
  }

  private static func who(_ group: GroupInfo) -> String {
    if let gone = group.gone { return gone.words }
    if !group.readable { return "waiting for a key" }
    switch group.kind {
    case .everyone: return "all of the office"
    case .direct: return "you two"
    case .listed:
      // A long list would push the rest of the line out of sight.
      let names = group.members.prefix(5).map(\.name).joined(separator: ", ")
      let rest = group.members.count + (group.further ?? 0) - 5
      return rest > 0 ? "\(names) and \(rest) more" : names
    }
  }
}
