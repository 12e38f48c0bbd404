import Daemon
import Format
import Platform

/// What one start of a node hears on its links.
final class Listening {
  private unowned let host: Host
  /// The feeds that who has no right to a group said to hold of it.
  private var named: [OwnFeeds.Claim: Set<Short>] = [:]

  init(_ host: Host) { self.host = host }

  /// Hears a message that the node is about to look at, of the device at the other end.
  func hear(_ message: Message, of device: DeviceKey?) {
    switch message {
    case .digests(let digests):
      for digest in digests { name(digest.group).map { ownFeeds.hear(of: $0, at: host.number) } }
    case .frontier(let group, let items):
      guard let group = name(group) else { return }
      ownFeeds.hear(of: group, at: host.number)
      hear(items, of: group, by: device)
    case .have(let group, let items): name(group).map { hear(items, of: $0, by: device) }
    default: break
    }
  }

  private var ownFeeds: OwnFeeds { host.world.audit.ownFeeds }

  private func name(_ group: GroupID) -> Long? { Long(group.bytes.array) }

  private func hear(_ items: [FrontierItem], of group: Long, by device: DeviceKey?) {
    guard !items.isEmpty, let key = device.flatMap({ Long($0.bytes.array) }) else { return }
    if host.hasNewLog { host.world.look(at: host) }
    note(items, of: group, by: key)
    check(items, of: group, by: key)
  }

  private func note(_ items: [FrontierItem], of group: Long, by device: Long) {
    let audit = host.world.audit
    guard audit.book.rights.knows(group),
      !audit.book.mayHold(device, group, where: { audit.isHeld($0, at: host.number) })
    else { return }
    let feeds = items.compactMap { Short($0.feed.bytes.array) }
    named[.init(device: device, group: group), default: []].formUnion(
      feeds.filter { audit.book.authors[$0] != nil })
  }

  /// Whether a device that has no right to a group has said to hold what somebody wrote there who has none
  /// either, or may have lost it: what ended it for that one is shown to it.
  func hasNamedOutsider(_ device: Long, of group: Long) -> Bool {
    let audit = host.world.audit
    let held = audit.held(at: host.number)
    return named[.init(device: device, group: group), default: []].contains { feed in
      audit.book.authors[feed].map { !audit.book.isEntitled($0, in: group, by: held) } ?? false
    }
  }

  /// A claim to hold more of an own feed, or other, closes it, the first of each device.
  private func check(_ items: [FrontierItem], of group: Long, by device: Long) {
    let (audit, number) = (host.world.audit, host.number)
    let book = audit.book
    guard let own = audit.device(of: number) else { return }
    let claimed = items.filter { isClaim($0, on: own) }.compactMap { Short($0.feed.bytes.array) }
    // What is on its way to the disk was written before this was heard; and of whoever may not hold the
    // group as far as is known here, or only perhaps, a mere claim may close nothing.
    guard !claimed.isEmpty, ownFeeds.isFirst(.init(device: device, group: group), at: number),
      device != own, host.node?.isStoring == false, !audit.isRotten(number),
      book.isEntitled(device, in: group, by: audit.held(at: number))
    else { return }
    // Whose a feed is that has not come yet nobody can tell.
    let known = book.feeds(of: own, in: group, among: audit.held(at: number))
    ownFeeds.close(known.intersection(claimed), at: number)
  }

  /// Whether a head of a feed of this device names what does not lie here.
  private func isClaim(_ head: FrontierItem, on own: Long) -> Bool {
    let audit = host.world.audit
    guard let feed = Short(head.feed.bytes.array), let prefix = Short(head.prefix.array),
      audit.book.authors[feed] == own
    else { return false }
    let entry = audit.book.entry(of: feed, seq: Int(head.seq), prefix: prefix)
    return !(entry.map { audit.isHeld($0, at: host.number) } ?? false)
  }
}
