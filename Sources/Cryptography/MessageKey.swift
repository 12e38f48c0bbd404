/// The key of exactly one message: it follows from the epoch and the message's place.
package struct MessageKey: ~Copyable, Sendable {
  private let secret: SecretBytes

  private static let nonceCount = 24
  /// How much longer a body is than its padded plaintext: nonce and tag.
  package static let overhead = nonceCount + AEAD.tagCount

  /// The key of the message at this place; `feed` has 16 bytes.
  package init(epoch: borrowing EpochSecret, feed: Span<UInt8>, sequence: UInt32) {
    precondition(feed.count == 16, "a feed is named by 16 bytes")
    var hash = epoch.secret.withBytes { Blake2b(.messageKey, count: 32, key: $0) }
    hash.update(feed)
    hash.update(bigEndian: sequence)
    secret = hash.finishSecret(in: .plain)
  }

  /// The body: nonce, ciphertext, tag.
  ///
  /// The nonce is a hash of fresh `salt` *and* of the plaintext: should a clone or a restored
  /// snapshot draw the same salt again at the same place, two texts still get two nonces (K-8).
  package func seal(
    _ padded: Span<UInt8>, aad: Span<UInt8>, salt: InlineArray<16, UInt8>
  ) -> [UInt8] {
    var hash = secret.withBytes { Blake2b(.nonce, count: Self.nonceCount, key: $0) }
    hash.update(salt.span)
    hash.update(padded)
    var nonce = InlineArray<24, UInt8>(repeating: 0)
    var nonceSpan = nonce.mutableSpan
    hash.finish(into: &nonceSpan)

    var body = [UInt8](repeating: 0, count: Self.overhead + padded.count)
    for index in nonce.indices { body[index] = nonce[index] }
    var span = body.mutableSpan
    AEAD.xChaChaPoly.seal(
      padded, into: &span, at: Self.nonceCount, key: secret, nonce: nonce.span, aad: aad)
    return body
  }

  /// The padded plaintext of a body that was sealed with this key and this `aad`.
  package func open(_ body: Span<UInt8>, aad: Span<UInt8>) throws(CryptographyError) -> [UInt8] {
    guard body.count >= Self.overhead else { throw .notGenuine }
    var padded = [UInt8](repeating: 0, count: body.count - Self.overhead)
    var span = padded.mutableSpan
    try AEAD.xChaChaPoly.open(
      body.extracting(Self.nonceCount...), into: &span, at: 0, key: secret,
      nonce: body.extracting(..<Self.nonceCount), aad: aad)
    return padded
  }
}
