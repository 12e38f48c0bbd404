import Authority
import Format
import Platform
import Replication
import Storage
import Transport

/// What this node writes down every few seconds, and takes up at the next start.
extension NodeLoop {
  /// Writes down what others are known to hold and where they were reached.
  func remember(_ now: Moment) {
    rememberAt = now + .seconds(Limits.lockSyncSeconds)
    resumeStore()
    joinByTicketFile()
    resolveSeedsAgain(now)
    lookAgain(now)
    tellDegraded()
    guard let office else { return }
    if office.lockFault != nil, office.continuity == nil {
      do { try proveContinuity(office, isNew: false) } catch { log(.error, error.text) }
      office.closeOwnFeeds()
    }
    office.keepLock()
    resumeFounding()
    office.keepMarks()
    var writer = Writer()
    office.replica.deliveredItems { group, device, place, seq in
      writer.id(group)
      writer.id(device)
      writer.id(place.feed)
      writer.id(place.branch)
      writer.u32(seq)
    }
    if writer.bytes != office.rememberedDelivered {
      office.rememberedDelivered = writer.bytes
      try? home.writeText(DeliveredFile.path, writer.bytes)
    }
    rememberReached(office)
  }

  private func rememberReached(_ office: OfficeNode) {
    let before = office.reached
    let links = up.values.filter { $0.device != nil }
    office.reached.note(
      answered: links.filter(\.up.isInitiator).map {
        .init(address: $0.address, device: $0.up.remoteKey)
      },
      said: links.filter { !$0.up.isInitiator && $0.up.greeting.port != 0 }.map {
        .init(
          address: SocketAddress($0.address.ip, port: $0.up.greeting.port), device: $0.up.remoteKey)
      })
    let roster = office.replica.rosterNow()
    office.reached.keep { roster.isLive(noise: $0) }
    if office.reached != before { try? home.writeText(Home.addresses, office.reached.file) }
  }

  /// Takes up what an earlier start wrote down; what cannot be read is learnt anew.
  func recall(_ office: OfficeNode) {
    if let bytes = try? home.text(DeliveredFile.path, limit: DeliveredFile.sizeMax) {
      for item in DeliveredFile.items(bytes) {
        office.replica.rememberDelivered(item.group, item.place, item.seq, to: item.device)
      }
    }
    if let bytes = try? home.text(Home.seen, limit: SeenMarks.bytesMax) {
      office.recallMarks(bytes)
    }
    if let bytes = try? home.text(Home.addresses, limit: ReachedAddresses.bytesMax) {
      let roster = office.replica.rosterNow()
      office.reached = ReachedAddresses(file: bytes)
      office.reached.keep { roster.isLive(noise: $0) }
      for address in office.reached.unnamed {
        dialBook.learn(address, from: .remembered, name: nil, device: nil, at: clock.now())
      }
      for line in office.reached.lines.reversed() {
        dialBook.learn(
          line.address, from: .remembered, name: nil, device: line.device, at: clock.now())
      }
    }
  }
}
