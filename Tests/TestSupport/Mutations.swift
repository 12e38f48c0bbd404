/// Ways to spoil bytes, as the issue of bad input lists them.
package enum Mutations {
  /// Up to this size every bit is flipped; beyond it the first bytes and seeded ones.
  package static let everyBitMax = 4_096
  /// Of larger inputs: all bits of this many first bytes, which hold the head of every form.
  package static let headBytes = 256
  package static let seededFlips = 10_000

  /// Calls `body` with each truncation of `bytes`, shortest first: every one of a small input, of
  /// a large one those near both ends and seeded ones.
  package static func truncations(
    of bytes: [UInt8], seed: UInt64, _ body: ([UInt8]) throws -> Void
  ) rethrows {
    if bytes.count <= everyBitMax {
      for count in 0..<bytes.count { try body(Array(bytes[..<count])) }
      return
    }
    var generator = SeededGenerator(seed: seed)
    for count in 0..<headBytes { try body(Array(bytes[..<count])) }
    for _ in 0..<200 {
      try body(Array(bytes[..<generator.number(headBytes...bytes.count - 1)]))
    }
    for count in bytes.count - 64..<bytes.count { try body(Array(bytes[..<count])) }
  }

  /// Calls `body` with each single-bit flip of `bytes`, in place so that nothing is copied: of a
  /// large input those of its first bytes, of the bytes at `headers`, and seeded ones.
  package static func flips(
    of bytes: [UInt8], seed: UInt64, headers: [Int] = [], _ body: ([UInt8]) throws -> Void
  ) rethrows {
    var mutated = bytes
    func flip(_ bit: Int) throws {
      mutated[bit / 8] ^= 1 << UInt8(bit % 8)
      try body(mutated)
      mutated[bit / 8] ^= 1 << UInt8(bit % 8)
    }
    if bytes.count <= everyBitMax {
      for bit in 0..<bytes.count * 8 { try flip(bit) }
      return
    }
    var generator = SeededGenerator(seed: seed)
    for bit in 0..<headBytes * 8 { try flip(bit) }
    for at in headers where at >= headBytes {
      for bit in at * 8..<at * 8 + 8 { try flip(bit) }
    }
    for _ in 0..<seededFlips { try flip(generator.number(0...bytes.count * 8 - 1)) }
  }
}
