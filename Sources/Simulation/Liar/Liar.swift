import Control
import Cryptography
import Format
import Platform
import Replication
import Storage
import TestSupport
import Transport

/// What runs on a computer of the world.
protocol HostProcess: AnyObject {
  func turn(_ events: inout [PollEvent]) throws(SocketError)
  /// When the next turn is due, if nothing happens before.
  var dueAt: Moment { get }
}

/// Whoever has taken over a computer of the office, its keys and its log, and lies with them: to each of
/// the others something else, over links like theirs.
///
/// It knows nothing but what lay on that disk and what it is told, and shares with a node how entries are
/// written and packed, and nothing of how it decides: it breaks every rule on purpose, and keeps most of them most of the time, for a lie is heard
/// only by whoever goes on listening.
final class Liar: HostProcess {
  unowned let host: Host
  let secrets: DeviceSecrets
  let membership: HomeMembership
  let identity: LinkIdentity
  private let network: HostNetwork
  private var poller: Poller
  var links: LinkSet
  var chance: SeededGenerator
  var lore: Lore
  /// The ways through feeds of this device, each told to some.
  var strands: [Chain]
  /// Devices that it certified for its own member; nil where it brings none along.
  var brought: [Brought] = []
  private let bringsDevices: Bool
  private var bringAt: Moment
  /// Secrets of epochs that were made here.
  var epochs: [EpochID: [UInt8]] = [:]
  /// Which way through a feed a host is shown.
  var faces: [Int: [FeedID: Int]] = [:]
  /// Feeds of which some host is told nothing.
  var withheld: Set<Withheld> = []
  /// The links that are up, oldest first.
  private(set) var peers: [Peer] = []
  /// Links begun with keys that nobody knows.
  private var unknownKeys: Set<Transport.LinkID> = []
  /// Connections on which noise is sent.
  private var noisy: [any ByteStream] = []
  /// By the host: how many links came up, and how many batches of entries came.
  var linked: [Int: Int] = [:]
  var shown: [Int: Int] = [:]
  private var lieAt: Moment
  private var dialAt: Moment
  /// How many entries it may write yet: whoever fills disks is removed, and a run must end.
  var entriesLeft = 120
  /// What it floods the others with instead of lying, and how much of that there was.
  let flood: Flood?
  var poured = 0
  /// Whether it keeps some of it for later.
  var isHeldBack = true
  /// What else it does, what draws that, and when it does so next.
  let ruses: Set<Ruse>
  var art: SeededGenerator
  private var playAt: Moment
  /// What it heard others say that they hold, as far as it may say that again.
  var remembered: [OldFrontier] = []
  /// What its clock shows for entries, where that runs back, and what draws it.
  var lastWall: UInt64?
  var dial: SeededGenerator

  struct Peer {
    let link: Transport.LinkID
    let host: Int
    /// Whose certificate it names.
    let device: Long?
    /// Whether it was begun with a key that nobody knows.
    let isKeyUnknown: Bool
  }

  struct Withheld: Hashable {
    let host: Int
    let feed: FeedID
  }

  /// Takes over what the disk of a host holds; nil where no device of an office lies there.
  init?(
    _ host: Host, _ network: HostNetwork, _ watch: SimulatedWatch, seed: UInt64, flood: Flood?,
    bringsDevices: Bool, ruses: Set<Ruse>
  ) {
    guard let content = try? HomeFile.keys.read(host.disk),
      let membership = try? HomeMembership.read(host.disk),
      let secrets = try? DeviceSecrets(content: content),
      let other = try? DeviceSecrets(content: content),
      let shared = try? PreSharedKey(bytes: membership.sharedKey.array.span)
    else { return nil }
    (self.host, self.network, self.flood) = (host, network, flood)
    self.bringsDevices = bringsDevices
    self.membership = membership
    lore = Lore(host.disk)
    let device = secrets.device
    strands = lore.chains.filter { $0.device == device }
    self.secrets = secrets
    identity = LinkIdentity(
      keys: LinkKeys(
        office: membership.office, preSharedKey: shared, noiseKey: other.intoNoise()),
      certificate: membership.certificate)
    poller = Poller(watch)
    links = LinkSet(
      identities: [identity], bootNonce: BootNonce(Bytes16(Random.bytes16())), clock: host.clock,
      network: network)
    chance = SeededGenerator(seed: seed)
    self.ruses = ruses
    (art, dial) = (SeededGenerator(seed: seed &+ 0xa127), SeededGenerator(seed: seed &+ 0xd1a1))
    playAt = ruses.isEmpty ? .distantFuture : host.world.now
    (lieAt, dialAt, bringAt) = (host.world.now, host.world.now, host.world.now)
    try? links.listen(on: [.anyV4], port: nil)
  }

  var office: GroupID { membership.office }
  var world: World { host.world }

  func note(_ text: String) { world.note(host.number, "lies: " + text) }

  // MARK: Running

  func turn(_ events: inout [PollEvent]) throws(SocketError) {
    let now = world.now
    try poller.wait(until: now, into: &events)
    for event in events where LinkSet.owns(event.token) {
      links.handle(event, at: now)
      takeEvents()
    }
    links.tick(at: now)
    takeEvents()
    if now >= dialAt { dial(now) }
    if now >= lieAt, let flood {
      lieAt = pour(flood, now)
    } else if now >= lieAt {
      lieAt = now + .milliseconds(chance.number(100...3_000))
      lie(now)
    }
    if bringsDevices, now >= bringAt { bringAt = bring(now) }
    if now >= playAt {
      playAt = now + .milliseconds(art.number(300...6_000))
      play(now)
    }
    try links.flush(&poller, at: now)
  }

  var dueAt: Moment {
    min(links.deadline, lieAt, dialAt, playAt, bringsDevices ? bringAt : .distantFuture)
  }

  /// Calls whoever is not linked.
  private func dial(_ now: Moment) {
    dialAt = now + .milliseconds(chance.number(2_000...20_000))
    for other in world.hosts where other.isRunning {
      let isLinked = peers.contains { $0.host == other.number && !$0.isKeyUnknown }
      if !isLinked { call(other, as: identity, now) }
    }
  }

  func call(_ other: Host, as identity: LinkIdentity, _ now: Moment) {
    guard let address = address(of: other) else { return }
    _ = links.dial(address, as: identity, mode: .member, at: now)
  }

  /// Where another one listens, if there is a way to it.
  private func address(of other: Host) -> SocketAddress? {
    world.segments.address(of: other.number, from: host.number).map {
      SocketAddress($0, port: Limits.defaultPort)
    }
  }

  private func takeEvents() {
    while let event = links.nextEvent() {
      switch event {
      case .up(let link, let up, let address):
        links.promote(link)
        guard let other = world.host(at: address.ip) else { break }
        // What a link that it calls by another key is begun with only the other end sees.
        let isKeyUnknown = up.isInitiator && unknownKeys.contains(link)
        let device = Long(up.greeting.certificate.bytes.array).flatMap {
          world.audit.book.device(certifiedBy: $0)
        }
        if !isKeyUnknown { linked[other.number, default: 0] += 1 }
        peers.append(
          Peer(link: link, host: other.number, device: device, isKeyUnknown: isKeyUnknown))
        say(.digests([digest(of: office, to: other.number)]), on: link)
      case .message(let link, let message):
        if let peer = peers.first(where: { $0.link == link }) { hear(message, from: peer) }
      case .down(let down):
        peers.removeAll { $0.link == down.id }
        unknownKeys.remove(down.id)
      default: break
      }
    }
  }

  /// Calls with a key that nobody knows, and the name of somebody's certificate.
  func callWithUnknownKey(_ other: Host, _ now: Moment) {
    guard let shared = try? PreSharedKey(bytes: membership.sharedKey.array.span) else { return }
    let known = lore.people(of: office).certificates.map(\.entry)
    let named = known.isEmpty || chance.oneIn(3) ? madeUpID() : known[number(below: known.count)]
    let identity = LinkIdentity(
      keys: LinkKeys(office: office, preSharedKey: shared, noiseKey: NoiseKey()),
      certificate: named)
    guard let address = address(of: other) else { return }
    unknownKeys.insert(links.dial(address, as: identity, mode: .member, at: now))
  }

  /// Sends noise where a handshake is waited for, on new connections and on those that are open still.
  func makeNoise(at other: Host) {
    if let address = address(of: other), let stream = try? network.connect(to: address) {
      noisy.append(stream)
    }
    for stream in noisy { _ = stream.write(chance.bytes(chance.number(1...300)).span) }
    if noisy.count > 8 { noisy.removeFirst(4) }
  }

  // MARK: Drawing

  func number(below count: Int) -> Int { chance.number(0...count - 1) }
  func bytes16() -> Bytes16 { Bytes16(chance.next(), chance.next()) }
  func madeUpID() -> EntryID { Bytes32(chance.bytes(32)).map(EntryID.init) ?? EntryID(Bytes32()) }

  /// One of those; nil where there are none.
  func one<Value>(of values: [Value]) -> Value? {
    values.isEmpty ? nil : values[number(below: values.count)]
  }

  func say(_ message: Message, on link: Transport.LinkID) { _ = links.send(message, on: link) }
}
