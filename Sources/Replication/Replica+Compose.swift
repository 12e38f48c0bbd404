import Authority
import Cryptography
package import Format

extension Replica {
  /// Writes own entries into a group in one commit: one signature, one write.
  ///
  /// Nothing is told to anyone before the driver answers `stored`. Messages of groups are encrypted
  /// under an eligible epoch; where there is none, an epoch entry comes first (K-4).
  package mutating func compose(
    _ id: GroupID, _ drafts: [Draft], wall: UInt64
  ) throws(ComposeRefusal) -> Composed {
    guard let outcome = compose(id, together: [drafts], wall: wall).first else {
      preconditionFailure("a commit of one part answers for that part")
    }
    return try outcome.get()
  }

  /// Writes what several callers want written in one commit, each part whole or not at all.
  ///
  /// Answers for the parts from the first on, in order; those behind it belong to the next commit.
  /// A part with control entries goes alone: whoever may read is settled only when it is admitted,
  /// and messages behind it are written for whom it leaves.
  package mutating func compose(
    _ id: GroupID, together parts: [[Draft]], wall: UInt64
  ) -> [Result<Composed, ComposeRefusal>] {
    guard let group = groups[id], group.isOffice || group.authority != nil else {
      return parts.map { _ in .failure(.unknownGroup) }
    }
    guard rosterNow().isLive(secrets.device) else {
      return parts.map { _ in .failure(.notAdmittedYet) }
    }
    let feed = ownFeed(group)
    do throws(ComposeRefusal) {
      try checkQueue()
      if feed == nil { try checkRoom(group) }
    } catch {
      return parts.map { _ in .failure(error) }
    }
    var builder = self.builder(group, feed)
    var cited = cite(group, feed)
    if feed == nil { appendGenesis(&builder, &cited, founding: nil, wall) }
    let empty = builder.count
    var outcomes: [Result<PartOfCommit, ComposeRefusal>] = []
    for part in parts {
      let hasControl = !part.allSatisfy(\.isMessage)
      if hasControl, !outcomes.isEmpty { break }
      let (builderBefore, citedBefore) = (builder.mark, cited)
      do throws(ComposeRefusal) {
        outcomes.append(.success(try append(part, group, &builder, &cited, wall)))
      } catch {
        // An epoch that this part alone asked for is given up with it: under it nobody could read.
        if builder.take(back: builderBefore), let lost = group.currentEpoch {
          group.secrets[lost] = nil
          group.currentEpoch = nil
        }
        cited = citedBefore
        if error == .tooMany, builder.count > empty { break }
        outcomes.append(.failure(error))
      }
      if hasControl { break }
    }
    guard outcomes.contains(where: { if case .success = $0 { true } else { false } }) else {
      return outcomes.map { $0.map { _ in preconditionFailure("no part was written") } }
    }
    let (place, token) = finish(builder, group, feed, cited)
    return outcomes.map { outcome in
      outcome.map {
        Composed(
          group: id, place: place, entries: $0.ids, seqs: $0.seqs, wall: wall, token: token)
      }
    }
  }

  /// The entries of one part of a commit.
  private struct PartOfCommit {
    var ids: [EntryID] = []
    var seqs: [UInt32] = []
  }

  private mutating func append(
    _ drafts: [Draft], _ group: GroupState, _ builder: inout CommitBuilder, _ cited: inout Cited,
    _ wall: UInt64
  ) throws(ComposeRefusal) -> PartOfCommit {
    try checkRights(drafts, group, cited.view, builder)
    var part = PartOfCommit()
    for draft in drafts {
      if case .message = draft, !group.isOffice, try needsEpoch(group) {
        try appendEpoch(group, &builder, &cited, wall)
      }
      part.seqs.append(builder.nextSeq)
      part.ids.append(try append(draft, group, &builder, &cited, wall))
    }
    return part
  }

  /// Founds a group with its first genesis and control operations, in one commit. Titles and texts
  /// follow in a second one, when the members are known.
  package mutating func foundGroup(
    _ kind: GroupKind, pair: MemberPair?, _ operations: [Operation], wall: UInt64
  ) throws(ComposeRefusal) -> Composed {
    let roster = rosterNow()
    guard roster.isLive(secrets.device) else { throw .notAdmittedYet }
    try checkQueue()
    guard let rank = roster.rank(of: member), rank <= .member else {
      throw .notAllowed(.mayNotFound)
    }
    guard hasRoom(forGroupOf: secrets.device) else { throw .full }
    let facts = GroupFacts(office: office, kind: kind, pair: pair, ownersDoNotOutrank: false)
    let none = GroupState(id: GroupID(Bytes32()), isOffice: false)
    var builder = self.builder(none, nil)
    var cited = cite(none, nil)
    appendGenesis(&builder, &cited, founding: facts, wall)
    let group = groupOrNew(builder.group)
    var ids: [EntryID] = []
    var seqs: [UInt32] = []
    for operation in operations {
      seqs.append(builder.nextSeq)
      ids.append(try append(.control(operation), group, &builder, &cited, wall))
    }
    let (place, token) = finish(builder, group, nil, cited)
    return Composed(
      group: group.id, place: place, entries: ids, seqs: seqs, wall: wall, token: token)
  }

  /// What is composed is in the feed, so it must find room on its way to the disk.
  private func checkQueue() throws(ComposeRefusal) {
    guard storing.count < Limits.storeQueueBatchesMax else { throw .busy }
  }

  /// A feed beyond the share of this device would be taken in by nobody.
  private func checkRoom(_ group: GroupState) throws(ComposeRefusal) {
    guard hasRoom(for: secrets.device, in: group) else { throw .full }
  }

  /// What a commit cites in its first entry and what is in its past.
  struct Cited {
    var deps: [Reference] = []
    var lamport: UInt32 = 0
    var seqs: [FeedPlace: UInt32] = [:]
    var view = FeedState.ViewChange(seq: 0, office: .empty, group: .empty)
  }

  /// The own feed that may be written, or nil where a new one must begin.
  func ownFeed(_ group: GroupState) -> FeedState? {
    if let feed = group.composing?.feed, !feed.isClosed { return feed }
    return group.feedList.last { $0.isOwn && !$0.isClosed && $0.ended == nil }
  }

  func builder(_ group: GroupState, _ feed: FeedState?) -> CommitBuilder {
    guard let feed else {
      return CommitBuilder(
        group: group.id, feed: FeedID(Bytes16()), prev: EntryID(Bytes32()), nextSeq: 0, lamport: 0)
    }
    return CommitBuilder(
      group: group.id, feed: feed.place.feed, prev: feed.head.id, nextSeq: feed.head.seq + 1,
      lamport: feed.head.lamport)
  }

  mutating func appendGenesis(
    _ builder: inout CommitBuilder, _ cited: inout Cited, founding: GroupFacts?, _ wall: UInt64
  ) {
    let facts = GenesisFacts(
      device: secrets.device, certificate: certificate, nonce: Bytes16(Random.bytes16()),
      group: founding)
    _ = builder.append(
      .genesis, body: [], deps: cited.deps, depLamport: cited.lamport, ext: facts.extensions,
      wall: wall)
    (cited.deps, cited.lamport) = ([], 0)
  }

  /// Heads that are not in the own past yet: at most 16, control entries first (F-9).
  mutating func cite(_ group: GroupState, _ feed: FeedState?) -> Cited {
    var cited = Cited()
    if let composing = group.composing, composing.feed === feed {
      cited.seqs = composing.cited
      cited.view = composing.view
    } else if let last = feed?.views.last {
      (cited.view.office, cited.view.group) = (last.office, last.group)
    }
    var candidates: [(feed: FeedState, seq: UInt32, isNews: Bool, inOffice: Bool)] = []
    for other in group.feedList + (group.isOffice ? [] : officeLog.feedList) {
      guard other.place.feed != feed?.place.feed, other.admittedCount > Int(other.start) else {
        continue
      }
      var seq = UInt32(other.admittedCount - 1)
      if let known = cited.seqs[other.place], known >= seq { continue }
      let inOffice = !group.isOffice && officeLog.feeds[other.place] === other
      var isNews = self.isNews(other, seq, cited, inOffice: inOffice)
      // Behind a fork only control entries are cited: whoever signs twice gets no weight from others.
      let parting = (inOffice ? officeLog : group).firstParting(of: other.place.feed)
      if let parting, !isNews {
        guard other.parent == nil else { continue }
        seq = min(seq, parting - 1)
        if let known = cited.seqs[other.place], known >= seq { continue }
        isNews = self.isNews(other, seq, cited, inOffice: inOffice)
      }
      candidates.append((other, seq, isNews, inOffice))
    }
    // A new feed shows first that its device is certified and that its group exists (F-6, F-16).
    let certifier = feed == nil ? certifyingFeed : nil
    let founder =
      feed == nil && !group.isOffice ? group.feedList.first { $0.admittedCount > 0 } : nil
    func isNeeded(_ other: FeedState) -> Bool { other === certifier || other === founder }
    candidates.sort { a, b in
      if isNeeded(a.feed) != isNeeded(b.feed) { return isNeeded(a.feed) }
      if a.isNews != b.isNews { return a.isNews }
      let (x, y) = (a.feed.mark(a.seq).lamport, b.feed.mark(b.seq).lamport)
      return x != y ? x > y : a.feed.place < b.feed.place
    }
    // Heads of the office log without news say nothing that a group's entry needs.
    var taken: Set<FeedID> = []
    let chosen = candidates.filter {
      // One entry names a feed but once; another branch's turn is the next entry.
      ($0.isNews || !$0.inOffice || isNeeded($0.feed)) && taken.insert($0.feed.place.feed).inserted
    }.prefix(Limits.depsMax)
    var pasts: (office: [ViewID], group: [ViewID]) = ([], [])
    for one in chosen {
      cited.deps.append(
        Reference(
          feed: one.feed.place.feed, seq: one.seq, prefix: one.feed.prefix(one.seq)))
      cited.lamport = max(cited.lamport, one.feed.mark(one.seq).lamport)
      cited.seqs[one.feed.place] = one.seq
      if let past = one.feed.view(at: one.seq) {
        pasts.office.append(past.office)
        if !one.inOffice { pasts.group.append(past.group) }
      }
    }
    cited.view.office = views.union(cited.view.office, pasts.office)
    cited.view.group = views.union(cited.view.group, pasts.group)
    cited.deps.sort { $0.feed < $1.feed }
    return cited
  }

  /// Whether an entry has control entries in its past that what is cited so far has not.
  private func isNews(
    _ other: FeedState, _ seq: UInt32, _ cited: Cited, inOffice: Bool
  ) -> Bool {
    guard let past = other.view(at: seq) else { return false }
    return !views.contains(cited.view.office, all: past.office)
      || (!inOffice && !views.contains(cited.view.group, all: past.group))
  }

  /// The feed of the office log that holds this device's certificate.
  private var certifyingFeed: FeedState? {
    officeLog.feedList.first { $0.seq(of: certificate.prefix) != nil }
  }

  private mutating func append(
    _ draft: Draft, _ group: GroupState, _ builder: inout CommitBuilder, _ cited: inout Cited,
    _ wall: UInt64
  ) throws(ComposeRefusal) -> EntryID {
    defer { (cited.deps, cited.lamport) = ([], 0) }
    switch draft {
    case .control(let operation):
      let body = operation.encode()
      guard builder.fits(bodySize: body.count) else { throw .tooMany }
      let id = builder.append(
        .control, body: body, deps: cited.deps, depLamport: cited.lamport, wall: wall)
      let seq = builder.nextSeq - 1
      if group.isOffice {
        cited.view.office = views.adding(cited.view.office, builder.feed, seq)
      } else {
        cited.view.group = views.adding(cited.view.group, builder.feed, seq)
      }
      return id
    case .message(let content):
      let plain = content.encode()
      guard let padded = Padding.pad(plain), padded.count <= Limits.paddedBytesMax else {
        throw .tooLong
      }
      guard builder.fits(bodySize: padded.count + Padding.overhead) else { throw .tooMany }
      if group.isOffice {
        return builder.append(
          .message, body: plain, deps: cited.deps, depLamport: cited.lamport, wall: wall)
      }
      guard let epoch = group.currentEpoch, let key = group.secrets[epoch] else {
        throw .noEpoch
      }
      let place = MessageAAD(
        group: group.id, feed: builder.feed, seq: builder.nextSeq, epoch: epoch)
      let body = place.key(key).seal(padded.span, aad: place.bytes.span, salt: Random.bytes16())
      return builder.append(
        .message, flags: content.isText ? 0 : EntryFlags.notice, body: body, epoch: epoch,
        deps: cited.deps, depLamport: cited.lamport, wall: wall)
    }
  }

  mutating func finish(
    _ builder: consuming CommitBuilder, _ group: GroupState, _ known: FeedState?, _ cited: Cited
  ) -> (place: FeedPlace, token: StoreToken) {
    let batch = builder.sign(secrets)
    let feed = known ?? newOwnFeed(batch, group)
    group.composing = .init(feed: feed, cited: cited.seqs, view: cited.view)
    accept(batch, feed, group, isOwn: true, from: nil)
    return (feed.place, StoreToken(nextToken - 1))
  }

  private func newOwnFeed(_ batch: Batch, _ group: GroupState) -> FeedState {
    let feed = FeedState(
      feed: batch.feed, device: secrets.device, certificate: certificate, isOwn: true)
    group.add(feed)
    return feed
  }
}

extension Replica {
  /// Whether this device is to make a new epoch of a group: it is in it, and none is eligible (K-5).
  package mutating func lacksEpoch(_ id: GroupID) throws(ComposeRefusal) -> Bool {
    guard let group = groups[id], membershipNow(id)?.contains(secrets.device) ?? false else {
      return false
    }
    return try needsEpoch(group)
  }

  /// Makes the epoch that a change of members asks for; nil where the current one is eligible (K-5).
  package mutating func composeEpoch(
    _ id: GroupID, wall: UInt64
  ) throws(ComposeRefusal) -> Composed? {
    guard let group = groups[id], group.authority != nil else { throw .unknownGroup }
    guard membershipNow(id)?.contains(secrets.device) ?? false, try needsEpoch(group) else {
      return nil
    }
    try checkQueue()
    let feed = ownFeed(group)
    if feed == nil { try checkRoom(group) }
    var builder = self.builder(group, feed)
    var cited = cite(group, feed)
    if feed == nil { appendGenesis(&builder, &cited, founding: nil, wall) }
    try appendEpoch(group, &builder, &cited, wall)
    let (place, token) = finish(builder, group, feed, cited)
    return Composed(group: id, place: place, entries: [], seqs: [], wall: wall, token: token)
  }
}
