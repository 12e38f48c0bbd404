import Control
import Terminal

/// `zuruf admit`: holds the door open and lets newcomers in by six digits.
enum AdmitCommand {
  private static let minutesDefault = 10

  static let description = Command(
    "admit", "hold the door open and let a newcomer in by six digits"
  )
  .saying(
    "While the door is open, computers in the network see the office's name and yours; nothing "
      + "else. Whoever knocks shows six digits, and so does this command: say yes only to one who "
      + "shows the same. Different digits mean that somebody stands between the two. The door "
      + "closes after the first yes, after its time, and when this command ends."
  )
  .saying(
    "Without a terminal it tells who knocks; \"--digits\" says yes to whoever shows these, and "
      + "answers for a door that is held open elsewhere too, such as by another \"zuruf admit\"."
  )
  .options(
    .number("minutes", nil, "N", 1...60, "how long the door is open; otherwise 10"),
    .text("digits", nil, "DIGITS", "say yes to who shows these, without a question"),
    .text("name", nil, "NAME", "what the newcomer is called; otherwise what it says"),
    .choice("rank", nil, ["member", "admin"], "what a new person becomes"),
    .text("group", "g", "GROUP", "add the newcomer to this group").repeated,
    .text("for", nil, "MEMBER", "it is one more device of somebody who is here, or of you"),
    .text("replaces", nil, "DEVICE", "it takes the place of this one, which is removed"),
    .flag("stay", nil, "leave the door open after a yes, for the next one")
  )
  .example("zuruf admit", "let a colleague in; on the other computer: zuruf join")
  .example("zuruf admit --replaces pc-anna", "the new computer of somebody who lost one")

  static func run(_ session: Session) throws(Failure) {
    let options = session.invocation
    if options.has("for"), options.has("name") || options.has("rank") {
      throw .usage(
        UsageMistake(
          "give \"--for\" or \"\(options.has("name") ? "--name" : "--rank")\", not both",
          hints: ["the device belongs to somebody who is here, and keeps name and rank"]))
    }
    let wanted = try options.text("digits").map { (text) throws(Failure) in try digits(text) }
    var client = try session.connect()
    var doorway = Doorway(session: session, wanted: wanted)
    try doorway.open(&client, minutes: options.number("minutes") ?? minutesDefault)
    while try doorway.step(&client) {}
  }

  /// Six digits as a person types them.
  private static func digits(_ text: String) throws(Failure) -> String {
    let bytes = text.utf8.filter { $0 != 0x20 }
    guard bytes.count == 6, bytes.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw .usage(
        UsageMistake(
          "option \"--digits\" takes six digits, not \(quoted(text))",
          hints: ["they stand on the other computer, as 123 456"]))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Six digits as they are shown and read out.
func spaced(_ digits: String) -> String { digits.prefix(3) + " " + digits.dropFirst(3) }

/// The door while this command holds it open or looks at it (C-16).
private struct Doorway {
  let session: Session
  /// The digits that get a yes without a question.
  let wanted: String?
  private var rank: RankWord?
  private var own: MemberRef?
  private var waiting: [AdmissionInfo] = []
  private var admitted = 0

  init(session: Session, wanted: String?) {
    self.session = session
    self.wanted = wanted
  }

  mutating func open(_ client: inout ControlClient, minutes: Int) throws(Failure) {
    // First, so that nobody who knocks meanwhile is missed.
    _ = try client.ask(SubscribeCall(group: nil, after: nil))
    let office = try client.ask(OfficeStatusCall())
    (rank, own) = (office.rank, office.member)
    let before = try client.ask(AdmitStatusCall())
    waiting = before.requests.filter { $0.state == .comparing }
    // A door that is held open elsewhere stays as it is.
    guard !before.open || session.invocation.has("minutes") else {
      return session.note("the door is open already; on the other computer: zuruf join")
    }
    let answer = try client.ask(AdmitOpenCall(seconds: minutes * 60, hold: true))
    if session.json { try session.printLine("door", answer) }
    session.note(
      "the door is open until \(session.time(answer.until)); on the other computer: zuruf join")
  }

  /// Deals with whoever waits, or waits for one thing to happen; false at the end.
  mutating func step(_ client: inout ControlClient) throws(Failure) -> Bool {
    if !waiting.isEmpty {
      try meet(waiting.removeFirst(), &client)
      guard admitted > 0, !session.invocation.has("stay") else { return true }
      return false
    }
    let event: ControlEvent
    do throws(ControlFault) {
      event = try client.nextEvent()
    } catch {
      throw .control(error)
    }
    switch event {
    case .admission(let request): try changed(request)
    case .changed(.door): return try isStillOpen(&client)
    case .lagged:
      throw .refused(
        .refused, "the door was closed, for this command did not keep up",
        hints: ["zuruf admit opens it again"])
    default: break
    }
    return true
  }

  private mutating func changed(_ request: AdmissionInfo) throws(Failure) {
    if session.json { try session.printLine("request", request) }
    switch request.state {
    case .comparing: waiting.append(request)
    case .gone:
      waiting.removeAll { $0.id == request.id }
      session.note("\(quoted(request.name)) went away")
    case .admitted, .refused: waiting.removeAll { $0.id == request.id }
    }
  }

  private func isStillOpen(_ client: inout ControlClient) throws(Failure) -> Bool {
    let status = try client.ask(AdmitStatusCall())
    if status.open { return true }
    let reason = status.reason.map { ", for \($0)" } ?? ""
    guard admitted == 0 else {
      session.note("the door is closed" + reason)
      return false
    }
    throw .refused(
      .notYet, "the door is closed\(reason), and nobody was let in",
      hints: [
        status.reason == nil
          ? "zuruf admit opens it again"
          : "let the newcomer in with a ticket, handed over in person: zuruf ticket new"
      ])
  }

  private mutating func meet(
    _ request: AdmissionInfo, _ client: inout ControlClient
  ) throws(Failure) {
    let digits = request.digits ?? ""
    if session.json, wanted == nil { return }
    session.note(
      "\(quoted(request.name)) knocks, on \(quoted(request.device)), with the digits "
        + spaced(digits))
    if let wanted {
      guard digits == wanted else { return }
      return try admit(request, Choices(session.invocation), &client)
    }
    guard
      let answer = try session.ask(
        "does \(quoted(request.device)) show \(spaced(digits)) too? [y/N] ")
    else {
      return session.note(
        "to let it in, if it shows the same digits: zuruf admit --digits \(digits)")
    }
    guard isYes(answer) else {
      _ = try client.ask(AdmitAnswerCall(no: request.id))
      return session.note("said no; the door stays open")
    }
    var choices = try asked(about: request, Choices(session.invocation))
    while true {
      do throws(Failure) {
        return try admit(request, choices, &client)
      } catch {
        // What was typed can be typed again while the newcomer waits; a word of the command line not.
        guard case .control(.refused(let refusal)) = error, refusal.name != .noKnock,
          !Choices(session.invocation).isComplete
        else { throw error }
        session.world.complain(
          error.report(session.world).text(Voice(program: "zuruf"), session.spelling))
        choices = try asked(about: request, Choices(session.invocation))
      }
    }
  }

  private mutating func admit(
    _ request: AdmissionInfo, _ choices: Choices, _ client: inout ControlClient
  ) throws(Failure) {
    let answer = try client.ask(
      AdmitAnswerCall(
        request: request.id, yes: true, name: choices.name, rank: choices.rank,
        groups: choices.groups, member: choices.member, remove: choices.replaces))
    admitted += 1
    let name = quoted(choices.name ?? request.name)
    let text: String
    if let device = answer.device {
      text = "\(quoted(device.name)) is in the office now\n"
    } else {
      text =
        "said yes to \(name), whose computer is on its way; \"zuruf member\" shows when it is in\n"
    }
    try session.show("admitted", answer, text)
  }

  /// What a person chooses about somebody who is let in; what the command line says is not asked.
  private func asked(
    about request: AdmissionInfo, _ given: Choices
  ) throws(Failure) -> Choices {
    var choices = given
    if choices.member == nil, choices.replaces == nil, choices.name == nil, choices.rank == nil {
      if rank == .member || rank == .box {
        // Whoever may let nobody else in lets in what is one's own.
        choices.member = own.map { "id:\($0.id.text)" }
      } else if let who = try session.ask(
        "whose is it? Enter for \(quoted(request.name)), who is new, or the name of somebody here: "
      ) {
        choices.member = trimmed(who).isEmpty ? nil : trimmed(who)
      }
    }
    if choices.member != nil, choices.replaces == nil {
      let lost = trimmed(
        try session.ask("does it replace a lost one, which is removed? its name, or Enter: ") ?? "")
      choices.replaces = lost.isEmpty ? nil : lost
    }
    if choices.member == nil, choices.replaces == nil, choices.rank == nil, rank == .owner {
      let word = trimmed(try session.ask("member or admin? [member] ") ?? "").lowercased()
      choices.rank = word.isEmpty ? nil : RankWord(rawValue: word)
      if !word.isEmpty, choices.rank == nil {
        throw .usage(UsageMistake("\(quoted(word)) is no rank", hints: ["member or admin"]))
      }
    }
    if choices.groups.isEmpty {
      let titles = try session.ask("groups beside the one of everyone, commas between, or Enter: ")
      choices.groups = (titles ?? "").split(separator: ",").map { trimmed(String($0)) }
        .filter { !$0.isEmpty }
    }
    return choices
  }

  private func isYes(_ answer: String) -> Bool {
    ["y", "yes", "j", "ja"].contains(trimmed(answer).lowercased())
  }
}

/// What is chosen about a newcomer.
private struct Choices {
  var name: String?
  var rank: RankWord?
  var groups: [String]
  var member: String?
  var replaces: String?

  init(_ options: Invocation) {
    name = options.text("name")
    rank = options.text("rank").flatMap { RankWord(rawValue: $0) }
    groups = options.texts("group")
    member = options.text("for")
    replaces = options.text("replaces")
  }

  /// Whether nothing of it is asked.
  var isComplete: Bool { (member != nil && replaces != nil || rank != nil) && !groups.isEmpty }
}

extension AdmitAnswerCall {
  fileprivate init(no request: HexIdentifier) {
    self.init(
      request: request, yes: false, name: nil, rank: nil, groups: nil, member: nil, remove: nil)
  }
}
