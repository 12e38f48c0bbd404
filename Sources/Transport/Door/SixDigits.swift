internal import Cryptography
package import Format

/// What two people compare: alike on both screens, unless somebody stands between (H-14).
package struct SixDigits: Hashable, Sendable, CustomStringConvertible {
  /// Below a million.
  package let number: UInt32

  /// The digits without a space, zeros in front.
  package var description: String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 6 - text.utf8.count)) + text
  }
}

/// What makes the digits of one link, and what is committed to before they are known (H-13, H-14).
package struct DoorTerms: Hashable, Sendable {
  package let handshake: HandshakeHash
  package let newcomer: NoiseIdentity
  package let sponsor: NoiseIdentity

  /// Names the keys by their owners.
  package init(handshake: HandshakeHash, newcomer: NoiseIdentity, sponsor: NoiseIdentity) {
    (self.handshake, self.newcomer, self.sponsor) = (handshake, newcomer, sponsor)
  }

  /// What the newcomer says before the sponsor's share: it binds the newcomer's share to this link.
  package func commitment(to nonce: Bytes32) -> Bytes32 {
    Bytes32(copying: Blake2b.hash(.commit, (handshake.bytes.array + nonce.array).span))
  }

  /// The digits, from both keys, the handshake and both shares.
  package func digits(newcomer own: Bytes32, sponsor other: Bytes32) -> SixDigits {
    var writer = Writer(capacity: 160)
    writer.id(handshake)
    writer.id(newcomer)
    writer.id(sponsor)
    writer.bytes32(own)
    writer.bytes32(other)
    let hash = Blake2b.hash16(.digits, writer.bytes.span)
    var number: UInt64 = 0
    for index in 0..<8 { number = number << 8 | UInt64(hash[index]) }
    return SixDigits(number: UInt32(number % 1_000_000))
  }
}
