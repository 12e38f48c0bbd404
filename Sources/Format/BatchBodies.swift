/// Walks over the packed entries of a batch for one whose body does not travel, without hashing: what
/// depends on the entry before need not be here yet.
private struct BodyWalk: ~Copyable {
  private var at = EntriesMessage.entriesAt
  private var depCount = 0

  /// Steps over one entry. Whether its body travels; nil where the bytes are no batch.
  mutating func next(_ source: RawSpan) -> Bool? {
    guard let bits = byte(source) else { return nil }
    if bits & BatchBits.kind != 0 { at += 3 }
    if bits & BatchBits.epoch != 0 { at += 16 }
    if bits & BatchBits.deps != 0 {
      guard let count = byte(source) else { return nil }
      depCount = Int(count)
      at += depCount * Reference.size
    } else if bits & BatchBits.advanced != 0 {
      for _ in 0..<depCount {
        guard number(source) != nil else { return nil }
        at += 16
      }
    } else {
      depCount = 0
    }
    if bits & BatchBits.ext != 0 {
      guard let high = byte(source), let low = byte(source) else { return nil }
      at += Int(high) << 8 | Int(low)
    }
    guard number(source) != nil, number(source) != nil, let bodySize = number(source),
      bodySize <= UInt64(Limits.bodyBytesMax)
    else { return nil }
    let isBare = bits & BatchBits.bodyless != 0
    at += isBare ? 32 : Int(bodySize)
    return at <= source.byteCount ? !isBare : nil
  }

  private mutating func byte(_ source: RawSpan) -> UInt8? {
    guard at < source.byteCount else { return nil }
    defer { at += 1 }
    return load8(source, at)
  }

  /// A varint; whether it is the shortest one is for the unpacker to say.
  private mutating func number(_ source: RawSpan) -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 70, let next = byte(source) {
      value |= UInt64(next & 0x7f) << shift
      if next & 0x80 == 0 { return value }
      shift += 7
    }
    return nil
  }
}

extension EntriesMessage {
  /// The seq of the first entry whose body does not travel; nil where all do, and where the bytes are
  /// no batch before that, of which the unpacker says what is wrong.
  package var firstWithoutBody: UInt32? {
    let source = bytes.raw
    var walk = BodyWalk()
    for index in 0..<UInt32(head.count) {
      guard let hasBody = walk.next(source) else { return nil }
      if !hasBody { return head.first + index }
    }
    return nil
  }
}
