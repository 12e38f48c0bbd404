package import Format

/// The signatures inside operations, as Protocol/2-encoding.md labels them.
package enum InnerSignature: Sendable {
  case certify
  case owners
}

/// Says whether a signature inside an operation is genuine; Authority itself knows no cryptography.
package protocol SignatureVerifier {
  func verify(
    _ label: InnerSignature, _ content: [UInt8], key: Bytes32, _ signature: SignatureBytes
  ) -> Bool
}
