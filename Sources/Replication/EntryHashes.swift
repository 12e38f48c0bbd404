import Cryptography
package import Format

/// The two hashes of an entry, by libsodium: always computed, never taken from a peer (N-8).
package struct EntryHashes: EntryHasher {
  package init() {}

  /// The `body_hash` of a body, under its own label.
  package func bodyHash(_ bytes: RawSpan) -> Bytes32 { Bytes32(Blake2b.hash(.body, bytes)) }

  /// The ID of the entry with this encoded header.
  package func entryID(_ header: RawSpan) -> Bytes32 { Bytes32(Blake2b.hash(.entry, header)) }

  /// Whether the device signed the entry with this ID.
  package static func isSigned(
    _ id: EntryID, by device: DeviceKey, _ signature: SignatureBytes
  ) -> Bool {
    device.signingKey.verify(signature.signature, .entry, id.bytes.array.raw)
  }

  /// The hash of a group's frontier.
  package static func digest(_ group: GroupID, _ items: [FrontierItem]) -> FrontierDigest {
    var writer = Writer(capacity: 32 + FrontierItem.size * items.count)
    writer.id(group)
    for item in items { item.encode(&writer) }
    return FrontierDigest(Bytes32(Blake2b.hash(.frontier, writer.bytes.raw)))
  }
}
