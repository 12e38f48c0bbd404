import Cryptography
import Format
import Platform

@testable import Transport

/// A link set on real loopback sockets whose time only the test moves.
final class TestNode {
  private var links: LinkSet
  private var poller: Poller
  private var ready: [PollEvent] = []
  let identity: LinkIdentity
  var now = Moment.at(0)
  private(set) var events: [TransportEvent] = []

  init(_ device: UInt8, secret: UInt8 = 1) throws {
    identity = try Someone.identity(device, secret: secret)
    poller = try Poller.open()
    links = LinkSet(
      identities: [identity], bootNonce: BootNonce(Bytes16(UInt64(device), 9)),
      clock: FixedClock(), network: TCPNetwork())
  }

  /// A node that listens on both loopback addresses at a port the system chose.
  static func listening(_ device: UInt8, secret: UInt8 = 1) throws -> TestNode {
    let node = try TestNode(device, secret: secret)
    try node.listen(port: 0)
    return node
  }

  func listen(port: UInt16?) throws {
    try links.listen(on: [.loopbackV4, .loopbackV6], port: port)
    turn()
  }

  func tryListening(port: UInt16) throws(SocketError) {
    try links.listen(on: [.loopbackV4, .loopbackV6], port: port)
  }

  var port: UInt16 { links.port }
  var refusedConnections: UInt64 { links.refusedConnections }
  var isAtRest: Bool { links.isAtRest }
  var deadline: Moment { links.deadline }
  var infos: [LinkInfo] { links.infos }

  @discardableResult
  func dial(_ address: SocketAddress, mode: Preface.Mode = .member) -> LinkID {
    links.dial(address, as: identity, mode: mode, at: now)
  }

  @discardableResult
  func dial(_ node: TestNode, over ip: IPAddress = .loopbackV4) -> LinkID {
    dial(SocketAddress(ip, port: node.port))
  }

  func send(_ message: Message, on link: LinkID) -> Bool { links.send(message, on: link) }
  func send(entries content: [UInt8], on link: LinkID) -> Bool {
    links.send(entries: content, on: link)
  }
  func hasRoom(_ link: LinkID) -> Bool { links.hasRoom(link) }
  func queuedBytes(_ link: LinkID) -> Int { links.queuedBytes(link) }
  func close(_ link: LinkID, _ bye: Message.Bye) { links.close(link, bye, at: now) }
  func closeAll(_ bye: Message.Bye) { links.closeAll(bye, at: now) }
  func promote(_ link: LinkID) { links.promote(link) }
  func pauseReading(_ link: LinkID) { links.pauseReading(link) }
  func resumeReading(_ link: LinkID) { links.resumeReading(link) }
  func open(_ door: DoorKey?) { links.door = door }
  func hold(_ link: LinkID, until moment: Moment) { links.hold(link, until: moment) }
  @discardableResult
  func knock(_ node: TestNode) -> LinkID {
    links.knock(
      at: SocketAddress(.loopbackV4, port: node.port), with: DoorKey(NoiseKey()), at: now)
  }
  func probeAll() { links.probeAll(at: now) }

  /// One turn of the loop a daemon runs, without waiting.
  func turn() {
    do throws(SocketError) {
      try poller.wait(until: Moment(nanoseconds: .min), into: &ready)
      for event in ready where LinkSet.owns(event.token) { links.handle(event, at: now) }
      links.tick(at: now)
      takeEvents()
      try links.flush(&poller, at: now)
      takeEvents()
    } catch {
      preconditionFailure("a test's poller failed: \(error)")
    }
  }

  private func takeEvents() {
    while let event = links.nextEvent() { events.append(event) }
  }

  func forgetEvents() { events = [] }

  var ups: [(id: LinkID, up: LinkUp, address: SocketAddress)] {
    events.compactMap {
      if case .up(let id, let up, let address) = $0 { (id, up, address) } else { nil }
    }
  }
  var downs: [LinkDown] {
    events.compactMap { if case .down(let down) = $0 { down } else { nil } }
  }
  var messages: [Message] {
    events.compactMap { if case .message(_, let message) = $0 { message } else { nil } }
  }
  var rooms: Int { events.count { if case .hasRoom = $0 { true } else { false } } }
}

/// A wall clock that stands; the moments come from the tests.
struct FixedClock: Clock {
  func now() -> Moment { .at(0) }
  func wall() -> Timestamp { Timestamp(milliseconds: 1_700_000_000_000) }
}

/// Lets the nodes take turns until the condition holds; false when ten real seconds did not do.
func run(_ nodes: TestNode..., until condition: () -> Bool) -> Bool {
  let clock = LinuxClock()
  let end = clock.now() + .seconds(10)
  while !condition() {
    for node in nodes { node.turn() }
    if clock.now() >= end { return condition() }
  }
  return true
}
