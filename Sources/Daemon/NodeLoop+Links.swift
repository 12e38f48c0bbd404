import Authority
import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

extension NodeLoop {
  // MARK: Listening, addresses, discovery

  func listen() throws(Fatal) {
    do {
      try links.listen(on: [.anyV4, .anyV6], port: configuration.port)
    } catch {
      throw Fatal(
        .portUnavailable, error.description,
        hint: "choose another with \"port\" in the configuration")
    }
  }

  func watchRoutes() {
    do {
      let monitor = try RouteMonitor.open()
      try poller.add(monitor.descriptor, token: LoopToken.routes, interest: .read)
      routes = consume monitor
    } catch {
      log(.warning, "changes of addresses are not noticed: \(error)")
    }
  }

  func startDiscovery() {
    guard configuration.usesDiscovery else { return }
    let filter: InterfaceFilter = configuration.interfaces.isEmpty ? .physical : .everyLink
    let mailbox = mailbox
    do {
      discovery = try DiscoveryThread(
        configuration: DiscoveryConfiguration(
          interfaces: filter, clock: clock, entropy: entropy, recognises: { _ in true })
      ) { event in
        // A full mailbox drops a hint; the next refresh brings it again.
        _ = mailbox.send(.discovery(event))
      }
      announce()
    } catch {
      log(.warning, "discovery does not start: \(error)")
    }
  }

  /// Tells the network where this node listens and, to those who know the office, of which it is.
  func announce() {
    guard let office = membership?.office, links.port != 0 else { return }
    let salt = randomBytes(8)
    discovery?.announce(
      Publication(
        port: links.port,
        announcement: Announcement(salt: salt, hint: officeHint(office, salt: salt))))
  }

  func takeDiscovery(_ event: DiscoveryEvent, _ now: Moment) {
    switch event {
    case .sighted(let sighting):
      // Of another office: not ours to call. The hint decides nothing else.
      let wanted = membership?.office ?? joining?.office
      guard let wanted,
        officeHint(wanted, salt: sighting.announcement.salt) == sighting.announcement.hint
      else { return }
      dialer.add(sighting.address, .mdns, at: now)
    case .lost, .publication: break
    case .state(let state): log(.notice, state.text)
    }
  }

  /// Seeds: an address is dialled as it is, a name is looked up off the loop, again and again.
  func addSeeds() {
    let now = clock.now()
    for text in configuration.seeds {
      guard let endpoint = try? Endpoint(parsing: text, defaultPort: Limits.defaultPort) else {
        continue
      }
      switch endpoint {
      case .address(let address): dialer.add(address, .seed, at: now)
      case .name: resolveSeed(text)
      }
    }
  }

  func resolveSeed(_ text: String) {
    if resolver == nil {
      let mailbox = mailbox
      resolver = try? WorkerThread(name: "names", capacity: 64) { texts in
        for text in texts {
          guard
            case .name(let name, let port)? = try? Endpoint(
              parsing: text, defaultPort: Limits.defaultPort)
          else { continue }
          _ = mailbox.send(.resolved(text, (try? resolve(name, port: port)) ?? []))
        }
      }
    }
    _ = resolver?.submit(text)
  }

  func addressesChanged(_ now: Moment) {
    links.probeAll(at: now)
    dialer.retryAll(at: now)
    discovery?.refresh()
    for text in configuration.seeds {
      if case .name? = try? Endpoint(parsing: text, defaultPort: Limits.defaultPort) {
        resolveSeed(text)
      }
    }
  }

  /// After a sleep no link can be believed, and everything is tried at once.
  func noticeSleep(_ now: Moment) {
    guard suspendWatch.sleep(now: now, awake: clock.awake()) != nil else { return }
    addressesChanged(now)
  }

  // MARK: Links

  func dialDue(_ now: Moment) {
    guard let keys else { return }
    let identity = LinkIdentity(
      keys: keys, certificate: membership?.certificate ?? EntryID(Bytes32()))
    let mode: Preface.Mode = membership == nil ? .ticket : .member
    for address in dialer.due(at: now, isLinked: isLinked) {
      let link = links.dial(address, as: identity, mode: mode, at: now)
      dialer.dialled(address, link)
    }
  }

  func takeLinkEvents(_ now: Moment) {
    while let event = links.nextEvent() {
      switch event {
      case .up(let link, let up, let address): linkUp(link, up, address, now)
      case .message(let link, let message): received(message, link, now)
      case .answered, .hasRoom: break
      case .down(let down): linkDown(down, now)
      case .acceptFailed(let error): log(.warning, "no connection can be taken: \(error)")
      }
      office?.drain()
    }
  }

  private func linkUp(
    _ link: Transport.LinkID, _ up: LinkUp, _ address: SocketAddress, _ now: Moment
  ) {
    self.up[link] = UpLink(up: up, address: address, since: clock.wall().milliseconds)
    if up.mode == .ticket {
      if up.isInitiator { askAdmission(link, up) }
      // The sponsor's side waits for the request; the machine's own limits bound the wait.
      return
    }
    guard let office else { return links.close(link, .notNow, at: now) }
    admitLink(link, up, address, office, now)
  }

  /// Finds out whose link it is (H-4) and hands it to the replica.
  func admitLink(
    _ link: Transport.LinkID, _ up: LinkUp, _ address: SocketAddress, _ office: OfficeNode,
    _ now: Moment
  ) {
    let roster = office.replica.rosterNow()
    let device = roster.device(noise: up.remoteKey)
    if let device, !device.isLive { return links.close(link, .removed, at: now) }
    if let device, device.key == office.replica.secrets.device {
      dialer.forget(address)
      return links.close(link, .done, at: now)
    }
    if let device {
      guard resolveDuplicate(link, up, device.key, now) else { return }
      linked(link, to: device.key, now)
    } else if roster.device(certificate: up.greeting.certificate) != nil {
      // The certificate is known and names another key (H-4).
      return links.close(link, .violation, at: now)
    }
    office.handle(
      .linkUp(Replication.LinkID(link.number), device?.key, noise: up.remoteKey))
  }

  /// A link is proven to be a device's.
  func linked(_ link: Transport.LinkID, to device: DeviceKey, _ now: Moment) {
    links.promote(link)
    up[link]?.device = device
    guard let known = up[link] else { return }
    if known.up.isInitiator { dialer.answered(known.address, by: device) }
    if known.up.greeting.port != 0, !known.up.isInitiator {
      let address = SocketAddress(known.address.ip, port: known.up.greeting.port)
      dialer.add(address, .incoming, at: now)
      dialer.answered(address, by: device)
    }
    clockDifferences[device] =
      Int64(clamping: known.up.greeting.wallMilliseconds)
      - Int64(clamping: clock.wall().milliseconds)
    control.changed(.devices)
  }

  /// Of two links to one device one stays (H-7); false where the new one is closed.
  private func resolveDuplicate(
    _ link: Transport.LinkID, _ new: LinkUp, _ device: DeviceKey, _ now: Moment
  ) -> Bool {
    guard let office,
      let older = up.first(where: { $0.value.device == device && $0.key != link })
    else { return true }
    switch DuplicateLinks.verdict(
      own: office.replica.secrets.device, peer: device, isOlderOurs: older.value.up.isInitiator,
      isNewerOurs: new.isInitiator)
    {
    case .keepOlder:
      links.close(link, .otherLinkStays, at: now)
      return false
    case .keepNewer: links.close(older.key, .otherLinkStays, at: now)
    case .peerDecides: break
    }
    return true
  }

  private func received(_ message: Message, _ link: Transport.LinkID, _ now: Moment) {
    switch message {
    case .admitRequest(let request): takeAdmission(request, link, now)
    case .admitAnswer(let answer, let certificate): admitted(answer, certificate, link, now)
    default:
      office?.handle(.received(Replication.LinkID(link.number), message))
    }
  }

  private func linkDown(_ down: LinkDown, _ now: Moment) {
    let jitter = randomBytes(1)[0]
    let known = up.removeValue(forKey: down.id)
    if let device = known?.device { office?.seen[device] = clock.wall().milliseconds }
    if case .ownNode = down.end { dialer.forget(down.address) }
    dialer.ended(down.id, down.end.description, at: now, jitter: jitter)
    if down.wasUp {
      office?.handle(.linkDown(Replication.LinkID(down.id.number)))
      log(.notice, "\(down.id) ended: \(down.end)")
      control.changed(.devices)
    }
    joinLinkDown(down.id)
  }

  /// Sends what the replica left, and closes what it ended.
  func flushOutbox(_ now: Moment) {
    guard let office else { return }
    let outbox = office.outbox
    office.outbox.removeAll(keepingCapacity: true)
    for (link, message) in outbox {
      // A link without room is behind by megabytes: it is compared again when it is idle.
      _ = links.send(message, on: Transport.LinkID(link.number))
    }
    let closings = office.closings
    office.closings.removeAll(keepingCapacity: true)
    for closing in closings {
      if let violation = closing.violation {
        log(.warning, "link \(closing.link.number) broke a rule: \(violation)")
      }
      links.close(Transport.LinkID(closing.link.number), closing.bye, at: now)
    }
  }

  /// Fills every link that wants entries as far as it takes them; links take turns.
  func serveLinks() {
    guard let office else { return }
    var waiting = office.replica.linksToServe
    var turns = 0
    while !waiting.isEmpty, turns < 16 {
      turns += 1
      waiting = waiting.filter { link in
        let id = Transport.LinkID(link.number)
        guard links.hasRoom(id), let content = office.nextEntries(for: link) else { return false }
        return links.send(entries: content, on: id)
      }
    }
    // Links that would take more wait only for the others' turn.
    hasServingWork = !waiting.isEmpty
  }
}
