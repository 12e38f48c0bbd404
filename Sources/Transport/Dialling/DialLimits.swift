/// Numbers of the dial policy beyond `Limits.dialBackoffSecondsMax` and `Limits.sightingsMax`.
enum DialLimits {
  /// Addresses of all sources together.
  static let addressesMax = 1_024
  static let claimsPerAddressMax = 8
  /// Attempts under way at once; half of them for what a stranger may have made up, so that 500
  /// false sightings that never answer delay nobody who is known.
  static let diallingMax = 32
  static let doubtfulDiallingMax = 16
  /// Between the first attempts at two addresses of one peer: long enough for a LAN to answer,
  /// short enough not to be felt where the first does not work.
  static let staggerMilliseconds = 250
  /// Between later attempts at one peer.
  static let pacingMilliseconds = 1_000
  /// The first pause after a failure; each next one is twice as long.
  static let firstBackoffMilliseconds = 1_000
  /// A link that lasted less counts as a failed attempt, so that no dial storm can come of it.
  static let stableSeconds = 10
  /// How often an address is tried of which it is only said that it belongs to a linked device:
  /// whoever lied about it shall not hide who is really there.
  static let doubtSeconds = 60
  /// Peers whose last attempt is remembered.
  static let pacedMax = 2_048
}
