import Format
import Platform
import Replication
import TestSupport
import Transport

/// What some of those who lie do besides, as the plan says: drawn by numbers of its own, so that whoever knows
/// none of it lies as before.
package enum Ruse: String, CaseIterable, Sendable {
  /// Says again what was said before, by itself or by others.
  case oldFrontiers
  /// Brings the headers of others' entries, and keeps what they say.
  case withheldBodies
  /// Writes what another one has written and closed, as its own and elsewhere.
  case movedBodies
  /// Claims for each entry an earlier time than for the last one.
  case clockBack
  /// Sends as much as fits in a message, or in a batch, that is nothing.
  case junk
}

extension Liar {
  /// What it heard somebody say that they hold.
  struct OldFrontier {
    let group: GroupID
    let items: [FrontierItem]
  }

  static let rememberedMax = 40

  func play(_ now: Moment) {
    (chance, art) = (art, chance)
    defer { (chance, art) = (art, chance) }
    guard let peer = one(of: peers.filter { !$0.isKeyUnknown }),
      let ruse = one(of: Ruse.allCases.filter { ruses.contains($0) })
    else { return }
    switch ruse {
    case .oldFrontiers: sayOld(to: peer)
    case .withheldBodies: bringHeaders(to: peer)
    case .movedBodies: moveBody()
    case .clockBack: break
    case .junk: sendJunk(to: peer)
    }
  }

  // MARK: Old frontiers

  func remember(_ items: [FrontierItem], of group: GroupID) {
    guard ruses.contains(.oldFrontiers) else { return }
    if remembered.count == Self.rememberedMax { remembered.remove(at: 0) }
    remembered.append(OldFrontier(group: group, items: items))
  }

  /// Says to somebody what it or another one held once, as if it held no more and no less.
  private func sayOld(to peer: Peer) {
    var old = one(of: remembered)
    if old == nil || chance.oneIn(2), let group = one(of: lore.groups) {
      let items = lore.chains(of: group).sorted { $0.feed < $1.feed }.map { chain in
        let seq = number(below: chain.next)
        return FrontierItem(
          feed: chain.feed, branch: BranchID(Bytes16()), seq: UInt32(seq),
          prefix: chain.leaves[seq].id.prefix)
      }
      old = OldFrontier(group: group, items: items)
    }
    guard let old else { return }
    note("says again to \(peer.host) what was held before")
    switch chance.number(0...2) {
    case 0: say(.have(old.group, old.items), on: peer.link)
    case 1: say(.frontier(old.group, old.items), on: peer.link)
    default:
      let digest = EntryHashes.digest(old.group, old.items)
      say(.digests([.init(group: old.group, digest: digest)]), on: peer.link)
    }
  }

  // MARK: Bodies

  /// Brings somebody, unasked, a piece of what another one has written, as far as it is no part of the chain.
  private func bringHeaders(to peer: Peer) {
    guard let chain = one(of: lore.chains.filter { !isOwn($0.device) }) else { return }
    let from = number(below: chain.next)
    if let end = end(of: chain, from: from) {
      send(chain, from...end, behind: BranchID(Bytes16()), to: peer, isWithheld: true)
    }
  }

  /// Passes on to all others at once what just came, without what it says.
  func passOn(_ entries: EntriesMessage, from sender: Peer) {
    guard ruses.contains(.withheldBodies), art.oneIn(3), let chain = lore[entries.head.feed] else {
      return
    }
    let first = Int(entries.head.first)
    let last = first + Int(entries.head.count) - 1
    guard chain.signatures[last] != nil, !isOwn(chain.device) else { return }
    for peer in peers where peer.host != sender.host && !peer.isKeyUnknown {
      send(chain, first...last, behind: BranchID(Bytes16()), to: peer, isWithheld: true)
    }
  }

  /// Takes the bodies out of what somebody is sent.
  func withhold(_ range: ClosedRange<Int>, of chain: inout Chain, from peer: Peer) {
    let kept = chain.withhold(range)
    guard kept > 0 else { return }
    note("withholds \(kept) bodies of \(chain.feed.description.prefix(8)) from \(peer.host)")
  }

  /// Writes in its own feed, in the same group or in another one, what somebody closed for a place in theirs.
  private func moveBody() {
    let groups = lore.groups.filter { $0 != office }
    let chains = lore.chains.filter { $0.group != office && !isOwn($0.device) }
    guard entriesLeft > 0, let chain = one(of: chains), let other = one(of: groups) else { return }
    let closed = chain.leaves.filter { $0.header.kind == .message && !($0.body ?? []).isEmpty }
    let group = chance.oneIn(2) ? chain.group : other
    guard let leaf = one(of: closed), let body = leaf.body, let way = somewhere(in: group),
      grow(Draft(body: body, epoch: leaf.header.epoch), on: way)
    else { return }
    let made = strands[way]
    note(
      "moves the body of \(chain.feed.description.prefix(8)):\(leaf.header.seq) to "
        + "\(made.feed.description.prefix(8)):\(made.head.header.seq)")
    spread(way, from: made.next - 1)
  }

  // MARK: Clocks

  /// A time before that of the last entry: by moments, days or years, or the beginning of all times.
  func earlierWall() -> UInt64 {
    let back: UInt64 =
      switch dial.number(0...3) {
      case 0: UInt64(dial.number(1...1_000))
      case 1: UInt64(dial.number(1...1_000_000_000))
      case 2: UInt64(dial.number(1...400_000_000_000))
      default: dial.oneIn(8) ? .max : 1
      }
    let last = lastWall ?? host.clock.wall().milliseconds
    lastWall = last > back ? last - back : 0
    note("claims an earlier time")
    return last > back ? last - back : 0
  }

  // MARK: Junk

  private func sendJunk(to peer: Peer) {
    if chance.oneIn(2) {
      let size =
        chance.oneIn(2) ? Limits.messageBytesMax : chance.number(401...Limits.messageBytesMax)
      // Made of few numbers: it is as much of nothing.
      let some = chance.bytes(256)
      let content = (0..<size).map { some[($0 &* 31 &+ $0 >> 8) & 255] }
      return sendJunk(content, to: peer)
    }
    // A batch as full as one may be, that either is signed by nobody or follows what nobody ever gets.
    guard let way = one(of: strands.indices.map { $0 }) else { return }
    var chain = strands[way]
    let first = chain.next
    let isLarge = chance.oneIn(2)
    let size = isLarge ? 65_000 : 700
    while chain.next - first < (isLarge ? 4 : Limits.runEntriesMax) {
      let body = chance.bytes(8) + [UInt8](repeating: 7, count: size)
      let draft = Draft(body: body, epoch: EpochID(bytes16()))
      guard chain.append(leaf(draft, after: chain)) else { return }
    }
    let isSigned = chance.oneIn(2)
    let range = (isSigned ? first + 1 : first)...chain.next - 1
    let end = isSigned ? chain.head.id : madeUpID()
    sendJunk(
      chain.content(range, behind: BranchID(Bytes16()), signature: sign(end, by: chain.device)),
      to: peer)
  }

  /// Only what there is room for on the link is sent.
  private func sendJunk(_ content: [UInt8], to peer: Peer) {
    if links.send(entries: content, on: peer.link) { note("sends junk to \(peer.host)") }
  }
}
