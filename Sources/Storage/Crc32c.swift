internal import CProcessor

/// CRC-32C (Castagnoli) by the processor's instruction, or where it has none by table, sixteen
/// bytes a step (S-4).
///
/// Works on the register between two parts, so that a checksum can begin with the place it is
/// bound to: start with `begin`, extend, and store `finish`.
package enum Crc32c {
  /// The register before the first byte.
  package static let begin: UInt32 = ~0

  /// Table `k` of 256 words gives the effect of a byte that `k` more bytes follow.
  private static let tables: [UInt32] = makeTables()

  /// At a start each byte of every log is looked at: by table that was a third of the reader's time.
  private static let hasInstruction = processor_has_crc32c() != 0

  /// The register after all bytes of the span.
  package static func extend(_ register: UInt32, _ span: RawSpan) -> UInt32 {
    guard hasInstruction else { return extendByTable(register, span) }
    return unsafe span.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return register }
      return unsafe processor_crc32c(register, start, bytes.count)
    }
  }

  /// The register after one big-endian word.
  package static func extend(_ register: UInt32, word: UInt64) -> UInt32 {
    unsafe withUnsafeBytes(of: word.bigEndian) { unsafe extend(register, $0.bytes) }
  }

  /// The same as `extend`, on any processor.
  static func extendByTable(_ register: UInt32, _ span: RawSpan) -> UInt32 {
    // Every index below is a table number under 16 times 256 plus a byte, inside 4,096 words, and
    // every load stands before a comparison with the count.
    unsafe tables.withUnsafeBufferPointer { tables in
      unsafe span.withUnsafeBytes { bytes in
        guard let t = tables.baseAddress, let start = bytes.baseAddress else {
          return register
        }
        return unsafe extend(register, start, bytes.count, t)
      }
    }
  }

  /// The checksum that a register amounts to.
  @inlinable package static func finish(_ register: UInt32) -> UInt32 { ~register }

  @inline(__always)
  private static func extend(
    _ register: UInt32, _ start: UnsafeRawPointer, _ count: Int, _ t: UnsafePointer<UInt32>
  ) -> UInt32 {
    var crc = register
    var at = 0
    while count - at >= 16 {
      let a =
        unsafe UInt64(
          littleEndian: start.loadUnaligned(fromByteOffset: at, as: UInt64.self)) ^ UInt64(crc)
      let b = unsafe UInt64(
        littleEndian: start.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self))
      crc = unsafe eight(a, t, 8) ^ eight(b, t, 0)
      at += 16
    }
    if count - at >= 8 {
      let a =
        unsafe UInt64(
          littleEndian: start.loadUnaligned(fromByteOffset: at, as: UInt64.self)) ^ UInt64(crc)
      crc = unsafe eight(a, t, 0)
      at += 8
    }
    while at < count {
      let byte = unsafe start.load(fromByteOffset: at, as: UInt8.self)
      crc = unsafe t[Int((crc ^ UInt32(byte)) & 0xff)] ^ (crc >> 8)
      at += 1
    }
    return crc
  }

  /// The joint effect of eight bytes that `after` more bytes follow.
  @inline(__always)
  private static func eight(
    _ word: UInt64, _ t: UnsafePointer<UInt32>, _ after: Int
  ) -> UInt32 {
    let u = unsafe t + after << 8
    let low =
      unsafe u[Int(7 << 8 | word & 0xff)] ^ u[Int(6 << 8 | word >> 8 & 0xff)]
      ^ u[Int(5 << 8 | word >> 16 & 0xff)] ^ u[Int(4 << 8 | word >> 24 & 0xff)]
    let high =
      unsafe u[Int(3 << 8 | word >> 32 & 0xff)] ^ u[Int(2 << 8 | word >> 40 & 0xff)]
      ^ u[Int(1 << 8 | word >> 48 & 0xff)] ^ u[Int(word >> 56)]
    return low ^ high
  }

  private static func makeTables() -> [UInt32] {
    var tables = [UInt32](repeating: 0, count: 16 * 256)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 0 ? value >> 1 : value >> 1 ^ 0x82f6_3b78 }
      tables[byte] = value
    }
    for index in 256..<(16 * 256) {
      let before = tables[index - 256]
      tables[index] = tables[Int(before & 0xff)] ^ before >> 8
    }
    return tables
  }
}
