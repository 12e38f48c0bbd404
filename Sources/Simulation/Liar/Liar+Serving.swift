import Cryptography
import Format
import Replication
import TestSupport
import Transport

/// What it says when it is asked: the truth most of the time.
extension Liar {
  func hear(_ message: Message, from peer: Peer) {
    switch message {
    case .digests(let digests):
      for digest in digests.prefix(8) where !chance.oneIn(5) {
        sayFrontier(digest.group, to: peer)
      }
    case .frontier(let group, let items), .have(let group, let items):
      listen(to: items, of: group, from: peer)
      remember(items, of: group)
    case .want(let group, let wants):
      for want in wants { serve(want, of: group, to: peer) }
    case .entries(let entries):
      shown[peer.host, default: 0] += 1
      lore.learn(entries)
      passOn(entries, from: peer)
    default: break
    }
  }

  /// What somebody announces lies on a disk of theirs (study 3: 14).
  func hold(_ items: [FrontierItem], against device: Long) {
    let audit = world.audit
    guard !audit.book.liars.contains(device) else { return }
    for item in items {
      guard let feed = Short(item.feed.bytes.array), let prefix = Short(item.prefix.array) else {
        return
      }
      let entry = audit.book.entry(of: feed, seq: Int(item.seq), prefix: prefix)
      guard audit.wasHeld(entry ?? .zero, by: device) == false else { continue }
      world.fail("\(device.first.text) announces \(feed.text):\(item.seq), which it never held")
    }
  }

  private func listen(to items: [FrontierItem], of group: GroupID, from peer: Peer) {
    if let device = peer.device { hold(items, against: device) }
    let wants = items.filter { item in
      item.branch.isZero && (lore[item.feed].map { $0.next <= Int(item.seq) } ?? true)
    }
    if wants.isEmpty || chance.oneIn(10) { return }
    say(
      .want(
        group,
        wants.prefix(Limits.frontierItemsMax).map {
          .init(feed: $0.feed, branch: $0.branch, from: UInt32(lore[$0.feed]?.next ?? 0))
        }), on: peer.link)
    if chance.oneIn(4) { sayFrontier(group, to: peer) }
  }

  /// The frontier that a host is shown.
  func items(of group: GroupID, to host: Int) -> [FrontierItem] {
    let others = lore.chains(of: group).filter {
      !isOwn($0.device) && !withheld.contains(Withheld(host: host, feed: $0.feed))
    }
    var shown = others
    var feeds: Set<FeedID> = []
    for strand in strands where strand.group == group && feeds.insert(strand.feed).inserted {
      if let face = face(of: strand.feed, to: host) { shown.append(strands[face]) }
    }
    return shown.sorted { $0.feed < $1.feed }.map { item(of: $0) }
  }

  func item(of chain: Chain, behind branch: BranchID = BranchID(Bytes16())) -> FrontierItem {
    FrontierItem(
      feed: chain.feed, branch: branch, seq: UInt32(chain.next - 1), prefix: chain.head.id.prefix)
  }

  /// The way through a feed of its own that a host is shown as the only one.
  func face(of feed: FeedID, to host: Int) -> Int? {
    if let face = faces[host]?[feed], !chance.oneIn(30) { return face }
    let face = one(of: strands.indices.filter { strands[$0].feed == feed })
    faces[host, default: [:]][feed] = face
    return face
  }

  func digest(of group: GroupID, to host: Int) -> Message.GroupDigest {
    .init(group: group, digest: EntryHashes.digest(group, items(of: group, to: host)))
  }

  func sayFrontier(_ group: GroupID, to peer: Peer) {
    say(.frontier(group, items(of: group, to: peer.host)), on: peer.link)
  }

  private func serve(_ want: Message.Want, of group: GroupID, to peer: Peer) {
    if withheld.contains(Withheld(host: peer.host, feed: want.feed)) || chance.oneIn(8) { return }
    var chain = lore[want.feed]
    var from = Int(want.from)
    if strands.contains(where: { $0.feed == want.feed }) {
      let ways = strands.indices.filter {
        strands[$0].feed == want.feed && strands[$0].holds(want.branch) != nil
      }
      let way = want.branch.isZero ? face(of: want.feed, to: peer.host) : one(of: ways)
      chain = way.map { strands[$0] }
      from = max(from, chain?.holds(want.branch) ?? 0)
    }
    guard let chain, chain.group == group else { return }
    // Some of it only, now and then.
    let batches = chance.oneIn(4) ? 1 : 8
    for _ in 0..<batches where from < chain.next {
      guard let end = end(of: chain, from: from) else { return }
      send(chain, from...end, behind: want.branch, to: peer)
      from = end + 1
    }
  }

  /// Where a batch of it can end: anywhere where the device is its own.
  func end(of chain: Chain, from first: Int) -> Int? {
    isOwn(chain.device)
      ? min(chain.next, first + Limits.runEntriesMax) - 1 : chain.end(from: first)
  }

  /// Sends entries as they are or, once in a while, not quite.
  func send(
    _ chain: Chain, _ range: ClosedRange<Int>, behind branch: BranchID, to peer: Peer,
    isWithheld: Bool = false
  ) {
    var chain = chain
    if isWithheld || ruses.contains(.withheldBodies) && art.oneIn(4) {
      withhold(range, of: &chain, from: peer)
    }
    let last = chain.leaves[range.upperBound]
    let signature =
      isOwn(chain.device)
      ? sign(last.id, by: chain.device) : chain.signatures[range.upperBound] ?? SignatureBytes()
    var content = chain.content(range, behind: branch, signature: signature)
    switch chance.number(0...59) {
    case 0:
      note("a wrong signature")
      content = chain.content(range, behind: branch, signature: sign(madeUpID(), by: chain.device))
    case 1:
      note("a byte that is not what was signed")
      content[number(below: content.count)] ^= UInt8(1 << chance.number(0...7))
    case 2:
      note("another branch's name")
      content = chain.content(range, behind: BranchID(bytes16()), signature: signature)
    case 3:
      note("a batch that is cut off")
      content.removeLast(number(below: content.count))
    default: break
    }
    _ = links.send(entries: content, on: peer.link)
  }

  /// Signs with the keys of a device that it has.
  func sign(_ entry: EntryID, by device: DeviceKey) -> SignatureBytes {
    let content = entry.bytes.array.raw
    guard let other = brought.first(where: { $0.device == device }) else {
      return SignatureBytes(secrets.signing.sign(.entry, content))
    }
    return SignatureBytes(other.secrets.signing.sign(.entry, content))
  }

  /// Whether it has the keys of a device.
  func isOwn(_ device: DeviceKey) -> Bool {
    device == secrets.device || brought.contains { $0.device == device }
  }
}
