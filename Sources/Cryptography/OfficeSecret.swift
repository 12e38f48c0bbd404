/// What all devices of one office know; the office's pre-shared key follows from it.
package struct OfficeSecret: ~Copyable, Sendable {
  let secret: SecretBytes

  /// A new secret from the kernel's randomness.
  package init() {
    secret = SecretBytes(randomCount: 32, in: .guarded)
  }

  /// The secret read back from where it was kept; any length but 32 is refused.
  package init(bytes: Span<UInt8>) throws(CryptographyError) {
    secret = try SecretBytes(copying: bytes, count: 32, in: .guarded)
  }

  /// Lends the 32 bytes to whoever writes it down.
  package func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try secret.withBytes(body)
  }
}
