/// The fields of a batch before its entries (4-feed).
package struct BatchHead: Hashable, Sendable {
  package static let size = 130
  package var group: GroupID
  package var feed: FeedID
  package var first: UInt32
  package var count: UInt16
  /// The claimed time and lamport of the entry before the first, zero where there is none.
  package var wallBase: UInt64
  package var lamportBase: UInt32
  package var signature: SignatureBytes

  package init(
    group: GroupID, feed: FeedID, first: UInt32, count: UInt16, wallBase: UInt64,
    lamportBase: UInt32, signature: SignatureBytes
  ) {
    (self.group, self.feed, self.first, self.count) = (group, feed, first, count)
    (self.wallBase, self.lamportBase, self.signature) = (wallBase, lamportBase, signature)
  }

  /// Decodes the head that begins at `offset` of a batch.
  package init(decoding bytes: [UInt8], at offset: Int) throws(DecodeError) {
    guard bytes.count - offset >= Self.size else { throw .truncated(.f13) }
    let span = bytes.raw
    group = GroupID(Bytes32(span, offset))
    feed = FeedID(Bytes16(span, offset + 32))
    first = load32(span, offset + 48)
    count = load16(span, offset + 52)
    wallBase = load64(span, offset + 54)
    lamportBase = load32(span, offset + 62)
    signature = SignatureBytes(span, offset + 66)
    guard count <= Limits.runEntriesMax else { throw .broken(.f10) }
    // The sum is at most the highest seq, which has a successor (E-5).
    guard count >= 1, first <= UInt32.max - UInt32(count),
      first != 0 || (wallBase == 0 && lamportBase == 0)
    else { throw .broken(.f13) }
  }

  func store(_ span: inout MutableRawSpan, _ offset: Int) {
    group.bytes.store(&span, offset)
    feed.bytes.store(&span, offset + 32)
    store32(first, &span, offset + 48)
    store16(count, &span, offset + 52)
    store64(wallBase, &span, offset + 54)
    store32(lamportBase, &span, offset + 62)
    signature.store(&span, offset + 66)
  }
}

/// The control bits before each entry of a batch.
enum BatchBits {
  static let kind: UInt8 = 1
  static let epoch: UInt8 = 2
  static let bodyless: UInt8 = 4
  static let deps: UInt8 = 8
  static let advanced: UInt8 = 16
  static let ext: UInt8 = 32
  /// The entry is its group's first genesis: group_id is zero in its header.
  static let founding: UInt8 = 64
  static let reserved: UInt8 = 128
}
