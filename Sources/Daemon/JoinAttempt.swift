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
///
/// It goes on when whoever asked for it has been told that nobody was there, and after a restart,
/// until somebody admits this device, the ticket is refused, or another attempt takes its place.
struct JoinAttempt {
  let office: GroupID
  let line: TicketLine
  let ticketKey: TicketKey
  let memberName: Name
  let deviceName: Name
  /// Whether the ticket lies in the file that the configuration names.
  let isFromFile: Bool
  /// Who waits for its end (C-9); nobody any more once the time to answer is over.
  var answer: Answer?
  /// When that is, and whether it has been told.
  var answerBy: Moment
  var isTold = false
  /// The link that asked for admission, and until when an answer is waited for.
  var asked: Transport.LinkID? {
    didSet { if asked == nil { askedUntil = nil } }
  }
  var askedUntil: Moment?
  /// Whether the certificate came, so that only the office log is missing.
  var isAdmitted = false
  /// Until when the end waits for the groups, once this device belongs to the office.
  var groupsBy: Moment?
  var through: NoiseIdentity?
  /// The last thing that went wrong, for the sentence that tells how far it came.
  var trouble: ControlError?
  /// Somebody says that the ticket counts no more, and until when somebody else may let this device
  /// in all the same: the clock of one computer can be wrong (C-9).
  var refusal: (error: ControlError, until: Moment)?

  /// When it is to be looked at without anything having happened.
  var wakeAt: Moment? {
    if let groupsBy { return groupsBy }
    var moments = isTold ? [] : [answerBy]
    if let askedUntil, !isAdmitted { moments.append(askedUntil) }
    if let refusal, isEndedByRefusal { moments.append(refusal.until) }
    return moments.min()
  }

  /// Whether a refusal ends it. Not where nobody waits to hear of it, as with a ticket in a file, which
  /// is shown until somebody takes it; nor while somebody else is asked or has let it in.
  var isEndedByRefusal: Bool { answer != nil && !isAdmitted && asked == nil }

  /// Takes in why somebody did not let this device in.
  mutating func refused(_ error: ControlError, isFinal: Bool, _ now: Moment) {
    if isFinal || refusal == nil { trouble = error }
    if isFinal, refusal == nil {
      refusal = (error, now + .seconds(Limits.joinRefusalSeconds))
    }
  }

  /// How far it came, for a person.
  var soFar: ControlError {
    if isAdmitted {
      return ControlError(
        .noAnswer, "the office admitted this computer, but its log did not arrive yet",
        hint: "leave this computer on; zuruf status shows when it is ready")
    }
    return trouble
      ?? ControlError(
        .noAnswer, "nobody of the office could be reached",
        hint: "this computer goes on trying; one of the office must be on, and zuruf doctor "
          + "examines the network between them")
  }
}

extension NodeLoop {
  func join(_ call: JoinCall, _ answer: @escaping Answer) {
    do throws(ControlError) {
      let attempt = try attempt(call, isFromFile: false, answer)
      try rememberJoining(attempt)
      begin(attempt)
    } catch {
      answer(.failure(error))
    }
  }

  /// Goes on with a ticket from a file; nobody waits for it.
  func joinUnattended(_ call: JoinCall, isFromFile: Bool) throws(ControlError) {
    begin(try attempt(call, isFromFile: isFromFile, nil))
  }

  private func attempt(
    _ call: JoinCall, isFromFile: Bool, _ answer: Answer?
  ) throws(ControlError) -> JoinAttempt {
    // Who is not in it, or no more, hears what is wrong with a ticket before anything is set aside (C-19).
    guard office == nil || mayBeSetAside else { throw belongsAlready }
    let line = try ticketLine(call.ticket)
    guard line.member.isZero || call.name == nil else {
      throw ControlError(
        .refused, "the ticket is for one more device of somebody who has a name already",
        hint: "leave the name out")
    }
    let member = try TypedName.name(call.name ?? call.account ?? Computer.hostName(), .person)
    let device = try TypedName.name(call.device ?? Computer.hostName(), .device)
    guard let key = try? SigningKey(ticketSeed: line.seed.array.span) else {
      throw ControlError(.ticketMalformed, "the ticket cannot be used", hint: nil)
    }
    guard membership == nil else {
      throw knownTrouble(of: TicketKey(Bytes32(key.publicKey.bytes))) ?? belongsAlready
    }
    try makeKeys()
    return JoinAttempt(
      office: line.office, line: line, ticketKey: TicketKey(Bytes32(key.publicKey.bytes)),
      memberName: member, deviceName: device, isFromFile: isFromFile, answer: answer,
      answerBy: clock.now() + .seconds(Limits.joinAnswerSeconds))
  }

  /// Begins an attempt, in the place of the one before.
  private func begin(_ attempt: JoinAttempt) {
    let noise: NoiseKey
    do {
      noise = try joinSecrets().intoNoise()
    } catch {
      attempt.answer?(.failure(error))
      return
    }
    giveUpJoining(
      ControlError(.joining, "another join has taken the place of this one", hint: nil))
    joinRefusal = nil
    useKeys(attempt.office, attempt.line.sharedKey, noise, EntryID(Bytes32()))
    recognised.set(attempt.office)
    // A joiner answers nobody: it has nothing to say yet.
    links.identities = []
    joining = attempt
    let now = clock.now()
    for hint in attempt.line.addresses {
      guard let ip = IPAddress(bytes: hint.address, scope: 0) else { continue }
      dialBook.learn(
        SocketAddress(ip, port: hint.port), from: .ticket, name: nil, device: nil, at: now)
    }
    // Dialled in the turn that follows or is under way, which also waits for what comes of it.
    dialBook.restart(at: now)
    discovery?.refresh()
  }

  private func ticketLine(_ text: String) throws(ControlError) -> TicketLine {
    do {
      return try TicketLine(decoding: text, lineChecksum)
    } catch {
      throw lineRefusal(error, "a ticket", TicketLine.prefix, as: .ticketMalformed)
    }
  }

  /// Keys are made once; a second attempt uses the same, so that a lost answer is found again.
  ///
  /// Not beside what is still to be set aside (C-19): those of the office before are used no more,
  /// and the next start would take the new ones for them.
  private func makeKeys() throws(ControlError) {
    do {
      try home.finishSettingAside(clock.wall())
      if try home.readKeys() == nil { try home.write(DeviceSecrets()) }
    } catch {
      throw ControlError(.readOnly, error.description, hint: "zuruf doctor says what to do")
    }
  }

  func joinSecrets() throws(ControlError) -> DeviceSecrets {
    do {
      return try readSecrets()
    } catch {
      throw ControlError(.readOnly, error.text, hint: error.hint)
    }
  }

  /// Ends the attempt when the own certificate and what comes with it are here, and tells whoever
  /// waits when that takes too long.
  func tickJoining(_ now: Moment) {
    guard let attempt = joining else { return }
    if let office, office.isReady {
      let until = attempt.groupsBy ?? now + .seconds(Limits.joinGroupsSeconds)
      joining?.groupsBy = until
      guard now >= until || office.holdsGroups(of: attempt.ticketKey) else { return }
      joining = nil
      log(.notice, "joined the office")
      if attempt.isFromFile { removeTicketFile() } else { joinByTicketFile() }
      let roster = office.replica.rosterNow()
      let through = attempt.through.flatMap { roster.device(noise: $0) }
      attempt.answer?(
        .success(
          .join(
            .init(
              office: office.officeInfo(), member: office.memberRef(office.replica.member),
              device: office.deviceRef(office.replica.secrets.device),
              groups: office.ownGroups().map { office.groupRef($0) },
              through: office.deviceRef(through?.key ?? office.replica.secrets.device),
              by: roster.ticket(attempt.ticketKey).map { office.memberRef($0.issuer) }))))
      return
    }
    // Its certificate may have lost its effect before the groups came.
    joining?.groupsBy = nil
    if let asked = attempt.asked, let until = attempt.askedUntil, !attempt.isAdmitted, now >= until
    {
      joining?.asked = nil
      links.close(asked, .notNow, at: now)
      return
    }
    if let refusal = attempt.refusal, attempt.isEndedByRefusal, now >= refusal.until {
      return ticketRefused(refusal.error)
    }
    guard !attempt.isTold, now >= attempt.answerBy else { return }
    joining?.isTold = true
    joining?.answer = nil
    log(.warning, "not joined yet: \(attempt.soFar.message)")
    attempt.answer?(.failure(attempt.soFar))
  }

  /// Somebody of the office said no, and nobody said otherwise.
  func ticketRefused(_ error: ControlError) {
    joinRefusal = error
    log(.warning, "not joined: \(error.message)")
    forgetJoining()
    giveUpJoining(error)
  }

  /// Ends an attempt with nothing come of it; whoever waits is told why.
  func giveUpJoining(_ error: ControlError) {
    guard let attempt = joining else { return }
    joining = nil
    attempt.answer?(.failure(error))
    guard membership == nil else { return }
    // They lead to the office of this ticket, as somebody who shows it.
    for link in up.keys.sorted() { links.close(link, .notNow, at: clock.now()) }
    dialBook.forget(all: .ticket)
    recognised.set(nil)
    keys = nil
    links.identities = []
  }
}
