import Authority
package import Format

/// Decides what one node does next. Reads no clock, draws nothing but key material, opens no file or
/// socket and starts no task: the world comes in as `Input`, wishes go out as `Effect`.
package struct Replica: ~Copyable {
  package let office: GroupID
  package let secrets: DeviceSecrets
  /// The member this device belongs to.
  package let member: MemberID
  /// The entry ID of this device's certificate; office_id for the founder's first device.
  package let certificate: EntryID

  var now: Duration = .zero
  var groups: [GroupID: GroupState] = [:]
  let officeLog: GroupState
  let views = ViewTable()
  let authority: OfficeAuthority
  var names = NameTable()
  var links: [LinkID: LinkState] = [:]
  var effects: [Effect] = []
  var effectsDone = 0
  /// Batches on their way to the disk, in order.
  var storing: [StoreToken: StoringBatch] = [:]
  var storingBytes = 0
  var nextToken: UInt64 = 1
  /// Whether what others wrote on own feeds is left out: it cannot be written down at the moment that
  /// these are closed, and waiting for that it would take the room of all else.
  var leavesOutOwn = false
  /// Feeds that wait for an entry of another, each once, by the feed they wait for.
  var waiters: [FeedID: [Waiter]] = [:]
  /// The office's group of everyone, as far as it is known here.
  package internal(set) var everyone: EveryoneGroup?
  /// Groups that were not taken because their founder's device has its share of them.
  var refusedGroups: Set<GroupID> = []
  /// Groups in which it is searched where a feed parts, or where a branch belongs.
  var searching: Set<GroupID> = []
  /// When this node tells the office of a fork, by the forked feed.
  var suspendAt: [FeedID: (group: GroupID, at: Duration)] = [:]
  /// When groups are looked at that may lack an epoch, and when this node makes that of a group.
  var epochReviewAt: Duration?
  var epochAt: [GroupID: EpochDue] = [:]
  /// Until when groups that lack one wait for what was asked for.
  var epochWaits: [GroupID: Duration] = [:]
  /// Memory held by entries that wait for admission.
  var pendingBytes = 0
  /// While the store is read at start: nothing is told.
  var isRestoring = true
  /// The feed that was restored last.
  var restoring: (ref: FeedRef, place: FeedPlace)?
  /// Feeds of which what follows the stored head may lie in the system's memory alone (S-16).
  var unsettled: [FeedRef] = []
  /// What decides rights and is certain to last, by the group; nil where that is not so of its founding.
  var settledViews: [GroupID: ViewID?] = [:]
  /// When the next thing is due that no input announces.
  package var deadline: Duration?

  /// A feed in a group, both shared.
  struct FeedRef {
    let group: GroupState
    let feed: FeedState
  }

  struct Waiter {
    let ref: FeedRef
    /// What it waits for in that feed.
    let cited: Reference
  }

  struct StoringBatch {
    let batch: Batch
    let group: GroupState
    let feed: FeedState
    let from: LinkID?
  }

  package init(
    office: GroupID, secrets: consuming DeviceSecrets, member: MemberID, certificate: EntryID
  ) {
    self.office = office
    self.secrets = secrets
    self.member = member
    self.certificate = certificate
    officeLog = GroupState(id: office, isOffice: true)
    groups[office] = officeLog
    authority = OfficeAuthority(office: office, verifier: EntrySignatures(), views: views)
  }

  /// Takes in one event. The caller carries out every effect before it hands in the next one.
  package mutating func handle(_ input: Input, at now: Duration) {
    precondition(now >= self.now, "time ran backwards")
    self.now = now
    switch input {
    case .linkUp(let link, let device, let noise, let named): linkUp(link, device, noise, named)
    case .linkDown(let link): linkDown(link)
    case .received(let link, let message): received(message, on: link)
    case .stored(let token, let arrival): stored(token, arrival)
    case .loaded(let batch, let arrival): loaded(batch, arrival)
    case .loadFailed(let group, let place): loadFailed(group, place)
    case .tick: break
    }
    runTimers()
  }

  /// The next wish, oldest first.
  package mutating func nextEffect() -> Effect? {
    guard effectsDone < effects.count else {
      effects.removeAll(keepingCapacity: true)
      effectsDone = 0
      return nil
    }
    defer { effectsDone += 1 }
    return effects[effectsDone]
  }

  mutating func wish(_ effect: Effect) { effects.append(effect) }

  mutating func tell(_ happening: Happening) {
    if !isRestoring { effects.append(.happened(happening)) }
  }

  /// Whether batches are on their way to the disk.
  package var isStoring: Bool { !storing.isEmpty }

  /// Whether a link is there that has broken no rule.
  package func isLinked(_ link: LinkID) -> Bool { links[link] != nil }

  func group(_ id: GroupID) -> GroupState? { groups[id] }

  /// What is known of a group; of one that is only named, an empty state that nobody keeps: what a
  /// peer merely names takes no place here.
  func groupOrEmpty(_ id: GroupID) -> GroupState {
    groups[id] ?? GroupState(id: id, isOffice: false)
  }

  mutating func groupOrNew(_ id: GroupID) -> GroupState {
    if let known = groups[id] { return known }
    let new = GroupState(id: id, isOffice: false)
    groups[id] = new
    return new
  }
}
