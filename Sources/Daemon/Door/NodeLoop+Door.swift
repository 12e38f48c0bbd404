import Authority
import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

/// The sponsor's side of joining by six digits: the door, and the strangers who stand there.
extension NodeLoop {
  // MARK: Opening and closing

  func openDoor(
    _ call: AdmitOpenCall, _ connection: UInt64, _ office: OfficeNode
  ) throws(ControlError) -> AdmitOpenCall.Answer {
    let seconds = call.seconds ?? Limits.doorSeconds
    guard (60...Limits.doorSecondsMax).contains(seconds) else {
      throw ControlError(
        .invalidParameters,
        "\"seconds\" is a number from 60 to \(Limits.doorSecondsMax): a door is open for a minute to "
          + "an hour", hint: nil)
    }
    try office.checkMaySponsor()
    let member = try office.doorMember(call)
    guard links.port != 0 else {
      throw ControlError(
        .refused, "nobody can knock here: this computer does not listen",
        hint: "zuruf doctor says why", reason: .notListening)
    }
    let (now, wall) = (clock.now(), clock.wall().milliseconds)
    let until = now + .seconds(seconds)
    let untilWall = ClaimedTime(ms: Int64(clamping: wall) + Int64(seconds) * 1_000)
    let holder = call.hold ?? false ? connection : nil
    if let opening = door.opening {
      // What it said to those who stand there stays true.
      guard opening.member == member else { throw office.otherDoor(opening.member) }
    }
    if door.opening == nil {
      door.opening = .init(
        key: DoorKey(NoiseKey()), member: member, until: until, untilWall: untilWall,
        holder: holder)
      door.reason = nil
      links.door = door.opening?.key
      announce()
      log(.notice, "the door is open for \(seconds) seconds")
    } else {
      door.opening?.until = until
      door.opening?.untilWall = untilWall
      // Whoever opened it to stay open keeps it so.
      if door.opening?.holder != nil { door.opening?.holder = holder }
    }
    for request in door.requests where request.state == .comparing {
      links.hold(request.link, until: DoorKeeping.answersUntil(until))
    }
    control.changed(.door)
    return .init(until: untilWall, member: member.map { office.memberRef($0) })
  }

  /// Closes the door and sends whoever stands there away; with a reason where nobody asked for it.
  func closeDoor(_ reason: String?, _ now: Moment) {
    guard door.opening != nil else { return }
    door.opening = nil
    door.reason = reason
    links.door = nil
    for link in door.visits.keys.sorted() {
      // A yes that is on its way to the disk is still told.
      if let request = door.request(on: link), request.isBeingAdmitted {
        door[request.id]?.isDoorClosed = true
        continue
      }
      if door.visits[link]?.isSentAway ?? true { continue }
      sendAway(link, .closed, now)
    }
    announce()
    control.changed(.door)
    log(.notice, "the door is closed" + (reason.map { ": \($0)" } ?? ""))
  }

  func admitStatus(_ office: OfficeNode) -> AdmitStatusCall.Answer {
    .init(
      open: door.opening != nil, until: door.opening?.untilWall, reason: door.reason,
      requests: door.requests.map(\.info),
      member: door.opening?.member.map { office.memberRef($0) })
  }

  // MARK: Strangers

  /// A stranger's handshake at the own door is done.
  func visited(_ link: Transport.LinkID, _ up: LinkUp, _ now: Moment) {
    guard let opening = door.opening, let office, let names = try? office.doorNames(opening.member),
      let nonce = Bytes32(randomBytes(32))
    else { return links.close(link, .notNow, at: now) }
    door.visits[link] = DoorVisit(up, key: opening.key.identity, nonce: nonce)
    _ = links.send(
      .door(office: names.office, sponsor: names.sponsor, member: names.member), on: link)
  }

  /// A stranger says something at the own door.
  func visitorSaid(_ message: Message, _ link: Transport.LinkID, _ now: Moment) {
    guard var visit = door.visits[link] else { return links.close(link, .notNow, at: now) }
    // Its answer is on the way; what it said before it had that counts no more.
    guard !visit.isSentAway else { return }
    guard door.opening != nil else { return links.close(link, .notNow, at: now) }
    let step: DoorVisit.Step
    do {
      step = try visit.take(message)
    } catch {
      log(.warning, "somebody at the door broke a rule: \(error)")
      return links.close(link, .violation, at: now)
    }
    door.visits[link] = visit
    switch step {
    case .knocked(let answer):
      guard door.comparing < Limits.knocksMax else { return sendAway(link, .crowded, now) }
      _ = links.send(answer, on: link)
    case .compares(let digits): compares(digits, visit, link, now)
    }
  }

  private func compares(
    _ digits: SixDigits, _ visit: DoorVisit, _ link: Transport.LinkID, _ now: Moment
  ) {
    guard let opening = door.opening, let who = visit.who, door.comparing < Limits.knocksMax else {
      sendAway(link, .crowded, now)
      return countFailed(now)
    }
    links.hold(link, until: DoorKeeping.answersUntil(opening.until))
    let request = DoorKeeping.Request(
      id: identifier(randomBytes(16)), link: link, who: who, digits: digits,
      since: ClaimedTime(ms: Int64(clamping: clock.wall().milliseconds)), member: opening.member)
    door.add(request)
    tell(request)
  }

  /// A stranger's link is over, however that came.
  ///
  /// Whoever was told the sponsor's nonce knows the digits that its opening would show, and could go
  /// and come until they suit it: so its leaving counts whether it opened or not (H-15).
  func visitorLeft(_ link: Transport.LinkID, _ now: Moment) {
    let visit = door.visits.removeValue(forKey: link)
    guard let request = door.request(on: link) else {
      if let visit, visit.knowsNonce, !visit.isSentAway { countFailed(now) }
      return
    }
    guard request.state == .comparing, !request.isBeingAdmitted else { return }
    endRequest(request)
    countFailed(now)
  }

  /// Whoever knocked is there no more, and nobody answered.
  private func endRequest(_ request: DoorKeeping.Request) {
    door[request.id]?.state = .gone
    tell(door[request.id])
  }

  /// Says no to a stranger, who then ends the link; if it does not, time does.
  private func sendAway(
    _ link: Transport.LinkID, _ answer: Message.DoorAnswer, _ now: Moment
  ) {
    door.visits[link]?.isSentAway = true
    _ = links.send(.doorAnswer(answer, ticket: []), on: link)
    links.dismiss(link, until: now + .seconds(Limits.doorLookSeconds))
    guard let request = door.request(on: link), request.state == .comparing else { return }
    door[request.id]?.state =
      switch answer {
      case .refused: .refused
      case .closed: .closed
      default: .gone
      }
    tell(door[request.id])
  }

  /// One more knock came to nothing. Whoever stands between two people hits their digits once in a
  /// million: with so few tries nobody gets far (H-15).
  private func countFailed(_ now: Moment) {
    guard let failed = door.opening?.failed else { return }
    door.opening?.failed = failed + 1
    guard failed + 1 >= Limits.doorTriesMax else { return }
    closeDoor(
      "\(failed + 1) who knocked were not let in, so somebody may be trying to slip in", now)
  }

  private func tell(_ request: DoorKeeping.Request?) {
    guard let request else { return }
    for subscriber in control.subscribers { subscriber.events?.push(.admission(request.info)) }
  }

  // MARK: The sponsor's answer

  /// What a yes would come to; refuses what the yes would (C-16).
  func checkAtDoor(
    _ call: AdmitCheckCall, _ office: OfficeNode
  ) throws(ControlError) -> AdmitCheckCall.Answer {
    try office.checkMaySponsor()
    var (who, member) = (DoorVisit.Newcomer?.none, door.opening?.member)
    if let id = call.request {
      guard let request = door[id], request.state == .comparing else { throw nobodyKnocks }
      (who, member) = (request.who, request.member)
    }
    let terms = try office.admissionTerms(call, who, door: member)
    return .init(
      member: terms.member.map { office.memberRef($0) },
      remove: terms.removed.map { office.deviceRef($0.key) })
  }

  private var nobodyKnocks: ControlError {
    ControlError(
      .noKnock, "whoever knocked is there no more",
      hint: "it can knock again, with other digits; on the other computer: zuruf join")
  }

  func answerAtDoor(_ call: AdmitAnswerCall, _ office: OfficeNode, _ answer: @escaping Answer) {
    let now = clock.now()
    guard let request = door[call.request], request.state == .comparing, !request.isBeingAdmitted
    else {
      return answer(.failure(nobodyKnocks))
    }
    guard call.yes else {
      sendAway(request.link, .refused, now)
      countFailed(now)
      return answer(
        .success(
          .admitAnswer(.init(request: door[call.request]?.info ?? request.info, device: nil))))
    }
    do throws(ControlError) {
      guard let membership else { return }
      let plan = try office.admissionPlan(
        call.check, request.who, door: request.member, addresses: ownAddresses(),
        sharedKey: membership.sharedKey)
      door[call.request]?.isBeingAdmitted = true
      office.write(office.office, plan.drafts) { [self] result in
        door[call.request]?.isBeingAdmitted = false
        switch result {
        case .success: handOver(plan, request, office, answer)
        case .failure(let error):
          if door.visits[request.link] == nil {
            // Who left meanwhile waited for this answer.
            endRequest(request)
          } else if door[call.request]?.isDoorClosed ?? false {
            sendAway(request.link, .closed, clock.now())
          }
          answer(.failure(error))
        }
      }
    } catch {
      answer(.failure(error))
    }
  }

  /// The yes is durable: it goes to the newcomer, who joins with it as with any ticket.
  private func handOver(
    _ plan: AdmissionPlan, _ request: DoorKeeping.Request, _ office: OfficeNode,
    _ answer: @escaping Answer
  ) {
    let now = clock.now()
    if plan.removed != nil { office.renewEpochs {} }
    let isThere = door.visits[request.link] != nil
    guard isThere,
      links.send(.doorAnswer(.admitted, ticket: Array(plan.line.utf8)), on: request.link)
    else {
      // Nobody is to find a way in later that was meant for somebody who left.
      office.write(office.office, [.control(.ticketRevoke(plan.ticket))]) { _ in }
      endRequest(request)
      return answer(.failure(wentAway(request, plan, office)))
    }
    door.visits[request.link]?.isSentAway = true
    links.dismiss(request.link, until: now + .seconds(Limits.doorLookSeconds))
    door[request.id]?.state = .admitted
    tell(door[request.id])
    let roster = office.replica.rosterNow()
    door.admissions.append(
      .init(
        request: request.id, ticket: plan.ticket, member: plan.member, removed: plan.removed,
        known: Set(roster.devices.map(\.key)), makesAdmin: plan.makesAdmin, answer: answer,
        answerBy: now + .seconds(Limits.doorAdmitSeconds),
        until: now + .seconds(Limits.doorTicketSeconds)))
  }

  /// Nobody was let in; but the computer whose place was to be taken is removed, and stays so.
  private func wentAway(
    _ request: DoorKeeping.Request, _ plan: AdmissionPlan, _ office: OfficeNode
  ) -> ControlError {
    let away = "\"\(request.who.person.text)\" went away before the yes arrived"
    guard let removed = plan.removed else {
      return ControlError(
        .noKnock, away, hint: "it can knock again; on the other computer: zuruf join")
    }
    let device = office.deviceRef(removed).name
    return ControlError(
      .noKnock, "\(away); \"\(device)\" is removed all the same",
      hint: "it can knock again, as one more device: zuruf admit "
        + "--for \"\(office.memberRef(plan.member).name)\"; on the other computer: zuruf join")
  }

  /// Closes the door when its time is over or its holder gone, and follows those who were let in.
  func tickDoor(_ now: Moment) {
    for connection in control.takeEnded() {
      if door.opening?.holder == connection { closeDoor(nil, now) }
      if knocking?.holder == connection { cancelKnock() }
    }
    if let opening = door.opening {
      if now >= opening.until { closeDoor(nil, now) }
      // Who was removed or lost the right meanwhile lets nobody in.
      if (try? office?.checkMaySponsor()) == nil { closeDoor(nil, now) }
    }
    guard let office, !door.admissions.isEmpty else { return }
    let waiting = door.admissions
    door.admissions = []
    for admission in waiting { follow(admission, office, now) }
  }

  /// Whoever was let in is not followed any more: the office is set aside here.
  func forgetAdmissions() {
    let waiting = door.admissions
    door.admissions = []
    for admission in waiting {
      admission.answer?(
        .failure(ControlError(.noOffice, "the office was set aside on this computer", hint: nil)))
    }
  }

  private func follow(_ admission: DoorKeeping.Admission, _ office: OfficeNode, _ now: Moment) {
    var admission = admission
    if let device = office.arrived(admission) {
      guard admission.makesAdmin else { return arrived(admission, device, office) }
      admission.makesAdmin = false
      office.write(office.office, [.control(.rank(device.member, .admin, []))]) { [self] result in
        if case .failure(let error) = result {
          log(.warning, "a newcomer did not become admin: \(error.message)")
          admission.answer?(.failure(error))
        } else {
          arrived(admission, device, office)
        }
      }
      return
    }
    if now >= admission.answerBy, let answer = admission.answer {
      admission.answer = nil
      answer(
        .success(
          .admitAnswer(
            .init(
              request: info(admission.request), device: nil,
              member: admission.member.isZero ? nil : office.memberRef(admission.member),
              removed: admission.removed.map { office.deviceRef($0) }))))
    }
    if now < admission.until { door.admissions.append(admission) }
  }

  private func arrived(
    _ admission: DoorKeeping.Admission, _ device: RosterDevice, _ office: OfficeNode
  ) {
    admission.answer?(
      .success(
        .admitAnswer(
          .init(
            request: info(admission.request), device: office.deviceRef(device.key),
            member: office.memberRef(device.member),
            removed: admission.removed.map { office.deviceRef($0) }))))
  }

  private func info(_ request: HexIdentifier) -> AdmissionInfo {
    door[request]?.info
      ?? AdmissionInfo(
        id: request, name: "", device: "", digits: nil, state: .admitted,
        since: ClaimedTime(ms: 0))
  }
}

extension AdmitAnswerCall {
  /// The same words without the yes.
  fileprivate var check: AdmitCheckCall {
    AdmitCheckCall(
      request: request, name: name, rank: rank, groups: groups, member: member, remove: remove,
      again: again)
  }
}
