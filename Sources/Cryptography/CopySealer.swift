/// Seals one epoch's secret to each device that may read; made anew for each epoch entry.
package struct CopySealer: ~Copyable, Sendable {
  private let ephemeral: X25519
  private let group: InlineArray<32, UInt8>
  private let epochID: InlineArray<16, UInt8>

  /// The public half of this entry's ephemeral key, which travels once beside all copies.
  package var publicKey: SealingPublicKey { SealingPublicKey(ephemeral.publicBytes) }

  /// A sealer with a fresh ephemeral key; `group` has 32 bytes and `epochID` 16.
  package init(group: Span<UInt8>, epochID: Span<UInt8>) {
    self.init(
      ephemeral: SecretBytes(randomCount: 32, in: .plain), group: group, epochID: epochID)
  }

  /// A sealer with a chosen ephemeral key: for tests, since a repeated one repeats the keys.
  init(
    ephemeral: consuming SecretBytes, group: Span<UInt8>, epochID: Span<UInt8>
  ) {
    self.ephemeral = X25519(ephemeral)
    self.group = InlineArray(exactly: group)
    self.epochID = InlineArray(exactly: epochID)
  }

  /// The copy of `secret` that only the owner of `recipient` can open.
  package func copy(
    of secret: borrowing EpochSecret, for recipient: SealingPublicKey
  ) throws(CryptographyError) -> InlineArray<48, UInt8> {
    let key = SealedCopy.key(
      shared: try ephemeral.agree(with: recipient.bytes), ephemeral: publicKey,
      recipient: recipient, group: group.span, epochID: epochID.span)
    let aad = SealedCopy.aad(group: group.span, epochID: epochID.span)
    var result = InlineArray<48, UInt8>(repeating: 0)
    var span = result.mutableSpan
    secret.withBytes {
      AEAD.xChaChaPoly.seal(
        $0, into: &span, at: 0, key: key, nonce: SealedCopy.nonce.span, aad: aad.span)
    }
    return result
  }
}
