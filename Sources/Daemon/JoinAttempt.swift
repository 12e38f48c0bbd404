import Authority
import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

/// A newcomer on its way into an office: it holds a ticket and looks for someone who admits it.
struct JoinAttempt {
  let office: GroupID
  let line: TicketLine
  let ticketKey: TicketKey
  let memberName: Name
  let deviceName: Name
  /// Given up then, with a sentence that says how far it came.
  let deadline: Moment
  let answer: Answer
  /// The link that asked for admission.
  var asked: Transport.LinkID?
  /// Whether the certificate came, so that only the office log is missing.
  var isAdmitted = false
  /// Until when the answer waits for the groups, once this device belongs to the office.
  var groupsBy: Moment?
  var through: NoiseIdentity?
  /// The last thing that went wrong, for the sentence at the end.
  var trouble: ControlError?

  /// When it is to be looked at without anything having happened.
  var wakeAt: Moment { groupsBy ?? deadline }
}

extension NodeLoop {
  func join(_ call: JoinCall, _ answer: @escaping Answer) {
    do throws(ControlError) {
      guard office == nil else {
        throw ControlError(
          .officeExists, "this computer belongs to an office already",
          hint: "a second office needs a node of its own: zurufd --home DIR --socket PATH")
      }
      guard joining == nil else {
        throw ControlError(
          .joining, "this computer is joining already", hint: "zuruf status shows how far it is")
      }
      let line = try ticketLine(call.ticket)
      guard line.member.isZero || call.name == nil else {
        throw ControlError(
          .refused, "the ticket is for one more device of somebody who has a name already",
          hint: "leave the name out")
      }
      let member = try joinName(call.name ?? call.account ?? Computer.hostName(), "a person")
      let device = try joinName(call.device ?? Computer.hostName(), "a device")
      guard let key = try? SigningKey(ticketSeed: line.seed.array.span) else {
        throw ControlError(.ticketMalformed, "the ticket cannot be used", hint: nil)
      }
      try makeKeys()
      useKeys(line.office, line.sharedKey, try joinSecrets().intoNoise(), EntryID(Bytes32()))
      recognised.set(line.office)
      // A joiner answers nobody: it has nothing to say yet.
      links.identities = []
      let now = clock.now()
      joining = JoinAttempt(
        office: line.office, line: line,
        ticketKey: TicketKey(Bytes32(key.publicKey.bytes)), memberName: member,
        deviceName: device, deadline: now + .seconds(Limits.joinAnswerSeconds), answer: answer)
      for hint in line.addresses {
        guard let ip = IPAddress(bytes: hint.address, scope: 0) else { continue }
        dialBook.learn(
          SocketAddress(ip, port: hint.port), from: .ticket, name: nil, device: nil, at: now)
      }
      dialBook.restart(at: now)
      discovery?.refresh()
      dialDue(now)
    } catch {
      answer(.failure(error))
    }
  }

  private func ticketLine(_ text: String) throws(ControlError) -> TicketLine {
    do {
      return try TicketLine(decoding: text, lineChecksum)
    } catch {
      throw lineRefusal(error, "a ticket", TicketLine.prefix, as: .ticketMalformed)
    }
  }

  private func joinName(_ text: String, _ what: String) throws(ControlError) -> Name {
    do {
      return try Name(text)
    } catch {
      throw nameRefusal(error, what)
    }
  }

  /// Keys are made once; a second attempt uses the same, so that a lost answer is found again.
  private func makeKeys() throws(ControlError) {
    do {
      if try home.readKeys() == nil { try home.write(DeviceSecrets()) }
    } catch {
      throw ControlError(.readOnly, error.description, hint: "zuruf doctor says what to do")
    }
  }

  private func joinSecrets() throws(ControlError) -> DeviceSecrets {
    do {
      return try readSecrets()
    } catch {
      throw ControlError(.readOnly, error.text, hint: error.hint)
    }
  }

  /// The handshake with somebody who knows the office is done: show the ticket.
  func askAdmission(_ link: Transport.LinkID, _ up: LinkUp) {
    guard let attempt = joining, attempt.asked == nil, !attempt.isAdmitted,
      let ticket = try? SigningKey(ticketSeed: attempt.line.seed.array.span)
    else { return links.close(link, .notNow, at: clock.now()) }
    let device: DeviceSecrets
    do {
      device = try joinSecrets()
    } catch {
      return endJoining(error)
    }
    joining?.asked = link
    joining?.through = up.remoteKey
    links.promote(link)
    let member = attempt.line.newMember(device.device)
    let certificate = device.certificate(
      member: member, rank: .member, isKeeper: false, mayAdmit: true)
    let content = certificate.proofContent(
      office: attempt.office, ticket: attempt.ticketKey, handshake: up.handshakeHash)
    let request = AdmitRequest(
      ticket: attempt.ticketKey, member: member, device: device.device,
      noise: device.noiseIdentity, sealing: device.sealingIdentity,
      deviceSignature: SignatureBytes(device.signing.sign(.certify, content.raw)),
      ticketSignature: SignatureBytes(ticket.sign(.certify, content.raw)),
      memberName: attempt.memberName.bytes, deviceName: attempt.deviceName.bytes)
    _ = links.send(.admitRequest(request), on: link)
  }

  /// The sponsor's side: a newcomer asks over a ticket link.
  func takeAdmission(_ request: AdmitRequest, _ link: Transport.LinkID, _ now: Moment) {
    guard let office, let known = up[link], known.up.mode == .ticket, !known.up.isInitiator,
      request.noise == known.up.remoteKey
    else { return links.close(link, .violation, at: now) }
    office.admit(request, handshake: known.up.handshakeHash) { [self] answer, certificate in
      _ = links.send(.admitAnswer(answer, certificate), on: link)
      guard answer == .admitted, up[link] != nil else { return }
      // From here on it is a link like any other.
      linked(link, to: request.device, clock.now())
      office.handle(
        .linkUp(
          Replication.LinkID(link.number), request.device, noise: known.up.remoteKey))
    }
  }

  /// The joiner's side: what the sponsor's node said.
  func admitted(
    _ answer: Message.AdmitAnswer, _ certificate: EntryID, _ link: Transport.LinkID,
    _ now: Moment
  ) {
    guard let attempt = joining, attempt.asked == link else {
      return links.close(link, .violation, at: now)
    }
    guard answer == .admitted else {
      joining?.asked = nil
      joining?.trouble = admissionError(answer)
      links.close(link, .done, at: now)
      // Another node may know more; a final no ends the attempt at once.
      if answer != .unknownTicket, answer != .tryLater, answer != .notAllowedHere {
        endJoining(admissionError(answer))
      }
      return
    }
    do {
      guard let secrets = try home.readKeys() else { return }
      let membership = Home.Membership(
        office: attempt.office, member: attempt.line.newMember(secrets.device),
        certificate: certificate, sharedKey: attempt.line.sharedKey)
      try home.write(membership)
      try begin(membership, isNew: true)
      joining?.isAdmitted = true
      if let known = up[link] {
        office?.handle(
          .linkUp(Replication.LinkID(link.number), nil, noise: known.up.remoteKey))
      }
      announce()
    } catch {
      endJoining(ControlError(.readOnly, "\(error)", hint: "zuruf doctor says what to do"))
    }
  }

  private func admissionError(_ answer: Message.AdmitAnswer) -> ControlError {
    switch answer {
    case .expired:
      ControlError(.ticketExpired, "the ticket has expired", hint: "ask for a new one")
    case .usedUp:
      ControlError(.ticketUsedUp, "the ticket was used already", hint: "ask for a new one")
    case .revoked:
      ControlError(.ticketRevoked, "the ticket was revoked", hint: "ask for a new one")
    case .unknownTicket:
      ControlError(
        .ticketUnknown, "nobody who could be reached knows this ticket yet",
        hint: "try again when the computer that made it is on")
    case .notAllowedHere:
      ControlError(
        .notAllowed, "the computers that could be reached may not admit anyone",
        hint: "try again when another one is on")
    case .nameNotAllowed:
      ControlError(
        .nameTaken, "somebody in the office has this name already",
        hint: "zuruf join --name with another name")
    case .tryLater, .admitted:
      ControlError(.busy, "the office cannot admit anyone at the moment", hint: "try again soon")
    }
  }

  func joinLinkDown(_ link: Transport.LinkID) {
    if joining?.asked == link, joining?.isAdmitted == false { joining?.asked = nil }
  }

  /// Ends the attempt when the own certificate and what comes with it are here, or when its time is
  /// over.
  func tickJoining(_ now: Moment) {
    guard let attempt = joining else { return }
    if let office, office.isReady {
      let until = attempt.groupsBy ?? now + .seconds(Limits.joinGroupsSeconds)
      joining?.groupsBy = until
      guard now >= until || office.holdsGroups(of: attempt.ticketKey) else { return }
      joining = nil
      let roster = office.replica.rosterNow()
      let through = attempt.through.flatMap { roster.device(noise: $0) }
      attempt.answer(
        .success(
          .join(
            .init(
              office: office.officeInfo(), member: office.memberRef(office.replica.member),
              device: office.deviceRef(office.replica.secrets.device),
              groups: office.ownGroups().map { office.groupRef($0) },
              through: office.deviceRef(through?.key ?? office.replica.secrets.device)))))
      return
    }
    guard now >= attempt.deadline else { return }
    endJoining(
      attempt.trouble
        ?? ControlError(
          .noAnswer,
          attempt.isAdmitted
            ? "the office admitted this computer, but its log did not arrive yet"
            : "nobody of the office could be reached",
          hint: attempt.isAdmitted
            ? "leave this computer on; zuruf status shows when it is ready"
            : "zuruf doctor examines the network; a computer of the office must be on"))
  }

  private func endJoining(_ error: ControlError) {
    guard let attempt = joining else { return }
    joining = nil
    attempt.answer(.failure(error))
    guard office == nil else { return }
    recognised.set(nil)
    keys = nil
    links.identities = []
  }
}

extension TicketLine {
  /// Who joins by it: the member it names, or a new one who is named by the first device.
  fileprivate func newMember(_ device: DeviceKey) -> MemberID {
    member.isZero ? MemberID(device.bytes.prefix) : member
  }
}
