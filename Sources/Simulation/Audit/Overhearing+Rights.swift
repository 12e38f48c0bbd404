import Daemon
import Format
import Platform

/// Whom a node tells what of the office and its groups (H-5, R-2, R-4, R-5).
extension Overhearing {
  /// A group of which something is shown on a link to whom has no right to it.
  struct Shown: Hashable {
    let link: UInt64
    let group: Long
  }

  /// As 10-limits states it: `proofBatchesMax`.
  private static let shownMax = 64

  /// A node says what it holds of a group, and gives it, only to whom it knows to have a right to it, or to
  /// have had one; who has lost it is shown what took it. So it is with the office, but who is not in it at all
  /// hears an empty frontier at most.
  func checkRight(_ message: Message, on link: UInt64, to end: OverheardEnd) {
    let key = end.device.flatMap { Long($0.bytes.array) }
    switch message {
    case .digests(let digests):
      // By zeros a node asks, and says nothing.
      for one in digests where !one.digest.bytes.isZero {
        let group = Long(one.group.bytes.array)
        checkRight(to: group, of: key, "tells the digest of")
        if let key, let group, isOffice(group) { checkGone(key, on: link) }
      }
    case .frontier(let group, let items), .have(let group, let items):
      if !items.isEmpty { checkRight(to: Long(group.bytes.array), of: key, "tells heads of") }
    case .entries(let entries): checkRight(toBatch: entries.bytes, on: link, of: key, at: end)
    default: break
    }
  }

  /// Nothing of any log is spoken of at a door (H-13).
  func checkDoor(_ message: Message) {
    switch message {
    case .digests, .frontier, .have, .want, .entries, .admitRequest, .admitAnswer:
      host.world.fail("host \(host.number) speaks of logs at a door")
    default: break
    }
  }

  /// A batch begins behind the branch with its group and its feed (chapters 4 and 8).
  private func checkRight(
    toBatch content: [UInt8], on link: UInt64, of device: Long?, at end: OverheardEnd
  ) {
    guard content.count >= 16 + 54 else { return }
    var cursor = Cursor(content[16...])
    let (group, feed) = (cursor.long(), cursor.short())
    let (first, count) = (cursor.int(4), cursor.int(2))
    guard let device else {
      if isOffice(group) {
        let places = (first..<first + count).map { Book.Place(feed: feed, seq: $0) }
        if showsLoss(places.flatMap(audit.book.ids), to: end, on: link) { return }
      }
      return checkRight(to: group, of: nil, "sends \(feed.text) of")
    }
    // A device may have what shows that its own feed parts, whatever group that is in (R-11).
    if mayHold(device, group) || host.world.audit.book.authors[feed] == device { return }
    let shown = Shown(link: link, group: group)
    if listening.hasNamedOutsider(device, of: group), shows[shown, default: 0] < Self.shownMax {
      shows[shown, default: 0] += 1
      return
    }
    checkRight(to: group, of: device, "sends \(feed.text) of")
  }

  private func isOffice(_ group: Long) -> Bool { host.world.audit.book.offices.contains(group) }

  /// Whether an entry lies here, as far as the node knows.
  private func isHere(_ entry: Long) -> Bool {
    // What rotted on the disk the node may remember.
    let (audit, number) = (host.world.audit, host.number)
    return audit.isRotten(number)
      ? audit.wasHeld(entry, at: number) : audit.isHeld(entry, at: number)
  }

  private func mayHold(_ device: Long, _ group: Long) -> Bool {
    let book = audit.book
    if isOffice(group) {
      // A link is a device's once its certificate is admitted, which may be on its way to the disk.
      return book.rights.isLetIn(device, where: isHere)
        || host.node?.isStoring ?? false && book.rights.isLetIn(device) { _ in true }
    }
    return !book.rights.knows(group) || book.mayHold(device, group, where: isHere)
  }

  /// Whether some of these entries of the office log show whom a link leads to what took from it that it is in the
  /// office: that, and what it has in its past, is all that one may have who is not in it (H-5).
  private func showsLoss(_ entries: [Long], to end: OverheardEnd, on link: UInt64) -> Bool {
    if let known = losses[link], entries.contains(where: known.contains) { return true }
    let known = loss(of: end)
    losses[link] = known
    return entries.contains(where: known.contains)
  }

  private func loss(of end: OverheardEnd) -> Set<Long> {
    guard let named = end.certificate.flatMap({ Long($0.bytes.array) }),
      let noise = end.noise.flatMap({ Long($0.bytes.array) })
    else { return [] }
    let book = audit.book
    let all = book.certificates.filter { isHere($0.entry) && book.noise(of: $0.entry) == noise }
    // Where the certificate that is named is not here the key alone says who it is (H-4).
    let some = isHere(named) ? all.filter { $0.entry == named } : all
    return some.reduce(into: []) { $0.formUnion(book.losses(of: $1, where: isHere)) }
  }

  /// A link to a device that was removed for good ends.
  private func checkGone(_ device: Long, on link: UInt64) {
    let audit = audit
    guard audit.book.isGone(device, by: audit.held(at: host.number)), !host.isDiskDistrusted else {
      goneSince[link] = nil
      return
    }
    let since = goneSince[link] ?? host.world.now
    goneSince[link] = since
    if host.world.now <= since + Self.ending { return }
    host.world.fail(
      "host \(host.number) goes on telling \(device.first.text) of the office, which was removed for good"
    )
  }

  /// By when a link ends to whoever is found to be removed, whatever is on its way.
  private static let ending = Duration.seconds(60)

  private func checkRight(to group: Long?, of device: Long?, _ what: String) {
    guard let group, isOffice(group) || host.world.audit.book.rights.knows(group),
      !(device.map { mayHold($0, group) } ?? false)
    else { return }
    host.world.fail(
      "host \(host.number) \(what) \(isOffice(group) ? "the office" : "group \(group.first.text)") to "
        + "\(device?.first.text ?? "nobody known"), which has no right to it as far as is known there"
    )
  }
}
