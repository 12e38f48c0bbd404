import Cryptography
import Format
import Platform
import Replication
import Storage
import TestSupport

/// What it writes: entries that its keys sign, true to the form or not.
extension Liar {
  /// An entry that is cited, and how high it stands.
  struct Cited {
    let reference: Reference
    let lamport: UInt32
  }

  /// An entry to be written, as far as it is drawn.
  struct Draft {
    var kind = EntryKind.message.rawValue
    var flags: UInt16 = 0
    var body: [UInt8] = []
    var epoch = EpochID(Bytes16())
    var cited: [Cited] = []
    /// How much the lamport is too high; below zero too low, as far as that can be said at all.
    var lift = 0
  }

  func write(_ lie: Lie) {
    guard entriesLeft > 0, let group = one(of: lore.groups) else { return }
    let isOffice = group == office
    switch lie {
    case .group: return found()
    case .fork:
      if let way = fork(in: group) { add(text(in: group), to: way, lie) }
      return
    case .oldPlace:
      guard let way = begin(in: group, isOld: true) else { return }
      return add(control(operation(in: group)), to: way, lie)
    default: break
    }
    guard let way = somewhere(in: group) else { return }
    var draft = text(in: group)
    draft.cited = cite(in: group, on: way)
    switch lie {
    case .wrongLamport: draft.lift = chance.oneIn(2) ? chance.number(1...1_000) : -1_000
    case .missingDeps:
      let (feed, seq) = (FeedID(bytes16()), UInt32(chance.number(0...50)))
      draft.cited.append(
        Cited(reference: Reference(feed: feed, seq: seq, prefix: bytes16()), lamport: 0))
      if let chain = one(of: lore.chains(of: group)), chance.oneIn(2) {
        let reference = Reference(
          feed: chain.feed, seq: UInt32(chain.next + chance.number(0...3)), prefix: bytes16())
        draft.cited = [Cited(reference: reference, lamport: chain.head.header.lamport)]
      }
    case .mangled:
      draft.kind = chance.oneIn(2) ? draft.kind : EntryKind.control.rawValue
      draft.body = chance.bytes(chance.number(0...300))
      draft.epoch = EpochID(chance.oneIn(2) ? bytes16() : Bytes16())
    case .unknownKind:
      draft = Draft(
        kind: UInt8(chance.number(2...20)), flags: chance.oneIn(2) ? 0x8000 : 0,
        body: chance.bytes(chance.number(1...200)), cited: draft.cited)
      if [4, 5].contains(draft.kind) { draft.epoch = EpochID(bytes16()) }
    case .operation: draft = control(operation(in: group), citing: draft.cited)
    case .replay:
      let bodies = lore.people(of: office).bodies
      guard let body = one(of: bodies) else { return }
      draft = Draft(kind: EntryKind.control.rawValue, body: body, cited: draft.cited)
      return add(draft, to: somewhere(in: office) ?? way, lie)
    case .badEpoch, .goodEpoch, .borrowedEpoch:
      guard !isOffice, let epoch = epoch(lie, in: group, on: way, draft.cited) else { return }
      add(epoch, to: way, lie)
      draft = text(in: group, under: epoch.epoch, on: way)
    default: break
    }
    add(draft, to: way, lie)
  }

  // MARK: Ways

  /// A way through a feed of its own in a group: one that is there, a fork of it, or a new feed.
  func somewhere(in group: GroupID) -> Int? {
    let ways = strands.indices.filter { strands[$0].group == group }
    if ways.isEmpty || ways.count < 12 && chance.oneIn(6) {
      return begin(in: group, isOld: chance.oneIn(3))
    }
    return chance.oneIn(6) ? fork(in: group) : one(of: ways)
  }

  private func fork(in group: GroupID) -> Int? {
    let ways = strands.indices.filter { strands[$0].group == group && strands[$0].next > 1 }
    guard ways.count < 12, let way = one(of: ways) else { return nil }
    let next = strands[way].next
    let least = chance.oneIn(6) ? 1 : max(1, next - 3)
    strands.append(strands[way].parting(at: chance.number(least...next - 1)))
    return strands.count - 1
  }

  /// A new feed in a group that others founded.
  func begin(in group: GroupID, isOld: Bool) -> Int? {
    guard let (chain, seq) = lore.place(of: membership.certificate) else { return nil }
    let certificate = isOld ? seq : chance.number(seq...chain.next - 1)
    var cited = [cite(chain, certificate)]
    if group != office {
      guard let first = lore[FeedID(group.bytes.prefix)] else { return nil }
      cited.append(cite(first, isOld ? 0 : first.next - 1))
    }
    if !isOld {
      for more in cite(in: group, on: nil)
      where !cited.contains(where: { $0.reference.feed == more.reference.feed }) {
        cited.append(more)
      }
    }
    return begin(group, group: nil, cited)
  }

  func begin(_ group: GroupID, group facts: GroupFacts?, _ cited: [Cited]) -> Int? {
    begin(
      group, group: facts, cited, as: secrets.device, certificate: membership.certificate)
  }

  func begin(
    _ group: GroupID, group facts: GroupFacts?, _ cited: [Cited], as device: DeviceKey,
    certificate: EntryID
  ) -> Int? {
    let facts = GenesisFacts(
      device: device, certificate: certificate, nonce: bytes16(), group: facts)
    let cited = sorted(cited)
    let header = EntryHeader(
      kind: .genesis, group: group, feed: FeedID(Bytes16()), seq: 0, prev: EntryID(Bytes32()),
      wallMilliseconds: wall(), lamport: Self.behind(cited.map(\.lamport).max() ?? 0),
      epoch: EpochID(Bytes16()), bodySize: 0, bodyHash: BodyHash(Bytes32()),
      deps: cited.map(\.reference), ext: facts.extensions)
    guard let chain = Chain(genesis: Leaf(header, body: [])) else { return nil }
    entriesLeft -= 1
    strands.append(chain)
    return strands.count - 1
  }

  /// A group that nobody asked for, with some as its members.
  private func found() {
    guard let (chain, _) = lore.place(of: membership.certificate),
      lore.groups.count < 12
    else { return }
    let people = lore.people(of: office).members
    guard let a = one(of: people), let b = one(of: people), a != b else { return }
    let kind: GroupKind = one(of: [.listed, .everyone, .direct]) ?? .listed
    let mine = chance.oneIn(2) ? membership.member : a
    let facts = GroupFacts(
      office: office, kind: kind,
      pair: kind == .direct ? mine == b ? nil : MemberPair(a: mine, b: b) : nil,
      ownersDoNotOutrank: chance.oneIn(2))
    if kind == .direct, facts.pair == nil { return }
    guard
      let way = begin(
        GroupID(Bytes32()), group: facts, [cite(chain, chain.next - 1)])
    else { return }
    note("founds a group")
    lore.learn([strands[way].head], sign(strands[way].head.id, by: secrets.device))
    spread(way, from: 0)
    if kind == .listed {
      let some = people.filter { _ in chance.oneIn(2) }.sorted()
      if !some.isEmpty { add(control(.groupAdd(some, .member)), to: way, .group) }
    }
  }

  // MARK: Citing

  func cite(_ chain: Chain, _ seq: Int) -> Cited {
    Cited(reference: chain.reference(to: seq), lamport: chain.leaves[seq].header.lamport)
  }

  /// Some of what is known of a group and the office, the newest of each feed or anything.
  private func cite(in group: GroupID, on way: Int?) -> [Cited] {
    let feed = way.map { strands[$0].feed }
    var chains = lore.chains(of: group)
    if group != office { chains += lore.chains(of: office) }
    let isOld = chance.oneIn(3)
    return chains.filter { $0.feed != feed && $0.device != secrets.device }
      .shuffled(using: &chance).prefix(chance.number(0...4))
      .map { cite($0, isOld ? number(below: $0.next) : $0.next - 1) }
  }

  private func sorted(_ cited: [Cited]) -> [Cited] {
    var feeds: Set<FeedID> = []
    return cited.filter { feeds.insert($0.reference.feed).inserted }
      .sorted { $0.reference.feed < $1.reference.feed }
  }

  private static func behind(_ lamport: UInt32) -> UInt32 { lamport == .max ? .max : lamport + 1 }

  /// Right most of the time.
  private func wall() -> UInt64 {
    let right = host.clock.wall().milliseconds
    if ruses.contains(.clockBack), dial.oneIn(2) { return earlierWall() }
    return chance.oneIn(8) ? right &+ UInt64(chance.number(0...100_000_000)) : right
  }

  // MARK: Entries

  /// Adds an entry to a way through a feed of its own, and lets some hear of it.
  func add(_ draft: Draft, to way: Int, _ lie: Lie) {
    guard grow(draft, on: way) else { return }
    let chain = strands[way]
    note("\(lie): writes \(chain.feed.description.prefix(8)):\(chain.head.header.seq)")
    spread(way, from: chain.next - 1)
  }

  /// Adds an entry to a way through a feed of its own; false where it does not fit.
  func grow(_ draft: Draft, on way: Int) -> Bool {
    guard strands[way].append(leaf(draft, after: strands[way])) else { return false }
    entriesLeft -= 1
    return true
  }

  /// The entry that follows what is there of a way.
  func leaf(_ draft: Draft, after chain: Chain) -> Leaf {
    let cited = sorted(draft.cited.filter { $0.reference.feed != chain.feed })
    let before = chain.head.header.lamport
    let right = Self.behind(max(before, cited.map(\.lamport).max() ?? 0))
    let lamport = UInt32(clamping: max(Int(before) + 1, Int(right) + draft.lift))
    let body = draft.body
    var header = EntryHeader(
      kind: .message, group: chain.group, feed: chain.feed, seq: UInt32(chain.next),
      prev: chain.head.id, wallMilliseconds: wall(), lamport: lamport, epoch: draft.epoch,
      bodySize: UInt32(body.count),
      bodyHash: body.isEmpty
        ? BodyHash(Bytes32()) : BodyHash(EntryHashes().bodyHash(body.raw)),
      deps: cited.map(\.reference), ext: [])
    header.kindByte = draft.kind
    header.flags = draft.flags
    return Leaf(header, body: body)
  }

  /// Lets some of the others hear of what is new on a way: each of something else.
  func spread(_ way: Int, from first: Int) {
    let chain = strands[way]
    for peer in peers where chance.oneIn(2) {
      faces[peer.host, default: [:]][chain.feed] = way
      if chance.oneIn(2), let end = end(of: chain, from: first) {
        send(chain, first...end, behind: BranchID(Bytes16()), to: peer)
      } else {
        say(.have(chain.group, [item(of: chain)]), on: peer.link)
      }
    }
  }

  func control(_ operation: Operation, citing cited: [Cited] = []) -> Draft {
    Draft(kind: EntryKind.control.rawValue, body: operation.encode(), cited: cited)
  }

  /// What looks like a message, under the epoch that the others write under.
  func text(in group: GroupID) -> Draft {
    if group == office {
      let subject = one(of: lore.people(of: office).members) ?? membership.member
      let content = Content.name(RequestID(bytes16()), .member(subject), Self.name)
      return Draft(body: content.encode())
    }
    let epoch = lore.epoch(of: group)?.header.epoch ?? EpochID(bytes16())
    return Draft(body: chance.bytes(168), epoch: epoch)
  }

  /// A message under an epoch that was made here, which those can read who were given its key.
  private func text(in group: GroupID, under epoch: EpochID, on way: Int) -> Draft {
    let chain = strands[way]
    let words = Array("gelogen".utf8)
    guard let bytes = epochs[epoch], let secret = try? EpochSecret(bytes: bytes.span),
      let padded = Padding.pad(Content.text(RequestID(bytes16()), words).encode())
    else { return text(in: group) }
    var place = Writer(capacity: 69)
    place.id(group)
    place.id(chain.feed)
    place.u32(UInt32(chain.next))
    place.u8(EntryKind.message.rawValue)
    place.id(epoch)
    let key = MessageKey(
      epoch: secret, feed: chain.feed.bytes.array.span, sequence: UInt32(chain.next))
    let salt = chance.bytes(16)
    let body = key.seal(
      padded.span, aad: place.bytes.span, salt: InlineArray { salt[$0] })
    return Draft(body: body, epoch: epoch)
  }

  /// An epoch for all who had the last one: good, good for all but one, or under the name of another.
  private func epoch(
    _ lie: Lie, in group: GroupID, on way: Int, _ cited: [Cited]
  ) -> Draft? {
    guard let last = lore.epoch(of: group), let body = last.body,
      let known = try? EpochBody(decoding: body)
    else { return nil }
    let secret = EpochSecret()
    let bytes = secret.withBytes { span in span.indices.map { span[$0] } }
    let chain = strands[way]
    let made = secret.id(
      group: group.bytes.array.span, feed: chain.feed.bytes.array.span,
      sequence: UInt32(chain.next))
    let id = lie == .borrowedEpoch ? last.header.epoch : EpochID(Bytes16(made))
    let sealer = CopySealer(group: group.bytes.array.span, epochID: id.bytes.array.span)
    let certificates = lore.people(of: office).certificates.map(\.certificate)
    let victim = lie == .badEpoch ? number(below: known.copies.count) : nil
    let copies = known.copies.enumerated().map { index, copy in
      var sealed = chance.bytes(EpochBody.SealedCopy.sealedSize)
      if index != victim,
        let key = certificates.first(where: { $0.device == copy.device })?.sealing,
        let good = try? sealer.copy(of: secret, for: SealingPublicKey(key.bytes.inline))
      {
        sealed = good.indices.map { good[$0] }
      }
      return EpochBody.SealedCopy(device: copy.device, sealed: sealed)
    }
    epochs[id] = lie == .borrowedEpoch ? nil : bytes
    let epoch = EpochBody(ephemeral: Bytes32(sealer.publicKey.bytes), copies: copies)
    return Draft(
      kind: EntryKind.epoch.rawValue, body: epoch.encode(), epoch: id, cited: cited)
  }
}
