import Format
import Platform
import Replication
import Storage
import TestSupport
import Transport

/// What somebody has too much of who floods the others.
enum Flood: Int, CaseIterable, Sendable {
  /// Feeds in a group, and groups of everyone: more than one device may have.
  case feeds, groups
  /// Entries without end, and large ones where disks are small.
  case entries, bulk
  /// Asks for all that there is, again and again.
  case greed
  /// Says that it holds what nobody has ever seen, in groups that nobody has.
  case claims
  /// Links of its own and with unknown keys, and noise.
  case links

  /// One of them; a thousand groups, with which a run takes as long as ten others, seldom.
  static func drawn(by chance: inout SeededGenerator) -> Flood {
    let others = allCases.filter { $0 != .groups }
    return chance.oneIn(20) ? .groups : others[chance.number(0...others.count - 1)]
  }

  /// Whether half of it comes only when nothing else fails any more, and everybody is to be heard all
  /// the same. The others are to come to the bound of a count.
  var isHeldBack: Bool { self != .feeds && self != .groups }

  /// How much of it there is in one turn, and in all.
  var amount: (turn: Int, all: Int) {
    switch self {
    case .feeds: (20, Limits.feedsPerDeviceMax + 44)
    case .groups: (30, Limits.groupsPerDeviceMax + 36)
    case .entries: (100, 2_000)
    case .bulk: (4, 60)
    case .greed: (1, 60)
    // More than a link remembers.
    case .claims: (1, Limits.announcedMax / Limits.frontierItemsMax + 4)
    case .links: (8, 400)
    }
  }
}

/// It keeps the rules, and means to leave the others no room.
extension Liar {
  /// Does a part of it, and says when the next one is due.
  func pour(_ flood: Flood, _ now: Moment) -> Moment {
    let (turn, all) = flood.amount
    let count = min(turn, (isHeldBack && flood.isHeldBack ? all / 2 : all) - poured)
    let known = peers.filter { !$0.isKeyUnknown }
    let pause = Duration.milliseconds(chance.number(200...2_000))
    guard count > 0, !known.isEmpty else { return now + pause }
    if poured == 0 { note("floods the others with \(flood)") }
    poured += count
    switch flood {
    case .feeds: for _ in 0..<count { pourFeed() }
    case .groups: for _ in 0..<count { pourGroup() }
    case .entries: pourEntries(count, size: 168)
    case .bulk: for _ in 0..<count { pourEntries(1, size: 60_000) }
    case .greed: for peer in known { askForAll(peer) }
    case .claims: for peer in known { claimMuch(peer) }
    case .links: pourLinks(count, now)
    }
    return now + pause
  }

  /// The one group that it floods.
  private var flooded: GroupID? { lore.groups.first { $0 != office } }

  /// Lets all hear of what is new on a way, as it is.
  func tell(_ way: Int, from first: Int) {
    let chain = strands[way]
    let last = chain.next - 1
    let content = chain.content(
      first...last, behind: BranchID(Bytes16()), signature: sign(chain.head.id, by: chain.device))
    for peer in peers where !peer.isKeyUnknown { _ = links.send(entries: content, on: peer.link) }
  }

  private func pourFeed() {
    guard let group = flooded, let way = begin(in: group, isOld: true) else { return }
    tell(way, from: 0)
  }

  private func pourGroup() {
    guard let (chain, seq) = lore.place(of: membership.certificate) else { return }
    let facts = GroupFacts(
      office: office, kind: .everyone, pair: nil, ownersDoNotOutrank: false)
    guard let way = begin(GroupID(Bytes32()), group: facts, [cite(chain, seq)]) else { return }
    tell(way, from: 0)
  }

  private func pourEntries(_ count: Int, size: Int) {
    guard let group = flooded else { return }
    let known = strands.lastIndex { $0.group == group }
    guard let way = known ?? begin(in: group, isOld: false) else { return }
    let first = known == nil ? 0 : strands[way].next
    for _ in 0..<count {
      var draft = text(in: group)
      draft.body = chance.bytes(size)
      guard grow(draft, on: way) else { return }
    }
    tell(way, from: first)
  }

  private func askForAll(_ peer: Peer) {
    for group in lore.groups {
      let wants = items(of: group, to: peer.host).map {
        Message.Want(feed: $0.feed, branch: $0.branch, from: 0)
      }
      say(.want(group, wants), on: peer.link)
    }
  }

  private func claimMuch(_ peer: Peer) {
    let items = (0..<Limits.frontierItemsMax).map { _ in
      FrontierItem(
        feed: FeedID(bytes16()), branch: BranchID(Bytes16()),
        seq: UInt32(chance.number(0...2_000)), prefix: bytes16())
    }.sorted { $0.place < $1.place }
    let group = chance.oneIn(2) ? GroupID(madeUpID().bytes) : flooded ?? office
    say(chance.oneIn(2) ? .have(group, items) : .frontier(group, items), on: peer.link)
  }

  private func pourLinks(_ count: Int, _ now: Moment) {
    for other in world.hosts where other.isRunning {
      for _ in 0..<count { call(other, as: identity, now) }
      for _ in 0..<count { callWithUnknownKey(other, now) }
      makeNoise(at: other)
    }
  }
}
