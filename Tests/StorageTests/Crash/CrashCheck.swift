import Format
import Platform
import TestSupport

@testable import Storage

/// Opens what a power cut left, and says what is wrong with what is found there.
struct CrashCheck {
  let book: CrashBook
  /// Whether a damage may be told of: only where reading failed once.
  var mayBeDamaged = false

  /// What one opening found.
  private struct Found {
    let store: Store
    let report: RecoveryReport
    let seen: [(group: GroupID, seen: Seen)]
    let lock: HeadLockReading
  }

  /// Looks at an image of a place of the tape: opens it, cuts the power once more in the midst of
  /// that and after it, opens what is left of it, and goes on writing. Nil where all is as it must be.
  func look(at image: DiskImage, place: Int, _ chance: inout SeededGenerator) -> Wrong? {
    do {
      let tape = DiskTape()
      let first = try open(RecordingDisk(MemoryDisk(image), tape: tape))
      let present = try accept(first, at: place)
      try checkSmallFiles(MemoryDisk(image), at: place)
      try checkErased(image, [:], at: place)
      var cut = PowerCut(tape.events, from: [image])
      cut.advance(to: chance.number(0...tape.count))
      let middle = Leftover.drawn(chance.next()).images(of: cut)[0]
      _ = try accept(open(MemoryDisk(middle)), at: place)
      cut.advance(to: tape.count)
      let settled = Leftover.nothing.images(of: cut)[0]
      try checkErased(settled, present, at: place)
      try openAgain(settled, present, at: place)
      return nil
    } catch let wrong as Wrong {
      return wrong
    } catch {
      return Wrong("\(error)")
    }
  }

  /// What a start made of an image: another one finds the same, changes nothing, and goes on.
  private func openAgain(_ settled: DiskImage, _ present: [Int: Seen], at place: Int) throws {
    let memory = MemoryDisk(settled)
    let tape = DiskTape()
    let second = try open(RecordingDisk(memory, tape: tape))
    guard second.report.cuts.isEmpty else { throw Wrong("a second start cuts something off") }
    guard try accept(second, at: place) == present else {
      throw Wrong("a second start finds something else")
    }
    guard memory.files == settled.files.mapValues(\.bytes) else {
      throw Wrong("a second start changes something")
    }
    let added = try goOn(second, present, at: place)
    var cut = PowerCut(tape.events, from: [settled])
    cut.advance(to: tape.count)
    let third = try open(MemoryDisk(Leftover.nothing.images(of: cut)[0]))
    guard mayBeDamaged || third.report.damages.isEmpty, third.report.cuts.isEmpty else {
      throw Wrong("what was written behind is damaged")
    }
    let all = Dictionary(grouping: second.seen + added, by: \.group).mapValues { $0.map(\.seen) }
    guard Dictionary(grouping: third.seen, by: \.group).mapValues({ $0.map(\.seen) }) == all else {
      throw Wrong("what was written behind is not there")
    }
  }

  /// Starts from an image while one call fails, and once more when none does. What was handed over and
  /// not named as unsettled is durable; and whatever the first start made of it, nothing is lost.
  func start(
    from image: DiskImage, place: Int, failing fault: CallFault, _ chance: inout SeededGenerator
  ) -> Wrong? {
    do {
      let memory = MemoryDisk(image)
      let tape = DiskTape()
      let disk = RecordingDisk(memory, tape: tape)
      disk.fail(fault)
      let troubled = try? open(disk)
      disk.fail(nil)
      var cut = PowerCut(tape.events, from: [image])
      cut.advance(to: tape.count)
      let durable = try open(MemoryDisk(Leftover.nothing.images(of: cut)[0]))
      _ = try accept(durable, at: place)
      if let troubled { try checkSettled(troubled, durable) }
      let other = Leftover.drawn(chance.next()).images(of: cut)[0]
      _ = try accept(open(MemoryDisk(other)), at: place)
      // Without a power cut: what the system holds in its memory counts.
      _ = try accept(open(disk), at: place)
      return nil
    } catch let wrong as Wrong {
      return wrong
    } catch {
      return Wrong("\(error)")
    }
  }

  /// Whatever a start handed over lasts, unless it named it.
  private func checkSettled(_ troubled: Found, _ durable: Found) throws {
    let lasting = Set(durable.seen.map(\.seen))
    for (group, seen) in troubled.seen {
      let isNamed = troubled.store.unsettled.contains {
        $0.group == group && $0.place == seen.place && $0.from <= seen.first
      }
      if !isNamed, !lasting.contains(seen) {
        throw Wrong("\(seen.place.feed):\(seen.first) was handed over and does not last")
      }
    }
  }

  /// How often a start from an image makes each kind of call.
  static func calls(from image: DiskImage) -> [DiskError.Operation: Int] {
    let disk = RecordingDisk(MemoryDisk(image), tape: DiskTape())
    _ = try? CrashCheck(book: CrashBook()).open(disk)
    return disk.calls
  }

  private func open(_ disk: any Disk) throws -> Found {
    let promised = HeadLockFiles(state: disk, runtime: nil).promise()
    let lock = try HeadLockFiles(state: disk, runtime: nil).read()
    var seen: [(group: GroupID, seen: Seen)] = []
    let (store, report) = try Store.open(
      disk, CrashScript.settings, first: [], promised: promised
    ) { seen.append(($0.group, Seen($0, $1, $2))) }
    return Found(store: store, report: report, seen: seen, lock: lock)
  }

  /// Stores what was not kept, as one that sends it again would do, and more in every group.
  private func goOn(
    _ found: Found, _ present: [Int: Seen], at place: Int
  ) throws -> [(group: GroupID, seen: Seen)] {
    var batches = book.written.indices.filter { index in
      let one = book.written[index]
      return !one.isCopy && book.standing(one, at: place) == .may && present[index] == nil
    }.map { book.written[$0].batch }
    for (number, group) in found.store.groups.enumerated() {
      var feed = SampleFeed(in: group, nonce: UInt8(250 - number))
      batches.append(feed.batch(2))
      feed.bodySize = 700
      batches.append(feed.batch(1))
    }
    guard !batches.isEmpty else { return [] }
    try found.store.append(batches, arrival: 9_000)
    guard found.store.damages.isEmpty else {
      throw Wrong("what is written behind does not fit: \(found.store.damages[0])")
    }
    return batches.map { ($0.group, Seen($0, false, 9_000)) }
  }

  /// What holds of every opening: nothing is damaged, all is as it was written, and the store writes.
  private func accept(_ found: Found, at place: Int) throws -> [Int: Seen] {
    if !mayBeDamaged, let damage = found.report.damages.first {
      throw Wrong("damaged: \(damage)")
    }
    if let stranger = found.report.strangers.first { throw Wrong("a stranger: \(stranger)") }
    guard found.store.state == .writing, found.store.unsettled.isEmpty else {
      throw Wrong("\(found.store.state)")
    }
    let present = try book.compare(found.seen, at: place).get()
    try checkLock(found, at: place)
    return present
  }

  /// The head lock knows no more than the log, and closes no feed that is gone on with.
  private func checkLock(_ found: Found, at place: Int) throws {
    for head in found.lock.lock?.heads ?? [] where found.store.presence(of: head) != .held {
      throw Wrong("the head lock knows \(head.feed):\(head.seq) and the log does not")
    }
    let own = book.own.compactMap { feed, known -> StartVerdict.OwnFeed? in
      found.store.index(known.group)?[FeedPlace(feed: feed)]?.isEmpty == false
        ? .init(group: known.group, feed: feed) : nil
    }
    let verdict = StartVerdict(
      lock: found.lock, now: CrashScript.surroundings, own: own,
      damaged: Set(found.report.damages.map(\.group)),
      doubted: found.store.doubted(found.lock.lock?.heads ?? [], found.report.damages)
    ) {
      found.store.presence(of: $0)
    }
    for (feed, known) in book.own {
      let isClosed = verdict.closedFeeds.contains(feed)
      // A torn end is kept where the lock could not be read at a start, and may have been more of it.
      if mayBeDamaged, verdict.newFeeds[known.group] == .logUnread { continue }
      if let exposed = known.exposed, exposed <= place, isClosed,
        known.closing.map({ $0 >= place }) ?? true
      {
        throw Wrong("the own feed \(feed) is closed, which was gone on with")
      }
      if let closed = known.closed, closed <= place, !isClosed,
        own.contains(where: { $0.feed == feed })
      {
        throw Wrong("the own feed \(feed) is open, which was closed")
      }
    }
  }

  /// A file that is replaced as a whole is one of its versions, and none older than the last that was kept.
  private func checkSmallFiles(_ disk: any Disk, at place: Int) throws {
    let begun = book.delivered.filter { $0.from < place }
    let kept = begun.lastIndex { $0.done.map { $0 <= place } ?? false }
    guard try disk.status(at: DeliveredFile.path) != nil else {
      if kept != nil { throw Wrong("the file \"delivered\" is gone") }
      return
    }
    let bytes = try disk.readWhole(DeliveredFile.path, limit: DeliveredFile.sizeMax)
    guard begun[(kept ?? 0)...].contains(where: { $0.bytes == bytes }) else {
      throw Wrong("the file \"delivered\" is none that was written, or an old one")
    }
  }

  private func checkErased(_ image: DiskImage, _ present: [Int: Seen], at place: Int) throws {
    let wrong = book.compareErased(image, at: place) { index, entry in
      guard let seen = present[index] else { return false }
      return seen.bodies[entry] == nil
    }
    if let wrong { throw wrong }
  }
}
