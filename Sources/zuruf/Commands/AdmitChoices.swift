import Control
import Platform
import Terminal

/// What is chosen about a newcomer.
struct Choices {
  var name: String?
  var rank: RankWord?
  var groups: [String]
  var member: String?
  var replaces: String?
  /// Whether it is meant that somebody who left or was removed comes in again.
  var again: Bool?

  init(_ options: Invocation) {
    name = options.text("name")
    rank = options.text("rank").flatMap { RankWord(rawValue: $0) }
    groups = options.texts("group")
    member = options.text("for")
    replaces = options.text("replaces")
    again = options.has("again") ? true : nil
  }

  /// Whether nothing is chosen.
  var isEmpty: Bool {
    name == nil && rank == nil && groups.isEmpty && member == nil && replaces == nil
  }

  /// The same as options of a command, each behind a space.
  var typed: String {
    let values =
      [("name", name), ("rank", rank?.rawValue)] + groups.map { ("group", $0) }
      + [("for", member), ("replaces", replaces)]
    let words = values.compactMap { option, value in
      value.map { " --\(option) \(shellWord(escaped($0, .shown)))" }
    }
    return words.joined() + (again == nil ? "" : " --again")
  }

  /// Asks the node what a yes with these words would come to.
  func check(_ request: HexIdentifier?) -> AdmitCheckCall {
    AdmitCheckCall(
      request: request, name: name, rank: rank, groups: groups, member: member, remove: replaces,
      again: again)
  }

  /// A yes with these words.
  func yes(_ request: HexIdentifier) -> AdmitAnswerCall {
    AdmitAnswerCall(
      request: request, yes: true, name: name, rank: rank, groups: groups, member: member,
      remove: replaces, again: again)
  }
}

/// The questions about somebody who is let in. Each answer is judged before the next question, so a
/// wrong one is asked for again by itself, while the newcomer waits.
extension Doorway {
  /// What a person chooses; what the command line says is not asked. Nil where it came to nothing.
  mutating func choose(
    _ request: AdmissionInfo, _ client: inout ControlClient
  ) throws(Failure) -> Choices? {
    var choices = given
    var whose = member
    if whose == nil, given.isNew {
      guard try askWhose(request, &choices, &whose, &client) else { return nil }
    }
    if whose != nil || choices.replaces != nil {
      // The groups of that person come along.
      guard choices.replaces == nil else { return choices }
      return try askReplaced(request, &choices, &client) ? choices : nil
    }
    if choices.rank == nil, rank == .owner {
      guard try askRank(request, &choices, &client) else { return nil }
    }
    if choices.groups.isEmpty {
      guard try askGroups(request, &choices, &client) else { return nil }
    }
    return choices
  }

  private mutating func askWhose(
    _ request: AdmissionInfo, _ choices: inout Choices, _ whose: inout MemberRef?,
    _ client: inout ControlClient
  ) throws(Failure) -> Bool {
    let isNamed = choices.name != nil || choices.rank != nil
    while true {
      if !isNamed {
        let who = try line(
          "whose computer is it? Enter for \(quoted(request.name)), who is new, or the name of somebody "
            + "here: ", request, &client)
        guard let who else { return false }
        (choices.member, choices.again) = (who.isEmpty ? nil : who, nil)
      }
      choices.name = given.name
      while true {
        let wrong: (failure: Failure, name: ErrorName)
        switch try judged(choices, request, &client) {
        case .right(let answer):
          whose = answer.member
          if let member = answer.member {
            session.note(
              isOwn(member)
                ? "it will read all that you read, and write as you"
                : "it will read all that \(shown(member.name)) reads, and write as "
                  + shown(member.name))
          }
          return true
        case .wrong(let failure, let name): wrong = (failure, name)
        }
        // The name that was offered means who is new, unless one person here is called so.
        let isOffered = choices.member.map { $0.lowercased() == request.name.lowercased() } ?? false
        if wrong.name == .memberGone, choices.again == nil {
          guard let isMeant = try askAgain(wrong.failure, request, &client) else { return false }
          guard isMeant || isOffered else { break }
          choices.again = isMeant ? true : nil
          if !isMeant { choices.member = nil }
          continue
        }
        if isOffered, wrong.name == .ambiguous || wrong.name == .noSuchMember {
          choices.member = nil
          continue
        }
        let isName = wrong.name == .nameTaken || wrong.name == .nameMalformed
        // Another word of the command line that is wrong by now cannot be asked for again here.
        if isNamed, !isName { throw wrong.failure }
        complain(wrong.failure)
        guard choices.member == nil, isName else { break }
        let name = try line(
          "what is the newcomer to be called? a name, or Enter to say whose it is: ", request,
          &client)
        guard let name else { return false }
        guard !name.isEmpty || isNamed else { break }
        choices.name = name
      }
    }
  }

  /// Whether somebody who left or was removed is meant to come in again; nil where it came to nothing.
  private mutating func askAgain(
    _ refusal: Failure, _ request: AdmissionInfo, _ client: inout ControlClient
  ) throws(Failure) -> Bool? {
    let said = shown(refusal.report(session.world).message)
    return try line("\(said); is that what you want? [y/N] ", request, &client).map { isYes($0) }
  }

  private mutating func askReplaced(
    _ request: AdmissionInfo, _ choices: inout Choices, _ client: inout ControlClient
  ) throws(Failure) -> Bool {
    while true {
      let lost = try line(
        "does it replace a lost one, which is removed? its name, or Enter: ", request, &client)
      guard let lost else { return false }
      choices.replaces = lost.isEmpty ? nil : lost
      guard case .wrong(let failure, _) = try judged(choices, request, &client) else { return true }
      complain(failure)
    }
  }

  private mutating func askRank(
    _ request: AdmissionInfo, _ choices: inout Choices, _ client: inout ControlClient
  ) throws(Failure) -> Bool {
    while true {
      guard let word = try line("member or admin? [member] ", request, &client)?.lowercased()
      else { return false }
      if word.isEmpty { return true }
      if let rank = RankWord(rawValue: word), rank == .member || rank == .admin {
        choices.rank = rank
        return true
      }
      complain(.usage(UsageMistake("\(quoted(word)) is no rank", hints: ["member or admin"])))
    }
  }

  private mutating func askGroups(
    _ request: AdmissionInfo, _ choices: inout Choices, _ client: inout ControlClient
  ) throws(Failure) -> Bool {
    while true {
      let titles = try line(
        "groups beside the one of everyone, commas between, or Enter: ", request, &client)
      guard let titles else { return false }
      choices.groups = titles.split(separator: ",").map { trimmed(String($0)) }
        .filter { !$0.isEmpty }
      if choices.groups.isEmpty { return true }
      guard case .wrong(let failure, _) = try judged(choices, request, &client) else { return true }
      complain(failure)
    }
  }

  private enum Judgement {
    case right(AdmitCheckCall.Answer)
    case wrong(Failure, ErrorName)
  }

  /// What the node says of the choices so far.
  private func judged(
    _ choices: Choices, _ request: AdmissionInfo, _ client: inout ControlClient
  ) throws(Failure) -> Judgement {
    do throws(Failure) {
      return .right(try client.ask(choices.check(request.id)))
    } catch {
      guard case .control(.refused(let refusal)) = error, refusal.name != .noKnock else {
        throw error
      }
      return .wrong(error, refusal.name)
    }
  }

  /// A line that a person types; nil where the question came to nothing.
  private mutating func line(
    _ question: String, _ request: AdmissionInfo, _ client: inout ControlClient
  ) throws(Failure) -> String? {
    switch try ask(question, about: request, &client) {
    case .text(let text): return trimmed(text)
    case .over: return nil
    case .nobody:
      throw .usage(
        UsageMistake(
          "nobody is there to ask", hints: ["say it beforehand: --for, --name, --rank, -g"]))
    }
  }
}

extension Choices {
  /// Whether it is not said that it is one more device of somebody.
  fileprivate var isNew: Bool { member == nil && replaces == nil }
}
