/// Why bytes from outside were refused. Our own misuse of this target is a bug and traps instead.
package enum CryptographyError: Error, Equatable {
  /// A key, signature or sealed copy does not have the one length it can have.
  case wrongLength(expected: Int, found: Int)
  /// A ciphertext, or what it is bound to, is not what was sealed under this key.
  case notGenuine
  /// An X25519 result was all zero: the peer's key has low order and would fix the secret.
  case lowOrderKey
  /// A Noise message is shorter than its pattern demands.
  case truncated
  /// A Noise message would be, or is, longer than 65,535 bytes.
  case tooLong
  /// The 64-bit counter of a transport key is used up; only a new handshake can go on.
  case nonceExhausted
  /// The handshake has already failed; nothing more is read or written with it.
  case handshakeOver
}
