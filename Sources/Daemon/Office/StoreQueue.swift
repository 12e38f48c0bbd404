import Format
import Platform
import Replication
import Storage

/// Has batches stored by a thread of its own, or, where the disk is quick, small ones by the loop.
///
/// The loop waits for no slow disk. But one that makes an entry durable in a fifth of a millisecond
/// is done before two threads have woken each other twice, so there the loop writes what is small by
/// itself, at the end of its turn, as long as the disk stays quick.
package final class StoreQueue {
  package struct Order: Sendable {
    let token: StoreToken
    var job: WriteJob
  }

  /// What became of orders that were carried out together.
  struct Outcome: Sendable {
    let tokens: [StoreToken]
    let result: Result<[Order], StorageError>
    /// How long it took.
    let took: Duration
  }

  /// The loop's own share in one turn: what lies above is left to the thread, so that the loop can
  /// take in what comes meanwhile.
  static let quickBytesMax = 8_192

  private let writer: StoreWriter
  private let clock: any Clock
  private let worker: any StoreWorker
  var pace = DiskPace()
  /// Orders for the end of this turn.
  private var waiting: [Order] = []
  private var waitingBytes = 0
  /// How many orders the thread has not answered.
  private(set) var underway = 0
  private var isStopped = false

  /// Carries out all orders that wait.
  package typealias Work = @Sendable (inout [Order]) -> Void

  /// `storing` makes the worker; `answer` is called by it.
  init(
    _ writer: StoreWriter, _ clock: any Clock,
    by storing: (@escaping Work) throws(SocketError) -> any StoreWorker,
    _ answer: @escaping @Sendable (Outcome) -> Void
  ) throws(SocketError) {
    (self.writer, self.clock) = (writer, clock)
    worker = try storing { orders in
      for outcome in Self.perform(orders, writer, clock) { answer(outcome) }
    }
  }

  /// Whether something is to be stored in this turn.
  var hasWaiting: Bool { !waiting.isEmpty }

  /// Has one more batch stored; false where nothing is any more.
  func add(_ order: Order) -> Bool {
    guard !isStopped else { return false }
    let bytes = order.job.batch.records.count
    if underway == 0, pace.isQuick, waitingBytes + bytes <= Self.quickBytesMax {
      waiting.append(order)
      waitingBytes += bytes
      return true
    }
    // In the order in which they came.
    return handOver() && submit(order)
  }

  /// Carries out what waits for the end of this turn; none where nothing does.
  func performWaiting() -> [Outcome] {
    guard !waiting.isEmpty else { return [] }
    let outcomes = Self.perform(waiting, writer, clock)
    waiting = []
    waitingBytes = 0
    for outcome in outcomes { pace.note(outcome.took) }
    return outcomes
  }

  /// What the thread answered.
  func heard(_ outcome: Outcome) {
    underway -= outcome.tokens.count
    pace.note(outcome.took)
  }

  /// Waits until everything that was added is on the disk, and stores nothing any more.
  func stop() {
    _ = handOver()
    isStopped = true
    worker.stop()
  }

  private func handOver() -> Bool {
    while let order = waiting.first {
      guard submit(order) else { return false }
      waiting.removeFirst()
      waitingBytes -= order.job.batch.records.count
    }
    return true
  }

  private func submit(_ order: Order) -> Bool {
    guard worker.submit(order) else { return false }
    underway += 1
    return true
  }

  /// Carries out orders together. Where there is no room for what others wrote, the rest is written
  /// without it, for who fills the disk is removed by an entry of the office log.
  private static func perform(
    _ orders: [Order], _ writer: StoreWriter, _ clock: any Clock
  ) -> [Outcome] {
    let standings = Set(orders.map(\.job.standing)).sorted()
    if standings.count < 2 || writer.state.takes(standings[0]) {
      let all = store(orders, writer, clock)
      guard standings.count > 1, case .failure(.full) = all.result else { return [all] }
    }
    return standings.map { standing in
      store(orders.filter { $0.job.standing == standing }, writer, clock)
    }
  }

  private static func store(
    _ orders: [Order], _ writer: StoreWriter, _ clock: any Clock
  ) -> Outcome {
    let began = clock.now()
    var jobs = orders.map(\.job)
    let result = Result { () throws(StorageError) in
      try writer.perform(&jobs)
      return zip(orders, jobs).map { Order(token: $0.token, job: $1) }
    }
    return Outcome(
      tokens: orders.map(\.token), result: result, took: clock.now() - began)
  }
}

/// Who stores what the loop does not store by itself; it is handed over in order.
package protocol StoreWorker: AnyObject {
  /// Takes one more order; false where nothing is stored any more.
  func submit(_ order: StoreQueue.Order) -> Bool

  /// Waits until every order is carried out, and takes no more.
  func stop()
}

extension WorkerThread: StoreWorker where Job == StoreQueue.Order {}

/// Whether a disk was quick of late.
struct DiskPace {
  /// What takes longer is nothing that the loop waits for.
  static let quick: Duration = .microseconds(500)
  /// What takes longer still has stood in everybody's way, and is not risked again soon.
  static let slow: Duration = .milliseconds(5)
  /// Each quick flush earns one, up to the double; a longer one costs four.
  static let earnedMin = 8

  private var earned = 0

  var isQuick: Bool { earned >= Self.earnedMin }

  /// Notes how long storing took.
  mutating func note(_ took: Duration) {
    switch took {
    case ...Self.quick: earned = min(earned + 1, Self.earnedMin * 2)
    case ...Self.slow: earned = max(earned - 4, 0)
    default: earned = 0
    }
  }
}
