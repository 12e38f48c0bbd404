private import Format

/// Cuts the decrypted stream of a link into messages, however frames part it.
struct MessageAssembler {
  /// A whole message as it came.
  struct Whole {
    let kind: UInt8
    let content: [UInt8]
  }

  private var kind: UInt8 = 0
  private var content: [UInt8] = []
  /// Bytes of the content still to come; nil between messages.
  private var missing: Int?
  /// The begin of a message's head where a frame ended inside it.
  private var head: [UInt8] = []

  /// Takes plaintext from `offset` on, up to a message's end at most, and moves the offset.
  ///
  /// A length is compared with its limit, and the kind looked at, before anything is reserved.
  mutating func take(
    _ bytes: [UInt8], from offset: inout Int, to end: Int
  ) throws(LinkEnd) -> Whole? {
    if missing == nil {
      let count = min(Message.headSize - head.count, end - offset)
      if head.isEmpty, count == Message.headSize {
        try begin(kind: bytes[offset], length: load32(bytes.raw, offset + 1))
        offset += count
      } else {
        head.append(contentsOf: bytes[offset..<offset + count])
        offset += count
        guard head.count == Message.headSize else { return nil }
        try begin(kind: head[0], length: load32(head.raw, 1))
        head.removeAll(keepingCapacity: true)
      }
    }
    guard let left = missing else { return nil }
    let count = min(left, end - offset)
    content.append(contentsOf: bytes[offset..<offset + count])
    offset += count
    missing = left - count
    guard left == count else { return nil }
    missing = nil
    defer { content = [] }
    return Whole(kind: kind, content: content)
  }

  private mutating func begin(kind: UInt8, length: UInt32) throws(LinkEnd) {
    guard length <= UInt32(Limits.messageBytesMax) else { throw .violation(.r1) }
    guard kind != 0, kind < 128 else { throw .violation(.r1) }
    self.kind = kind
    missing = Int(length)
    content.reserveCapacity(Int(length))
  }
}
