import Authority
import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

extension NodeLoop {
  /// Opens the office of this data directory, if it has one.
  package func openOffice() throws(Fatal) {
    do {
      try home.finishSettingAside(clock.wall())
      membership = try home.readMembership()
    } catch {
      throw Fatal(reading: error)
    }
    guard let membership else { return }
    // Of what it reads no start can know whether it was flushed.
    isMembershipOwed = true
    do {
      try begin(membership, isNew: false)
    } catch {
      guard error.cause == .otherMachine else { throw error }
      isCarried = true
      isMembershipOwed = false
      // Of a directory that computers share, the one whose it is may be the other.
      lock = nil
      // Nobody of that office is called from here.
      dialBook = DialBook(entropy: entropy)
      log(.error, error.text)
      if let hint = error.hint { log(.error, "hint: \(hint)") }
    }
  }

  /// Starts the replica of an office from what the store holds.
  ///
  /// `isNew`: the own entries were written by this very process, so there is nothing to prove. `old`: what
  /// is replaced, where the logs are read anew.
  func begin(
    _ membership: Home.Membership, isNew: Bool, after old: OfficeNode? = nil
  ) throws(Fatal) {
    let noise = try readSecrets().intoNoise()
    var replica = Replica(
      office: membership.office, secrets: try readSecrets(), member: membership.member,
      certificate: membership.certificate)
    // Opening the store mends what a crash left, which is not this computer's to do (S-18).
    if isElsewhere(replica.secrets.device) { throw Self.otherMachine }
    let store: Store
    let damages: [Damage]
    do {
      let (opened, report) = try Store.open(
        disk, .standard(entropy: entropy), first: [membership.office],
        promised: promised(to: replica.secrets.device)
      ) { batch, _, arrival in replica.restore(batch, arrivalMilliseconds: arrival) }
      store = opened
      damages = report.damages
      tell(damages)
      for cut in report.cuts {
        log(
          .warning,
          "group \(cut.group), segment \(cut.segment): the end was cut off at byte \(cut.offset), as a "
            + "crash leaves it; nothing says that it was ever kept")
      }
    } catch {
      throw Fatal(reading: error)
    }
    replica.finishRestoring()
    for end in store.unsettled { replica.holdBack(end.group, end.place, from: end.from) }
    let mailbox = mailbox
    officesOpened += 1
    let number = officesOpened
    let node: OfficeNode
    do {
      node = try OfficeNode(
        number: number, replica: replica, store: store, home: home, clock: clock,
        origin: clock.now(), storing: surroundings.storing
      ) { outcome in
        // The box holds more letters than the disk's queue has jobs, and hints leave room for them.
        let isTaken = mailbox.send(.disk(number, outcome))
        precondition(isTaken, "what the disk did cannot be told")
      }
    } catch {
      throw Fatal(.bug, error.description)
    }
    node.damages = damages
    recall(node)
    if let old { node.inherit(old) }
    do {
      try proveContinuity(node, isNew: isNew)
    } catch {
      node.stop()
      throw error
    }
    node.drain()
    for group in node.replica.groupIDs {
      node.stream.extend(group, to: node.replica.arrivalCount(group))
    }
    office = node
    self.membership = membership
    recognised.set(membership.office)
    useKeys(membership.office, membership.sharedKey, noise, membership.certificate)
  }

  /// So many damaged places have a line each: a disk that is rotten all over is not to fill the one that
  /// the log is on, too.
  private static let damagesTold = 16

  private func tell(_ damages: [Damage]) {
    for damage in damages.prefix(Self.damagesTold) { log(.error, "damaged: \(damage)") }
    guard damages.count > Self.damagesTold else { return }
    let more = damages.count - Self.damagesTold
    log(.error, "damaged: \(more) more places; zuruf-inspect verify names them all")
  }

  /// What the head lock knows. Where it cannot be read, which may pass, it may know anything.
  private func promised(to device: DeviceKey) -> HeadLock.Promise {
    guard let files = try? surroundings.openState(stateName(device)) else { return .anything }
    return HeadLockFiles(state: files.state, runtime: files.runtime).promise()
  }

  /// Whether what is here is known to have been written on another computer. Where the lock cannot be read,
  /// which may pass, nothing is cut off the logs (`promised`), and the node ends as soon as it can.
  func isElsewhere(_ device: DeviceKey) -> Bool {
    guard let files = try? surroundings.openState(stateName(device)),
      let lock = try? HeadLockFiles(state: files.state, runtime: files.runtime).read().lock
    else { return false }
    return lock.surroundings.isOfAnother(machine: surroundings.machine)
  }

  private static var otherMachine: Fatal {
    let carried = Shortfall.carried.info
    return Fatal(.otherMachine, carried.detail, hint: carried.hint)
  }

  private func stateName(_ device: DeviceKey) -> String { String(device.description.prefix(16)) }

  /// Finds out whether the own feeds may be continued, before anything is written or sent.
  func proveContinuity(_ node: OfficeNode, isNew: Bool) throws(Fatal) {
    do {
      let (state, runtime) = try surroundings.openState(stateName(node.replica.secrets.device))
      guard let keys = try disk.status(at: HomeFile.keys.path) else {
        throw Fatal(.dataDamaged, "the file \"keys\" is missing")
      }
      let continuity = try Continuity(
        files: HeadLockFiles(state: state, runtime: runtime),
        surroundings: HeadLock.Surroundings(
          machine: surroundings.machine, boot: surroundings.boot, device: keys.device,
          inode: keys.inode), store: node.store, damages: node.damages, replica: node.replica)
      try carryOut(continuity, node, isNew: isNew)
      node.lockFault = nil
    } catch let fatal as Fatal {
      throw fatal
    } catch {
      // Reading and receiving go on; nothing own is written without a lock that says so.
      let text = "\(error)"
      if node.lockFault != text {
        log(.error, "what says where own messages ended cannot be used: \(text)")
      }
      node.lockFault = text
    }
  }

  private func carryOut(_ continuity: Continuity, _ node: OfficeNode, isNew: Bool) throws {
    let verdict = continuity.verdict
    if verdict.isOtherMachine { throw Self.otherMachine }
    // What the lock knows of a damage keeps that from being cut off, until the store has written what
    // says so too. And it names nothing that may lie in the system's memory alone: after a power cut
    // it would speak of entries that are on no disk.
    if !node.store.unsettled.isEmpty || (node.store.leansOnLock && !verdict.newFeeds.isEmpty) {
      throw StorageError.notWriting(node.store.state)
    }
    if !isNew, !verdict.newFeeds.isEmpty {
      log(
        .warning,
        "nothing proves which own messages were the last ones; what is written from now on begins a "
          + "new series in \(verdict.newFeeds.count) groups")
      let lost = verdict.newFeeds.values.allSatisfy { $0 == .logShorter || $0 == .otherEntry }
      let missing = lost ? continuity.lostOwn : []
      node.lostOwn += missing
      if missing.isEmpty { node.isUnproven = true }
    }
    if try home.isCopy(
      keysAt: continuity.keysAt, lockSaw: continuity.lockSaw,
      isMoved: verdict.newFeeds.values.contains { $0 == .copied || $0 == .lockMissing },
      isNew: isNew)
    {
      node.isLikelyCopy = true
    }
    if !isNew, verdict.asksFirst {
      node.asksFirstUntil = clock.now() + .seconds(Limits.askFirstSeconds)
    }
    node.noteLastOwn()
    try continuity.begin(&node.replica, isNew: isNew)
    node.continuity = continuity
  }

  /// Answers and dials links as a device of this office from now on.
  func useKeys(
    _ office: GroupID, _ sharedKey: Bytes32, _ noise: consuming NoiseKey, _ certificate: EntryID
  ) {
    guard let shared = try? PreSharedKey(bytes: sharedKey.array.span) else { return }
    let keys = LinkKeys(office: office, preSharedKey: shared, noiseKey: noise)
    self.keys = keys
    links.identities = [LinkIdentity(keys: keys, certificate: certificate)]
  }

  /// The secrets of this device, from its key file.
  func readSecrets() throws(Fatal) -> DeviceSecrets {
    do {
      if let secrets = try home.readKeys() { return secrets }
    } catch {
      throw Fatal(reading: error)
    }
    throw Fatal(
      .dataDamaged, "the file \"keys\" is missing",
      hint: "this computer must join anew; its messages come back from the others")
  }

  // MARK: Founding

  func officeNew(_ call: OfficeNewCall, _ answer: @escaping Answer) {
    guard membership == nil else { return answer(.failure(belongsAlready)) }
    guard joining?.answer == nil else {
      return answer(
        .failure(
          ControlError(
            .joining, "this computer is joining an office at this moment",
            hint: "zuruf status shows how far it is")))
    }
    do {
      let names = try FoundingNames(call)
      let node = try foundOrGoOnJoining(call)
      name(node, names, answer)
    } catch let error as ControlError {
      answer(.failure(error))
    } catch {
      answer(.failure(ControlError(.internalError, "\(error)", hint: nil)))
    }
  }

  /// Founds the office. Where that fails a join that waits begins anew, with the keys there are now.
  private func foundOrGoOnJoining(_ call: OfficeNewCall) throws -> OfficeNode {
    do {
      return try found(call)
    } catch {
      if membership == nil, joining != nil {
        giveUpJoining(ControlError(.joining, "an office was to be founded here", hint: nil))
        resumeJoining()
        joinByTicketFile()
      }
      throw error
    }
  }

  /// Makes keys, recovery key and office genesis, each durable before the next refers to it.
  private func found(_ call: OfficeNewCall) throws -> OfficeNode {
    let secrets = DeviceSecrets()
    let recovery = SigningKey()
    let secret = OfficeSecret()
    // Nothing new beside what is still to be set aside (C-19).
    try home.finishSettingAside(clock.wall())
    try home.write(secrets)
    let member = MemberID(secrets.device.bytes.prefix)
    let secretBytes = secret.withBytes { Bytes32(copying: $0) }
    let founding = Founding(
      secrets: secrets, member: member,
      recoveryKey: DeviceKey(Bytes32(recovery.publicKey.bytes)), officeSecret: secretBytes,
      nonce: Bytes16(Random.bytes16()), wall: clock.wall().milliseconds)
    let line = RecoveryLine(
      office: founding.office, seed: recovery.withBytes { Bytes32(copying: $0) })
    try home.writeText(Home.recovery, Array((line.encode(lineChecksum) + "\n").utf8))
    let (store, _) = try Store.open(
      disk, .standard(entropy: entropy), first: [], onGroup: { _, _, _ in })
    var jobs = [store.prepare(founding.batch, isOwn: true, arrival: clock.wall().milliseconds)]
    try store.writer.perform(&jobs)
    let shared = PreSharedKey(secret, officeID: founding.office.bytes.array.span)
    let membership = Home.Membership(
      office: founding.office, member: member, certificate: EntryID(founding.office.bytes),
      sharedKey: shared.withBytes { Bytes32(copying: $0) })
    try rememberFounding(call, of: founding.office)
    let waiting = up.keys.sorted()
    // From here on this directory belongs to the office.
    try keep(membership)
    self.founding = .owed(call)
    // Whoever founds an office waits for no other one any more.
    giveUpJoining(ControlError(.joining, "an office was founded here", hint: nil))
    for link in waiting { links.close(link, .notNow, at: clock.now()) }
    dialBook.forget(all: .ticket)
    joinRefusal = nil
    openOwedOffice()
    guard let office else { throw noOffice }
    return office
  }

  /// Goes on after a full or read-only disk, without a restart of the program: what was on its way
  /// when the disk failed is gone, so the office is read anew from what is durable.
  func resumeStore() {
    guard let old = office else { return }
    if old.readFault == nil {
      // Where that fails it is tried again at the next turn of the clock; the state stays visible.
      guard old.store.state.isResumable, !old.isWritingOwn, (try? old.store.resume()) != nil
      else { return }
    }
    if readAnew(old) { log(.notice, "the disk takes writes again") }
  }

  /// What was found damaged while it was read is forgotten, and fetched again: the office is read
  /// anew without it, so that the others are told less and send what is missing.
  ///
  /// Waits until somebody is there to fetch it from, for until then memory knows more than the
  /// disk gives back; and until nothing is on its way to the disk.
  func rereadDamaged(_ now: Moment) {
    guard now >= readAnewPace.dueAt, let old = office, !old.store.damages.isEmpty, joining == nil,
      old.store.state == .writing, old.replica.hasComparedWithPeer,
      !old.replica.isStoring || old.isOutOfStep && old.queue.underway == 0
    else { return }
    guard old.readFault == nil else { return }
    tell(old.store.damages)
    if readAnew(old) {
      log(.notice, "the logs were read anew; what is missing is fetched from the others")
    }
  }

  /// Reads the office anew; whether that could be done. Where not, it stays owed: the old one stores
  /// nothing any more.
  private func readAnew(_ old: OfficeNode) -> Bool {
    defer {
      readAnewPace.note(clock.now(), hasStoredOthers: old.hasStoredOthers)
      old.hasStoredOthers = false
    }
    do {
      try reopen(old)
      return true
    } catch {
      office = old
      if error.cause == .otherMachine { end(by: error) }
      if old.readFault == nil { log(.error, "the logs cannot be read anew: \(error.text)") }
      old.readFault = error.text
      return false
    }
  }

  /// Reads the office anew from what is durable, and links anew, without a restart of the program.
  private func reopen(_ old: OfficeNode) throws(Fatal) {
    guard let membership else { return }
    for link in up.keys.sorted() { links.close(link, .notNow, at: clock.now()) }
    old.stop()
    // What its disk still did is told to whoever waited for it; the rest is not done any more.
    takeLetters(clock.now())
    takeHappenings()
    old.keepLock()
    old.giveUp()
    // The new order of arrival knows nothing of what followers were not told yet.
    pumpSubscribersOut()
    office = nil
    try begin(membership, isNew: false, after: old)
    for subscriber in control.subscribers { subscriber.position = office?.stream.count ?? 0 }
  }
}

extension Bytes32 {
  /// The 32 bytes of a span that has as many.
  init(copying span: Span<UInt8>) {
    precondition(span.count == 32, "32 bytes are copied from 32")
    // Bytes have neither padding nor references.
    self.init(unsafe span.bytes, 0)
  }
}
