import Control
import Cryptography
import Discovery
import Format
import Platform
import Transport

/// The newcomer's side of joining by six digits.
extension NodeLoop {
  func knock(_ call: KnockCall, _ connection: UInt64, _ answer: @escaping Answer) {
    guard membership == nil else { return answer(.failure(belongsAlready)) }
    do throws(ControlError) {
      guard (call.door == nil) != (call.address == nil) else {
        throw ControlError(
          .invalidParameters, "knock: give either \"door\" or \"address\"", hint: nil)
      }
      let person = try TypedName.name(call.name ?? call.account ?? Computer.hostName(), .person)
      let device = try TypedName.name(call.device ?? Computer.hostName(), .device)
      let (addresses, name) = try places(of: call)
      cancelKnock()
      let office = call.door.flatMap { doorsSeen.found[$0]?.info.office }
      knocking = KnockAttempt(
        person: person, device: device, key: DoorKey(NoiseKey()),
        holder: call.hold ?? false ? connection : nil, name: name,
        place: call.address ?? office ?? "the door", asked: answer)
      guard let name else { return knock(at: addresses, clock.now()) }
      if !resolveSeed(name) { endKnock(.failure(tooManyNames), .closed) }
    } catch {
      answer(.failure(error))
    }
  }

  private func places(
    of call: KnockCall
  ) throws(ControlError) -> (addresses: [SocketAddress], name: String?) {
    if let door = call.door {
      let addresses = doorsSeen.addresses(of: door)
      guard !addresses.isEmpty else {
        throw ControlError(
          .doorClosed, "that door is open no more", hint: "zuruf join shows those that are open")
      }
      return (addresses, nil)
    }
    return try places(of: call.address ?? "")
  }

  /// What somebody typed as a place: an address, or a name that is to be looked up.
  func places(
    of text: String
  ) throws(ControlError) -> (addresses: [SocketAddress], name: String?) {
    switch try? Endpoint(parsing: text, defaultPort: Limits.defaultPort) {
    case .address(let address)?: return ([address], nil)
    case .name?: return ([], text)
    case nil:
      throw ControlError(
        .refused, "\"\(text)\" is no address",
        hint: "write it as 192.168.1.20, [fe80::1%eth0] or pc-anna.local, a port behind a colon",
        reason: .noAddress)
    }
  }

  /// Knocks at the first of these that answers.
  func knock(at addresses: [SocketAddress], _ now: Moment) {
    guard knocking?.link == nil, knocking?.isOpen ?? false else { return }
    knocking?.name = nil
    knocking?.addresses = Array(addresses.prefix(Limits.doorAddressesMax))
    knockAtNext(now, noAddress(knocking?.place ?? ""))
  }

  var tooManyNames: ControlError {
    ControlError(
      .busy, "too many names are being looked up at this moment", hint: "try again in a moment")
  }

  func noAddress(_ place: String) -> ControlError {
    ControlError(
      .noAnswer, "\"\(place)\" has no address",
      hint: "write the address of that computer instead of its name")
  }

  private func knockAtNext(_ now: Moment, _ error: ControlError) {
    guard let attempt = knocking else { return }
    guard let address = attempt.addresses.first else {
      return endKnock(.failure(error), attempt.digits == nil ? .closed : .timedOut)
    }
    knocking?.addresses.removeFirst()
    knocking?.address = address
    knocking?.link = links.knock(at: address, with: attempt.key, at: now)
  }

  // MARK: What comes over links of mode 2

  /// Whether a link is one at a door, the own one or somebody else's.
  func isAtDoor(_ link: Transport.LinkID) -> Bool {
    door.visits[link] != nil || doorsSeen.looks[link] != nil || knocking?.link == link
  }

  func atDoor(_ link: Transport.LinkID, _ up: LinkUp, _ address: SocketAddress, _ now: Moment) {
    guard up.isInitiator else { return visited(link, up, now) }
    guard let nonce = Bytes32(randomBytes(32)) else { return links.close(link, .notNow, at: now) }
    if let attempt = knocking, attempt.link == link {
      knocking?.visit = Knock(up, key: attempt.key.identity, nonce: nonce)
    } else if doorsSeen.looks[link] != nil {
      // Whoever only looks commits to nothing, so neither key nor nonce is ever used.
      doorsSeen.looks[link]?.visit = Knock(up, key: up.remoteKey, nonce: nonce)
    } else {
      links.close(link, .notNow, at: now)
    }
  }

  func receivedAtDoor(_ message: Message, _ link: Transport.LinkID, _ now: Moment) {
    if door.visits[link] != nil { return visitorSaid(message, link, now) }
    if doorsSeen.looks[link] != nil { return looked(message, link, now) }
    guard var visit = knocking?.visit else { return links.close(link, .violation, at: now) }
    let step: Knock.Step
    do {
      step = try visit.take(message)
    } catch {
      log(.warning, "the door broke a rule: \(error)")
      return links.close(link, .violation, at: now)
    }
    switch step {
    case .door(let office, let sponsor, let member):
      knocking?.member = member?.text
      knocking?.office = office.text
      knocking?.sponsor = sponsor.text
      if let person = knocking?.person, let device = knocking?.device,
        let message = visit.knock(person: person, device: device)
      {
        _ = links.send(message, on: link)
      }
    case .compares(let digits, let opening):
      _ = links.send(opening, on: link)
      links.hold(link, until: now + .seconds(Limits.doorSecondsMax))
      knocking?.digits = digits
      tellDigits(digits)
    case .answered(let answer, let ticket):
      links.close(link, .done, at: now)
      answered(answer, ticket, now)
    }
    knocking?.visit = visit
  }

  private func tellDigits(_ digits: SixDigits) {
    guard let attempt = knocking else { return }
    knocking?.asked = nil
    attempt.asked?(
      .success(
        .knock(
          .init(
            digits: digits.description, office: attempt.office, sponsor: attempt.sponsor,
            member: attempt.member))))
    tellKnock()
  }

  func leftDoor(_ down: LinkDown, _ now: Moment) {
    if door.visits[down.id] != nil { return visitorLeft(down.id, now) }
    if doorsSeen.looks[down.id] != nil { return lookEnded(down, now) }
    guard let attempt = knocking, attempt.link == down.id, let address = attempt.address else {
      return
    }
    knocking?.link = nil
    guard attempt.isOpen else { return }
    if attempt.visit == nil, !attempt.addresses.isEmpty {
      return knockAtNext(now, noDoor(at: address, down.end))
    }
    let error =
      attempt.digits == nil
      ? noDoor(at: address, down.end)
      : ControlError(
        .noAnswer, "the door of \"\(attempt.sponsor)\" is out of reach, and nobody said yes or no",
        hint: "zuruf join knocks again, with other digits")
    endKnock(.failure(error), attempt.digits == nil ? .closed : .timedOut)
  }

  /// Why a knock did not get as far as the digits, or a look not as far as whose door it is.
  func noDoor(at address: SocketAddress, _ end: LinkEnd) -> ControlError {
    switch end {
    case .bye(.notNow):
      return ControlError(
        .busy, "the door at \(address) takes nobody at this moment",
        hint: "zuruf join again in a moment")
    case .cut, .bye, .closedHere, .late, .unproven:
      return ControlError(
        .doorClosed, "nobody holds a door open at \(address)",
        hint:
          "somebody of the office opens it, on that computer: zuruf admit; then zuruf join again")
    default:
      return ControlError(
        .noAnswer, "nobody can be reached at \(address): \(end.words)",
        hint: "is that computer on, and does its firewall let TCP port \(address.port) in?")
    }
  }

  // MARK: What comes of it

  private func answered(_ answer: Message.DoorAnswer, _ ticket: [UInt8], _ now: Moment) {
    guard let attempt = knocking else { return }
    switch answer {
    case .admitted: joinAdmitted(attempt, String(decoding: ticket, as: UTF8.self), now)
    case .refused:
      endKnock(
        .failure(
          ControlError(
            .refused, "\"\(attempt.sponsor)\" said no",
            hint: "ask them; zuruf join knocks again, with other digits", reason: .saidNo)),
        .refused)
    case .closed:
      endKnock(
        .failure(
          ControlError(
            .doorClosed, "the door was closed before anybody said yes",
            hint: "ask \"\(attempt.sponsor)\" to open it again, on that computer: zuruf admit")),
        .closed)
    case .crowded:
      endKnock(
        .failure(
          ControlError(
            .busy, "too many stand at the door of \"\(attempt.sponsor)\" at this moment",
            hint: "zuruf join again in a moment")), .closed)
    }
  }

  /// The sponsor said yes: what came with it is a ticket like others, for this computer alone.
  private func joinAdmitted(_ attempt: KnockAttempt, _ ticket: String, _ now: Moment) {
    knocking?.state = .admitted
    tellKnock()
    join(
      JoinCall(
        ticket: ticket, name: nil, account: attempt.person.text, device: attempt.device.text)
    ) { [self] outcome in
      endKnock(outcome, .admitted)
    }
    // Whoever said yes is asked first, at the address where it was met.
    if joining != nil, let address = attempt.address {
      dialBook.learn(address, from: .ticket, name: nil, device: nil, at: now)
    }
  }

  private func endKnock(_ outcome: Result<ControlResult, ControlError>, _ state: KnockWord) {
    guard let attempt = knocking, attempt.end == nil else { return }
    let end = outcome.map { result in
      if case .join(let answer) = result { return ControlResult.knockWait(answer) }
      return result
    }
    knocking?.state = state
    knocking?.end = end
    knocking?.asked = nil
    knocking?.waiting = []
    if attempt.digits == nil, case .failure(let error) = outcome {
      attempt.asked?(.failure(error))
    }
    for answer in attempt.waiting { answer(end) }
    if attempt.state != state { tellKnock() }
  }

  private func tellKnock() {
    guard let info = knocking?.info else { return }
    for subscriber in control.subscribers { subscriber.events?.push(.knock(info)) }
  }

  func awaitKnock(_ answer: @escaping Answer) {
    guard let attempt = knocking else {
      return answer(
        .failure(
          ControlError(
            .noKnock, "this computer knocks at no door", hint: "zuruf join knocks at one")))
    }
    if let end = attempt.end { return answer(end) }
    knocking?.waiting.append(answer)
  }

  /// Takes the knock back, unless somebody has said yes already.
  func cancelKnock() {
    guard let attempt = knocking, attempt.isOpen else { return }
    endKnock(
      .failure(ControlError(.noKnock, "the knock was taken back", hint: nil)), .closed)
    if let link = attempt.link { links.close(link, .done, at: clock.now()) }
  }
}
