/// The X25519 key to which epoch secrets are sealed for a device.
package struct SealingPublicKey: PublicBytes {
  package let bytes: InlineArray<32, UInt8>

  /// Takes 32 bytes as they are; a key of low order is refused where it is used.
  package init(_ bytes: InlineArray<32, UInt8>) { self.bytes = bytes }
}
