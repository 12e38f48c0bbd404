package import Format
package import Platform

/// An address with all that is known of it.
struct AddressRecord {
  let address: SocketAddress
  var claims: [AddressClaim] = []
  /// The device that last proved its key there.
  var proven: NoiseIdentity?
  /// This node itself answered there.
  var isOwn = false
  var isDialling = false
  /// Attempts since the last success or restart.
  var failures = 0
  var notBefore: Moment
  /// When it was learnt.
  let since: Moment
  var triedAt: Moment?
  /// When a device was last met there, as a count of meetings; 0: never.
  var metAt: UInt64
  var lastEnd: LinkEnd?

  init(_ address: SocketAddress, metAt: UInt64, at now: Moment) {
    self.address = address
    self.metAt = metAt
    since = now
    notBefore = now
  }

  /// Whether only what a stranger may have said speaks for it, and no device was met there.
  var isDoubtful: Bool { isFromStrangers && !isMerelyRemembered }

  /// Whether strangers can make as many of these as they like: who knows the office's secret can call
  /// from anywhere.
  var isFromStrangers: Bool { proven == nil && claims.allSatisfy(\.source.isOpenToStrangers) }

  /// The device that proved its key there, now or in an earlier run of this node.
  var known: NoiseIdentity? {
    proven ?? claims.first { $0.source == .remembered && $0.device != nil }?.device
  }

  /// Whether nobody says that somebody is there; a device was there before, whoever called whom.
  var isMerelyRemembered: Bool { !claims.isEmpty && claims.allSatisfy(\.source.isMemory) }
}

/// What is known of an address, for status.
package struct KnownAddress: Hashable, Sendable {
  package let address: SocketAddress
  /// Without repeats, the most telling first.
  package let sources: [AddressSource]
  /// The device that proved its key there, now or in an earlier run.
  package let device: NoiseIdentity?
  package let isOwn: Bool
  /// How the last attempt that failed ended.
  package let lastEnd: LinkEnd?
}
