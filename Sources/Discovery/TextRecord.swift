/// The pairs of a DNS-SD text record (RFC 6763, 6), as a stranger may have written it.
package struct TextRecord: Hashable, Sendable {
  /// One string of the record; a string without `=` has no value.
  package struct Pair: Hashable, Sendable {
    /// The bytes before the first `=`, printable ASCII.
    package let key: [UInt8]
    package let value: [UInt8]?

    /// A pair of our own.
    package init(_ key: String, _ value: String) {
      self.key = Array(key.utf8)
      self.value = Array(value.utf8)
    }

    init(key: [UInt8], value: [UInt8]?) {
      self.key = key
      self.value = value
    }
  }

  /// Why a record is refused.
  package enum Refusal: Error, Hashable, Sendable {
    case tooManyBytes(Int)
    case tooManyStrings
    /// A string's length byte points past the end of the record.
    case cutShort
  }

  /// In the order of the record, each key once.
  package let pairs: [Pair]

  /// A record of our own.
  package init(pairs: [Pair]) { self.pairs = pairs }

  /// Reads the bytes of a record: strings, each after a byte that holds its length (D-2).
  package init(decoding bytes: [UInt8]) throws(Refusal) {
    guard bytes.count <= DiscoveryLimits.textBytesMax else { throw .tooManyBytes(bytes.count) }
    var pairs: [Pair] = []
    var strings = 0
    var rest = bytes[...]
    while let length = rest.popFirst() {
      guard Int(length) <= rest.count else { throw .cutShort }
      let string = rest.prefix(Int(length))
      rest = rest.dropFirst(Int(length))
      strings += 1
      guard strings <= DiscoveryLimits.textPairsMax else { throw .tooManyStrings }
      guard let pair = TextRecord.pair(string) else { continue }
      // The first of several equal keys is the one that counts (RFC 6763, 6.4).
      if !pairs.contains(where: { equalKeys($0.key, pair.key) }) { pairs.append(pair) }
    }
    self.pairs = pairs
  }

  /// The value of a key; keys are compared without regard to case (RFC 6763, 6.4).
  package func value(of key: String) -> [UInt8]? {
    pairs.first { equalKeys($0.key, Array(key.utf8)) }?.value
  }

  /// The strings as they are announced; none is longer than 255 bytes.
  package var strings: [[UInt8]] {
    pairs.map { pair in pair.key + (pair.value.map { [UInt8(ascii: "=")] + $0 } ?? []) }
  }

  /// The pair in a string, or nil where the string has no key and so must be ignored.
  private static func pair(_ string: ArraySlice<UInt8>) -> Pair? {
    let equals = UInt8(ascii: "=")
    let key = Array(string.prefix { $0 != equals })
    guard !key.isEmpty, key.allSatisfy({ (0x20...0x7e).contains($0) }) else { return nil }
    guard key.count < string.count else { return Pair(key: key, value: nil) }
    return Pair(key: key, value: Array(string.dropFirst(key.count + 1)))
  }
}

/// Whether two keys differ in nothing but ASCII case.
private func equalKeys(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  func lowered(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte + 0x20 : byte }
  return left.count == right.count && zip(left, right).allSatisfy { lowered($0) == lowered($1) }
}
