import Format
import Platform
import TestSupport
import Testing

@testable import Storage

/// The head lock: its table, its bytes and its files.
struct HeadLockTests {
  private let group = GroupID(Bytes32([UInt8](repeating: 3, count: 32)) ?? Bytes32())
  private let other = GroupID(Bytes32([UInt8](repeating: 4, count: 32)) ?? Bytes32())

  private func place(
    machine: UInt64 = 1, boot: UInt64 = 1, device: UInt64 = 1, inode: UInt64 = 1
  ) -> HeadLock.Surroundings {
    HeadLock.Surroundings(
      machine: Bytes16(0, machine), boot: Bytes16(0, boot), device: device, inode: inode)
  }

  private func lock(_ surroundings: HeadLock.Surroundings, counter: UInt64 = 7) -> HeadLock {
    let id = EntryID(Bytes32([UInt8](repeating: 9, count: 32)) ?? Bytes32())
    return HeadLock(
      counter: counter, surroundings: surroundings,
      heads: [.init(group: group, feed: FeedID(Bytes16(5, 5)), seq: 41, id: id)])
  }

  @Test func `every combination of what a start finds has the verdict of the table`() {
    for machine in [0, 1, 2] as [UInt64] {
      for boot in [0, 1, 2] as [UInt64] {
        for device in [1, 2] as [UInt64] {
          for inode in [1, 2] as [UInt64] {
            for (presence, isMore) in StartVerdict.Presence.allCases.flatMap({
              [($0, false), ($0, true)]
            }) {
              let verdict = StartVerdict(
                lock: .init(lock(place())),
                now: place(machine: machine, boot: boot, device: device, inode: inode),
                own: [.init(group: other, feed: FeedID(Bytes16(6, 6)))], damaged: [other],
                doubted: isMore ? Set(lock(place()).heads) : []
              ) { _ in presence }
              #expect(verdict.isOtherMachine == (machine == 2))
              #expect(verdict.asksFirst == (boot != 1))
              let isCopied = inode == 2 || (boot == 1 && device == 2)
              let expected: [GroupID: StartVerdict.Reason] =
                switch (isCopied, presence) {
                case (true, _): [group: .copied, other: .copied]
                case (false, .held): isMore ? [group: .logUnread] : [:]
                case (false, .missing): [group: .logShorter]
                case (false, .other): [group: .otherEntry]
                }
              #expect(verdict.newFeeds == expected)
            }
          }
        }
      }
    }
  }

  @Test func `without a lock only an empty log may be gone on with`() {
    let fresh = StartVerdict(
      lock: .init(nil), now: place(), own: [], damaged: [], doubted: []
    ) { _ in .missing }
    #expect(!fresh.isOtherMachine && fresh.newFeeds.isEmpty && !fresh.asksFirst)
    let old = StartVerdict(
      lock: .init(nil), now: place(), own: [.init(group: group, feed: FeedID(Bytes16(5, 5)))],
      damaged: [], doubted: []
    ) { _ in .held }
    #expect(old.newFeeds == [group: .lockMissing] && old.asksFirst)
    #expect(old.closedFeeds == [FeedID(Bytes16(5, 5))])
  }

  @Test func `an own feed that the lock does not name stays closed`() {
    let (open, closed) = (FeedID(Bytes16(5, 5)), FeedID(Bytes16(6, 6)))
    let own: [StartVerdict.OwnFeed] = [
      .init(group: group, feed: open), .init(group: group, feed: closed),
    ]
    let good = StartVerdict(
      lock: .init(lock(place())), now: place(), own: own, damaged: [], doubted: []
    ) { _ in
      .held
    }
    #expect(good.newFeeds.isEmpty && good.closedFeeds == [closed])
    let shorter = StartVerdict(
      lock: .init(lock(place())), now: place(), own: own, damaged: [], doubted: []
    ) {
      _ in .missing
    }
    #expect(shorter.newFeeds == [group: .logShorter] && shorter.closedFeeds == [open, closed])
  }

  @Test func `a lock comes back from its bytes, and no broken one does`() {
    let bytes = lock(place(machine: 8, boot: 9, device: 10, inode: 11)).encode()
    #expect(
      HeadLock(decoding: bytes) == lock(place(machine: 8, boot: 9, device: 10, inode: 11)))
    #expect(HeadLock(decoding: bytes + [1, 2, 3]) != nil)
    for count in 0..<bytes.count { #expect(HeadLock(decoding: Array(bytes[..<count])) == nil) }
    for bit in 0..<bytes.count * 8 {
      var broken = bytes
      broken[bit / 8] ^= 1 << (bit % 8)
      #expect(HeadLock(decoding: broken) == nil)
    }
  }

  @Test func `of several copies the newest whole one counts, whatever a crash did`() throws {
    for crash in MemoryDisk.Crash.allCases {
      for count in 1...9 {
        let (state, runtime) = (MemoryDisk(), MemoryDisk())
        let files = HeadLockFiles(state: state, runtime: runtime)
        #expect(try files.read().lock == nil)
        var flushed: UInt64 = 0
        for counter in 1...UInt64(count) {
          try files.write(lock(place(), counter: counter))
          if counter % 3 == 0 {
            try files.flush(lock(place(), counter: counter))
            flushed = counter
          }
        }
        let after = HeadLockFiles(state: state.crashed(crash), runtime: nil)
        let found = try after.read().lock
        #expect((found?.counter ?? 0) >= flushed, "\(crash), \(count)")
        #expect((found?.counter ?? 0) <= UInt64(count))
        let running = HeadLockFiles(state: MemoryDisk(), runtime: runtime)
        #expect(try running.read().lock?.counter == UInt64(count))
      }
    }
  }

  @Test func `a flush that is torn never takes the one before it along`() throws {
    for crash in MemoryDisk.Crash.allCases {
      for count in 1...6 {
        let state = MemoryDisk()
        let files = HeadLockFiles(state: state, runtime: nil)
        _ = try files.read()
        for counter in 1...UInt64(count) { try files.flush(lock(place(), counter: counter * 2)) }
        state.fail(
          .init(at: state.operations, effect: .torn, error: .inputOutput, isLasting: true))
        #expect(throws: DiskError.self) {
          try files.flush(lock(place(), counter: UInt64(count + 1) * 2))
        }
        let after = HeadLockFiles(state: state.crashed(crash), runtime: nil)
        #expect(try after.read().lock?.counter == UInt64(count) * 2, "\(crash), \(count)")
        // A reopened lock does not overwrite the newest either.
        let again = state.crashed(crash)
        let reopened = HeadLockFiles(state: again, runtime: nil)
        _ = try reopened.read()
        again.fail(.init(at: 0, effect: .torn, error: .inputOutput, isLasting: true))
        _ = try? reopened.flush(lock(place(), counter: 99))
        let last = HeadLockFiles(state: again.crashed(.torn), runtime: nil)
        #expect(try last.read().lock?.counter == UInt64(count) * 2, "\(crash), \(count)")
      }
    }
  }

  @Test func `a file of the lock lasts though whoever made it was killed before its name did`()
    throws
  {
    for before in 0...1 {
      let made = MemoryDisk()
      let first = HeadLockFiles(state: made, runtime: nil)
      _ = try first.read()
      for _ in 0..<before { try first.flush(lock(place(), counter: 2)) }
      // The file is made, and its directory not flushed.
      made.fail(
        .init(at: made.operations + 1, effect: .failed, error: .inputOutput, isLasting: true))
      #expect(throws: DiskError.self) { try first.flush(lock(place(), counter: 4)) }
      let state = made.killed()
      let second = HeadLockFiles(state: state, runtime: nil)
      _ = try second.read()
      try second.flush(lock(place(), counter: 6))
      let after = HeadLockFiles(state: state.crashed(.lost), runtime: nil)
      #expect(try after.read().lock?.counter == 6, "\(before) flushed before")
    }
  }

  @Test func `a file of the lock that is bad for good does not block the whole ones`() throws {
    let state = MemoryDisk()
    let files = HeadLockFiles(state: state, runtime: nil)
    _ = try files.read()
    try files.flush(lock(place(), counter: 2))
    try files.write(lock(place(), counter: 5))
    func promised(_ state: MemoryDisk) -> [UInt32]? {
      guard case .heads(let heads) = HeadLockFiles(state: state, runtime: nil).promise() else {
        return nil
      }
      return heads.map(\.seq)
    }
    #expect(promised(state) == [41] && promised(MemoryDisk()) == [])
    let latest = DiskPath.root.appending("heads-now")
    let bad = state.cloned()
    bad.failReads(of: latest)
    #expect(try HeadLockFiles(state: bad, runtime: nil).read().lock?.counter == 2)
    #expect(promised(bad) == nil, "what it said may be anything")
    #expect(try HeadLockFiles(state: bad, runtime: state).read().lock?.counter == 5)
    var long = state.files
    long[latest] = [UInt8](repeating: 1, count: HeadLock.sizeMax + 1)
    let tooLong = MemoryDisk(files: long)
    #expect(try HeadLockFiles(state: tooLong, runtime: nil).read().lock?.counter == 2)
    // What may pass is no answer.
    state.exhaust(.tooManyFiles)
    #expect(throws: DiskError.self) { try HeadLockFiles(state: state, runtime: nil).read() }
    #expect(promised(state) == nil)
  }

  /// The two flushed files and the latest, with rising counters, and which of them cannot be read.
  private func reading(_ bad: Set<Int>, boot: UInt64) -> HeadLockReading {
    let found = (0..<3).map { number -> HeadLockFiles.Found in
      bad.contains(number)
        ? .bad : .lock(lock(place(boot: boot), counter: UInt64(number) + 1))
    }
    return HeadLockReading(flushed: Array(found[..<2]), latest: [found[2]])
  }

  @Test func `where the newest lock may be one that could not be read, it may have known more`() {
    let own: [StartVerdict.OwnFeed] = [
      .init(group: group, feed: FeedID(Bytes16(5, 5))),
      .init(group: other, feed: FeedID(Bytes16(6, 6))),
    ]
    for boot in [0, 1, 2] as [UInt64] {
      for bad in [[], [0], [1], [2], [0, 2], [1, 2]] as [Set<Int>] {
        for damaged in [[], [group]] as [Set<GroupID>] {
          let verdict = StartVerdict(
            lock: reading(bad, boot: boot), now: place(), own: own, damaged: damaged,
            doubted: []
          ) { _ in .held }
          // The latest one of this start of the kernel is the newest of all.
          let isCertain = bad.isEmpty || !bad.contains(2) && boot == 1
          let isFlushedWhole = bad.isSubset(of: [2])
          let expected: Set<GroupID> =
            isCertain ? [] : isFlushedWhole ? damaged : [group, other]
          #expect(Set(verdict.newFeeds.keys) == expected, "\(bad), boot \(boot)")
          #expect(verdict.newFeeds.values.allSatisfy { $0 == .lockUnread })
          #expect(verdict.closedFeeds.contains(FeedID(Bytes16(5, 5))) == expected.contains(group))
        }
      }
    }
  }

  @Test(arguments: ["heads-0", "heads-1", "heads-now"] as [FileName])
  func `a file of the lock that cannot be read is replaced when it is written next`(
    name: FileName
  ) throws {
    let path = DiskPath.root.appending(name)
    func begun() throws -> MemoryDisk {
      let state = MemoryDisk()
      let files = HeadLockFiles(state: state, runtime: nil)
      _ = try files.read()
      for counter in [2, 4, 6] as [UInt64] { try files.flush(lock(place(), counter: counter)) }
      try files.write(lock(place(), counter: 7))
      return state
    }
    func goOn(_ state: MemoryDisk) throws {
      let files = HeadLockFiles(state: state, runtime: nil)
      #expect(try !files.read().isWhole)
      for counter in [10, 12] as [UInt64] {
        try files.write(lock(place(), counter: counter))
        try files.flush(lock(place(), counter: counter + 1))
      }
    }
    func check(_ state: MemoryDisk) throws {
      let reading = try HeadLockFiles(state: state, runtime: nil).read()
      #expect(reading.isWhole && reading.lock?.counter == 13)
    }
    let sector = try begun()
    sector.failReads(of: path)
    // Whatever fails of the replacing, the bad file says until then that there was something.
    for at in 0..<24 {
      let torn = sector.killed()
      torn.fail(.init(at: at, effect: .torn, error: .inputOutput, isLasting: true))
      if (try? goOn(torn)) != nil { break }
      let after = try HeadLockFiles(state: torn.crashed(.lost), runtime: nil).read()
      #expect(!after.isWhole || after.lock?.counter ?? 0 >= 10, "\(at)")
    }
    try goOn(sector)
    try check(sector)
    var files = try begun().files
    files[path] = [UInt8](repeating: 1, count: HeadLock.sizeMax + 1)
    let long = MemoryDisk(files: files)
    try goOn(long)
    try check(long)
  }

  @Test func `a file of the lock whose sector goes bad while it is used is replaced`() throws {
    for name in ["heads-0", "heads-now"] as [FileName] {
      let state = MemoryDisk()
      let files = HeadLockFiles(state: state, runtime: nil)
      _ = try files.read()
      for counter in [2, 4] as [UInt64] {
        try files.write(lock(place(), counter: counter))
        try files.flush(lock(place(), counter: counter))
      }
      state.failReads(of: .root.appending(name))
      #expect(throws: DiskError.self) {
        try files.write(lock(place(), counter: 6))
        try files.flush(lock(place(), counter: 6))
      }
      files.letGo()
      try files.write(lock(place(), counter: 8))
      try files.flush(lock(place(), counter: 8))
      let reading = try HeadLockFiles(state: state.crashed(.lost), runtime: nil).read()
      #expect(reading.isWhole && reading.lock?.counter == 8)
    }
  }

  @Test func `a log put back to an earlier state is noticed`() throws {
    var feed = SampleFeed(nonce: 1)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    try store.append([feed.batch(2)], isOwn: true)
    let backup = disk.files
    let batch = feed.batch(1)
    try store.append([batch], isOwn: true)
    let head = HeadLock.Head(
      group: feed.group, feed: feed.feed, seq: batch.last.seq, id: batch.last.id)
    #expect(store.presence(of: head) == .held)
    let (restored, _, _) = try open(MemoryDisk(files: backup))
    #expect(restored.presence(of: head) == .missing)
    let liar = HeadLock.Head(group: feed.group, feed: feed.feed, seq: 1, id: batch.last.id)
    #expect(restored.presence(of: liar) == .other)
  }

  @Test
  func
    `a damage may have taken what followed a head where it names its feed or lies behind`()
    throws
  {
    var own = SampleFeed(nonce: 1)
    var theirs = SampleFeed(in: own.group, nonce: 2)
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    var heads: [HeadLock.Head] = []
    for _ in 0..<3 {
      try store.append([theirs.batch(1)])
      let batch = own.batch(1)
      try store.append([batch], isOwn: true)
      heads.append(
        .init(group: own.group, feed: own.feed, seq: batch.last.seq, id: batch.last.id))
    }
    let index = try #require(store.index(own.group))
    func places(_ feed: FeedID) -> [RecordPlace] {
      index[FeedPlace(feed: feed)]?.pieces.map(\.place) ?? []
    }
    /// Which heads may have been followed by more, of those that are held.
    func doubted(_ place: RecordPlace, byte: UInt32) throws -> [UInt32] {
      let rotten = disk.cloned()
      rotten.rot(StorePaths.segment(own.group, 1), byte: Int(place.offset + byte), bit: 3)
      let (store, report, _) = try open(rotten)
      #expect(!report.damages.isEmpty && report.cuts.isEmpty)
      return heads.filter {
        store.presence(of: $0) == .held && store.doubted(heads, report.damages).contains($0)
      }.map(\.seq)
    }
    let (mine, others) = (places(own.feed), places(theirs.feed))
    let body = mine[1].length - 1
    #expect(try doubted(mine[1], byte: body) == [0])
    #expect(try doubted(mine[1], byte: 20) == [0])
    #expect(try doubted(others[0], byte: others[0].length - 1) == [])
    #expect(try doubted(others[0], byte: 20) == [])
    #expect(try doubted(others[1], byte: others[1].length - 1) == [])
    #expect(try doubted(others[1], byte: 20) == [0])
    let elsewhere = Damage(
      group: other, segment: 9, offset: 0, length: 1, kind: .conflict, lost: nil)
    #expect(store.doubted(heads, [elsewhere]) == [])
    // Of a segment behind all of it: whether entries may have stood there that cannot be read.
    let behind: [(kind: SegmentFault, length: UInt64, isDoubted: Bool)] = [
      (.missing, 0, true), (.foreign(other), 128, true), (.badLink, 128, false),
      (.badHead(isRead: true), 128, false), (.badHead(isRead: false), 0, false),
      (.badHead(isRead: false), 65_536, true),
    ]
    for (kind, length, isDoubted) in behind {
      let damage = Damage(
        group: own.group, segment: 2, offset: 0, length: length, kind: .segment(kind), lost: nil)
      #expect(store.doubted(heads, [damage]).isEmpty != isDoubted)
    }
  }
}
