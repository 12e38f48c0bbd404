import Control
import Platform
import Terminal

/// The door while `zuruf admit` holds it open or looks at it (C-16).
struct Doorway {
  let session: Session
  /// The digits that get a yes without a question.
  private let wanted: String?
  /// What the command line says of whoever gets a yes here.
  private(set) var given: Choices
  private(set) var rank: RankWord?
  private var own: MemberRef?
  /// Whose further devices alone come in; nil: new people do.
  private(set) var member: MemberRef?
  /// What a yes removes by the words of the command line.
  private var removes: DeviceRef?
  private var waiting: [AdmissionInfo] = []
  /// Who was answered here: what the node tells of them is no news.
  private var answered: Set<HexIdentifier> = []
  private var admitted = 0

  init(session: Session, wanted: String?) {
    self.session = session
    self.wanted = wanted
    given = Choices(session.invocation)
  }

  // MARK: Opening

  /// Opens the door, once all that the command line says was judged: nobody is to stand there and
  /// wait for a word that is wrong.
  mutating func open(_ client: inout ControlClient) throws(Failure) {
    // First, so that nobody who knocks meanwhile is missed.
    _ = try client.ask(SubscribeCall(group: nil, after: nil))
    let office = try client.ask(OfficeStatusCall())
    (rank, own) = (office.rank, office.member)
    let before = try client.ask(AdmitStatusCall())
    waiting = before.requests.filter { $0.state == .comparing }
    if before.open { member = before.member }
    try askForOwn()
    if !given.isEmpty {
      let answer = try client.ask(given.check(nil))
      let checked = answer.member
      removes = answer.remove
      if before.open, let open = before.member, let checked, open.id != checked.id {
        throw .refused(
          .refused,
          "the door is open already, only for one more computer of \(quoted(open.name))",
          hints: ["it is closed where it was opened; then zuruf admit again"])
      }
      // A door that is open for all says so; that its yes means one person is said here.
      member = member ?? checked
    }
    try openOrJoin(before, &client)
    if let removes {
      session.note(
        "a yes removes \(quoted(removes.name)) from the office: the new computer takes its place")
    }
    if let member {
      session.note(
        isOwn(member)
          ? "only for one more computer of your own: it will read all that you read, and write as you"
          : "only for one more computer of \(quoted(member.name)): it will read all that "
            + "\(shown(member.name)) reads, and write as \(shown(member.name))")
    }
  }

  private func openOrJoin(
    _ before: AdmitStatusCall.Answer, _ client: inout ControlClient
  ) throws(Failure) {
    // A door that is held open elsewhere stays as it is.
    guard !before.open || session.invocation.has("minutes") else {
      let choice = given.isEmpty ? "" : "; what you chose counts for who gets the yes here"
      return session.note("the door is open already; on the other computer: zuruf join\(choice)")
    }
    let minutes = session.invocation.number("minutes") ?? AdmitCommand.minutesDefault
    let whose = before.open ? before.member : member
    let answer = try client.ask(
      AdmitOpenCall(
        seconds: minutes * 60, hold: true, member: whose.map { "id:\($0.id.text)" },
        again: whose == nil ? nil : given.again))
    if session.json { try session.printLine("door", answer) }
    session.note(
      "the door is open until \(session.time(answer.until)); on the other computer: zuruf join")
  }

  /// Whoever may let no new people in is told what a yes would mean, before anybody can knock.
  private mutating func askForOwn() throws(Failure) {
    guard rank == .member || rank == .box, given.member == nil, given.replaces == nil,
      let own, member?.id != own.id
    else { return }
    let answer = try session.ask(
      "only admins and owners let new people in; you can let in a second computer of your own, "
        + "which will read all that you read, and write as you. Do that, \(shown(own.name))? "
        + "[y/N] ")
    guard let answer else {
      throw .refused(
        .notAllowed, "only admins and owners let new people in",
        hints: [
          "one more computer of yours, which reads all that you read and writes as you: "
            + "zuruf admit --for \(shellWord(escaped(own.name, .shown)))"
        ])
    }
    guard isYes(answer) else { throw .refused(.refused, "nothing was done", hints: []) }
    given.member = "id:\(own.id.text)"
  }

  func isOwn(_ member: MemberRef) -> Bool { member.id == own?.id }

  // MARK: What happens

  /// Deals with whoever waits, or waits for one thing to happen; false at the end.
  mutating func step(_ client: inout ControlClient) throws(Failure) -> Bool {
    if !waiting.isEmpty {
      try meet(waiting.removeFirst(), &client)
    } else {
      let event: ControlEvent
      do throws(ControlFault) {
        event = try client.nextEvent()
      } catch {
        throw .control(error)
      }
      guard try take(event, &client) else { return false }
    }
    return admitted == 0 || session.invocation.has("stay")
  }

  /// Takes in what the node tells; false where the door is closed.
  private mutating func take(
    _ event: ControlEvent, _ client: inout ControlClient
  ) throws(Failure) -> Bool {
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
    if request.state == .comparing { return waiting.append(request) }
    waiting.removeAll { $0.id == request.id }
    guard !answered.contains(request.id) else { return }
    let name = quoted(request.name)
    switch request.state {
    case .comparing: break
    case .gone: session.note("\(name) went away; whoever knocks again has other digits")
    case .closed: session.note("\(name) was still waiting when the door closed")
    case .refused: session.note("somebody else said no to \(name)")
    case .admitted:
      session.note("\(name) was let in by a yes that was not said here")
      admitted += 1
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

  // MARK: Somebody at the door

  private mutating func meet(
    _ request: AdmissionInfo, _ client: inout ControlClient
  ) throws(Failure) {
    let digits = request.digits ?? ""
    if session.json, wanted == nil { return }
    session.note(
      "\(quoted(request.name)) knocks, on \(quoted(request.device)), with the digits "
        + spaced(digits))
    if let wanted {
      guard digits == wanted else { return try refuse(request, wanted, &client) }
      return try admit(request, given, &client)
    }
    guard session.world.inputIsTerminal else { return tellHow(digits) }
    let answer: String
    switch try ask(question(request.device, spaced(digits)), about: request, &client) {
    case .text(let text): answer = text
    case .over: return
    case .nobody: return tellHow(digits)
    }
    do throws(Failure) {
      guard isYes(answer) else {
        answered.insert(request.id)
        _ = try client.ask(AdmitAnswerCall(no: request.id))
        return session.note("said no; the door stays open")
      }
      guard let choices = try choose(request, &client) else { return }
      try admit(request, choices, &client)
    } catch {
      guard case .control(.refused(let refusal)) = error else { throw error }
      complain(error)
      // Whoever still stands there is asked about anew: it takes another yes of a person.
      if refusal.name != .noKnock { waiting.insert(request, at: 0) }
    }
  }

  /// Other digits than the newcomer shows: the one thing that they are compared for.
  private mutating func refuse(
    _ request: AdmissionInfo, _ wanted: String, _ client: inout ControlClient
  ) throws(Failure) {
    // Of several who stand there one may show them.
    if waiting.contains(where: { $0.digits == wanted }) { return }
    let isAlone = waiting.isEmpty
    if isAlone {
      answered.insert(request.id)
      _ = try client.ask(AdmitAnswerCall(no: request.id))
    }
    throw .refused(
      .refused,
      "these are not the digits: \(quoted(request.name)) knocks with \(spaced(request.digits ?? "")), "
        + "not with \(spaced(wanted))" + (isAlone ? ", and got a no" : ""),
      hints: [
        "read them once more on the newcomer's screen; if they are there as you wrote them, somebody "
          + "stands between the two: let nobody in here, and make a ticket: zuruf ticket new"
      ])
  }

  private func tellHow(_ digits: String) {
    // What was chosen here counts for the yes of that command only where it says so, too.
    session.note(
      "to let it in, if it shows the same digits: zuruf admit\(given.typed) --digits \(digits)")
  }

  private func question(_ device: String, _ digits: String) -> String {
    let removal = removes.map { "a yes removes \(quoted($0.name)). " } ?? ""
    return removal + plainQuestion(device, digits)
  }

  private func plainQuestion(_ device: String, _ digits: String) -> String {
    guard let member else { return "does \(quoted(device)) show \(digits) too? [y/N] " }
    let name = shown(member.name)
    return isOwn(member)
      ? "is \(quoted(device)) your own computer, \(name), and does it show \(digits) too? It will "
        + "read all that you read, and write as you [y/N] "
      : "is \(quoted(device)) a computer of \(name), and does it show \(digits) too? It will read "
        + "all that \(name) reads, and write as \(name) [y/N] "
  }

  func complain(_ error: Failure) {
    CommandLineProgram.tell(error, session.world, session.spelling, json: session.json)
  }

  /// What came of a question.
  enum Reply {
    case text(String)
    /// Whoever it was about is there no more, or the door is closed; that was told.
    case over
    /// Nobody types any more.
    case nobody
  }

  /// Asks about somebody at the door, and goes on listening to the node: whoever went away meanwhile,
  /// or was answered elsewhere, needs no answer any more.
  mutating func ask(
    _ question: String, about request: AdmissionInfo, _ client: inout ControlClient
  ) throws(Failure) -> Reply {
    let input = session.world.input
    session.forgetTyped()
    session.world.complain(session.wrapped(question))
    while true {
      if let line = input.bufferedLine() { return .text(try session.text(line, "the answer")) }
      guard !input.isFinished else { return .nobody }
      let wake: ControlClient.Wake
      do throws(ControlFault) {
        wake = try client.nextEvent(orReadable: session.world.inputNumber)
      } catch {
        throw .control(error)
      }
      guard case .event(let event) = wake else {
        try input.fill()
        continue
      }
      guard case .admission(let changed) = event else {
        guard try take(event, &client) else { return .over }
        continue
      }
      // The question stands in a line that has not ended.
      session.world.complain("\n")
      try self.changed(changed)
      if changed.id == request.id, changed.state != .comparing { return .over }
      if changed.state == .comparing {
        session.note("\(quoted(changed.name)) knocks too, and waits")
      }
      session.forgetTyped()
      session.world.complain(session.wrapped(question))
    }
  }

  private mutating func admit(
    _ request: AdmissionInfo, _ choices: Choices, _ client: inout ControlClient
  ) throws(Failure) {
    let answer: AdmitAnswerCall.Answer
    answered.insert(request.id)
    do throws(Failure) {
      answer = try client.ask(choices.yes(request.id))
    } catch {
      answered.remove(request.id)
      throw error
    }
    admitted += 1
    try session.show("admitted", answer, words(answer, choices))
  }

  private func words(_ answer: AdmitAnswerCall.Answer, _ choices: Choices) -> String {
    guard let device = answer.device else {
      let name = quoted(choices.name ?? answer.request.name)
      return "said yes to \(name), whose computer is on its way; \"zuruf member\" shows when it is "
        + "in\n"
    }
    let isFurther = choices.member != nil || choices.replaces != nil || member != nil
    var text = "\(quoted(device.name)) is in the office now"
    if let member = answer.member {
      text +=
        !isFurther
        ? ": \(quoted(member.name)) joined"
        : isOwn(member)
          ? ": a computer of yours, which reads and writes as you"
          : ": a computer of \(quoted(member.name)), which reads and writes as \(shown(member.name))"
    }
    if let removed = answer.removed { text += "; \(quoted(removed.name)) was removed" }
    return text + "\n"
  }
}

extension AdmitAnswerCall {
  fileprivate init(no request: HexIdentifier) {
    self.init(
      request: request, yes: false, name: nil, rank: nil, groups: nil, member: nil, remove: nil)
  }
}
