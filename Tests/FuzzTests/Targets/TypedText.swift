import Control
import Platform
import Terminal

/// Keys on a terminal, times as people write them, and strangers' text on its way to a screen.
enum TypedText {
  static let target = FuzzTarget(
    name: "terminal", kind: .decoder,
    abstract: "whatever is typed or shown: no line grows too long, nothing acts on the terminal",
    reaches: ["Terminal", "Platform"], sizeMax: 512, seeds: { seeds() }, run: { try run($0) })

  private static func seeds() -> [[UInt8]] {
    let texts = [
      "Die Presse steht\n", "a\u{7f}b\u{15}c\u{17} \u{1b}[A\u{1b}OB\u{3}",
      "👩‍🔧 🏴\u{e0067}\u{e0062}\u{e007f}",
      "\u{202e}abc\u{2069} \u{feff}\u{200d}", "e\u{301} \u{0600} क्‍ष", "15m", "2026-11-23 14:20:11",
      "@1795443611123", "yesterday", "14:20", "a very long line that is to be broken somewhere",
      "\"\\ ' \t\r\n\u{9b}31m",
    ]
    return texts.indices.map { [UInt8($0)] + Array(texts[$0].utf8) }
  }

  static func run(_ input: [UInt8]) throws {
    guard let first = input.first else { return }
    let bytes = Array(input.dropFirst())
    try type(bytes, columns: Int(first))
    let text = String(decoding: bytes, as: UTF8.self)
    try show(text, columns: Int(first))
    _ = TimeInput(
      text, now: LocalTime(year: 2_026, month: 3, day: 1, hour: 0, minute: 0, second: 0))
    for seconds in [Int64.min, -1, 0, Int64(first) << 40, .max] { _ = age(seconds: seconds) }
  }

  private static func type(_ bytes: [UInt8], columns: Int) throws {
    let bytesMax = 40
    var whole = LineEditor(bytesMax: bytesMax)
    var parts = LineEditor(bytesMax: bytesMax)
    let actions = whole.take(bytes)
    let again = bytes.flatMap { parts.take([$0]) }
    try need(actions == again, "what is typed depends on how it arrives")
    for case .submitted(let line) in actions {
      try need(line.utf8.count <= bytesMax, "a line is longer than it may be")
    }
    let prompt = "> "
    let drawn = whole.drawn(prompt, columns: columns).dropFirst(LineEditor.erasing.count)
    try needHarmless(String(drawn), "a line that is typed")
  }

  private static func show(_ text: String, columns: Int) throws {
    let shown = escaped(text, .shown)
    try needHarmless(shown, "text that is shown in a line")
    try need(!shown.unicodeScalars.contains("\n"), "text that is shown in a line has two")
    let kept = escaped(text, .kept)
    try needHarmless(kept.replacing("\t", with: ""), "text that is shown as a block")
    try need(escaped(shown, .shown) == shown, "text that is safe to show is changed once more")
    let name = quoted(text)
    try needHarmless(name, "text in quotes")
    try need(name.utf8.first == 0x22 && name.utf8.last == 0x22, "quotes do not enclose a text")
    _ = brokenAtWords(kept, columns: columns)
    for line in wrapped(shown, columns: max(1, columns)) where line.contains(" ") {
      try need(displayWidth(line) <= max(1, columns), "a line is wider than the terminal")
    }
    try word(text)
    _ = typedName(text, id: "0123456789", isUnique: true)
  }

  /// A shell reads a word back as what it was made of: without quotes, or between them.
  private static func word(_ text: String) throws {
    let word = Array(shellWord(text).utf8)
    var read: [UInt8] = []
    var (isQuoted, isEscaped) = (false, false)
    for byte in word {
      if isEscaped {
        read.append(byte)
        isEscaped = false
      } else if byte == 0x27 {
        isQuoted.toggle()
      } else if byte == 0x5c, !isQuoted {
        isEscaped = true
      } else {
        let isPlain = isQuoted || byte > 0x20 && !Array("\"$&;|<>()`*?[]#~!{}".utf8).contains(byte)
        try need(isPlain, "a shell reads a sign of its own in a word")
        read.append(byte)
      }
    }
    try need(!isQuoted && !isEscaped && read == Array(text.utf8), "a shell reads another word")
  }
}
