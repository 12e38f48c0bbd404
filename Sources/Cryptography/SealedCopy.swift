/// What the author and the reader of a sealed copy compute alike.
enum SealedCopy {
  /// How long a sealed copy is: the secret and a tag.
  static let count = 48

  /// Zero, for the key of a copy is used for that copy only.
  static let nonce = InlineArray<24, UInt8>(repeating: 0)

  static func key(
    shared: borrowing SecretBytes, ephemeral: SealingPublicKey, recipient: SealingPublicKey,
    group: Span<UInt8>, epochID: Span<UInt8>
  ) -> SecretBytes {
    var hash = Blake2b(.sealKey, count: 32)
    shared.withBytes { hash.update($0) }
    hash.update(ephemeral.bytes.span)
    hash.update(recipient.bytes.span)
    hash.update(group)
    hash.update(epochID)
    return hash.finishSecret(in: .plain)
  }

  static func aad(group: Span<UInt8>, epochID: Span<UInt8>) -> InlineArray<48, UInt8> {
    InlineArray { $0 < 32 ? group[$0] : epochID[$0 - 32] }
  }
}

extension SealingKey {
  /// The secret in this device's sealed copy, once it is proven to be the one the epoch is named
  /// after: an author who sealed different secrets to different devices is refused here.
  ///
  /// `group` (32 bytes), `feed` (16) and `sequence` are the place of the epoch entry, `epochID`
  /// (16) stands in its header.
  package func open(
    _ copy: Span<UInt8>, ephemeral: SealingPublicKey, group: Span<UInt8>, feed: Span<UInt8>,
    sequence: UInt32, epochID: Span<UInt8>
  ) throws(CryptographyError) -> EpochSecret {
    precondition(group.count == 32 && epochID.count == 16, "a group has 32 bytes, an epoch 16")
    guard copy.count == SealedCopy.count else {
      throw .wrongLength(expected: SealedCopy.count, found: copy.count)
    }
    let key = SealedCopy.key(
      shared: try pair.agree(with: ephemeral.bytes), ephemeral: ephemeral, recipient: publicKey,
      group: group, epochID: epochID)
    let aad = SealedCopy.aad(group: group, epochID: epochID)
    let secret = EpochSecret(
      try SecretBytes(
        opening: copy, .xChaChaPoly, key: key, nonce: SealedCopy.nonce.span, aad: aad.span))
    let id = secret.id(group: group, feed: feed, sequence: sequence)
    guard ConstantTime.equal(id.span, epochID) else { throw .notGenuine }
    return secret
  }
}
