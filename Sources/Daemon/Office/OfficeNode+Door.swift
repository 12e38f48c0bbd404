import Authority
import Control
import Cryptography
import Format
import Platform
import Replication
import Transport

/// What is written when a sponsor says yes, and what the newcomer is handed.
struct AdmissionPlan {
  let drafts: [Draft]
  let ticket: TicketKey
  /// Whose further device it is; zero for a new member.
  let member: MemberID
  let makesAdmin: Bool
  let removesDevice: Bool
  /// The ticket's line, for this newcomer alone.
  let line: String
}

extension OfficeNode {
  /// What strangers at the door are told, and nothing else (H-13).
  func doorNames() throws(ControlError) -> (office: Name, sponsor: Name) {
    guard let office = try? Name(officeInfo().name),
      let sponsor = try? Name(memberName(replica.member))
    else {
      throw ControlError(.internalError, "the office or its sponsor has no name", hint: nil)
    }
    return (office, sponsor)
  }

  /// Whether this device may write a newcomer's certificate.
  func checkMaySponsor() throws(ControlError) {
    guard let own = replica.rosterNow().device(replica.secrets.device), own.isLive, own.mayAdmit
    else {
      throw ControlError(
        .notAllowed, "this computer may not let anybody in",
        hint: "another computer of the office can")
    }
    _ = try doorNames()
  }

  /// What a yes comes to: a ticket for this newcomer alone, under the name that the sponsor saw, and
  /// in the same step the removal of the device that it replaces.
  func admissionPlan(
    _ call: AdmitAnswerCall, _ who: DoorVisit.Newcomer, addresses: [TicketLine.AddressHint],
    sharedKey: Bytes32
  ) throws(ControlError) -> AdmissionPlan {
    let replaced = try replaced(call)
    var whose: MemberID?
    if let text = call.member { whose = try presentOrPast(text) }
    if let replaced {
      guard whose == nil || whose == replaced.member else {
        throw ControlError(
          .refused,
          "\"\(deviceName(replaced.key))\" is a device of \"\(memberName(replaced.member))\"",
          hint: nil)
      }
      whose = replaced.member
    }
    try checkRank(call, whose)
    let groups = try listedGroups(call.groups ?? [])
    var drafts: [Draft] = []
    if let replaced {
      drafts.append(.control(.remove(.device(replaced.key), replica.cuts(of: [replaced.key]))))
    }
    let seed = randomBytes(32)
    guard let signing = try? SigningKey(ticketSeed: seed.span), let seedBytes = Bytes32(seed)
    else { throw ControlError(.internalError, "no ticket could be made", hint: nil) }
    let key = TicketKey(Bytes32(signing.publicKey.bytes))
    let isBox = whose.map { replica.rosterNow().rank(of: $0) == .box } ?? false
    drafts.append(
      .control(
        .ticket(
          Operation.TicketGrant(
            key: key, rank: isBox ? .box : .member, isKeeper: isBox, mayAdmit: true,
            member: whose ?? MemberID(Bytes16()),
            expiresMilliseconds: officeWall + UInt64(Limits.doorTicketSeconds) * 1_000, uses: 1,
            groups: groups))))
    if whose == nil {
      // What the sponsor said yes to is what the newcomer is called.
      var chosen = who.person
      if let text = call.name { chosen = try name(text, "a person") }
      try checkFree(chosen)
      drafts.append(.message(.name(request(), .ticket(key), chosen)))
    }
    let line = TicketLine(
      office: office, sharedKey: sharedKey, seed: seedBytes, member: whose ?? MemberID(Bytes16()),
      addresses: addresses)
    return AdmissionPlan(
      drafts: drafts, ticket: key, member: whose ?? MemberID(Bytes16()),
      makesAdmin: call.rank == .admin, removesDevice: replaced != nil,
      line: line.encode(lineChecksum))
  }

  /// Names of people are unique in the office; who is here already may have come back.
  private func checkFree(_ name: Name) throws(ControlError) {
    do {
      try checkFree(name, for: nil)
    } catch {
      throw ControlError(
        error.name, error.message,
        hint: "the same person with one more computer: zuruf admit --for \(shellWord(name.text)); "
          + "somebody else: zuruf admit --name with another name")
    }
  }

  /// The device that the newcomer's takes the place of.
  private func replaced(_ call: AdmitAnswerCall) throws(ControlError) -> RosterDevice? {
    guard let text = call.remove else { return nil }
    let key = try device(text)
    guard let known = replica.rosterNow().device(key) else {
      throw ControlError(.noSuchDevice, "this device is not known here any more", hint: nil)
    }
    guard key != replica.secrets.device else {
      throw ControlError(
        .refused, "this very computer holds the door open, so it is not lost", hint: nil)
    }
    if let refusal = refusalAmongOwners(known.member) { throw refusal }
    return known
  }

  private func checkRank(_ call: AdmitAnswerCall, _ whose: MemberID?) throws(ControlError) {
    let roster = replica.rosterNow()
    if let whose {
      guard call.rank == nil || call.rank == .member && roster.rank(of: whose) == .member else {
        throw ControlError(
          .refused, "\"\(memberName(whose))\" keeps the rank there is",
          hint: "zuruf member rank changes it")
      }
      return try checkFurtherDevice(whose, name: call.name)
    }
    guard let own = roster.rank(of: replica.member), own <= .admin else {
      throw ControlError(
        .notAllowed, "only admins and owners let new people in",
        hint:
          "one more computer of yours: zuruf admit --for \(shellWord(memberName(replica.member)))")
    }
    switch call.rank {
    case .member?, nil: break
    case .admin?:
      guard own == .owner else {
        throw ControlError(.notAllowed, "only owners make admins", hint: nil)
      }
    case .owner?, .box?:
      throw ControlError(
        .refused, "a newcomer becomes member or admin",
        hint: "zuruf member rank makes an owner; a box joins with a ticket: zuruf ticket new --box")
    }
  }

  /// The device that came with a yes, once it is certified.
  func arrived(_ admission: DoorKeeping.Admission) -> RosterDevice? {
    let roster = replica.rosterNow()
    guard let ticket = roster.ticket(admission.ticket), ticket.used > 0 else { return nil }
    return roster.devices.first { device in
      guard device.isLive, !admission.known.contains(device.key) else { return false }
      return admission.member.isZero
        ? roster.member(device.member)?.ticket == admission.ticket
        : device.member == admission.member
    }
  }
}
