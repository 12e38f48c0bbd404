import Authority
import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

/// This device's part in its office: the replica, its store, and what people ask of both.
///
/// Lives on the loop's thread alone. Whatever it wants from links is left in `outbox` and
/// `closings` for the loop to carry out.
final class OfficeNode {
  /// Tells the letters of its disk from those of the one before it.
  let number: Int
  var replica: Replica
  let store: Store
  let home: Home
  let clock: any Clock
  let office: GroupID
  let queue: StoreQueue
  private let origin: Moment

  /// Messages for links, oldest first.
  var outbox: [(link: Replication.LinkID, message: Message)] = []
  var closings: [(link: Replication.LinkID, bye: Message.Bye, violation: Violation?)] = []
  /// Set once after the start, before anything is written.
  var continuity: Continuity?
  /// Another computer has proven that it holds the keys of this device: nothing is written any more
  /// (H-11).
  var isProvenCopied = false
  /// The office log with which others that this device reached could not prove it, while it was not in
  /// the office here either.
  var unknownWith: FrontierDigest?
  /// Who says so without proof (H-9).
  var copyWords: CopyWords
  /// Why the head lock cannot be written, if so: without it nothing own is.
  var lockFault: String? {
    didSet {
      guard (lockFault == nil) != (oldValue == nil) else { return }
      replica.leaveOutOwn(lockFault != nil)
      if lockFault == nil { drain() }
    }
  }
  /// Own feeds that were closed, which the lock does not say yet, and what others wrote on them and
  /// came before that was known: it is not stored before.
  var unclosed: Set<FeedID> = []
  var heldBatches: [(batch: Batch, token: StoreToken)] = []
  /// Whether something that others wrote was stored since what is stored was read.
  var hasStoredOthers = false
  /// Why what is stored could not be read anew, if so: nothing is stored until that is done.
  var readFault: String?
  /// Something was written that does not continue what is stored here, and so is not told to anybody:
  /// what is stored is read anew.
  var isOutOfStep = false
  /// The last own entries that the log lacks although the head lock knows them.
  var lostOwn: [HeadLock.Head] = []
  /// Devices that say this one was removed. It is their word: only the office log removes.
  var removalTellers: Set<DeviceKey> = []
  /// Whether a removal of this device had effect here when somebody last said so, or the office log last grew.
  var wasRemoved = false
  /// Devices that broke a rule, with the rule, and until when their links are turned away.
  var troubles: [DeviceKey: String] = [:]
  var barred: [DeviceKey: Moment] = [:]
  /// How far the wall clocks of most others are ahead of our monotonic clock, in milliseconds, where
  /// at least two are known and ours is not among them.
  var agreedLead: Int64?
  /// Groups of which one device began more than is taken, or which it founded beyond its share.
  var fullGroups: Set<GroupID> = []
  /// What could not be read when the store was opened.
  var damages: [Damage] = []
  /// The last start could not prove that own feeds go on where they ended.
  var isUnproven = false
  /// Its data directory is not the one that was written first, so that of two that run with the same keys
  /// this one is the copy (S-19).
  var isLikelyCopy = false
  /// Until then own entries wait for what the first peer knows of them (protocol 6).
  var asksFirstUntil: Moment?
  /// Until when own entries of a group wait for what linked devices hold of it, of groups in which the
  /// next one says first that somebody is gone.
  var vouchesAt: [GroupID: Moment] = [:]
  /// Own writes that wait for one of these, in order.
  var held: [HeldWrite] = []
  /// Groups that this very process founded: nobody knows more of them.
  var foundedNow: Set<GroupID> = []
  /// What happened since the loop last looked.
  var happenings: [Happening] = []
  /// What goes on when a batch is durable, or is not going to be.
  var afterStored: [StoreToken: [(Result<Void, ControlError>) -> Void]] = [:]
  /// Own entries for the next commit of each group, in the order in which they came.
  var waiting: [GroupID: [WaitingWrite]] = [:]
  /// The commits on their way to the disk, and the groups that wait for them.
  var committing: [StoreToken: GroupID] = [:]
  /// What the notices of groups say, as far as they could be opened.
  var notices: [GroupID: NoticeIndex] = [:]
  /// Groups to which a key came since their notices were last read.
  var isKeyNew: Set<GroupID> = []
  /// The titles of groups, from their notices, the last one that counts at the end; also that there
  /// is none yet, for reading the notices costs too much to look anew each time.
  var titles: [GroupID: [SaidTitle]] = [:]
  /// What groups are to be called by what is being written: another change begins from there.
  var titlesUnderway: [GroupID: TitleWords] = [:]
  /// How the newest messages of groups begin.
  let lastTexts = LastTexts()
  /// How far people have seen each group.
  var seenMarks = SeenMarks()
  /// The devices that are to hold a group's log, until the office or the group changes.
  var entitlements: [GroupID: Entitlement] = [:]
  /// What people and groups are called, until the office or a group changes.
  var knownDirectory: Directory?
  /// What members and devices of the office are called, until the office changes.
  var knownNames: (members: [MemberID: String], devices: [DeviceKey: String]) = ([:], [:])
  /// The removals from the office by which titles were last judged.
  private var judgedBy: [ControlReference] = []
  /// What answers name groups by, until the office or a group changes.
  var knownGroups: [GroupID: GroupRef] = [:]
  /// Whether the office suspended this device, and where that was read.
  var suspension: (roster: Roster, isSuspended: Bool)?
  /// The ids of own messages for which the caller gave none.
  var requestIDs = RandomNames()
  /// Own requests by the caller's id, for groups that were asked about (a retry never doubles).
  var requests: [GroupID: [Format.RequestID: SentMessage]] = [:]
  /// The last own record group of each group, by its first entry, as the start found them.
  var lastOwn: [GroupID: EntryPlace] = [:]
  /// Record groups of own feeds that could not be read for these.
  var unreadRequests: [GroupID: [UnreadRecord]] = [:]
  /// Requests under way by the caller's id, with the repetitions that wait for the same outcome.
  var inFlight: [GroupID: [Format.RequestID: [Answer]]] = [:]
  /// Newcomers whose certificate is on its way to the disk, by their ticket.
  var admitting: [TicketKey: Int] = [:]
  /// All messages in the order in which they came, for followers.
  var stream: MessageStream
  var toldOwn: [ToldMessage] = []
  var toldUnopened: [ToldMessage] = []
  /// When a link to a device was last up: milliseconds since 1970.
  var seen: [DeviceKey: UInt64] = [:]
  /// Where devices were reached.
  var reached = ReachedAddresses()
  /// What the files say of what others hold and of where they were reached: written only when it changed.
  var writtenDelivered: [UInt8] = []
  /// How often this replica had taken in news of it by then; nil where nothing of this one was written.
  var writtenDeliveredChanges: UInt64?
  var writtenReached = ReachedAddresses()
  /// What changed and cannot be told yet, oldest first.
  var waitingNews: [OfficeNews] = []
  /// What followers know that members and groups are called; nil while nobody follows.
  var toldNames: ToldNames?
  /// Answers that wait a moment until the devices in reach have the message.
  var awaitedDeliveries: [AwaitedDelivery] = []
  /// What the log says of why nothing can be stored.
  var toldFaults = ToldFaults()
  /// Why nothing can be stored, if so.
  var storeState: StoreState { store.state }

  init(
    number: Int, replica: consuming Replica, store: Store, home: Home, clock: any Clock,
    origin: Moment, storing: (@escaping StoreQueue.Work) throws(SocketError) -> any StoreWorker,
    answer: @escaping @Sendable (StoreQueue.Outcome) -> Void
  ) throws(SocketError) {
    self.number = number
    office = replica.office
    self.replica = replica
    self.store = store
    self.home = home
    copyWords = CopyWords((try? home.text(Home.copyWords, limit: CopyWords.bytesMax)) ?? [])
    self.clock = clock
    self.origin = origin
    stream = MessageStream(start: randomBytes(8))
    queue = try StoreQueue(store.writer, clock, by: storing, answer)
    store.onErase = { [lastTexts] in lastTexts.forgetAll() }
  }

  /// Whether this device's certificate is admitted here and live.
  var isReady: Bool { replica.rosterNow().isLive(replica.secrets.device) }

  /// Whether a removal of this device, or of its member, is admitted here.
  var isRemoved: Bool {
    replica.rosterNow().device(replica.secrets.device).map { !$0.isLive } ?? false
  }

  /// Whose word it is that this device was removed. The word of one who was removed since counts nothing,
  /// and it will never be linked to take it back.
  var saidRemovedBy: Set<DeviceKey> {
    if removalTellers.isEmpty { return [] }
    let roster = replica.rosterNow()
    return removalTellers.filter { roster.isLive($0) }
  }

  /// Whether what is here may be set aside (C-19): this device is not in the office, or no more, or others
  /// say that it was removed, or it is proven that it was copied. Nobody asks a removed device for
  /// anything, so what would undo its removal may lie here alone, and prove the contrary. Where somebody only
  /// says that it was copied a restart goes on (H-9).
  var mayBeSetAside: Bool { !isReady || isCopied || !saidRemovedBy.isEmpty }

  /// A device broke a rule: status names it, and for a moment its links are turned away.
  func bar(_ device: DeviceKey, for rule: String, at now: Moment) {
    troubles[device] = brokenRule(rule)
    barred[device] = now + .seconds(Limits.dialBackoffSecondsMax)
  }

  /// Whether others could not prove this device, and nothing came since that could change that.
  var isUnknownElsewhere: Bool {
    unknownWith.map { $0 == replica.digest(of: office) } ?? false
  }

  /// Takes over what the logs do not know, when they are read anew: all of it, and before it is judged
  /// which own feeds go on, for the head lock may not say yet which of them were closed.
  func inherit(_ old: OfficeNode) {
    replica.inherit(old.replica)
    unclosed = old.unclosed
    asksFirstUntil = old.asksFirstUntil
    isProvenCopied = old.isProvenCopied
    unknownWith = old.unknownWith
    // The disk knows who said so, but by what it knows a restart goes on.
    copyWords = old.copyWords
    isUnproven = isUnproven || old.isUnproven
    isLikelyCopy = isLikelyCopy || old.isLikelyCopy
    removalTellers = old.removalTellers
    wasRemoved = old.wasRemoved
    troubles = old.troubles
    barred = old.barred
    seen = old.seen
    agreedLead = old.agreedLead
    fullGroups = old.fullGroups
    lostOwn += old.lostOwn
    reached = old.reached
    (writtenDelivered, writtenReached) = (old.writtenDelivered, old.writtenReached)
    // Followers stay, and so does what they were told and are still to be told.
    (toldOwn, toldUnopened) = (old.toldOwn, old.toldUnopened)
    (waitingNews, toldNames) = (old.waitingNews, old.toldNames)
    inheritMarks(of: old)
  }

  /// How many places on the disk cannot be read; what only misses what stood there, or contradicts what
  /// came in its place, does not count.
  var damagedPlaces: Int {
    (damages + store.damages).count { damage in
      switch damage.kind {
      case .gap, .conflict: false
      default: true
      }
    }
  }

  /// How many entries are known to be missing because a disk lost them.
  var missingEntries: Int {
    (damages + store.damages).reduce(0) { sum, damage in
      guard damage.kind != .conflict, let lost = damage.lost, lost.first <= lost.last else {
        return sum
      }
      let next = store.index(damage.group)?[lost.place]?.next ?? 0
      return next > lost.last ? sum : sum + Int(lost.last - max(lost.first, next)) + 1
    }
  }

  /// The groups in which own entries are missing that were written here; known until they are back.
  var groupsLackingOwn: [GroupID] {
    Set(lostOwn.filter { store.presence(of: $0) != .held }.map(\.group)).sorted()
  }

  /// Whether something of the office's log was here and cannot be read any more.
  var lacksOfficeLog: Bool {
    damages.contains { $0.group == office } || groupsLackingOwn.contains(office)
  }

  /// Another computer uses the keys of this device, or used them: nothing is written any more.
  var isCopied: Bool {
    isProvenCopied || replica.isForked || isSuspended
  }

  /// Whether nothing is written here for there is a copy of this device, or is said to be.
  var isStopped: Bool { isCopied || !copyWords.areOverruled }

  /// Asked for every message, and answered anew only where the office changed.
  var isSuspended: Bool {
    let roster = replica.rosterNow()
    if let suspension, suspension.roster === roster { return suspension.isSuspended }
    let isSuspended = roster.device(replica.secrets.device)?.isSuspended ?? false
    suspension = (roster, isSuspended)
    return isSuspended
  }

  /// Waits until everything handed over is on the disk.
  func stop() { queue.stop() }

  var now: Duration { clock.now() - origin }
  var wall: UInt64 { clock.wall().milliseconds }

  /// The time of day by which tickets expire: that of most clocks, where several are known.
  var officeWall: UInt64 {
    guard let agreedLead else { return wall }
    let (sum, overflow) = agreedLead.addingReportingOverflow(clock.now().milliseconds)
    return overflow ? wall : UInt64(clamping: sum)
  }

  /// When the replica wants to be asked again.
  var deadline: Moment? { replica.deadline.map { origin + $0 } }

  /// Hands one event to the replica and carries out its wishes.
  func handle(_ input: Input) {
    replica.handle(input, at: now)
    drain()
  }

  func drain() {
    while let effect = replica.nextEffect() {
      switch effect {
      case .store(let batch, let token, let isOwn): storeBatch(batch, token, isOwn: isOwn)
      case .send(let link, let message): outbox.append((link, message))
      case .close(let link, let bye, let violation): closings.append((link, bye, violation))
      case .load(let group, let place, let from): load(group, place, from)
      case .happened(let happening): note(happening)
      }
    }
  }

  private func note(_ happening: Happening) {
    switch happening {
    case .messages(let group):
      stream.extend(group, to: replica.arrivalCount(group))
      // What came may be the title that was missing.
      if titles[group]?.isEmpty ?? true, replica.kind(of: group) != .direct {
        knownDirectory = nil
        knownGroups[group] = nil
      }
    case .group(let group), .epochOpened(let group):
      if case .epochOpened = happening { isKeyNew.insert(group) }
      titles[group] = nil
      knownGroups[group] = nil
      knownDirectory = nil
      lastTexts.forget(group)
      seenMarks.recount(group)
    case .roster, .forked, .ended:
      // Whose title counts changes with who was removed, and with nothing else.
      let removals = replica.rosterNow().removals.map(\.entry)
      if removals != judgedBy {
        titles = [:]
        lastTexts.forgetAll()
        seenMarks.recount()
      }
      judgedBy = removals
      knownDirectory = nil
      knownNames = ([:], [:])
      knownGroups = [:]
    case .ownFeedClosed(_, let feed):
      unclosed.insert(feed)
      closeOwnFeeds()
    default: break
    }
    happenings.append(happening)
  }

  /// When a link to this device was last up here.
  func lastSeen(_ device: DeviceKey) -> ClaimedTime? {
    if device == replica.secrets.device || replica.isLinked(device) {
      return ClaimedTime(ms: Int64(clamping: wall))
    }
    return seen[device].map { ClaimedTime(ms: Int64(clamping: $0)) }
  }

  /// Entries that the replica wants to see again, with the time at which they came first: where
  /// they stand in the display does not change.
  private func load(_ group: GroupID, _ place: FeedPlace, _ from: UInt32) {
    do {
      if let (batch, arrival) = try store.stored(group, place, from) {
        return replica.handle(.loaded(batch, arrivalMilliseconds: arrival), at: now)
      }
    } catch {
      log(.warning, "stored entries cannot be read: \(error)")
    }
    replica.handle(.loadFailed(group, place), at: now)
  }
}

/// An own message by the caller's id.
struct SentMessage {
  let entry: EntryID
  let place: EntryPlace
  let wall: UInt64
}

/// A record group of an own feed that ids of messages are still to be read from.
struct UnreadRecord: Hashable {
  /// Its first entry.
  let at: EntryPlace
  /// Whether it was what this device wrote last in the group, before the start.
  let isLast: Bool
}
