import Discovery
internal import Format
import Platform
import TestSupport

/// Discovery in a simulated segment: what one announces the others see after a while.
final class SimulatedDiscovery: DiscoveryService {
  private unowned let host: Host
  private let configuration: DiscoveryConfiguration
  private let tell: @Sendable (DiscoveryEvent) -> Void
  private let instance: InstanceName
  private var publication: Publication?
  private var isOver = false

  init(
    _ host: Host, _ configuration: DiscoveryConfiguration,
    _ tell: @escaping @Sendable (DiscoveryEvent) -> Void
  ) {
    (self.host, self.configuration, self.tell) = (host, configuration, tell)
    instance = InstanceName(from: configuration.entropy)
    refresh()
  }

  var status: DiscoveryStatus {
    DiscoveryStatus(
      state: .running, publication: publication == nil ? .none : .established(instance),
      sightings: 0, nodes: 0, waiting: 0, ignored: 0, crowdedOut: 0)
  }

  private var place: SightingPlace {
    SightingPlace(instance: instance, interface: 2, overIPv6: false)
  }

  func announce(_ publication: Publication?) {
    self.publication = publication
    for other in host.world.hosts where other !== host { other.discovery?.look(at: self) }
  }

  func refresh() {
    for other in host.world.hosts where other !== host {
      if let theirs = other.discovery { look(at: theirs) }
    }
  }

  /// Sees what another one announces, if that gets through.
  private func look(at other: SimulatedDiscovery) {
    let world = host.world
    let wait = Duration.milliseconds(world.chance.number(5...400))
    world.after(wait, host: host.number) { [weak self, weak other] in
      guard let self, let other, !isOver,
        !world.isBlocked(from: other.host.number, to: host.number)
      else { return }
      guard let publication = other.publication, !other.isOver else {
        return hear(.lost(other.place))
      }
      hear(
        .sighted(
          Sighting(
            place: other.place, interfaceName: "eth0",
            address: SocketAddress(other.host.address, port: publication.port),
            announcement: publication.announcement,
            isRecognised: configuration.recognises(publication.announcement))))
    }
  }

  /// Hears of another one what a stranger says in its name: that it is somewhere else, or gone.
  func hearSpoofed(of named: Host, _ chance: inout SeededGenerator) {
    guard !isOver, let other = named.discovery, let publication = other.publication else { return }
    if chance.oneIn(4) { return hear(.lost(other.place)) }
    let digits = Array("0123456789abcdef".utf8)
    let name = InstanceName(bytes: (0..<16).map { _ in digits[chance.number(0...15)] })
    let instance = chance.oneIn(4) ? other.instance : name ?? other.instance
    let hosts = host.world.hosts
    let ip =
      switch chance.number(0...3) {
      case 0: host.address
      case 1: hosts[chance.number(0...hosts.count - 1)].address
      case 2: named.address
      // Nobody's.
      default: IPAddress(v4: 0x0a4d_6300 | UInt32(chance.number(1...250)))
      }
    let port = chance.oneIn(2) ? publication.port : UInt16(chance.number(1...65_535))
    hear(
      .sighted(
        Sighting(
          place: SightingPlace(instance: instance, interface: 2, overIPv6: chance.oneIn(4)),
          interfaceName: "eth0", address: SocketAddress(ip, port: port),
          announcement: publication.announcement,
          isRecognised: configuration.recognises(publication.announcement))))
  }

  private func hear(_ event: DiscoveryEvent) {
    tell(event)
    host.posted()
  }

  func stop() {
    announce(nil)
    isOver = true
  }

  /// The process is gone; Avahi withdraws what it announced, unless it is gone as well.
  func end(silently isSilent: Bool) {
    if !isOver, !isSilent { announce(nil) }
    isOver = true
  }
}
