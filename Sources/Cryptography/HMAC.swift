private import CSodium

/// HMAC-SHA256 in parts, from which HKDF is built: Debian's libsodium has no HKDF of its own.
@safe
struct HMAC: ~Copyable {
  static let count = 32

  /// On the heap and wiped, because it is as good as the key.
  private let state: UnsafeMutablePointer<crypto_auth_hmacsha256_state>

  /// Begins a code under a key of any length.
  init(key: Span<UInt8>) {
    Sodium.start()
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(to: crypto_auth_hmacsha256_state())
    let code = unsafe key.withUnsafeBufferPointer { key in
      // Of a key of no bytes libsodium reads nothing, but it demands an address.
      unsafe InlineArray<1, UInt8>(repeating: 0).withPointer { none in
        unsafe crypto_auth_hmacsha256_init(state, key.baseAddress ?? none, key.count)
      }
    }
    precondition(code == 0, "HMAC takes any key")
  }

  deinit {
    unsafe sodium_memzero(state, MemoryLayout<crypto_auth_hmacsha256_state>.size)
    unsafe state.deallocate()
  }

  /// Takes in the next part of the message.
  mutating func update(_ part: Span<UInt8>) {
    unsafe part.withUnsafeBufferPointer {
      let code = unsafe crypto_auth_hmacsha256_update(state, $0.baseAddress, UInt64($0.count))
      precondition(code == 0, "HMAC takes any message")
    }
  }

  /// Ends the code as a secret.
  consuming func finish() -> SecretBytes {
    unsafe SecretBytes(count: Self.count, in: .plain) {
      let code = unsafe crypto_auth_hmacsha256_final(state, $0)
      precondition(code == 0, "an HMAC was ended twice")
    }
  }
}
