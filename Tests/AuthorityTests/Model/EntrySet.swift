/// Some entries of a history, by their numbers: one bit each.
struct EntrySet: Hashable, Sequence {
  private(set) var bits: UInt64 = 0

  static let capacity = 64

  init() {}
  init(bits: UInt64) { self.bits = bits }

  /// All entries below a number.
  init(below end: Int) { bits = end >= Self.capacity ? .max : 1 << UInt64(end) - 1 }

  init(_ entries: some Sequence<Int>) {
    bits = entries.reduce(0) { $0 | 1 << UInt64($1) }
  }

  var isEmpty: Bool { bits == 0 }
  var count: Int { bits.nonzeroBitCount }
  /// The highest number.
  var last: Int? { bits == 0 ? nil : 63 - bits.leadingZeroBitCount }

  func contains(_ entry: Int) -> Bool { bits >> UInt64(entry) & 1 != 0 }
  func contains(all other: EntrySet) -> Bool { other.bits & ~bits == 0 }

  mutating func insert(_ entry: Int) { bits |= 1 << UInt64(entry) }
  func removing(_ entry: Int) -> EntrySet { EntrySet(bits: bits & ~(1 << UInt64(entry))) }
  func adding(_ entry: Int) -> EntrySet { EntrySet(bits: bits | 1 << UInt64(entry)) }
  func union(_ other: EntrySet) -> EntrySet { EntrySet(bits: bits | other.bits) }
  func intersection(_ other: EntrySet) -> EntrySet { EntrySet(bits: bits & other.bits) }
  func subtracting(_ other: EntrySet) -> EntrySet { EntrySet(bits: bits & ~other.bits) }

  /// The numbers, ascending.
  func makeIterator() -> Iterator { Iterator(left: bits) }

  struct Iterator: IteratorProtocol {
    fileprivate var left: UInt64

    mutating func next() -> Int? {
      guard left != 0 else { return nil }
      let entry = left.trailingZeroBitCount
      left &= left - 1
      return entry
    }
  }
}
