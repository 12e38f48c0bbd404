import Platform

/// On which of its own feeds a node writes no more, by what lies on its disk and what it was told.
final class OwnFeeds {
  /// What one host must know.
  private struct State {
    /// How often the computer was switched on when its node started last; nil before it did.
    var boot: UInt64?
    /// Own feeds of which another copy's entries lie on the disk that it has.
    var shown: Set<Short> = []
    /// Those that another device claimed, since its node started, to hold more of.
    var claimed: Set<Short> = []
    var claims: Set<Claim> = []
    /// Until when what it writes in these groups waits for what others hold.
    var asksUntil: Moment?
    var groups: Set<Long> = []
    /// The groups of which a link has said something since its node started.
    var heard: Set<Long> = []
  }

  /// A device is believed once for each group.
  struct Claim: Hashable {
    let device: Long
    let group: Long
  }

  private var states: [Int: State] = [:]

  /// As 10-limits states it: `askFirstSeconds`.
  private static let askFirst = Duration.seconds(3)

  /// The node of a host starts. After a start of the computer what it writes waits in each group in which it
  /// wrote before, until others have said what they hold.
  func begin(at host: Host) {
    if host.hasNewLog { host.world.look(at: host) }
    let (number, audit) = (host.number, host.world.audit)
    let before = states[number]
    var state = State(boot: host.boots)
    state.shown = before?.shown ?? []
    if let boot = before?.boot, boot != host.boots, let device = audit.device(of: number) {
      state.groups = audit.book.groups(of: device, among: audit.held(at: number))
      state.asksUntil = host.world.now + Self.askFirst
    }
    states[number] = state
  }

  /// The disk of a host is read from its beginning.
  func readAnew(at host: Int) { states[host]?.shown = [] }

  /// A link said something of a group.
  func hear(of group: Long, at host: Int) { states[host, default: .init()].heard.insert(group) }

  /// Whether a claim is the first of its device and group since the node started.
  func isFirst(_ claim: Claim, at host: Int) -> Bool {
    states[host, default: .init()].claims.insert(claim).inserted
  }

  /// A claim closes these.
  func close(_ feeds: Set<Short>, at host: Int) {
    states[host, default: .init()].claimed.formUnion(feeds)
  }

  /// What is wrong with a batch that became durable: it is of an own feed that is not gone on with, or too
  /// early. Where its last entry lay at this host before, it was written then.
  func fault(
    of record: SegmentReader.Record, in group: Long, at host: Host, isNew: Bool
  ) -> String? {
    let (number, audit) = (host.number, host.world.audit)
    guard record.isOwn else {
      if let device = audit.device(of: number), audit.book.authors[record.feed] == device {
        states[number, default: .init()].shown.insert(record.feed)
      }
      return nil
    }
    guard isNew, let state = states[number] else { return nil }
    let place = "\(record.feed.text):\(record.first)"
    if state.shown.contains(record.feed) {
      return "\(place) is written on a feed of which another copy's entries lie there"
    }
    if state.claimed.contains(record.feed) {
      return "\(place) is written on a feed of which a device had said to hold more"
    }
    if let until = state.asksUntil, host.world.now < until, state.groups.contains(group),
      !state.heard.contains(group)
    {
      return "\(place) is written before anybody has said what they hold"
    }
    return nil
  }
}
