private import CSodium

/// The two authenticated ciphers, on bytes that stay where the caller keeps them.
///
/// Ranges are ours and trap when they do not fit; ciphertexts are a peer's and only throw.
enum AEAD {
  /// ChaCha20-Poly1305 with a 12-byte nonce, as Noise counts it.
  case chaChaPoly
  /// XChaCha20-Poly1305 with a 24-byte nonce, long enough to be drawn or hashed.
  case xChaChaPoly

  static let tagCount = 16

  var nonceCount: Int {
    switch self {
    case .chaChaPoly: 12
    case .xChaChaPoly: 24
    }
  }

  /// Seals `plaintext` into `target` from `offset` on, where it takes 16 bytes more.
  func seal(
    _ plaintext: Span<UInt8>, into target: inout MutableSpan<UInt8>, at offset: Int,
    key: borrowing SecretBytes, nonce: Span<UInt8>, aad: Span<UInt8>
  ) {
    let count = plaintext.count
    unsafe target.withUnsafeMutableBufferPointer { target in
      let output = unsafe Self.part(of: target, at: offset, count: count, spare: Self.tagCount)
      unsafe plaintext.withUnsafeBufferPointer {
        unsafe encrypt($0.baseAddress, count, to: output, key: key, nonce: nonce, aad: aad)
      }
    }
  }

  /// Seals `count` bytes of `buffer` where they lie; the 16 bytes behind them take the tag.
  func seal(
    in buffer: inout MutableSpan<UInt8>, at offset: Int, count: Int,
    key: borrowing SecretBytes, nonce: Span<UInt8>, aad: Span<UInt8>
  ) {
    unsafe buffer.withUnsafeMutableBufferPointer { buffer in
      let start = unsafe Self.part(of: buffer, at: offset, count: count, spare: Self.tagCount)
      unsafe encrypt(start, count, to: start, key: key, nonce: nonce, aad: aad)
    }
  }

  /// Opens `sealed` into `target` from `offset` on, where it takes 16 bytes less.
  func open(
    _ sealed: Span<UInt8>, into target: inout MutableSpan<UInt8>, at offset: Int,
    key: borrowing SecretBytes, nonce: Span<UInt8>, aad: Span<UInt8>
  ) throws(CryptographyError) {
    let isGenuine = opens(sealed, into: &target, at: offset, key: key, nonce: nonce, aad: aad)
    guard isGenuine else { throw .notGenuine }
  }

  /// `open` that says by its result whether the bytes were genuine.
  func opens(
    _ sealed: Span<UInt8>, into target: inout MutableSpan<UInt8>, at offset: Int,
    key: borrowing SecretBytes, nonce: Span<UInt8>, aad: Span<UInt8>
  ) -> Bool {
    let count = sealed.count
    guard count >= Self.tagCount else { return false }
    return unsafe target.withUnsafeMutableBufferPointer { target in
      let output = unsafe Self.part(
        of: target, at: offset, count: count - Self.tagCount, spare: 0)
      return unsafe sealed.withUnsafeBufferPointer {
        unsafe decrypt($0.baseAddress, count, to: output, key: key, nonce: nonce, aad: aad)
      }
    }
  }

  /// Opens `count` bytes of `buffer` where they lie; the plaintext has 16 bytes less.
  ///
  /// After a refusal the bytes are zero, so that nothing unproven can be read by mistake.
  func open(
    in buffer: inout MutableSpan<UInt8>, at offset: Int, count: Int,
    key: borrowing SecretBytes, nonce: Span<UInt8>, aad: Span<UInt8>
  ) throws(CryptographyError) {
    guard count >= Self.tagCount else { throw .notGenuine }
    let isGenuine = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
      let start = unsafe Self.part(of: buffer, at: offset, count: count, spare: 0)
      return unsafe decrypt(start, count, to: start, key: key, nonce: nonce, aad: aad)
    }
    guard isGenuine else { throw .notGenuine }
  }

  /// The address of `count` bytes at `offset` that have `spare` more behind them.
  ///
  /// It is nil only where no byte is asked for, which libsodium then does not touch.
  private static func part(
    of buffer: UnsafeMutableBufferPointer<UInt8>, at offset: Int, count: Int, spare: Int
  ) -> UnsafeMutablePointer<UInt8>? {
    precondition(offset >= 0 && count >= 0, "a part of a buffer has a place and a length")
    precondition(offset <= buffer.count, "a part begins behind the end of its buffer")
    precondition(count <= buffer.count - offset, "a part is longer than the rest of its buffer")
    precondition(spare <= buffer.count - offset - count, "a buffer has no room for the tag")
    return unsafe buffer.baseAddress.map { unsafe $0 + offset }
  }

  /// libsodium reads `count` and writes `count` + 16 bytes, which the callers have checked; the
  /// two may be the same bytes.
  @inline(__always)
  private func encrypt(
    _ plaintext: UnsafePointer<UInt8>?, _ count: Int, to target: UnsafeMutablePointer<UInt8>?,
    key: borrowing SecretBytes, nonce: Span<UInt8>, aad: Span<UInt8>
  ) {
    precondition(key.count == 32 && nonce.count == nonceCount, "a cipher has one length of each")
    Sodium.start()
    unsafe key.withPointer { key in
      unsafe nonce.withUnsafeBufferPointer { nonce in
        unsafe aad.withUnsafeBufferPointer { aad in
          guard let target = unsafe target, let nonce = nonce.baseAddress else {
            preconditionFailure("a buffer with room for a tag has an address")
          }
          let code =
            switch self {
            case .chaChaPoly:
              unsafe crypto_aead_chacha20poly1305_ietf_encrypt(
                target, nil, plaintext, UInt64(count), aad.baseAddress, UInt64(aad.count), nil,
                nonce, key)
            case .xChaChaPoly:
              unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
                target, nil, plaintext, UInt64(count), aad.baseAddress, UInt64(aad.count), nil,
                nonce, key)
            }
          precondition(code == 0, "these ciphers take any plaintext")
        }
      }
    }
  }

  /// libsodium reads `count` and writes `count` - 16 bytes, which the callers have checked; the
  /// two may be the same bytes.
  @inline(__always)
  private func decrypt(
    _ sealed: UnsafePointer<UInt8>?, _ count: Int, to target: UnsafeMutablePointer<UInt8>?,
    key: borrowing SecretBytes, nonce: Span<UInt8>, aad: Span<UInt8>
  ) -> Bool {
    precondition(key.count == 32 && nonce.count == nonceCount, "a cipher has one length of each")
    Sodium.start()
    return unsafe key.withPointer { key in
      unsafe nonce.withUnsafeBufferPointer { nonce in
        unsafe aad.withUnsafeBufferPointer { aad in
          guard let sealed = unsafe sealed, let nonce = nonce.baseAddress else {
            preconditionFailure("a buffer that holds a tag has an address")
          }
          return switch self {
          case .chaChaPoly:
            unsafe crypto_aead_chacha20poly1305_ietf_decrypt(
              target, nil, nil, sealed, UInt64(count), aad.baseAddress, UInt64(aad.count), nonce,
              key) == 0
          case .xChaChaPoly:
            unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
              target, nil, nil, sealed, UInt64(count), aad.baseAddress, UInt64(aad.count), nonce,
              key) == 0
          }
        }
      }
    }
  }
}
