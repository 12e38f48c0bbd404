package import Format
package import Platform

/// What an attempt that failed, or a link that ended, means for the next one.
extension DialBook {
  mutating func restart(_ address: SocketAddress, at now: Moment) {
    records[address]?.failures = 0
    records[address]?.notBefore = now
  }

  mutating func fail(
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

  /// The office may have somebody again whose removal ended links: those are not waited for until the pause
  /// after a removal is over (D-6). `isIn` says whether a device is in the office, as far as is known here;
  /// `isOwnBack`: this node's own device is again, so that whoever ended a link because of it is tried, too.
  package mutating func readmit(
    ownIsBack isOwnBack: Bool, at now: Moment, _ isIn: (NoiseIdentity) -> Bool
  ) {
    for (address, record) in records where record.notBefore > now {
      let isBack =
        switch record.lastEnd {
        case .closedHere(.removed): said(of: record).contains(where: isIn)
        case .bye(.removed): isOwnBack
        default: false
        }
      if isBack { restart(address, at: now) }
    }
    cachedDeadline = nil
  }

  /// The devices that an address may be of.
  private func said(of record: AddressRecord) -> [NoiseIdentity] {
    record.proven.map { [$0] } ?? record.claims.compactMap { device(of: $0) }
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
}

extension LinkEnd {
  /// Whether one end belongs to the office no more, which no call will change.
  package var isRemoval: Bool { self == .bye(.removed) || self == .closedHere(.removed) }

  /// Whether the link ended because another one to the same device stays.
  var isAboutOtherLink: Bool {
    self == .bye(.otherLinkStays) || self == .closedHere(.otherLinkStays)
  }

  /// Whether dialling again at once would come to the same end, however long the link lasted.
  var isRefusal: Bool {
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
