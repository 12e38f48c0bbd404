import Format
import Platform

/// Reads the log of a group by a thread of its own, which checks and indexes it, while the caller
/// takes in what was found before: at a start the two take about the same time.
///
/// A few buffers go round between the two, so that memory does not grow with the log.
struct ScanAhead {
  /// What one filling of a buffer held, and the buffer.
  private struct Chunk: Sendable {
    var found: [LogScan.Found] = []
    var buffer: [UInt8] = []
  }

  private enum Progress: Sendable {
    case chunk(Chunk)
    case end(Result<LogScan, StorageError>)
  }

  /// Logs that begin with a smaller segment are read by the caller: a thread costs more than it
  /// saves.
  private static let sizeMin: UInt64 = 1 << 20
  /// What may wait for the caller.
  private static let chunksMax = 2

  /// Gets a record group as it comes out of the log.
  typealias Visit = (Batch, RecordPlace, _ isOwn: Bool, _ arrival: UInt64) -> Void

  private let progress = Channel<Progress>(capacity: chunksMax)
  private let spares = Channel<[UInt8]>(capacity: chunksMax + 2)

  private init() {}

  /// Reads everything; `visit` gets each record group that continues its feed, in stored order, and
  /// must let it go before it returns.
  static func run(
    _ disk: any ReadableDisk, _ group: GroupID, promised: HeadLock.Promise, _ visit: Visit
  ) throws(StorageError) -> LogScan {
    let ahead = ScanAhead()
    if let size = try? disk.status(at: StorePaths.segment(group, 1))?.size, size >= sizeMin,
      // Where no thread can be had, the caller reads.
      let thread = try? WorkerThread<LogScan>(
        name: "scan", capacity: 1, work: { scans in for scan in scans { ahead.fill(scan) } })
    {
      defer {
        // Whether it was done or not: a thread that waits for room must not wait for ever.
        ahead.progress.close()
        thread.stop()
      }
      if thread.submit(LogScan(disk, group: group, promised: promised, spares: ahead.spares)) {
        return try ahead.drain(visit)
      }
    }
    var scan = LogScan(disk, group: group, promised: promised)
    try scan.run { event in
      if case .found(let one) = event { visit(one.batch, one.place, one.isOwn, one.arrival) }
    }
    return scan
  }

  private func drain(_ visit: Visit) throws(StorageError) -> LogScan {
    while let next = progress.take() {
      switch next {
      case .chunk(var chunk):
        for one in chunk.found { visit(one.batch, one.place, one.isOwn, one.arrival) }
        // What was found is let go, so that the buffer is nobody's but ours.
        chunk.found = []
        spares.putIfRoom(chunk.buffer)
      case .end(let result): return try result.get()
      }
    }
    preconditionFailure("the thread that reads a log ended without a word")
  }

  private func fill(_ scan: LogScan) {
    var scan = scan
    var chunk = Chunk()
    let result = Result { () throws(StorageError) in
      try scan.run { event in
        switch event {
        case .found(let one): chunk.found.append(one)
        case .retired(let buffer):
          let count = chunk.found.count
          chunk.buffer = buffer
          _ = progress.put(.chunk(chunk))
          chunk = Chunk()
          chunk.found.reserveCapacity(count + count / 8)
        }
      }
    }
    // A disk error may have come between two buffers.
    if !chunk.found.isEmpty { _ = progress.put(.chunk(chunk)) }
    _ = progress.put(.end(result.map { scan }))
  }
}
