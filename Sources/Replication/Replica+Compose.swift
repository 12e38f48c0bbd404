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
    var cited = cite(group, feed, for: parts.first ?? [])
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

  /// Why these drafts could not be written in a group as things stand; nil where they could. Nothing
  /// is written.
  package mutating func refusal(ofWriting drafts: [Draft], in id: GroupID) -> ComposeRefusal? {
    guard let group = groups[id] else { return .unknownGroup }
    guard rosterNow().isLive(secrets.device) else { return .notAdmittedYet }
    let feed = ownFeed(group)
    let cited = cite(group, feed, for: drafts)
    do throws(ComposeRefusal) {
      try checkRights(drafts, group, cited.view, builder(group, feed))
      return nil
    } catch {
      return error
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
      if case .message = draft, !group.isOffice, try makesEpoch(group) {
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
    // Its list and its title could not be written either: a group without a name would stay.
    guard !roster.needsNewerVersion else { throw .needsNewerVersion }
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
    /// The feeds and branches of `deps`.
    var chosen: Set<FeedPlace> = []
    var view = FeedState.ViewChange(seq: 0, office: .empty, group: .empty)
  }

  /// The own feed that may be written, or nil where a new one must begin.
  func ownFeed(_ group: GroupState) -> FeedState? {
    if let feed = group.composing?.feed, !feed.isClosed, !feed.isWaiting { return feed }
    // What waits for something that was lost has no effect here, so what is written behind it would not
    // know of it: whom it removed would get the next key, too.
    return group.feedList.last { $0.isOwn && !$0.isClosed && $0.ended == nil && !$0.isWaiting }
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
  /// Whether this device is to make a new epoch of a group: it is in it, and none is eligible, or the
  /// others' does not open here (K-5).
  package mutating func lacksEpoch(_ id: GroupID) throws(ComposeRefusal) -> Bool {
    guard let group = groups[id], membershipNow(id)?.contains(secrets.device) ?? false else {
      return false
    }
    return try makesEpoch(group)
  }

  /// Makes the epoch that a change of members asks for; nil where the current one is eligible (K-5).
  package mutating func composeEpoch(
    _ id: GroupID, wall: UInt64
  ) throws(ComposeRefusal) -> Composed? {
    guard let group = groups[id], group.authority != nil else { throw .unknownGroup }
    guard membershipNow(id)?.contains(secrets.device) ?? false, try makesEpoch(group) else {
      return nil
    }
    try checkQueue()
    let feed = ownFeed(group)
    if feed == nil { try checkRoom(group) }
    var builder = self.builder(group, feed)
    var cited = cite(group, feed, for: [])
    if feed == nil { appendGenesis(&builder, &cited, founding: nil, wall) }
    try appendEpoch(group, &builder, &cited, wall)
    let (place, token) = finish(builder, group, feed, cited)
    return Composed(group: id, place: place, entries: [], seqs: [], wall: wall, token: token)
  }
}
