import Daemon
import Platform
import TestSupport

/// Random bytes as libsodium draws them, which a run of the world lets grow from its seed.
struct SeededEntropy: Entropy {
  func fill(_ buffer: inout MutableSpan<UInt8>) {
    let bytes = SeededRandomness.bytes(buffer.count)
    for index in buffer.indices { buffer[index] = bytes[index] }
  }
}

/// Stores what is handed over, after a while.
final class SimulatedWorker: StoreWorker {
  private unowned let host: Host
  private let work: StoreQueue.Work
  private var orders: [StoreQueue.Order] = []
  private var isUnderway = false
  private var isOver = false

  init(_ host: Host, _ work: @escaping StoreQueue.Work) {
    (self.host, self.work) = (host, work)
  }

  func submit(_ order: StoreQueue.Order) -> Bool {
    guard !isOver else { return false }
    orders.append(order)
    begin()
    return true
  }

  private func begin() {
    guard !isUnderway, !orders.isEmpty else { return }
    isUnderway = true
    let delay = host.world.chance.number(host.diskDelay)
    host.world.after(.microseconds(delay), host: host.number) { [self] in
      isUnderway = false
      guard !isOver else { return }
      carryOut()
      begin()
    }
  }

  private func carryOut() {
    guard !orders.isEmpty else { return }
    var taken = orders
    orders = []
    work(&taken)
    if !host.endCutShort() { host.posted() }
  }

  func stop() {
    if !isOver { carryOut() }
    isOver = true
  }

  /// What was not begun never is.
  func end() { isOver = true }
}
