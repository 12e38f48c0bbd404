/// The X25519 key with which a device proves itself in Noise handshakes, and used nowhere else.
package struct NoiseKey: ~Copyable, Sendable {
  let pair: X25519

  /// A new key from the kernel's randomness.
  package init() {
    pair = X25519(SecretBytes(randomCount: 32, in: .guarded))
  }

  /// The key read back from its file; any length but 32 is refused.
  package init(bytes: Span<UInt8>) throws(CryptographyError) {
    pair = X25519(try SecretBytes(copying: bytes, count: 32, in: .guarded))
  }

  /// The half that others know.
  package var publicKey: NoisePublicKey { NoisePublicKey(pair.publicBytes) }

  /// Lends the 32 bytes to whoever writes the key file.
  package func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try pair.secret.withBytes(body)
  }
}
