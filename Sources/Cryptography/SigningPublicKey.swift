private import CSodium

/// The Ed25519 key by which everybody recognises what a device signed.
package struct SigningPublicKey: PublicBytes {
  package let bytes: InlineArray<32, UInt8>

  /// Takes 32 bytes as they are; a bad point is found by `verify`, which then says no.
  package init(_ bytes: InlineArray<32, UInt8>) { self.bytes = bytes }

  /// Whether `signature` was made by this key over this content under this label.
  ///
  /// The verdict is libsodium's `crypto_sign_verify_detached` alone: a second verifier would
  /// accept other edge cases, and a log that is replicated by all needs one verdict everywhere.
  package func verify(
    _ signature: Signature, _ label: Label.Signature, _ content: Span<UInt8>
  ) -> Bool {
    label.withMessage(content) { message in verify(signature, unlabelled: message) }
  }

  /// The bare verification, for the public test cases, which know no labels.
  func verify(_ signature: Signature, unlabelled message: Span<UInt8>) -> Bool {
    Sodium.start()
    // libsodium reads 64, `message.count` and 32 bytes, which is what the three buffers hold.
    return unsafe message.withUnsafeBufferPointer { message in
      unsafe signature.bytes.withPointer { signature in
        unsafe bytes.withPointer { key in
          unsafe crypto_sign_verify_detached(
            signature, message.baseAddress, UInt64(message.count), key) == 0
        }
      }
    }
  }
}
