import Control
import Format
import Platform
import TestSupport

extension OfficeRun {
  /// Nothing fails any more, and computers that are copies are thrown away.
  func heal() {
    world.begin("everything heals, and nobody moves any more")
    healedAt = world.now
    world.blocked = []
    world.spoils = 0
    world.lostAnnouncements = 0
    world.latency = 50...2_000
    settle()
    (floodedRooms, fullDisks) = ([:], [])
    for host in world.hosts {
      host.disk.limit(room: .max)
      host.spare()
      host.disk.fail(nil)
      host.diskDelay = 100...400
      host.clock.setWrong(by: 0)
      host.setDiscovery(true, silently: false)
    }
    let copies = people.filter(\.isCopy)
    if !copies.isEmpty {
      world.run(for: .seconds(60))
      checkCopies()
      for copy in copies { throwAway(copy) }
    }
    world.run(for: Self.convergence)
    // Whoever lies has no end of entries.
    if world.audit.book.liars.isEmpty { caughtUpAt = max(world.newsAt, healedAt ?? world.now) }
    checkConverged("\(Self.convergence) after everything healed")
    checkRights()
    checkCopies()
    checkFound()
    // A disk that failed is trusted again by a new start alone. The other nodes go on, and so do their
    // links: what is told once on a link has to come true on one that lasts, too.
    for host in world.hosts where !host.isOver && needsStart(host) {
      host.stop()
      host.start()
      host.trustDisk()
    }
    startAgain()
    world.run(for: .seconds(60))
    // What lies behind bytes that rotted is used once others have brought those again, by the next start.
    let rotten = world.hosts.filter { $0.isRunning && world.audit.isRotten($0.number) }
    for host in rotten {
      host.stop()
      host.start()
    }
    if !rotten.isEmpty { world.run(for: .seconds(60)) }
    chooseHead()
    if isOver { return }
    speakInFlood()
    banLiars()
  }

  /// Whether a node does not run, or on a disk that failed, lied or rotted.
  private func needsStart(_ host: Host) -> Bool {
    !host.isRunning || host.isDiskDistrusted || host.isLying || world.audit.isRotten(host.number)
  }

  func throwAway(_ copy: Person) {
    let (audit, number) = (world.audit, copy.host.number)
    world.look(at: copy.host)
    ledger.excuse(audit.heldOnly(at: number))
    // Whoever is on and does not know yet that it is removed could be asked since everything is healed.
    audit.leaveOutside([[]: audit.heldBesideRemoved(at: number)[[]] ?? []])
    world.note(number, "is a copy, and is thrown away")
    copy.host.end()
    audit.forgive(number)
    people.removeAll { $0 === copy }
  }

  /// People do what their nodes tell them to: who has no office any more joins it anew, and what was
  /// copied is removed and joins anew.
  func mend() {
    world.begin("people do what their nodes tell them to")
    for person in people where world.faults.isEmpty {
      guard person.host.isRunning else {
        world.fail("host \(person.host.number) does not start: \(person.host.refusal ?? "")")
        return
      }
      // Who learnt just now that it is not in is told so by whom it reaches next.
      _ = world.run(atMost: .seconds(300)) {
        standing(of: person) != .joining || isUnaware(person)
      }
      switch standing(of: person) {
      case .ready?:
        if isStopped(person) {
          enrolAnew(person)
        } else if isSaidRemoved(person) {
          if !mayBeRemoved(person) {
            return world.fail("all call host \(person.host.number) removed, and nobody removed it")
          }
          // Nobody takes what is written where all others hold a removal to count (H-5): it lies in the folder.
          ledger.excuse(world.audit.heldOnly(at: person.host.number))
          setAside(person)
        } else {
          // Who removed this one had no right to, or did not know what keeps it in.
          person.isIn = true
        }
      case .noOffice?:
        // A node that says so was in none, or that was taken from it.
        if person.host.isLetIn {
          return world.fail("host \(person.host.number) has forgotten its office")
        }
        // What it had was lost, or set aside by a start after somebody asked for that in vain.
        clear(person)
        comeBack(person)
      case .joining? where isOut(person) && world.audit.isRotten(person.host.number):
        // What began the office rotted here after the removal, and nobody serves it any more.
        person.isIn = false
      case .joining? where isUnaware(person):
        leaveUnaware(person)
      case .joining? where holdsRevoked(person) || holdsLost(person) || holdsExpired(person):
        comeBack(person)
      case .joining?: world.fail("host \(person.host.number) is still joining")
      case .removed?:
        person.isIn = false
        world.note(person.host.number, "says that it was removed")
        if !mayBeRemoved(person) { world.fail("host \(person.host.number) was removed by nobody") }
      case nil: world.fail("host \(person.host.number) does not say where it stands")
      }
    }
    world.run(for: .seconds(60))
  }

  /// Whether the office has removed this person, or the computer of theirs.
  private func isOut(_ person: Person) -> Bool {
    if !person.isIn { return true }
    let state = listed(person)?.state
    return state == .removed && mayBeRemoved(person)
  }

  /// Whether whoever let this computer in turned out to have lost the right to, or that is gone with the only
  /// disk that held it: the node says so as far as it can tell, the founder's does not know the device, and
  /// somebody lost a right, or nobody has what let it in.
  private func isUnaware(_ person: Person) -> Bool {
    guard listed(person) == nil,
      case .success(.status(let status))? = outcome(of: person, .status(StatusCall())),
      status.degraded.contains(where: { $0.word == .joining && $0.form == .unaware })
    else { return false }
    return world.audit.book.hasAnybodyLost
      || certificate(at: person.host).map(givenUp.contains) ?? false
  }

  /// Whether a node goes on trying with a ticket of somebody who may let nobody in any more, after the
  /// answer to its join was that nobody knew the ticket yet (C-9): then its person asks for another one.
  private func holdsRevoked(_ person: Person) -> Bool {
    guard hasAnyTicketEnded,
      case .success(.status(let status))? = outcome(of: person, .status(StatusCall()))
    else { return false }
    return status.degraded.contains {
      $0.word == .joining && $0.detail.hasPrefix("the ticket was revoked")
    }
  }

  /// Whether a node goes on trying with a ticket that nobody knows, where the disk of whoever made it has lost
  /// one: then its person asks for another one.
  private func holdsLost(_ person: Person) -> Bool {
    guard isAnyTicketLost,
      case .success(.status(let status))? = outcome(of: person, .status(StatusCall()))
    else { return false }
    return status.degraded.contains {
      $0.word == .joining && $0.detail.hasPrefix("nobody who could be reached knows this ticket")
    }
  }

  /// Whether a node goes on trying with the ticket of a door that has expired, which is good for minutes, or with
  /// any, where a clock was wrong by years, be it of whoever made it: it was started again while it waited, and
  /// could tell nobody (C-9).
  private func holdsExpired(_ person: Person) -> Bool {
    let isDue = person.admitted.map { admitted in
      !areClocksRight || world.now >= admitted + .seconds(Limits.doorTicketSeconds)
    }
    guard happened[.wrongYear] != nil || isDue ?? false,
      case .success(.status(let status))? = outcome(of: person, .status(StatusCall()))
    else { return false }
    return status.degraded.contains {
      $0.word == .joining && $0.detail.hasPrefix("the ticket has expired")
    }
  }

  /// What the founder's node says of the device of a person.
  private func listed(_ person: Person) -> DeviceInfo? {
    guard let device = world.audit.device(of: person.host.number),
      case .deviceList(let list)? = answer(
        of: head, to: .deviceList(DeviceListCall(member: nil, removed: true)), "devices")
    else { return nil }
    return list.devices.first { $0.id.bytes == device.bytes }
  }

  /// Whether a node says that it writes nothing any more.
  func isStopped(_ person: Person) -> Bool {
    guard case .success(.status(let status))? = outcome(of: person, .status(StatusCall())) else {
      return false
    }
    // What is but said of it a restart overrules (H-9).
    return status.degraded.contains { $0.word == .copied && $0.values?["by"] == nil }
  }

  /// The device is removed, what it holds set aside, and the computer joins as a new device.
  private func enrolAnew(_ person: Person) {
    guard let device = world.audit.device(of: person.host.number) else { return }
    world.note(person.host.number, "is enrolled anew")
    bringToHead(person)
    let call = DeviceRemoveCall(device: Self.typed(device), look: nil)
    noteMember(person)
    if person !== head { strike(person) }
    // Without that one's list whoever let this computer in may have lost the right to: nothing is removed then.
    if listed(person) == nil {
      let isTold = world.run(atMost: .seconds(120)) { isUnaware(person) }
      guard isTold else {
        return world.fail("host \(person.host.number) does not learn that it is not in")
      }
      return leaveUnaware(person)
    }
    _ = answer(of: head, to: .deviceRemove(call), "remove the device of \(person.name)")
    let isRemoved = world.run(atMost: .seconds(120)) { standing(of: person) == .removed }
    guard isRemoved else {
      return world.fail("host \(person.host.number) does not learn that it was removed")
    }
    setAside(person)
  }

  /// Whoever is not in sets aside what is left: what was written here while it seemed to be in counts nowhere,
  /// and lies in the folder.
  private func leaveUnaware(_ person: Person) {
    guard let certificate = certificate(at: person.host),
      world.audit.book.mayBeInVain(certificate: certificate, without: givenUp)
    else { return world.fail("the office has forgotten the device of host \(person.host.number)") }
    ledger.excuse(world.audit.written(at: person.host.number))
    setAside(person)
  }

  /// What let a computer in, where its directory says so: that is there before it writes anything.
  func certificate(at host: Host) -> Long? {
    Audit.certificate(on: host.disk)
  }

  /// Whoever is out of the office sets aside what is left, and joins as a new device.
  private func setAside(_ person: Person) {
    person.host.isLetIn = false
    _ = answer(of: person, to: .officeAside(OfficeAsideCall()), "set aside")
    clear(person)
    comeBack(person)
  }

  /// Nothing lies at a computer any more.
  private func clear(_ person: Person) {
    noteMember(person)
    world.audit.empty(person.host.number)
  }

  /// Looks up whose computer this is while something on it says so.
  private func noteMember(_ person: Person) {
    if let device = listed(person) {
      person.member = device.member.id
    } else if person.member == nil, let device = world.audit.device(of: person.host.number) {
      let members = world.audit.book.members(of: device)
      person.member = members.first.flatMap { HexIdentifier(bytes: $0.bytes) }
    }
  }

  /// Whether a node says that others call its computer removed, and most of those say so who are asked:
  /// whoever used the recovery key there without knowing of the removal has alone what would undo it, and
  /// nobody gets it (H-5).
  func isSaidRemoved(_ person: Person) -> Bool {
    guard case .success(.status(let status))? = outcome(of: person, .status(StatusCall())),
      status.degraded.contains(where: { $0.word == .saidRemoved }),
      let device = world.audit.device(of: person.host.number)
    else { return false }
    var votes = 0
    for other in people where other !== person && other.isIn && !other.isLiar && !other.isCopy {
      let call = DeviceListCall(member: nil, removed: true)
      guard standing(of: other) == .ready,
        case .success(.deviceList(let list))? = outcome(of: other, .deviceList(call)),
        let known = list.devices.first(where: { device.bytes.starts(with: $0.id.bytes) })
      else { continue }
      votes += known.state == .removed ? 1 : -1
    }
    return votes > 0
  }

  /// Joins with a ticket that fits what the founder's node knows of this person.
  private func comeBack(_ person: Person) {
    // Who owns the office is given another computer only once it does not (A-5). After that the office may
    // not know it any more at all.
    if person !== head { strike(person) }
    guard
      case .memberList(let list)? = answer(
        of: head, to: .memberList(MemberListCall(removed: true)), "members")
    else { return }
    let known = person.find(in: list.members)
    if known == nil, let name = person.member, let member = Short(name.bytes) {
      // Who let this member in turned out to have lost the right to: the office knows nothing of it.
      guard world.audit.book.mayBeLetInInVain(member: member, without: givenUp) else {
        return world.fail("the office has forgotten host \(person.host.number)")
      }
      ledger.excuse(world.audit.written(by: member))
      person.member = nil
    }
    if person.comesByDoor, known == nil { return comeInByDoor(person) }
    world.note(person.host.number, "comes back")
    bringToHead(person)
    guard let ticket = ticket(for: person, as: known) else { return }
    let call = JoinCall(ticket: ticket, name: nil, account: nil, device: person.nextDevice())
    _ = answer(of: person, to: .join(call), "join")
    noteLetIn(person)
  }

  /// Everybody writes once more in each of their groups, and is heard.
  func sayFarewell() {
    world.begin("everybody writes once more")
    var last: [HexIdentifier: (entry: HexIdentifier, by: Person)] = [:]
    for person in people where person.isIn && !person.isBox && world.faults.isEmpty {
      guard case .groupList(let list)? = answer(of: person, to: .groupList(.init()), "groups")
      else {
        return
      }
      for group in list.groups where group.gone == nil && !isLie(group.id) {
        guard let title = group.title else { continue }
        let message = ledger.begin(title)
        let call = SendCall(
          to: title, text: message.text, id: HexIdentifier(bytes: message.id))
        guard case .send(let sent)? = answer(of: person, to: .send(call), "write in \(title)")
        else {
          return
        }
        acknowledged(message, as: sent.entry, by: person)
        last[group.id] = (sent.entry, person)
      }
    }
    world.run(for: Self.hearing)
    checkConverged("\(Self.hearing) after the last word")
    checkRights()
    world.run(for: .seconds(60) - Self.hearing)
    checkHeld(last)
  }

  /// When all is said, one of them starts once more, and knows what it knew (study 3: 18). All of them would take
  /// some hundredths of a run.
  func startOnceMore() {
    let present = people.filter { $0.isIn && $0.host.isRunning }
    guard !present.isEmpty else { return }
    world.isUntold = true
    defer { world.isUntold = false }
    let host = present[Int(world.seed % UInt64(present.count))].host
    host.stop()
    host.start()
  }
}
