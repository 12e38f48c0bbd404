import Format
import Platform
import Replication
import Storage

/// Proves over a restart that the own feeds go on where they ended, or says that it cannot.
///
/// Order of every own commit: durable in the log, then the lock, and only then exposed.
final class Continuity {
  private let files: HeadLockFiles
  private let surroundings: HeadLock.Surroundings
  private var heads: [FeedPlace: HeadLock.Head] = [:]
  private var counter: UInt64
  private var isFlushed = true
  /// Whether the last writing failed, so that no file may say what is known here.
  private var isBehind = false
  /// Whether others are still asked first what they hold: then the lock names no start of the kernel, so
  /// that the next start of the node asks too.
  private var isAsking = false
  /// The inode of `keys` here, and where the lock saw it; nil where there is none.
  let (keysAt, lockSaw): (UInt64, UInt64?)
  /// What the start was judged to be.
  let verdict: StartVerdict
  /// The last own entries of which the lock knew and the log does not.
  let lostOwn: [HeadLock.Head]

  /// `damages`: what of the logs could not be read.
  init(
    files: HeadLockFiles, surroundings: HeadLock.Surroundings, store: Store,
    damages: [Damage], replica: borrowing Replica
  ) throws(DiskError) {
    self.files = files
    self.surroundings = surroundings
    let reading = try files.read()
    (keysAt, lockSaw) = (surroundings.inode, reading.lock?.surroundings.inode)
    counter = reading.lock?.counter ?? 0
    verdict = StartVerdict(
      lock: reading, now: surroundings,
      own: replica.ownHeads.map { .init(group: $0.group, feed: $0.feed) },
      damaged: Set(damages.map(\.group)),
      doubted: store.doubted(reading.lock?.heads ?? [], damages),
      presence: { store.presence(of: $0) })
    lostOwn = (reading.lock?.heads ?? []).filter { store.presence(of: $0) != .held }
  }

  /// Carries out the verdict, then writes the lock anew: with the feeds that are still open and no
  /// others, so that a second start finds closed what the first one closed.
  ///
  /// `isNew`: the own entries were written by this very process, so there is nothing to prove.
  func begin(_ replica: inout Replica, isNew: Bool) throws(DiskError) {
    if !isNew { replica.closeOwnFeeds(verdict.closedFeeds) }
    isAsking = !isNew && verdict.asksFirst
    for head in replica.ownHeads {
      heads[FeedPlace(feed: head.feed)] = .init(
        group: head.group, feed: head.feed, seq: head.seq, id: head.id)
    }
    try write(andFlush: true)
  }

  /// The time to ask others first is over.
  func endAsking() throws(DiskError) {
    guard isAsking else { return }
    isAsking = false
    try write(andFlush: false)
  }

  /// Own entries became durable: the lock says so before anyone else hears of them. Of several
  /// batches, in the order in which they were stored, it is written once.
  func advance(_ batches: some Sequence<Batch>) throws(DiskError) {
    var (isNews, isBegun) = (false, false)
    for batch in batches {
      let place = FeedPlace(feed: batch.feed)
      // What was on its way when its feed was closed opens it no more.
      guard heads[place] != nil || batch.first == 0 else { continue }
      if heads[place] == nil { isBegun = true }
      heads[place] = .init(
        group: batch.group, feed: batch.feed, seq: batch.last.seq, id: batch.last.id)
      isNews = true
    }
    guard isNews else { return }
    // A feed that a power cut takes out of the lock would be closed by it.
    try write(andFlush: isBegun)
  }

  /// An own feed was closed for good: known on the disk before anything of it is stored, for what
  /// another copy wrote there would else look like an own end.
  func close(_ feed: FeedID) throws(DiskError) {
    guard heads.removeValue(forKey: FeedPlace(feed: feed)) != nil || isBehind else { return }
    try write(andFlush: true)
  }

  /// Writes the lock once more, to files that are opened anew, after it could not be written.
  func writeAgain() throws(DiskError) {
    files.letGo()
    try write(andFlush: true)
  }

  private func write(andFlush isFlush: Bool) throws(DiskError) {
    // What a writing that failed was to flush, this one does.
    let isFlush = isFlush || isBehind
    isFlushed = false
    isBehind = true
    try files.write(next())
    if isFlush { try flush() }
    isBehind = false
  }

  /// Makes the lock survive a power cut: every ten seconds, at a clean stop, and when a feed begins
  /// or is closed.
  func flush() throws(DiskError) {
    guard !isFlushed else { return }
    try files.flush(next())
    isFlushed = true
  }

  private func next() -> HeadLock {
    counter += 1
    var surroundings = surroundings
    if isAsking { surroundings.boot = Bytes16() }
    return HeadLock(
      counter: counter, surroundings: surroundings,
      heads: heads.values.sorted { ($0.group, $0.feed) < ($1.group, $1.feed) })
  }
}
