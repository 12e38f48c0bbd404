internal import Format

/// The numbers of the dial policy, as the dial book names them.
enum DialLimits {
  /// Addresses of all sources together.
  static let addressesMax = Limits.dialAddressesMax
  static let claimsPerAddressMax = Limits.dialClaimsMax
  /// Attempts under way at once; half of them for what a stranger may have made up, so that 500
  /// false sightings that never answer delay nobody who is known.
  static let diallingMax = Limits.diallingMax
  static let doubtfulDiallingMax = Limits.doubtfulDiallingMax
  /// Between the first attempts at two addresses of one peer: long enough for a LAN to answer,
  /// short enough not to be felt where the first does not work.
  static let staggerMilliseconds = Limits.dialStaggerMilliseconds
  /// Between later attempts at one peer.
  static let pacingMilliseconds = Limits.dialPacingMilliseconds
  /// The first pause after a failure; each next one is twice as long.
  static let firstBackoffMilliseconds = Limits.dialBackoffMillisecondsMin
  /// After a link that ended because one of the two was removed.
  static let removedSeconds = Limits.dialRemovedSeconds
  /// A link that lasted less counts as a failed attempt, so that no dial storm can come of it.
  static let stableSeconds = Limits.dialStableSeconds
  /// How often an address is tried of which it is only said that it belongs to a linked device:
  /// whoever lied about it shall not hide who is really there.
  static let doubtSeconds = Limits.dialDoubtSeconds
  /// Peers whose last attempt is remembered.
  static let pacedMax = Limits.dialPacedMax
}
