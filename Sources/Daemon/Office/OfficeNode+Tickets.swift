import Authority
import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

extension OfficeNode {
  /// How long a ticket is good for when nobody says otherwise: a week, in seconds.
  private static let validSecondsDefault = 7 * 24 * 3_600
  private static let validSecondsMax = 366 * 24 * 3_600

  func ticketNew(
    _ call: TicketNewCall, addresses: [TicketLine.AddressHint], sharedKey: Bytes32,
    _ answer: @escaping Answer
  ) {
    do throws(ControlError) {
      let (uses, valid) = try terms(call)
      let groups = try listedGroups(call.groups)
      let whose = try call.member.map { (text) throws(ControlError) in try presentOrPast(text) }
      if whose == nil, call.again ?? false {
        throw ControlError(
          .invalidParameters, "\"again\" is of somebody who was removed: \"member\" says whom",
          hint: nil)
      }
      if let whose {
        try checkFurtherDevice(whose, name: call.name)
        try checkIsMeant(whose, call)
      }
      let seed = randomBytes(32)
      guard let ticketKey = try? SigningKey(ticketSeed: seed.span), let seedBytes = Bytes32(seed)
      else { throw ControlError(.internalError, "no ticket could be made", hint: nil) }
      let key = TicketKey(Bytes32(ticketKey.publicKey.bytes))
      let isBox =
        whose.map { replica.rosterNow().rank(of: $0) == .box } ?? (call.kind == .box)
      let grant = Operation.TicketGrant(
        key: key, rank: isBox ? .box : .member, isKeeper: call.keeper ?? isBox, mayAdmit: true,
        member: whose ?? MemberID(Bytes16()),
        expiresMilliseconds: officeWall + UInt64(valid) * 1_000,
        uses: uses, groups: groups)
      var drafts: [Draft] = [.control(.ticket(grant))]
      if let text = call.name {
        let name = try TypedName.name(text, .person)
        // Of a ticket for several it is no name of anybody.
        if uses == 1 { try checkIsFree(name) }
        drafts.append(.message(.name(request(), .ticket(key), name)))
      }
      let line = TicketLine(
        office: office, sharedKey: sharedKey, seed: seedBytes, member: grant.member,
        addresses: addresses)
      write(office, drafts) { [self] result in
        switch result {
        case .success:
          guard let ticket = replica.rosterNow().ticket(key) else {
            return answer(
              .failure(ControlError(.internalError, "the ticket was not found again", hint: nil)))
          }
          answer(
            .success(
              .ticketNew(.init(ticket: ticketInfo(ticket), text: line.encode(lineChecksum)))))
        case .failure(let error): answer(.failure(error))
        }
      }
    } catch {
      answer(.failure(error))
    }
  }

  /// Whether a newcomer can be called so as things are: who is let in later finds no other way.
  private func checkIsFree(_ name: Name) throws(ControlError) {
    do {
      try checkFree(name, for: nil)
    } catch {
      throw ControlError(
        error.name, error.message,
        hint: "somebody else: another --name, or none, and they say it when they join"
          + (namesake(of: name, but: nil).map {
            "; the same person with one more computer: zuruf ticket new --for \(typedName(of: $0))"
          } ?? ""))
    }
  }

  /// How often and for how many seconds a ticket is good.
  private func terms(_ call: TicketNewCall) throws(ControlError) -> (uses: UInt16, seconds: Int) {
    let uses = call.uses ?? 1
    guard (1...1_000).contains(uses) else {
      throw ControlError(
        .invalidParameters, "\"uses\" is a number from 1 to 1000: so often a ticket can be used",
        hint: nil)
    }
    let seconds = call.validSeconds ?? Self.validSecondsDefault
    guard (60...Self.validSecondsMax).contains(seconds) else {
      throw ControlError(
        .invalidParameters,
        "\"validSeconds\" is a number from 60 to \(Self.validSecondsMax): a ticket is good for a "
          + "minute to a year", hint: nil)
    }
    return (UInt16(uses), seconds)
  }

  /// The groups that a newcomer is to be in, ascending: only such as have a list of members.
  func listedGroups(_ texts: [String]) throws(ControlError) -> [GroupID] {
    let directory = directory()
    var groups: Set<GroupID> = []
    for text in texts {
      let group = try directory.group(text)
      guard replica.kind(of: group) == .listed else {
        throw ControlError(
          .refused, "\"\(text)\" has no list of members", hint: "everybody is in it anyway")
      }
      groups.insert(group)
    }
    guard groups.count <= 255 else {
      throw ControlError(.refused, "a ticket names at most 255 groups", hint: nil)
    }
    return groups.sorted()
  }

  /// A member who is here, or else one who was: whose last device was removed can have a new one,
  /// which has seen the removal.
  func presentOrPast(_ text: String) throws(ControlError) -> MemberID {
    let present = directory()
    let past = Directory(people: present.past)
    // The whole name of one who was here is meant before the beginning of a present one's.
    if !present.holdsWhole(text), past.holdsWhole(text) { return try past.member(text) }
    do {
      return try present.member(text)
    } catch {
      guard error.name == .noSuchMember else { throw error }
      return try past.member(text)
    }
  }

  /// Whoever was removed is let in again by those alone who say that they know; and who says so means
  /// nobody who has come since and is called the same.
  private func checkIsMeant(_ member: MemberID, _ call: TicketNewCall) throws(ControlError) {
    try checkIsMeant(member, again: call.again, "a ticket lets that person in again")
  }

  /// The same of any way in; `effect` is what it would come to.
  func checkIsMeant(_ member: MemberID, again: Bool?, _ effect: String) throws(ControlError) {
    let isRemoved = replica.rosterNow().member(member)?.isRemoved ?? false
    let isAgain = again ?? false
    guard isRemoved != isAgain else { return }
    guard isRemoved else {
      throw ControlError(
        .refused, "\"\(memberName(member))\" is in the office; --again is for who was removed",
        hint: "for one more device of \"\(memberName(member))\" leave --again out")
    }
    throw ControlError(
      .memberGone, "\"\(memberName(member))\" \(outWords(member)); \(effect)",
      hint: "if that is what you want, write --again too")
  }

  /// A ticket for a further device of somebody who is here, with words for what it refuses.
  func checkFurtherDevice(_ member: MemberID, name: String?) throws(ControlError) {
    guard name == nil else {
      throw ControlError(
        .refused, "\"\(memberName(member))\" has a name already", hint: "leave the name out")
    }
    let roster = replica.rosterNow()
    guard member != replica.member else { return }
    guard !roster.owners.contains(member) else {
      throw ControlError(
        .notAllowed, "only \"\(memberName(member))\" can let in a further device of an owner",
        hint: "on a computer of that owner: zuruf ticket new --for \(typedName(of: member))",
        reason: .mayNotLetIn)
    }
    // Who has left has no rank; an admin may let such a one in again.
    guard let own = roster.rank(of: replica.member), own <= .admin,
      roster.rank(of: member).map({ own < $0 }) ?? true
    else {
      throw ControlError(
        .notAllowed, "you may let in further devices of your own only",
        hint: "an admin or owner of the office can do it", reason: .mayNotLetIn)
    }
  }

  func ticketList() -> TicketListCall.Answer { .init(fitting: allTickets()) }

  /// The newest tickets, or those before one of them.
  func ticketList(_ call: TicketListCall) throws(ControlError) -> TicketListCall.Answer {
    guard let before = call.before else { return ticketList() }
    let tickets = allTickets()
    guard let end = tickets.firstIndex(where: { $0.id == before }) else {
      throw ControlError(.noSuchTicket, "no ticket has that id", hint: nil)
    }
    return .init(fitting: Array(tickets[..<end]))
  }

  private func allTickets() -> [TicketInfo] {
    replica.rosterNow().tickets.map { ticketInfo($0) }
      .sorted { ($0.created, $0.id) < ($1.created, $1.id) }
  }

  func ticketRevoke(_ call: TicketRevokeCall, _ answer: @escaping Answer) {
    do throws(ControlError) {
      let ticket = try ticket(call.ticket)
      // Whatever else ends a ticket can come undone: a clock is set, its maker gets the right back,
      // who used it turns out to be void. Only what stands in the log is over for good.
      guard !ticket.isRevoked else {
        throw ControlError(
          .refused, "the ticket is revoked already, so nobody can join with it",
          hint: "to take out somebody whom it let in: zuruf member remove NAME")
      }
      let before = ticketInfo(ticket).state
      write(office, [.control(.ticketRevoke(ticket.grant.key))]) { [self] result in
        switch result {
        case .success:
          let now = replica.rosterNow().ticket(ticket.grant.key) ?? ticket
          answer(
            .success(
              .ticketRevoke(.init(ticket: ticketInfo(now), was: before == .open ? nil : before))))
        case .failure(let error): answer(.failure(error))
        }
      }
    } catch {
      answer(.failure(error))
    }
  }

  /// A ticket by the beginning of its id, by the name it gives, or by its own line.
  private func ticket(_ text: String) throws(ControlError) -> RosterTicket {
    if let line = try? TicketLine(decoding: text, lineChecksum),
      let key = try? SigningKey(ticketSeed: line.seed.array.span)
    {
      guard let known = replica.rosterNow().ticket(TicketKey(Bytes32(key.publicKey.bytes))) else {
        throw ControlError(
          .noSuchTicket, "the ticket is of another office, or not known here yet", hint: nil)
      }
      return known
    }
    let folded = text.lowercased()
    let found = replica.rosterNow().tickets.filter { ticket in
      (folded.utf8.count >= 4 && ticket.grant.key.description.hasPrefix(folded))
        || replica.name(of: ticket.grant.key)?.text == text
    }
    switch found.count {
    case 1: return found[0]
    case 0:
      throw ControlError(
        .noSuchTicket,
        TypedLine.begins(text, TicketLine.prefix)
          ? "the ticket's line was cut or mistyped" : "no ticket is called \"\(text)\"",
        hint: "zuruf ticket list shows them")
    default:
      throw ControlError(
        .ambiguous, "\"\(text)\" can mean \(found.count) tickets", hint: "type one of these",
        candidates: found.prefix(16).map {
          Candidate(text: String($0.grant.key.description.prefix(12)), detail: nil)
        })
    }
  }

  func ticketInfo(_ ticket: RosterTicket) -> TicketInfo {
    let grant = ticket.grant
    let state: TicketStateWord =
      if ticket.isOverused {
        .overUsed
      } else if ticket.isRevoked {
        .revoked
      } else if ticket.used >= Int(grant.uses) {
        .usedUp
      } else if officeWall > grant.expiresMilliseconds {
        .expired
      } else {
        // It counts as long as whoever made it might make it.
        ticket.hasEnded ? .onHold : .open
      }
    let created = replica.find(ticket.entry, in: office)
      .flatMap { try? store.entry(office, $0.place, $0.seq).entry.wallMilliseconds }
    return TicketInfo(
      id: identifier(grant.key.bytes.array), kind: grant.rank == .box ? .box : .member,
      keeper: grant.isKeeper, name: replica.name(of: grant.key)?.text,
      member: grant.member.isZero ? nil : memberRef(grant.member),
      groups: grant.groups.map { groupRef($0) }, issuer: memberRef(ticket.issuer),
      created: ClaimedTime(ms: Int64(clamping: created ?? 0)),
      expires: ClaimedTime(ms: Int64(clamping: grant.expiresMilliseconds)),
      uses: Int(grant.uses), used: ticket.used, state: state)
  }

  // MARK: Admission

  /// A joiner asks over a ticket link: admit it, durably, or say why not (H-10, A-12).
  func admit(
    _ request: AdmitRequest, handshake: HandshakeHash,
    then body: @escaping (Message.AdmitAnswer, EntryID) -> Void
  ) {
    let nothing = EntryID(Bytes32())
    // What the office log says in the end may lie in the system's memory alone (S-16).
    if !store.unsettled(in: office).isEmpty { return body(.tryLater, nothing) }
    let roster = replica.rosterNow()
    // A repeated request, whose answer was lost, is answered with what was written then.
    if let known = roster.device(request.device), known.isLive, known.member == request.member,
      known.noise == request.noise, known.sealing == request.sealing
    {
      return body(.admitted, known.certificate)
    }
    guard let own = roster.device(replica.secrets.device), own.isLive, own.mayAdmit else {
      return body(.notAllowedHere, nothing)
    }
    guard let ticket = roster.ticket(request.ticket, for: request.member) else {
      // Who is told that nobody knows it yet goes on asking for good.
      return body(roster.hasLost(request.ticket) ? .revoked : .unknownTicket, nothing)
    }
    guard admitting.values.reduce(0, +) < Limits.admitsPendingMax else {
      return body(.tryLater, nothing)
    }
    if ticket.isRevoked || ticket.hasEnded { return body(.revoked, nothing) }
    if ticket.used >= Int(ticket.grant.uses) { return body(.usedUp, nothing) }
    // Those whose certificate is on its way to the disk may get none, or be this very device.
    if ticket.used + admitting[request.ticket, default: 0] >= Int(ticket.grant.uses) {
      return body(.tryLater, nothing)
    }
    if officeWall > ticket.grant.expiresMilliseconds { return body(.expired, nothing) }
    // The ticket of one member lets in nobody else.
    guard ticket.grant.member.isZero || ticket.grant.member == request.member else {
      return body(.notAllowedHere, nothing)
    }
    // Nor does who came by a ticket let in others by it; another computer may.
    guard !ticket.grant.member.isZero || !roster.came(own.member, by: request.ticket) else {
      return body(.notAllowedHere, nothing)
    }
    guard let names = newcomerNames(request, ticket) else { return body(.nameNotAllowed, nothing) }
    let certification = Operation.Certification(
      certificate: Certificate(
        member: request.member, device: request.device, noise: request.noise,
        sealing: request.sealing, rank: ticket.grant.rank, isKeeper: ticket.grant.isKeeper,
        mayAdmit: ticket.grant.mayAdmit),
      ticket: request.ticket, handshake: handshake, deviceSignature: request.deviceSignature,
      ticketSignature: request.ticketSignature)
    admitting[request.ticket, default: 0] += 1
    var drafts: [Draft] = [.control(.certify(certification))]
    if let name = names.member {
      drafts.append(.message(.name(self.request(), .member(request.member), name)))
    }
    drafts.append(.message(.name(self.request(), .device(request.device), names.device)))
    write(office, drafts) { [self] result in
      admitting[request.ticket, default: 1] -= 1
      switch result {
      case .success(let composed):
        body(.admitted, composed.entries[0])
        // Whoever adds makes the new epochs at once, so that the newcomer can read (K-5).
        renewEpochs {}
      case .failure(let error):
        log(.warning, "a newcomer was not admitted: \(error.message)")
        body(error.name == .readOnly ? .tryLater : .notAllowedHere, nothing)
      }
    }
  }

  /// The names a newcomer gets: the issuer's choice before its own, unless somebody is called so by
  /// now; nil where they are no names, or both are taken. A member who is here keeps the name it has.
  private func newcomerNames(
    _ request: AdmitRequest, _ ticket: RosterTicket
  ) -> (member: Name?, device: Name)? {
    guard let wanted = try? Name(request.deviceName),
      let device = try? freeDeviceName(TypedName.name(wanted.text, .device))
    else { return nil }
    if !ticket.grant.member.isZero { return (nil, device) }
    let chosen = ticket.grant.uses == 1 ? replica.name(of: ticket.grant.key) : nil
    guard let own = try? Name(request.memberName) else { return nil }
    // What somebody of the office chose was judged when it was typed.
    let wishes = [chosen, try? TypedName.name(own.text, .person)].compactMap { $0 }
    let free = wishes.first { (try? checkFree($0, for: request.member)) != nil }
    return free.map { ($0, device) }
  }

  /// What a newcomer's device is called: as it says, or with the next free number behind it, so that
  /// two computers that were both called by their maker are told apart.
  func freeDeviceName(_ wanted: Name) -> Name {
    let used = Set(
      replica.rosterNow().devices.filter(\.isLive).map { likeness(deviceName($0.key)) })
    guard used.contains(likeness(wanted.text)) else { return wanted }
    // One of so many names is free, and of so many candidates none comes twice.
    for number in 2...(used.count + 2) {
      let ending = " \(number)"
      var base = Substring(wanted.text)
      while base.utf8.count + ending.utf8.count > Limits.nameBytesMax { base.removeLast() }
      let text = base + ending
      if !used.contains(likeness(String(text))), let name = try? Name(String(text)) { return name }
    }
    return wanted
  }
}
