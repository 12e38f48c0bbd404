import Format
import Platform
import Replication
import TestSupport
import Transport

/// What it says unasked, without an entry behind it.
extension Liar {
  enum Lie: CaseIterable {
    case overclaim, madeUpFeeds, madeUpGroups, madeUpBranches, falseDigests, greed, holdBack
    case wrongState, farewell, flood, manyLinks, unknownKeys, noise, nonsense
    case grow, fork, wrongLamport, missingDeps, oldPlace, mangled
    case badEpoch, goodEpoch, borrowedEpoch, operation, replay, group, unknownKind
  }

  func lie(_ now: Moment) {
    let lies = Lie.allCases
    guard let peer = one(of: peers.filter { !$0.isKeyUnknown }) else { return }
    let other = world.hosts[peer.host]
    let lie = lies[number(below: lies.count)]
    switch lie {
    case .unknownKeys:
      note("\(lie) at \(other.number)")
      for _ in 0..<chance.number(1...20) { callWithUnknownKey(other, now) }
    case .manyLinks:
      note("\(lie) at \(other.number)")
      for _ in 0..<chance.number(1...8) { call(other, as: identity, now) }
    case .noise:
      note("\(lie) at \(other.number)")
      for _ in 0..<chance.number(1...5) { makeNoise(at: other) }
    case .overclaim, .madeUpFeeds, .madeUpGroups, .madeUpBranches, .falseDigests, .greed,
      .holdBack:
      note("\(lie) to \(other.number)")
      claim(lie, to: peer)
    case .wrongState, .farewell, .flood, .nonsense:
      note("\(lie) to \(other.number)")
      disturb(lie, peer)
    default: write(lie)
    }
  }

  private func group() -> GroupID { one(of: lore.groups) ?? office }

  private func claim(_ lie: Lie, to peer: Peer) {
    let group = group()
    switch lie {
    case .overclaim:
      let items = items(of: group, to: peer.host).map { item in
        chance.oneIn(2)
          ? item
          : FrontierItem(
            feed: item.feed, branch: item.branch,
            seq: item.seq + UInt32(chance.number(0...1_000)), prefix: bytes16())
      }
      say(chance.oneIn(2) ? .have(group, items) : .frontier(group, items), on: peer.link)
    case .madeUpFeeds, .madeUpGroups, .madeUpBranches:
      let known = one(of: items(of: group, to: peer.host))
      let items = (0..<chance.number(1...60)).map { _ in
        FrontierItem(
          feed: lie == .madeUpBranches ? known?.feed ?? FeedID(bytes16()) : FeedID(bytes16()),
          branch: BranchID(lie == .madeUpBranches ? bytes16() : Bytes16()),
          seq: UInt32(chance.number(0...2_000)), prefix: bytes16())
      }.sorted { $0.place < $1.place }
      let named = lie == .madeUpGroups ? GroupID(madeUpID().bytes) : group
      say(chance.oneIn(2) ? .have(named, items) : .frontier(named, items), on: peer.link)
    case .falseDigests:
      let all = ([group] + (0..<chance.number(0...20)).map { _ in GroupID(madeUpID().bytes) })
        .sorted()
      say(
        .digests(all.map { .init(group: $0, digest: FrontierDigest(madeUpID().bytes)) }),
        on: peer.link)
    case .greed:
      let wants = items(of: group, to: peer.host).map {
        Message.Want(
          feed: $0.feed, branch: chance.oneIn(4) ? BranchID(bytes16()) : $0.branch,
          from: chance.oneIn(2) ? 0 : $0.seq + 5)
      }
      for _ in 0..<chance.number(1...5) { say(.want(group, wants), on: peer.link) }
    default:
      if chance.oneIn(2) { withheld = withheld.filter { $0.host != peer.host } }
      for item in items(of: group, to: peer.host) where chance.oneIn(2) {
        withheld.insert(Withheld(host: peer.host, feed: item.feed))
      }
    }
  }

  private func disturb(_ lie: Lie, _ peer: Peer) {
    switch lie {
    case .wrongState:
      let bytes = Bytes32(chance.bytes(32)) ?? Bytes32()
      let messages: [Message] = [
        .pong(chance.next()), .admitAnswer(.admitted, madeUpID()),
        .admitAnswer(.revoked, EntryID(Bytes32())),
        .knock(commitment: bytes, person: Self.name, device: Self.name), .doorNonce(bytes),
        .opening(bytes), .door(office: Self.name, sponsor: Self.name, member: nil),
        .doorAnswer(.refused, ticket: []),
        .admitRequest(
          AdmitRequest(
            ticket: TicketKey(bytes), member: MemberID(bytes16()), device: DeviceKey(bytes),
            noise: NoiseIdentity(madeUpID().bytes), sealing: SealingIdentity(madeUpID().bytes),
            deviceSignature: SignatureBytes(), ticketSignature: SignatureBytes(),
            memberName: Self.name.bytes, deviceName: [])),
      ]
      for message in messages where chance.oneIn(3) { say(message, on: peer.link) }
    case .farewell:
      if let bye = Message.Bye(rawValue: UInt8(chance.number(1...7))) {
        say(.bye(bye), on: peer.link)
      }
    case .nonsense:
      let size = chance.number(0...400)
      _ = links.send(entries: chance.bytes(size), on: peer.link)
    default:
      for _ in 0..<chance.number(10...300) {
        switch chance.number(0...2) {
        case 0: say(.ping(chance.next()), on: peer.link)
        case 1: sayFrontier(group(), to: peer)
        default: claim(.greed, to: peer)
        }
      }
    }
  }

  static let name: Name = {
    guard let name = try? Name("Niemand") else { preconditionFailure("that is a name") }
    return name
  }()
}
