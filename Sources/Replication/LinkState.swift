import Format

/// The replication state that lives and dies with one link; one replica owns it, and nobody else keeps it.
///
/// A class: a look at one value of a struct in a dictionary copies all of it, with each input.
final class LinkState {
  let id: LinkID
  let noise: NoiseIdentity
  /// The certificate that the peer's greeting names (H-4).
  let named: EntryID
  /// Nil while the link is provisional.
  var device: DeviceKey?
  /// What the peer announced on this link; never carried over from an earlier one.
  private(set) var announced: [GroupID: [FeedPlace: UInt32]] = [:]
  /// How many heads that is, of all groups together.
  private var announcedCount = 0
  /// Up to where this node sent; forgotten when a frontier says what really arrived.
  var sent: [GroupID: [FeedPlace: UInt32]] = [:]
  /// The digest under which this node last sent its frontier of a group, and when.
  var frontierSaid: [GroupID: (digest: FrontierDigest, at: Duration)] = [:]
  /// What the peer asked for or is to be pushed, in turn.
  var serving: [Serving] = []
  /// What this node asked the peer for: place and first seq.
  var wanted: [GroupID: [FeedPlace: UInt32]] = [:]
  /// What the peer brought of it in the time that it has for some of it.
  private var wantsBytes = 0
  /// Of those, feeds that the peer sent and whose certificate is not here yet.
  private(set) var awaited: [GroupID: Set<FeedPlace>] = [:]
  var branches = BranchMemory()
  /// Whether the office log was found equal or fetched, so that groups may follow.
  var isOfficeSynced = false
  /// Whether the peer said the digest that this node has: until then each change here is told, for
  /// a newcomer that waited for a certificate would else be told nothing of its groups.
  var isOfficeEqual = false
  /// What the peer is shown on this link of how its member came to be in groups no more: of each group
  /// one thing at a time.
  private(set) var proofs: [GroupID: Showing] = [:]
  /// Removals that the peer said it has, with all that led to them.
  private(set) var known: Set<EntryID> = []
  /// Removals of which the peer has what it was known to lack, with how many batches more may be sent.
  private(set) var arrived: [EntryID: Int] = [:]
  /// Removals of which the peer was asked whether it knows them, though it is said to.
  private(set) var doubts: Set<EntryID> = []
  /// Suspensions of this device for whose proof the peer was asked, and branches of its own feeds that it
  /// was sent though it has no right to the group.
  private(set) var askedForks: Set<EntryID> = []
  private(set) var shownForks: Set<FeedPlace> = []
  /// The digests that the peer said of groups to which it has no right here, when it was last asked
  /// what it holds of them.
  var outsiderDigests: [GroupID: FrontierDigest] = [:]
  /// Groups whose heads were compared with the peer's: found equal, or its frontier came.
  private(set) var compared: Set<GroupID> = []
  /// Groups whose stored heads changed since the last `have`.
  var haveOwed: Set<GroupID> = []
  /// Groups for which a `have` named entries not here, until this node asks.
  var askOwed: Set<GroupID> = []
  /// What this node announced on this link, so that a `have` says only what is new.
  var said: [GroupID: [FeedPlace: UInt32]] = [:]
  var lastReceived: Duration
  /// When what of it is to be done; together, for all of it is looked at with each input.
  var times: LinkTimes

  init(
    id: LinkID, device: DeviceKey?, noise: NoiseIdentity, named: EntryID, now: Duration
  ) {
    (self.id, self.device, self.noise, self.named) = (id, device, noise, named)
    lastReceived = now
    times = LinkTimes(digest: now + .seconds(Limits.idleDigestSeconds))
  }

  /// Takes in that the peer holds the feed up to `seq`; returns whether that is news.
  func announce(_ group: GroupID, _ place: FeedPlace, _ seq: UInt32) -> Bool {
    if let known = announced[group]?[place] {
      if known >= seq { return false }
    } else {
      // A peer that makes up feeds and groups gets no more room than an office needs, nor so much in
      // each of many groups.
      guard announcedCount < Limits.announcedMax,
        announced[group].map({ $0.count < Limits.feedsPerGroupMax })
          ?? (announced.count < Limits.groupsMax)
      else { return false }
    }
    if announced[group, default: [:]].updateValue(seq, forKey: place) == nil { announcedCount += 1 }
    return true
  }

  /// A frontier takes the place of all that was said of a group before.
  func forgetAnnounced(_ group: GroupID) {
    announcedCount -= announced.removeValue(forKey: group)?.count ?? 0
  }

  /// Takes in a head that the peer states, whatever it stated before.
  func state(_ group: GroupID, _ place: FeedPlace, _ seq: UInt32) {
    if !announce(group, place, seq), announced[group]?[place] != nil {
      announced[group]?[place] = seq
    }
  }

  /// Notes that the heads of a group were compared with the peer's. Groups that are not here take no
  /// more room than what the peer announced of them does: who makes up groups is never done.
  func noteCompared(_ group: GroupID, isHere: Bool) {
    if isHere || announced[group] != nil {
      compared.insert(group)
    } else {
      compared.remove(group)
    }
  }

  /// Notes a wish, which the peer gets time to fulfil.
  func want(_ group: GroupID, _ place: FeedPlace, from seq: UInt32, now: Duration) {
    wanted[group, default: [:]][place] = seq
    if times.wants == .never { beginWants(now) }
  }

  func beginWants(_ now: Duration) {
    (times.wants, wantsBytes) = (now + .seconds(Limits.wantSeconds), 0)
  }

  /// Takes a wish off the list.
  func wantAnswered(_ group: GroupID, _ place: FeedPlace) {
    wanted[group]?[place] = nil
    if wanted[group]?.isEmpty ?? false { wanted[group] = nil }
    awaited[group]?.remove(place)
    if awaited[group]?.isEmpty ?? false { awaited[group] = nil }
    if wanted.isEmpty { times.wants = .never }
  }

  /// Takes all wishes off the list. What waits for a certificate goes with them: whoever is asked for it
  /// next sends it again, and a peer that is asked no more may name other feeds for ever.
  func takeWishes() -> [GroupID: [FeedPlace: UInt32]] {
    defer { (wanted, awaited, times.wants) = ([:], [:], .never) }
    return wanted
  }

  /// Takes off the list what the peer does not say any more that it holds, and returns it: whoever names
  /// other feeds with each frontier would else be asked for ever more.
  func dropWishes(of group: GroupID) -> [FeedPlace: UInt32] {
    let dropped = wanted[group, default: [:]].filter { announced[group]?[$0.key] == nil }
    for place in dropped.keys { wantAnswered(group, place) }
    return dropped
  }

  /// Remembers a feed that was asked for and cannot be taken before its certificate is here.
  func awaitCertificate(_ group: GroupID, _ place: FeedPlace) {
    if wanted[group]?[place] != nil { awaited[group, default: []].insert(place) }
  }

  func brought(_ bytes: Int) { wantsBytes += bytes }

  /// Whether the peer brought enough of what it was asked for to be waited for.
  var isBringing: Bool { wantsBytes >= Limits.wantBytesMin }

  func oweHave(by moment: Duration) { times.have = min(times.have, moment) }
  func oweDigests(by moment: Duration) { times.groupDigests = min(times.groupDigests, moment) }
  func oweAsk(_ group: GroupID, by moment: Duration) {
    askOwed.insert(group)
    times.ask = min(times.ask, moment)
  }

  /// Up to where entries were sent or announced: what a live push continues.
  func reached(_ group: GroupID, _ place: FeedPlace) -> UInt32? {
    switch (announced[group]?[place], sent[group]?[place]) {
    case (let a?, let b?): max(a, b)
    case (let a, let b): a ?? b
    }
  }

  /// Whether entries of a feed or branch are to be sent already, which goes on to the stored head.
  func isServing(_ group: GroupID, _ place: FeedPlace) -> Bool {
    serving.contains { $0.group == group && $0.place == place }
  }

  /// How far a removal is known to the peer of this link.
  enum ProofStanding {
    /// It was not shown on this link.
    case open
    /// It, or another one of its group, was shown, or is being.
    case shown
    /// The peer said on this link that it has it, with all that led to it.
    case knows
  }

  /// `isToldNow`: the peer said just now what it holds, so that nothing is taken for granted.
  func standing(of removal: EntryID, in group: GroupID, isToldNow: Bool) -> ProofStanding {
    if known.contains(removal) || arrived[removal].map({ !isToldNow || $0 == 0 }) ?? false {
      return .knows
    }
    return proofs[group] == nil ? .open : .shown
  }

  /// A removal that the peer of this link is shown.
  struct Showing {
    let removal: EntryID
    /// The last entry of each feed, or of each branch to a head, that the removal has in its past.
    let ends: [FeedPlace: UInt32]
    /// Those of them that the peer did not hold when it began.
    let lacks: [FeedPlace: UInt32]
    /// Whether it was known to hold them all the same: then its own word alone says that it does.
    let isDoubted: Bool
    /// How many batches may still be sent.
    var left = Limits.proofBatchesMax
    /// How many times that many may follow, each once the peer said that it holds what was sent: for all of
    /// what ended the right of its own member, by one entry a batch; never for what ended somebody else's.
    var moreTimes: Int
    /// Whether it is shown a second time on this link, because the peer said that it lacks more.
    var isAgain = false
    /// Whether a feed of it was found to part since it began: who knew that could not take what was sent of
    /// it as of one that does not, and is asked what it holds.
    var hasParted = false
    /// When it was asked so last.
    var askedAt: Duration?

    /// Whether who said just now that it holds this much has all that led to it.
    func isTaken(by held: [FeedPlace: UInt32], isToldNow: Bool) -> Bool {
      isToldNow && Self.isWithin(ends, held)
    }

    /// Whether who holds this much has what it lacked.
    func hasArrived(_ held: [FeedPlace: UInt32]) -> Bool { Self.isWithin(lacks, held) }

    private static func isWithin(
      _ ends: [FeedPlace: UInt32], _ held: [FeedPlace: UInt32]
    ) -> Bool {
      ends.allSatisfy { place, seq in held[place].map { $0 >= seq } ?? false }
    }
  }

  /// A removal is shown from now on; what was sent of it before on this link counts.
  func beginProof(_ showing: Showing, of group: GroupID) {
    var showing = showing
    if let left = arrived.removeValue(forKey: showing.removal) {
      (showing.left, showing.isAgain) = (left, true)
    }
    proofs[group] = showing
  }

  /// Whether as much was sent of what the peer is shown as may be at a time, and it holds that: then it is
  /// sent the next so many batches, for it would else lack the rest as long as the link stays.
  func goesOn(_ showing: Showing, of group: GroupID, _ held: [FeedPlace: UInt32]) -> Bool {
    guard showing.moreTimes > 0, showing.left == 0 else { return false }
    return showing.lacks.keys.allSatisfy { place in
      guard let last = sent[group]?[place] else { return true }
      return held[place].map { $0 >= last } ?? false
    }
  }

  func goOn(with group: GroupID) {
    proofs[group]?.left = Limits.proofBatchesMax
    proofs[group]?.moreTimes -= 1
  }

  /// A feed was found to part, of which the peer may have been shown something.
  func parted(_ feed: FeedID, in group: GroupID) {
    guard let showing = proofs[group], showing.ends.keys.contains(where: { $0.feed == feed }) else {
      return
    }
    proofs[group]?.hasParted = true
  }

  /// Whether the peer is asked now what it holds of a group of which it is shown what was found to part: not
  /// at each word of it, and again, for it says what it holds but once in a while.
  func asksOfParted(_ group: GroupID, at now: Duration) -> Bool {
    guard let showing = proofs[group],
      showing.askedAt.map({ now >= $0 + .seconds(Limits.idleDigestSeconds) }) ?? true
    else { return false }
    proofs[group]?.askedAt = now
    return true
  }

  /// The proof for which an entry of a feed is sent that the peer asks for, if it is in the past of the
  /// removal that it is shown.
  func proof(of group: GroupID, _ feed: FeedPlace, from seq: UInt32) -> RemovalProof? {
    guard let showing = proofs[group], showing.left > 0, let end = showing.ends[feed], seq <= end
    else { return nil }
    return RemovalProof(removal: showing.removal, through: end, isAsked: true)
  }

  /// What the peer knows is shown no further, and another one may be shown.
  func noteKnown(_ removal: EntryID, in group: GroupID) {
    known.insert(removal)
    arrived[removal] = nil
    if proofs[group]?.removal == removal { proofs[group] = nil }
  }

  /// What the peer was known to lack of a removal it has, and another one may be shown. It may lack more,
  /// such as another branch of its own feed: that is shown once, for a peer may say one thing and then
  /// another over and over, and each time the past would be walked through.
  func noteArrived(_ showing: Showing, of group: GroupID) {
    arrived[showing.removal] = showing.isAgain ? 0 : showing.left
    proofs[group] = nil
    serving.removeAll { $0.group == group && $0.proof != nil }
  }

  /// Whether the peer was not asked on this link yet if it knows of a removal; from now on it was.
  func beginDoubt(_ removal: EntryID) -> Bool { doubts.insert(removal).inserted }

  /// Whether the peer was not asked on this link yet for what a suspension of this device names, and of not
  /// too many: anybody may write them. From now on it was.
  func beginAsking(_ suspension: EntryID) -> Bool {
    askedForks.count < Limits.branchesMax && askedForks.insert(suspension).inserted
  }

  /// Whether the peer was not sent this branch of an own feed yet on this link, and not too many; from now on
  /// it was.
  func beginShowing(_ branch: FeedPlace) -> Bool {
    shownForks.count < Limits.branchesMax && shownForks.insert(branch).inserted
  }

  func mayProve(_ proof: RemovalProof, in group: GroupID) -> Bool {
    proofs[group].map { $0.removal == proof.removal && $0.left > 0 } ?? false
  }

  func proved(_ proof: RemovalProof, in group: GroupID) {
    if proofs[group]?.removal == proof.removal { proofs[group]?.left -= 1 }
  }

  /// Adds a wish; a later one of the same feed takes the place of the earlier.
  func serve(_ new: Serving) {
    if let index = serving.firstIndex(where: { $0.group == new.group && $0.place == new.place }) {
      serving[index] = new
    } else {
      serving.append(new)
    }
  }

  /// When the first of all that is owed on it is to be done.
  var dueAt: Duration { min(times.first, branches.forgetAt ?? .never) }
}

/// When each thing that is owed on a link is due.
struct LinkTimes {
  var have = Duration.never
  var ask = Duration.never
  /// The digests of all groups, because somebody's rights changed.
  var groupDigests = Duration.never
  /// Until then the peer has to bring some of what it was asked for.
  var wants = Duration.never
  var digest: Duration

  /// The first of these.
  var first: Duration { min(min(have, ask), min(groupDigests, wants), digest) }
}

extension Duration {
  static let never = Duration(secondsComponent: .max, attosecondsComponent: 0)
}
