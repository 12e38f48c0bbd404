@testable import Format

/// Which bytes of a batch are of no body: heads, numbers and references (F-13).
///
/// A walk of its own, over batches that are whole: the product's must not say where to look for
/// what it overlooks.
struct PackedWalk {
  private let bytes: [UInt8]
  private var at = BatchHead.size
  private var depCount = 0
  private(set) var offsets = Array(0..<BatchHead.size)

  /// Nil where the bytes are no batch.
  init?(_ bytes: [UInt8]) {
    guard let head = try? BatchHead(decoding: bytes, at: 0) else { return nil }
    self.bytes = bytes
    for _ in 0..<head.count { guard entry() else { return nil } }
    guard at == bytes.count else { return nil }
  }

  private mutating func entry() -> Bool {
    guard let bits = take(1)?.first else { return false }
    func has(_ bit: UInt8) -> Bool { bits & bit != 0 }
    if has(BatchBits.kind), take(3) == nil { return false }
    if has(BatchBits.epoch), take(16) == nil { return false }
    if has(BatchBits.deps) {
      guard let count = take(1)?.first, take(Int(count) * Reference.size) != nil else {
        return false
      }
      depCount = Int(count)
    } else if has(BatchBits.advanced) {
      for _ in 0..<depCount { guard number() != nil, take(16) != nil else { return false } }
    } else {
      depCount = 0
    }
    if has(BatchBits.ext) {
      guard let size = take(2), take(Int(size[0]) << 8 | Int(size[1])) != nil else { return false }
    }
    guard number() != nil, number() != nil, let body = number() else { return false }
    if has(BatchBits.bodyless) { return take(32) != nil }
    at += body
    return at <= bytes.count
  }

  private mutating func take(_ count: Int) -> [UInt8]? {
    guard count <= bytes.count - at else { return nil }
    offsets += at..<at + count
    defer { at += count }
    return Array(bytes[at..<at + count])
  }

  private mutating func number() -> Int? {
    var (value, shift) = (0, 0)
    while shift < 63, let byte = take(1)?.first {
      value |= Int(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return value }
      shift += 7
    }
    return nil
  }
}
