/// One direction of a link after its handshake: each message has its number, and none comes twice.
package struct TransportKey: ~Copyable, Sendable {
  /// The longest message that travels, and the longest plaintext in one.
  package static let messageMax = 65_535
  package static let plaintextMax = messageMax - tagCount
  /// How much longer a message is than its plaintext.
  package static let tagCount = AEAD.tagCount

  private let key: SecretBytes
  private var counter: UInt64

  init(_ key: consuming SecretBytes, counter: UInt64) {
    self.key = key
    self.counter = counter
  }

  /// Seals `count` bytes of `buffer` where they lie; the 16 bytes behind them take the tag.
  ///
  /// Gives the length of the message.
  package mutating func seal(
    in buffer: inout MutableSpan<UInt8>, at offset: Int, count: Int
  ) throws(CryptographyError) -> Int {
    guard count <= Self.plaintextMax else { throw .tooLong }
    let nonce = try nextNonce()
    AEAD.chaChaPoly.seal(
      in: &buffer, at: offset, count: count, key: key, nonce: nonce.span, aad: Span())
    counter += 1
    return count + Self.tagCount
  }

  /// Seals `plaintext` into `target` from `offset` on, and gives the length of the message.
  package mutating func seal(
    _ plaintext: Span<UInt8>, into target: inout MutableSpan<UInt8>, at offset: Int
  ) throws(CryptographyError) -> Int {
    try seal(plaintext, into: &target, at: offset, aad: Span())
  }

  /// Opens the message of `count` bytes in `buffer` where it lies; gives its plaintext's length.
  ///
  /// A message that is refused leaves zeros and does not count: the next genuine one still opens.
  package mutating func open(
    in buffer: inout MutableSpan<UInt8>, at offset: Int, count: Int
  ) throws(CryptographyError) -> Int {
    guard count <= Self.messageMax else { throw .tooLong }
    guard count >= Self.tagCount else { throw .truncated }
    let nonce = try nextNonce()
    try AEAD.chaChaPoly.open(
      in: &buffer, at: offset, count: count, key: key, nonce: nonce.span, aad: Span())
    counter += 1
    return count - Self.tagCount
  }

  /// Seals `count` bytes of an array where they lie; see `seal(in:at:count:)` over a span.
  package mutating func seal(
    in buffer: inout [UInt8], at offset: Int, count: Int
  ) throws(CryptographyError) -> Int {
    var span = buffer.mutableSpan
    return try seal(in: &span, at: offset, count: count)
  }

  /// Opens a message in an array where it lies; see `open(in:at:count:)` over a span.
  package mutating func open(
    in buffer: inout [UInt8], at offset: Int, count: Int
  ) throws(CryptographyError) -> Int {
    var span = buffer.mutableSpan
    return try open(in: &span, at: offset, count: count)
  }

  /// Seals with the handshake's hash beside it.
  mutating func seal(
    _ plaintext: Span<UInt8>, into target: inout MutableSpan<UInt8>, at offset: Int,
    aad: Span<UInt8>
  ) throws(CryptographyError) -> Int {
    guard plaintext.count <= Self.plaintextMax else { throw .tooLong }
    let nonce = try nextNonce()
    AEAD.chaChaPoly.seal(
      plaintext, into: &target, at: offset, key: key, nonce: nonce.span, aad: aad)
    counter += 1
    return plaintext.count + Self.tagCount
  }

  /// Opens what was sealed with the handshake's hash beside it.
  mutating func open(
    _ message: Span<UInt8>, into target: inout MutableSpan<UInt8>, aad: Span<UInt8>
  ) throws(CryptographyError) {
    let nonce = try nextNonce()
    try AEAD.chaChaPoly.open(
      message, into: &target, at: 0, key: key, nonce: nonce.span, aad: aad)
    counter += 1
  }

  /// Four zero bytes, then the counter with its lowest byte first; the last number is reserved.
  private func nextNonce() throws(CryptographyError) -> InlineArray<12, UInt8> {
    guard counter < .max else { throw .nonceExhausted }
    let counter = counter
    return InlineArray { $0 < 4 ? 0 : UInt8(truncatingIfNeeded: counter >> UInt64(8 * ($0 - 4))) }
  }
}
