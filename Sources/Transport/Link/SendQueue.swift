/// Messages waiting to be sealed, as runs of bytes that are moved once and never shifted.
struct SendQueue {
  private struct Chunk {
    var bytes: [UInt8]
    let beginsMessage: Bool
  }

  private var chunks: [Chunk] = []
  /// The first chunk that is still needed, and how much of it is gone.
  private var first = 0
  private var gone = 0
  private(set) var byteCount = 0

  var isEmpty: Bool { byteCount == 0 }

  /// Adds bytes at the end; `beginsMessage` says whether a message starts with them.
  mutating func append(_ bytes: [UInt8], beginsMessage: Bool) {
    guard !bytes.isEmpty else { return }
    chunks.append(Chunk(bytes: bytes, beginsMessage: beginsMessage))
    byteCount += bytes.count
  }

  /// Moves the oldest bytes, at most `limit`, to the end of `target`.
  mutating func move(atMost limit: Int, to target: inout [UInt8]) -> Int {
    var moved = 0
    while moved < limit, first < chunks.count {
      let left = chunks[first].bytes.count - gone
      let count = min(left, limit - moved)
      target.append(contentsOf: chunks[first].bytes[gone..<gone + count])
      moved += count
      gone += count
      if count == left { dropFirstChunk() }
    }
    byteCount -= moved
    return moved
  }

  /// Drops every message of which no byte has left, so that a farewell need not wait for them.
  mutating func dropUnbegun() {
    var kept: [Chunk] = []
    var place = first
    if place < chunks.count, gone > 0 || !chunks[place].beginsMessage {
      repeat {
        kept.append(chunks[place])
        place += 1
      } while place < chunks.count && !chunks[place].beginsMessage
    } else {
      gone = 0
    }
    chunks = kept
    first = 0
    byteCount = kept.reduce(-gone) { $0 + $1.bytes.count }
  }

  private mutating func dropFirstChunk() {
    chunks[first].bytes = []
    first += 1
    gone = 0
    // Shifting is put off until half of the list is empty, so that each chunk shifts about once.
    if first * 2 > chunks.count, first >= 32 || first == chunks.count {
      chunks.removeFirst(first)
      first = 0
    }
  }
}
