import Control
import Format
import Platform
import TestSupport

/// People who come in by an open door, and strangers who stand there: two people compare six digits, and
/// nobody comes in whose digits are others.
extension OfficeRun {
  /// Somebody who may let others in opens a door, and somebody new comes to it.
  func openDoor(_ chance: inout SeededGenerator) {
    guard world.hosts.count < Self.hostsMax, let sponsor = leader(&chance),
      let segment = world.segments.places(of: sponsor.host.number).first?.segment
    else { return }
    let person = Person(name: "P\(people.count)", host: world.addHost())
    person.comesByDoor = true
    people.append(person)
    place(person.host)
    go(person.host, to: segment)
    person.host.start()
    if stranger == nil, chance.oneIn(2), world.hosts.count < Self.hostsMax {
      let host = world.addHost()
      stranger = host
      host.begin(asStranger: chance.next())
    }
    if let stranger { go(stranger, to: segment) }
    ask(sponsor, .admitStatus(AdmitStatusCall()), "looks at the door") { [self] result in
      if case .admitStatus(let status) = result { look(at: status, of: sponsor) }
    }
    ask(sponsor, .admitOpen(AdmitOpenCall(seconds: nil, hold: nil)), "opens the door") {
      [self] _ in
      isOpened(of: sponsor, for: person)
      later(1...6, &placing) { [self] in knock(person, at: sponsor, tries: 4) }
    }
  }

  private func isOpened(of sponsor: Person, for person: Person) {
    openings += 1
    guard let host = stranger, let stranger = host.stranger,
      let address = world.segments.address(of: sponsor.host.number, from: host.number)
    else { return }
    stranger.hear(
      ofDoorAt: SocketAddress(address, port: Limits.defaultPort), for: person.host)
  }

  /// Looks at a door before it is opened: where none is open, a stranger's tries are counted anew. Each is
  /// looked at when it comes, so that of a door which closes meanwhile none is missed.
  private func look(at status: AdmitStatusCall.Answer, of sponsor: Person) {
    if !status.open { stranger?.stranger?.knowsOpening(at: sponsor.host.number) }
  }

  /// Looks for a door under the sponsor's name and knocks there, once more where nothing comes of it.
  private func knock(_ person: Person, at sponsor: Person, tries: Int) {
    guard tries > 0, !isSettled, !person.isIn, person.host.isRunning else { return }
    let again = { [self] in
      world.after(.seconds(2), host: person.host.number) { [self] in
        knock(person, at: sponsor, tries: tries - 1)
      }
    }
    ask(person, .doors(DoorsCall()), "looks for doors", refused: again) { [self] result in
      guard case .doors(let found) = result else { return }
      let doors = found.doors.filter { $0.sponsor == sponsor.name }
      guard let door = doors.isEmpty ? nil : doors[talk.number(0...doors.count - 1)] else {
        return again()
      }
      ask(person, .knock(call(door.id, person)), "knocks", refused: again) { [self] result in
        guard case .knock(let knock) = result else { return }
        compare(knock.digits, person, sponsor)
        ask(person, .knockWait(KnockWaitCall()), "waits at the door", refused: again) {
          [self] _ in hasComeIn(person)
        }
      }
    }
  }

  private func call(
    _ door: HexIdentifier?, _ person: Person, at address: String? = nil
  ) -> KnockCall {
    KnockCall(
      door: door, address: address, name: person.name, account: nil,
      device: "pc-\(person.host.number)", hold: nil)
  }

  private func hasComeIn(_ person: Person) {
    noteLetIn(person)
    groups["everyone", default: []].insert(person.name)
  }

  /// After a moment the sponsor says yes to whoever shows the digits that the newcomer reads out, and no
  /// to whoever has the name alone.
  private func compare(_ digits: String, _ person: Person, _ sponsor: Person) {
    world.after(.seconds(talk.number(1...10)), host: sponsor.host.number) { [self] in
      ask(sponsor, .admitStatus(AdmitStatusCall()), "looks who knocks") { [self] result in
        guard case .admitStatus(let status) = result else { return }
        for request in comparing(status) where request.name == person.name {
          let isRight = request.digits == digits
          if isRight { person.admitted = world.now }
          ask(
            sponsor, .admitAnswer(answer(request, isRight)),
            "says \(isRight ? "yes" : "no") to \(request.digits ?? "nobody")")
        }
      }
    }
  }

  private func answer(_ request: AdmissionInfo, _ yes: Bool) -> AdmitAnswerCall {
    AdmitAnswerCall(
      request: request.id, yes: yes, name: nil, rank: nil, groups: nil, member: nil, remove: nil)
  }

  /// Those whose digits are to be compared: of all who knock a few (H-15).
  private func comparing(_ status: AdmitStatusCall.Answer) -> [AdmissionInfo] {
    let comparing = status.requests.filter { $0.state == .comparing }
    if comparing.count > Limits.knocksMax || status.requests.count > Limits.knocksToldMax {
      world.fail("\(comparing.count) knock at one door, of \(status.requests.count) told")
    }
    return comparing
  }

  // MARK: In the end

  /// Where nothing fails any more a door lets in who comes to it, whoever stands there.
  func comeInByDoor(_ person: Person) {
    let sponsor = head
    bringToHead(person)
    for _ in 0..<6 where world.faults.isEmpty {
      let open = AdmitOpenCall(seconds: nil, hold: nil)
      guard
        case .admitStatus(let status)? = answer(
          of: sponsor, to: .admitStatus(AdmitStatusCall()), "look at the door")
      else { return }
      look(at: status, of: sponsor)
      guard answer(of: sponsor, to: .admitOpen(open), "open the door") != nil else { return }
      isOpened(of: sponsor, for: person)
      world.run(for: .seconds(3))
      for call in waysIn(person, to: sponsor) where world.faults.isEmpty {
        if comesIn(person, by: call, of: sponsor) { return hasComeIn(person) }
      }
    }
    world.fail("host \(person.host.number) does not come in by the door")
  }

  /// The doors under the name that the sponsor's node shows, which somebody who lies may have given
  /// them, as each admin may (E-18); where a router stands between, which lets no announcement
  /// through, the address that the sponsor reads out.
  private func waysIn(_ person: Person, to sponsor: Person) -> [KnockCall] {
    let (here, there) = (person.host.number, sponsor.host.number)
    if world.segments.shared(here, there).isEmpty {
      let address = world.segments.address(of: there, from: here)
      return address.map { [call(nil, person, at: "\($0)")] } ?? []
    }
    guard
      case .status(let status)? = answer(
        of: sponsor, to: .status(StatusCall()), "say under which name the door stands"),
      case .success(.doors(let found))? = outcome(of: person, .doors(DoorsCall()))
    else { return [] }
    return found.doors.filter { $0.sponsor == status.member?.name }.map { call($0.id, person) }
  }

  /// Whether both screens show the same digits there, and the newcomer is in after the yes.
  private func comesIn(_ person: Person, by call: KnockCall, of sponsor: Person) -> Bool {
    guard case .success(.knock(let knock))? = outcome(of: person, .knock(call)) else {
      return false
    }
    world.run(for: .seconds(3))
    guard
      case .admitStatus(let status)? = answer(
        of: sponsor, to: .admitStatus(AdmitStatusCall()), "look who knocks")
    else { return false }
    let mine = comparing(status).filter { $0.name == person.name }
    for request in mine where request.digits != knock.digits {
      _ = outcome(of: sponsor, .admitAnswer(answer(request, false)))
    }
    guard let request = mine.first(where: { $0.digits == knock.digits }) else {
      _ = outcome(of: person, .knockCancel(KnockCancelCall()))
      return false
    }
    person.admitted = world.now
    guard case .success? = outcome(of: sponsor, .admitAnswer(answer(request, true))) else {
      return false
    }
    if case .success(.knockWait)? = outcome(of: person, .knockWait(KnockWaitCall())) { return true }
    return false
  }

  /// Whoever is not of the office does not wait for the end.
  func sendStrangersAway() {
    guard let host = stranger, let stranger = host.stranger else { return }
    world.note(host.number, "is gone, after \(stranger.tries.count) tries at \(openings) doors")
    host.end()
  }
}
