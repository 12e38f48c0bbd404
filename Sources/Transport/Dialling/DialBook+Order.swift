internal import Format
package import Platform

/// What is dialled when, and what before what.
extension DialBook {
  /// An address that may be dialled, with when at the earliest, worked out once.
  private struct Due {
    let record: AddressRecord
    let earliest: Moment
  }

  /// The next address to dial now, a new one at once (D-6); the caller does so, and tells how it ended.
  package mutating func next(at now: Moment) -> SocketAddress? {
    guard now >= deadline else { return nil }
    let due = openRecords.map { Due(record: $0, earliest: earliest($0)) }
      .filter { $0.earliest <= now }
    guard
      var record =
        (due.filter { !$0.record.isDoubtful }.min(by: isBefore) ?? nextDoubtful(among: due))?.record
    else { return nil }
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

  func device(of claim: AddressClaim) -> NoiseIdentity? {
    claim.device ?? claim.name.flatMap { devices[$0] }
  }

  /// Whether the address is proven, or said by anything, to be that device's.
  func isSaid(_ address: SocketAddress, of peer: NoiseIdentity) -> Bool {
    guard let record = records[address] else { return false }
    if let proven = record.proven { return proven == peer }
    return record.claims.contains { device(of: $0) == peer }
  }

  func peer(of record: AddressRecord) -> Peer {
    if let proven = record.proven { return .device(proven) }
    // Without closures that are kept, each of which would hold a copy of the whole book.
    for claim in record.claims {
      if let device = device(of: claim) { return .device(device) }
    }
    for claim in record.claims {
      if let name = claim.name { return .name(name) }
    }
    return .address(record.address)
  }

  /// Newest, oldest and those tried before take turns: who is announced behind hundreds that do not
  /// answer has the next place or the one after, and nobody waits for ever.
  private mutating func nextDoubtful(among due: [Due]) -> Due? {
    let untried = due.filter { $0.record.triedAt == nil }
    let newest = untried.min { left, right in
      let (first, second) = (left.record.since, right.record.since)
      return first != second ? first > second : isBefore(left, right)
    }
    let oldest = untried.min { left, right in
      let (first, second) = (left.record.since, right.record.since)
      return first != second ? first < second : isBefore(left, right)
    }
    let triedBefore = due.filter { $0.record.triedAt != nil }.min(by: isBefore)
    defer { doubtTurn = doubtTurn.next }
    return switch doubtTurn {
    case .newest, .newestAgain: newest ?? triedBefore
    case .oldest: oldest ?? triedBefore
    case .triedBefore: triedBefore ?? oldest
    }
  }

  /// The addresses that may be dialled at some time as things stand, in no order.
  private var openRecords: [AddressRecord] {
    let dialling = records.values.filter(\.isDialling)
    guard dialling.count < Limits.diallingMax else { return [] }
    let takesDoubtful = dialling.count(where: \.isDoubtful) < Limits.doubtfulDiallingMax
    var doubtfulAt: [IPAddress: Int] = [:]
    for record in dialling where record.isDoubtful {
      doubtfulAt[record.address.ip, default: 0] += 1
    }
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
      // A host announces as many ports as it likes.
      return !record.isDoubtful
        || takesDoubtful
          && doubtfulAt[record.address.ip, default: 0] < Limits.doubtfulDiallingPerAddressMax
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
  private func isBefore(_ one: Due, _ other: Due) -> Bool {
    let (left, right) = (one.record, other.record)
    if left.isDoubtful != right.isDoubtful { return right.isDoubtful }
    if left.isMerelyRemembered != right.isMerelyRemembered { return right.isMerelyRemembered }
    if one.earliest != other.earliest { return one.earliest < other.earliest }
    if left.metAt != right.metAt { return left.metAt > right.metAt }
    if left.address.ip.isLinkLocal != right.address.ip.isLinkLocal {
      return right.address.ip.isLinkLocal
    }
    return left.address < right.address
  }
}

extension DialBook {
  /// Who is next among addresses that strangers may have made up.
  enum DoubtTurn {
    case newest, oldest, newestAgain, triedBefore

    fileprivate var next: DoubtTurn {
      switch self {
      case .newest: .oldest
      case .oldest: .newestAgain
      case .newestAgain: .triedBefore
      case .triedBefore: .newest
      }
    }
  }
}
