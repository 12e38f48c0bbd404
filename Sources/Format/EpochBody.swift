/// The body of an epoch entry: one sealed copy of the secret for each device that may read (K-1).
package struct EpochBody: Hashable, Sendable {
  package let ephemeral: Bytes32
  /// Ascending by device key.
  package let copies: [SealedCopy]

  /// The secret, sealed to one device.
  package struct SealedCopy: Hashable, Sendable {
    package static let sealedSize = 48
    package let device: DeviceKey
    /// 32 bytes of ciphertext and the tag.
    package let sealed: [UInt8]

    package init(device: DeviceKey, sealed: [UInt8]) {
      precondition(sealed.count == Self.sealedSize, "a sealed copy has 48 bytes")
      (self.device, self.sealed) = (device, sealed)
    }
  }

  package init(ephemeral: Bytes32, copies: [SealedCopy]) {
    (self.ephemeral, self.copies) = (ephemeral, copies)
  }

  package init(decoding body: [UInt8]) throws(DecodeError) {
    var reader = Reader(body, .k1)
    ephemeral = try reader.bytes32()
    let count = Int(try reader.u16())
    guard (1...Limits.epochRecipientsMax).contains(count) else { throw .broken(.k1) }
    copies = try reader.ascending(count, by: \SealedCopy.device) {
      (r) throws(DecodeError) in
      SealedCopy(device: try r.id(), sealed: try r.array(SealedCopy.sealedSize))
    }
    try reader.finish()
  }

  /// The body: key, number of copies, and 80 bytes for each (K-1).
  package func encode() -> [UInt8] {
    var writer = Writer(capacity: 34 + 80 * copies.count)
    writer.bytes32(ephemeral)
    writer.u16(UInt16(copies.count))
    for copy in copies {
      writer.id(copy.device)
      writer.append(copy.sealed)
    }
    return writer.bytes
  }
}
