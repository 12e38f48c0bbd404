import Control
import Daemon
internal import Discovery
internal import Format
package import Platform
import TestSupport

/// One computer of the world, and the node that runs on it, if one does.
package final class Host {
  package let number: Int
  package let address: IPAddress
  unowned let world: World
  let clock: HostClock
  /// The data directory, the state directory, and what is gone when the computer stops.
  private(set) var disk = MemoryDisk()
  private(set) var state = MemoryDisk()
  private var runtime = MemoryDisk()
  /// How often the computer was switched on.
  private var boots: UInt64 = 1
  /// Which of the starts of the node this is; what was begun in an earlier one is nobody's any more.
  private(set) var life = 0
  private(set) var node: NodeLoop?
  private(set) var network: HostNetwork?
  private var watch: SimulatedWatch?
  private var worker: SimulatedWorker?
  private(set) var discovery: SimulatedDiscovery?
  /// When the node next gets to run: something happened, or its own deadline.
  private var stirredAt: Moment?
  private var deadline: Moment = .distantFuture
  private var isAsleep = false
  private var events: [PollEvent] = []
  /// Until when its disk takes long, and how long.
  var diskDelay = 100...400
  /// Why the last start failed, if it did.
  package private(set) var refusal: String?

  init(_ number: Int, in world: World) {
    (self.number, self.world) = (number, world)
    address = IPAddress(v4: 0x0a4d_0000 | UInt32(number + 1))
    clock = HostClock(world.time)
  }

  package var isRunning: Bool { node != nil }

  /// When it wants to run; nil where nothing runs.
  var wakeAt: Moment? {
    guard node != nil, !isAsleep else { return nil }
    return min(stirredAt ?? .distantFuture, deadline)
  }

  /// Something happened that the node should look at soon.
  func stir() {
    guard node != nil, stirredAt == nil else { return }
    stirredAt = world.now + .microseconds(world.chance.number(5...200))
  }

  /// A letter lies in the node's box.
  func posted() {
    watch?.isPosted = true
    stir()
  }

  /// The node may watch it.
  func watch(_ end: any Watched) { watch?.know(end) }

  func takeTurn() {
    guard let node else { return }
    stirredAt = nil
    do throws(SocketError) {
      try node.turn(&events)
    } catch {
      world.fail("the loop of host \(number) ended: \(error)")
    }
    deadline = max(node.nextDeadline(), world.now + .microseconds(10))
    if watch?.hasReady ?? false { stir() }
  }

  // MARK: Starting and ending

  /// Starts the node from what its disks hold.
  func start() {
    guard node == nil else { return }
    life += 1
    (stirredAt, deadline, isAsleep, refusal) = (nil, .distantFuture, false, nil)
    let watch = SimulatedWatch()
    let network = HostNetwork(self)
    (self.watch, self.network) = (watch, network)
    do {
      let node = try NodeLoop(Configuration(), in: surroundings(watch, network))
      self.node = node
      try node.start()
      world.note(number, "starts")
      deadline = world.now
    } catch let fatal as Fatal {
      stopped(silently: false)
      refusal = fatal.text
      world.note(number, "does not start: \(fatal.text)")
    } catch {
      stopped(silently: false)
      world.fail("host \(number) cannot start: \(error)")
    }
  }

  private func surroundings(_ watch: SimulatedWatch, _ network: HostNetwork) -> Surroundings {
    Surroundings(
      clock: clock, entropy: SeededEntropy(), network: network, watch: watch, disk: disk,
      openState: { [self] _ in (state, runtime) },
      machine: Bytes16(UInt64(number) + 1, 1), boot: Bytes16(UInt64(number) + 1, boots),
      openDiscovery: { [self] configuration, tell in
        let discovery = SimulatedDiscovery(self, configuration, tell)
        self.discovery = discovery
        return discovery
      },
      storing: { [self] work in
        let worker = SimulatedWorker(self, work)
        self.worker = worker
        return worker
      })
  }

  /// It is told to stop, and does so in order.
  func stop() {
    guard let node else { return }
    world.note(number, "stops")
    node.stop()
    stopped(silently: false)
  }

  /// The process ends at once; the system lives on and closes its connections.
  func kill() {
    guard node != nil else { return }
    world.note(number, "is killed")
    stopped(silently: false)
  }

  /// The power fails: of what was not flushed anything may be there, and nobody is told.
  func losePower() {
    guard node != nil else { return }
    world.note(number, "loses its power")
    stopped(silently: true)
    disk = disk.crashed(drawing: &world.chance)
    state = state.crashed(drawing: &world.chance)
    runtime = MemoryDisk()
    boots += 1
  }

  private func stopped(silently isSilent: Bool) {
    worker?.end()
    discovery?.end(silently: isSilent)
    network?.end(silently: isSilent)
    (node, worker, discovery, network, watch) = (nil, nil, nil, nil, nil)
  }

  /// The lid is closed for so long.
  func sleep(for duration: Duration) {
    guard node != nil, !isAsleep else { return }
    world.note(number, "sleeps")
    isAsleep = true
    let life = life
    world.after(duration, host: number) { [self] in
      guard self.life == life, isAsleep else { return }
      isAsleep = false
      clock.sleep(for: duration)
      world.note(number, "wakes")
      stir()
    }
  }

  // MARK: People

  /// What a person at this host asks of the node; not asked where none runs.
  func ask(_ request: ControlRequest, _ answer: @escaping Answer) {
    guard let node else { return }
    node.ask(RequestLine(id: .number(1), request: request), answer)
    stir()
  }
}

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
    host.posted()
  }

  func stop() {
    if !isOver { carryOut() }
    isOver = true
  }

  /// What was not begun never is.
  func end() { isOver = true }
}
