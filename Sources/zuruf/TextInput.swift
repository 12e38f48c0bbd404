import Terminal

/// Standard input, read line by line or whole.
final class TextInput {
  private let readSome: (Int) -> Result<[UInt8], WorldFault>
  private var bytes: [UInt8] = []
  private var ended = false

  /// Input out of whatever gives at most so many bytes, and none at its end.
  init(_ readSome: @escaping (Int) -> Result<[UInt8], WorldFault>) {
    self.readSome = readSome
  }

  /// Reads once, as much as there is.
  func fill() throws(Failure) {
    guard !ended else { return }
    switch readSome(65_536) {
    case .success(let more):
      ended = more.isEmpty
      bytes += more
    case .failure(let fault):
      throw .refused(.refused, "cannot read standard input: \(fault.text)", hints: [])
    }
  }

  /// A line that has been read already, without its line feed; at the end the rest.
  func bufferedLine() -> [UInt8]? {
    if let end = bytes.firstIndex(of: 0x0A) {
      defer { bytes.removeFirst(end + 1) }
      return Array(bytes[..<end])
    }
    guard ended, !bytes.isEmpty else { return nil }
    defer { bytes = [] }
    return bytes
  }

  /// Throws away what was read and not taken.
  func forget() { bytes = [] }

  /// All bytes that have been read already.
  func takeAll() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  /// Whether everything was read and taken.
  var isFinished: Bool { ended && bytes.isEmpty }

  /// The next line; nil at the end, or where one is longer than a text can be.
  func line(limit: Int) throws(Failure) -> [UInt8]? {
    while !isFinished {
      if let line = bufferedLine() { return line }
      guard bytes.count <= limit else { return nil }
      try fill()
    }
    return nil
  }

  /// Everything up to the end; nil where it is more than the limit.
  func all(limit: Int) throws(Failure) -> [UInt8]? {
    while !ended {
      guard bytes.count <= limit else { return nil }
      try fill()
    }
    defer { bytes = [] }
    return bytes.count <= limit ? bytes : nil
  }
}
