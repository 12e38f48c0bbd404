import Authority
import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Transport

/// How a node without an office finds doors that are open.
extension NodeLoop {
  func lookForDoors(_ call: DoorsCall, _ answer: @escaping Answer) {
    guard mayLook else { return answer(.failure(belongsAlready)) }
    if let place = call.address { return askWhoseDoor(at: place, answer) }
    let now = clock.now()
    if doorsSeen.waiting.isEmpty {
      doorsSeen.answerBy = now + .seconds(Limits.doorsAnswerSeconds)
      doorsSeen.settlesAt = now + .milliseconds(DoorsSeen.settleMilliseconds)
    }
    doorsSeen.waiting.append(answer)
    doorsSeen.watchedUntil = now + .seconds(DoorsSeen.watchSeconds)
    doorsSeen.refreshAt = now
    lookAtDoors(now)
  }

  /// Whether this node looks for doors: one without an office, and one whose person finds a way in before
  /// what is here is set aside (C-19).
  private var mayLook: Bool { membership == nil || mayBeSetAside }

  /// Whether what is here of an office may be set aside (C-19).
  var mayBeSetAside: Bool { office?.mayBeSetAside ?? isCarried }

  /// How whoever belongs to an office gets into another one.
  var secondOffice: String {
    var leaving = "leave this one first: zuruf office leave"
    if let office, office.replica.rosterNow().owners.contains(office.replica.member) {
      leaving = "\(office.ownerLeaving), and leaves then: zuruf office leave"
    }
    return "for another one instead, \(leaving); to be in both takes a second node: zurufd "
      + "--home DIR --socket DIR/control"
  }

  /// Why this computer joins and founds no office: it has one, or had one and keeps what it had.
  var belongsAlready: ControlError {
    if isCarried { return carriedHere }
    guard let office, office.mayBeSetAside else {
      return ControlError(
        .officeExists, "this computer belongs to an office already",
        hint: secondOffice)
    }
    guard office.isRemoved else {
      if office.lacksOfficeLog, !office.isReady {
        return ControlError(
          .joining, "a disk lost what this computer knew of its office, which comes from others",
          hint: "leave this computer on beside another one of the office; where none is left, or "
            + "this one was removed, zuruf join --anew sets it aside, and deletes nothing")
      }
      guard office.isReady else {
        return ControlError(
          .joining, "an office let this computer in already, and its log is still to come",
          hint: "zuruf status says what to do; zuruf join --anew sets aside what is here, deletes "
            + "nothing, and begins once more")
      }
      if office.isCopied {
        let copied = office.copied.info
        return ControlError(.stopped, copied.detail, hint: copied.hint)
      }
      let tellers = office.saidRemovedBy.map { office.deviceName($0) }.sorted()
      let said = Shortfall.saidRemoved(by: tellers).info
      return ControlError(.removed, said.detail, hint: said.hint)
    }
    return ControlError(
      .removed, "this computer was removed from its office, and keeps what it had",
      hint: "zuruf join --anew sets that aside and joins as a new device; nothing is deleted")
  }

  func noteDoor(_ sighting: Sighting, _ now: Moment) {
    guard mayLook else { return }
    let before = doorsSeen.list
    let isNew = doorsSeen.note(sighting, at: now)
    if isNew, isWatchedForDoors(now) { lookAtDoors(now) }
    tellDoors(before)
  }

  func forgetDoor(_ place: SightingPlace) {
    let before = doorsSeen.list
    doorsSeen.forget(place)
    tellDoors(before)
  }

  /// It is not known any more which doors are announced.
  func forgetDoors() {
    let before = doorsSeen.list
    for place in doorsSeen.places.keys { doorsSeen.forget(place) }
    tellDoors(before)
  }

  private func isWatchedForDoors(_ now: Moment) -> Bool {
    now < doorsSeen.watchedUntil || !control.subscribers.isEmpty
  }

  /// Asks each announced door whose it is, unless it said so a moment ago.
  private func lookAtDoors(_ now: Moment) {
    for door in doorsSeen.announced {
      if let found = doorsSeen.found[door], now - found.at < .seconds(DoorsSeen.freshSeconds) {
        continue
      }
      let under = Set(doorsSeen.looks.values.map(\.address))
      for address in doorsSeen.addresses(of: door) where !under.contains(address) {
        let link = links.knock(at: address, with: DoorKey(NoiseKey()), at: now)
        doorsSeen.looks[link] = .init(door: door, address: address)
      }
    }
  }

  /// A door that is only looked at has said whose it is, or the look is over.
  func looked(_ message: Message, _ link: Transport.LinkID, _ now: Moment) {
    guard var look = doorsSeen.looks[link], var visit = look.visit,
      let step = try? visit.take(message), case .door(let office, let sponsor, let member) = step
    else { return links.close(link, .violation, at: now) }
    look.visit = visit
    doorsSeen.looks[link]?.hasAnswered = true
    let info = DoorInfo(
      id: look.door, office: office.text, sponsor: sponsor.text,
      address: look.address.description, member: member?.text)
    if let question = look.question {
      question.answer(.success(.doors(.init(doors: [info], advice: nil, reason: nil))))
      return links.close(link, .done, at: now)
    }
    let before = doorsSeen.list
    if var known = doorsSeen.found[look.door], known.info.office == office.text,
      known.info.sponsor == sponsor.text, known.info.member == member?.text,
      doorsSeen.addresses(of: look.door).contains(known.address)
    {
      // A door has several addresses; the one that answered first stays.
      known.at = now
      doorsSeen.noteAnswer(of: look.door, known)
    } else if doorsSeen.announced.contains(look.door) {
      doorsSeen.noteAnswer(of: look.door, .init(info: info, address: look.address, at: now))
    }
    links.close(link, .done, at: now)
    tellDoors(before)
  }

  func lookEnded(_ down: LinkDown, _ now: Moment) {
    guard let look = doorsSeen.looks.removeValue(forKey: down.id), !look.hasAnswered else {
      return
    }
    if let question = look.question {
      return askNext(question, noDoor(at: look.address, down.end), now)
    }
    guard
      !doorsSeen.looks.values.contains(where: { $0.door == look.door })
    else { return }
    let before = doorsSeen.list
    // Where nobody is this time is no door to knock at, whatever it said before.
    if look.visit == nil, doorsSeen.found[look.door]?.address == look.address {
      doorsSeen.found[look.door] = nil
    }
    if doorsSeen.found[look.door] == nil { doorsSeen.noteSilence(of: look.door, at: now) }
    tellDoors(before)
  }

  private func tellDoors(_ before: [DoorInfo]) {
    let list = doorsSeen.list
    guard list != before else { return }
    for subscriber in control.subscribers { subscriber.events?.push(.doors(list)) }
  }

  func tickDoors(_ now: Moment) {
    guard knocking != nil || !doorsSeen.isUntouched else { return }
    guard mayLook else { return endLooking(now) }
    if now >= doorsSeen.refreshAt {
      discovery?.refresh()
      doorsSeen.refreshAt =
        isWatchedForDoors(now) ? now + .seconds(DoorsSeen.refreshSeconds) : .distantFuture
      lookAtDoors(now)
    }
    let isSettled =
      !doorsSeen.found.isEmpty && doorsSeen.looks.isEmpty && now >= doorsSeen.settlesAt
    guard !doorsSeen.waiting.isEmpty, isSettled || now >= doorsSeen.answerBy else { return }
    let list = doorsSeen.list
    let reason = list.isEmpty ? noDoorReason : nil
    answerDoors(
      .success(.doors(.init(doors: list, advice: reason.map { advice($0) }, reason: reason))))
  }

  /// Whoever belongs to an office looks at no doors and knocks nowhere.
  private func endLooking(_ now: Moment) {
    if knocking?.isOpen ?? false { cancelKnock() }
    answerDoors(.failure(belongsAlready))
    let questions =
      doorsSeen.looks.values.compactMap(\.question) + doorsSeen.unresolved.values.flatMap { $0 }
    doorsSeen.unresolved = [:]
    for question in questions { question.answer(.failure(belongsAlready)) }
    for link in doorsSeen.looks.keys.sorted() { links.close(link, .done, at: now) }
    if !doorsSeen.isUntouched { doorsSeen = DoorsSeen() }
  }

  private func answerDoors(_ outcome: Result<ControlResult, ControlError>) {
    let waiting = doorsSeen.waiting
    doorsSeen.waiting = []
    for answer in waiting { answer(outcome) }
  }

  /// Why there is no door, as far as that can be seen from here.
  private var noDoorReason: NoDoorWord {
    let usable = (try? surroundings.network.interfaces())?
      .usable(orNamed: Set(configuration.interfaces))
    guard let discovery else { return .discoveryDown }
    if usable?.isEmpty ?? false { return .noNetwork }
    let status = discovery.status
    if status.state != .running { return .discoveryDown }
    if !doorsSeen.places.isEmpty { return .blocked }
    return status.sightings > 0 ? .noneOpen : .nobody
  }

  /// The same in a sentence, and what helps in each case.
  private func advice(_ reason: NoDoorWord) -> String {
    let others =
      "somebody of the office opens one, on that computer: zuruf admit; or ask for a ticket, or for "
      + "the address of that computer: zuruf join --at ADDRESS"
    let text =
      switch reason {
      case .noneOpen: "computers of an office are in reach, but none holds its door open"
      case .blocked:
        "a door is announced, but nobody answers there: a firewall may lie between, or it was closed "
          + "just now"
      case .nobody:
        "nobody in this network announces an office: no computer of it may be on, or the network "
          + "keeps computers apart, as guest networks do"
      case .noNetwork:
        "this computer is in no network: plug in the cable or join the wireless network"
      case .discoveryDown:
        discovery.map {
          "this computer cannot look around: \($0.status.state.text); \"zuruf doctor\" says what helps"
        } ?? "this computer looks for nobody, because discovery is switched off"
      }
    return text + "; " + others
  }

  func subscribeWithoutOffice(
    _ call: SubscribeCall, _ connection: UInt64
  ) -> Result<SubscribeCall.Answer, ControlError> {
    guard call.group == nil, call.after == nil else {
      return .failure(
        ControlError(.noOffice, "this computer belongs to no office yet", hint: nil))
    }
    guard let subscriber = control.connection(connection) else {
      return .failure(ControlError(.stopped, "the connection is gone", hint: nil))
    }
    guard subscriber.events == nil else {
      return .failure(
        ControlError(.alreadySubscribed, "this connection has subscribed already", hint: nil))
    }
    let cursor = identifier([UInt8](repeating: 0, count: 16))
    subscriber.events = EventQueue(from: cursor)
    if office == nil, joining == nil { doorsSeen.refreshAt = clock.now() }
    return .success(.init(cursor: cursor, group: nil))
  }
}
