internal import Format
internal import Platform

/// How many handshakes failed lately, by address (H-6).
struct HandshakeFailures {
  /// Each failure takes one part of a second's allowance; this is when all of it is there again.
  private var restoredAt: [IPAddress: Moment] = [:]
  private static let part = Duration.milliseconds(1_000 / Limits.failedHandshakesPerSecond)

  /// Whether a connection from that address may begin a handshake.
  func allows(_ address: IPAddress, at now: Moment) -> Bool {
    guard let restored = restoredAt[address] else { return true }
    return restored - now <= .seconds(1) - Self.part
  }

  mutating func record(_ address: IPAddress, at now: Moment) {
    let base = max(restoredAt[address] ?? now, now)
    // Handshakes that were under way together may fail together; they close the address for no
    // longer than one that fails later would.
    restoredAt[address] = min(base + Self.part, now + .seconds(1))
    guard restoredAt.count > TransportLimits.failingAddressesMax else { return }
    restoredAt = restoredAt.filter { $0.value > now }
    // Still too many: the one that is restored first gives way, its name deciding between equals.
    let first = restoredAt.min { ($0.value, $0.key) < ($1.value, $1.key) }
    if restoredAt.count > TransportLimits.failingAddressesMax, let first {
      restoredAt[first.key] = nil
    }
  }
}
