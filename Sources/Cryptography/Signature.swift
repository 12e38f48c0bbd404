/// An Ed25519 signature, 64 bytes.
package struct Signature: Hashable, Sendable {
  package let bytes: InlineArray<64, UInt8>

  /// Takes 64 bytes as they are; whether they are a signature only `verify` can say.
  package init(_ bytes: InlineArray<64, UInt8>) { self.bytes = bytes }

  /// Copies 64 bytes that came from outside; any other number is refused.
  package init(copying source: Span<UInt8>) throws(CryptographyError) {
    bytes = try InlineArray(copying: source)
  }

  /// The bytes as an array, for writers that are not on a hot path.
  package var array: [UInt8] { bytes.array }

  /// Compares in any time: a signature is no secret.
  package static func == (left: Signature, right: Signature) -> Bool {
    for index in left.bytes.indices where left.bytes[index] != right.bytes[index] { return false }
    return true
  }

  /// Hashes all 64 bytes.
  package func hash(into hasher: inout Hasher) {
    for index in bytes.indices { hasher.combine(bytes[index]) }
  }
}
