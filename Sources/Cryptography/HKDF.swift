/// HKDF with SHA-256 (RFC 5869); the HKDF of Noise is the same with an empty info.
enum HKDF {
  /// The most that one key may be expanded to.
  static let outputMax = 255 * HMAC.count

  /// Concentrates the entropy of `input` in one key.
  static func extract(salt: Span<UInt8>, input: Span<UInt8>) -> SecretBytes {
    var hmac = HMAC(key: salt)
    hmac.update(input)
    return hmac.finish()
  }

  /// Expands a key into all of `output`, bound to `info`.
  static func expand(_ key: Span<UInt8>, info: Span<UInt8>, into output: inout MutableSpan<UInt8>) {
    precondition(output.count <= outputMax, "HKDF gives at most 255 blocks")
    var block = SecretBytes(randomCount: 0, in: .plain)
    var number: UInt8 = 0
    for start in stride(from: 0, to: output.count, by: HMAC.count) {
      number += 1
      var hmac = HMAC(key: key)
      block.withBytes { hmac.update($0) }
      hmac.update(info)
      hmac.update(InlineArray<1, UInt8>(repeating: number).span)
      block = hmac.finish()
      block.withBytes {
        for index in start..<min(output.count, start + HMAC.count) {
          output[index] = $0[index - start]
        }
      }
    }
  }

  /// What Noise derives from its chaining key: two or three keys of 32 bytes, one after another.
  static func noise(
    chainingKey: borrowing SecretBytes, input: Span<UInt8>, outputs: Int
  ) -> SecretBytes {
    precondition(outputs == 2 || outputs == 3, "Noise derives two or three keys")
    let key = chainingKey.withBytes { extract(salt: $0, input: input) }
    return SecretBytes(
      count: outputs * HMAC.count, in: .plain,
      write: { output in
        key.withBytes { expand($0, info: Span(), into: &output) }
      })
  }
}
