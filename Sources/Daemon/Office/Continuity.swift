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
  /// What the start was judged to be.
  let verdict: StartVerdict

  init(
    files: HeadLockFiles, surroundings: HeadLock.Surroundings, store: Store,
    replica: borrowing Replica
  ) throws(DiskError) {
    self.files = files
    self.surroundings = surroundings
    let lock = try files.read()
    counter = lock?.counter ?? 0
    let own = replica.ownHeads
    for head in own {
      heads[FeedPlace(feed: head.feed)] = .init(
        group: head.group, feed: head.feed, seq: head.seq, id: head.id)
    }
    verdict = StartVerdict(
      lock: lock, now: surroundings, ownGroups: Set(own.map(\.group)).sorted(),
      presence: { store.presence(of: $0) })
  }

  /// Own entries became durable: the lock says so before anyone else hears of them.
  func advance(_ batch: Batch) throws(DiskError) {
    heads[FeedPlace(feed: batch.feed)] = .init(
      group: batch.group, feed: batch.feed, seq: batch.last.seq, id: batch.last.id)
    isFlushed = false
    try files.write(next())
  }

  /// Makes the lock survive a power cut: every ten seconds, at a clean stop, and after a start.
  func flush() throws(DiskError) {
    guard !isFlushed else { return }
    try files.flush(next())
    isFlushed = true
  }

  /// Writes the lock anew although nothing was added, as after a start under another kernel.
  func renew() throws(DiskError) {
    isFlushed = false
    try files.write(next())
    try flush()
  }

  private func next() -> HeadLock {
    counter += 1
    return HeadLock(
      counter: counter, surroundings: surroundings,
      heads: heads.values.sorted { ($0.group, $0.feed) < ($1.group, $1.feed) })
  }
}
