import Format
import Platform

/// Reads the whole log of one group, segment by segment, and decides by the recovery table.
///
/// Never writes: what is to be cut or removed stands in the result. Opening and inspect share it.
struct LogScan: Sendable {
  let disk: any ReadableDisk
  let group: GroupID
  private let spares: Channel<[UInt8]>?
  var index = LogIndex()
  var report = RecoveryReport()
  /// Where the log goes on; nil where its first segment is still to come.
  private(set) var tail: GroupTail?
  /// Whether what is damaged stands in the last segment and nothing in it says that it was flushed:
  /// the next segment says so from then on, to every start that comes.
  private(set) var needsSuccessor = false
  /// Whether the segment that was read last holds a damage that would be cut off, or removed, were
  /// there no later segment.
  private var isCuttable = false
  /// Ends of segments whose successor does not say where they end: it was begun while they could not
  /// be read, so it does not say either that they were flushed.
  private(set) var loose: [GroupTail] = []
  /// The end of the segment that was read last, and whether the one behind it cites an end.
  private var before: GroupTail?
  private var isCited = false
  /// Segments that were begun but never flushed.
  private(set) var unborn: [UInt32] = []
  /// Bodies whose erasure a crash interrupted.
  var erasing: [EraseJob] = []
  /// The highest number any file bears, used or not.
  private(set) var highest: UInt32 = 0
  /// The end of the segment read before and the checksum of its last head, where both are certain.
  private(set) var link: (end: UInt64, checksum: UInt32)?
  private var tooNew: StorageError?
  /// Numbers of segments that are no ordinary files.
  private var irregular: Set<UInt32> = []
  /// What the head lock knows of own feeds of this group.
  private let promised: HeadLock.Promise

  /// The head of the segment to begin where `tail` is nil.
  func nextSegment(mark: UInt32) -> SegmentHead {
    let used = unborn.isEmpty ? highest : highest - 1
    return SegmentHead(
      group: group, number: used + 1, previousEnd: link?.end ?? 0,
      previousChecksum: link?.checksum ?? 0, mark: mark)
  }

  /// A record group that continues its feed.
  struct Found: Sendable {
    let batch: Batch
    let place: RecordPlace
    let isOwn: Bool
    let arrival: UInt64
  }

  /// What comes out of the log.
  enum Event {
    case found(Found)
    /// A buffer in which what was found since the last one lies; with `spares` alone.
    case retired([UInt8])
  }

  /// Without `spares` what was found lies in one buffer, and must be let go before the next step.
  /// With them it may be kept: each filled buffer is retired, and others are taken from there.
  ///
  /// `promised`: what the head lock knows. Of that nothing is ever taken for an end that was torn.
  init(
    _ disk: any ReadableDisk, group: GroupID, promised: HeadLock.Promise,
    spares: Channel<[UInt8]>? = nil
  ) {
    (self.disk, self.group, self.spares) = (disk, group, spares)
    switch promised {
    case .heads(let heads): self.promised = .heads(heads.filter { $0.group == group })
    case .anything: self.promised = .anything
    }
  }

  /// Whether the log lacks, as far as it was read, an own entry that the head lock knows, or may
  /// know.
  private var lacksPromised: Bool {
    switch promised {
    case .heads(let heads): heads.contains { index.presence(of: $0) != .held }
    case .anything: true
    }
  }

  /// Reads everything; `visit` gets each record group that continues its feed, in stored order, and
  /// behind all others what was taken up late (S-15).
  mutating func run(_ visit: (Event) -> Void) throws(StorageError) {
    let numbers = try listSegments()
    highest = numbers.last ?? 0
    var expected: UInt32 = 1
    for number in numbers {
      if number > expected {
        // One report for the whole hole: a stranger's file name must not make us count to it.
        note(expected, .segment(.missing), offset: 0, length: 0)
        link = nil
      }
      expected = number == .max ? number : number + 1
      let before = before
      (tail, self.before, isCited) = (nil, nil, false)
      defer { if let before, !isCited, before.durable < before.end { loose.append(before) } }
      guard !irregular.contains(number) else {
        note(number, .segment(.irregular), offset: 0, length: 0)
        link = nil
        continue
      }
      do throws(DiskError) {
        try read(number, isLast: number == highest, visit)
      } catch {
        // One bad sector must not take the rest of the log with it.
        guard error.reason == .broken else { throw .disk(error) }
        note(number, .unreadable(error.description), offset: 0, length: 0)
        link = nil
        isCuttable = true
        if number == highest { needsSuccessor = true }
      }
      if let tooNew { throw tooNew }
    }
    try takeUp(visit)
    foldGaps()
  }

  private mutating func listSegments() throws(StorageError) -> [UInt32] {
    do throws(DiskError) {
      var found: [UInt32] = []
      for entry in try disk.list(StorePaths.group(group)) {
        if let number = StorePaths.number(named: entry.name) {
          found.append(number)
          if entry.kind != .file { irregular.insert(number) }
        } else {
          report.strangers.append(entry.name.text)
        }
      }
      return found.sorted()
    } catch {
      throw .disk(error)
    }
  }

  private mutating func read(
    _ number: UInt32, isLast: Bool, _ visit: (Event) -> Void
  ) throws(DiskError) {
    let wasCuttable = isCuttable
    isCuttable = false
    let file = try disk.open(StorePaths.segment(group, number))
    let size = try disk.size(of: file)
    var first = [UInt8](repeating: 0, count: SegmentHead.size + GroupHead.size)
    var span = first.mutableSpan
    let count = try disk.read(file, at: 0, into: &span)
    first.removeLast(first.count - count)
    var isVouched = false
    if isLast, isHeadless(first, number) {
      // What a scan by the mark would find is not looked for: without the head nobody knows the mark.
      isVouched = lacksPromised
      if !isVouched { isVouched = try Self.vouches(disk, file, size, group, number) }
    }
    let (finding, fault, head) = examine(first, number, isVouched: isVouched, isLast: isLast)
    let isWhole = finding == .whole || finding == .unlinked
    isCited = isWhole && head.map { $0.previousEnd > 0 } ?? false
    switch finding.action {
    case .refuse:
      if case .tooNew(let version) = SegmentHead.find(Array(first.prefix(SegmentHead.size))) {
        tooNew = .tooNew(subject: file.subject, version: version)
      }
    case .remove:
      unborn.append(number)
      // It was begun for what is damaged before it, which is the last again without it.
      if wasCuttable { needsSuccessor = true }
      report.cuts.append(TailCut(group: group, segment: number, offset: 0, length: size))
    case .readAndHeal:
      guard let head else { return }
      let before = report.damages.count
      try scan(file, size, head, isLast: true, visit)
      // Where no flush vouches for the segment, its head was never written whole: no damage.
      if let durable = tail?.durable, durable > 0 {
        let damage = Damage(
          group: group, segment: number, offset: 0, length: UInt64(SegmentHead.size),
          kind: .segment(.badHead(isRead: true)), lost: nil)
        report.damages.insert(damage, at: before)
      }
      // All of it is to be written again, and the head before it (S-16).
      tail?.durable = 0
    case .report, .read, .readAndReport:
      if let fault {
        let length = head == nil ? size : UInt64(SegmentHead.size)
        note(number, .segment(fault), offset: 0, length: length)
      }
      if finding == .unreadable {
        isCuttable = true
        if isLast { needsSuccessor = true }
      }
      link = nil
      if let head { try scan(file, size, head, isLast: isLast, visit) }
      // Of one without a head of its own nothing is written anew.
      if !isWhole { before = nil }
    }
  }

  private mutating func scan(
    _ file: consuming DiskFile, _ size: UInt64, _ head: SegmentHead, isLast: Bool,
    _ visit: (Event) -> Void
  ) throws(DiskError) {
    var scan = SegmentScan(
      file, of: disk, group, segment: head.number, mark: head.mark, size: size,
      spares: spares)
    var tail = GroupTail(
      head: head, end: UInt64(SegmentHead.size), durable: 0, reserved: size,
      link: head.checksum, needsCut: false)
    let damagesBefore = report.damages.count
    var lastDamage: UInt64?
    events: while let event = try scan.next() {
      if let buffer = scan.takeRetired() { visit(.retired(buffer)) }
      switch event {
      case .group(let batch, let prev, let stamp, let place, let unfinished):
        take(batch, prev, stamp, place, visit)
        for entry in unfinished {
          let alone = copy(batch, place)
          erasing.append(EraseJob(alone, alone.entries[entry], at: place))
        }
        tail.end = place.end
        tail.durable = max(tail.durable, UInt64(stamp.durable))
        tail.link = stamp.checksum
      case .fault(
        let fault, let head, let offset, let length, let isCertified, let isDoubtful, let unreadable
      ):
        // What the head lock knows was flushed, and what stands here may be that; and no crash leaves
        // a sector that cannot be read. And where nothing good says of a damage before it that it was
        // flushed, this may be all that does: once it were cut off, that would be taken for torn too.
        let isAllThatVouches = lastDamage.map { $0 >= tail.durable } ?? false
        let isKept = isLast && !isCertified && (isDoubtful || lacksPromised || isAllThatVouches)
        if isKept { needsSuccessor = true }
        if !isCertified { isCuttable = true }
        let finding = RecordCase(
          isReadable: false, isCertified: isCertified || isKept || !isLast, isSigned: false)
        if finding.action == .cutFromHere {
          report.cuts.append(
            TailCut(group: group, segment: tail.head.number, offset: offset, length: size - offset))
          tail.needsCut = true
          break events
        }
        let lost = head.map { LostEntries(place: $0.place, first: $0.first, last: $0.last) }
        let kind = unreadable.map { Damage.Kind.unreadable($0) } ?? .group(fault)
        note(tail.head.number, kind, offset: offset, length: length, lost)
        lastDamage = offset
        tail.end = offset + length
      case .end(let offset):
        tail.end = offset
      }
    }
    tail.holes = scan.holes
    if let buffer = scan.takeLast() { visit(.retired(buffer)) }
    if report.damages.count == damagesBefore { link = (tail.end, tail.link) }
    if isLast { self.tail = tail } else { before = tail }
  }

  /// A record group by itself, out of the buffer that all are read into.
  private func copy(_ batch: Batch, _ place: RecordPlace) -> Batch {
    let first = Int(batch.entries[0].headerAt) - RecordLayout.prefixSize - GroupHead.size
    return Batch(
      group: batch.group, feed: batch.feed, branch: batch.branch,
      records: Array(batch.records[first..<first + Int(place.length)]),
      entries: batch.entries.map { entry in
        var entry = entry
        entry.headerAt -= UInt32(first)
        return entry
      }, signature: batch.signature)
  }

  private mutating func take(
    _ batch: Batch, _ prev: EntryID, _ stamp: GroupStamp, _ place: RecordPlace,
    _ visit: (Event) -> Void
  ) {
    report.records += 1
    let finding = RecordCase(
      isReadable: true, isCertified: true, isSigned: !batch.signature.isZero)
    func refuse(_ kind: Damage.Kind) {
      let lost = LostEntries(
        place: FeedPlace(feed: batch.feed, branch: batch.branch), first: batch.first,
        last: batch.last.seq)
      note(place.segment, kind, offset: UInt64(place.offset), length: UInt64(place.length), lost)
    }
    guard finding.action == .keep else { return refuse(.unsigned) }
    switch index.take(batch, prev: prev, at: place) {
    case .next:
      report.entries += batch.entries.count
      visit(
        .found(Found(batch: batch, place: place, isOwn: stamp.isOwn, arrival: stamp.arrival)))
    case .again: report.repeated += 1
    case .gap(let expected): refuse(.gap(expected: expected, found: batch.first))
    case .conflict: refuse(.conflict)
    }
  }

  private mutating func note(
    _ segment: UInt32, _ kind: Damage.Kind, offset: UInt64, length: UInt64,
    _ lost: LostEntries? = nil
  ) {
    report.damages.append(
      Damage(
        group: group, segment: segment, offset: offset, length: length, kind: kind, lost: lost))
  }
}
