private import CSodium

/// An X25519 key pair, the common inside of the key types that agree on a secret.
struct X25519: ~Copyable, Sendable {
  let secret: SecretBytes
  let publicBytes: InlineArray<32, UInt8>

  init(_ secret: consuming SecretBytes) {
    precondition(secret.count == 32, "an X25519 key has 32 bytes")
    // libsodium reads 32 bytes and writes 32.
    publicBytes = unsafe InlineArray { target in
      unsafe secret.withPointer { secret in
        let code = unsafe crypto_scalarmult_curve25519_base(target, secret)
        precondition(code == 0, "an X25519 key can be made from any bytes")
      }
    }
    self.secret = secret
  }

  /// A second owner of the same key, for a handshake that outlives the borrow of it.
  init(duplicating other: borrowing X25519) {
    secret = other.secret.part(0)
    publicBytes = other.publicBytes
  }

  /// The secret shared with the owner of `other`; refused if `other` alone determines it.
  func agree(with other: InlineArray<32, UInt8>) throws(CryptographyError) -> SecretBytes {
    var code: Int32 = -1
    // libsodium reads 32 and 32 bytes and writes 32; it gives an error for an all-zero result.
    let shared = unsafe SecretBytes(count: 32, in: .plain) { target in
      code = unsafe secret.withPointer { secret in
        unsafe other.withPointer { unsafe crypto_scalarmult_curve25519(target, secret, $0) }
      }
    }
    guard code == 0 else { throw .lowOrderKey }
    return shared
  }
}

extension Optional where Wrapped == X25519 {
  /// The public half, where there is a key; a chain of `?` would consume it.
  var publicBytes: InlineArray<32, UInt8>? {
    switch self {
    case .some(let pair): pair.publicBytes
    case .none: nil
    }
  }
}
