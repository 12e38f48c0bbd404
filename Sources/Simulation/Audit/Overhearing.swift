import Daemon
import Format
import Platform

/// What one start of a node says on its links, held against its disk at the moment at which it is said.
final class Overhearing {
  unowned let host: Host
  /// The entries that heads name, once they were looked up.
  private var named: [FrontierItem: Long] = [:]
  /// Links of which it was seen whose they are.
  private var seen: Set<UInt64> = []
  /// How many batches of a group went to whom has no right to it, by the link.
  var shows: [Shown: Int] = [:]
  /// What took from whom a link leads to that it is in the office, and all that led to that, by the link.
  var losses: [UInt64: Set<Long>] = [:]
  /// Since when a link leads to a device that is removed for good.
  var goneSince: [UInt64: Moment] = [:]

  /// What the node hears meanwhile.
  let listening: Listening

  init(_ host: Host) { (self.host, listening) = (host, Listening(host)) }

  func hear(_ message: Message, on link: UInt64, to end: OverheardEnd) {
    if let address = end.address {
      if let device = end.device, seen.insert(link).inserted { check(device, at: address) }
      checkRight(message, on: link, to: end)
    } else {
      checkDoor(message)
    }
    switch message {
    case .frontier(_, let items), .have(_, let items): for item in items { check(item) }
    case .entries(let entries): check(entries.bytes)
    default: break
    }
  }

  /// What became durable by now.
  var audit: Audit {
    if host.hasNewLog { host.world.look(at: host) }
    return host.world.audit
  }

  /// What a node announces is durable where it is (study 3: 14).
  private func check(_ head: FrontierItem) {
    let entry = named[head] ?? lookUp(head)
    if let entry, audit.mayShow(entry, at: host.number) { return }
    fail("announces \(head.feed.description.prefix(8)):\(head.seq)")
  }

  private func lookUp(_ head: FrontierItem) -> Long? {
    guard let feed = Short(head.feed.bytes.array), let prefix = Short(head.prefix.array) else {
      return nil
    }
    let entry = audit.book.entry(of: feed, seq: Int(head.seq), prefix: prefix)
    if let entry { named[head] = entry }
    return entry
  }

  /// So is a batch that it sends, to its end (study 3: 14), which bears the signature of its last entry at
  /// offset 66 (chapter 4), behind the branch (chapter 8).
  private func check(_ content: [UInt8]) {
    guard content.count >= 16 + 130 else { return fail("sends entries without a head") }
    var cursor = Cursor(content[(16 + 66)...])
    let half = cursor.long()
    let audit = audit
    if let entry = audit.entry(signedWith: half), audit.mayShow(entry, at: host.number) { return }
    cursor = Cursor(content[(16 + 32)...])
    let (feed, first, count) = (cursor.short(), cursor.int(4), cursor.int(2))
    fail("sends \(feed.text):\(first) and \(count - 1) behind it")
  }

  /// Whom a node takes for a device is a computer that has its keys (study 3: 32).
  private func check(_ device: DeviceKey, at address: SocketAddress) {
    let world = host.world
    // Who stood there when the link began may be elsewhere by now.
    guard !world.segments.isMoved, let key = Long(device.bytes.array),
      !world.audit.book.liars.contains(key), let other = world.host(at: address.ip)
    else { return }
    if world.audit.writes(key, at: other.number) != false { return }
    world.fail(
      "host \(host.number) takes host \(other.number) for \(key.first.text), whose keys it has not")
  }

  private func fail(_ what: String) {
    host.world.fail("host \(host.number) \(what), which is not durable there")
  }
}
