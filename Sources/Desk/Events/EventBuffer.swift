import Format

/// What one page has still to be sent of its events; bounded, because a page may stop reading (W-9).
struct EventBuffer {
  private var bytes: [UInt8] = []
  private var first = 0
  /// Nothing more comes in; it is over when all is taken out.
  private(set) var isEnded = false

  var isEmpty: Bool { first == bytes.count }

  /// Whether no more is to be read from the node until the page took some. One event more fits
  /// always, for it has been read by then.
  var isFull: Bool { bytes.count - first >= Limits.deskStreamBytesMax }

  /// Adds an event: the bytes of one JSON object in one line.
  mutating func add(event: ArraySlice<UInt8>) {
    guard !isEnded else { return }
    bytes += Array("data: ".utf8)
    bytes += event
    bytes += [.lineFeed, .lineFeed]
  }

  /// Adds a comment where nothing else waits: it shows each side that the other one lives.
  mutating func addHeartbeat() {
    if isEmpty, !isEnded { bytes += Array(": \n\n".utf8) }
  }

  mutating func end() { isEnded = true }

  /// Takes out at most so many bytes.
  mutating func take(_ countMax: Int) -> ArraySlice<UInt8> {
    let count = min(countMax, bytes.count - first)
    let taken = bytes[first..<(first + count)]
    first += count
    if first == bytes.count {
      bytes = []
      first = 0
    } else if first > Limits.deskStreamBytesMax {
      bytes.removeFirst(first)
      first = 0
    }
    return taken
  }
}
