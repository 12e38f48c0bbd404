import Format

/// Decisions taken from the bytes of an input, the first ones first; behind its end all are zero.
struct Choices {
  private var bytes: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  /// Whether nothing is left to decide.
  var isOver: Bool { bytes.isEmpty }

  mutating func byte() -> UInt8 { bytes.popFirst() ?? 0 }

  /// A number below `count`, which is above zero.
  mutating func below(_ count: Int) -> Int {
    count <= 256 ? Int(byte()) % count : Int(number16()) % count
  }

  mutating func number16() -> UInt16 { UInt16(byte()) << 8 | UInt16(byte()) }
  mutating func number32() -> UInt32 { UInt32(number16()) << 16 | UInt32(number16()) }
  mutating func number64() -> UInt64 { UInt64(number32()) << 32 | UInt64(number32()) }

  /// At most so many bytes.
  mutating func take(_ count: Int) -> [UInt8] {
    let taken = Array(bytes.prefix(count))
    bytes = bytes.dropFirst(count)
    return taken
  }

  /// A length in one byte, and so many bytes as far as they are there.
  mutating func piece() -> [UInt8] { take(Int(byte())) }

  /// One of them; nil of none.
  mutating func one<Element>(of list: [Element]) -> Element? {
    list.isEmpty ? nil : list[below(list.count)]
  }

  /// All that is left.
  mutating func rest() -> [UInt8] { take(bytes.count) }
}

/// Changes that are made to bytes which are good.
enum Edit {
  /// Makes one change.
  static func apply(_ choices: inout Choices, to bytes: inout [UInt8]) {
    let kind = choices.below(7)
    let at = bytes.isEmpty ? 0 : Int(choices.number16()) % bytes.count
    switch kind {
    case 0:
      let mask = choices.byte()
      if !bytes.isEmpty { bytes[at] ^= mask }
    case 1:
      let piece = choices.piece()
      let end = min(bytes.count, at + piece.count)
      bytes.replaceSubrange(at..<end, with: piece.prefix(end - at))
    case 2: bytes.removeLast(bytes.count - at)
    case 3: bytes.insert(contentsOf: choices.piece(), at: at)
    case 4: bytes.removeSubrange(at..<min(bytes.count, at + Int(choices.byte())))
    case 5:
      let end = min(bytes.count, at + Int(choices.byte()))
      bytes.replaceSubrange(at..<end, with: [UInt8](repeating: 0, count: end - at))
    default:
      let from = bytes.isEmpty ? 0 : Int(choices.number16()) % bytes.count
      let count = min(Int(choices.number16()), bytes.count - max(at, from))
      bytes.replaceSubrange(at..<at + count, with: Array(bytes[from..<from + count]))
    }
  }
}

extension Bytes32 {
  /// Thirty-two times the same byte.
  init(repeating byte: UInt8) {
    self = Bytes32([UInt8](repeating: byte, count: 32)) ?? Bytes32()
  }
}
