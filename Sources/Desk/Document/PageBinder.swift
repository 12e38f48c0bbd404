/// Puts what lies in the page's folder together for a browser (W-15).
struct PageBinder {
  private let files: [String: [UInt8]]
  /// The modules that were bound already.
  private var seen: Set<String> = []
  /// What they make for all of themselves by a name with a capital letter behind its first.
  private(set) var made: Set<[UInt8]> = []

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
        let line = line.starts(with: word) ? line.dropFirst(word.count) : line
        note(line)
        own += line
        own.append(.lineFeed)
      }
    }
    return before + own
  }

  /// Notes the name that a line makes, if it begins with that: `async function name(`.
  private mutating func note(_ line: ArraySlice<UInt8>) {
    var words = line.split(separator: 0x20, maxSplits: 3, omittingEmptySubsequences: false)
    if words.first?.elementsEqual("async".utf8) ?? false { words.removeFirst() }
    guard let word = words.first, Self.making.contains(where: { word.elementsEqual($0.utf8) })
    else { return }
    let name = words.dropFirst().first?.prefix(while: Self.isWord) ?? []
    if name.dropFirst().contains(where: { (0x41...0x5A).contains($0) }) { made.insert(Array(name)) }
  }

  private static let making = ["function", "class", "const", "let"]

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

  /// A file, lean and tight.
  func tight(_ path: String, _ signs: Signs = .none) -> [UInt8] {
    Self.tight(Self.lean(files[path] ?? []), signs)
  }

  /// A text without blanks before a line, empty lines, and lines that are a comment. What a line
  /// makes with `const` it makes with `let`, which is shorter and means the same to a browser.
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
        let const = "const ".utf8
        let isConst = line.starts(with: const)
        if isConst { lean += "let ".utf8 }
        lean += isConst ? line.dropFirst(const.count) : line
        lean.append(.lineFeed)
      }
    }
    return lean
  }

  /// Signs beside which, or behind which, a blank says nothing, and words that have a shorter form.
  struct Signs {
    let beside, behind: [UInt8]
    let shorter: [[UInt8]: [UInt8]]

    static let none = Self("", "")
    static let script = Self(
      "=,:;(){}[]?<>&|!", "", ["true": "!0", "false": "!1", "undefined": "void 0"])
    static let style = Self("{};,", ":")

    private init(_ beside: String, _ behind: String, _ shorter: [String: String] = [:]) {
      (self.beside, self.behind) = (Array(beside.utf8), Array((beside + behind).utf8))
      self.shorter = Dictionary(
        uniqueKeysWithValues: shorter.map { (Array($0.utf8), Array($1.utf8)) })
    }
  }

  /// A lean text without the blanks beside such signs, and without line feeds where a line can go
  /// on, or the next one does so, or semicolons where a brace ends what they would, or brackets about
  /// the one that a function is given, and with the shorter form of a word.
  ///
  /// What stands between two quotes of one kind stays. So does a line with a slash elsewhere, or with a
  /// backslash, or a text within a text, for it may hold a pattern.
  static func tight(_ text: [UInt8], _ signs: Signs) -> [UInt8] {
    var tight: [UInt8] = []
    tight.reserveCapacity(text.count)
    var mayGoOn = false
    for line in text.split(separator: .lineFeed) {
      // A style has a word behind each line feed that is left, which is a blank there.
      if mayGoOn, let first = line.first, "?:&|}".utf8.contains(first) { tight.removeLast() }
      if line.first == 0x7D, tight.last == 0x3B { tight.removeLast() }
      if isWhole(line) {
        tight += line
      } else {
        var quote: UInt8?
        let line = signs.shorter.isEmpty ? line : Self.shorter(line, signs.shorter)[...]
        for (place, byte) in zip(line.indices, line) {
          quote = Self.quote(quote, byte)
          let isText = quote != nil
          if byte == 0x20, !isText {
            let next = line.index(after: place)
            if let last = tight.last, signs.behind.contains(last) { continue }
            if next < line.endIndex, signs.beside.contains(line[next]) { continue }
          }
          if byte == 0x7D, !isText, tight.last == 0x3B { tight.removeLast() }
          tight.append(byte)
          if byte == 0x3E, !isText { unbracket(&tight) }
        }
      }
      let goesOn = line.last.map { "{};,([".utf8.contains($0) } ?? false
      let hasComment = line.firstRange(of: "//".utf8) != nil
      mayGoOn = !goesOn && !hasComment
      if !goesOn || hasComment { tight.append(.lineFeed) }
    }
    return tight
  }

  /// A line with other words in the place of some, outside of texts.
  private static func shorter(
    _ line: ArraySlice<UInt8>, _ words: [[UInt8]: [UInt8]]
  ) -> [UInt8] {
    var shorter: [UInt8] = []
    var quote: UInt8?
    var at = line.startIndex
    while at < line.endIndex {
      let word = quote == nil ? Array(line[at...].prefix(while: isWord)) : []
      if word.isEmpty {
        quote = Self.quote(quote, line[at])
        shorter.append(line[at])
        at += 1
      } else {
        shorter += words[word] ?? word
        at += word.count
      }
    }
    return shorter
  }

  /// Takes the brackets from `(one)=>` at the end of a script.
  private static func unbracket(_ script: inout [UInt8]) {
    guard script.suffix(3).elementsEqual(")=>".utf8) else { return }
    let end = script.count - 3
    let name = script[..<end].reversed().prefix(while: isWord)
    let start = end - name.count - 1
    guard !name.isEmpty, start > 0, script[start] == 0x28, !isWord(script[start - 1]) else {
      return
    }
    script.remove(at: end)
    script.remove(at: start)
  }

  /// Whether a line stays as it is.
  private static func isWhole(_ line: ArraySlice<UInt8>) -> Bool {
    var quote: UInt8?
    var (isPart, last) = (false, UInt8(0))
    for byte in line {
      // Within "${…}" of a text another one may begin.
      if quote == 0x60, last == 0x24, byte == 0x7B { isPart = true }
      if isPart, byte == 0x60 { return true }
      if byte == 0x7D { isPart = false }
      quote = Self.quote(quote, byte)
      last = byte
      if byte == 0x5C || quote == nil && byte == 0x2F { return true }
    }
    return quote != nil
  }

  /// The quote that a text began with, behind one more sign; nil outside of texts.
  private static func quote(_ quote: UInt8?, _ byte: UInt8) -> UInt8? {
    if let quote { return byte == quote ? nil : quote }
    return "'\"`".utf8.contains(byte) ? byte : nil
  }

  /// What private names begin with: those of a script, and those of a style.
  static let (scriptMark, styleMark) = (Array("#".utf8), Array("--".utf8))

  /// A text with short names in the place of its private ones, which stand behind a mark (`#name`,
  /// `--name`): letters, in the order in which the names occur first.
  ///
  /// What stands right behind a quote is no name but a text, as the place that a link leads to.
  static func short(_ text: [UInt8], _ mark: [UInt8] = scriptMark) -> [UInt8] {
    var short: [UInt8] = []
    short.reserveCapacity(text.count)
    var names: [ArraySlice<UInt8>: [UInt8]] = [:]
    var at = text.startIndex
    while at < text.endIndex {
      let last = short.last
      guard text[at...].starts(with: mark), last.map({ !"'\"`".utf8.contains($0) }) ?? true else {
        short.append(text[at])
        at += 1
        continue
      }
      short += mark
      at += mark.count
      let name = text[at...].prefix {
        isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2D && mark == styleMark
      }
      guard let first = name.first, isLetter(first) else { continue }
      let letters = names[name] ?? letters(names.count)
      names[name] = letters
      short += letters
      at = name.endIndex
    }
    return short
  }

  /// A script with short names in the place of those that modules make (`made`): `$` and letters, in
  /// the order in which the names occur first.
  static func short(_ text: [UInt8], made: Set<[UInt8]>) -> [UInt8] {
    var short: [UInt8] = []
    short.reserveCapacity(text.count)
    var names: [[UInt8]: [UInt8]] = [:]
    var at = text.startIndex
    while at < text.endIndex {
      let word = Array(text[at...].prefix(while: isWord))
      guard !word.isEmpty else {
        short.append(text[at])
        at += 1
        continue
      }
      at += word.count
      guard made.contains(word) else {
        short += word
        continue
      }
      let name = names[word] ?? [0x24] + letters(names.count)
      names[word] = name
      short += name
    }
    return short
  }

  /// Whether a sign can stand in a name of a script.
  private static func isWord(_ byte: UInt8) -> Bool {
    isLetter(byte) || (0x30...0x39).contains(byte) || byte == 0x5F || byte == 0x24
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

  /// A number in letters: a to z and A to Z, then aa, ba, and so on.
  private static func letters(_ number: Int) -> [UInt8] {
    let all = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    let digit = all[number % all.count]
    return number < all.count ? [digit] : [digit] + letters(number / all.count - 1)
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
