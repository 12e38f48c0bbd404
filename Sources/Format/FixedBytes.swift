/// Thirty-two bytes, kept as four big-endian words so that `<` is the order of the bytes.
package struct Bytes32: Hashable, Comparable, Sendable {
  @usableFromInline let a: UInt64
  @usableFromInline let b: UInt64
  @usableFromInline let c: UInt64
  @usableFromInline let d: UInt64

  /// All bytes zero.
  @inlinable package init() { (a, b, c, d) = (0, 0, 0, 0) }

  /// The 32 bytes that begin at `offset`, which the caller has checked to be there.
  @inlinable package init(_ span: RawSpan, _ offset: Int) {
    a = load64(span, offset)
    b = load64(span, offset + 8)
    c = load64(span, offset + 16)
    d = load64(span, offset + 24)
  }

  /// The value of exactly 32 bytes, or nil.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.init(bytes.raw, 0)
  }

  @inlinable package var isZero: Bool { a | b | c | d == 0 }

  /// The first 16 bytes.
  @inlinable package var prefix: Bytes16 { Bytes16(a, b) }

  /// Writes the 32 bytes at `offset`, which must lie within the span.
  @inlinable package func store(_ span: inout MutableRawSpan, _ offset: Int) {
    store64(a, &span, offset)
    store64(b, &span, offset + 8)
    store64(c, &span, offset + 16)
    store64(d, &span, offset + 24)
  }

  /// Orders as the bytes do, first byte first.
  @inlinable package static func < (x: Bytes32, y: Bytes32) -> Bool {
    if x.a != y.a { return x.a < y.a }
    if x.b != y.b { return x.b < y.b }
    if x.c != y.c { return x.c < y.c }
    return x.d < y.d
  }

  package var array: [UInt8] {
    var out = [UInt8](repeating: 0, count: 32)
    var target = out.mutableSpan
    var raw = unsafe target.mutableBytes
    store(&raw, 0)
    return out
  }
}

/// Sixteen bytes, kept as two big-endian words so that `<` is the order of the bytes.
package struct Bytes16: Hashable, Comparable, Sendable {
  @usableFromInline let a: UInt64
  @usableFromInline let b: UInt64

  /// All bytes zero.
  @inlinable package init() { (a, b) = (0, 0) }

  @inlinable package init(_ a: UInt64, _ b: UInt64) { (self.a, self.b) = (a, b) }

  /// The 16 bytes that begin at `offset`, which the caller has checked to be there.
  @inlinable package init(_ span: RawSpan, _ offset: Int) {
    a = load64(span, offset)
    b = load64(span, offset + 8)
  }

  /// The value of exactly 16 bytes, or nil.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    self.init(bytes.raw, 0)
  }

  @inlinable package var isZero: Bool { a | b == 0 }

  /// Writes the 16 bytes at `offset`, which must lie within the span.
  @inlinable package func store(_ span: inout MutableRawSpan, _ offset: Int) {
    store64(a, &span, offset)
    store64(b, &span, offset + 8)
  }

  /// Orders as the bytes do, first byte first.
  @inlinable package static func < (x: Bytes16, y: Bytes16) -> Bool {
    x.a != y.a ? x.a < y.a : x.b < y.b
  }

  package var array: [UInt8] {
    var out = [UInt8](repeating: 0, count: 16)
    var target = out.mutableSpan
    var raw = unsafe target.mutableBytes
    store(&raw, 0)
    return out
  }
}

/// Lower-case hexadecimal digits of bytes, for logs, traces and inspect.
package func hex(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var out: [UInt8] = []
  for byte in bytes {
    out.append(digits[Int(byte >> 4)])
    out.append(digits[Int(byte & 15)])
  }
  return String(decoding: out, as: UTF8.self)
}

/// The bytes that hexadecimal digits name, or nil.
package func bytes(hex text: some StringProtocol) -> [UInt8]? {
  var out: [UInt8] = []
  var high: UInt8?
  for unit in text.utf8 {
    let digit: UInt8
    switch unit {
    case 0x30...0x39: digit = unit - 0x30
    case 0x61...0x66: digit = unit - 0x61 + 10
    case 0x41...0x46: digit = unit - 0x41 + 10
    default: return nil
    }
    if let first = high {
      out.append(first << 4 | digit)
      high = nil
    } else {
      high = digit
    }
  }
  return high == nil ? out : nil
}
