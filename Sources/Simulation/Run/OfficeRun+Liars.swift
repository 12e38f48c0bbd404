import Control
import Format
import Replication
import Storage
import TestSupport

/// People who lie to the others with the keys and the log of one of them.
extension OfficeRun {
  /// Somebody takes over the computer of one who is in the office, but for the founder's, and lies with
  /// it or floods the others.
  func takeOver(_ chance: inout SeededGenerator, flood: Flood? = nil) {
    let some = people.filter {
      !$0.isFounder && $0.rank != .owner && !$0.isCopy && $0.isIn && !$0.isLiar
        && $0.host.isRunning
    }
    guard !some.isEmpty else { return }
    let person = some[chance.number(0...some.count - 1)]
    let seed = chance.next()
    world.look(at: person.host)
    let alone = world.audit.heldOnly(at: person.host.number)
    guard
      person.host.takeOver(
        seed: seed, flood: flood, bringsDevices: plan.bringsDevices && flood == nil,
        ruses: flood == nil ? plan.ruses : []),
      let device = person.host.liar.flatMap({ Long($0.secrets.device.bytes.array) })
    else { return }
    person.isLiar = true
    world.audit.book.liars.insert(device)
    if flood != nil {
      flooders.insert(device)
      watchFlood(of: person.host)
    }
    // What nobody else holds it tells or not.
    ledger.excuse(alone)
    world.audit.forgive(person.host.number)
  }

  /// The founder removes those who lie; who has no say over others may be left alone. They go on for a
  /// while, and then are silent.
  func banLiars() {
    let liars = people.filter(\.isLiar)
    if liars.isEmpty { return }
    startAgain()
    for liar in liars where world.faults.isEmpty {
      guard let membership = liar.host.liar?.membership,
        let id = HexIdentifier(bytes: membership.member.bytes.array),
        case .memberList(let list)? = answer(
          of: head, to: .memberList(MemberListCall(removed: true)), "members")
      else { continue }
      let isThere = list.members.contains { $0.id == id && !$0.removed }
      var cursor = Cursor(membership.member.bytes.array[...])
      let isBearable = !world.audit.book.hasSay(cursor.short())
      guard isThere else { continue }
      if isBearable, liar.host.number % 3 == 0 {
        hasTolerated = true
        continue
      }
      if list.members.contains(where: { $0.id == id && $0.rank == .owner }) { strike(id) }
      world.note(head.host.number, "\(head.name): removes \(liar.name), who lies")
      let call = MemberRemoveCall(member: "id:\(id)", look: nil)
      decide(.memberRemove(call), "remove \(liar.name), who lies") { [self] in
        // Who lies may have left the office just now.
        guard
          case .success(.memberList(let list))? = outcome(
            of: head, .memberList(.init(removed: nil)))
        else {
          return false
        }
        return !list.members.contains { $0.id == id }
      }
    }
    world.run(for: .seconds(60))
    for liar in liars {
      world.note(liar.host.number, "is silent")
      liar.host.end()
      people.removeAll { $0 === liar }
    }
    startAgain()
    world.run(for: .seconds(60))
  }

  /// Asks whoever decides, and again where one of those who lie has just said that its computer was
  /// copied: each of them is believed once. `isDone`: whether it is as is wanted, whoever did it.
  func decide(
    _ request: ControlRequest, _ what: String, by person: Person? = nil,
    isDone: () -> Bool = { false }
  ) {
    for _ in world.audit.book.liars {
      switch outcome(of: person ?? head, request) {
      case .success?: return
      case .failure(let error)? where error.name == .stopped: startAgain()
      case .failure?, nil: if isDone() { return }
      }
    }
    _ = answer(of: person ?? head, to: request, what)
  }

  /// Who is told by another computer that theirs was copied knows better, and starts it again (H-9).
  func startAgain() {
    _ = startStoppedAgain()
    world.run(for: .seconds(10))
    // While they start others may say it, too; whoever was believed once is not again.
    for _ in people where startStoppedAgain() { world.run(for: .seconds(10)) }
  }

  /// Starts those again who write nothing because somebody says that they were copied; whether there
  /// was anybody.
  private func startStoppedAgain() -> Bool {
    var isAny = false
    for person in people where !person.isLiar && person.host.isRunning && world.faults.isEmpty {
      guard case .status(let status)? = answer(of: person, to: .status(StatusCall()), "status")
      else { return isAny }
      if status.degraded.contains(where: { $0.word == .copied && $0.form != .overruled }) {
        person.host.stop()
        person.host.start()
        isAny = true
      }
    }
    return isAny
  }

  /// Whether somebody removed this person, or the computer of theirs, and nobody let it in again: whoever has
  /// written nothing yet is known by its certificate.
  func mayBeRemoved(_ person: Person) -> Bool {
    let book = world.audit.book
    let device =
      world.audit.device(of: person.host.number)
      ?? certificate(at: person.host).flatMap { book.device(certifiedBy: $0) }
    return device.map { book.mayBeOut($0, without: givenUp) } ?? false
  }

  /// Whether somebody founded a group who lies, or did so later. Whom only such a one added the others
  /// do not hear, so what each of them knows of it may differ for good.
  func isLie(_ group: HexIdentifier) -> Bool {
    let book = world.audit.book
    return Long(group.bytes).flatMap { book.entries[$0] }.map { book.liars.contains($0.device) }
      ?? false
  }
}

extension OfficeRun {
  /// What must not be left behind of anything: whoever is honest is linked with all others who are and whom
  /// it can find, with nobody where no way leads, and says nothing of itself that is not so.
  func checkHealth() {
    let present = people.filter(\.isIn)
    for person in present where world.faults.isEmpty {
      guard case .status(let status)? = answer(of: person, to: .status(StatusCall()), "status")
      else { return }
      checkStates(status.degraded, of: person)
      checkLinks(of: person, to: present, status)
    }
  }

  /// Nobody says of itself in the end what only lies, and what is mended by now, could make it say.
  func checkStates(_ states: [DegradedInfo], of person: Person) {
    for state in states
    where state.word == .newerVersion && !isOfLies(state, at: person)
      || state.word == .limitReached && flooders.isEmpty || state.word == .discoveryDown
      || state.word == .saidRemoved && !hasTolerated
      || state.word == .copied && state.form != .overruled && !wasCopied(person)
    {
      world.fail("host \(person.host.number) says that it is \(state.word.rawValue)")
    }
  }

  /// Whether a state speaks of nothing but groups of somebody who lies and is borne with: in its own group
  /// that one may ask for what nobody knows.
  private func isOfLies(_ state: DegradedInfo, at person: Person) -> Bool {
    guard hasTolerated, state.form == .groups, let titles = state.values?["groups"],
      case .success(.groupList(let list))? = outcome(of: person, .groupList(.init()))
    else { return false }
    let told = Set(titles.split(separator: ", ").map(String.init))
    // One without a title is told as that.
    let named = list.groups.filter { group in
      group.gone == nil
        && (group.title.map(told.contains) ?? told.contains("a group without a name yet"))
    }
    return !named.isEmpty && named.allSatisfy { isLie($0.id) }
  }

  /// Before anybody is started again, whoever moved was found: links do not wait for that.
  func checkFound() {
    guard world.segments.isMoved, world.audit.book.liars.isEmpty,
      world.audit.book.mayFork.isEmpty
    else { return }
    let present = people.filter {
      $0.isIn && !$0.isCopy && !world.audit.isRotten($0.host.number)
        && standing(of: $0) == .ready && !isStopped($0) && !isSaidRemoved($0) && takesIn($0)
    }
    for person in present where world.faults.isEmpty {
      guard case .status(let status)? = answer(of: person, to: .status(StatusCall()), "status")
      else { return }
      checkLinks(of: person, to: present, status)
    }
  }

  /// Whether a disk was copied or put back whole: what proves that both wrote may come late, with whoever
  /// carries it.
  private func wasCopied(_ person: Person) -> Bool {
    world.audit.device(of: person.host.number).map { world.audit.book.mayFork.contains($0) }
      ?? false
  }

  /// Whether a disk takes what others bring: else a newcomer's certificate is not known there.
  private func takesIn(_ person: Person) -> Bool {
    guard case .success(.status(let status))? = outcome(of: person, .status(StatusCall())) else {
      return false
    }
    return !status.degraded.contains { $0.word == .readOnlyDisk || $0.word == .diskFull }
  }

  private func checkLinks(
    of person: Person, to present: [Person], _ status: StatusCall.Answer
  ) {
    let number = person.host.number
    let linked = status.peers.filter(\.linked).map(\.device.id.bytes)
    for other in present where other !== person {
      guard let device = world.audit.device(of: other.host.number) else { continue }
      let isLinked = linked.contains { device.bytes.starts(with: $0) }
      let hosts = "hosts \(number) and \(other.host.number)"
      if !isLinked, canLink(person, other) { world.fail("\(hosts) are not linked") }
      if isLinked, world.segments.address(of: other.host.number, from: number) == nil {
        world.fail("\(hosts) say that they are linked, and no way leads from one to the other")
      }
    }
  }
}
