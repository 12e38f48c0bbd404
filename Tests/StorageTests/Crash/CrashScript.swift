import Format
import Platform
import TestSupport

@testable import Storage

/// Everything a node does with a store, one thing after the other, as numbers from a seed say. What
/// fails is mended as a node mends it: the store goes on after a full disk, and is opened anew after a
/// fault that it does not get over.
final class CrashScript {
  static let settings: StoreSettings = {
    var settings = StoreSettings.testing(segmentBytesMax: 270_000)
    settings.freeBytesMin = 100_000
    return settings
  }()

  /// What is done next.
  enum Step: CaseIterable, Sendable {
    case append, commit, medium, large, erase, deliver, flushLock, copy, fullDisk, floor, restart
    case kill, failedFlush, branch, closeOwn
  }

  /// A feed that goes on.
  struct Feed {
    var sample: SampleFeed
    let isOwn: Bool
    let group: Int
    var isOver = false
  }

  let disk: RecordingDisk
  let tape: DiskTape
  var book = CrashBook()
  /// How often each step was taken and did what it is for.
  private(set) var taken: [Step: Int] = [:]
  var wrong: [String] = []
  /// Whether calls of the disk fail that the script does not know of.
  var isTroubled = false
  /// Whether what fails is reading: a start that cannot read the end of a log keeps it for a damage,
  /// and that may be an end that was torn.
  var mayBeDamaged = false
  var chance: SeededGenerator
  var store: Store?
  var feeds: [Feed] = []
  private var nextNonce: UInt8 = 1
  /// What was not stored and is stored next, as one that sends it again would do.
  var owed: [(batch: Batch, isOwn: Bool)] = []
  private var arrival: UInt64 = 0
  var locks: HeadLockFiles?
  var heads: [FeedID: HeadLock.Head] = [:]
  var counter: UInt64 = 0
  /// The head lock could not be written: nothing own is until it can be.
  var isLockBehind = false
  /// What the store knows in memory is less than what the disk holds.
  var isForgetful = false

  init(seed: UInt64, _ disk: RecordingDisk, _ tape: DiskTape) {
    (self.disk, self.tape) = (disk, tape)
    chance = SeededGenerator(seed: seed)
    for group in 0..<4 {
      add(group, isOwn: group < 3)
      add(group, isOwn: false)
    }
  }

  /// The steps of a script of this length: every kind comes early, and appends are most of them.
  static func steps(_ count: Int) -> [Step] {
    let first: [Step] = [
      .append, .commit, .large, .erase, .append, .deliver, .commit, .flushLock, .copy, .append,
      .fullDisk, .commit, .erase, .restart, .append, .kill, .commit, .branch, .append, .failedFlush,
      .floor, .medium, .large, .closeOwn, .append,
    ]
    let later: [Step] = [
      .append, .append, .commit, .erase, .append, .flushLock, .medium, .append, .commit, .deliver,
      .append, .copy, .commit, .append, .fullDisk, .erase, .commit, .append, .flushLock, .commit,
      .append, .kill, .append, .commit, .medium, .append, .erase, .deliver, .append, .restart,
      .commit, .append, .floor, .append, .commit, .append, .branch, .append, .failedFlush, .large,
      .append, .commit, .erase, .append, .closeOwn, .append, .commit, .flushLock,
    ]
    var steps = first
    while steps.count < count { steps += later }
    return Array(steps.prefix(count))
  }

  /// Takes all steps; goes on after whatever fails.
  func run(_ steps: [Step]) {
    open()
    for (number, step) in steps.enumerated() {
      guard mend() else { continue }
      // Groups come one after the other.
      take(step, groups: min(4, 1 + number / 6))
    }
    book.locateErased(tape.events)
  }

  /// Nothing fails any more: the node is started again and stores what it still owes; whether it can.
  func recover() -> Bool {
    isTroubled = false
    return open() && mend() && owed.isEmpty
  }

  private func take(_ step: Step, groups: Int) {
    let isDone: Bool
    switch step {
    case .append: isDone = append(batches(1...1, groups, bodies: 0...60))
    case .commit: isDone = append(batches(2...4, groups, bodies: 0...900))
    case .medium: isDone = append([(grow(pick(groups), chance.number(4...8), 3_000))])
    case .large: isDone = append([grow(pick(1), 4, chance.number(44_000...50_000))])
    case .erase: isDone = erase()
    case .deliver: isDone = deliver()
    case .flushLock: isDone = flushLock()
    case .copy: isDone = copy()
    case .fullDisk: isDone = fillDisk(groups)
    case .floor: isDone = lowerFloor(groups)
    case .restart: isDone = restart()
    case .kill: isDone = kill(groups)
    case .failedFlush: isDone = failFlush(groups)
    case .branch: isDone = branch(groups)
    case .closeOwn: isDone = closeOwn()
    }
    if isDone { taken[step, default: 0] += 1 }
  }

  // MARK: Feeds

  func add(_ group: Int, isOwn: Bool) {
    let known = feeds.first { $0.group == group }?.sample.group
    feeds.append(
      Feed(sample: SampleFeed(in: known, nonce: nextNonce), isOwn: isOwn, group: group))
    nextNonce += 1
  }

  private func pick(_ groups: Int, isOwn: Bool? = nil) -> Int {
    let some = feeds.indices.filter {
      feeds[$0].group < groups && !feeds[$0].isOver && (isOwn ?? feeds[$0].isOwn) == feeds[$0].isOwn
    }
    return some[chance.number(0...some.count - 1)]
  }

  private func grow(_ feed: Int, _ count: Int, _ bodySize: Int) -> (batch: Batch, isOwn: Bool) {
    feeds[feed].sample.bodySize = bodySize
    return (feeds[feed].sample.batch(count), feeds[feed].isOwn)
  }

  private func batches(
    _ count: ClosedRange<Int>, _ groups: Int, bodies: ClosedRange<Int>
  ) -> [(batch: Batch, isOwn: Bool)] {
    (0..<chance.number(count)).map { _ in
      grow(pick(groups), chance.number(1...3), chance.number(bodies))
    }
  }

  // MARK: Writing

  /// Stores batches in one commit, then writes the lock, as a node does; whether all were stored.
  @discardableResult
  func append(_ batches: [(batch: Batch, isOwn: Bool)], isCopy: Bool = false) -> Bool {
    guard let store else { return false }
    // Own ones wait where the lock cannot say so.
    let late = isLockBehind ? batches.filter(\.isOwn) : []
    owed += late
    let batches = isLockBehind ? batches.filter { !$0.isOwn } : batches
    guard !batches.isEmpty else { return false }
    let from = tape.count
    arrival += 1
    var jobs = batches.map { store.prepare($0.batch, isOwn: $0.isOwn, arrival: arrival) }
    let first = book.written.count
    for (batch, isOwn) in batches {
      book.written.append(
        .init(
          group: batch.group, seen: Seen(batch, isOwn, arrival), batch: batch, from: from,
          isCopy: isCopy))
    }
    do throws(StorageError) {
      try store.writer.perform(&jobs)
    } catch {
      if tape.count == from {
        // Nothing was done: there is nothing to be found of it.
        for index in first..<book.written.count { book.written[index].gone = from }
        if !isCopy { owed += batches }
      }
      return false
    }
    for index in first..<book.written.count { book.written[index].kept = tape.count }
    var isBegun = false
    for (batch, isOwn) in batches where isOwn {
      if heads[batch.feed] == nil { isBegun = true }
      heads[batch.feed] = .init(
        group: batch.group, feed: batch.feed, seq: batch.last.seq, id: batch.last.id)
    }
    if batches.contains(where: \.isOwn) { writeLock(andFlush: isBegun) }
    for job in jobs where !store.finish(job) { wrong.append("what was stored does not fit") }
    return true
  }

  private var lock: HeadLock {
    counter += 1
    return HeadLock(
      counter: counter, surroundings: Self.surroundings, heads: Array(heads.values))
  }

  func writeLock(andFlush isFlush: Bool) {
    guard let locks else { return }
    do throws(DiskError) {
      if isLockBehind { locks.letGo() }
      let wasBehind = isLockBehind
      isLockBehind = true
      try locks.write(lock)
      if isFlush || wasBehind { try locks.flush(lock) }
      isLockBehind = false
    } catch {
      return
    }
    for head in heads.values {
      var known = book.own[head.feed] ?? .init(group: head.group)
      known.exposed = known.exposed ?? tape.count
      book.own[head.feed] = known
    }
    for feed in book.own.keys where heads[feed] == nil && book.own[feed]?.closing != nil {
      if book.own[feed]?.closed == nil { book.own[feed]?.closed = tape.count }
    }
  }

  private func flushLock() -> Bool {
    guard let locks, !isLockBehind else { return false }
    do throws(DiskError) {
      try locks.flush(lock)
    } catch {
      isLockBehind = true
      return false
    }
    return true
  }

  private func closeOwn() -> Bool {
    let some = feeds.indices.filter { feeds[$0].isOwn && heads[feeds[$0].sample.feed] != nil }
    guard !some.isEmpty else { return false }
    let index = some[chance.number(0...some.count - 1)]
    heads[feeds[index].sample.feed] = nil
    end(index)
    writeLock(andFlush: true)
    return !isLockBehind
  }

  private func deliver() -> Bool {
    let bytes = chance.bytes(100 * chance.number(1...20))
    let from = tape.count
    book.delivered.append(.init(bytes: bytes, from: from))
    guard (try? disk.replace(DeliveredFile.path, with: bytes.span)) != nil else { return false }
    book.delivered[book.delivered.count - 1].done = tape.count
    return true
  }

  private func erase() -> Bool {
    guard let store else { return false }
    let some = book.written.indices.flatMap { index -> [(Int, Int)] in
      let one = book.written[index]
      let isForked = feeds.contains { $0.sample.feed == one.seen.place.feed && $0.isOver }
      guard one.kept != nil, one.gone == nil, !one.isCopy, !isForked,
        !book.written.contains(where: { $0.isCopy && $0.seen.place == one.seen.place })
      else { return [] }
      return one.batch.entries.indices.filter {
        one.batch.entries[$0].bodySize > 0 && one.erasures[$0] == nil
      }.map { (index, $0) }
    }
    guard !some.isEmpty else { return false }
    let (index, entry) = some[chance.number(0...some.count - 1)]
    let one = book.written[index]
    guard
      let jobs = try? store.prepareErase(
        one.group, one.seen.place, one.batch.entries[entry].seq), !jobs.isEmpty
    else { return false }
    book.written[index].erasures[entry] = .init(from: tape.count)
    guard (try? store.writer.erase(jobs)) != nil else { return false }
    book.written[index].erasures[entry]?.done = tape.count
    book.written[index].erasures[entry]?.told = tape.count
    return true
  }

  /// Forgets the end of a feed and stores it once more, as after a damage.
  private func copy() -> Bool {
    guard let store else { return false }
    let feed = pick(4, isOwn: false)
    let place = FeedPlace(feed: feeds[feed].sample.feed)
    let held = book.written.filter {
      $0.seen.place == place && !$0.isCopy && $0.kept != nil && $0.gone == nil
    }
    guard held.count > 1, held.allSatisfy({ $0.erasures.isEmpty }),
      let first = held.last
    else { return false }
    let from = store.forget(first.group, place, from: first.seen.first)
    isForgetful = !append(
      held.filter { $0.seen.first >= from }.map { ($0.batch, false) }, isCopy: true)
    return !isForgetful
  }

  private func branch(_ groups: Int) -> Bool {
    let feed = pick(groups, isOwn: false)
    guard feeds[feed].sample.next > 0 else { return false }
    var other = feeds[feed].sample
    guard append([grow(feed, 2, 30)]) else { return false }
    other.bodySize = 30
    var batch = other.batch(2, salt: 100)
    batch.branch = BranchID(batch.entries[0].id.prefix)
    // Nothing more is written on a feed that parted.
    feeds[feed].isOver = true
    add(feeds[feed].group, isOwn: false)
    return append([(batch, false)])
  }

  // MARK: What goes wrong

  /// A write finds no room; when there is some the store goes on.
  private func fillDisk(_ groups: Int) -> Bool {
    guard let store else { return false }
    disk.fail(
      CallFault(.write, at: chance.number(0...2), .half, .noSpace, isLasting: true),
      as: .script)
    let isStored = append(batches(2...4, groups, bodies: 0...900))
    disk.fail(nil, as: .script)
    guard !isStored, store.state.isResumable else { return false }
    return mend()
  }

  /// There is less room than is to stay free: the entries of others wait.
  private func lowerFloor(_ groups: Int) -> Bool {
    disk.setFree(90_000)
    let isForeignStored = append([grow(pick(groups, isOwn: false), 1, 20)])
    let isOwnStored = append([grow(pick(1, isOwn: true), 1, 20)])
    disk.setFree(nil)
    if isForeignStored { wrong.append("entries of others were stored below the floor") }
    return mend() && isOwnStored
  }

  private func restart() -> Bool { open() }

  /// The process is killed in the midst of a commit, or when it has just begun a segment, and started
  /// again.
  private func kill(_ groups: Int) -> Bool {
    let isBirth = taken[.kill, default: 0] % 2 == 0
    disk.kill(after: isBirth ? 2 : chance.number(0...6))
    append(
      isBirth
        ? [grow(pick(1), 4, chance.number(44_000...50_000))]
        : batches(2...4, groups, bodies: 0...900))
    disk.kill(after: nil)
    return open()
  }

  /// A flush fails for good, and what it should have kept lies in the system's memory alone.
  private func failFlush(_ groups: Int) -> Bool {
    disk.fail(CallFault(.flush, at: 0), as: .script)
    let isStored = append(batches(2...4, groups, bodies: 0...900))
    disk.fail(nil, as: .script)
    guard !isStored, let store, case .failed = store.state else { return false }
    return mend()
  }
}
