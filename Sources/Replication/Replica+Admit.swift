import Authority
import Format

/// What became of an attempt to admit the next entry of a feed.
enum Admission {
  case admitted
  /// Something it cites is not admitted here yet.
  case waits(FeedID)
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
    if done.group.isOffice { officeStored() }
    push(done.group, done.feed, from: done.batch.first)
  }

  mutating func becomesStored(
    _ batch: Batch, _ feed: FeedState, _ group: GroupState, _ arrival: UInt64
  ) {
    feed.storedCount = Int(batch.last.seq) + 1
    group.headsChanged()
    let wasIdle = feed.pending.isEmpty && feed.admittedCount == Int(batch.first)
    if feed.ended == nil, wasIdle || pendingBytes < Limits.storeQueueBytesMax {
      // Behind a gap in memory nothing is kept: the store gives it back when its turn comes.
      if wasIdle || follows(batch, feed) {
        feed.pending.append(.init(batch: batch, arrival: arrival))
        pendingBytes += batch.records.count
      }
    }
    if !isRestoring || wasIdle { admitFrom(feed, in: group) }
  }

  private func follows(_ batch: Batch, _ feed: FeedState) -> Bool {
    guard let last = feed.pending.last else { return feed.admittedCount == Int(batch.first) }
    return last.batch.last.seq + 1 == batch.first
  }

  /// Entries that were dropped from memory while their feed waited.
  mutating func loaded(_ batch: Batch, _ arrival: UInt64) {
    guard let group = groups[batch.group],
      let feed = group.feeds[FeedPlace(feed: batch.feed, branch: batch.branch)]
    else { return }
    if compareProbe(batch, feed, group) { return }
    feed.isLoading = false
    guard feed.pending.isEmpty, batch.first <= UInt32(feed.admittedCount),
      batch.last.seq >= UInt32(feed.admittedCount)
    else { return }
    feed.pending.append(.init(batch: batch, arrival: arrival))
    feed.pendingDone = feed.admittedCount - Int(batch.first)
    pendingBytes += batch.records.count
    admitFrom(feed, in: group)
  }

  /// Admits what can be admitted of this feed and of all that waited for it.
  mutating func admitFrom(_ feed: FeedState, in group: GroupState) {
    var queue = [FeedRef(group: group, feed: feed)]
    while let next = queue.popLast() {
      let before = next.feed.admittedCount
      admit(next.feed, next.group)
      if next.feed.admittedCount > before,
        let woken = waiters.removeValue(forKey: next.feed.place.feed)
      {
        queue.append(contentsOf: woken)
      }
    }
  }

  private mutating func admit(_ feed: FeedState, _ group: GroupState) {
    let timelineBefore = group.timeline.count
    defer { if group.timeline.count > timelineBefore { tell(.messages(group.id)) } }
    while feed.ended == nil, feed.admittedCount < feed.storedCount {
      guard let pending = feed.pending.first else {
        guard !feed.isLoading else { return }
        feed.isLoading = true
        return wish(.load(group.id, feed.place, from: UInt32(feed.admittedCount)))
      }
      let entry = pending.batch.entries[feed.pendingDone]
      switch admitOne(entry, pending, feed, group) {
      case .admitted:
        feed.pendingDone += 1
        if feed.pendingDone == pending.batch.entries.count { dropPending(feed) }
      case .waits(let other):
        waiters[other, default: []].append(FeedRef(group: group, feed: feed))
        return
      case .ends(let end):
        feed.ended = end
        while !feed.pending.isEmpty { dropPending(feed) }
        tell(.ended(group.id, feed.place.feed, end))
      }
    }
  }

  private mutating func dropPending(_ feed: FeedState) {
    let done = feed.pending.removeFirst()
    feed.pendingDone = 0
    pendingBytes -= done.batch.records.count
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
      lamport = feed.marks[Int(entry.seq) - 1].lamport
      effective = feed.marks[Int(entry.seq) - 1].effective
      if let before = feed.views.last { (view.office, view.group) = (before.office, before.group) }
    }
    var cites: [FeedState.Cite] = []
    for index in 0..<Int(entry.depCount) {
      let dep = batch.dep(entry, index)
      guard let (cited, inOffice) = find(dep, from: group) else {
        return .waits(dep.feed)
      }
      guard Int(dep.seq) < cited.admittedCount, let past = cited.view(at: dep.seq) else {
        return .waits(dep.feed)
      }
      lamport = max(lamport, cited.marks[Int(dep.seq)].lamport)
      effective = max(effective, cited.marks[Int(dep.seq)].effective)
      view.office = views.union(view.office, past.office)
      if !inOffice { view.group = views.union(view.group, past.group) }
      if !inOffice || group.isOffice {
        cites.append(.init(seq: entry.seq, feed: cited.index, cited: dep.seq))
      }
      if !feed.isOwn, !isRestoring || cited.isOwn {
        noteCited(inOffice ? officeLog : group, cited.place, dep.seq, by: feed.device)
      }
    }
    guard lamport < UInt32.max, entry.lamport == lamport + 1 else {
      return .ends(AdmissionEnd(seq: entry.seq, rule: "F-5", text: Rule.f5.text))
    }
    if entry.seq == 0, entry.id != EntryID(office.bytes),
      !authority.certifies(feed.certificate, feed.device, in: view.office)
    {
      return .ends(
        AdmissionEnd(
          seq: 0, rule: "F-6", text: "the certificate of its device is in the past of a genesis"))
    }
    // A later feed shows by what it cites that its group is in its past: whether the group was here
    // first must not decide (F-7, F-16).
    if entry.seq == 0, !group.isOffice, entry.id != EntryID(group.id.bytes), cites.isEmpty {
      return .ends(
        AdmissionEnd(
          seq: 0, rule: "F-16", text: "the genesis of a later feed cites an entry of its group"))
    }
    if let end = judge(entry, batch, feed, group, &view) { return .ends(end) }
    let late = pending.arrival &+ 600_000
    feed.marks[Int(entry.seq)].effective = max(effective &+ 1, min(entry.wallMilliseconds, late))
    if feed.views.last.map({ $0.office != view.office || $0.group != view.group }) ?? true {
      feed.views.append(view)
    }
    feed.cites.append(contentsOf: cites)
    feed.admittedCount += 1
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
    _ group: GroupState, _ place: FeedPlace, _ seq: UInt32, by device: DeviceKey
  ) {
    if group.noteDelivered(place, seq, to: device) { tell(.delivered(group.id, device)) }
  }
}
