import Format
import Platform

/// Whom a node tells what of a group (R-2, R-4, R-5).
extension Overhearing {
  /// A group of which something is shown on a link to whom has no right to it.
  struct Shown: Hashable {
    let link: UInt64
    let group: Long
  }

  /// As 10-limits states it: `proofBatchesMax`.
  private static let shownMax = 64

  /// A node says what it holds of a group, and gives it, only to whom it knows to have a right to it, or to
  /// have had one; who has lost it is shown what took it.
  func checkRight(_ message: Message, on link: UInt64, of device: DeviceKey?) {
    let key = device.flatMap { Long($0.bytes.array) }
    switch message {
    case .digests(let digests):
      // By zeros a node asks, and says nothing.
      for one in digests where !one.digest.bytes.isZero {
        checkRight(to: Long(one.group.bytes.array), of: key, "tells the digest of")
      }
    case .frontier(let group, let items), .have(let group, let items):
      if !items.isEmpty { checkRight(to: Long(group.bytes.array), of: key, "tells heads of") }
    case .entries(let entries): checkRight(toBatch: entries.bytes, on: link, of: key)
    default: break
    }
  }

  /// A batch begins behind the branch with its group and its feed (chapters 4 and 8).
  private func checkRight(toBatch content: [UInt8], on link: UInt64, of device: Long?) {
    guard content.count >= 16 + 48 else { return }
    var cursor = Cursor(content[16...])
    let (group, feed) = (cursor.long(), cursor.short())
    guard let device else { return checkRight(to: group, of: nil, "sends \(feed.text) of") }
    // A device may have what shows that its own feed parts, whatever group that is in (R-11).
    if mayHold(device, group) || host.world.audit.book.authors[feed] == device { return }
    let shown = Shown(link: link, group: group)
    if listening.hasNamedOutsider(device, of: group), shows[shown, default: 0] < Self.shownMax {
      shows[shown, default: 0] += 1
      return
    }
    checkRight(to: group, of: device, "sends \(feed.text) of")
  }

  private func mayHold(_ device: Long, _ group: Long) -> Bool {
    if host.hasNewLog { host.world.look(at: host) }
    let (audit, number) = (host.world.audit, host.number)
    let isRotten = audit.isRotten(number)
    return !audit.book.rights.knows(group)
      || audit.book.mayHold(device, group) {
        // What rotted on the disk the node may remember.
        isRotten ? audit.wasHeld($0, at: number) : audit.isHeld($0, at: number)
      }
  }

  private func checkRight(to group: Long?, of device: Long?, _ what: String) {
    guard let group, host.world.audit.book.rights.knows(group),
      !(device.map { mayHold($0, group) } ?? false)
    else { return }
    host.world.fail(
      "host \(host.number) \(what) group \(group.first.text) to \(device?.first.text ?? "nobody known"), "
        + "which has no right to it as far as is known there")
  }
}
