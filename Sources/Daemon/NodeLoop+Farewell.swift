import Authority
import Format
import Platform
import Replication
import Transport

/// What removed devices are shown before their links end (H-5).
extension NodeLoop {
  /// Before the time of a link that is not proven is over.
  func farewellUntil(_ now: Moment) -> Moment {
    now + .seconds(Limits.provisionalSeconds - 1)
  }

  /// What a removed device is shown on a link: nothing more on an older one, nor again and again.
  func farewell(to device: RosterDevice, _ office: OfficeNode, _ now: Moment) -> Farewell {
    let until = farewellUntil(now)
    let removals = office.replica.rosterNow().removals(of: device).map(\.entry)
    if !removals.isEmpty, office.unsettled(among: removals) == removals { return .later(now) }
    guard farewells.allows(device.key, of: [device.member], at: now) else {
      return Farewell(device: nil, parts: [], until: until)
    }
    let farewell = office.farewell(to: device, until: until)
    begin(farewell, for: device.key, of: [device.member], now)
    return farewell
  }

  /// A removed device said what it holds, once on a link: what it lacks by that of what led to its removal
  /// is shown, whatever it was known to hold. Whoever does not know this node yet sends an empty frontier,
  /// which says nothing (H-5).
  func heardOfLeaving(
    _ items: [FrontierItem], _ link: Transport.LinkID, _ now: Moment
  ) {
    guard let office, var farewell = leaving[link], farewell.isAsked, let key = farewell.device
    else { return }
    var parts: [(place: FeedPlace, seqs: ClosedRange<UInt32>)] = []
    if !items.isEmpty, farewells.allowsMore(to: key, at: now),
      let device = office.replica.rosterNow().device(key), !device.isLive
    {
      parts = office.lacking(device, saying: items)
      let count = parts.reduce(0) { $0 + $1.seqs.count }
      farewells.begin(key, of: [device.member], lacking: count, at: now)
    }
    farewell.hear(lacking: parts)
    leaving[link] = farewell
  }

  /// What a device is shown that somebody let in who lost the right to; nil where that is nothing.
  func farewell(
    toVoided up: LinkUp, _ office: OfficeNode, _ now: Moment
  ) -> Farewell? {
    let voided = office.replica.rosterNow().voided(
      up.greeting.certificate, noise: up.remoteKey)
    guard let (device, reasons, blamed) = voided else { return nil }
    if !office.unsettled(among: reasons).isEmpty { return .later(now) }
    guard farewells.allows(device, of: blamed, at: now),
      let farewell = office.farewell(toVoided: device, reasons, until: farewellUntil(now))
    else { return nil }
    begin(farewell, for: device, of: blamed, now)
    return farewell
  }

  /// Counts a farewell, which these members are to blame for, and ends what an older link of the device is
  /// shown.
  func begin(
    _ farewell: Farewell, for device: DeviceKey, of blamed: Set<MemberID>, _ now: Moment
  ) {
    for (older, one) in leaving where one.device == device { leaving[older]?.end() }
    farewells.begin(device, of: blamed, lacking: farewell.entryCount, at: now)
  }

  /// Shows removed devices their removal, and ends their links once that is on its way (H-5): a
  /// farewell overtakes what was not begun.
  func closeLeaving(_ now: Moment) throws(SocketError) {
    guard !leaving.isEmpty else { return }
    for link in leaving.keys.sorted() { showRemoval(on: link) }
    try links.flush(&poller, at: now)
    for (link, farewell) in leaving.sorted(by: { $0.key < $1.key }) {
      let isShown =
        farewell.isRemoved && farewell.entryCount == 0 && farewell.unheard.isEmpty
        && !farewell.isAsked && links.queuedBytes(link) == 0
      if isShown || now >= farewell.until {
        leaving[link] = nil
        links.close(link, farewell.isRemoved ? .removed : .notNow, at: now)
      } else if farewell.entryCount > 0, links.hasRoom(link) {
        hasServingWork = true
      }
    }
    takeLinkEvents(now)
    try links.flush(&poller, at: now)
  }

  private func showRemoval(on link: Transport.LinkID) {
    guard let office, var farewell = leaving[link] else { return }
    var count = 0
    while count < Limits.proofBatchesMax, links.hasRoom(link),
      let content = office.next(of: &farewell), links.send(entries: content, on: link)
    {
      count += 1
    }
    if let device = farewell.device, let before = leaving[link]?.entryCount {
      farewells.wrote(before - farewell.entryCount, to: device)
    }
    leaving[link] = farewell
  }
}
