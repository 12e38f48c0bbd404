/// Builds bytes one value after the other.
package struct Writer {
  /// What was written so far.
  package private(set) var bytes: [UInt8] = []

  /// Begins with nothing, and room for that many bytes.
  package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  /// One byte.
  package mutating func u8(_ value: UInt8) { bytes.append(value) }
  /// Two bytes, the highest first.
  package mutating func u16(_ value: UInt16) {
    bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    bytes.append(UInt8(truncatingIfNeeded: value))
  }

  /// Four bytes, the highest first.
  package mutating func u32(_ value: UInt32) {
    u16(UInt16(truncatingIfNeeded: value >> 16))
    u16(UInt16(truncatingIfNeeded: value))
  }

  /// Eight bytes, the highest first.
  package mutating func u64(_ value: UInt64) {
    u32(UInt32(truncatingIfNeeded: value >> 32))
    u32(UInt32(truncatingIfNeeded: value))
  }

  /// The bytes as they are.
  package mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }
  /// The 32 bytes of an identifier.
  package mutating func id(_ value: some Identifier32) { bytes32(value.bytes) }
  /// The 16 bytes of an identifier.
  package mutating func id(_ value: some Identifier16) { bytes16(value.bytes) }
  /// Sixteen bytes as they are.
  package mutating func bytes16(_ value: Bytes16) { append(16) { value.store(&$0, $1) } }
  /// Thirty-two bytes as they are.
  package mutating func bytes32(_ value: Bytes32) { append(32) { value.store(&$0, $1) } }
  /// The 64 bytes of a signature.
  package mutating func signature(_ value: SignatureBytes) {
    bytes32(value.r)
    bytes32(value.s)
  }

  /// A feed, a seq and the beginning of an entry ID: 36 bytes.
  package mutating func reference(_ value: Reference) {
    id(value.feed)
    u32(value.seq)
    bytes16(value.prefix)
  }

  /// So many bytes, which `store` writes from an offset on; without an array of their own.
  private mutating func append(_ count: Int, _ store: (inout MutableRawSpan, Int) -> Void) {
    let end = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: count))
    var target = bytes.mutableSpan
    var raw = unsafe target.mutableBytes
    store(&raw, end)
  }
}
