/// Why a line is not taken as JSON at all, before any of it is decoded.
package enum LineFault: Error, Equatable, Sendable {
  /// Longer than `LineGuard.bytesMax`.
  case tooLong
  /// Not UTF-8, or with a byte order mark before it.
  case encoding
  /// An escape that stands for half a character.
  case loneSurrogate
  /// More than `LineGuard.depthMax` arrays and objects within each other.
  case tooDeep
  /// A name twice in one object: two readers could each take another value.
  case duplicateKey
  /// Anything else that the grammar of RFC 8259 does not allow.
  case grammar
}

/// Refuses lines that JSONDecoder would read in its own way, or not survive cheaply (C-2).
///
/// JSONDecoder keeps one of two equal keys, replaces or refuses lone surrogates depending on the
/// version, and looks at a number only when somebody asks for it. So one pass of our own, without
/// recursion, decides what is JSON here; JSONDecoder reads values out of what passed.
package struct LineGuard {
  /// The longest line in bytes, its line feed not counted: room for the longest text with each
  /// byte escaped as six, and for a page of messages.
  package static let bytesMax = 1_048_576
  /// How deep arrays and objects may lie within each other.
  package static let depthMax = 32
  /// How many names one object may have; more than any method knows, and cheap to compare.
  package static let keysMax = 1024

  private let bytes: [UInt8]
  private var at = 0
  /// The open arrays and objects, the innermost last.
  private var open: [Level] = []

  private enum Level {
    case array
    case object(keys: Set<[UInt8]>)
  }

  /// Looks at one line without its line feed.
  package static func check(_ line: [UInt8]) throws(LineFault) {
    guard line.count <= bytesMax else { throw .tooLong }
    guard String(validating: line, as: UTF8.self) != nil, !line.starts(with: [0xEF, 0xBB, 0xBF])
    else { throw .encoding }
    var scan = LineGuard(bytes: line)
    try scan.document()
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  private mutating func document() throws(LineFault) {
    try value()
    while let level = open.last {
      skipSpace()
      switch (level, peek()) {
      case (.array, 0x5D), (.object, 0x7D):
        at += 1
        open.removeLast()
      case (.array, 0x2C):
        at += 1
        try value()
      case (.object, 0x2C):
        at += 1
        try member()
      default: throw .grammar
      }
    }
    skipSpace()
    guard at == bytes.count else { throw .grammar }
  }

  /// Reads a scalar, or enters an array or object and reads its first element, down to a scalar.
  private mutating func value() throws(LineFault) {
    var entered = true
    while entered {
      skipSpace()
      switch peek() {
      case 0x5B:
        try enter(.array)
        // An empty array ends here; `document` sees the bracket.
        entered = afterSpace() != 0x5D
      case 0x7B:
        try enter(.object(keys: []))
        entered = afterSpace() != 0x7D
        if entered { try key() }
      case 0x22:
        _ = try string()
        entered = false
      case 0x74:
        try literal("true")
        entered = false
      case 0x66:
        try literal("false")
        entered = false
      case 0x6E:
        try literal("null")
        entered = false
      default:
        try number()
        entered = false
      }
    }
  }

  private mutating func member() throws(LineFault) {
    skipSpace()
    try key()
    try value()
  }

  private mutating func enter(_ level: Level) throws(LineFault) {
    guard open.count < Self.depthMax else { throw .tooDeep }
    at += 1
    open.append(level)
  }

  /// Reads a name and its colon into the innermost object.
  private mutating func key() throws(LineFault) {
    guard peek() == 0x22 else { throw .grammar }
    let name = try string()
    guard case .object(var keys)? = open.popLast() else { throw .grammar }
    guard keys.count < Self.keysMax, keys.insert(name).inserted else { throw .duplicateKey }
    open.append(.object(keys: keys))
    guard afterSpace() == 0x3A else { throw .grammar }
    at += 1
  }

  private func peek() -> UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func afterSpace() -> UInt8? {
    skipSpace()
    return peek()
  }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      at += 1
    }
  }

  private mutating func literal(_ word: StaticString) throws(LineFault) {
    for byte in word.description.utf8 {
      guard peek() == byte else { throw .grammar }
      at += 1
    }
  }
}

extension LineGuard {
  /// Reads a string and returns what it stands for, so that names are compared unescaped.
  private mutating func string() throws(LineFault) -> [UInt8] {
    at += 1
    var content: [UInt8] = []
    while let byte = peek() {
      at += 1
      switch byte {
      case 0x22: return content
      case 0x5C: try escape(into: &content)
      case 0..<0x20: throw .grammar
      default: content.append(byte)
      }
    }
    throw .grammar
  }

  private mutating func escape(into content: inout [UInt8]) throws(LineFault) {
    guard let letter = peek() else { throw .grammar }
    at += 1
    switch letter {
    case 0x22, 0x5C, 0x2F: content.append(letter)
    case 0x62: content.append(0x08)
    case 0x66: content.append(0x0C)
    case 0x6E: content.append(0x0A)
    case 0x72: content.append(0x0D)
    case 0x74: content.append(0x09)
    case 0x75: content.append(contentsOf: Array(Character(try escapedScalar()).utf8))
    default: throw .grammar
    }
  }

  /// Reads the digits after `\u`, and the second half where the first asks for one.
  private mutating func escapedScalar() throws(LineFault) -> Unicode.Scalar {
    let first = try fourDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, peek() == 0x5C else { throw .loneSurrogate }
    at += 1
    guard peek() == 0x75 else { throw .loneSurrogate }
    at += 1
    let second = try fourDigits()
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw .loneSurrogate }
    return scalar
  }

  private mutating func fourDigits() throws(LineFault) -> UInt32 {
    var number: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek() else { throw .grammar }
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x41 + 10
      case 0x61...0x66: digit = byte - 0x61 + 10
      default: throw .grammar
      }
      number = number << 4 | UInt32(digit)
      at += 1
    }
    return number
  }

  private mutating func number() throws(LineFault) {
    if peek() == 0x2D { at += 1 }
    if peek() == 0x30 {
      at += 1
    } else {
      try digits()
    }
    if peek() == 0x2E {
      at += 1
      try digits()
    }
    if peek() == 0x65 || peek() == 0x45 {
      at += 1
      if peek() == 0x2B || peek() == 0x2D { at += 1 }
      try digits()
    }
  }

  private mutating func digits() throws(LineFault) {
    let start = at
    while let byte = peek(), byte >= 0x30, byte <= 0x39 { at += 1 }
    guard at > start else { throw .grammar }
  }
}
