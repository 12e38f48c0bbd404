import Control
import Cryptography
import Format
import Platform
import Replication
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// What the loop stores by itself and what it leaves to the disk's thread.
@Suite(.serialized) struct StoreQueueTests {
  private let node = TurnedNode()

  private func office(_ loop: NodeLoop) throws -> OfficeNode { try #require(loop.office) }

  /// A node with an office and a disk that was quick of late.
  private func quickNode() throws -> NodeLoop {
    let loop = try node.start()
    try node.found(loop)
    let queue = try office(loop).queue
    var events: [PollEvent] = []
    while queue.underway > 0 || queue.hasWaiting { try loop.turn(&events) }
    for _ in 0..<DiskPace.earnedMin { queue.pace.note(.zero) }
    return loop
  }

  private func send(_ loop: NodeLoop, _ text: String, _ done: @escaping (Bool) -> Void) {
    loop.send(SendCall(to: "everyone", text: text, id: nil)) { done((try? $0.get()) != nil) }
  }

  @Test func `on a quick disk a small message is durable in the turn that takes it`() throws {
    let loop = try quickNode()
    var isDone = false
    send(loop, "small") { isDone = $0 }
    #expect(!isDone)
    var events: [PollEvent] = []
    try loop.turn(&events)
    #expect(isDone)
    #expect(try office(loop).queue.underway == 0)
    loop.stop()
  }

  @Test func `a large one is left to the thread, and what comes behind it goes the same way`()
    throws
  {
    try sendLargeThenSmall()
    #expect(try texts(2).map(\.?.utf8.count) == [StoreQueue.quickBytesMax, 6])
  }

  private func sendLargeThenSmall() throws {
    let loop = try quickNode()
    var done: [Bool] = []
    send(loop, String(repeating: "x", count: StoreQueue.quickBytesMax)) { done.append($0) }
    var events: [PollEvent] = []
    try loop.turn(&events)
    #expect(done.isEmpty)
    #expect(try office(loop).queue.underway == 1)
    send(loop, "behind") { done.append($0) }
    while done.count < 2 { try loop.turn(&events) }
    #expect(done == [true, true])
    loop.stop()
  }

  @Test func `what waits for the end of the turn is stored by a node that stops`() throws {
    try sendAndStop()
    #expect(try texts(1) == ["last"])
  }

  private func sendAndStop() throws {
    let loop = try quickNode()
    var isDone = false
    send(loop, "last") { isDone = $0 }
    try office(loop).commitWaiting()
    #expect(try office(loop).queue.hasWaiting)
    loop.stop()
    #expect(isDone)
  }

  /// The newest texts, as the next start reads them.
  private func texts(_ count: Int) throws -> [String?] {
    let loop = try node.start()
    defer { loop.stop() }
    let page = try office(loop).read(
      ReadCall(group: "everyone", limit: count, sinceMs: nil, untilMs: nil, before: nil))
    return page.messages.map(\.text)
  }

  /// Carries out all orders together when the test says so.
  private final class Together: StoreWorker {
    private let work: StoreQueue.Work
    private var orders: [StoreQueue.Order] = []

    init(_ work: @escaping StoreQueue.Work) { self.work = work }

    func submit(_ order: StoreQueue.Order) -> Bool {
      orders.append(order)
      return true
    }

    func stop() {
      work(&orders)
    }
  }

  @Test func `of what waits together that is stored for which there is room`() throws {
    // Where a batch may take room depends on whose it is: of each kind what became of it.
    for (free, kept) in [
      (1_100_000, [BatchStanding.others, .office, .own]), (990_000, [.office, .own]),
      (700_000, [.own]), (400_000, []),
    ] {
      let disk = MemoryDisk()
      let settings = StoreSettings(
        segmentBytesMax: 1 << 22, freeBytesMin: 1_000_000, entropy: LinuxEntropy())
      let (store, _) = try Store.open(disk, settings, first: []) { _, _, _ in }
      disk.limit(room: free)
      let done = Mutex<[StoreToken: Bool]>([:])
      let queue = try StoreQueue(store.writer, LinuxClock(), by: Together.init) { outcome in
        let isStored = (try? outcome.result.get()) != nil
        done.withLock { done in for token in outcome.tokens { done[token] = isStored } }
      }
      var tokens: [BatchStanding: StoreToken] = [:]
      for (number, standing) in [BatchStanding.own, .others, .office].enumerated() {
        let token = StoreToken(UInt64(number))
        tokens[standing] = token
        let job = store.prepare(
          try founding(), isOwn: standing == .own, inOffice: standing == .office, arrival: 5)
        #expect(queue.add(.init(token: token, job: job)))
      }
      queue.stop()
      let stored = done.withLock { done in tokens.filter { done[$0.value] ?? false }.keys.sorted() }
      #expect(stored == kept, "\(free) bytes free")
      // After that nothing is stored, however quick the disk was.
      for _ in 0..<DiskPace.earnedMin { queue.pace.note(.zero) }
      let late = store.prepare(try founding(), isOwn: true, arrival: 5)
      #expect(!queue.add(.init(token: StoreToken(9), job: late)) && !queue.hasWaiting)
    }
  }

  /// The first batch of some office.
  private func founding() throws -> Batch {
    let secrets = DeviceSecrets()
    return Founding(
      secrets: secrets, member: MemberID(secrets.device.bytes.prefix),
      recoveryKey: DeviceKey(Bytes32(Random.bytes32())),
      officeSecret: Bytes32(Random.bytes32()), nonce: Bytes16(Random.bytes16()), wall: 5
    ).batch
  }

  @Test func `a disk is quick once it was so often enough, and no more after a long wait`() {
    var pace = DiskPace()
    for _ in 1..<DiskPace.earnedMin { pace.note(DiskPace.quick) }
    #expect(!pace.isQuick)
    pace.note(DiskPace.quick)
    #expect(pace.isQuick)
    pace.note(DiskPace.slow)
    #expect(!pace.isQuick)
    for _ in 0..<DiskPace.earnedMin * 2 { pace.note(.zero) }
    pace.note(DiskPace.slow)
    #expect(pace.isQuick, "one longer flush among many is nothing")
    pace.note(DiskPace.slow + .milliseconds(1))
    #expect(!pace.isQuick)
  }
}
