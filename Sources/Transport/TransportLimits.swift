internal import Format

/// Numbers that only this target needs; none of them is seen by a peer.
package enum TransportLimits {
  /// Above `Limits.sendQueueBytesMax`, for what is not a batch: four of the largest frontiers, so
  /// that a link full of batches still takes the messages that steer it.
  package static let sendReserveBytes = 1_048_576
  /// Sealed at once: enough for one system call to be worth its cost, little enough to stay in the
  /// processor's cache between sealing and sending.
  package static let framesSealedAtOnce = 4
  /// Read at once from one link, so that the others get their turn.
  package static let readBytes = 262_144
  /// A connection attempt that takes longer is given up; a LAN answers in milliseconds, and the
  /// third repeat of a lost SYN leaves after seven seconds.
  package static let connectSeconds = 5
  /// How long a closed link may take to get its farewell out and to read the other's end.
  package static let lingerSeconds = 2
  /// Connections the kernel keeps for us between two turns.
  package static let backlog = 128
  /// Accepted in one turn, so that links get theirs.
  package static let acceptedAtOnce = 64
  /// How long no connection is accepted after the system ran out of descriptors.
  package static let acceptPauseMilliseconds = 250
  /// Addresses whose failed handshakes are remembered; the longest unheard gives way.
  package static let failingAddressesMax = 1_024
}
