import Control
import Terminal

/// What changes who owns the office: `member rank`, `office agree`, `office recovery use`.
enum OwnerCommands {
  /// Of the commands that begin a change of owners or agree to one.
  static let writeOption = CommandOption.flag(
    "write", "w", "write to the other owners what waits for them, without a question")

  /// `zuruf office agree`
  static func agree(_ session: Session) throws(Failure) {
    let given = session.invocation.text("LINE")
    if given != nil, session.invocation.has("file") {
      throw .usage(UsageMistake("give the line or \"--file\", not both", hints: []))
    }
    let question = "the line that the other owner gave you: "
    let typed = given == nil ? try session.typedLine(file: "file", question, "the line") : given
    guard let line = typed else {
      throw .usage(
        UsageMistake(
          "there is no line to agree to", hints: ["write \"zuruf office agree LINE\""]))
    }
    var client = try session.connect()
    let change = try client.ask(OwnersAgreeCall(line: line, look: true))
    let fresh = change.added.isEmpty ? "" : "; new: \(names(change.added))"
    try session.confirm("\(words(change))\(fresh)\nagree?")
    let agreed = try client.ask(OwnersAgreeCall(line: line, look: nil))
    try show(agreed, &client, session)
    warn(agreed, session)
  }

  /// `zuruf office recovery use`
  static func recover(_ session: Session) throws(Failure) {
    let names = session.invocation.texts("MEMBER")
    var client = try session.connect()
    // Who is meant is known before the key is asked for.
    for name in names { _ = try client.ask(DeviceListCall(member: name, removed: nil)) }
    let question = "the recovery key, as you put it away: "
    guard let line = try session.typedLine(file: "file", question, "the recovery key") else {
      throw .usage(
        UsageMistake(
          "there is no recovery key",
          hints: ["type it when asked, or write \"zuruf office recovery use --file F\""]))
    }
    let owners = names.isEmpty ? nil : names
    let look = try client.ask(RecoveryUseCall(line: line, owners: owners, look: true))
    let whom =
      names.isEmpty ? "you" : look.owners.map { quoted($0.name) }.joined(separator: ", ")
    let gone =
      look.removed.isEmpty
      ? ""
      : "; \(look.removed.map { quoted($0.name) }.joined(separator: ", ")) will be none any more"
    try session.confirm(
      "make \(whom) the only \(names.count > 1 ? "owners" : "owner") of the office\(gone)?")
    let change = try client.ask(RecoveryUseCall(line: line, owners: owners))
    try show(change, &client, session)
    guard !change.removed.isEmpty else { return }
    session.note(
      """
      next: zuruf ticket new --for NAME     lets a new computer of the same person in
            zuruf device remove NAME        takes the lost computer out of the office
            zuruf member rank NAME owner    makes somebody an owner beside you
      """)
  }

  /// `zuruf member rank`
  static func rank(_ session: Session) throws(Failure) {
    let name = session.invocation.text("MEMBER") ?? ""
    let word = session.invocation.text("RANK") ?? ""
    guard let rank = RankWord(rawValue: word) else {
      throw .usage(UsageMistake("\(quoted(word)) is no rank", hints: []))
    }
    var client = try session.connect()
    let answer = try client.ask(MemberRankCall(member: name, rank: rank))
    if let change = answer.change {
      try show(change, &client, session)
      return warn(change, session)
    }
    try session.show(
      "member", answer.member, "\(shown(answer.member.name)) is \(answer.member.rank.withArticle)\n"
    )
  }

  /// A change in force is told; of one that waits the line to hand on is the result.
  private static func show(
    _ change: OwnerChange, _ client: inout ControlClient, _ session: Session
  ) throws(Failure) {
    guard let line = change.line else {
      return try session.show("owners", change, "done; \(words(change))\n")
    }
    try session.show("owners", change, line + "\n")
    session.note(
      """
      \(words(change)): \(change.signed) of the \(change.needed) owners it takes have agreed
      nothing has changed yet; another owner types: zuruf office agree, then this line (no secret)
      it cannot be taken back, but ends when the owners change in another way; zuruf office shows it
      """)
    try offer(change, line, &client, session)
    guard !change.removed.isEmpty else { return }
    session.note(
      "whoever has the recovery key can change the owners alone: zuruf office recovery use")
  }

  /// Says what a change in force that strikes an owner leaves open: that one can still write another
  /// list as if from before, and which was first nobody can tell (A-11).
  private static func warn(_ change: OwnerChange, _ session: Session) {
    guard change.line == nil, !change.removed.isEmpty else { return }
    session.note(
      """
      \(names(change.removed)) could still undo this, by a change as if from before it
      where that is to be feared, name the owners by the recovery key: zuruf office recovery use NAME
      """)
  }

  /// Writes to the other owners what waits for them: nothing else tells them of it.
  private static func offer(
    _ change: OwnerChange, _ line: String, _ client: inout ControlClient, _ session: Session
  ) throws(Failure) {
    let isAsked = session.invocation.has("write")
    guard isAsked || !session.json && session.world.inputIsTerminal else { return }
    let me = try client.ask(OfficeStatusCall()).member
    let added = Set(change.added)
    let others = (change.owners.filter { !added.contains($0) } + change.removed)
      .filter { $0 != me }
    guard !others.isEmpty else { return }
    if !isAsked {
      let answer = try session.ask("write it to \(names(others)) now? [y/N] ")
      guard let answer, isYes(answer) else { return }
    }
    for one in others {
      _ = try client.ask(
        SendCall(
          to: "@id:\(one.id.text)",
          text: "\(words(change)). To agree, as an owner, type: zuruf office agree \(line)", id: nil
        ))
      session.note("written to \(shown(one.name))")
    }
  }

  static func words(_ change: OwnerChange) -> String {
    let gone = change.removed.isEmpty ? "" : "; an owner no more: \(names(change.removed))"
    return "\(change.owners.count == 1 ? "owner" : "owners"): \(names(change.owners))\(gone)"
  }

  private static func names(_ members: [MemberRef]) -> String {
    members.map { shown($0.name) }.joined(separator: ", ")
  }
}
