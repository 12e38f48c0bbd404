import Platform
import Synchronization
import TestSupport

@testable import Discovery

/// What Avahi and strangers may tell in any order.
enum Discoveries {
  static let target = FuzzTarget(
    name: "discovery", kind: .sequence,
    abstract: "whatever is announced, no list grows beyond its limit, and each resolver is let go",
    reaches: ["Discovery"], sizeMax: 1_024, seeds: { seeds() }, run: { try run($0) })

  private static let record: [UInt8] = {
    let announcement = Announcement(
      salt: [UInt8](repeating: 1, count: 8), hint: [UInt8](repeating: 2, count: 8))
    return announcement.record.strings.flatMap { [UInt8($0.count)] + $0 }
  }()

  private static func seeds() -> [[UInt8]] {
    let connect: [UInt8] = [0, 0, 1, 2, 1, 1, 10, 4]
    let seen: [UInt8] = [3, 1, 0, 1, 3, 2, 1, 1, 6, 0, 4, 10, 0, 0, 7, 0xb9, 0x72, 0, 6, 0, 1]
    let named: [UInt8] = [6, 0, 4, 192, 168, 1, 2, 0, 80, UInt8(record.count)] + record
    return [
      connect + seen + named, connect + seen + [4, 1, 0, 1, 5, 7, 1, 0, 11, 200, 12],
      connect + [2, 0, 8, 0, 8, 1, 8, 2, 8, 3, 5] + seen,
      connect + (0..<40).flatMap { [UInt8(3), $0, 0, 1, 11, $0] } + [9, 10, 255],
      [0, 0, 7, 1, 2, 3, 10, 255, 1, 2, 10, 255],
    ]
  }

  private struct Counting: Entropy {
    private final class Box: Sendable { let next = Mutex<UInt8>(0) }
    private let box = Box()

    func fill(_ buffer: inout MutableSpan<UInt8>) {
      let number = box.next.withLock { value in
        value &+= 1
        return value
      }
      for place in 0..<buffer.count { buffer[place] = number }
    }
  }

  private struct Standing: Clock {
    func now() -> Moment { Moment(nanoseconds: 0) }
    func awake() -> Moment { Moment(nanoseconds: 0) }
    func wall() -> Timestamp { Timestamp(milliseconds: 0) }
  }

  private static let interfaces: [(number: Int32, name: String)] = [
    (2, "eth0"), (3, "docker0"), (0, "lo"), (-1, "eth1"), (4, ""),
  ]

  static func run(_ input: [UInt8]) throws {
    var choices = Choices(input)
    var now = Moment(nanoseconds: 1_000_000_000)
    var machine = DiscoveryMachine(
      DiscoveryConfiguration(
        interfaces: .physical(and: []), clock: Standing(), entropy: Counting(),
        recognises: { $0.hint.first == 2 }), at: now)
    var view = View()
    while !choices.isOver {
      let next = happening(&choices, view, &now)
      machine.handle(next, at: now)
      if next == .client(.settling) || next == .client(.running) { view.hasAnswered = true }
      try view.carryOut(&machine)
      if case .tick = next { machine.excuse(.milliseconds(Int(choices.byte()))) }
      try check(machine, view)
    }
    _ = machine.deadline(at: now)
  }

  private static func check(_ machine: borrowing DiscoveryMachine, _ view: View) throws(Found) {
    let status = machine.status
    try need(status.sightings <= DiscoveryLimits.sightingsMax, "too many sightings are kept")
    try need(status.nodes <= status.sightings, "there are more nodes than sightings")
    try need(status.waiting <= DiscoveryLimits.waitingMax, "too many wait to be resolved")
    try need(view.resolvers.count <= DiscoveryLimits.resolversMax, "too many resolvers run")
    try need(view.sighted.count == status.sightings, "what was told is not what is remembered")
  }

  /// What Avahi and the node have of it.
  private struct View {
    var hasClient = false
    /// Whether Avahi has answered it: then it is awaited no more, it is there or the client fails.
    var hasAnswered = false
    var resolvers: [ResolveQueue.ID] = []
    var sighted: Set<SightingPlace> = []

    mutating func carryOut(_ machine: inout DiscoveryMachine) throws(Found) {
      while let effect = machine.nextEffect() {
        switch effect {
        case .openClient:
          try need(!hasClient, "a second client is made")
          (hasClient, hasAnswered) = (true, false)
        case .closeClient: (hasClient, resolvers) = (false, [])
        case .resolve(let id, _):
          try need(
            hasClient && !resolvers.contains(id), "a resolver runs twice, or without a client")
          resolvers.append(id)
        case .freeResolver(let id):
          guard let place = resolvers.firstIndex(of: id) else {
            throw Found("a resolver is let go that does not run")
          }
          resolvers.remove(at: place)
        case .tell(.sighted(let sighting)):
          try need(!sighting.address.ip.isLoopback, "this computer itself is taken for another one")
          sighted.insert(sighting.place)
        case .tell(.lost(let place)):
          try need(sighted.remove(place) != nil, "what was never seen is lost")
        case .browse, .announce, .updateText, .withdraw, .ask:
          try need(hasClient, "something is wanted of a client that is not there")
        case .tell: break
        }
      }
    }
  }

  private static func name(_ choices: inout Choices) -> [UInt8] {
    let byte = choices.byte()
    // Hardly any bytes are a name by chance.
    return byte < 200
      ? Array(("0123456789abcd" + String(byte, radix: 16)).utf8.suffix(16))
        + (byte < 16 ? [0x30] : []) : choices.piece()
  }

  private static func happening(
    _ choices: inout Choices, _ view: View, _ now: inout Moment
  ) -> DiscoveryInput {
    let error = AvahiError(Int32(choices.byte() & 63) * -1)
    let kind = choices.below(12)
    // Without a client nobody speaks for Avahi.
    guard view.hasClient || [0, 2, 9, 10].contains(kind) else { return .tick }
    switch kind {
    case 0: return .tick
    case 1:
      switch choices.below(4) {
      case 0: return .client(view.hasAnswered ? .failed(error) : .awaitingAvahi)
      case 1: return .client(.settling)
      case 2: return .client(.running)
      default: return .client(.failed(error))
      }
    case 2:
      let port = choices.number16()
      let salt = [UInt8](repeating: choices.byte(), count: 8)
      return .announce(
        port == 0
          ? nil
          : Publication(
            port: port,
            announcement: Announcement(salt: salt, hint: salt, isDoorOpen: port & 1 == 0)))
    case 3, 4:
      let name = name(&choices)
      let interface = interfaces[choices.below(interfaces.count)]
      let overIPv6 = choices.byte() & 1 == 1
      return choices.byte() & 3 == 0
        ? .browsing(.vanished(name: name, interface: interface.number, overIPv6: overIPv6))
        : .browsing(
          .appeared(
            name: name, interface: interface.number, interfaceName: interface.name,
            overIPv6: overIPv6))
    case 5: return choices.byte() & 7 == 0 ? .browsing(.failed(error)) : .browsing(.allForNow)
    case 6:
      let id = choices.one(of: view.resolvers) ?? ResolveQueue.ID(number: UInt64(choices.byte()))
      let address = choices.piece()
      let port = choices.number16()
      let text = choices.byte()
      return .resolved(
        id,
        .init(
          interfaceName: "eth0", address: address, port: port,
          text: text == 0 ? record : choices.take(Int(text))))
    case 7:
      return .resolveFailed(
        choices.one(of: view.resolvers) ?? ResolveQueue.ID(number: UInt64(choices.byte())),
        choices.byte() & 3 == 0 ? .tooManyObjects : error)
    case 8:
      switch choices.below(4) {
      case 0: return .announcing(.registering)
      case 1: return .announcing(.established)
      case 2: return .announcing(.collision)
      default: return .announcing(.failed(error))
      }
    case 9: return choices.byte() & 7 == 0 ? .noClient(error, busReached: true) : .refresh
    case 10:
      now = now + .milliseconds(Int(choices.byte()) * 40)
      return .tick
    default: return choices.byte() & 15 == 0 ? .notAnswered(error) : .tick
    }
  }
}
