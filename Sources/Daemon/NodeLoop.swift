import Authority
import Control
import Cryptography
import Discovery
import Format
package import Platform
import Replication
import Storage
import Transport

/// The one loop: everything that happens to this node happens here, one thing after the other.
///
/// `runDaemon` runs it; a program that measures it opens the office and takes its turns itself.
package final class NodeLoop {
  let configuration: Configuration
  let environment: Environment
  let surroundings: Surroundings
  let home: Home
  /// Held as long as the node runs, but not where what is here is another computer's; a simulated directory
  /// has no other user.
  var lock: DirectoryLock?
  let started: Timestamp
  /// The same moment by the clock that nobody sets.
  let startedAt: Moment
  let bootNonce: BootNonce
  let socketPath: String

  var poller: Poller
  var control: ControlServer
  var links: LinkSet
  /// Nil where nobody sends any.
  var signals: SignalDescriptor?
  var routes: RouteMonitor?
  /// The interfaces and addresses that links and attempts were last judged by, and when that was.
  var knownInterfaces: [NetworkInterface] = []
  var routesComparedAt: Moment?
  /// When they are to be looked at again, because something may have changed meanwhile.
  var routesDueAt: Moment?
  /// When discovery was last asked to look again because somebody is not linked.
  var lookedAgainAt: Moment?
  let mailbox: Mailbox<Letter>
  var dialBook: DialBook
  var discovery: (any DiscoveryService)?
  /// The office whose announcements count.
  let recognised = RecognisedOffice()
  var resolver: WorkerThread<String>?
  var suspendWatch: SuspendWatch
  /// The office this node belongs to, once it does.
  var office: OfficeNode?
  var membership: Home.Membership?
  /// Why the office of a membership is not open, if so.
  var openFault: String?
  /// Whether what is here comes from another computer: its office stays closed, and can be set aside
  /// (S-18, C-19).
  var isCarried = false
  /// Whether the file that says of which office this directory is may not last.
  var isMembershipOwed = false
  /// How often an office was opened, which numbers them.
  var officesOpened = 0
  var keys: LinkKeys?
  /// Links whose handshake is done, by what it proved.
  var up: [Transport.LinkID: UpLink] = [:]
  /// Is told each message that comes, by whoever watches a node that is simulated; nil elsewhere.
  var heard: ((Transport.LinkID, Message) -> Void)?
  var joining: JoinAttempt?
  /// How far the office is that was to be founded here.
  var founding = FoundingProgress.done
  /// The door that a sponsor holds open here, and who stands there.
  var door = DoorKeeping()
  /// The doors of others, as long as this node has no office.
  var doorsSeen = DoorsSeen()
  /// Where this node knocked last.
  var knocking: KnockAttempt?
  /// Whether another computer has opened a link to this one since the start.
  var wasReached = false
  /// Why the ticket in the file of the configuration does nothing; nil where there is none.
  var ticketFileTrouble: Shortfall?
  /// Why the last ticket was refused, until there is another.
  var joinRefusal: ControlError?
  /// Whether the ticket of before may be there again after the next start: the disk did not let go of it.
  var owesForgetting = false
  /// Links that are asked whether they live, because a newer one leads to the same device.
  var doubted = DoubtedLinks()
  /// Devices of which it was logged that their links end because they were removed, and whether it
  /// was that others end those of this one.
  var loggedRemovals: Set<NoiseIdentity> = []
  var isOwnRemovalLogged = false
  /// Whether it was logged that there are too many links, since there last was room.
  var isCrowdLogged = false
  /// Links of devices that were removed, to be closed when the removal is on its way to them.
  var leaving: [Transport.LinkID: Farewell] = [:]
  var farewells = FarewellBook()
  var isStopping = false
  var hasServingWork = false
  /// Whether links are not read until the disk has caught up.
  var isHoldingBack = false
  var rememberAt: Moment
  /// When it is written down where devices are reached, if that is to be soon, and when it last was.
  var keepReachedAt: Moment?
  var reachedKeptAt: Moment?
  var readAnewPace = ReadAnewPace()
  /// Why this node ends although nobody stopped it.
  var ending: Fatal?
  /// The wall clocks of devices that were linked, as far as they are ahead of our monotonic clock,
  /// in milliseconds: setting our own wall clock changes nothing about them.
  var clockLeads: [DeviceKey: Int64] = [:]
  /// When the names of seeds were last looked up.
  var seedsResolvedAt: Moment?

  /// What other threads tell the loop.
  enum Letter: Sendable {
    /// With the number of the office whose disk it was: one that was read anew has other tokens.
    case disk(Int, StoreQueue.Outcome)
    case discovery(DiscoveryEvent)
    case resolved(String, [SocketAddress])
  }

  struct UpLink {
    let up: LinkUp
    let address: SocketAddress
    var device: DeviceKey?
    let since: UInt64
    let began: Moment
    /// The office log that was here when it began.
    let officeAtBegin: FrontierDigest?
  }

  init(
    _ configuration: Configuration, _ environment: Environment, in surroundings: Surroundings,
    lock: consuming DirectoryLock?, signals: consuming SignalDescriptor?,
    control: consuming ControlServer, at socketPath: String, poller: consuming Poller,
    mailbox: Mailbox<Letter>
  ) {
    self.configuration = configuration
    self.environment = environment
    self.surroundings = surroundings
    self.lock = lock
    self.signals = signals
    self.control = control
    self.socketPath = socketPath
    self.poller = poller
    self.mailbox = mailbox
    home = Home(disk: surroundings.disk)
    let clock = surroundings.clock
    (started, startedAt) = (clock.wall(), clock.now())
    bootNonce = BootNonce(Bytes16(randomBytes(16)) ?? Bytes16())
    suspendWatch = SuspendWatch(now: clock.now(), awake: clock.awake())
    rememberAt = clock.now() + .seconds(Limits.lockSyncSeconds)
    links = LinkSet(
      identities: [], bootNonce: bootNonce, clock: clock, network: surroundings.network)
    dialBook = DialBook(entropy: surroundings.entropy)
  }

  // MARK: Running

  var clock: any Clock { surroundings.clock }
  var entropy: any Entropy { surroundings.entropy }
  var disk: any Disk { surroundings.disk }

  /// Opens the office, listens, and goes on with what an earlier start began.
  package func start() throws(Fatal) {
    try openOffice()
    try listen()
    if signals != nil { watchRoutes() }
    startDiscovery()
    addSeeds()
    recallFounding()
    resumeJoining()
    joinByTicketFile()
  }

  /// Runs until it is told to stop.
  func run() throws(Fatal) {
    try start()
    ServiceManager(environment: environment).map { try? $0.notify("READY=1") }
    log(
      .notice,
      "listening on port \(links.port), \(office == nil ? "no office yet" : "office ready")")
    var events: [PollEvent] = []
    while !isStopping {
      do {
        try turn(&events)
      } catch {
        throw Fatal(.bug, error.description)
      }
    }
    stop()
    if let ending { throw ending }
  }

  /// Ends the node for what would have ended its start.
  func end(by fatal: Fatal) {
    ending = fatal
    isStopping = true
  }

  /// One turn: wait, take in what happened, then let everything that waits go out.
  package func turn(_ events: inout [PollEvent]) throws(SocketError) {
    try poller.wait(until: dueAt, into: &events)
    let now = clock.now()
    noticeSleep(now)
    if let at = routesDueAt, now >= at { compareRoutes(now) }
    for event in events {
      handle(event, now)
      // Whoever comes in is judged before the next one does: until then it counts as a stranger, and of
      // those there are a few at most (H-5).
      takeLinkEvents(now)
    }
    links.tick(at: now)
    takeLinkEvents(now)
    office?.handle(.tick)
    settle(now)
    office?.commitWaiting()
    if office?.storeQuickly() ?? false { settle(now) }
    holdBackLinks()
    serveLinks()
    try links.flush(&poller, at: now)
    try closeLeaving(now)
    // Tells subscribers too, so that it comes before what is written to them.
    if now >= rememberAt { remember(now) }
    if let at = keepReachedAt, now >= at { keepReached(now) }
    pumpSubscribers()
    control.flush(&poller, at: now)
  }

  /// When the next turn is due, if nothing happens before. It is worked out by the poller when that waits, so
  /// it must not touch that.
  package var dueAt: Moment {
    var next = min(links.deadline, rememberAt)
    if let at = keepReachedAt { next = min(next, at) }
    if let at = office?.deadline { next = min(next, at) }
    if keys != nil { next = min(next, dialBook.deadline) }
    if let at = office?.heldUntil { next = min(next, at) }
    if let at = office?.awaitedDeliveries.map(\.until).min() { next = min(next, at) }
    if let at = joining?.wakeAt { next = min(next, at) }
    if let at = leaving.values.map(\.until).min() { next = min(next, at) }
    if let at = routesDueAt { next = min(next, at) }
    if let at = control.acceptAgainAt { next = min(next, at) }
    if let at = door.wakeAt { next = min(next, at) }
    if let at = doorsSeen.wakeAt { next = min(next, at) }
    let isOwed = office.map { $0.hasCommitsToMake || $0.hasQuickStores } ?? false
    if hasSubscriberWork || hasServingWork || isOwed { next = .distantPast }
    return next
  }

  func isLinked(_ device: DeviceKey) -> Bool {
    office?.replica.isLinked(device) ?? false || device == office?.replica.secrets.device
  }

  private func handle(_ event: PollEvent, _ now: Moment) {
    switch event.token {
    case LoopToken.mailbox: takeLetters(now)
    case LoopToken.signals:
      while let signal = signals?.next() {
        if signal != .hangUp { isStopping = true }
      }
    case LoopToken.routes:
      if routes?.takeChanges() ?? false { compareRoutes(now) }
    case LoopToken.controlListener:
      if let error = control.accept(&poller, at: now) {
        log(.warning, "nobody is let in for a moment: \(error)")
      }
      if control.takeCrowd() {
        log(
          .warning,
          "a program was turned away: \(Limits.controlConnectionsMax) speak to this node already")
      }
    case let token where LinkSet.owns(token): links.handle(event, at: now)
    default:
      if event.isReadable || event.isClosed {
        for request in control.read(event.token, &poller) { answer(request) }
      }
    }
  }

  func takeLetters(_ now: Moment) {
    var letters: [Letter] = []
    mailbox.takeAll(into: &letters)
    for letter in letters {
      switch letter {
      case .disk(let number, let outcome):
        if let office, office.number == number { office.take(outcome) }
      case .discovery(let event): takeDiscovery(event, now)
      case .resolved(let name, let addresses):
        if name == knocking?.name { knock(at: addresses, now) }
        resolvedDoor(name, addresses, now)
        guard configuration.seeds.contains(name) else { continue }
        // A name that is not found at this moment still means what it meant.
        if !addresses.isEmpty { dialBook.keep(addresses, from: .seed, name: name) }
        for address in addresses {
          dialBook.learn(address, from: .seed, name: name, device: nil, at: now)
        }
      }
    }
    // What was in the box was sent before the first that was dropped.
    takeDroppedHints()
  }

  /// Carries out what replica and joining want until nothing is left, then dials what is due.
  func settle(_ now: Moment) {
    takeHappenings()
    control.announceChanges()
    office?.answerAwaited(all: false)
    flushOutbox(now)
    tickJoining(now)
    tickDoor(now)
    tickDoors(now)
    rereadDamaged(now)
    office?.releaseHeld()
    dialDue(now)
  }

  /// Ends everything in order: what was handed over is durable, the lock flushed, peers told.
  package func stop() {
    ServiceManager(environment: environment).map { try? $0.notify("STOPPING=1") }
    discovery?.stop()
    office?.stop()
    // What is durable was sent: nobody is to send it again because the answer was still to come.
    takeLetters(clock.now())
    office?.answerAwaited(all: true)
    office?.keepLock()
    links.closeAll(.done, at: clock.now())
    try? links.flush(&poller, at: clock.now())
    keep(clock.now())
    control.flush(&poller, at: clock.now())
    // A second signal that waits would end the process as soon as signals are let through again.
    while signals?.next() != nil {}
    forgetWaiting()
    log(.notice, "stopped")
  }

  /// Lets go of whoever still waits: what is to be called for them holds this loop.
  ///
  /// For the end of a node in a process that goes on.
  package func forgetWaiting() { office?.forgetWaiting() }
}
