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
  /// The device that it takes the place of.
  let removed: DeviceKey?
  /// The ticket's line, for this newcomer alone.
  let line: String
}

/// What a yes comes to, once all its words are understood and allowed.
struct AdmissionTerms {
  /// Whose further device it is; nil: a new member's.
  let member: MemberID?
  let removed: RosterDevice?
  let groups: [GroupID]
  /// What a new person is called; nil where nobody has said so yet.
  let name: Name?
}

extension OfficeNode {
  /// What strangers at the door are told, and nothing else (H-13).
  func doorNames(
    _ member: MemberID?
  ) throws(ControlError) -> (office: Name, sponsor: Name, member: Name?) {
    guard let office = try? Name(officeInfo().name),
      let sponsor = try? Name(memberName(replica.member))
    else {
      throw ControlError(.internalError, "the office or its sponsor has no name", hint: nil)
    }
    return (office, sponsor, member.flatMap { try? Name(memberName($0)) })
  }

  /// Whose further devices alone are to come in at a door; nil: new people are, for which not
  /// everybody may hold it open. Who lets a stranger in that way hands over all that is theirs, so
  /// it is said before anybody can knock.
  func doorMember(_ call: AdmitOpenCall) throws(ControlError) -> MemberID? {
    guard let text = call.member else {
      guard let own = replica.rosterNow().rank(of: replica.member), own <= .admin else {
        throw onlyOwnDevices
      }
      return nil
    }
    let member = try presentOrPast(text)
    try checkFurtherDevice(member, name: nil)
    try checkIsMeant(member, again: call.again, Self.yesAgain)
    return member
  }

  private static let yesAgain = "a yes lets that person in again"

  private var onlyOwnDevices: ControlError {
    ControlError(
      .notAllowed, "only admins and owners let new people in",
      hint: "one more computer of yours, which reads all that you read and writes as you: zuruf "
        + "admit --for \(typedName(of: replica.member))", reason: .mayNotLetIn)
  }

  /// The door is open, and says of itself whom it is for.
  func otherDoor(_ member: MemberID?) -> ControlError {
    ControlError(
      .refused,
      member.map { "the door is open already, only for one more computer of \"\(memberName($0))\"" }
        ?? "the door is open already, for new people",
      hint: "it is closed where it was opened: there end \"zuruf admit\", or close it on the page",
      reason: .doorTaken)
  }

  /// Whether this device may write a newcomer's certificate.
  func checkMaySponsor() throws(ControlError) {
    guard let own = replica.rosterNow().device(replica.secrets.device), own.isLive, own.mayAdmit
    else {
      throw ControlError(
        .notAllowed, "this computer may not let anybody in",
        hint: "another computer of the office can", reason: .mayNotLetIn)
    }
    _ = try doorNames(nil)
  }

  /// What the words of a yes mean; `door` is whose further devices alone come in where it stands
  /// open. Without somebody who knocked their name is judged when it is known.
  func admissionTerms(
    _ call: AdmitCheckCall, _ who: DoorVisit.Newcomer?, door: MemberID?
  ) throws(ControlError) -> AdmissionTerms {
    let replaced = try replaced(call)
    var whose = door
    if let text = call.member { whose = try presentOrPast(text) }
    if let replaced {
      guard call.member == nil && door == nil || whose == replaced.member else {
        throw ControlError(
          .refused,
          "\"\(deviceName(replaced.key))\" is a device of \"\(memberName(replaced.member))\"",
          hint: nil, reason: .otherDevice)
      }
      whose = replaced.member
    }
    guard door == nil || whose == door else { throw otherDoor(door) }
    try checkRank(call, whose)
    // Of a door that is held open for that person it was said when it was opened.
    if let whose, whose != door {
      try checkIsMeant(whose, again: call.again, Self.yesAgain)
    }
    let groups = try listedGroups(call.groups ?? [])
    guard whose == nil else {
      return .init(member: whose, removed: replaced, groups: groups, name: nil)
    }
    // What the sponsor said yes to is what the newcomer is called.
    guard let text = call.name ?? who?.person.text else {
      return .init(member: nil, removed: nil, groups: groups, name: nil)
    }
    let name = try TypedName.name(text, .person)
    try checkFree(name)
    return .init(member: nil, removed: nil, groups: groups, name: name)
  }

  /// What a yes comes to: a ticket for this newcomer alone, under the name that the sponsor saw, and
  /// in the same step the removal of the device that it replaces.
  func admissionPlan(
    _ call: AdmitCheckCall, _ who: DoorVisit.Newcomer, door: MemberID?,
    addresses: [TicketLine.AddressHint], sharedKey: Bytes32
  ) throws(ControlError) -> AdmissionPlan {
    let terms = try admissionTerms(call, who, door: door)
    var drafts: [Draft] = []
    if let replaced = terms.removed {
      drafts.append(.control(.remove(.device(replaced.key), replica.cuts(of: [replaced.key]))))
    }
    let seed = randomBytes(32)
    guard let signing = try? SigningKey(ticketSeed: seed.span), let seedBytes = Bytes32(seed)
    else { throw ControlError(.internalError, "no ticket could be made", hint: nil) }
    let key = TicketKey(Bytes32(signing.publicKey.bytes))
    let isBox = terms.member.map { replica.rosterNow().rank(of: $0) == .box } ?? false
    let member = terms.member ?? MemberID(Bytes16())
    drafts.append(
      .control(
        .ticket(
          Operation.TicketGrant(
            key: key, rank: isBox ? .box : .member, isKeeper: isBox, mayAdmit: true,
            member: member,
            expiresMilliseconds: officeWall + UInt64(Limits.doorTicketSeconds) * 1_000, uses: 1,
            groups: terms.groups))))
    if let name = terms.name {
      drafts.append(.message(.name(request(), .ticket(key), name)))
    }
    let line = TicketLine(
      office: office, sharedKey: sharedKey, seed: seedBytes, member: member, addresses: addresses)
    return AdmissionPlan(
      drafts: drafts, ticket: key, member: member, makesAdmin: call.rank == .admin,
      removed: terms.removed?.key, line: line.encode(lineChecksum))
  }

  /// Names of people are unique in the office; who is here already may have come back.
  private func checkFree(_ name: Name) throws(ControlError) {
    do {
      try checkFree(name, for: nil)
    } catch {
      throw ControlError(
        error.name, error.message,
        hint: "somebody else: zuruf admit --name with another name"
          + (namesake(of: name, but: nil).map {
            "; the same person with one more computer: zuruf admit --for \(typedName(of: $0))"
          } ?? ""))
    }
  }

  /// The device that the newcomer's takes the place of.
  private func replaced(_ call: AdmitCheckCall) throws(ControlError) -> RosterDevice? {
    guard let text = call.remove else { return nil }
    let key = try device(text)
    guard let known = replica.rosterNow().device(key) else {
      throw ControlError(.noSuchDevice, "this device is not known here any more", hint: nil)
    }
    guard key != replica.secrets.device else {
      throw ControlError(
        .refused, "this very computer holds the door open, so it is not lost", hint: nil,
        reason: .otherDevice)
    }
    if let refusal = refusalAmongOwners(known.member) { throw refusal }
    return known
  }

  private func checkRank(_ call: AdmitCheckCall, _ whose: MemberID?) throws(ControlError) {
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
      throw onlyOwnDevices
    }
    switch call.rank {
    case .member?, nil: break
    case .admin?:
      guard own == .owner else {
        throw ControlError(
          .notAllowed, "only owners make admins", hint: nil, reason: .ownersOnly)
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
