/// The hashed part of an entry as values; `init(decoding:)` accepts exactly what `encode()` yields.
package struct EntryHeader: Hashable, Sendable {
  package var kindByte: UInt8
  package var flags: UInt16 = 0
  package var group: GroupID
  package var feed: FeedID
  package var seq: UInt32
  package var prev: EntryID
  /// Milliseconds since 1970 as the author claims; for display alone.
  package var wallMilliseconds: UInt64
  package var lamport: UInt32
  package var epoch: EpochID
  package var bodySize: UInt32
  package var bodyHash: BodyHash
  package var deps: [Reference]
  package var ext: [Extension]

  /// One fact in the ext of a header.
  package struct Extension: Hashable, Sendable {
    package let type: UInt8
    package let value: [UInt8]
    package init(type: UInt8, value: [UInt8]) { (self.type, self.value) = (type, value) }
  }

  package init(
    kind: EntryKind, group: GroupID, feed: FeedID, seq: UInt32, prev: EntryID,
    wallMilliseconds: UInt64, lamport: UInt32, epoch: EpochID, bodySize: UInt32,
    bodyHash: BodyHash, deps: [Reference], ext: [Extension]
  ) {
    self.kindByte = kind.rawValue
    (self.group, self.feed, self.seq, self.prev) = (group, feed, seq, prev)
    (self.wallMilliseconds, self.lamport, self.epoch) = (wallMilliseconds, lamport, epoch)
    (self.bodySize, self.bodyHash, self.deps, self.ext) = (bodySize, bodyHash, deps, ext)
  }

  /// The kind, or nil where this version does not know it.
  package var kind: EntryKind? { EntryKind(rawValue: kindByte) }

  /// Chained and relayed without effect, because this version cannot know what it means (E-2, E-10).
  package var isOpaque: Bool {
    flags & 0xff00 != 0 || !(kind?.hasEffect ?? false)
  }

  /// Bytes of the encoded header.
  package var size: Int {
    HeaderLayout.sizeMin + Reference.size * deps.count + ext.reduce(0) { $0 + 2 + $1.value.count }
  }

  /// The one encoding of this header. Meant for own entries, whose fields keep the rules.
  package func encode() -> [UInt8] {
    var writer = Writer(capacity: size)
    writer.u8(1)
    writer.u8(kindByte)
    writer.u16(flags)
    writer.id(group)
    writer.id(feed)
    writer.u32(seq)
    writer.id(prev)
    writer.u64(wallMilliseconds)
    writer.u32(lamport)
    writer.id(epoch)
    writer.u32(bodySize)
    writer.id(bodyHash)
    writer.u8(UInt8(deps.count))
    for dep in deps { writer.reference(dep) }
    writer.u16(UInt16(ext.reduce(0) { $0 + 2 + $1.value.count }))
    for fact in ext {
      writer.u8(fact.type)
      writer.u8(UInt8(fact.value.count))
      writer.append(fact.value)
    }
    return writer.bytes
  }

  /// Decodes exactly one header; refuses any other bytes under the rule they break.
  package init(decoding bytes: [UInt8]) throws(DecodeError) {
    try checkHeader(bytes.raw)
    let span = bytes.raw
    kindByte = load8(span, HeaderLayout.kind)
    flags = load16(span, HeaderLayout.flags)
    group = GroupID(Bytes32(span, HeaderLayout.group))
    feed = FeedID(Bytes16(span, HeaderLayout.feed))
    seq = load32(span, HeaderLayout.seq)
    prev = EntryID(Bytes32(span, HeaderLayout.prev))
    wallMilliseconds = load64(span, HeaderLayout.wall)
    lamport = load32(span, HeaderLayout.lamport)
    epoch = EpochID(Bytes16(span, HeaderLayout.epoch))
    bodySize = load32(span, HeaderLayout.bodySize)
    bodyHash = BodyHash(Bytes32(span, HeaderLayout.bodyHash))
    let depCount = Int(load8(span, HeaderLayout.depCount))
    deps = (0..<depCount).map { Reference(span, HeaderLayout.deps + Reference.size * $0) }
    var facts: [Extension] = []
    var at = HeaderLayout.deps + Reference.size * depCount + 2
    while at < bytes.count {
      let length = Int(load8(span, at + 1))
      facts.append(Extension(type: load8(span, at), value: Array(bytes[at + 2..<at + 2 + length])))
      at += 2 + length
    }
    ext = facts
  }
}
