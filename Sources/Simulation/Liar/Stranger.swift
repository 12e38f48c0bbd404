import Cryptography
import Discovery
import Format
import Platform
import Replication
import TestSupport
import Transport

/// Somebody without an office who stands at the doors of others and means no good: looks and goes, goes
/// once the digits are known, opens another share than the one committed to, speaks out of turn, comes
/// with a crowd, says nothing; and stands between a door and whoever knocks, under the door's own names.
///
/// It shares no code with the visits of a node.
final class Stranger: HostProcess {
  private unowned let host: Host
  private let network: HostNetwork
  private var poller: Poller
  private var links: LinkSet
  private var chance: SeededGenerator
  /// How it behaves on links that it began.
  private var visits: [Transport.LinkID: Visit] = [:]
  /// Those who knock where it holds a door itself.
  private var guests: [Transport.LinkID: Guest] = [:]
  /// Doors that it knows, and how often more it goes there.
  private var doors: [(address: SocketAddress, visits: Int)] = []
  /// What the last door said of itself, which its own says, too.
  private var names: Message?
  /// Those who are to take its door for another one.
  private var audience: [Host] = []
  private var actAt: Moment
  /// How often it had a try; each is looked at when it comes.
  private(set) var tries = DoorTries()

  /// What it does at somebody's door.
  private enum Manner: CaseIterable {
    case looks, leaves, opensOther, speaksOutOfTurn, staysSilent, waits
  }

  private struct Visit {
    let manner: Manner
    let address: SocketAddress
    let nonce: [UInt8]
    var handshake: [UInt8] = []
    /// On whose behalf it knocks, and as whom.
    var guest: Transport.LinkID?
    var who: (person: Name, device: Name)?
  }

  private struct Guest {
    /// The link on which it knocks for this one.
    var visit: Transport.LinkID?
  }

  init(_ host: Host, _ network: HostNetwork, _ watch: SimulatedWatch, seed: UInt64) {
    (self.host, self.network) = (host, network)
    poller = Poller(watch)
    chance = SeededGenerator(seed: seed)
    // Whoever belongs to no office listens to nobody, so it has one of its own.
    let office = GroupID(Bytes32(chance.bytes(32)) ?? Bytes32())
    var identities: [LinkIdentity] = []
    if let shared = try? PreSharedKey(bytes: chance.bytes(32).span) {
      identities.append(
        LinkIdentity(
          keys: LinkKeys(office: office, preSharedKey: shared, noiseKey: NoiseKey()),
          certificate: EntryID(Bytes32())))
    }
    links = LinkSet(
      identities: identities, bootNonce: BootNonce(Bytes16(Random.bytes16())), clock: host.clock,
      network: network)
    actAt = host.world.now
    try? links.listen(on: [.anyV4], port: nil)
    links.door = DoorKey(NoiseKey())
  }

  private func note(_ text: String) { host.world.note(host.number, "at a door: " + text) }

  /// Hears of an open door, and of somebody who looks for it.
  func hear(ofDoorAt address: SocketAddress, for newcomer: Host) {
    // At times with more than a door bears.
    doors.append((address, chance.oneIn(4) ? 6 * Limits.doorTriesMax : chance.number(2...12)))
    audience.append(newcomer)
    visit(address, .looks, host.world.now)
    host.stir()
  }

  /// The door of a host is opened that was closed.
  func knowsOpening(at number: Int) { tries.opens(at: number) }

  /// Says to somebody who looks for a door that there is another one.
  private func announce(to other: Host) {
    guard let address = host.world.segments.address(of: host.number, from: other.number),
      let discovery = other.discovery
    else { return }
    note("says to \(other.number) that it holds one")
    let digits = Array("0123456789abcdef".utf8)
    discovery.hearOfDoor(
      at: SocketAddress(address, port: Limits.defaultPort), salt: chance.bytes(8),
      hint: chance.bytes(8), as: (0..<16).map { _ in digits[chance.number(0...15)] })
  }

  // MARK: Running

  func turn(_ events: inout [PollEvent]) throws(SocketError) {
    let now = host.world.now
    try poller.wait(until: now, into: &events)
    for event in events where LinkSet.owns(event.token) {
      links.handle(event, at: now)
      takeEvents(now)
    }
    links.tick(at: now)
    takeEvents(now)
    if now >= actAt {
      actAt = now + .milliseconds(chance.number(100...4_000))
      act(now)
    }
    try links.flush(&poller, at: now)
  }

  var dueAt: Moment { min(links.deadline, actAt) }

  /// Goes to a door, or to one in a crowd.
  private func act(_ now: Moment) {
    guard let at = doors.lastIndex(where: { $0.visits > 0 }) else { return }
    let count = min(doors[at].visits, chance.oneIn(4) ? 12 : 1)
    doors[at].visits -= count
    for _ in 0..<count {
      let manner = Manner.allCases[chance.number(0...Manner.allCases.count - 1)]
      visit(doors[at].address, manner, now)
    }
  }

  @discardableResult
  private func visit(_ address: SocketAddress, _ manner: Manner, _ now: Moment) -> Transport.LinkID
  {
    let link = links.knock(at: address, with: DoorKey(NoiseKey()), at: now)
    visits[link] = Visit(manner: manner, address: address, nonce: chance.bytes(32))
    return link
  }

  private func takeEvents(_ now: Moment) {
    while let event = links.nextEvent() {
      switch event {
      case .up(let link, let up, _) where up.isInitiator:
        visits[link]?.handshake = up.handshakeHash.bytes.array
        if visits[link]?.manner == .speaksOutOfTurn { speakOutOfTurn(on: link) }
      case .up(let link, _, _):
        guests[link] = Guest()
        if let names { say(names, on: link) }
      case .message(let link, let message) where guests[link] != nil:
        heard(message, fromGuest: link, now)
      case .message(let link, let message): heard(message, at: link, now)
      case .down(let down):
        visits[down.id] = nil
        guard let visit = guests.removeValue(forKey: down.id)?.visit else { break }
        links.close(visit, .done, at: now)
      default: break
      }
    }
  }

  // MARK: At somebody's door

  private func heard(_ message: Message, at link: Transport.LinkID, _ now: Moment) {
    guard let visit = visits[link] else { return }
    switch message {
    case .door:
      names = message
      for other in audience { announce(to: other) }
      audience = []
      if visit.manner == .looks { return links.close(link, .done, at: now) }
      if visit.manner == .staysSilent { return }
      let who = visit.who ?? (Liar.name, Liar.name)
      say(
        .knock(commitment: commitment(visit), person: who.person, device: who.device), on: link)
    case .doorNonce(let theirs):
      // Whose address it is by now says it.
      if let sponsor = host.world.host(at: visit.address.ip),
        let fault = tries.add(at: sponsor.number)
      {
        host.world.fail(fault)
      }
      if let guest = visit.guest { say(.doorNonce(theirs), on: guest) }
      switch visit.manner {
      case .leaves: links.close(link, .done, at: now)
      case .opensOther: say(.opening(bytes32(chance.bytes(32))), on: link)
      // For somebody else only once that one has opened.
      case .waits where visit.guest == nil: say(.opening(bytes32(visit.nonce)), on: link)
      default: break
      }
    case .doorAnswer(.admitted, _):
      host.world.fail("a stranger was let in at a door")
    default: break
    }
  }

  private func commitment(_ visit: Visit) -> Bytes32 {
    let all = visit.handshake + visit.nonce
    return bytes32(Sums.hash("zr1.commit", all[...]).bytes)
  }

  private func speakOutOfTurn(on link: Transport.LinkID) {
    let bytes = bytes32(chance.bytes(32))
    let messages: [Message] = [
      .opening(bytes), .doorNonce(bytes), .doorAnswer(.admitted, ticket: []),
      .want(GroupID(bytes), []), .digests([]),
      .door(office: Liar.name, sponsor: Liar.name, member: nil), .pong(chance.next()),
    ]
    for message in messages where chance.oneIn(3) { say(message, on: link) }
  }

  // MARK: At its own door

  /// Somebody knocks here who means the other door: it knocks there as that one.
  private func heard(_ message: Message, fromGuest link: Transport.LinkID, _ now: Moment) {
    switch message {
    case .knock(_, let person, let device):
      guard let address = doors.last?.address, guests[link]?.visit == nil else { return }
      note("stands between \(person.text) and another one")
      let visit = visit(address, .waits, now)
      visits[visit]?.guest = link
      visits[visit]?.who = (person, device)
      guests[link]?.visit = visit
    case .opening:
      guard let visit = guests[link]?.visit, let known = visits[visit] else { return }
      say(.opening(bytes32(known.nonce)), on: visit)
      // Whoever believes it has been let in joins nothing with this.
      if chance.oneIn(2) {
        say(.doorAnswer(.admitted, ticket: Array("zr1-ticket-none".utf8)), on: link)
      }
    default: break
    }
  }

  private func bytes32(_ bytes: [UInt8]) -> Bytes32 { Bytes32(bytes) ?? Bytes32() }
  private func say(_ message: Message, on link: Transport.LinkID) {
    _ = links.send(message, on: link)
  }
}
