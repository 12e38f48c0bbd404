import Glibc
import Testing

@testable import Platform

struct PollerTests {
  let clock = LinuxClock()

  @Test func `a passed moment only looks, a coming one is waited for`() throws {
    var poller = try Poller.open()
    var events = [PollEvent(token: 9, isReadable: true, isWritable: false, isClosed: false)]
    try poller.wait(until: Moment(nanoseconds: 0), into: &events)
    #expect(events.isEmpty)
    let moment = clock.now() + .milliseconds(5)
    // A signal may end a wait early, so it is repeated like in any loop.
    for _ in 0..<1_000 where clock.now() < moment {
      try poller.wait(until: moment, into: &events)
    }
    #expect(clock.now() >= moment)
    try poller.wait(until: moment, into: &events)
    #expect(events.isEmpty)
  }

  @Test func `what is ready comes with its token until it is handled`() throws {
    var poller = try Poller.open()
    let pair = try Socket.pair()
    try poller.add(pair.first.descriptor, token: 7, interest: .read)
    var events: [PollEvent] = []
    try poller.wait(until: Moment(nanoseconds: 0), into: &events)
    #expect(events.isEmpty)
    #expect(write([1], to: pair.second) == .bytes(1))
    for _ in 0..<2 {
      try poller.wait(until: .distantFuture, into: &events)
      #expect(
        events == [PollEvent(token: 7, isReadable: true, isWritable: false, isClosed: false)])
    }
    try poller.modify(pair.first.descriptor, token: 8, interest: [.read, .write])
    try poller.wait(until: nil, into: &events)
    #expect(events == [PollEvent(token: 8, isReadable: true, isWritable: true, isClosed: false)])
    try poller.remove(pair.first.descriptor)
    try poller.wait(until: Moment(nanoseconds: 0), into: &events)
    #expect(events.isEmpty)
  }

  @Test func `a closed peer is reported even without interest`() throws {
    var poller = try Poller.open()
    let socket = try Socket.pair().takeFirst()
    try poller.add(socket.descriptor, token: 1, interest: [])
    var events: [PollEvent] = []
    try poller.wait(until: clock.now() + .seconds(10), into: &events)
    #expect(events.map(\.isClosed) == [true])
  }

  @Test func `adding twice and removing what is not there are errors`() throws {
    var poller = try Poller.open()
    let waker = try Waker.open()
    do {
      try poller.remove(waker.descriptor)
      Issue.record("removed what was never added")
    } catch {
      #expect(error.system == .notFound)
    }
    try poller.add(waker.descriptor, token: 1, interest: .read)
    do {
      try poller.add(waker.descriptor, token: 1, interest: .read)
      Issue.record("added twice")
    } catch {
      #expect(error.system == .alreadyExists)
    }
  }

  @Test func `a waker wakes from another thread, once until it is reset`() throws {
    var poller = try Poller.open()
    let waker = try Waker.open()
    try poller.add(waker.descriptor, token: 3, interest: .read)
    let worker = try WorkerThread<Int>(name: "waker", capacity: 4) { _ in
      waker.wake()
      waker.wake()
    }
    #expect(worker.submit(1))
    var events: [PollEvent] = []
    try poller.wait(until: clock.now() + .seconds(10), into: &events)
    #expect(events.map(\.token) == [3])
    worker.stop()
    waker.reset()
    try poller.wait(until: Moment(nanoseconds: 0), into: &events)
    #expect(events.isEmpty)
  }

  @Test func `a signal becomes an event of this thread`() throws {
    var signals = try SignalDescriptor.open([.hangUp, .terminate])
    let early = signals.next()
    #expect(early == nil)
    #expect(pthread_kill(pthread_self(), SIGHUP) == 0)
    var poller = try Poller.open()
    try poller.add(signals.descriptor, token: 2, interest: .read)
    var events: [PollEvent] = []
    try poller.wait(until: clock.now() + .seconds(10), into: &events)
    #expect(events.map(\.token) == [2])
    let (first, second) = (signals.next(), signals.next())
    #expect(first == .hangUp)
    #expect(second == nil)
  }
}

struct NetworkTests {
  @Test func `this computer has its loopback interface`() throws {
    let interfaces = try networkInterfaces()
    let loopback = try #require(interfaces.first { $0.kind == .loopback })
    #expect(loopback.isUp)
    #expect(loopback.index > 0)
    #expect(loopback.addresses.contains(InterfaceAddress(ip: .loopbackV4, prefixLength: 8)))
    #expect(interfaces.map(\.index) == interfaces.map(\.index).sorted())
  }

  @Test(arguments: [
    "docker0", "br-1f2e", "veth12ab", "virbr0", "tun0", "tap3", "wg0", "tailscale0",
  ])
  func `names of containers, virtual machines and tunnels are known`(name: String) {
    #expect(NetworkInterface.Kind(guessing: name) == .virtual)
  }

  @Test(arguments: ["eth0", "enp3s0", "wlan0", "wlp2s0", "br0", "bond0", "eno1"])
  func `names of cables and radios are taken for what they are`(name: String) {
    #expect(NetworkInterface.Kind(guessing: name) == .physical)
  }

  @Test func `the route monitor opens and has nothing to say at first`() throws {
    var monitor = try RouteMonitor.open()
    // Something may change on this computer meanwhile; the call must end either way.
    _ = monitor.takeChanges()
    let number = monitor.descriptor.number
    #expect(number >= 0)
  }

  @Test(
    arguments: [
      ([16, 0, 0, 0, 20, 0], true), ([16, 0, 0, 0, 21, 0], true), ([16, 0, 0, 0, 16, 0], true),
      ([16, 0, 0, 0, 17, 0], true), ([16, 0, 0, 0, 24, 0], false), ([0, 0, 0, 0, 24, 0], false),
      ([255, 255, 255, 255, 24, 0], false),
    ] as [([UInt8], Bool)])
  func `messages about addresses and links are told from others`(head: [UInt8], isChange: Bool) {
    let message = head + [UInt8](repeating: 0, count: 10)
    #expect(RouteMonitor.namesChange(message[...]) == isChange)
    for count in 0..<16 { #expect(!RouteMonitor.namesChange(message[..<count])) }
    // A message of another kind before it does not hide it; a length that lies ends the reading.
    let other: [UInt8] = [18, 0, 0, 0, 24, 0] + [UInt8](repeating: 0, count: 14)
    #expect(RouteMonitor.namesChange((other + message)[...]) == isChange)
  }

  @Test func `sleep shows where one clock runs ahead of the other`() {
    var watch = SuspendWatch(now: Moment(nanoseconds: 1_000), awake: Moment(nanoseconds: 0))
    func at(_ now: Duration, _ awake: Duration) -> Duration? {
      watch.sleep(now: Moment(nanoseconds: 1_000) + now, awake: Moment(nanoseconds: 0) + awake)
    }
    #expect(at(.seconds(5), .seconds(5)) == nil)
    #expect(at(.seconds(6), .seconds(6) - .milliseconds(1)) == nil)
    #expect(at(.seconds(100), .seconds(7)) == .seconds(93))
    #expect(at(.seconds(101), .seconds(8)) == nil)
    #expect(at(.seconds(109), .seconds(15)) == .seconds(1))
  }
}
