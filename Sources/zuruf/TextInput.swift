import Terminal

/// Standard input, read line by line or whole.
final class TextInput {
  private let readSome: (Int) -> Result<[UInt8], WorldFault>
  private var bytes: [UInt8] = []
  /// Of these so many hold no line feed, and are not searched again.
  private var searched = 0
  private var ended = false
  /// Whether what comes up to the next line feed is thrown away.
  private var isSkipping = false

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
    if let end = bytes[searched...].firstIndex(of: 0x0A) {
      defer { drop(end + 1) }
      return Array(bytes[..<end])
    }
    searched = bytes.count
    guard ended, !bytes.isEmpty else { return nil }
    return takeAll()
  }

  /// A line out of a stream that may hold anything.
  enum Piece: Equatable {
    case line([UInt8])
    /// One longer than that; what is left of it is thrown away as it comes.
    case tooLong
  }

  /// The same, where no more is kept of one line than so many bytes.
  func bufferedLine(limit: Int) -> Piece? {
    if isSkipping {
      guard let end = bytes.firstIndex(of: 0x0A) else {
        forget()
        return nil
      }
      isSkipping = false
      drop(end + 1)
    }
    if let line = bufferedLine() { return line.count <= limit ? .line(line) : .tooLong }
    guard bytes.count > limit else { return nil }
    isSkipping = true
    forget()
    return .tooLong
  }

  private func drop(_ count: Int) {
    bytes.removeFirst(count)
    searched = 0
  }

  /// Throws away what was read and not taken.
  func forget() { (bytes, searched) = ([], 0) }

  /// All bytes that have been read already.
  func takeAll() -> [UInt8] {
    defer { forget() }
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
    defer { forget() }
    return bytes.count <= limit ? bytes : nil
  }
}
