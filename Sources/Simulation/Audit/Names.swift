internal import CSodium

/// Sixteen bytes that name something.
struct Short: Hashable, Comparable {
  let high: UInt64
  let low: UInt64

  init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  /// Nil unless there are 16 of them.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    var cursor = Cursor(bytes[...])
    self = cursor.short()
  }

  static func < (left: Short, right: Short) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  var isZero: Bool { high | low == 0 }

  var bytes: [UInt8] {
    [high, low].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
    }
  }

  /// Its first digits, for a trace.
  var text: String {
    let digits = String(high >> 32, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}

/// Thirty-two bytes that name something.
struct Long: Hashable, Comparable {
  let first: Short
  let last: Short

  static func < (left: Long, right: Long) -> Bool {
    (left.first, left.last) < (right.first, right.last)
  }

  init(first: Short, last: Short) { (self.first, self.last) = (first, last) }

  /// Nil unless there are 32 of them.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    var cursor = Cursor(bytes[...])
    self = cursor.long()
  }

  static let zero = Long(first: Short(high: 0, low: 0), last: Short(high: 0, low: 0))
  var isZero: Bool { self == .zero }

  var bytes: [UInt8] { first.bytes + last.bytes }
}

/// Bytes read in order, as chapter 2 writes values; past the end there are zeros and a mark.
struct Cursor {
  private let bytes: ArraySlice<UInt8>
  private(set) var at: Int
  private(set) var isPastEnd = false

  init(_ bytes: ArraySlice<UInt8>) { (self.bytes, at) = (bytes, bytes.startIndex) }

  var isAtEnd: Bool { at == bytes.endIndex && !isPastEnd }

  mutating func number(_ count: Int) -> UInt64 {
    guard at + count <= bytes.endIndex else {
      isPastEnd = true
      return 0
    }
    var value: UInt64 = 0
    for index in at..<at + count { value = value << 8 | UInt64(bytes[index]) }
    at += count
    return value
  }

  mutating func int(_ count: Int) -> Int { Int(truncatingIfNeeded: number(count)) }
  mutating func short() -> Short { Short(high: number(8), low: number(8)) }
  mutating func long() -> Long { Long(first: short(), last: short()) }

  mutating func take(_ count: Int) -> ArraySlice<UInt8> {
    guard count >= 0, at + count <= bytes.endIndex else {
      isPastEnd = true
      return []
    }
    defer { at += count }
    return bytes[at..<at + count]
  }
}

/// The two things that are computed: straight from libsodium, past the product's own wrappers.
enum Sums {
  /// `H(label; bytes)` of 32 bytes.
  static func hash(_ label: String, _ bytes: ArraySlice<UInt8>) -> Long {
    let personal = Array(label.utf8) + [UInt8](repeating: 0, count: 16 - label.utf8.count)
    var out = [UInt8](repeating: 0, count: 32)
    let code = unsafe bytes.withUnsafeBufferPointer {
      unsafe crypto_generichash_blake2b_salt_personal(
        &out, 32, $0.baseAddress, UInt64($0.count), nil, 0, nil, personal)
    }
    precondition(code == 0, "libsodium hashes anything")
    var cursor = Cursor(out[...])
    return cursor.long()
  }

  /// Whether a signature of an entry's ID holds.
  static func holds(_ signature: ArraySlice<UInt8>, of entry: Long, by device: Long) -> Bool {
    let content = Array("zr1 entry".utf8) + [0] + entry.bytes
    return unsafe crypto_sign_verify_detached(
      Array(signature), content, UInt64(content.count), device.bytes) == 0
  }

  private static let crcTable: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0x82f6_3b78 : sum >> 1 }
  }

  /// The register of a CRC-32C after more bytes.
  static func crc(_ register: UInt32, _ bytes: ArraySlice<UInt8>) -> UInt32 {
    var sum = register
    for byte in bytes {
      sum = crcTable[Int(truncatingIfNeeded: (sum ^ UInt32(byte)) & 0xff)] ^ sum >> 8
    }
    return sum
  }

  /// The register after a number of so many bytes.
  static func crc(_ register: UInt32, number: Int, bytes: Int) -> UInt32 {
    crc(
      register, (0..<bytes).map { UInt8(truncatingIfNeeded: number >> (8 * (bytes - 1 - $0))) }[...]
    )
  }
}
