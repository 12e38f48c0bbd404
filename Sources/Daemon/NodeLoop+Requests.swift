import Authority
package import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

extension NodeLoop {
  /// Sends a message as a request over the control socket does; the answer comes in a later turn.
  package func send(_ call: SendCall, _ answer: @escaping Answer) {
    guard let office else {
      return answer(.failure(noOffice))
    }
    office.send(call, answer)
  }

  /// Carries out a request of this very process; the answer may come in a later turn.
  package func ask(_ line: RequestLine, _ reply: @escaping Answer) {
    answer(ControlServer.Request(connection: 0, number: 0, line: line), reply)
  }

  /// Carries out one request; its answer may come later, when what it wrote is durable.
  func answer(_ request: ControlServer.Request) {
    // What waits for an answer lies in this loop: it must not hold the loop in turn.
    answer(request) { [weak self] outcome in self?.control.answer(request, outcome) }
  }

  private func answer(_ request: ControlServer.Request, _ reply: @escaping Answer) {
    switch request.line.request {
    case .officeNew(let call): return officeNew(call, reply)
    case .join(let call):
      cancelKnock()
      return join(call, reply)
    case .doors(let call): return lookForDoors(call, reply)
    case .knock(let call): return knock(call, request.connection, reply)
    case .knockWait: return awaitKnock(reply)
    case .knockCancel:
      cancelKnock()
      return reply(.success(.knockCancel(Done())))
    case .officeAside: return setAside(reply)
    case .officeStatus: return reply(.success(.officeStatus(officeStatus())))
    case .status(let call):
      let status = status()
      if call.seen ?? false, let office, office.isReady { office.seeRankNews() }
      return reply(.success(.status(status)))
    case .doctor: return reply(.success(.doctor(doctor())))
    default: break
    }
    guard let office else {
      if case .subscribe(let call) = request.line.request {
        return reply(subscribeWithoutOffice(call, request.connection).map { .subscribe($0) })
      }
      return reply(.failure(noOffice))
    }
    if office.isRemoved, request.line.request.isReading {
      return answer(request, office, reply)
    }
    guard office.isReady else {
      if !office.isRemoved, case .subscribe(let call) = request.line.request {
        return reply(subscribeWithoutOffice(call, request.connection).map { .subscribe($0) })
      }
      return reply(
        .failure(
          office.isRemoved
            ? ControlError(
              .removed, office.exclusion.info.detail, hint: office.exclusion.info.hint)
            : ControlError(
              .joining, "this computer waits for the log of its office",
              hint: "zuruf status shows whom it can reach")))
    }
    guard request.line.request.isWriting else { return answer(request, office, reply) }
    do {
      try office.checkWritable()
    } catch {
      return reply(.failure(error))
    }
    answer(request, office, reply)
  }

  private func answer(
    _ request: ControlServer.Request, _ office: OfficeNode, _ reply: @escaping Answer
  ) {
    do throws(ControlError) {
      switch request.line.request {
      case .recoveryShow: reply(.success(.recoveryShow(try recoveryShow())))
      case .recoveryConfirm(let call): reply(.success(.recoveryConfirm(try recoveryConfirm(call))))
      case .recoveryUse(let call): office.recoveryUse(call, reply)
      case .ownersAgree(let call): office.ownersAgree(call, reply)
      case .ticketNew(let call):
        guard let membership else { return }
        office.ticketNew(
          call, addresses: ownAddresses(), sharedKey: membership.sharedKey, reply)
      case .admitOpen(let call):
        reply(.success(.admitOpen(try openDoor(call, request.connection, office))))
      case .admitClose:
        closeDoor(nil, clock.now())
        reply(.success(.admitClose(Done())))
      case .admitStatus: reply(.success(.admitStatus(admitStatus(office))))
      case .admitCheck(let call):
        reply(.success(.admitCheck(try checkAtDoor(call, office))))
      case .admitAnswer(let call): answerAtDoor(call, office, reply)
      case .ticketList(let call): reply(.success(.ticketList(try office.ticketList(call))))
      case .ticketRevoke(let call): office.ticketRevoke(call, reply)
      case .send(let call): office.send(call, reply)
      case .react(let call): office.react(call, reply)
      case .read(let call): reply(.success(.read(try office.read(call))))
      case .subscribe(let call):
        reply(.success(.subscribe(try subscribe(call, request.connection, office))))
      case .delivery(let call): reply(.success(.delivery(try office.delivery(of: call))))
      case .groupNew(let call): office.groupNew(call, reply)
      case .groupAdd(let call): office.groupAdd(call, reply)
      case .groupRename(let call): office.groupRename(call, reply)
      case .groupRemove(let call): office.groupRemove(call, reply)
      case .groupLeave(let call): office.groupLeave(call, reply)
      case .groupSeen(let call):
        reply(.success(.groupSeen(try office.see(call))))
        control.changed(.groups)
      case .groupList(let call): reply(.success(.groupList(try office.groupList(call))))
      case .memberList(let call): reply(.success(.memberList(office.memberList(call))))
      case .memberRank(let call): office.memberRank(call, reply)
      case .memberRemove(let call): office.memberRemove(call, reply)
      case .deviceList(let call): reply(.success(.deviceList(try office.deviceList(call))))
      case .deviceRemove(let call): office.deviceRemove(call, reply)
      case .nameSet(let call): office.nameSet(call, reply)
      case .stored: reply(.success(.stored(office.stored())))
      case .officeNew, .officeAside, .join, .officeStatus, .status, .doctor: break
      case .doors, .knock, .knockWait, .knockCancel: break
      }
    } catch {
      reply(.failure(error))
    }
  }

  // MARK: The recovery key

  private func recoveryShow() throws(ControlError) -> RecoveryShowCall.Answer {
    guard let bytes = try? home.text(Home.recovery, limit: 4_096) else {
      throw ControlError(
        .notAllowed, "the recovery key is not on this computer",
        hint: (try? home.text(Home.recoveryDone, limit: 16)) == nil
          ? "it lies on the computer on which the office was founded; if that one was removed and joined "
            + "anew, there in the folder removed-… of its data, as recovery.key"
          : "it was put away, and its file here deleted: look where you keep it",
        reason: .noKeyHere)
    }
    var line = String(decoding: bytes, as: UTF8.self)
    while line.hasSuffix("\n") { line.removeLast() }
    return .init(
      line: line, file: disk.place + "/recovery.key",
      confirmed: recoveryWord == .putAway ? true : nil)
  }

  private func recoveryConfirm(_ call: RecoveryConfirmCall) throws(ControlError) -> Done {
    let kept = try recoveryShow().line
    guard let known = try? RecoveryLine(decoding: kept, lineChecksum),
      let typed = try? RecoveryLine(decoding: call.line, lineChecksum), known == typed
    else {
      var mistyped = ""
      if call.line.contains(where: { !$0.isWhitespace }) {
        mistyped =
          TypedLine.difference(of: call.line, from: kept).map { signs in
            "behind \(RecoveryLine.prefix) the signs \(signs.lowerBound) to \(signs.upperBound) are "
              + "others; "
          }
          ?? "its signs are right, but it begins with \(RecoveryLine.prefix) and has no other dash; "
      }
      throw ControlError(
        .recoveryMismatch, "that is not the recovery key of this office",
        hint: mistyped + "zuruf office recovery shows it once more")
    }
    do {
      try home.writeText(Home.recoveryDone, [])
    } catch {
      throw ControlError(.readOnly, error.description, hint: nil)
    }
    return Done()
  }

  /// Whether the recovery key was read back by a person.
  var recoveryWord: RecoveryWord {
    guard (try? home.disk.status(at: Home.recovery)) != nil,
      (try? home.text(Home.recovery, limit: 4_096)) != nil
    else { return .none }
    return (try? home.text(Home.recoveryDone, limit: 16)) == nil ? .notPutAway : .putAway
  }

  /// Where this node can be reached, for tickets: what other computers can use, best first.
  func ownAddresses() -> [TicketLine.AddressHint] {
    let interfaces = (try? surroundings.network.interfaces()) ?? []
    var found: [IPAddress] = []
    for interface in interfaces where interface.isUp {
      for address in interface.addresses
      where !address.ip.isLinkLocal && (!address.ip.isLoopback) && interface.kind != .virtual {
        found.append(address.ip)
      }
    }
    // Alone with itself a node still tries out well: several nodes on one computer.
    if found.isEmpty || !configuration.usesDiscovery { found.append(.loopbackV4) }
    return found.prefix(8).compactMap {
      TicketLine.AddressHint(address: $0.bytes, port: links.port)
    }
  }
}

extension ControlRequest {
  /// Whether it only shows what is here, and what comes of it: who was removed keeps what is stored
  /// here, and hears of it when this computer goes on in another office.
  var isReading: Bool {
    switch self {
    case .read, .subscribe, .groupList, .groupSeen, .memberList, .deviceList, .delivery, .stored:
      true
    default: false
    }
  }

  /// Whether it writes own entries.
  var isWriting: Bool {
    switch self {
    case .send, .react, .ticketNew, .ticketRevoke, .groupNew, .groupAdd, .groupRename, .groupRemove,
      .groupLeave, .memberRank, .memberRemove, .deviceRemove, .nameSet, .recoveryUse, .ownersAgree,
      .admitOpen,
      .admitAnswer:
      true
    default: false
    }
  }
}
