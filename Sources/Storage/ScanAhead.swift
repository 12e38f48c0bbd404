import Format
import Platform

/// Yields what a `SegmentScan` finds, read and checked by a thread of its own while the caller takes
/// in what was found before: at a start the two take about the same time.
///
/// A few buffers go round between the two, so that memory does not grow with the segment.
struct ScanAhead: ~Copyable {
  /// Where a scan begins.
  struct Start: Sendable {
    let disk: any ReadableDisk
    let group: GroupID
    let segment: UInt32
    let mark: UInt32
    let size: UInt64
  }

  /// What one filling of the buffer held, last first, and the buffer.
  private struct Chunk: Sendable {
    var events: [SegmentScan.Event] = []
    var buffer: [UInt8] = []
  }

  private typealias Found = Result<Chunk, DiskError>

  /// Smaller segments are read by the caller: a thread costs more than it saves.
  private static let sizeMin: UInt64 = 1 << 20
  /// What may wait for the caller.
  private static let chunksMax = 2

  private var alone: SegmentScan?
  private let found = Channel<Found>(capacity: chunksMax)
  private let spares = Channel<[UInt8]>(capacity: chunksMax + 2)
  private var thread: WorkerThread<Start>?
  private var chunk = Chunk()

  init(_ start: Start, file: consuming DiskFile) {
    if start.size >= Self.sizeMin {
      let (found, spares) = (found, spares)
      // Where no thread can be had, the caller reads.
      thread = try? WorkerThread(name: "scan", capacity: 1) { starts in
        for start in starts { Self.run(start, found, spares) }
      }
    }
    if let thread, thread.submit(start) { return }
    alone = SegmentScan(file, start, spares: nil)
  }

  /// The next event, or nil behind the last.
  mutating func next() throws(DiskError) -> SegmentScan.Event? {
    if alone != nil { return try alone?.next() }
    while true {
      if let event = chunk.events.popLast() { return event }
      // What the events held is let go, so that the buffer is nobody's but ours.
      spares.putIfRoom(chunk.buffer)
      chunk = Chunk()
      switch found.take() {
      case .success(let next)?: chunk = next
      case .failure(let error)?: throw error
      case nil: return nil
      }
    }
  }

  deinit {
    // Whether it was done or not: a thread that waits for room must not wait for ever.
    found.close()
    thread?.stop()
  }

  private static func run(
    _ start: Start, _ found: Channel<Found>, _ spares: Channel<[UInt8]>
  ) {
    defer { found.close() }
    do throws(DiskError) {
      var scan = SegmentScan(
        try start.disk.open(StorePaths.segment(start.group, start.segment)), start, spares: spares)
      var events: [SegmentScan.Event] = []
      while let event = try scan.next() {
        if let buffer = scan.takeRetired() {
          let count = events.count
          events.reverse()
          guard found.put(.success(Chunk(events: events, buffer: buffer))) else { return }
          events = []
          events.reserveCapacity(count + count / 8)
        }
        events.append(consume event)
      }
      events.reverse()
      _ = found.put(.success(Chunk(events: events, buffer: [])))
    } catch {
      _ = found.put(.failure(error))
    }
  }
}
