import Control
import Format
import Platform
import Replication
import Storage

/// What goes to the disk, and what becomes of it.
extension OfficeNode {
  func storeBatch(_ batch: Batch, _ token: StoreToken, isOwn: Bool) {
    if !isOwn, unclosed.contains(batch.feed) { return heldBatches.append((batch, token)) }
    let job = store.prepare(
      batch, isOwn: isOwn, inOffice: batch.group == office, arrival: wall)
    // There is room for all that the replica hands over, so only a node that stops gets here.
    if !queue.add(.init(token: token, job: job)) {
      finish(token, .failure(readOnlyError("it is stopping")))
    }
  }

  /// What the disk's thread has done.
  func take(_ outcome: StoreQueue.Outcome) {
    queue.heard(outcome)
    carryOut(outcome)
  }

  /// Whether something is to be stored in this turn of the loop.
  var hasQuickStores: Bool { queue.hasWaiting }

  /// Stores what a quick disk stores within the turn; whether there was anything.
  func storeQuickly() -> Bool {
    let outcomes = queue.performWaiting()
    for outcome in outcomes { carryOut(outcome) }
    return !outcomes.isEmpty
  }

  private func carryOut(_ outcome: StoreQueue.Outcome) {
    switch outcome.result {
    case .success(let orders):
      do {
        try continuity?.advance(orders.lazy.filter(\.job.isOwn).map(\.job.batch))
      } catch {
        // Durable, and so told; but the lock does not know it, so nothing may follow it.
        lockFailed(error)
      }
      // One by one: where a feed parts, the store and the replica name its branches anew in step.
      var taken: [StoreToken] = []
      var lost: [StoreToken] = []
      for order in orders {
        guard store.finish(order.job) else {
          isOutOfStep = true
          lost.append(order.token)
          continue
        }
        handle(.stored(order.token, arrivalMilliseconds: order.job.arrival))
        taken.append(order.token)
        if !order.job.isOwn { hasStoredOthers = true }
      }
      if case .writing = storeState { toldFaults.forget() }
      for token in taken { finish(token, .success(())) }
      for token in lost { finish(token, .failure(readOnlyError(Self.outOfStep, mayAppear: true))) }
    case .failure(let error):
      tellOfFault(error)
      let told = readOnlyError(error.description, mayAppear: error.mayHaveWritten)
      for token in outcome.tokens { finish(token, .failure(told)) }
      // What others wrote may find no room where own entries still do.
      if !storeState.takesOwn { refuseWaiting(readOnlyError(error.description)) }
    }
  }

  /// Says in the log why nothing can be stored.
  private func tellOfFault(_ error: StorageError) {
    guard toldFaults.isNew(storeState) else { return }
    // What the store's state kept away says so by itself.
    if case .notWriting = error { return log(.error, error.description) }
    log(.error, "nothing can be stored: \(error)")
  }

  /// Why nothing is written while `isOutOfStep`.
  static let outOfStep =
    "what the disk holds is not what was to be there; it is read anew once another computer is linked"

  private func finish(_ token: StoreToken, _ result: Result<Void, ControlError>) {
    committing[token] = nil
    for body in afterStored.removeValue(forKey: token) ?? [] { body(result) }
  }

  /// Goes on once a batch is durable; never before.
  func whenStored(_ token: StoreToken, _ body: @escaping (Result<Void, ControlError>) -> Void) {
    afterStored[token, default: []].append(body)
  }

  /// This office is replaced by what is durable of it: whoever still waits is told so.
  func giveUp() {
    let error = readOnlyError("the disk failed meanwhile")
    // Whoever hears of it may write once more, which the stopped disk refuses.
    let told = readOnlyError("the disk failed meanwhile", mayAppear: true)
    while let token = afterStored.keys.min() { finish(token, .failure(told)) }
    answerAwaited(all: true)
    refuseHeld(error)
    refuseWaiting(error)
  }

  /// This office ends, and whoever still waits sees the connection end: what is called for them would
  /// hold this office, which holds it.
  func forgetWaiting() {
    (held, afterStored, waiting, inFlight) = ([], [:], [:], [:])
  }

  /// `mayAppear`: what was to be stored may lie on the disk all the same.
  func readOnlyError(_ detail: String, mayAppear: Bool = false) -> ControlError {
    ControlError(
      .readOnly, "this computer cannot store anything: \(detail)",
      hint: (mayAppear
        ? "it was not sent, but may be once the node was restarted: look before you write it again"
        : "nothing was sent") + "; zuruf doctor says what to do")
  }
}

/// What links get of what is stored.
extension OfficeNode {
  /// The next entries for a link as the content of an `entries` message; nil where it wants none.
  func nextEntries(for link: Replication.LinkID) -> [UInt8]? {
    while let serving = replica.nextServing(on: link) {
      do {
        if let content = try store.packed(
          serving.group, serving.place, from: serving.from, bytesMax: serving.bytesMax)
        {
          let head = try BatchHead(decoding: content, at: 16)
          replica.served(serving, through: head.first + UInt32(head.count) - 1, on: link)
          return content
        }
        replica.served(serving, through: nil, on: link)
      } catch {
        log(.warning, "stored entries cannot be served: \(error)")
        replica.served(serving, through: nil, on: link)
      }
    }
    return nil
  }
}
