import Platform
import Testing

@testable import Discovery

/// A machine with a clock that is moved by hand; what it wishes is collected.
final class Driven {
  var machine: DiscoveryMachine
  var now = Moment(nanoseconds: 0)

  init() {
    let configuration = DiscoveryConfiguration(
      interfaces: .physical(and: []), clock: LinuxClock(), entropy: CountingEntropy()
    ) { $0.hint.first == 1 }
    machine = DiscoveryMachine(configuration, at: now)
  }

  @discardableResult
  func hear(_ inputs: DiscoveryInput...) -> [DiscoveryEffect] {
    var effects: [DiscoveryEffect] = []
    for input in inputs {
      machine.handle(input, at: now)
      while let effect = machine.nextEffect() { effects.append(effect) }
    }
    return effects
  }

  /// Goes to the machine's deadline, which must lie in the future.
  func sleep() throws -> [DiscoveryEffect] {
    let deadline = try #require(machine.deadline(at: now))
    #expect(deadline > now)
    now = max(now, deadline)
    return hear(.tick)
  }

  /// Goes until Avahi runs.
  func run() { hear(.tick, .client(.running)) }

  /// Something appears and is resolved.
  func see(
    _ number: UInt64, host: UInt8 = 9, office: UInt8 = 1
  ) throws -> [DiscoveryEffect] {
    let id = try #require(resolvers(hear(appeared(number))).first)
    return hear(.resolved(id, resolved(host: host, office: office)))
  }
}

/// The browser saw the name of that number come.
func appeared(
  _ number: UInt64, interface: Int32 = 2, interfaceName: String = "eth0"
) -> DiscoveryInput {
  .browsing(
    .appeared(
      name: Array(name(number).description.utf8), interface: interface,
      interfaceName: interfaceName, overIPv6: false))
}

/// The browser saw the name of that number go.
func vanished(_ number: UInt64) -> DiscoveryInput {
  .browsing(
    .vanished(name: Array(name(number).description.utf8), interface: 2, overIPv6: false))
}

/// What a resolver found: a host of 10.0.0.0/24 and a record of the office of that number.
func resolved(
  host: UInt8 = 9, port: UInt16 = 47_000, office: UInt8 = 1, address: [UInt8]? = nil,
  text: [UInt8]? = nil
) -> DiscoveryInput.Resolved {
  DiscoveryInput.Resolved(
    interfaceName: "eth0", address: address ?? [10, 0, 0, host], port: port,
    text: text ?? record(announcement(office).record.strings))
}

/// The resolvers that are wanted, in order.
func resolvers(_ effects: [DiscoveryEffect]) -> [ResolveQueue.ID] {
  effects.compactMap { if case .resolve(let id, _) = $0 { id } else { nil } }
}

/// What the node is told, in order.
func told(_ effects: [DiscoveryEffect]) -> [DiscoveryEvent] {
  effects.compactMap { if case .tell(let event) = $0 { event } else { nil } }
}
