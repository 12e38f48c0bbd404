package import Format
package import Platform

/// Whom to dial, where and when: addresses with what speaks for them, and what came of it.
///
/// Opens no socket and reads no clock. The node dials whatever `next` gives, and tells `up` and
/// `down` of every link, whoever began it.
package struct DialBook {
  private struct OpenLink {
    let peer: NoiseIdentity
    /// Where the peer listens, as far as the link shows it.
    let address: SocketAddress
    /// Whether this node began it, so that it shows who is at that address.
    let isOurs: Bool
    let since: Moment
  }

  /// Whose attempts are spaced together.
  enum Peer: Hashable {
    case device(NoiseIdentity)
    case name(String)
    case address(SocketAddress)
  }

  let entropy: any Entropy
  var records: [SocketAddress: AddressRecord] = [:]
  /// Which device answered at an address of a peer of that name.
  var devices: [String: NoiseIdentity] = [:]
  private var links: [LinkID: OpenLink] = [:]
  /// Of each linked device, when its latest link came up.
  var linked: [NoiseIdentity: Moment] = [:]
  /// Where own links lead, and where those say that they listen who called: whoever lies about that
  /// shall not hide who is there.
  var reached: [SocketAddress: NoiseIdentity] = [:]
  private var listening: [SocketAddress: NoiseIdentity] = [:]
  var attempts: [Peer: Moment] = [:]
  /// How often a device was met somewhere, which orders where it was.
  private var meetings: UInt64 = 0
  /// Whose turn it is among what strangers say.
  var doubtTurn = DoubtTurn.newest
  /// The earliest moment at which `next` may have something; nil where it must be worked out.
  var cachedDeadline: Moment?

  /// An empty book; the entropy is for the jitter of pauses alone.
  package init(entropy: any Entropy) { self.entropy = entropy }

  /// Takes in that a peer may be at an address; false where the book is full.
  ///
  /// `name` groups what one source says of one peer; `place` is where that source says it, at which
  /// it says one address at a time; `device` is whom it is said to be. Of what was met before the
  /// oldest comes first.
  @discardableResult
  package mutating func learn(
    _ address: SocketAddress, from source: AddressSource, name: String?, place: String? = nil,
    device: NoiseIdentity?, at now: Moment
  ) -> Bool {
    guard address.port != 0, !address.ip.isUnspecified, !address.ip.isMulticast else {
      return false
    }
    if let name, let place { forget(source, name: name, place: place, except: address) }
    let claim = AddressClaim(source: source, name: name, place: place, device: device)
    if source.isMemory {
      meetings += 1
      records[address]?.metAt = meetings
    }
    var record =
      records[address]
      ?? AddressRecord(address, metAt: source.isMemory ? meetings : 0, at: now)
    if record.claims.contains(claim) { return true }
    if records[address] == nil, !makeRoom(for: source) { return false }
    guard record.claims.count < Limits.dialClaimsMax else { return false }
    // What is merely remembered waits for long; somebody says it anew now.
    if record.isMerelyRemembered, !source.isMemory,
      record.notBefore > now + .seconds(Limits.dialBackoffSecondsMax)
    {
      record.notBefore = now
    }
    record.claims.append(claim)
    if let peer = reached[address] {
      // A link leads there: whatever the claim says, it is about that device.
      if let name { devices[name] = peer }
    } else if let name, devices[name] == nil {
      // A device that called says that it listens there: believed until somebody else answers.
      devices[name] = listening[address]
    }
    if reached[address] == nil, let proven = record.proven, self.device(of: claim) != proven {
      // Addresses move from one device to another: what is said anew is worth a new look.
      record.proven = nil
    }
    // Another one may be there than the one that was removed.
    if record.lastEnd?.isRemoval ?? false { record.notBefore = now }
    records[address] = record
    cachedDeadline = nil
    if source.isMemory, let device { boundMemory(of: device) }
    return true
  }

  /// Addresses of a device come and go, and each that it was met at stays believable: a few of them,
  /// the last ones, are remembered.
  private mutating func boundMemory(of device: NoiseIdentity) {
    func isMemory(_ claim: AddressClaim) -> Bool { claim.source.isMemory && claim.device == device }
    let met = records.values.filter { $0.claims.contains(where: isMemory) }
      .sorted { $0.metAt > $1.metAt }
    guard met.count > Limits.dialRememberedMax else { return }
    for record in met.dropFirst(Limits.dialRememberedMax) {
      records[record.address]?.claims.removeAll(where: isMemory)
    }
    dropUnclaimed()
  }

  /// Takes back what a source said of a peer; an address nothing speaks for any more is dropped. No
  /// link ends by it: a goodbye is anybody's word (D-3).
  ///
  /// With a place what was said there alone, for the same peer may be announced elsewhere too.
  package mutating func forget(_ source: AddressSource, name: String, place: String? = nil) {
    forget(source, name: name, place: place, except: nil)
    if !records.values.contains(where: { $0.claims.contains { $0.name == name } }) {
      devices[name] = nil
    }
  }

  /// Takes back what a source said of a peer, but for these addresses.
  package mutating func keep(
    _ addresses: [SocketAddress], from source: AddressSource, name: String
  ) {
    for address in records.keys where !addresses.contains(address) {
      records[address]?.claims.removeAll { $0.source == source && $0.name == name }
    }
    dropUnclaimed()
  }

  private mutating func forget(
    _ source: AddressSource, name: String, place: String?, except kept: SocketAddress?
  ) {
    var isChanged = false
    for address in records.keys where address != kept {
      let before = records[address]?.claims.count
      records[address]?.claims.removeAll {
        $0.source == source && $0.name == name && (place == nil || $0.place == place)
      }
      if records[address]?.claims.count != before { isChanged = true }
    }
    if isChanged { dropUnclaimed() }
  }

  /// Takes back all that a source said, of whomever.
  package mutating func forget(all source: AddressSource) {
    for address in records.keys { records[address]?.claims.removeAll { $0.source == source } }
    let names = Set(records.values.flatMap { $0.claims.compactMap(\.name) })
    devices = devices.filter { names.contains($0.key) }
    dropUnclaimed()
  }

  /// Drops a device, which was removed: nothing is dialled because of it.
  package mutating func forget(_ device: NoiseIdentity) {
    for address in records.keys {
      records[address]?.claims.removeAll { $0.device == device }
      if records[address]?.proven == device { records[address]?.proven = nil }
    }
    dropUnclaimed()
  }

  /// A link is up, whoever began it: one that got through is enough for both ends (D-8).
  package mutating func up(
    _ id: LinkID, _ up: LinkUp, _ address: SocketAddress, at now: Moment
  ) {
    let place = up.isInitiator ? address : SocketAddress(address.ip, port: up.greeting.port)
    links[id] = OpenLink(
      peer: up.remoteKey, address: place, isOurs: up.isInitiator, since: now)
    noteLinks()
    if up.isInitiator {
      records[address]?.isDialling = false
      // Failures are forgotten when the link has lasted, not before.
      records[address]?.proven = up.remoteKey
      records[address]?.lastEnd = nil
      // Whoever was said to be here is not (D-4); their other addresses are as good as before.
      records[address]?.claims.removeAll { $0.device != nil && $0.device != up.remoteKey }
    }
    for claim in records[place]?.claims ?? [] {
      guard let name = claim.name, up.isInitiator || devices[name] == nil else { continue }
      devices[name] = up.remoteKey
    }
    if up.isInitiator {
      learn(place, from: .remembered, name: nil, device: up.remoteKey, at: now)
    }
    cachedDeadline = nil
  }

  /// A link is proven to be a device's of the office: where that one listens is remembered. Not before,
  /// for whoever knows the office's secret can call with as many keys and ports as it likes.
  package mutating func proved(_ id: LinkID, at now: Moment) {
    guard let link = links[id], !link.isOurs else { return }
    learn(link.address, from: .incoming, name: nil, device: link.peer, at: now)
  }

  private mutating func noteLinks() {
    linked = [:]
    reached = [:]
    listening = [:]
    // Of two links to one address, which is rare and short, the later one tells who is there now.
    for (_, link) in links.sorted(by: { $0.key < $1.key }) {
      linked[link.peer] = max(linked[link.peer] ?? link.since, link.since)
      if link.isOurs {
        reached[link.address] = link.peer
      } else {
        listening[link.address] = link.peer
      }
    }
  }

  /// A link, or an attempt at one, is over.
  package mutating func down(_ down: LinkDown, at now: Moment) {
    cachedDeadline = nil
    if let link = links.removeValue(forKey: down.id) {
      noteLinks()
      if down.end.isAboutOtherLink { return }
      let isStable = now - link.since >= .seconds(Limits.dialStableSeconds)
      for address in records.keys.sorted() where isSaid(address, of: link.peer) {
        if isStable, !down.end.isRefusal {
          restart(address, at: now)
        } else {
          fail(address, down.end, by: link.peer, at: now)
        }
      }
      if isStable, !down.end.isRefusal { attempts[.device(link.peer)] = nil }
    } else if down.isInitiator {
      records[down.address]?.isDialling = false
      if down.end == .ownNode { records[down.address]?.isOwn = true }
      fail(down.address, down.end, by: records[down.address]?.proven, at: now)
      // What was taken back meanwhile was kept for the attempt alone.
      if records[down.address]?.claims.isEmpty ?? false { records[down.address] = nil }
    }
  }

  /// The addresses of this computer have changed, or it has slept: everything is tried at once.
  package mutating func restart(at now: Moment) {
    for address in records.keys {
      restart(address, at: now)
      records[address]?.isOwn = false
    }
    attempts = [:]
    cachedDeadline = nil
  }

  /// What is known, sorted by address.
  package var addresses: [KnownAddress] {
    records.values.sorted { $0.address < $1.address }.map { record in
      KnownAddress(
        address: record.address, sources: Set(record.claims.map(\.source)).sorted(),
        device: record.known, isOwn: record.isOwn, lastEnd: record.lastEnd)
    }
  }

  /// The addresses that a source says a peer of that name has.
  package func addresses(from source: AddressSource, name: String) -> [SocketAddress] {
    records.values.filter { record in
      record.claims.contains { $0.source == source && $0.name == name }
    }.map(\.address).sorted()
  }

  /// The addresses at which that device proved its key, to be remembered over a restart.
  package func addresses(of device: NoiseIdentity) -> [SocketAddress] {
    records.values.filter { $0.proven == device }.map(\.address).sorted()
  }

  private mutating func dropUnclaimed() {
    // An attempt that is under way is not begun again because its reason comes and goes.
    records = records.filter { !$0.value.claims.isEmpty || $0.value.isDialling }
    cachedDeadline = nil
  }

  /// Makes room for a new address; what strangers said gives way to itself and to all else.
  private mutating func makeRoom(for source: AddressSource) -> Bool {
    let made = records.values.filter { $0.isFromStrangers && !$0.isDialling }
    let isCrowded =
      records.count >= Limits.dialAddressesMax
      || source.isOpenToStrangers && made.count >= Limits.sightingsMax
    guard isCrowded else { return true }
    let worst = made.max {
      $0.failures != $1.failures ? $0.failures < $1.failures : $0.address < $1.address
    }
    // One that has not been tried yet is not worse than a new one.
    guard let worst, worst.failures > 0 || !source.isOpenToStrangers else { return false }
    records[worst.address] = nil
    return true
  }
}
