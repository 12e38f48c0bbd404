/// Puts what lies in the page's folder together for a browser (W-15).
struct PageBinder {
  private let files: [String: [UInt8]]
  /// The modules that were bound already.
  private var seen: Set<String> = []

  /// `files`: what lies in the folder, by its path there.
  init(files: [String: [UInt8]]) { self.files = files }

  /// A module behind all that it needs, in one scope: each once, in the order it is asked for.
  mutating func bind(_ name: String) -> [UInt8] {
    guard let text = files["js/\(name).js"], seen.insert(name).inserted else { return [] }
    var before: [UInt8] = []
    var own: [UInt8] = []
    var isImport = false
    for line in text.split(separator: .lineFeed) {
      isImport = isImport || line.starts(with: "import ".utf8)
      if isImport {
        isImport = line.last != 0x3B
        if let other = Self.module(namedBy: line) { before += bind(other) }
      } else {
        let word = "export ".utf8
        own += line.starts(with: word) ? line.dropFirst(word.count) : line
        own.append(.lineFeed)
      }
    }
    return before + own
  }

  /// The document that `index.html` is a frame for: a line `{{name}}` in it gives way to that part.
  func document(_ parts: [String: [UInt8]]) -> [UInt8] {
    var document: [UInt8] = []
    for line in Self.lean(files["index.html"] ?? []).split(separator: .lineFeed) {
      if line.starts(with: "{{".utf8) {
        document += parts[String(decoding: line.dropFirst(2).dropLast(2), as: UTF8.self)] ?? []
      } else {
        document += line
        document.append(.lineFeed)
      }
    }
    return document
  }

  func lean(_ path: String) -> [UInt8] { Self.lean(files[path] ?? []) }

  /// A text without blanks before a line, empty lines, and lines that are a comment.
  static func lean(_ text: [UInt8]) -> [UInt8] {
    var lean: [UInt8] = []
    lean.reserveCapacity(text.count)
    var isComment = false
    for line in text.split(separator: .lineFeed) {
      let line = line.drop { $0 == 0x20 }
      isComment = isComment || line.starts(with: "/*".utf8)
      if isComment {
        isComment = !line.suffix(2).elementsEqual("*/".utf8)
      } else if !line.isEmpty, !line.starts(with: "//".utf8) {
        lean += line
        lean.append(.lineFeed)
      }
    }
    return lean
  }

  /// The module at the end of an import: `from './name.js';`.
  private static func module(namedBy line: ArraySlice<UInt8>) -> String? {
    let (begin, end) = ("'./".utf8, ".js';".utf8)
    guard line.suffix(end.count).elementsEqual(end), let quote = line.firstIndex(of: 0x27),
      line[quote...].starts(with: begin)
    else { return nil }
    return String(
      decoding: line[quote...].dropFirst(begin.count).dropLast(end.count), as: UTF8.self)
  }
}
