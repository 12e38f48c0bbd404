/// What lets a link begin: known to the office's devices and written on its tickets.
package struct PreSharedKey: ~Copyable, Sendable {
  let secret: SecretBytes

  /// A new secret from the kernel's randomness.
  package init() {
    secret = SecretBytes(randomCount: 32, in: .plain)
  }

  /// The secret read back from where it was kept; any length but 32 is refused.
  package init(bytes: Span<UInt8>) throws(CryptographyError) {
    secret = try SecretBytes(copying: bytes, count: 32, in: .plain)
  }

  /// The one pre-shared key of an office, from its secret and its name of 32 bytes.
  package init(_ office: borrowing OfficeSecret, officeID: Span<UInt8>) {
    precondition(officeID.count == 32, "an office is named by 32 bytes")
    var hash = Blake2b(.psk, count: 32)
    office.secret.withBytes { hash.update($0) }
    hash.update(officeID)
    secret = hash.finishSecret(in: .plain)
  }

  /// Lends the 32 bytes to whoever writes a ticket.
  package func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try secret.withBytes(body)
  }
}
