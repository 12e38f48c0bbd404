/// Reads values one after the other from bytes that nobody vouches for.
///
/// Meant for structures that come once per message; the path taken once per entry reads spans.
package struct Reader {
  private let bytes: [UInt8]
  private let end: Int
  private let rule: Rule
  /// Where the next value begins in the bytes.
  package private(set) var offset: Int

  /// Reads `bytes`; what is missing is reported under `rule`.
  package init(_ bytes: [UInt8], _ rule: Rule) {
    self.init(bytes, from: 0, to: bytes.count, rule)
  }

  /// Reads the bytes from `start` up to `end`, which lie within them.
  package init(_ bytes: [UInt8], from start: Int, to end: Int, _ rule: Rule) {
    precondition(
      start >= 0 && start <= end && end <= bytes.count, "a reader begins outside its bytes")
    (self.bytes, self.offset, self.end, self.rule) = (bytes, start, end, rule)
  }

  /// How many bytes are left.
  package var remaining: Int { end - offset }

  private mutating func take(_ count: Int) throws(DecodeError) -> Int {
    guard count <= end - offset else { throw .truncated(rule) }
    defer { offset += count }
    return offset
  }

  /// One byte. Like all that follow it throws `truncated` where fewer bytes are left than it takes.
  package mutating func u8() throws(DecodeError) -> UInt8 {
    let at = try take(1)
    return bytes[at]
  }

  /// Two bytes, the highest first.
  package mutating func u16() throws(DecodeError) -> UInt16 {
    let at = try take(2)
    return load16(bytes.raw, at)
  }

  /// Four bytes, the highest first.
  package mutating func u32() throws(DecodeError) -> UInt32 {
    let at = try take(4)
    return load32(bytes.raw, at)
  }

  /// Eight bytes, the highest first.
  package mutating func u64() throws(DecodeError) -> UInt64 {
    let at = try take(8)
    return load64(bytes.raw, at)
  }

  /// Sixteen bytes as they are.
  package mutating func bytes16() throws(DecodeError) -> Bytes16 {
    let at = try take(16)
    return Bytes16(bytes.raw, at)
  }

  /// Thirty-two bytes as they are.
  package mutating func bytes32() throws(DecodeError) -> Bytes32 {
    let at = try take(32)
    return Bytes32(bytes.raw, at)
  }

  /// An identifier of 32 bytes.
  package mutating func id<T: Identifier32>(_ type: T.Type = T.self) throws(DecodeError) -> T {
    T(try bytes32())
  }

  /// An identifier of 16 bytes.
  package mutating func id<T: Identifier16>(_ type: T.Type = T.self) throws(DecodeError) -> T {
    T(try bytes16())
  }

  /// `count` bytes, at least 0 of them; a count too large reserves nothing.
  package mutating func array(_ count: Int) throws(DecodeError) -> [UInt8] {
    let start = try take(count)
    return Array(bytes[start..<start + count])
  }

  /// The 64 bytes of a signature.
  package mutating func signature() throws(DecodeError) -> SignatureBytes {
    let at = try take(64)
    return SignatureBytes(bytes.raw, at)
  }

  /// A feed, a seq and the beginning of an entry ID: 36 bytes.
  package mutating func reference() throws(DecodeError) -> Reference {
    let at = try take(Reference.size)
    return Reference(bytes.raw, at)
  }

  /// A list that ascends strictly in `key`; any other order breaks the reader's rule.
  package mutating func ascending<T, Key: Comparable>(
    _ count: Int, by key: (T) -> Key, _ read: (inout Reader) throws(DecodeError) -> T
  ) throws(DecodeError) -> [T] {
    var out: [T] = []
    // A count alone never reserves memory: a stranger named it.
    out.reserveCapacity(min(count, remaining))
    for _ in 0..<count {
      let next = try read(&self)
      if let last = out.last, !(key(last) < key(next)) { throw .broken(rule) }
      out.append(next)
    }
    return out
  }

  /// Fails unless everything was read.
  package func finish() throws(DecodeError) {
    guard offset == end else { throw .broken(rule) }
  }

  /// The reader's rule, broken: for what only the caller can judge.
  package func fail() -> DecodeError { .broken(rule) }
}
