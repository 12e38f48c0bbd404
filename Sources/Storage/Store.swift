package import Format
package import Platform

/// What is stored where, and reading it. Over a disk that cannot write it is all `zuruf-inspect`
/// needs: it takes no lock, changes nothing and works beside a running node. All it knows it has read
/// from the logs at this start (S-3).
package class StoreView {
  private let disk: any ReadableDisk
  fileprivate(set) var logs: [GroupID: LogIndex] = [:]
  private var reader: RecordReader
  /// Damages found since the store was opened.
  package private(set) var damages: [Damage] = []

  fileprivate init(_ disk: any ReadableDisk) {
    self.disk = disk
    reader = RecordReader(disk)
  }

  /// Reads the logs under the disk's root as they are. What is not readable stands in the report;
  /// an end that is being written stands there as a cut, though nothing is cut.
  package static func open(
    readOnly disk: any ReadableDisk, first: [GroupID],
    onGroup: (_ batch: Batch, _ place: RecordPlace, _ isOwn: Bool, _ arrival: UInt64) -> Void
  ) throws(StorageError) -> (StoreView, RecoveryReport) {
    let view = StoreView(disk)
    var report = RecoveryReport()
    for group in try view.listGroups(first, &report) {
      _ = try view.scan(group, .heads([]), &report, onGroup)
    }
    return (view, report)
  }

  fileprivate func scan(
    _ group: GroupID, _ promised: HeadLock.Promise, _ report: inout RecoveryReport,
    _ visit: ScanAhead.Visit
  ) throws(StorageError) -> LogScan {
    let scan = try ScanAhead.run(disk, group, promised: promised, visit)
    logs[group] = scan.index
    report.add(scan.report)
    return scan
  }

  /// The pieces of these that may go to somebody else: whoever reads beside a node sends nothing.
  fileprivate func settled(
    _ range: Range<Int>, of chain: FeedIndex, in group: GroupID
  ) -> Range<Int> { range }

  fileprivate func note(_ batch: Batch, _ place: RecordPlace, _ kind: Damage.Kind) {
    damages.append(
      Damage(
        group: batch.group, segment: place.segment, offset: UInt64(place.offset),
        length: UInt64(place.length), kind: kind,
        lost: LostEntries(
          place: FeedPlace(feed: batch.feed, branch: batch.branch), first: batch.first,
          last: batch.last.seq)))
  }

  fileprivate func listGroups(
    _ first: [GroupID], _ report: inout RecoveryReport
  ) throws(StorageError) -> [GroupID] {
    do throws(DiskError) {
      guard try disk.status(at: StorePaths.logs) != nil else { return [] }
      var groups: [GroupID] = []
      for entry in try disk.list(StorePaths.logs) {
        if entry.kind == .directory, let group = StorePaths.group(named: entry.name) {
          groups.append(group)
        } else if StorePaths.logs.appending(entry.name) != StorePaths.room {
          report.strangers.append(entry.name.text)
        }
      }
      return first.filter { groups.contains($0) } + groups.filter { !first.contains($0) }
    } catch {
      throw .disk(error)
    }
  }
}

extension StoreView {
  /// The groups that have a log, in order.
  package var groups: [GroupID] { logs.keys.sorted() }

  /// The chains of a group and where their entries lie.
  package func index(_ group: GroupID) -> LogIndex? { logs[group] }

  /// The record groups from the one that holds `seq` on, as long as they stay within `bytesMax`
  /// bytes together, but at least one; empty where there is no such entry.
  package func read(
    _ group: GroupID, _ place: FeedPlace, from seq: UInt32, bytesMax: Int
  ) throws(StorageError) -> [Batch] {
    guard let chain = logs[group]?[place], chain.contains(seq) else { return [] }
    var batches: [Batch] = []
    var sum = 0
    for piece in chain.pieces[chain.piece(holding: seq)...] {
      sum += Int(piece.place.length)
      if sum > bytesMax, !batches.isEmpty { break }
      batches.append(try batch(group, place, piece))
    }
    return batches
  }

  /// The record group that holds `seq`, and when it was stored here, in milliseconds since 1970;
  /// nil where there is no such entry.
  package func stored(
    _ group: GroupID, _ place: FeedPlace, _ seq: UInt32
  ) throws(StorageError) -> (batch: Batch, arrival: UInt64)? {
    guard let chain = logs[group]?[place], chain.contains(seq) else { return nil }
    let piece = chain.pieces[chain.piece(holding: seq)]
    let batch = try batch(group, place, piece)
    do throws(StorageError) {
      return (batch, try reader.head(group, piece, place).arrival)
    } catch {
      throw remember(error)
    }
  }

  /// One entry with its record group.
  package func entry(
    _ group: GroupID, _ place: FeedPlace, _ seq: UInt32
  ) throws(StorageError) -> (batch: Batch, entry: EntrySummary) {
    guard let chain = logs[group]?[place], chain.contains(seq) else { throw .unknownEntry }
    let piece = chain.pieces[chain.piece(holding: seq)]
    let batch = try batch(group, place, piece)
    return (batch, batch.entries[Int(seq - piece.recordFirst)])
  }

  /// The record group that was read last, for whoever reads many entries of few groups in a row.
  package struct Recent {
    fileprivate var group = GroupID(Bytes32())
    fileprivate var piece: FeedIndex.Piece?
    fileprivate var batch: Batch?

    package init() {}
  }

  /// One entry with its record group, which is not read again where it is `recent`.
  package func entry(
    _ group: GroupID, _ place: FeedPlace, _ seq: UInt32, _ recent: inout Recent
  ) throws(StorageError) -> (batch: Batch, entry: EntrySummary) {
    guard let chain = logs[group]?[place], chain.contains(seq) else { throw .unknownEntry }
    let piece = chain.pieces[chain.piece(holding: seq)]
    if let batch = recent.batch, recent.group == group, recent.piece == piece {
      return (batch, batch.entries[Int(seq - piece.recordFirst)])
    }
    let batch = try batch(group, place, piece)
    (recent.group, recent.piece, recent.batch) = (group, piece, batch)
    return (batch, batch.entries[Int(seq - piece.recordFirst)])
  }

  fileprivate func batch(
    _ group: GroupID, _ place: FeedPlace, _ piece: FeedIndex.Piece
  ) throws(StorageError) -> Batch {
    do throws(StorageError) {
      return try reader.batch(group, piece, place)
    } catch {
      throw remember(error)
    }
  }

  /// Forgets the entries of a chain from `seq` on, so that they can be fetched and stored again,
  /// and returns the sequence that is next from now on. Nothing on the disk changes: of two
  /// copies of an entry the one stored last counts.
  package func forget(
    _ group: GroupID, _ place: FeedPlace, from seq: UInt32
  ) -> UInt32 {
    guard let chain = logs[group]?[place], chain.contains(seq) else {
      return logs[group]?[place]?.next ?? seq
    }
    // A chain ends at a signed entry, whose ID its own record group states.
    var at = chain.piece(holding: seq)
    while at > 0 {
      at -= 1
      let piece = chain.pieces[at]
      guard piece.endsSigned, let head = try? reader.head(group, piece, place) else { continue }
      logs[group]?.forget(place, from: piece.end, headID: head.lastID)
      return piece.end
    }
    logs[group]?.forget(place, from: chain.start, headID: chain.headID)
    return chain.start
  }

  /// The content of an `entries` message: branch, then a batch of entries from `seq` on that ends
  /// at a signed one and is as long as F-10 and `bytesMax` allow, but at least one record group;
  /// nil where no such entry is held.
  package func packed(
    _ group: GroupID, _ place: FeedPlace, from seq: UInt32, bytesMax: Int
  ) throws(StorageError) -> [UInt8]? {
    guard let chain = logs[group]?[place], chain.contains(seq) else { return nil }
    let selected = RecordReader.select(chain, from: seq, bytesMax: bytesMax)
    let range = settled(selected, of: chain, in: group)
    if range.isEmpty { return nil }
    let base = try base(group, place, chain, before: seq)
    do throws(StorageError) {
      return try reader.packed(group, place, chain.pieces[range], from: seq, base: base)
    } catch {
      throw remember(error)
    }
  }

  /// Time and lamport of the entry before `seq`, in this chain or in the one it left.
  private func base(
    _ group: GroupID, _ place: FeedPlace, _ chain: FeedIndex, before seq: UInt32
  ) throws(StorageError) -> RecordReader.Base {
    guard seq > 0 else { return .init(wall: 0, lamport: 0) }
    if let lamport = chain.lamport(seq - 1) {
      let piece = chain.pieces[chain.piece(holding: seq - 1)]
      if piece.recordEnd == seq { return .init(wall: piece.lastWall, lamport: lamport) }
      let before = try entry(group, place, seq - 1).entry
      return .init(wall: before.wallMilliseconds, lamport: lamport)
    }
    let (batch, first) = try entry(group, place, seq)
    let prev = Bytes32(batch.records.raw, Int(first.headerAt) + HeaderLayout.prev).prefix
    guard let index = logs[group],
      let parent = index.places.first(where: {
        $0.feed == place.feed && index[$0]?.prefix(seq - 1) == prev
      })
    else { throw .unknownEntry }
    let before = try entry(group, parent, seq - 1).entry
    return .init(wall: before.wallMilliseconds, lamport: before.lamport)
  }

  private func remember(_ error: StorageError) -> StorageError {
    if case .damaged(let damage) = error, !damages.contains(damage) { damages.append(damage) }
    return error
  }
}

/// The half of the store that the loop's thread owns.
///
/// Nothing here waits for the device but reading; writing is `StoreWriter`'s.
package final class Store: StoreView {
  /// The half that the disk's thread uses.
  package let writer: StoreWriter
  /// Called when a body is about to be erased: whoever keeps something of one lets go of it then, and
  /// keeps nothing that is read while `isErasing`.
  package var onErase: () -> Void = {}
  /// How many bodies were made ready to be erased.
  private var toErase = 0

  private init(_ disk: any Disk, _ writer: StoreWriter) {
    self.writer = writer
    super.init(disk)
  }

  /// Opens the logs under the disk's root, recovers what a crash left, and hands every record
  /// group that continues its feed to `onGroup`: the groups named in `first` before the others,
  /// within a group in stored order. What is handed over must not be kept, for its records are
  /// the buffer that the next ones are read into. A disk that cannot be written leaves the store
  /// readable, and its state says why; then `unsettled` names what nobody else may hear of.
  ///
  /// `promised`: what the head lock knows, none of which is ever cut off.
  package static func open(
    _ disk: any Disk, _ settings: StoreSettings, first: [GroupID],
    promised: HeadLock.Promise = .heads([]),
    onGroup: (_ batch: Batch, _ isOwn: Bool, _ arrival: UInt64) -> Void
  ) throws(StorageError) -> (Store, RecoveryReport) {
    let writer = StoreWriter(disk, settings)
    let store = Store(disk, writer)
    var report = RecoveryReport()
    // Everything is read before anything is changed: one segment of a newer version closes all.
    var scans: [LogScan] = []
    for group in try store.listGroups(first, &report) {
      scans.append(
        try store.scan(group, promised, &report) { batch, _, isOwn, arrival in
          onGroup(batch, isOwn, arrival)
        })
    }
    writer.makeLogs()
    for scan in scans { writer.adopt(scan) }
    return (store, report)
  }

  /// What was read and could not be made durable since: it may lie in the system's memory alone, so
  /// nobody else may hear of it (S-16). For each chain the first such entry.
  package var unsettled: [(group: GroupID, place: FeedPlace, from: UInt32)] {
    writer.unsettled.flatMap { end in
      let group = end.head.group
      return unsettled(of: end).map { (group, $0.place, $0.from) }
    }
  }

  /// The same of one group's log.
  package func unsettled(in group: GroupID) -> [(place: FeedPlace, from: UInt32)] {
    writer.unsettled.filter { $0.head.group == group }.flatMap { unsettled(of: $0) }
  }

  private func unsettled(of end: GroupTail) -> [(place: FeedPlace, from: UInt32)] {
    let group = end.head.group
    return (logs[group]?.places ?? []).compactMap { place in
      let piece = logs[group]?[place]?.pieces.first { end.isUnsettled($0.place) }
      return piece.map { (place, $0.first) }
    }
  }

  /// Those before the first that may lie in the system's memory alone: nobody else gets that, nor what
  /// follows it (S-16).
  fileprivate override func settled(
    _ range: Range<Int>, of chain: FeedIndex, in group: GroupID
  ) -> Range<Int> {
    if state == .writing { return range }
    let ends = writer.unsettled.filter { $0.head.group == group }
    let first = range.first { index in
      ends.contains { $0.isUnsettled(chain.pieces[index].place) }
    }
    return range.lowerBound..<(first ?? range.upperBound)
  }

  /// What keeps the store from writing, if anything does.
  package var state: StoreState { writer.state }

  /// Whether a log ends with a damage that only the head lock keeps from being cut off by the next
  /// start: until the store has written what says so too, the lock must go on knowing it.
  package var leansOnLock: Bool { writer.lacksSuccessor }

  /// Makes a batch ready for `StoreWriter.perform`; hand jobs over in the order they were made.
  /// `inOffice`: its group is the office log.
  package func prepare(
    _ batch: consuming Batch, isOwn: Bool, inOffice: Bool = false, arrival: UInt64
  ) -> WriteJob {
    WriteJob(
      batch, isOwn: isOwn, inOffice: inOffice, arrival: arrival, generation: writer.generation)
  }

  /// Makes a batch that `StoreWriter.perform` has stored readable; whether it is. One that does not
  /// continue its feed is noted among the damages: nobody may be told that it is here.
  package func finish(_ job: WriteJob) -> Bool {
    guard let place = job.place else {
      preconditionFailure("a job was finished that was not performed")
    }
    let batch = job.batch
    switch logs[batch.group, default: LogIndex()].take(batch, prev: batch.prev, at: place) {
    case .next, .again: return true
    case .gap(let expected):
      note(batch, place, .gap(expected: expected, found: batch.first))
    case .conflict: note(batch, place, .conflict)
    }
    return false
  }

  /// Goes on after a full or read-only disk. Jobs made before are stale: prepare them anew.
  package func resume() throws(StorageError) { try writer.resume() }

  /// Whether a body that is to be erased may still be read. After a fault that is so until the store is
  /// opened anew, for what it left behind is not known.
  package var isErasing: Bool { toErase > writer.erased }

  /// Makes ready what overwrites the body of an entry, in every copy of it that is known; hand it
  /// to `StoreWriter.erase`. Empty where the body is gone already.
  package func prepareErase(
    _ group: GroupID, _ place: FeedPlace, _ seq: UInt32
  ) throws(StorageError) -> [EraseJob] {
    guard let index = logs[group], let chain = index[place], let prefix = chain.prefix(seq) else {
      throw .unknownEntry
    }
    let counting = chain.pieces[chain.piece(holding: seq)]
    var seen: Set<RecordPlace> = []
    var jobs: [EraseJob] = []
    for piece in [counting] + index.pieces(of: place.feed, holding: seq)
    where seen.insert(piece.place).inserted {
      let batch: Batch
      do throws(StorageError) {
        batch = try self.batch(group, place, piece)
      } catch {
        // Another copy is there because one was damaged; the one that counts must be readable.
        if piece == counting { throw error }
        continue
      }
      let entry = batch.entries[Int(seq - piece.recordFirst)]
      // Where a feed parts, its branches have other entries under the same seq.
      guard entry.id.prefix == prefix else { continue }
      guard EntryKind(rawValue: entry.kind)?.isErasable ?? false else { throw .notErasable }
      guard entry.bodyState == .present, entry.bodySize > 0 else { continue }
      jobs.append(EraseJob(batch, entry, at: piece.place))
    }
    toErase += jobs.count
    if !jobs.isEmpty { onErase() }
    return jobs
  }
}
