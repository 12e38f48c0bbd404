import Authority
import Format

/// What became of an attempt to admit the next entry of a feed.
enum Admission {
  case admitted
  /// Something it cites is not admitted here yet.
  case waits(Reference)
  /// Admission of the feed ends here for good.
  case ends(AdmissionEnd)
}

extension Replica {
  /// A batch is durable: from here on it may be announced and take effect.
  mutating func stored(_ token: StoreToken, _ arrival: UInt64) {
    guard let done = storing.removeValue(forKey: token) else { return }
    storingBytes -= done.batch.records.count
    becomesStored(done.batch, done.feed, done.group, arrival)
    owesHave(done.group)
    askBehind(done.batch, done.group)
    askBranches(done.feed, done.group)
    if done.group.isOffice { officeStored() }
    push(done.group, done.feed, from: done.batch.first)
  }

  mutating func becomesStored(
    _ batch: Batch, _ feed: FeedState, _ group: GroupState, _ arrival: UInt64
  ) {
    let isNewStrand = feed.parent != nil && feed.storedCount == Int(feed.start)
    feed.storedCount = Int(batch.last.seq) + 1
    if isNewStrand {
      strandStored(feed, group)
    } else if group.isForked(feed.place.feed) {
      // The entry that a cut names may have come, and with it what is left out of epochs.
      group.currentEpoch = nil
    }
    group.headsChanged()
    let wasIdle = feed.isIdle && feed.admittedCount >= Int(batch.first)
    if isRestoring, wasIdle, !feed.isWaiting, feed.ended == nil {
      return admitAtOnce(batch, feed, group, arrival)
    }
    let hasRoom = pendingBytes + batch.footprint <= Limits.storeQueueBytesMax
    if feed.ended == nil, wasIdle || hasRoom {
      // Behind a gap in memory nothing is kept: the store gives it back when its turn comes.
      if wasIdle || follows(batch, feed) {
        feed.keep(.init(batch: batch, arrival: arrival))
        pendingBytes += batch.footprint
      }
    }
    if !feed.isWaiting, !isRestoring || wasIdle { admitFrom(feed, in: group) }
  }

  /// At a start nearly every record group can be admitted as it comes, and need not be kept. From
  /// the first entry on that waits or ends the feed it goes the way of all others.
  private mutating func admitAtOnce(
    _ batch: Batch, _ feed: FeedState, _ group: GroupState, _ arrival: UInt64
  ) {
    let pending = FeedState.PendingBatch(batch: batch, arrival: arrival)
    let before = feed.admittedCount
    // The first batch of a branch may begin before it.
    var done = before - Int(batch.first)
    for entry in batch.entries[done...] {
      guard case .admitted = admitOne(entry, pending, feed, group) else { break }
      done += 1
    }
    if done < batch.entries.count {
      feed.keep(pending)
      pendingBytes += batch.footprint
      admitFrom(feed, in: group)
    }
    for one in woken(by: feed, from: before) { admitFrom(one.feed, in: one.group) }
  }

  private func follows(_ batch: Batch, _ feed: FeedState) -> Bool {
    (feed.pendingEnd ?? feed.admittedCount) == Int(batch.first)
  }

  /// Entries that were dropped from memory while their feed waited.
  mutating func loaded(_ batch: Batch, _ arrival: UInt64) {
    guard let group = groups[batch.group] else { return }
    compareProbes(batch, group)
    compareOpenings(batch, group)
    let waiting = group.strands(of: batch.feed).first { feed in
      let index = feed.admittedCount - Int(batch.first)
      return feed.isLoading && batch.entries.indices.contains(index)
        && feed.admittedCount < feed.count
        && batch.entries[index].id.prefix == feed.prefix(UInt32(feed.admittedCount))
    }
    guard let feed = waiting else { return }
    feed.isLoading = false
    guard feed.isIdle else { return }
    feed.keep(.init(batch: batch, arrival: arrival))
    pendingBytes += batch.footprint
    admitFrom(feed, in: group)
  }

  /// Admission stops where entries cannot be read, and is tried again with the feed's next batch.
  mutating func loadFailed(_ group: GroupID, _ place: FeedPlace) {
    guard let group = groups[group] else { return }
    for feed in group.strands(of: place.feed) { feed.isLoading = false }
    searchFailed(place.feed, group)
  }

  /// Admits what can be admitted of this feed and of all that waited for it.
  mutating func admitFrom(_ feed: FeedState, in group: GroupState) {
    var queue = [FeedRef(group: group, feed: feed)]
    while let next = queue.popLast() {
      let before = next.feed.admittedCount
      admit(next.feed, next.group)
      queue.append(contentsOf: woken(by: next.feed, from: before))
    }
  }

  /// The feeds that waited for an entry of this one, from seq `first` on, that is admitted now.
  private mutating func woken(by feed: FeedState, from first: Int) -> [FeedRef] {
    guard !waiters.isEmpty, feed.admittedCount > first, let all = waiters[feed.place.feed]
    else { return [] }
    let news = first..<feed.admittedCount
    let still = all.filter { !news.contains(Int($0.cited.seq)) }
    waiters[feed.place.feed] = still.isEmpty ? nil : still
    return all.filter { news.contains(Int($0.cited.seq)) }.map { waiter in
      waiter.ref.feed.isWaiting = false
      return waiter.ref
    }
  }

  private mutating func admit(_ feed: FeedState, _ group: GroupState) {
    let before = group.messageCount
    defer { if group.messageCount > before { tell(.messages(group.id)) } }
    while !feed.isWaiting, feed.ended == nil, feed.admittedCount < feed.storedCount {
      guard let (pending, done) = feed.pending else {
        guard !feed.isLoading else { return }
        feed.isLoading = true
        let next = UInt32(feed.admittedCount)
        return wish(.load(group.id, feed.place(of: next), from: next))
      }
      let entry = pending.batch.entries[done]
      switch admitOne(entry, pending, feed, group) {
      case .admitted:
        if feed.advancePending() { dropPending(feed) }
      case .waits(let cited):
        feed.isWaiting = true
        let ref = FeedRef(group: group, feed: feed)
        waiters[cited.feed, default: []].append(Waiter(ref: ref, cited: cited))
        needs(cited.feed, in: group)
        askWaited(cited.feed, in: group)
        // What it waits for may never come; then it is read again from the store.
        if pendingBytes > Limits.storeQueueBytesMax {
          while !feed.isIdle { dropPending(feed) }
        }
      case .ends(let end):
        feed.ended = end
        while !feed.isIdle { dropPending(feed) }
        tell(.ended(group.id, feed.place.feed, end))
      }
    }
  }

  private mutating func dropPending(_ feed: FeedState) {
    pendingBytes -= feed.dropPending().batch.footprint
  }

  /// Decides on one entry from its bytes and its past alone (F-7).
  private mutating func admitOne(
    _ entry: EntrySummary, _ pending: FeedState.PendingBatch, _ feed: FeedState,
    _ group: GroupState
  ) -> Admission {
    let batch = pending.batch
    var lamport: UInt32 = 0
    var effective: UInt64 = 0
    var view = FeedState.ViewChange(seq: entry.seq, office: .empty, group: .empty)
    if entry.seq > 0 {
      var before = feed.lastView
      if entry.seq == feed.start {
        before = feed.parent?.view(at: entry.seq - 1)
        if before == nil {
          let seq = entry.seq - 1
          return .waits(
            Reference(feed: feed.place.feed, seq: seq, prefix: feed.prefix(seq)))
        }
      }
      let mark = feed.mark(entry.seq - 1)
      (lamport, effective) = (mark.lamport, mark.effective)
      if let before { (view.office, view.group) = (before.office, before.group) }
    }
    var cites: [FeedState.Cite] = []
    var pasts: (office: [ViewID], group: [ViewID]) = ([], [])
    for index in 0..<Int(entry.depCount) {
      let dep = batch.dep(entry, index)
      guard let (cited, inOffice) = find(dep, from: group), Int(dep.seq) < cited.admittedCount,
        let past = cited.view(at: dep.seq)
      else { return .waits(dep) }
      let mark = cited.mark(dep.seq)
      (lamport, effective) = (max(lamport, mark.lamport), max(effective, mark.effective))
      pasts.office.append(past.office)
      if !inOffice { pasts.group.append(past.group) }
      if !inOffice || group.isOffice {
        cites.append(.init(seq: entry.seq, feed: cited.index, cited: dep.seq))
      }
      if !feed.isOwn, !isRestoring || cited.isOwn {
        noteCited(inOffice ? officeLog : group, cited, dep.seq, by: feed.device)
      }
    }
    view.office = views.union(view.office, pasts.office)
    view.group = views.union(view.group, pasts.group)
    guard lamport < UInt32.max, entry.lamport == lamport + 1 else {
      return .ends(AdmissionEnd(seq: entry.seq, rule: "F-5", text: Rule.f5.text))
    }
    if entry.seq == 0, entry.id != EntryID(office.bytes),
      !authority.certifies(feed.certificate, feed.device, in: view.office)
    {
      return .ends(
        AdmissionEnd(
          seq: 0, rule: "F-6", text: "a genesis has the certificate of its device in its past"))
    }
    // A later feed shows by what it cites that its group is in its past: whether the group was here
    // first must not decide (F-7, F-16).
    if entry.seq == 0, !group.isOffice, entry.id != EntryID(group.id.bytes), cites.isEmpty {
      return .ends(
        AdmissionEnd(
          seq: 0, rule: "F-16", text: "the genesis of a later feed cites an entry of its group"))
    }
    // Before it is judged: a removal is evaluated from then on, and its past with it.
    if !cites.isEmpty { feed.append(cites) }
    if let end = judge(entry, batch, feed, group, &view) { return .ends(end) }
    let late = pending.arrival &+ 600_000
    let changed = feed.admit(
      entry.id, view, effective: max(effective &+ 1, min(entry.wallMilliseconds, late)))
    if changed { group.changeCount += 1 }
    take(entry, pending, feed, group)
    return .admitted
  }

  /// The feed that holds a dep, in the entry's own group or in the office log (F-4).
  private func find(_ dep: Reference, from group: GroupState) -> (FeedState, inOffice: Bool)? {
    if let feed = group.feed(holding: dep) { return (feed, group.isOffice) }
    if !group.isOffice, let feed = officeLog.feed(holding: dep) { return (feed, true) }
    return nil
  }

  /// What an entry cites, its author's device holds.
  mutating func noteCited(
    _ group: GroupState, _ cited: FeedState, _ seq: UInt32, by device: DeviceKey
  ) {
    if group.noteDelivered(cited, seq, to: device) { tell(.delivered(group.id, device)) }
  }
}

extension Replica {
  /// The bytes of entries that are kept in memory until they are admitted.
  package var waitingBytes: Int { pendingBytes }

  /// How many feeds wait for an entry of another one.
  package var waitingFeeds: Int { waiters.values.reduce(0) { $0 + $1.count } }
}

extension Batch {
  /// About how much memory it holds.
  fileprivate var footprint: Int {
    records.count + entries.count * MemoryLayout<EntrySummary>.stride + 128
  }
}
