/// The line that a person types while messages come in: it is drawn again below each of them.
///
/// Takes the bytes of a terminal that neither echoes nor waits for the end of a line. Knows what
/// people use in one line: erase a character, a word, all; anything else is passed over.
package struct LineEditor: Sendable {
  /// What a person did, beside changing the line.
  package enum Action: Equatable, Sendable {
    case submitted(String)
    /// Ctrl-C, or Ctrl-D in an empty line.
    case ended
  }

  /// The longest line in bytes; more is not taken.
  private let bytesMax: Int
  private var line = ""
  /// Bytes of a character that has not come whole, or of an escape sequence.
  private var pending: [UInt8] = []

  /// An empty line of at most so many bytes.
  package init(bytesMax: Int) {
    self.bytesMax = bytesMax
  }

  /// Takes what was typed.
  package mutating func take(_ bytes: [UInt8]) -> [Action] {
    var actions: [Action] = []
    for byte in bytes {
      // A character that was cut short is given up; what follows counts.
      if let first = pending.first, first != 0x1B, byte & 0xC0 != 0x80 { pending = [] }
      if pending.first == 0x1B {
        takeEscape(byte)
      } else if !pending.isEmpty || byte >= 0x80 {
        takePart(byte)
      } else if let action = takeKey(byte) {
        actions.append(action)
      }
    }
    return actions
  }

  private mutating func takeKey(_ byte: UInt8) -> Action? {
    switch byte {
    case 0x0A, 0x0D:
      defer { line = "" }
      return .submitted(line)
    case 0x03: return .ended
    case 0x04: return line.isEmpty ? .ended : nil
    case 0x08, 0x7F: _ = line.popLast()
    case 0x15: line = ""
    case 0x17: eraseWord()
    case 0x1B: pending = [byte]
    case 0x20..<0x7F: append(Character(Unicode.Scalar(byte)))
    default: break
    }
    return nil
  }

  /// Passes over `ESC x`, and `ESC [ …` or `ESC O …` up to their last letter.
  private mutating func takeEscape(_ byte: UInt8) {
    // No key sends a longer sequence.
    let lengthMax = 16
    pending.append(byte)
    let isOpening = pending.count == 2 && (byte == 0x5B || byte == 0x4F)
    let isInside = pending.count > 2 && !(0x40...0x7E).contains(byte) && pending.count < lengthMax
    if !isOpening && !isInside { pending = [] }
  }

  private mutating func takePart(_ byte: UInt8) {
    pending.append(byte)
    let length =
      switch pending[0] {
      case 0xC2..<0xE0: 2
      case 0xE0..<0xF0: 3
      case 0xF0..<0xF5: 4
      default: 1
      }
    guard pending.count >= length else { return }
    if let text = String(validating: pending, as: UTF8.self) {
      for character in text { append(character) }
    }
    pending = []
  }

  private mutating func append(_ character: Character) {
    guard line.utf8.count + character.utf8.count <= bytesMax else { return }
    line.append(character)
  }

  private mutating func eraseWord() {
    while line.last == " " { line.removeLast() }
    while let last = line.last, last != " " { line.removeLast() }
  }

  /// What takes the line off the screen.
  package static let erasing = "\r\u{1B}[K"

  /// The line behind its prompt on a terminal so wide; of a longer line its end.
  package func drawn(_ prompt: String, columns: Int) -> String {
    let room = max(1, columns - displayWidth(prompt) - 1)
    var shown: [Character] = []
    var width = 0
    for character in escaped(line, .shown).reversed() {
      width += displayWidth(String(character))
      guard width <= room else { break }
      shown.append(character)
    }
    return Self.erasing + prompt + String(shown.reversed())
  }
}
