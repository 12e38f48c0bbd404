internal import Format
import Platform
import TestSupport

/// Which hosts stand in which segments of the network, and by which addresses: what is announced stays
/// in a segment, and so does what is sent, unless a router leads from each to the others.
struct Segments {
  /// Where a host stands.
  struct Place: Equatable {
    let segment: Int
    let address: IPAddress
  }

  /// How many there are.
  var count = 1
  var isRouted = false
  /// By the host.
  private var places: [[Place]] = []
  /// How many addresses a host has had.
  private var given: [Int] = []
  /// Addresses that somebody had and nobody has, by segment.
  private var abandoned: [Int: [IPAddress]] = [:]
  /// Whether anybody ever left the place where it was set up.
  private(set) var isMoved = false

  /// Sets a new host up in the first segment.
  mutating func addHost() {
    places.append([])
    given.append(0)
    let host = places.count - 1
    places[host] = [Place(segment: 0, address: freshAddress(of: host, in: 0))]
  }

  private mutating func freshAddress(of host: Int, in segment: Int) -> IPAddress {
    given[host] += 1
    return IPAddress(
      v4: 0x0a4d_0000 + UInt32(segment) << 16 | UInt32((given[host] - 1) & 0xff) << 8
        | UInt32(host + 1))
  }

  /// Comes into a segment, with an address that nobody ever had or that somebody gave up.
  mutating func enter(_ segment: Int, _ host: Int, _ chance: inout SeededGenerator) {
    guard !isIn(segment, host) else { return }
    isMoved = true
    let others = abandoned[segment, default: []]
    var address: IPAddress
    if !others.isEmpty, chance.oneIn(3) {
      address = others[chance.number(0...others.count - 1)]
      abandoned[segment]?.removeAll { $0 == address }
    } else {
      address = freshAddress(of: host, in: segment)
    }
    places[host].append(Place(segment: segment, address: address))
    places[host].sort { $0.segment < $1.segment }
  }

  /// Goes out of a segment.
  mutating func leave(_ segment: Int, _ host: Int) {
    guard let at = places[host].firstIndex(where: { $0.segment == segment }) else { return }
    isMoved = true
    abandoned[segment, default: []].append(places[host].remove(at: at).address)
  }

  // MARK: Questions

  func places(of host: Int) -> [Place] { places[host] }

  func isIn(_ segment: Int, _ host: Int) -> Bool {
    places[host].contains { $0.segment == segment }
  }

  /// The segments that two hosts share, ascending.
  func shared(_ one: Int, _ other: Int) -> [Int] {
    places[one].map(\.segment).filter { isIn($0, other) }
  }

  func address(of host: Int, in segment: Int) -> IPAddress? {
    places[host].first { $0.segment == segment }?.address
  }

  /// Who has an address at this moment.
  func owner(of address: IPAddress) -> Int? {
    places.firstIndex { $0.contains { $0.address == address } }
  }

  /// The address by which a host reaches one of another, if it does: its own in the segment of that
  /// one, or any where a router stands between.
  func source(from host: Int, to address: IPAddress) -> IPAddress? {
    guard let other = owner(of: address),
      let segment = places[other].first(where: { $0.address == address })?.segment
    else { return nil }
    return self.address(of: host, in: segment) ?? (isRouted ? places[host].first?.address : nil)
  }

  /// An address of another host that can be reached from one.
  func address(of other: Int, from host: Int) -> IPAddress? {
    if let segment = shared(host, other).first { return address(of: other, in: segment) }
    return isRouted && !places[host].isEmpty ? places[other].first?.address : nil
  }

  typealias End = (host: Int, address: IPAddress)

  /// What a connection was begun with.
  struct Ends {
    let first: End
    let second: End
  }

  /// Whether somebody else has the address of an end by now.
  func hasNewOwner(at end: End) -> Bool { owner(of: end.address).map { $0 != end.host } ?? false }

  /// Whether somebody else has the address of the far end by now, who hears what comes for it, and
  /// whose answer finds its way back.
  func newOwnerAnswers(at far: End, to near: End) -> Bool {
    guard hasNewOwner(at: far), let newOwner = owner(of: far.address),
      owner(of: near.address) == near.host
    else { return false }
    return source(from: near.host, to: far.address) != nil
      && source(from: newOwner, to: near.address) != nil
  }

  /// Whether the ends of a connection still have the addresses that it was begun with, and a way.
  func joins(_ ends: Ends) -> Bool {
    if !isMoved { return true }
    return owner(of: ends.first.address) == ends.first.host
      && owner(of: ends.second.address) == ends.second.host
      && source(from: ends.first.host, to: ends.second.address) != nil
  }
}
