internal import Cryptography
package import Format
package import Platform

extension LinkMachine {
  /// Bytes that wait to be written, sealed or not.
  package var queuedBytes: Int { queue.byteCount + sealed.count - written }

  /// Whether a batch of any size may be queued.
  package var hasRoom: Bool {
    phase == .open && queuedBytes <= Limits.sendQueueBytesMax - Limits.messageBytesMax
  }

  /// Queues a message; false where the link is not up, its queue is full, or the message longer
  /// than any may be.
  ///
  /// Batches leave a reserve to the messages that steer the link.
  package mutating func send(_ message: Message) -> Bool {
    if case .entries(let entries) = message { return send(entries: entries.bytes) }
    guard phase == .open else { return false }
    let bytes = message.encode()
    guard bytes.count <= Message.headSize + Limits.messageBytesMax else { return false }
    let limit = Limits.sendQueueBytesMax + TransportLimits.sendReserveBytes
    guard queuedBytes + bytes.count <= limit else { return false }
    queue.append(bytes, beginsMessage: true)
    return true
  }

  /// Queues an `entries` message by its content, which is not copied.
  package mutating func send(entries content: [UInt8]) -> Bool {
    precondition(content.count <= Limits.messageBytesMax, "a batch is longer than a message")
    let size = Message.headSize + content.count
    guard phase == .open, queuedBytes + size <= Limits.sendQueueBytesMax else { return false }
    var head = Writer(capacity: Message.headSize)
    head.u8(Message.entriesKind)
    head.u32(UInt32(content.count))
    queue.append(head.bytes, beginsMessage: true)
    queue.append(content, beginsMessage: false)
    return true
  }

  /// Seals what is queued, as full frames where there is enough, and lets `write` have it.
  ///
  /// Ends when all is written (nil) or with what kept `write` from taking more. Everything queued
  /// since the last call shares frames: call it once per turn, not once per message.
  package mutating func flush(_ write: (Span<UInt8>) -> Transfer) -> Transfer? {
    while hasOutput {
      if owesFirstMessage { writeFirstMessage() }
      if written == sealed.count { sealMore() }
      let result = write(sealed.span.extracting(written..<sealed.count))
      guard case .bytes(let count) = result else { return result }
      written += count
    }
    return nil
  }

  /// Everything that waits to be written, for a driver that takes all there is.
  package mutating func takeOutput() -> [UInt8] {
    var output: [UInt8] = []
    _ = flush { bytes in
      for index in bytes.indices { output.append(bytes[index]) }
      return .bytes(bytes.count)
    }
    return output
  }

  private mutating func sealMore() {
    // Taken out of `self`, so that its bytes and the key can be used at once.
    var output: [UInt8] = []
    swap(&output, &sealed)
    output.removeAll(keepingCapacity: true)
    for _ in 0..<TransportLimits.framesSealedAtOnce where !queue.isEmpty {
      let start = output.count
      output.append(contentsOf: [0, 0])
      let count = queue.move(atMost: FrameLayout.plaintextMax, to: &output)
      output.append(contentsOf: repeatElement(0, count: FrameLayout.tagSize))
      let size = count + FrameLayout.tagSize
      output[start] = UInt8(truncatingIfNeeded: size >> 8)
      output[start + 1] = UInt8(truncatingIfNeeded: size)
      do throws(CryptographyError) {
        var span = output.mutableSpan
        let length = try session?.sending.seal(
          in: &span, at: start + FrameLayout.headSize, count: count)
        precondition(length == size, "an open link has a key, and a frame fits its length")
      } catch {
        // 2^64 frames do not go through a link that is renewed every day.
        preconditionFailure("a link's counter is used up")
      }
    }
    swap(&output, &sealed)
    written = 0
  }

  /// Lets go of room that a link at rest does not need.
  mutating func releaseRoom() {
    if partial.isEmpty { partial = [] }
    if written == sealed.count {
      sealed = []
      written = 0
    }
  }
}
