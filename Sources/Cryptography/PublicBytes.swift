/// A public key: 32 bytes that are compared and hashed as bytes, each kind a type of its own.
package protocol PublicBytes: Hashable, Comparable, Sendable {
  var bytes: InlineArray<32, UInt8> { get }
  init(_ bytes: InlineArray<32, UInt8>)
}

extension PublicBytes {
  /// Copies 32 bytes that came from outside; any other number is refused.
  package init(copying source: Span<UInt8>) throws(CryptographyError) {
    self.init(try InlineArray<32, UInt8>(copying: source))
  }

  /// The bytes as an array, for writers that are not on a hot path.
  package var array: [UInt8] { bytes.array }

  /// Compares in any time: for what everybody may know, never for secrets.
  @inlinable
  package static func == (left: Self, right: Self) -> Bool {
    let (a, b) = (left.bytes.words, right.bytes.words)
    return (a.0 ^ b.0) | (a.1 ^ b.1) | (a.2 ^ b.2) | (a.3 ^ b.3) == 0
  }

  /// Orders as the bytes do, first byte first.
  package static func < (left: Self, right: Self) -> Bool {
    let (a, b) = (left.bytes, right.bytes)
    for index in a.indices where a[index] != b[index] { return a[index] < b[index] }
    return false
  }

  /// Hashes all 32 bytes, of which somebody else may have chosen any.
  @inlinable
  package func hash(into hasher: inout Hasher) {
    let words = bytes.words
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }
}
