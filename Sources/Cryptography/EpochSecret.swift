/// The secret of one epoch of one group; the keys of its messages follow from it.
package struct EpochSecret: ~Copyable, Sendable {
  let secret: SecretBytes

  /// A new secret from the kernel's randomness.
  package init() {
    secret = SecretBytes(randomCount: 32, in: .plain)
  }

  /// The secret read back from where it was kept; any length but 32 is refused.
  package init(bytes: Span<UInt8>) throws(CryptographyError) {
    secret = try SecretBytes(copying: bytes, count: 32, in: .plain)
  }

  init(_ secret: consuming SecretBytes) { self.secret = secret }

  /// The epoch's name: 16 bytes that bind the secret to the entry that made it.
  ///
  /// `group` has 32 bytes and `feed` 16; they and `sequence` are those of the epoch entry.
  package func id(
    group: Span<UInt8>, feed: Span<UInt8>, sequence: UInt32
  ) -> InlineArray<16, UInt8> {
    precondition(group.count == 32 && feed.count == 16, "a group has 32 bytes, a feed 16")
    var hash = Blake2b(.epochID, count: 16)
    secret.withBytes { hash.update($0) }
    hash.update(group)
    hash.update(feed)
    hash.update(bigEndian: sequence)
    return hash.finish16()
  }

  /// Lends the 32 bytes to whoever keeps it.
  package func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try secret.withBytes(body)
  }
}
