private import CSodium

/// The Ed25519 key with which one device signs its entries.
package struct SigningKey: ~Copyable, Sendable {
  /// Seed 32, then public key 32: the form in which `crypto_sign` wants it.
  private let expanded: SecretBytes
  /// The half that others know.
  package let publicKey: SigningPublicKey

  /// A new key from the kernel's randomness.
  package init() {
    self.init(seed: SecretBytes(randomCount: 32, in: .plain))
  }

  /// The key of a seed read back from its file; any length but 32 is refused.
  package init(bytes: Span<UInt8>) throws(CryptographyError) {
    self.init(seed: try SecretBytes(copying: bytes, count: 32, in: .plain))
  }

  /// The key that belongs to one ticket: its seed is the labelled hash of the ticket's.
  package init(ticketSeed: Span<UInt8>) throws(CryptographyError) {
    guard ticketSeed.count == 32 else {
      throw .wrongLength(expected: 32, found: ticketSeed.count)
    }
    var hash = Blake2b(.ticket, count: 32)
    hash.update(ticketSeed)
    self.init(seed: hash.finishSecret(in: .plain))
  }

  private init(seed: consuming SecretBytes) {
    var publicBytes = InlineArray<32, UInt8>(repeating: 0)
    expanded = unsafe SecretBytes(count: 64, in: .guarded) { expanded in
      // libsodium reads 32 bytes and writes 32 and 64, which the three buffers hold.
      publicBytes = unsafe InlineArray { publicKey in
        unsafe seed.withPointer { seed in
          let code = unsafe crypto_sign_seed_keypair(publicKey, expanded, seed)
          precondition(code == 0, "an Ed25519 key can be made from every seed")
        }
      }
    }
    publicKey = SigningPublicKey(publicBytes)
  }

  /// Lends the 32-byte seed to whoever writes the key file.
  package func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try expanded.withBytes { bytes throws(Failure) in try body(bytes.extracting(first: 32)) }
  }

  /// Signs the label and the content; the same input always gives the same signature.
  package borrowing func sign(_ label: Label.Signature, _ content: Span<UInt8>) -> Signature {
    label.withMessage(content) { message in sign(unlabelled: message) }
  }

  /// The bare signature, for the public test cases, which know no labels.
  borrowing func sign(unlabelled message: Span<UInt8>) -> Signature {
    // libsodium reads `message.count` and 64 bytes and writes 64, which the three buffers hold.
    Signature(
      unsafe InlineArray { signature in
        unsafe message.withUnsafeBufferPointer { message in
          unsafe expanded.withPointer { key in
            let code = unsafe crypto_sign_detached(
              signature, nil, message.baseAddress, UInt64(message.count), key)
            precondition(code == 0, "an Ed25519 signature can be made over every message")
          }
        }
      })
  }
}

extension Label.Signature {
  /// Lends label, zero byte and content as one run of bytes; up to 512 bytes it lies on the stack.
  func withMessage<Result>(
    _ content: Span<UInt8>, _ body: (Span<UInt8>) -> Result
  ) -> Result {
    let prefix = prefix
    let count = prefix.utf8CodeUnitCount + content.count
    func assemble(_ room: UnsafeMutableBufferPointer<UInt8>) -> Result {
      for index in 0..<prefix.utf8CodeUnitCount {
        unsafe room[index] = prefix.utf8Start[index]
      }
      for index in content.indices {
        unsafe room[prefix.utf8CodeUnitCount + index] = content[index]
      }
      return body(unsafe UnsafeBufferPointer(rebasing: room[..<count]).span)
    }
    if count <= 512 {
      return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 512, assemble)
    }
    return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count, assemble)
  }
}
