import Authority
import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

/// How a newcomer is let in, from its side and from that of whoever admits it.
extension NodeLoop {
  /// The handshake with somebody who knows the office is done: show the ticket.
  func askAdmission(_ link: Transport.LinkID, _ up: LinkUp) {
    guard let attempt = joining, attempt.asked == nil, !attempt.isAdmitted,
      // The link of an attempt before this one may come up late.
      up.office == attempt.office,
      let ticket = try? SigningKey(ticketSeed: attempt.line.seed.array.span)
    else { return links.close(link, .notNow, at: clock.now()) }
    let device: DeviceSecrets
    do {
      device = try joinSecrets()
    } catch {
      return giveUpJoining(error)
    }
    joining?.asked = link
    joining?.askedUntil = clock.now() + .seconds(Limits.joinAskSeconds)
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
          Replication.LinkID(link.number), request.device, noise: known.up.remoteKey,
          named: certificate))
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
      links.close(link, .done, at: now)
      let isFirst = attempt.refusal == nil
      joining?.refused(admissionError(answer), isFinal: answer.isFinal, now)
      if isFirst, let refusal = joining?.refusal {
        log(.warning, "not let in: \(refusal.error.message)")
      }
      return
    }
    do throws(HomeFault) {
      guard let secrets = try home.readKeys() else { return }
      let membership = Home.Membership(
        office: attempt.office, member: attempt.line.newMember(secrets.device),
        certificate: certificate, sharedKey: attempt.line.sharedKey)
      try keep(membership)
    } catch {
      return giveUpJoining(
        ControlError(.readOnly, error.description, hint: "zuruf doctor says what to do"))
    }
    joining?.isAdmitted = true
    openOwedOffice()
  }

  /// Writes down to which office this directory belongs.
  func keep(_ membership: Home.Membership) throws(HomeFault) {
    do {
      try home.write(membership)
      isMembershipOwed = false
    } catch {
      // Where it is there all the same, and only nobody knows whether it lasts, it counts.
      guard ((try? disk.status(at: HomeFile.office.path)) ?? nil) != nil else { throw error }
      isMembershipOwed = true
    }
    self.membership = membership
  }

  /// Writes once more which office this is where nobody knows whether that lasts, before what let this computer
  /// in goes.
  func keepOwed() throws(HomeFault) {
    guard isMembershipOwed, let membership else { return }
    try home.write(membership)
    isMembershipOwed = false
  }

  /// Opens the office to which this directory belongs since it was founded or this device was let in. Where
  /// that fails it is owed: what is on the disk is not to be taken for another office's, nor overwritten.
  func openOwedOffice() {
    guard office == nil, !isCarried, let membership else { return }
    do {
      try keepOwed()
      forgetJoining()
      try begin(membership, isNew: true)
    } catch {
      let text = (error as? Fatal)?.text ?? "\(error)"
      if openFault == nil { log(.error, "the office cannot be opened: \(text)") }
      openFault = text
      return
    }
    openFault = nil
    if let link = joining?.asked, let known = up[link] {
      office?.handle(
        .linkUp(
          Replication.LinkID(link.number), nil, noise: known.up.remoteKey,
          named: known.up.greeting.certificate))
    }
    announce()
  }

  /// What a request hears that needs the office.
  var noOffice: ControlError {
    guard membership != nil else {
      return ControlError(
        .noOffice, "this computer belongs to no office yet",
        hint: "zuruf office new founds one, zuruf join joins one")
    }
    guard !isCarried else { return carriedHere }
    return ControlError(
      .readOnly, "what this computer has of its office cannot be opened: \(openFault ?? "")",
      hint: "zuruf doctor says what to do; it is tried again every few seconds")
  }

  /// What is said where what is here comes from another computer.
  var carriedHere: ControlError {
    let carried = Shortfall.carried.info
    return ControlError(.stopped, carried.detail, hint: carried.hint)
  }

  /// What a computer that was removed still knows of a ticket of its office; nothing of one that was
  /// made since.
  func knownTrouble(of key: TicketKey) -> ControlError? {
    guard let office, let ticket = office.replica.rosterNow().ticket(key) else { return nil }
    switch office.ticketInfo(ticket).state {
    case .open, .onHold: return nil
    case .expired: return admissionError(.expired)
    case .revoked: return admissionError(.revoked)
    case .usedUp, .overUsed: return admissionError(.usedUp)
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
        hint: "this computer goes on asking; the one that made the ticket must be on")
    case .notAllowedHere:
      ControlError(
        .notAllowed, "the computers that could be reached may not admit anyone",
        hint: "this computer goes on asking; another one of the office must be on",
        reason: .mayNotLetIn)
    case .nameNotAllowed:
      ControlError(
        .nameTaken, "somebody in the office has this name already, or one that looks like it",
        hint: "zuruf join --name with another name")
    case .tryLater, .admitted:
      ControlError(
        .busy, "the office cannot admit anyone at the moment",
        hint: "this computer goes on asking")
    }
  }

  func joinLinkDown(_ link: Transport.LinkID) {
    if joining?.asked == link, joining?.isAdmitted == false { joining?.asked = nil }
  }
}

extension TicketLine {
  /// Who joins by it: the member it names, or a new one who is named by the first device (A-3).
  fileprivate func newMember(_ device: DeviceKey) -> MemberID {
    member.isZero ? MemberID(device.bytes.prefix) : member
  }
}

extension Message.AdmitAnswer {
  /// Whether it says that the ticket counts no more. Whoever says the other ones may know more later,
  /// or somebody else does.
  fileprivate var isFinal: Bool {
    switch self {
    case .expired, .usedUp, .revoked, .nameNotAllowed: true
    case .unknownTicket, .notAllowedHere, .tryLater, .admitted: false
    }
  }
}
