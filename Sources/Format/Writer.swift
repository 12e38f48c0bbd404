/// Builds bytes one value after the other.
package struct Writer {
  package private(set) var bytes: [UInt8] = []

  package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  package mutating func u8(_ value: UInt8) { bytes.append(value) }
  package mutating func u16(_ value: UInt16) {
    bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    bytes.append(UInt8(truncatingIfNeeded: value))
  }
  package mutating func u32(_ value: UInt32) {
    u16(UInt16(truncatingIfNeeded: value >> 16))
    u16(UInt16(truncatingIfNeeded: value))
  }
  package mutating func u64(_ value: UInt64) {
    u32(UInt32(truncatingIfNeeded: value >> 32))
    u32(UInt32(truncatingIfNeeded: value))
  }
  package mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }
  package mutating func id(_ value: some Identifier32) {
    bytes.append(contentsOf: value.bytes.array)
  }
  package mutating func id(_ value: some Identifier16) {
    bytes.append(contentsOf: value.bytes.array)
  }
  package mutating func bytes16(_ value: Bytes16) { bytes.append(contentsOf: value.array) }
  package mutating func bytes32(_ value: Bytes32) { bytes.append(contentsOf: value.array) }
  package mutating func signature(_ value: SignatureBytes) { bytes.append(contentsOf: value.array) }
  package mutating func reference(_ value: Reference) {
    id(value.feed)
    u32(value.seq)
    bytes16(value.prefix)
  }
}
