import Authority
import Control
import Cryptography
import Discovery
import Format
package import Platform
import Replication
import Storage
import Transport

/// Where this node listens, is announced, and learns addresses of others.
extension NodeLoop {
  func listen() throws(Fatal) {
    do {
      try links.listen(on: [.anyV4, .anyV6], port: configuration.port)
    } catch {
      throw Fatal(
        .portUnavailable, error.description,
        hint: Fatal.descriptorsHint(error)
          ?? "choose another: --port N, or \"port\" in the configuration")
    }
    do {
      // Whoever calls before anything else is due is to wake the first turn.
      try links.flush(&poller, at: clock.now())
    } catch {
      throw Fatal(.bug, error.description)
    }
  }

  func watchRoutes() {
    do {
      let monitor = try RouteMonitor.open()
      try poller.add(monitor.descriptor, token: LoopToken.routes, interest: .read)
      routes = consume monitor
      knownInterfaces = (try? networkInterfaces()) ?? []
    } catch {
      log(.warning, "changes of addresses are not noticed: \(error)")
    }
  }

  func startDiscovery() {
    guard configuration.usesDiscovery else { return }
    let filter = InterfaceFilter.physical(and: Set(configuration.interfaces))
    let (mailbox, recognised) = (mailbox, recognised)
    do {
      discovery = try surroundings.openDiscovery(
        DiscoveryConfiguration(
          interfaces: filter, clock: clock, entropy: entropy,
          recognises: { recognised.isWanted($0) })
      ) { event in
        // A mailbox that is half full drops a hint, and all that was told by hints is asked for anew.
        _ = mailbox.send(.discovery(event), filling: 2)
      }
      announce()
    } catch {
      log(.warning, "discovery does not start: \(error)")
    }
  }

  /// Tells the network where this node listens and, to those who know the office, of which it is.
  func announce() {
    guard let office = membership?.office, !isCarried, links.port != 0 else { return }
    let salt = randomBytes(8)
    discovery?.announce(
      Publication(
        port: links.port,
        announcement: Announcement(
          salt: salt, hint: officeHint(office, salt: salt), isDoorOpen: door.opening != nil)))
  }

  func takeDiscovery(_ event: DiscoveryEvent, _ now: Moment) {
    switch event {
    case .sighted(let sighting):
      noteDoor(sighting, now)
      // Of another office: not ours to call. The hint decides nothing else.
      guard recognised.recognises(sighting.announcement) else { return }
      dialBook.learn(
        sighting.address, from: .sighting, name: sighting.place.instance.description,
        place: sighting.place.description, device: nil, at: now)
    case .lost(let place):
      forgetDoor(place)
      dialBook.forget(
        .sighting, name: place.instance.description, place: place.description)
    case .publication: break
    case .state(let state): log(.notice, state.text)
    }
  }

  /// Something that discovery told was dropped. What appeared is told again at each look, and what ended
  /// is not: nobody knows any more which of those that are believed are still announced.
  func takeDroppedHints() {
    guard mailbox.takeRefusal() else { return }
    log(.notice, "more was announced at once than was taken in; the network is looked at anew")
    dialBook.forget(all: .sighting)
    forgetDoors()
    discovery?.refresh()
  }

  /// Seeds: an address is dialled as it is, a name is looked up off the loop, and again as long as
  /// no link leads to what it stands for.
  func addSeeds() {
    let now = clock.now()
    for text in configuration.seeds {
      guard let endpoint = try? Endpoint(parsing: text, defaultPort: Limits.defaultPort) else {
        continue
      }
      switch endpoint {
      case .address(let address):
        dialBook.learn(address, from: .seed, name: text, device: nil, at: now)
      case .name: break
      }
    }
    resolveSeeds(now)
  }

  /// Looks up the names of seeds: what they stand for can change, and at a start of the computer
  /// there may be nobody yet who knows.
  func resolveSeeds(_ now: Moment) {
    seedsResolvedAt = now
    for name in seedNames { resolveSeed(name) }
  }

  private var seedNames: [String] {
    configuration.seeds.filter { text in
      if case .name? = try? Endpoint(parsing: text, defaultPort: Limits.defaultPort) { return true }
      return false
    }
  }

  /// Looks up once more those that lead to nobody who is linked, whoever else is: the name may have
  /// another address by now, and it may be the only way to the other half of the office.
  func resolveSeedsAgain(_ now: Moment) {
    guard let last = seedsResolvedAt, now - last >= .seconds(Limits.seedLookupSeconds) else {
      return
    }
    seedsResolvedAt = now
    for name in unlinkedSeedNames { resolveSeed(name) }
  }

  /// The names among the seeds none of whose addresses a link leads to.
  var unlinkedSeedNames: [String] {
    seedNames.filter { name in
      !dialBook.addresses(from: .seed, name: name).contains { isLinked(at: $0) }
    }
  }

  /// Looks up a name, and lets the loop know by a letter; false where too many wait already.
  @discardableResult
  func resolveSeed(_ text: String) -> Bool {
    if resolver == nil {
      let mailbox = mailbox
      resolver = try? WorkerThread(name: "names", capacity: Self.namesMax) { texts in
        for text in texts {
          guard
            case .name(let name, let port)? = try? Endpoint(
              parsing: text, defaultPort: Limits.defaultPort)
          else { continue }
          _ = mailbox.send(.resolved(text, (try? resolve(name, port: port)) ?? []))
        }
      }
    }
    return resolver?.submit(text) ?? false
  }

  /// The kernel said that something changed. It says so of much that changes nothing, such as each
  /// router's word and each look of a radio, and of anybody's containers; and where addresses do come
  /// and go all the time, all is tried anew once a second at most.
  package func compareRoutes(_ now: Moment) {
    if let last = routesComparedAt, now - last < .seconds(1) {
      routesDueAt = last + .seconds(1)
      return
    }
    routesDueAt = nil
    guard let found = try? surroundings.network.interfaces() else {
      routesComparedAt = now
      return addressesChanged(now)
    }
    let before = knownInterfaces
    knownInterfaces = found
    let named = Set(configuration.interfaces)
    guard found.leading(orNamed: named) != before.leading(orNamed: named) else { return }
    routesComparedAt = now
    addressesChanged(now)
  }

  /// Avahi tells of a computer once, and of its new address only who asks: as long as a device of the
  /// office is not linked, it is asked now and then (D-4).
  func lookAgain(_ now: Moment) {
    guard let office, let discovery else { return }
    let last = lookedAgainAt ?? now
    guard lookedAgainAt == nil || now - last >= .seconds(Limits.lookAgainSeconds) else { return }
    lookedAgainAt = now
    // The first look was the start's own.
    guard last < now else { return }
    let isMissing = office.replica.rosterNow().devices.contains { device in
      device.isLive && !isLinked(device.key)
    }
    if isMissing { discovery.refresh() }
  }

  /// A removal may have lost its effect, since who wrote it was removed: whom it had put out is linked
  /// again at once, and where that is this device, nobody's word stands any more that it was (D-6).
  func linkReadmitted(_ now: Moment) {
    guard let office else { return }
    let roster = office.replica.rosterNow()
    let isBack = office.wasRemoved && !office.isRemoved
    office.wasRemoved = office.isRemoved
    // Who still knows of that removal alone says so again.
    if isBack { office.removalTellers = [] }
    for link in leaving.keys.sorted() {
      guard let known = up[link]?.up,
        roster.device(noise: known.remoteKey, named: known.greeting.certificate)?.isLive ?? false
      else { continue }
      leaving[link] = nil
      links.close(link, .notNow, at: now)
    }
    dialBook.readmit(ownIsBack: isBack, at: now) { roster.isLive(noise: $0) }
  }

  func addressesChanged(_ now: Moment) {
    links.probeAll(at: now)
    dialBook.restart(at: now)
    discovery?.refresh()
    resolveSeeds(now)
  }

  /// After a sleep no link can be believed, and everything is tried at once.
  func noticeSleep(_ now: Moment) {
    guard suspendWatch.sleep(now: now, awake: clock.awake()) != nil else { return }
    addressesChanged(now)
  }
}

extension [NetworkInterface] {
  /// Those that lead to other computers: what looks like a cable or radio, or is named, and has an
  /// address.
  func usable(orNamed names: Set<String>) -> [NetworkInterface] {
    filter { interface in
      interface.isUp && !interface.addresses.isEmpty
        && (interface.kind == .physical || names.contains(interface.name))
    }
  }

  /// What decides over which ways others are reached. Of an interface that looks virtual, unless it is
  /// named, the addresses count that others can have: the ends of containers come and go with addresses
  /// of their own link, and bridges have a carrier while one runs.
  func leading(orNamed names: Set<String>) -> [NetworkInterface] {
    compactMap { interface in
      guard interface.kind == .virtual, !names.contains(interface.name) else { return interface }
      let addresses = interface.addresses.filter { !$0.ip.isLinkLocal }
      guard !addresses.isEmpty else { return nil }
      return NetworkInterface(
        name: interface.name, index: interface.index, kind: interface.kind, isUp: interface.isUp,
        isRunning: true, canMulticast: interface.canMulticast, addresses: addresses)
    }
  }
}
