package import Authority
import Cryptography
package import Format

/// Verifies the signatures inside operations with libsodium.
package struct EntrySignatures: SignatureVerifier {
  package init() {}

  /// Whether the key signed that content under that label; an unsound key signed nothing (N-7).
  package func verify(
    _ label: InnerSignature, _ content: [UInt8], key: Bytes32, _ signature: SignatureBytes
  ) -> Bool {
    let key = SigningPublicKey(key.inline)
    switch label {
    case .certify: return key.verify(signature.signature, .certify, content.raw)
    case .owners: return key.verify(signature.signature, .owners, content.raw)
    }
  }
}
