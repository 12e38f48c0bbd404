import Format
import Platform
import Synchronization

/// The half of the store that waits for the disk; its thread does nothing else.
///
/// Several jobs handed in together share one flush per file: group commit falls out of draining
/// the queue. After a fault nothing is written until `Store.resume` (S-11), and after a failed flush
/// nothing ever again: the system may have dropped the data and report the next flush as good (S-12).
package final class StoreWriter: Sendable {
  let disk: any Disk
  let settings: StoreSettings
  private let tails: Mutex<Tails>
  /// What the loop asks for with each batch: a lock of its own, for that of the tails is held as
  /// long as a flush lasts, and the loop must not wait for the disk.
  private let published = Mutex(Published())

  private struct Published: Sendable {
    var state: StoreState = .writing
    var generation: UInt32 = 0
    var lacksSuccessor = false
    var erased = 0
    /// Ends of segments that are not known to be durable, in order; none while the store writes, which makes
    /// them durable first.
    var unsettled: [GroupTail] = []
  }

  private func publish(_ tails: borrowing Tails) {
    let new = Published(
      state: tails.state, generation: tails.generation,
      lacksSuccessor: !tails.lackSuccessors.isEmpty, erased: tails.erased,
      unsettled: tails.state == .writing ? [] : tails.unsettled)
    published.withLock { $0 = new }
  }

  struct Tails: Sendable {
    var state: StoreState = .writing
    var generation: UInt32 = 0
    var tails: [GroupID: GroupTail] = [:]
    /// The head of the next segment for a group whose log has no end to go on from.
    var next: [GroupID: SegmentHead] = [:]
    /// Segments that were begun and never flushed, still to be removed.
    var unborn: [GroupID: [UInt32]] = [:]
    /// Ends of earlier segments that nothing says were flushed, still to be written again.
    var loose: [GroupID: [GroupTail]] = [:]
    /// Logs that end with a damage of which no later segment says yet that it was flushed.
    var lackSuccessors: Set<GroupID> = []
    /// Bodies whose erasure a crash interrupted, still to be finished.
    var erasing: [GroupID: [EraseJob]] = [:]
    /// How many bodies were erased since the store was opened, beside those that a crash left.
    var erased = 0
    /// How many bytes were refused for want of room.
    var lacking: UInt64 = 0
    /// The tails as they were before a write that is not yet flushed, nil for a group without one.
    var before: [GroupID: GroupTail?] = [:]
    /// Open segments, the last used at the end.
    var files: [(group: GroupID, segment: UInt32, file: OpenFile)] = []

    var unsettled: [GroupTail] {
      (Array(tails.values) + loose.values.joined()).filter { $0.durable < $0.end }
        .sorted { ($0.head.group, $0.head.number) < ($1.head.group, $1.head.number) }
    }
  }

  init(_ disk: any Disk, _ settings: StoreSettings) {
    (self.disk, self.settings) = (disk, settings)
    tails = Mutex(Tails())
  }

  /// What keeps the store from writing, if anything does.
  package var state: StoreState { published.withLock { $0.state } }

  var generation: UInt32 { published.withLock { $0.generation } }

  /// How many bodies were erased for good.
  var erased: Int { published.withLock { $0.erased } }

  /// Writes all batches and makes them survive a power cut; on success each job knows its place.
  ///
  /// After an error none of them counts as stored, though any part of them may be on the disk.
  package func perform(_ jobs: inout [WriteJob]) throws(StorageError) {
    try tails.withLock { tails throws(StorageError) in
      defer { publish(tails) }
      let standing = jobs.map(\.standing).min() ?? .own
      guard tails.state.takes(standing) else { throw .notWriting(tails.state) }
      for job in jobs where job.generation != tails.generation { throw .stale }
      let count = UInt64(jobs.reduce(0) { $0 + $1.batch.records.count })
      do throws(StorageError) {
        try checkRoom(count, standing)
      } catch {
        // Nothing was written, so nothing is uncertain; but after an entry that was not stored no
        // other may follow it.
        switch error {
        case .full(let full): tails.state = .full(full)
        case .disk(let error): tails.state = .unmeasured(error)
        default: break
        }
        tails.lacking = count
        throw error
      }
      do throws(DiskError) {
        for index in jobs.indices { try write(&jobs[index], &tails) }
      } catch {
        tails.lacking = count
        throw stop(error, &tails)
      }
      try settleAll(&tails)
    }
  }

  /// Goes on after a full or read-only disk: takes back what was half written, flushes, and lets
  /// new jobs in. Throws, and stays as it was, where that fails.
  package func resume() throws(StorageError) {
    try tails.withLock { tails throws(StorageError) in
      defer { publish(tails) }
      guard tails.state != .writing else { return }
      guard tails.state.isResumable else { throw .notWriting(tails.state) }
      // Where something is written, all that is missing is room for what is not. Of that there is to
      // be enough for a while: to go on costs all links and a reading of all logs.
      let refused = BatchStanding.allCases.last { !tails.state.takes($0) } ?? .own
      let room = tails.lacking + (refused == .own ? 0 : UInt64(Limits.storeAheadBytesMax))
      do throws(StorageError) {
        try checkRoom(room, refused)
      } catch {
        // What keeps it from writing now; what the system refused at a disk that has room stays so.
        switch (error, tails.state) {
        case (.full(let full), .full(.floor)), (.full(let full), .unmeasured):
          tails.state = .full(full)
        default: break
        }
        throw error
      }
      do throws(DiskError) {
        try disk.ensureDirectory(StorePaths.logs)
        if case .full(.system) = tails.state {
          try tryRoom(tails.lacking + UInt64(Limits.storeAheadBytesMax))
        }
        for (group, before) in tails.before.sorted(by: { $0.key < $1.key }) {
          try takeBack(group, before, &tails)
        }
        let owing = Set(tails.unborn.keys).union(tails.lackSuccessors).union(tails.erasing.keys)
          .union(tails.loose.keys)
        for group in owing.union(tails.tails.keys).sorted() { try complete(group, &tails) }
      } catch {
        throw stop(error, &tails)
      }
      (tails.before, tails.lacking) = ([:], 0)
      tails.state = .writing
      tails.generation += 1
    }
  }

  /// Ends of segments that are not known to be durable, in order; none while the store writes.
  var unsettled: [GroupTail] { published.withLock { $0.unsettled } }

  /// Whether a log ends with a damage that a later start, to which the head lock promises nothing of
  /// it, would take for an end that was torn.
  var lacksSuccessor: Bool { published.withLock { $0.lacksSuccessor } }

  /// Makes the directory that all logs are in.
  func makeLogs() {
    tails.withLock { tails in
      defer { publish(tails) }
      do throws(DiskError) {
        try disk.ensureDirectory(StorePaths.logs)
        if try giveBackRoom() { try disk.flushDirectory(StorePaths.logs) }
      } catch {
        // Nothing was written by this store whose flush could have failed.
        if error.reason == .readOnly {
          tails.state = .readOnly(error)
        } else {
          _ = stop(error, &tails)
        }
      }
    }
  }

  /// Overwrites bodies and waits until that survives a power cut.
  package func erase(_ jobs: [EraseJob]) throws(StorageError) {
    try tails.withLock { tails throws(StorageError) in
      defer { publish(tails) }
      guard tails.state == .writing else { throw .notWriting(tails.state) }
      do throws(DiskError) {
        for job in jobs { try job.perform(on: disk) }
        tails.erased += jobs.count
      } catch {
        throw stop(error, &tails)
      }
    }
  }

  /// Takes over the end of a log that was read at opening: removes what was begun and never
  /// flushed, cuts, and makes all that is kept durable.
  func adopt(_ scan: LogScan) {
    let group = scan.group
    tails.withLock { tails in
      defer { publish(tails) }
      tails.tails[group] = scan.tail
      if scan.tail == nil { tails.next[group] = scan.nextSegment(mark: newMark()) }
      tails.unborn[group] = scan.unborn
      if scan.needsSuccessor { tails.lackSuccessors.insert(group) }
      if !scan.loose.isEmpty { tails.loose[group] = scan.loose }
      if !scan.erasing.isEmpty { tails.erasing[group] = scan.erasing }
      guard tails.state == .writing else { return }
      do throws(DiskError) {
        try complete(group, &tails)
      } catch {
        _ = stop(error, &tails)
      }
    }
  }

  /// Whether a batch of so many bytes may be written for all the room there is.
  private func checkRoom(_ count: UInt64, _ standing: BatchStanding) throws(StorageError) {
    let free: UInt64
    do throws(DiskError) { free = try disk.space().free } catch { throw .disk(error) }
    let floor = settings.floor(standing)
    guard free >= floor, free - floor >= count else {
      throw .full(.floor(free: free, floor: floor, refused: standing))
    }
  }

  /// Takes room for a moment: a quota is used up while the disk says that it has plenty, and only who
  /// takes some learns of it.
  private func tryRoom(_ count: UInt64) throws(DiskError) {
    // A failure may have left it.
    _ = try giveBackRoom()
    let file = try disk.create(StorePaths.room)
    var refusal: DiskError?
    do throws(DiskError) {
      try disk.reserve(file, size: count)
    } catch {
      // What else it may be says nothing of room.
      if error.reason == .full { refusal = error }
    }
    _ = try giveBackRoom()
    if let refusal { throw refusal }
  }

  /// Removes the file that took room for a moment; whether it was there.
  private func giveBackRoom() throws(DiskError) -> Bool {
    guard try disk.status(at: StorePaths.room) != nil else { return false }
    try disk.remove(StorePaths.room)
    return true
  }

  /// Turns the store read-only after a fault and says why.
  func stop(_ error: DiskError, _ tails: inout Tails) -> StorageError {
    // A failed flush is final whatever the reason: nobody knows what it left behind.
    let isFlush = error.operation == .flush || error.operation == .flushDirectory
    if case .failed = tails.state { return .notWriting(tails.state) }
    switch error.reason {
    case .full where !isFlush: tails.state = .full(.system(error))
    case .readOnly where !isFlush: tails.state = .readOnly(error)
    case .exhausted where !isFlush: tails.state = .exhausted(error)
    default: tails.state = .failed(error)
    }
    return .disk(error)
  }
}
