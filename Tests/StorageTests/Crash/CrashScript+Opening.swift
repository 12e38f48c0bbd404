import Format
import Platform
import TestSupport

@testable import Storage

/// Starts, and what is done about what fails.
extension CrashScript {
  /// Opens the store, as a start of the node does; false where that fails.
  @discardableResult
  func open() -> Bool {
    (store, locks, isForgetful) = (nil, nil, false)
    let files = HeadLockFiles(state: disk, runtime: nil)
    let promised = files.promise()
    var seen: [(group: GroupID, seen: Seen)] = []
    let damages: [Damage]
    do throws(StorageError) {
      let (opened, report) = try Store.open(disk, Self.settings, first: [], promised: promised) {
        seen.append(($0.group, Seen($0, $1, $2)))
      }
      if let damage = report.damages.first {
        if !mayBeDamaged { wrong.append("damaged: \(damage)") }
        // What cannot be read at this moment is there when it can be.
        if isTroubled { return false }
      }
      (store, damages) = (opened, report.damages)
    } catch {
      return false
    }
    switch book.compare(seen, at: tape.count) {
    case .failure(let found): wrong.append("a start finds: \(found)")
    case .success(let present): found(present)
    }
    do throws(DiskError) {
      begin(try files.read(), damages, files)
    } catch {
      // Where the lock cannot be read nothing own is written.
      isLockBehind = true
    }
    return true
  }

  /// What a start found counts from then on, but for what nobody hears of because it is in memory alone.
  private func found(_ present: [Int: Seen]) {
    guard let store else { return }
    let unsettled = store.unsettled
    // Where anything is not certain the rest is looked at again by the next start.
    guard store.state == .writing, unsettled.isEmpty else { return }
    book.settle(present, at: tape.count)
    for index in book.written.indices where book.written[index].kept == nil {
      let one = book.written[index]
      guard one.gone == tape.count, !one.isCopy else { continue }
      if !owed.contains(where: { $0.batch.last.id == one.batch.last.id }) {
        owed.append((one.batch, one.seen.isOwn))
      }
    }
    owed.removeAll { owed in
      book.written.contains { $0.kept != nil && $0.batch.last.id == owed.batch.last.id }
    }
  }

  private func begin(
    _ reading: HeadLockReading, _ damages: [Damage], _ files: HeadLockFiles
  ) {
    guard let store else { return }
    isLockBehind = true
    counter = max(counter, reading.lock?.counter ?? 0)
    var own: [StartVerdict.OwnFeed] = []
    for feed in feeds where feed.isOwn {
      let place = FeedPlace(feed: feed.sample.feed)
      guard store.index(feed.sample.group)?[place]?.isEmpty == false else { continue }
      own.append(.init(group: feed.sample.group, feed: feed.sample.feed))
    }
    let verdict = StartVerdict(
      lock: reading, now: Self.surroundings, own: own, damaged: Set(damages.map(\.group)),
      doubted: store.doubted(reading.lock?.heads ?? [], damages)
    ) {
      store.presence(of: $0)
    }
    guard store.unsettled.isEmpty, !store.leansOnLock || verdict.newFeeds.isEmpty else { return }
    (locks, heads) = (files, [:])
    for index in feeds.indices where feeds[index].isOwn {
      let sample = feeds[index].sample
      guard let chain = store.index(sample.group)?[FeedPlace(feed: sample.feed)],
        let last = chain.last
      else { continue }
      if verdict.closedFeeds.contains(sample.feed) {
        // A lock that cannot be read at this moment may be taken for an older one.
        if !isTroubled, let known = book.own[sample.feed], known.exposed != nil,
          known.closing == nil
        {
          wrong.append("a start closes feed \(sample.feed), which was gone on with")
        }
        end(index)
      } else {
        heads[sample.feed] = .init(
          group: sample.group, feed: sample.feed, seq: last, id: chain.headID)
      }
    }
    writeLock(andFlush: true)
  }

  static let surroundings = HeadLock.Surroundings(
    machine: Bytes16(1, 1), boot: Bytes16(1, 1), device: 1, inode: 1)

  /// An own feed that is never written again; another takes its place.
  func end(_ index: Int) {
    guard !feeds[index].isOver else { return }
    feeds[index].isOver = true
    owed.removeAll { $0.batch.feed == feeds[index].sample.feed }
    let place = tape.count
    let feed = feeds[index].sample.feed
    let group = feeds[index].sample.group
    var known = book.own[feed] ?? .init(group: group)
    known.closing = known.closing ?? place
    book.own[feed] = known
    add(feeds[index].group, isOwn: true)
  }

  /// Makes good what an earlier step left; whether the store takes writes.
  func mend() -> Bool {
    if store == nil || locks == nil || isForgetful { open() }
    guard let store else { return false }
    if store.state.isResumable, (try? store.resume()) != nil { resumed(store) }
    if case .failed = store.state { open() }
    guard let store = self.store, store.state == .writing else { return false }
    if isLockBehind { writeLock(andFlush: true) }
    guard !owed.isEmpty else { return true }
    let again = owed
    owed = []
    let isStored = append(again)
    return isStored && self.store?.state == .writing
  }

  /// The store took back what was half written and made the rest durable.
  private func resumed(_ store: Store) {
    for index in book.written.indices {
      let one = book.written[index]
      guard one.kept == nil, one.gone == nil, !one.isCopy else { continue }
      if store.index(one.group)?[one.seen.place]?.prefix(one.seen.first) == one.seen.ids[0].prefix {
        book.written[index].kept = tape.count
      } else {
        book.written[index].gone = tape.count
        owed.append((one.batch, one.seen.isOwn))
      }
    }
  }
}
