import Daemon
internal import Discovery
internal import Format
import Platform
import TestSupport

/// One computer of the world, and the node that runs on it, if one does.
package final class Host {
  package let number: Int
  unowned let world: World
  let clock: HostClock
  /// The data directory, the state directory, and what is gone when the computer stops.
  private(set) var disk = MemoryDisk() {
    didSet { looked = nil }
  }
  private var states: [String: MemoryDisk] = [:]
  private var runtimes: [String: MemoryDisk] = [:]
  /// How often the computer was switched on.
  private(set) var boots: UInt64 = 1
  /// What it is told apart from others by; a copy of a whole disk has it, too.
  private var machine: UInt64
  /// What somebody put aside: the data directory, and all of the disk.
  private var backup:
    (data: MemoryDisk, whole: MemoryDisk, states: [String: MemoryDisk], isLetIn: Bool)?
  /// What its disk truly keeps, since its flushes lie: the data directory and the state directories.
  private var kept: (data: MemoryDisk, states: [String: MemoryDisk], boot: UInt64, isLetIn: Bool)?
  /// Whether its node said that it is in an office, by what its disk holds, and nobody asked to set aside what is
  /// there: after no start may it say that it has none.
  var isLetIn = false
  /// What its node knew when somebody stopped it, until the next start.
  var before: Before?
  /// Whether its disk was to fail, then or later: a node in whose time it did trusts it no more.
  private(set) var isDiskDistrusted = false
  /// Whether what says where own messages end may be older than what was heard of them: since it lost its
  /// power no node has started.
  private(set) var isLockBehind = false
  /// It is switched off for good.
  private(set) var isOver = false
  /// Which of the starts of the node this is; what was begun in an earlier one is nobody's any more.
  private(set) var life = 0
  /// How it ends within what it stores next.
  var cut: CutShort?
  private(set) var node: NodeLoop? { didSet { reckon() } }
  /// Somebody who lies has taken the computer over: no node starts here any more.
  private(set) var liar: Liar? { didSet { reckon() } }
  /// Somebody without an office sits here, who stands at others' doors.
  private(set) var stranger: Stranger? { didSet { reckon() } }
  private(set) var network: HostNetwork?
  private var watch: SimulatedWatch?
  private var worker: SimulatedWorker?
  private(set) var discovery: SimulatedDiscovery?
  /// Whether what announces and hears runs on its system.
  private(set) var hasDiscovery = true
  /// When the node next gets to run: something happened, or its own deadline.
  private var stirredAt: Moment? { didSet { reckon() } }
  private var deadline: Moment = .distantFuture { didSet { reckon() } }
  private(set) var isAsleep = false { didSet { reckon() } }
  /// Whether the system has news of addresses for the node, which reads them when it runs.
  var hasNewRoutes = false
  /// Addresses that the configuration names.
  var seeds: [String] = []
  private var events: [PollEvent] = []
  /// How far its disk was looked at; nil where that is another by now.
  private var looked: Int?
  /// Until when its disk takes long, and how long.
  var diskDelay = 100...400
  /// Why the last start failed, if it did.
  package private(set) var refusal: String?

  /// One of the disks of a node: its data directory, or a directory of the device of this name.
  enum Place {
    case data
    case state(String)
    case runtime(String)
  }

  /// Stands between the node and its disks, where somebody wants to see what it does to them.
  var border: (MemoryDisk, Place) -> any Disk = { disk, _ in disk }

  init(_ number: Int, in world: World) {
    (self.number, self.world) = (number, world)
    clock = HostClock(world.time)
    machine = UInt64(number) + 1
  }

  package var isRunning: Bool { node != nil }
  private var process: (any HostProcess)? { liar ?? stranger ?? node }
  /// Whether a node runs here, or will again.
  var isHonest: Bool { liar == nil && stranger == nil && !isOver }

  /// When it wants to run; never where nothing runs.
  private func reckon() {
    let runs = (node != nil || liar != nil || stranger != nil) && !isAsleep
    world.wake(number, at: runs ? min(stirredAt ?? .distantFuture, deadline) : .distantFuture)
  }

  /// Something happened that the node should look at soon.
  func stir() {
    guard process != nil, stirredAt == nil else { return }
    stirredAt = world.now + .microseconds(world.chance.number(5...200))
  }

  /// Whether something happened that the node has not looked at yet.
  var isStirred: Bool { stirredAt != nil }

  /// Something was done to an end that the node watches.
  func stir(_ number: Int32) {
    watch?.stir(number)
    stir()
  }

  /// A letter lies in the node's box.
  func posted() {
    watch?.isPosted = true
    stir()
  }

  /// The node may watch it.
  func watch(_ end: any Watched) { watch?.know(end) }

  /// An end that the node of this start watched is no more.
  func forget(_ number: Int32, life: Int) {
    if life == self.life { watch?.forget(number) }
  }

  func takeTurn() {
    guard let process else { return }
    stirredAt = nil
    if hasNewRoutes {
      hasNewRoutes = false
      world.acting(as: number) { node?.compareRoutes(world.now) }
    }
    do throws(SocketError) {
      try world.acting(as: number) { () throws(SocketError) in try process.turn(&events) }
    } catch {
      world.fail("the loop of host \(number) ended: \(error)")
    }
    deadline = max(process.dueAt, world.now + .microseconds(10))
    if watch?.hasReady ?? false { stir() }
    _ = endCutShort()
  }

  /// Whether something became durable since somebody looked.
  var hasNewLog: Bool { disk.flushes != looked }

  func noteLook() { looked = disk.flushes }

  // MARK: Starting and ending

  /// Starts the node from what its disks hold.
  func start() {
    guard node == nil, isHonest else { return }
    if world.audit.isRotten(number) {
      world.look(at: self)
      world.audit.noteStart(at: number)
    }
    life += 1
    (stirredAt, deadline, isAsleep, refusal) = (nil, .distantFuture, false, nil)
    hasNewRoutes = false
    let watch = SimulatedWatch()
    let network = HostNetwork(self)
    (self.watch, self.network) = (watch, network)
    do {
      var configuration = Configuration()
      configuration.seeds = seeds
      let overhearing = Overhearing(self)
      world.audit.ownFeeds.begin(at: self)
      try world.acting(as: number) {
        let node = try NodeLoop(configuration, in: surroundings(watch, network))
        self.node = node
        node.overhear { overhearing.hear($0, on: $1, to: $2) }
        node.listen { overhearing.listening.hear($0, of: $1) }
        try node.start()
      }
      isLockBehind = false
      world.note(number, "starts")
      if let before { compare(with: before) }
      before = nil
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
      clock: clock, entropy: SeededEntropy(), network: network, watch: watch,
      disk: border(disk, .data),
      openState: { [self] name in
        let state = states[name] ?? MemoryDisk()
        let runtime = runtimes[name] ?? MemoryDisk()
        (states[name], runtimes[name]) = (state, runtime)
        return (border(state, .state(name)), border(runtime, .runtime(name)))
      },
      machine: Bytes16(machine, 1), boot: Bytes16(UInt64(number) + 1, boots),
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
    before = remembered()
    world.acting(as: number) { node.stop() }
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
    end(byPower: true, leaving: disk)
  }

  func end(byPower isPower: Bool, leaving left: MemoryDisk) {
    stopped(silently: isPower)
    disk = isPower ? left.crashed(drawing: &world.chance) : left.killed()
    if !isPower { return }
    for name in states.keys.sorted() {
      states[name] = states[name]?.crashed(drawing: &world.chance)
    }
    runtimes = [:]
    boots += 1
    isLockBehind = true
  }

  /// Lets its disk fail, now or at a later operation.
  func failDisk(_ fault: MemoryDisk.Fault) {
    spare()
    isDiskDistrusted = true
    disk.fail(fault)
  }

  /// Its disk fails no more, and its node was started since.
  func trustDisk() { isDiskDistrusted = false }

  /// From now on its disk says that it keeps what it does not.
  func beginLying() {
    world.note(number, "has a disk whose flushes lie")
    kept = (disk.crashed(.lost), states.mapValues { $0.crashed(.lost) }, boots, isLetIn)
  }

  /// Whether a power cut would take away what the disk says to keep: it was not switched off since it
  /// began to lie.
  var isLying: Bool { kept?.boot == boots && !isOver }

  /// Loses its power, and all that was written since its disk began to lie.
  func losePowerAndMore() {
    guard isLying, let kept else { return }
    world.note(number, "loses its power, and what its disk said to keep")
    isLetIn = kept.isLetIn
    if node != nil { stopped(silently: true) }
    (disk, states, runtimes) = (kept.data, kept.states, [:])
    boots += 1
  }

  /// Begins with what a power cut has left on these disks.
  func begin(with data: MemoryDisk, states: [String: MemoryDisk]) {
    (disk, self.states, runtimes) = (data, states, [:])
    boots += 1
  }

  // MARK: Disks that are copied, put back, lost or rotten

  /// Puts a copy of the disk aside.
  func backUp() {
    world.note(number, "is backed up")
    backup = (
      MemoryDisk(files: disk.files), disk.cloned(), states.mapValues { $0.cloned() }, isLetIn
    )
  }

  var hasBackup: Bool { backup != nil }

  /// Puts back what was put aside: the data directory alone, or all of the disk.
  func restore(isWhole: Bool) {
    guard let backup, !isOver else { return }
    kill()
    isLetIn = backup.isLetIn
    world.note(number, isWhole ? "gets an old disk back" : "gets an old data directory back")
    if isWhole {
      disk = backup.whole.cloned()
      states = backup.states.mapValues { $0.cloned() }
      runtimes = [:]
      boots += 1
    } else {
      disk = MemoryDisk(files: backup.data.files)
    }
  }

  /// The disk is gone, and an empty one is there.
  func loseDisk() {
    kill()
    world.note(number, "has lost its disk")
    isLetIn = false
    (disk, states, runtimes, backup) = (MemoryDisk(), [:], [:], nil)
    boots += 1
  }

  /// Begins with what the disk of another computer holds at this moment: its data directory alone, or
  /// all of it, so that nothing tells the two apart.
  func begin(asCopyOf other: Host, isWhole: Bool) {
    world.note(
      number, "is a copy of \(isWhole ? "the disk" : "the data directory") of \(other.number)")
    if isWhole {
      disk = other.disk.cloned()
      states = other.states.mapValues { $0.cloned() }
      machine = other.machine
    } else {
      disk = MemoryDisk(files: other.disk.files)
    }
  }

  /// Somebody takes it over who lies: its node ends for good. False where no device of an office is here.
  func takeOver(seed: UInt64, flood: Flood?, bringsDevices: Bool, ruses: Set<Ruse>) -> Bool {
    kill()
    let (watch, network) = (SimulatedWatch(), HostNetwork(self))
    let liar = Liar(
      self, network, watch, seed: seed, flood: flood, bringsDevices: bringsDevices, ruses: ruses)
    guard let liar else { return false }
    world.note(number, "is taken over")
    (self.watch, self.network, self.liar) = (watch, network, liar)
    (stirredAt, deadline, isAsleep) = (nil, world.now, false)
    return true
  }

  /// A stranger's computer, on which no node ever runs.
  func begin(asStranger seed: UInt64) {
    let (watch, network) = (SimulatedWatch(), HostNetwork(self))
    (self.watch, self.network) = (watch, network)
    stranger = Stranger(self, network, watch, seed: seed)
    (stirredAt, deadline) = (nil, world.now)
    world.note(number, "is a stranger's")
  }

  /// It is switched off and never on again.
  func end() {
    if process != nil { stopped(silently: false) }
    isOver = true
  }

  private func stopped(silently isSilent: Bool) {
    spare()
    worker?.end()
    discovery?.end(silently: isSilent)
    network?.end(silently: isSilent)
    // With a process its memory goes too.
    node?.forgetWaiting()
    (node, liar, stranger) = (nil, nil, nil)
    (worker, discovery, network, watch) = (nil, nil, nil, nil)
  }

  /// The lid is closed for so long.
  func sleep(for duration: Duration) {
    guard process != nil, !isAsleep else { return }
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

  /// What announces and hears on its system ends, or begins.
  func setDiscovery(_ isThere: Bool, silently isSilent: Bool) {
    guard hasDiscovery != isThere else { return }
    hasDiscovery = isThere
    discovery?.systemChanged(silently: isSilent)
  }
}

extension NodeLoop: HostProcess {}
