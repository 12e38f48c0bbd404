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
      state: host.hasDiscovery ? .running : .avahiAbsent,
      publication: isSeen ? .established(instance) : .none,
      sightings: 0, nodes: 0, waiting: 0, ignored: 0, crowdedOut: 0)
  }

  /// Where this one is seen in a segment.
  private func place(in segment: Int) -> SightingPlace {
    SightingPlace(instance: instance, interface: Int32(2 + segment), overIPv6: false)
  }

  /// Whether it announces anything.
  private var isSeen: Bool { publication != nil && !isOver && host.hasDiscovery }

  private var segments: Segments { host.world.segments }

  func announce(_ publication: Publication?) {
    self.publication = publication
    for other in neighbours { other.discovery?.look(at: self) }
  }

  func refresh() {
    for other in neighbours {
      if let theirs = other.discovery { look(at: theirs) }
    }
  }

  /// The hosts in the same segments.
  private var neighbours: [Host] {
    host.world.hosts.filter {
      $0 !== host && !segments.shared(host.number, $0.number).isEmpty
    }
  }

  /// The host came into a segment: it announces itself there, and sees who is there.
  func hasEntered(_ segment: Int) {
    for other in host.world.hosts where other !== host && segments.isIn(segment, other.number) {
      guard let theirs = other.discovery else { continue }
      theirs.look(at: self)
      look(at: theirs)
    }
  }

  /// The host went out of a segment. Who stayed believes for a while that it is there.
  func hasLeft(_ segment: Int) {
    let world = host.world
    for other in world.hosts where other !== host && segments.isIn(segment, other.number) {
      guard let theirs = other.discovery else { continue }
      hear(.lost(theirs.place(in: segment)))
      let (place, number) = (place(in: segment), host.number)
      world.after(.seconds(world.chance.number(5...120)), host: other.number) { [weak theirs] in
        guard let theirs, !theirs.isOver, !world.segments.isIn(segment, number) else { return }
        theirs.hear(.lost(place))
      }
    }
  }

  /// Sees what another one announces, if that gets through.
  private func look(at other: SimulatedDiscovery) {
    let world = host.world
    let wait = Duration.milliseconds(world.chance.number(5...400))
    let hearings = world.hearings()
    if hearings > 0 { look(at: other, after: wait) }
    if hearings > 1 { look(at: other, after: wait + world.echo()) }
  }

  private func look(at other: SimulatedDiscovery, after wait: Duration) {
    let world = host.world
    world.after(wait, host: host.number) { [weak self, weak other] in
      guard let self, let other, !isOver, host.hasDiscovery,
        !world.isBlocked(from: other.host.number, to: host.number)
      else { return }
      for segment in segments.shared(host.number, other.host.number) {
        guard let publication = other.publication, other.isSeen,
          let address = segments.address(of: other.host.number, in: segment)
        else {
          hear(.lost(other.place(in: segment)))
          continue
        }
        hear(
          .sighted(
            Sighting(
              place: other.place(in: segment), interfaceName: "eth\(segment)",
              address: SocketAddress(address, port: publication.port),
              announcement: publication.announcement,
              isRecognised: configuration.recognises(publication.announcement))))
      }
    }
  }

  /// Hears of another one what a spoofer says in its name: that it is somewhere else, or gone. The
  /// spoofer stands in the segment of whoever hears it, and may have heard the other one in another.
  func hearSpoofed(of named: Host, _ chance: inout SeededGenerator) {
    guard !isOver, host.hasDiscovery, let other = named.discovery,
      let publication = other.publication,
      let here = segments.places(of: host.number).first
    else { return }
    if chance.oneIn(4) { return hear(.lost(other.place(in: here.segment))) }
    let digits = Array("0123456789abcdef".utf8)
    let name = InstanceName(bytes: (0..<16).map { _ in digits[chance.number(0...15)] })
    let instance = chance.oneIn(4) ? other.instance : name ?? other.instance
    let hosts = host.world.hosts
    let somebodys: IPAddress? =
      switch chance.number(0...3) {
      case 0: here.address
      case 1: segments.places(of: chance.number(0...hosts.count - 1)).first?.address
      case 2: segments.places(of: named.number).first?.address
      default: nil
      }
    let ip = somebodys ?? IPAddress(v4: 0x0a4d_6300 | UInt32(chance.number(1...250)))
    let port = chance.oneIn(2) ? publication.port : UInt16(chance.number(1...65_535))
    hear(
      .sighted(
        Sighting(
          place: SightingPlace(
            instance: instance, interface: Int32(2 + here.segment), overIPv6: chance.oneIn(4)),
          interfaceName: "eth\(here.segment)", address: SocketAddress(ip, port: port),
          announcement: publication.announcement,
          isRecognised: configuration.recognises(publication.announcement))))
  }

  /// Hears of a door of somebody who belongs to no office.
  func hearOfDoor(at address: SocketAddress, salt: [UInt8], hint: [UInt8], as name: [UInt8]) {
    guard !isOver, host.hasDiscovery, let here = segments.places(of: host.number).first,
      let instance = InstanceName(bytes: name)
    else { return }
    let announcement = Announcement(salt: salt, hint: hint, isDoorOpen: true)
    hear(
      .sighted(
        Sighting(
          place: SightingPlace(
            instance: instance, interface: Int32(2 + here.segment), overIPv6: false),
          interfaceName: "eth\(here.segment)", address: address, announcement: announcement,
          isRecognised: configuration.recognises(announcement))))
  }

  private func hear(_ event: DiscoveryEvent) {
    tell(event)
    host.posted()
  }

  /// Avahi is gone, and what it announced with it, or it is back.
  func systemChanged(silently isSilent: Bool) {
    guard !isOver else { return }
    hear(.state(status.state))
    if host.hasDiscovery { refresh() }
    if isSilent { return }
    for other in neighbours { other.discovery?.look(at: self) }
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
