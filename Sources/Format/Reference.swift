/// Names one entry of a feed: where it stands and the beginning of its ID.
package struct Reference: Hashable, Sendable {
  package static let size = 36
  package let feed: FeedID
  package let seq: UInt32
  /// The first 16 bytes of the entry ID.
  package let prefix: Bytes16

  @inlinable package init(feed: FeedID, seq: UInt32, prefix: Bytes16) {
    (self.feed, self.seq, self.prefix) = (feed, seq, prefix)
  }

  /// The reference whose 36 bytes begin at `offset`, which the caller has checked to be there.
  @inlinable package init(_ span: RawSpan, _ offset: Int) {
    feed = FeedID(Bytes16(span, offset))
    seq = load32(span, offset + 16)
    prefix = Bytes16(span, offset + 20)
  }

  /// Writes the 36 bytes at `offset`, which must lie within the span.
  @inlinable package func store(_ span: inout MutableRawSpan, _ offset: Int) {
    feed.bytes.store(&span, offset)
    store32(seq, &span, offset + 16)
    prefix.store(&span, offset + 20)
  }
}

/// A place in a feed up to which its entries count: `feed`, `seq` and the full ID of the last one.
package struct Cut: Hashable, Sendable {
  package static let size = 52
  package let feed: FeedID
  package let seq: UInt32
  package let entry: EntryID

  package init(feed: FeedID, seq: UInt32, entry: EntryID) {
    (self.feed, self.seq, self.entry) = (feed, seq, entry)
  }
}

/// The 64 bytes of an Ed25519 signature, verified or not.
package struct SignatureBytes: Hashable, Sendable {
  package let r: Bytes32
  package let s: Bytes32

  /// All bytes zero, which no signature is.
  package init() { (r, s) = (Bytes32(), Bytes32()) }

  @inlinable package init(_ span: RawSpan, _ offset: Int) {
    r = Bytes32(span, offset)
    s = Bytes32(span, offset + 32)
  }

  /// The value of exactly 64 bytes, or nil.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == 64 else { return nil }
    self.init(bytes.raw, 0)
  }

  package var isZero: Bool { r.isZero && s.isZero }
  package var array: [UInt8] { r.array + s.array }

  /// Writes the 64 bytes at `offset`, which must lie within the span.
  @inlinable package func store(_ span: inout MutableRawSpan, _ offset: Int) {
    r.store(&span, offset)
    s.store(&span, offset + 32)
  }
}
