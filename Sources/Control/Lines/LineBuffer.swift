/// Cuts what arrives on a socket into lines (C-1), never holding more than one line too long.
package struct LineBuffer: Sendable {
  private var bytes: [UInt8] = []
  private var first = 0
  /// Up to where the bytes held are known to have no line feed.
  private var searched = 0
  private let bytesMax: Int

  /// A buffer for lines of up to `bytesMax` bytes, their line feed not counted.
  package init(bytesMax: Int) {
    self.bytesMax = bytesMax
  }

  /// Takes in what was read.
  package mutating func append(_ more: some Sequence<UInt8>) {
    if first > 0 {
      bytes.removeFirst(first)
      searched -= first
      first = 0
    }
    bytes.append(contentsOf: more)
  }

  /// The next whole line without its line feed; nil when more must be read first.
  package mutating func next() throws(LineFault) -> [UInt8]? {
    guard let end = bytes[searched...].firstIndex(of: 0x0A) else {
      searched = bytes.count
      guard bytes.count - first <= bytesMax else { throw .tooLong }
      return nil
    }
    guard end - first <= bytesMax else { throw .tooLong }
    let line = Array(bytes[first..<end])
    first = end + 1
    searched = first
    return line
  }
}
