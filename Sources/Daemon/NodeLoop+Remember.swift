import Authority
import Format
import Platform
import Replication
import Storage
import Transport

/// What this node writes down every few seconds and takes up at the next start, and what it tries anew.
extension NodeLoop {
  func remember(_ now: Moment) {
    rememberAt = now + .seconds(Limits.lockSyncSeconds)
    // Before what is tried, which may replace the office.
    keep(now)
    retry(now)
    tellDegraded()
  }

  /// Writes down what must not be lost with this process. What cannot be written is owed, and tried again
  /// the next time.
  func keep(_ now: Moment) {
    guard let office else { return }
    office.keepLock()
    office.keepMarks()
    keepDelivered(office)
    keepReached(now)
  }

  /// Tries once more what did not work before, or may work otherwise by now. Not at a stop, which is not
  /// to begin anything.
  private func retry(_ now: Moment) {
    openOwedOffice()
    if now >= readAnewPace.dueAt { resumeStore() }
    if let office, office.lockFault != nil, office.continuity == nil {
      do { try proveContinuity(office, isNew: false) } catch { end(by: error) }
      office.closeOwnFeeds()
    }
    if owesForgetting { forgetJoining() }
    joinByTicketFile()
    resolveSeedsAgain(now)
    lookAgain(now)
    resumeFounding()
  }

  /// What others are known to hold.
  private func keepDelivered(_ office: OfficeNode) {
    // In a large office it is long, and most of the time nothing of it is new.
    let changes = office.replica.deliveredChanges
    guard changes != office.writtenDeliveredChanges else { return }
    var writer = Writer()
    office.replica.deliveredItems { group, device, place, seq in
      writer.id(group)
      writer.id(device)
      writer.id(place.feed)
      writer.id(place.branch)
      writer.u32(seq)
    }
    if writer.bytes != office.writtenDelivered {
      guard (try? home.writeText(DeliveredFile.path, writer.bytes)) != nil else { return }
      office.writtenDelivered = writer.bytes
    }
    office.writtenDeliveredChanges = changes
  }

  /// A device was linked: where it was reached is written down soon, for after a kill the others must be
  /// found again; and not for each of the links that somebody may begin in a loop.
  func keepReachedSoon(_ now: Moment) {
    let soon = now + .milliseconds(200)
    keepReachedAt = keepReachedAt ?? reachedKeptAt.map { max(soon, $0 + .seconds(1)) } ?? soon
  }

  /// Where devices are reached.
  func keepReached(_ now: Moment) {
    keepReachedAt = nil
    guard let office else { return }
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
    guard office.reached != office.writtenReached else { return }
    reachedKeptAt = now
    guard (try? home.writeText(Home.addresses, office.reached.file)) != nil else { return }
    office.writtenReached = office.reached
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
      office.writtenReached = office.reached
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
