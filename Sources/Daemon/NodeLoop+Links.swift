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
  func dialDue(_ now: Moment) {
    guard let keys else { return }
    let identity = LinkIdentity(
      keys: keys, certificate: membership?.certificate ?? EntryID(Bytes32()))
    let mode: Preface.Mode = membership == nil ? .ticket : .member
    while let address = dialBook.next(at: now) {
      _ = links.dial(address, as: identity, mode: mode, at: now)
    }
  }

  func takeLinkEvents(_ now: Moment) {
    while let event = links.nextEvent() {
      if case .up(_, let up, let address) = event, !up.isInitiator, isElsewhere(address) {
        wasReached = true
      }
      switch event {
      case .up(let link, let up, let address) where up.mode == .digits:
        atDoor(link, up, address, now)
      case .up(let link, let up, let address): linkUp(link, up, address, now)
      case .message(let link, let message) where isAtDoor(link):
        receivedAtDoor(message, link, now)
      case .message(let link, let message): received(message, link, now)
      case .answered(let link): olderAnswered(link, now)
      case .hasRoom: break
      case .down(let down) where isAtDoor(down.id): leftDoor(down, now)
      case .down(let down): linkDown(down, now)
      case .acceptFailed(let error): log(.warning, "no connection can be taken: \(error)")
      }
      office?.drain()
    }
  }

  private func linkUp(
    _ link: Transport.LinkID, _ up: LinkUp, _ address: SocketAddress, _ now: Moment
  ) {
    self.up[link] = UpLink(
      up: up, address: address, since: clock.wall().milliseconds, began: now,
      officeAtBegin: office.flatMap { $0.replica.digest(of: $0.office) })
    dialBook.up(link, up, address, at: now)
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
    let device = roster.device(noise: up.remoteKey, named: up.greeting.certificate)
    if let device, !device.isLive {
      let farewell = farewell(to: device, office, now)
      leaving[link] = farewell
      if farewell.isAsked { _ = links.send(.whatIsHeld(of: office.office), on: link) }
      return
    }
    if let device, let until = office.barred[device.key], now < until {
      return links.close(link, .notNow, at: now)
    }
    if let device {
      resolveDuplicate(link, up, device.key, now)
      linked(link, to: device.key, now)
    } else if roster.device(certificate: up.greeting.certificate) != nil {
      // The certificate is known and names another key (H-4).
      return links.close(link, .violation, at: now)
    } else if let farewell = farewell(toVoided: up, office, now) {
      leaving[link] = farewell
      return
    }
    office.handle(
      .linkUp(
        Replication.LinkID(link.number), device?.key, noise: up.remoteKey,
        named: up.greeting.certificate))
  }

  /// A link is proven to be a device's.
  func linked(_ link: Transport.LinkID, to device: DeviceKey, _ now: Moment) {
    links.promote(link)
    up[link]?.device = device
    dialBook.proved(link, at: now)
    boundLinks(of: device, now)
    guard let known = up[link] else { return }
    keepReachedSoon(now)
    // Whoever links again does not say any more that this device was removed.
    office?.removalTellers.remove(device)
    clockLeads[device] =
      Int64(clamping: known.up.greeting.wallMilliseconds) - clock.now().milliseconds
    compareClocks()
    control.changed(.devices)
    tellPeer(device)
  }

  /// However many links one device begins, it has a few: the others' places are not its own (H-7).
  private func boundLinks(of device: DeviceKey, _ now: Moment) {
    let all = up.filter { $0.value.device == device }.keys.sorted()
    for link in all.dropLast(Limits.linksPerDeviceMax) {
      links.close(link, .otherLinkStays, at: now)
    }
  }

  /// Of two links to one device one stays (H-7), at once or when the older one has answered.
  private func resolveDuplicate(
    _ link: Transport.LinkID, _ new: LinkUp, _ device: DeviceKey, _ now: Moment
  ) {
    let others = up.filter { $0.value.device == device && $0.key != link }
    guard let office, let older = others.min(by: { $0.key < $1.key }) else { return }
    if older.value.up.greeting.bootNonce != new.greeting.bootNonce {
      // A restart of the peer, or two computers with one key: the older one is asked (H-9).
      doubted.ask(older.key, link, .isCopied)
      links.probe(older.key, from: now, until: now + .seconds(Limits.probeSeconds))
      return
    }
    switch DuplicateLinks.verdict(
      own: office.replica.secrets.device, peer: device, isOlderOurs: older.value.up.isInitiator,
      isNewerOurs: new.isInitiator)
    {
    case .keepOlder:
      // After a change of addresses the older one is dead, and nothing has said so yet.
      doubted.ask(older.key, link, .isNeeded)
      links.probe(older.key, from: now, until: now + .seconds(Limits.probeSeconds))
    case .keepNewer: links.close(older.key, .otherLinkStays, at: now)
    case .peerDecides: break
    }
  }

  /// The older of two links to one device lives: either the newer one is not needed, or it greeted
  /// with another boot nonce. Then the device was copied, and both are told (H-7, H-9).
  private func olderAnswered(_ older: Transport.LinkID, _ now: Moment) {
    guard let (newer, doubt) = doubted.answered(older), up[newer] != nil, up[older] != nil else {
      return
    }
    guard doubt == .isCopied else { return links.close(newer, .otherLinkStays, at: now) }
    log(.error, "a device of the office is used by two computers at once")
    links.close(older, .copied, at: now)
    links.close(newer, .copied, at: now)
  }

  func received(_ message: Message, _ link: Transport.LinkID, _ now: Moment) {
    heard?(link, message)
    switch message {
    case .admitRequest(let request): takeAdmission(request, link, now)
    case .admitAnswer(let answer, let certificate): admitted(answer, certificate, link, now)
    case .have(let group, let items), .frontier(let group, let items):
      if var farewell = leaving[link], group == office?.office {
        office?.noteShown(items, &farewell)
        leaving[link] = farewell
        if case .frontier = message { heardOfLeaving(items, link, now) }
      } else {
        office?.handle(.received(Replication.LinkID(link.number), message))
      }
    case .want(let group, let wants) where leaving[link] != nil:
      guard group == office?.office, let device = leaving[link]?.device,
        farewells.allowsMore(to: device, at: now)
      else { return }
      for want in wants { leaving[link]?.ask(want.place, from: want.from) }
    default:
      office?.handle(.received(Replication.LinkID(link.number), message))
    }
  }

  private func linkDown(_ down: LinkDown, _ now: Moment) {
    dialBook.down(down, at: now)
    doubted.down(down.id)
    leaving[down.id] = nil
    let known = up.removeValue(forKey: down.id)
    if let device = known?.device {
      if down.end == .bye(.removed), let office {
        office.removalTellers.insert(device)
        office.wasRemoved = office.isRemoved
      }
      if down.end == .bye(.copied) { toldCopied(by: device) }
      if case .violation(let rule) = down.end { office?.bar(device, for: rule.label, at: now) }
    }
    if down.end == .copied { office?.isProvenCopied = true }
    if let office, !office.isReady, let known, known.up.mode == .member {
      // Each side ends a link whose other side it cannot prove, whichever does so first (H-5). One that
      // ends earlier tells nothing of that, nor one on which the log that proves it may have been coming.
      let isUnproven = down.end == .unproven || down.end == .bye(.notNow)
      let stoodStill = known.officeAtBegin == office.replica.digest(of: office.office)
      // The other side may have counted from an earlier moment, and ends a farewell a second before.
      if isUnproven, stoodStill, now - known.began >= .seconds(Limits.provisionalSeconds - 2) {
        office.unknownWith = known.officeAtBegin
      }
    }
    tellCrowd(down)
    if let device = known?.device { office?.seen[device] = clock.wall().milliseconds }
    if down.wasUp {
      office?.handle(.linkDown(Replication.LinkID(down.id.number)))
      if isWorthALine(down.end, known) { log(.notice, "\(down.id) ended: \(down.end)") }
      control.changed(.devices)
      if let device = known?.device { tellPeer(device) }
    }
    joinLinkDown(down.id)
  }

  /// All links are taken: said once, until there is room again.
  private func tellCrowd(_ down: LinkDown) {
    if up.count < Limits.linksMax / 2 { isCrowdLogged = false }
    guard down.end == .full, !isCrowdLogged else { return }
    isCrowdLogged = true
    log(.warning, "somebody was turned away: there are \(Limits.linksMax) links already")
  }

  /// Not what belongs to every start and stop, nor a removal again and again. What was turned away was
  /// logged when it broke the rule.
  private func isWorthALine(_ end: LinkEnd, _ known: UpLink?) -> Bool {
    switch end {
    case .bye(.done), .bye(.notNow), .bye(.otherLinkStays), .closedHere(.done),
      .closedHere(.notNow), .closedHere(.otherLinkStays):
      return false
    case .closedHere(.removed):
      return known.map { loggedRemovals.insert($0.up.remoteKey).inserted } ?? false
    case .bye(.removed):
      defer { isOwnRemovalLogged = true }
      return !isOwnRemovalLogged
    default: return true
    }
  }

  /// A device of the office says that this computer was copied; a stranger's word counts nothing.
  private func toldCopied(by device: DeviceKey) {
    guard let office, office.replica.rosterNow().isLive(device),
      let bytes = office.copyWords.hear(device)
    else { return }
    log(.error, "device \(device) says that another computer uses the keys of this one")
    do {
      try home.writeText(Home.copyWords, bytes)
    } catch {
      log(.warning, "what stopped this node cannot be written down: \(error)")
    }
  }

  /// Sends what the replica left, and closes what it ended.
  func flushOutbox(_ now: Moment) {
    guard let office else { return }
    let (outbox, closings) = (office.outbox, office.closings)
    guard !outbox.isEmpty || !closings.isEmpty else { return }
    (office.outbox, office.closings) = ([], [])
    for (link, message) in outbox {
      let id = Transport.LinkID(link.number)
      // A link without room even for this is behind by megabytes of what was asked for: a new
      // link compares anew, so that nothing said on this one is missed.
      if !links.send(message, on: id), up[id] != nil { links.close(id, .notNow, at: now) }
    }
    for closing in closings {
      if let violation = closing.violation {
        log(.warning, "link \(closing.link.number) broke a rule: \(violation)")
        if let device = up[Transport.LinkID(closing.link.number)]?.device {
          office.bar(device, for: violation.rule, at: now)
        }
      }
      // What ended that the device is in goes out before, as far as it is pushed: that proves to it what
      // `bye` only says.
      let link = Transport.LinkID(closing.link.number)
      let isVoided =
        up[link]?.device.map { office.replica.rosterNow().device($0) == nil } ?? false
      if closing.bye == .removed {
        leaving[link] = Farewell(device: nil, parts: [], until: farewellUntil(now))
      } else if closing.bye == .notNow, isVoided {
        // Told again with each entry of the office log: its time goes on.
        leaving[link] =
          leaving[link]
          ?? Farewell(device: nil, parts: [], until: farewellUntil(now), isRemoved: false)
      } else {
        links.close(link, closing.bye, at: now)
      }
    }
  }

  /// Reads no links while the disk is behind, so that their senders wait: what a person writes here
  /// is not to stand in line behind a flood, and nothing is taken in only to be left out.
  func holdBackLinks() {
    guard let office else { return }
    // A disk that takes nothing would hold them back for ever, and others may still read here.
    guard case .writing = office.storeState, office.readFault == nil else { return letLinksGoOn() }
    let ahead = office.replica.bytesAhead
    if ahead > Limits.storeAheadBytesMax || office.replica.isStoringMuch {
      isHoldingBack = true
      for link in up.keys { links.pauseReading(link) }
    } else if ahead <= Limits.storeAheadBytesMax / 2 {
      letLinksGoOn()
    }
  }

  private func letLinksGoOn() {
    guard isHoldingBack else { return }
    isHoldingBack = false
    for link in up.keys { links.resumeReading(link) }
  }

  /// Fills every link that wants entries as far as it takes them; links take turns.
  func serveLinks() {
    // Of an office that was set aside nothing waits.
    hasServingWork = false
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
