internal import Format
package import Platform

/// What is dialled when, and what before what.
extension DialBook {
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
}
