private import CSodium

/// SHA-256, which the Noise handshake uses, and browsers; everything else is hashed by `Blake2b`.
package enum SHA256 {
  /// The hash of the two parts, one behind the other.
  package static func hash(_ first: Span<UInt8>, _ second: Span<UInt8>) -> InlineArray<32, UInt8> {
    Sodium.start()
    var state = crypto_hash_sha256_state()
    var code = unsafe crypto_hash_sha256_init(&state)
    unsafe first.withUnsafeBufferPointer {
      code |= unsafe crypto_hash_sha256_update(&state, $0.baseAddress, UInt64($0.count))
    }
    unsafe second.withUnsafeBufferPointer {
      code |= unsafe crypto_hash_sha256_update(&state, $0.baseAddress, UInt64($0.count))
    }
    let result = unsafe InlineArray<32, UInt8> {
      code |= unsafe crypto_hash_sha256_final(&state, $0)
    }
    precondition(code == 0, "SHA-256 takes any content")
    return result
  }
}
