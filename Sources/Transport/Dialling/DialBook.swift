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
    let since: Moment
  }

  /// Whose attempts are spaced together.
  private enum Peer: Hashable {
    case device(NoiseIdentity)
    case name(String)
    case address(SocketAddress)
  }

  private let entropy: any Entropy
  private var records: [SocketAddress: AddressRecord] = [:]
  /// Which device answered at an address of a peer of that name.
  private var devices: [String: NoiseIdentity] = [:]
  private var links: [LinkID: OpenLink] = [:]
  /// Of each linked device, when its latest link came up; and the addresses links lead to.
  private var linked: [NoiseIdentity: Moment] = [:]
  private var reached: [SocketAddress: NoiseIdentity] = [:]
  private var attempts: [Peer: Moment] = [:]
  /// How often a device was met somewhere, which orders where it was.
  private var meetings: UInt64 = 0
  /// The earliest moment at which `next` may have something; nil where it must be worked out.
  private var cachedDeadline: Moment?

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
    } else if let proven = record.proven, self.device(of: claim) != proven {
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

  /// Takes back what tickets said, when they do not count any more.
  package mutating func forgetTickets() {
    for address in records.keys { records[address]?.claims.removeAll { $0.source == .ticket } }
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

  /// The next address to dial now, a new one at once (D-6); the caller does so, and tells how it ended.
  package mutating func next(at now: Moment) -> SocketAddress? {
    guard now >= deadline else { return nil }
    guard var record = openRecords.filter({ earliest($0) <= now }).min(by: isBefore) else {
      return nil
    }
    record.isDialling = true
    record.triedAt = now
    records[record.address] = record
    attempts[peer(of: record)] = now
    if attempts.count > Limits.dialPacedMax {
      attempts = attempts.filter { now - $0.value < .milliseconds(Limits.dialPacingMilliseconds) }
    }
    cachedDeadline = nil
    return record.address
  }

  /// When `next` may have something.
  package var deadline: Moment {
    mutating get {
      if let cachedDeadline { return cachedDeadline }
      let moment = openRecords.reduce(Moment.distantFuture) { min($0, earliest($1)) }
      cachedDeadline = moment
      return moment
    }
  }

  /// A link is up, whoever began it: one that got through is enough for both ends (D-8).
  package mutating func up(
    _ id: LinkID, _ up: LinkUp, _ address: SocketAddress, at now: Moment
  ) {
    let place = up.isInitiator ? address : SocketAddress(address.ip, port: up.greeting.port)
    links[id] = OpenLink(peer: up.remoteKey, address: place, since: now)
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
      if let name = claim.name { devices[name] = up.remoteKey }
    }
    learn(
      place, from: up.isInitiator ? .remembered : .incoming, name: nil, device: up.remoteKey,
      at: now)
    cachedDeadline = nil
  }

  private mutating func noteLinks() {
    linked = [:]
    reached = [:]
    // Of two links to one address, which is rare and short, the later one tells who is there now.
    for (_, link) in links.sorted(by: { $0.key < $1.key }) {
      linked[link.peer] = max(linked[link.peer] ?? link.since, link.since)
      reached[link.address] = link.peer
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
        device: record.proven, isOwn: record.isOwn, lastEnd: record.lastEnd)
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
}

extension DialBook {
  private func device(of claim: AddressClaim) -> NoiseIdentity? {
    claim.device ?? claim.name.flatMap { devices[$0] }
  }

  /// Whether the address is proven, or said by anything, to be that device's.
  private func isSaid(_ address: SocketAddress, of peer: NoiseIdentity) -> Bool {
    guard let record = records[address] else { return false }
    if let proven = record.proven { return proven == peer }
    return record.claims.contains { device(of: $0) == peer }
  }

  private func peer(of record: AddressRecord) -> Peer {
    if let device = record.proven ?? record.claims.lazy.compactMap({ device(of: $0) }).first {
      return .device(device)
    }
    if let name = record.claims.lazy.compactMap(\.name).first { return .name(name) }
    return .address(record.address)
  }

  /// The addresses that may be dialled at some time as things stand, in no order.
  private var openRecords: [AddressRecord] {
    let dialling = records.values.filter(\.isDialling)
    guard dialling.count < Limits.diallingMax else { return [] }
    let takesDoubtful = dialling.count(where: \.isDoubtful) < Limits.doubtfulDiallingMax
    let takesRemembered =
      dialling.count(where: \.isMerelyRemembered) < Limits.rememberedDiallingMax
    return records.values.filter { record in
      if record.isOwn || record.isDialling || reached[record.address] != nil { return false }
      if record.claims.isEmpty { return false }
      if let proven = record.proven, linked[proven] != nil { return false }
      if record.isMerelyRemembered {
        // Nobody else ever said a word of it, so nobody can be hidden by whom it meant.
        return takesRemembered && coveredSince(record) == nil
      }
      return takesDoubtful || !record.isDoubtful
    }
  }

  /// Since when all that speaks for an address names devices that are linked; nil if not all does.
  private func coveredSince(_ record: AddressRecord) -> Moment? {
    var since: Moment?
    for claim in record.claims {
      guard let device = device(of: claim), let link = linked[device] else { return nil }
      since = max(since ?? link, link)
    }
    return since
  }

  private func earliest(_ record: AddressRecord) -> Moment {
    var earliest = record.notBefore
    if let since = coveredSince(record) {
      earliest = max(
        earliest, max(since, record.triedAt ?? since) + .seconds(Limits.dialDoubtSeconds))
    }
    guard let last = attempts[peer(of: record)] else { return earliest }
    let gap =
      record.failures == 0 ? Limits.dialStaggerMilliseconds : Limits.dialPacingMilliseconds
    return max(earliest, last + .milliseconds(gap))
  }

  /// What somebody known says now before what is remembered, and that before the doubtful; then who
  /// waited longest; the rest only makes it one order.
  private func isBefore(_ left: AddressRecord, _ right: AddressRecord) -> Bool {
    if left.isDoubtful != right.isDoubtful { return right.isDoubtful }
    if left.isMerelyRemembered != right.isMerelyRemembered { return right.isMerelyRemembered }
    let (first, second) = (earliest(left), earliest(right))
    if first != second { return first < second }
    if left.metAt != right.metAt { return left.metAt > right.metAt }
    if left.address.ip.isLinkLocal != right.address.ip.isLinkLocal {
      return right.address.ip.isLinkLocal
    }
    return left.address < right.address
  }

  private mutating func restart(_ address: SocketAddress, at now: Moment) {
    records[address]?.failures = 0
    records[address]?.notBefore = now
  }

  private mutating func fail(
    _ address: SocketAddress, _ end: LinkEnd, by peer: NoiseIdentity?, at now: Moment
  ) {
    guard let record = records[address] else { return }
    let failures = record.failures
    let pause =
      if end.isRemoval, !canBeAnother(record, than: peer) {
        Duration.seconds(Limits.dialRemovedSeconds)
      } else {
        pause(after: failures, isRemembered: record.isMerelyRemembered)
      }
    let notBefore = now + pause
    records[address]?.failures = failures + 1
    records[address]?.lastEnd = end
    records[address]?.notBefore = notBefore
  }

  /// Whether something speaks for an address that does not mean the device whose link ended: a seed
  /// and a ticket name a place, where another one may be tomorrow and nobody says so.
  private func canBeAnother(_ record: AddressRecord, than peer: NoiseIdentity?) -> Bool {
    record.claims.contains { claim in
      switch claim.source {
      case .seed, .ticket: true
      case .sighting, .incoming, .remembered:
        device(of: claim).map { $0 != peer } ?? false
      }
    }
  }

  /// Doubles from a second to ten, and takes off up to half by chance, so that nodes that failed
  /// together do not come back together. Where nobody was for a while, and nobody says that somebody
  /// is, it is longer.
  private func pause(after failures: Int, isRemembered: Bool) -> Duration {
    let isForgotten = isRemembered && failures >= Limits.dialRememberedTries
    let seconds = isForgotten ? Limits.dialRememberedSeconds : Limits.dialBackoffSecondsMax
    let full = min(Limits.dialBackoffMillisecondsMin << min(failures, 8), seconds * 1_000)
    let drawn = entropy.bytes(2)
    let chance = Int(drawn[0]) << 8 | Int(drawn[1])
    return .milliseconds(full - full * chance / 131_072)
  }

  private mutating func dropUnclaimed() {
    // An attempt that is under way is not begun again because its reason comes and goes.
    records = records.filter { !$0.value.claims.isEmpty || $0.value.isDialling }
    cachedDeadline = nil
  }

  /// Makes room for a new address; what strangers said gives way to itself and to all else.
  private mutating func makeRoom(for source: AddressSource) -> Bool {
    let doubtful = records.values.filter { $0.isDoubtful && !$0.isDialling }
    let isCrowded =
      records.count >= Limits.dialAddressesMax
      || source.isOpenToStrangers && doubtful.count >= Limits.sightingsMax
    guard isCrowded else { return true }
    let worst = doubtful.max {
      $0.failures != $1.failures ? $0.failures < $1.failures : $0.address < $1.address
    }
    // One that has not been tried yet is not worse than a new one.
    guard let worst, worst.failures > 0 || !source.isOpenToStrangers else { return false }
    records[worst.address] = nil
    return true
  }
}

extension LinkEnd {
  /// Whether one end belongs to the office no more, which no call will change.
  package var isRemoval: Bool { self == .bye(.removed) || self == .closedHere(.removed) }

  /// Whether the link ended because another one to the same device stays.
  fileprivate var isAboutOtherLink: Bool {
    self == .bye(.otherLinkStays) || self == .closedHere(.otherLinkStays)
  }

  /// Whether dialling again at once would come to the same end, however long the link lasted.
  fileprivate var isRefusal: Bool {
    switch self {
    case .bye(let code), .closedHere(let code):
      switch code {
      case .removed, .copied, .violation, .notNow: true
      case .done, .otherLinkStays, .newerHandshake: false
      }
    case .violation, .anotherVersion, .modeRefused, .stranger, .unproven, .ownNode, .copied, .full:
      true
    case .late, .gaveWay, .silent, .unanswered, .cut, .failed: false
    }
  }
}
