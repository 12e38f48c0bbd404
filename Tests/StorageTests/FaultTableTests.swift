import Format
import Platform
import TestSupport
import Testing

@testable import Storage

/// Each write, flush, creation and truncation of a script x {failed, failed but persisted, torn},
/// then a crash x {all lost, all kept, torn, reordered}: what was acknowledged is there, what was
/// not is there whole or not at all, and the store goes on.
struct FaultTableTests {
  /// What the script stores: two logs, one of them over several segments.
  private struct Script {
    let settings = StoreSettings.testing(segmentBytesMax: 300_000)
    let commits: [[Batch]]
    let groups: [GroupID]

    init() {
      var a = SampleFeed(nonce: 1, bodySize: 60_000)
      var b = SampleFeed(nonce: 2)
      var c = SampleFeed(in: a.group, nonce: 3)
      groups = [a.group, b.group]
      commits = [
        [a.batch(2)], [b.batch(3), c.batch(1)], [a.batch(3), b.batch(1)],
        [a.batch(1), a.batch(1)], [c.batch(2), b.batch(2)],
      ]
    }

    /// Runs it until a fault; returns how many commits were acknowledged.
    func run(_ disk: MemoryDisk) -> Int {
      guard let (store, _, _) = try? open(disk, settings) else { return 0 }
      var done = 0
      for commit in commits {
        guard (try? store.append(commit)) != nil else { break }
        done += 1
      }
      return done
    }

    /// What a log holds after so many commits.
    func expected(_ done: Int, _ group: GroupID) -> [Seen] {
      commits[..<done].flatMap { $0 }.filter { $0.group == group }.map { Seen($0, false, 5) }
    }
  }

  private func check(
    _ script: Script, _ disk: MemoryDisk, done: Int, _ comment: Comment
  ) throws {
    let (store, report, _) = try open(disk, script.settings)
    #expect(report.damages.isEmpty, comment)
    #expect(store.state == .writing, comment)
    for group in script.groups {
      let seen = try seen(disk, script, group)
      let all = script.expected(script.commits.count, group)
      #expect(seen == Array(all.prefix(seen.count)), comment)
      #expect(seen.count >= script.expected(done, group).count, comment)
    }
    // A second opening finds the same and has nothing left to do, and the log goes on.
    let (again, second, _) = try open(disk, script.settings)
    #expect(second.cuts.isEmpty && second.damages.isEmpty, comment)
    #expect(second.records == report.records, comment)
    var feed = SampleFeed(in: script.groups[0], nonce: 99)
    let batch = feed.batch(2)
    try again.append([batch])
    #expect(try seen(disk, script, script.groups[0]).last == Seen(batch, false, 5), comment)
  }

  private func seen(_ disk: MemoryDisk, _ script: Script, _ group: GroupID) throws -> [Seen] {
    var seen: [Seen] = []
    let (_, _) = try StoreView.open(readOnly: disk, first: []) { batch, _, isOwn, arrival in
      if batch.group == group { seen.append(Seen(batch, isOwn, arrival)) }
    }
    return seen
  }

  @Test(arguments: MemoryDisk.Crash.allCases)
  func `whatever fails, what was acknowledged survives`(_ crash: MemoryDisk.Crash) throws {
    let script = Script()
    let healthy = MemoryDisk()
    #expect(script.run(healthy) == script.commits.count)
    try check(script, healthy.crashed(crash), done: script.commits.count, "no fault")
    var faults = 0
    for at in 0..<healthy.operations {
      for effect in MemoryDisk.Effect.allCases {
        let disk = MemoryDisk()
        disk.fail(.init(at: at, effect: effect, error: .inputOutput))
        let done = script.run(disk)
        faults += done < script.commits.count ? 1 : 0
        disk.fail(nil)
        try check(
          script, disk.crashed(crash), done: done, "operation \(at), \(effect), \(crash)")
      }
    }
    // Reserving room is the one operation whose failure costs nothing.
    #expect(faults > healthy.operations * 2)
  }

  @Test(arguments: MemoryDisk.Crash.allCases)
  func `recovery itself may be cut off at any point`(_ crash: MemoryDisk.Crash) throws {
    let script = Script()
    for stop in [12, 20, 27, 33] {
      let first = MemoryDisk()
      first.fail(.init(at: stop, effect: .torn, error: .inputOutput))
      let done = script.run(first)
      let image = first.crashed(.torn).files
      let healthy = MemoryDisk(files: image)
      _ = try open(healthy, script.settings)
      for at in 0..<healthy.operations {
        let disk = MemoryDisk(files: image)
        disk.fail(.init(at: at, effect: .torn, error: .inputOutput, isLasting: true))
        _ = try open(disk, script.settings)
        try check(
          script, disk.crashed(crash), done: done, "stop \(stop), operation \(at), \(crash)")
      }
    }
  }

  @Test(arguments: MemoryDisk.Crash.allCases)
  func `a kill at any point, then a power cut, takes nothing that was acknowledged`(
    _ crash: MemoryDisk.Crash
  ) throws {
    let script = Script()
    let healthy = MemoryDisk()
    #expect(script.run(healthy) == script.commits.count)
    for at in 0..<healthy.operations {
      for effect in [MemoryDisk.Effect.failed, .torn] {
        let disk = MemoryDisk()
        // Whoever is killed does nothing more.
        disk.fail(.init(at: at, effect: effect, error: .inputOutput, isLasting: true))
        let done = script.run(disk)
        let next = disk.killed()
        let (store, _, _) = try open(next, script.settings)
        for (number, commit) in script.commits.enumerated() {
          let missing = commit.filter {
            store.index($0.group)?[FeedPlace(feed: $0.feed)]?.next ?? 0 <= $0.first
          }
          #expect(missing.isEmpty || number >= done)
          try store.append(missing)
        }
        try check(
          script, next.crashed(crash), done: script.commits.count,
          "killed at operation \(at), \(effect), \(crash)")
      }
    }
  }

  @Test func `what cannot be made durable again at a start is named, so that nobody hears of it`()
    throws
  {
    let script = Script()
    let healthy = MemoryDisk()
    _ = script.run(healthy)
    var (withheld, followed) = (0, 0)
    for at in 0..<healthy.operations {
      let disk = MemoryDisk()
      disk.fail(.init(at: at, effect: .failed, error: .inputOutput, isLasting: true))
      _ = script.run(disk)
      for (later, error) in [(0, SystemError.inputOutput), (3, .inputOutput), (0, .readOnly)] {
        let next = disk.killed()
        next.fail(.init(at: later, effect: .failed, error: error, isLasting: true))
        var seen: [(group: GroupID, seen: Seen)] = []
        let (store, _) = try Store.open(next, script.settings, first: []) {
          seen.append(($0.group, Seen($0, $1, $2)))
        }
        let unsettled = store.unsettled
        var durable: Set<Seen> = []
        for group in script.groups {
          durable.formUnion(try self.seen(next.crashed(.lost), script, group))
        }
        for end in unsettled {
          #expect(try store.packed(end.group, end.place, from: end.from, bytesMax: .max) == nil)
          guard end.from > 0,
            let before = try store.packed(end.group, end.place, from: end.from - 1, bytesMax: .max)
          else { continue }
          let head = try BatchHead(decoding: before, at: 16)
          #expect(head.first + UInt32(head.count) == end.from, "operation \(at), then \(later)")
          followed += 1
        }
        for one in seen {
          let isNamed = unsettled.contains {
            $0.group == one.group && $0.place == one.seen.place && $0.from <= one.seen.first
          }
          withheld += isNamed ? 1 : 0
          #expect(isNamed || durable.contains(one.seen), "operation \(at), then \(later)")
        }
      }
    }
    #expect(withheld > 0 && followed > 0)
    #expect(try open(healthy, script.settings).store.unsettled.isEmpty)
  }

  @Test func `too few open files or too little memory end storing only until there is more`() throws
  {
    for error in [SystemError.tooManyFiles, .tooManyFilesOnComputer, .noMemory] {
      var (a, b) = (SampleFeed(nonce: 1), SampleFeed(nonce: 2))
      let disk = MemoryDisk()
      let (store, _, _) = try open(disk)
      try store.append([a.batch(1)])
      let batch = b.batch(2)
      // The directory of the log is there; its first file cannot be made.
      disk.fail(.init(at: disk.operations + 2, effect: .failed, error: error))
      #expect(throws: StorageError.self) { try store.append([batch]) }
      guard case .exhausted = store.state else {
        Issue.record("the store is \(store.state)")
        continue
      }
      try store.resume()
      try store.append([batch])
      #expect(try open(disk.crashed(.lost)).report.entries == 3)
    }
  }

  @Test func `a lack of open files that lasts ends storing only until it is over`() throws {
    let script = Script()
    let healthy = MemoryDisk()
    _ = script.run(healthy)
    var lacks = 0
    for at in 0..<healthy.operations {
      // While it runs, and at a start that finds something to settle.
      for killedAt in [nil, at - 1] {
        var disk = MemoryDisk()
        disk.exhaust(.tooManyFiles, from: at)
        if let killedAt {
          disk.exhaust(nil)
          disk.fail(.init(at: killedAt, effect: .torn, error: .inputOutput, isLasting: true))
          _ = script.run(disk)
          disk = disk.killed()
          disk.exhaust(.tooManyFiles, from: 1)
        }
        let (store, _, _) = try open(disk, script.settings)
        for commit in script.commits {
          let missing = commit.filter {
            store.index($0.group)?[FeedPlace(feed: $0.feed)]?.next ?? 0 <= $0.first
          }
          guard !missing.isEmpty, (try? store.append(missing)) == nil else { continue }
          lacks += 1
          try #require(isExhausted(store), "operation \(at): the store is \(store.state)")
          #expect(throws: StorageError.self) { try store.resume() }
          try #require(isExhausted(store), "operation \(at), resumed: \(store.state)")
          disk.exhaust(nil)
          try store.resume()
          try store.append(missing)
        }
        disk.exhaust(nil)
        // What a start could not settle yet.
        try store.resume()
        try check(
          script, disk.crashed(.lost), done: script.commits.count,
          "operation \(at), killed at \(killedAt ?? -1)")
      }
    }
    #expect(lacks > healthy.operations)
  }

  private func isExhausted(_ store: Store) -> Bool {
    if case .exhausted = store.state { return true }
    return false
  }

  @Test func `a failed flush is final until the next start`() throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    try store.append([feed.batch(1)])
    let flush = disk.operations + 1
    disk.fail(.init(at: flush, effect: .failedButPersisted, error: .inputOutput))
    #expect(throws: StorageError.self) { try store.append([feed.batch(1)]) }
    guard case .failed(let error) = store.state else {
      Issue.record("the store is \(store.state)")
      return
    }
    #expect(error.operation == .flush && !store.state.isResumable)
    let before = disk.operations
    #expect(throws: StorageError.notWriting(store.state)) { try store.resume() }
    #expect(throws: StorageError.notWriting(store.state)) { try store.append([feed.batch(1)]) }
    #expect(disk.operations == before)
    // What was written is written and flushed again before anybody hears of it.
    let (again, report, seen) = try open(disk)
    #expect(seen.count == 2 && report.cuts.isEmpty && again.state == .writing)
    #expect(try open(disk.crashed(.lost)).seen == seen)
  }

  @Test func `a full disk says so, loses nothing and goes on when there is room`() throws {
    var feed = SampleFeed(nonce: 1, bodySize: 3_000)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    try store.append([feed.batch(2)])
    let whole = disk.files
    for room in stride(from: 8_000, to: 140_000, by: 11_000) {
      disk.limit(room: room)
      var copy = feed
      var stored = 0
      while true {
        let batch = copy.batch(10)
        let stale = store.prepare(batch, isOwn: true, arrival: 5)
        do {
          try store.append([batch])
          stored += 1
        } catch {
          #expect(!store.state.isResumable == false)
          #expect(throws: StorageError.notWriting(store.state)) { try store.append([batch]) }
          disk.limit(room: .max)
          try store.resume()
          var jobs = [stale]
          #expect(throws: StorageError.stale) { try store.writer.perform(&jobs) }
          try store.append([batch])
          break
        }
        feed = copy
      }
      feed = copy
      #expect(try open(disk.crashed(.lost)).report.entries == Int(feed.next), "room \(room)")
    }
    #expect(disk.files.count == whole.count)
  }

  @Test func `a full disk at a log's first entry leaves no trace after it has room again`() throws {
    for at in 0..<8 {
      var (a, b) = (SampleFeed(nonce: 1), SampleFeed(nonce: 2))
      let disk = MemoryDisk()
      let (store, _, _) = try open(disk)
      try store.append([a.batch(1)])
      disk.fail(.init(at: disk.operations + at, effect: .torn, error: .noSpace))
      let batch = b.batch(2)
      let more = a.batch(1)
      do {
        try store.append([more, batch])
      } catch {
        disk.fail(nil)
        guard store.state.isResumable else {
          #expect(error == .notWriting(store.state) || "\(error)".contains("flush"))
          continue
        }
        try store.resume()
        try store.append([more, batch])
      }
      let (_, report, seen) = try open(disk.crashed(.lost))
      #expect(report.damages.isEmpty && report.cuts.isEmpty && seen.count == 3, "operation \(at)")
    }
  }

  @Test func `a read-only disk is read and says what it is`() throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    do {
      let (store, _, _) = try open(disk)
      try store.append([feed.batch(3)])
    }
    disk.setReadOnly(true)
    let (store, _, seen) = try open(disk)
    #expect(seen.count == 1)
    guard case .readOnly = store.state else {
      Issue.record("the store is \(store.state)")
      return
    }
    let place = FeedPlace(feed: feed.feed)
    #expect(try store.entry(feed.group, place, 0).entry.seq == 0)
    // Nobody knows what of it lasts.
    #expect(try store.packed(feed.group, place, from: 0, bytesMax: .max) == nil)
    let batch = feed.batch(1)
    #expect(throws: StorageError.notWriting(store.state)) { try store.append([batch]) }
    disk.setReadOnly(false)
    try store.resume()
    #expect(try store.packed(feed.group, place, from: 0, bytesMax: .max) != nil)
    try store.append([batch])
    #expect(try open(disk.crashed(.lost)).report.entries == 4)
  }
}
