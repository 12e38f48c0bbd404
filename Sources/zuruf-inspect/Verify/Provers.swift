import Format
import Platform
import Synchronization

/// Threads that prove record groups while the store is read, one for each further processor.
final class Provers {
  private let workers: [WorkerThread<[Proof]>]
  private let found = Findings()
  private var gathered: [Proof] = []
  private var gatheredBytes = 0
  private var turn = 0

  /// So much goes to a thread at once: a few milliseconds of work whether signatures or hashes.
  private static let proofsMax = 32
  private static let bytesMax = 1 << 17
  /// What may wait for one thread; short, so that all end at nearly the same time.
  private static let queueMax = 8

  init(processors: Int) throws(SocketError) {
    var workers: [WorkerThread<[Proof]>] = []
    let found = found
    for number in 1..<max(1, processors) {
      workers.append(
        try WorkerThread(name: "prove-\(number)", capacity: Self.queueMax) { chunks in
          for chunk in chunks { found.add(chunk) }
        })
    }
    self.workers = workers
  }

  /// Takes in one record group; where all threads have enough to do, this one does its share.
  func prove(_ proof: Proof) {
    gathered.append(proof)
    gatheredBytes += proof.batch.records.count
    if gathered.count >= Self.proofsMax || gatheredBytes >= Self.bytesMax { hand() }
  }

  /// Waits for all and says what they found.
  func finish() -> [Finding] {
    hand()
    for worker in workers { worker.stop() }
    return found.all
  }

  private func hand() {
    let chunk = gathered
    gathered = []
    gatheredBytes = 0
    guard !chunk.isEmpty else { return }
    for _ in workers {
      turn = (turn + 1) % workers.count
      if workers[turn].submit(chunk) { return }
    }
    found.add(chunk)
  }

  /// What was found, from whichever thread.
  private final class Findings: Sendable {
    private let list = Mutex<[Finding]>([])

    var all: [Finding] { list.withLock { $0 } }

    func add(_ chunk: [Proof]) {
      let new = chunk.flatMap { $0.findings() }
      if !new.isEmpty { list.withLock { $0 += new } }
    }
  }
}
