import TestSupport
import Testing

import struct Foundation.Data

@testable import Terminal

/// What strangers' text may and may not do to a terminal.
struct EscapingTests {
  /// One string of a public list.
  struct Line: Decodable, Sendable, CustomTestStringConvertible {
    let id: String
    let base64: String
    var testDescription: String { id }
    /// Some lines of the list are cut within a character; they are read with the usual repair.
    var text: String? {
      Data(base64Encoded: base64).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  /// One emoji that is a single character to its reader.
  struct Emoji: Decodable, Sendable, CustomTestStringConvertible {
    let id: String
    let text: String
    var testDescription: String { id }
  }

  struct Spoof: Decodable, Sendable, CustomTestStringConvertible {
    let id: String
    let kinds: [String]
    let base64: String
    var testDescription: String { id }
    var text: String { Line(id: id, base64: base64).text ?? "" }
  }

  struct File<Case: Decodable>: Decodable {
    let cases: [Case]
  }

  static func load<Case: Decodable>(_ name: String) -> [Case] {
    (try? SharedVectors.load(name, as: File<Case>.self))?.cases ?? []
  }

  static let naughty: [Line] = load("naughty_strings")
  static let spoofs: [Spoof] = load("unicode_spoof_lines")
  static let emoji: [Emoji] = load("emoji_zwj")

  /// What no escaped text may hold, told apart from the code under test by numbers alone.
  static func isDangerous(_ value: UInt32) -> Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x61C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F,
      0xFEFF:
      true
    default: value & 0xFFFE == 0xFFFE
    }
  }

  @Test(
    .enabled(if: SharedVectors.has("naughty_strings"), Comment(rawValue: SharedVectors.absence)))
  func `the public lists are there`() {
    #expect(Self.naughty.count > 300)
    #expect(Self.spoofs.count > 30)
    #expect(Self.emoji.count > 50)
  }

  @Test(
    .enabled(if: SharedVectors.has("naughty_strings"), "\(SharedVectors.absence)"),
    arguments: naughty)
  func `a naughty string shows nothing dangerous and loses nothing`(line: Line) throws {
    let text = try #require(line.text)
    let shown = escaped(text, .shown)
    #expect(!shown.unicodeScalars.contains { Self.isDangerous($0.value) })
    if !text.unicodeScalars.contains(where: { $0.properties.isDefaultIgnorableCodePoint }),
      !text.unicodeScalars.contains(where: { Self.isDangerous($0.value) })
    {
      #expect(Array(shown.utf8) == Array(text.utf8))
    }
  }

  @Test(
    .enabled(if: SharedVectors.has("unicode_spoof_lines"), "\(SharedVectors.absence)"),
    arguments: spoofs)
  func `a line that deceives by what is invisible shows it`(line: Spoof) {
    let shown = escaped(line.text, .shown)
    #expect(!shown.unicodeScalars.contains { Self.isDangerous($0.value) })
    if line.kinds.contains("bidi") || line.kinds.contains("invisible") {
      #expect(shown.contains("\\u{"))
    }
  }

  @Test(.enabled(if: SharedVectors.has("unicode_confusables"), "\(SharedVectors.absence)"))
  func `of names that look alike, one that hides something shows it`() {
    let all = LookAlike.all
    #expect(all.count > 500)
    var hiding = 0
    for each in all {
      let shown = escaped(each.char, .shown)
      #expect(!shown.unicodeScalars.contains { Self.isDangerous($0.value) }, "\(each.id)")
      // What is seen stays as its writer spelled it: which letters look alike is nobody's rule.
      let seen = each.char.unicodeScalars.filter { !Self.isDangerous($0.value) }
      #expect(seen.allSatisfy { shown.unicodeScalars.contains($0) }, "\(each.id)")
      guard seen.count < each.char.unicodeScalars.count else { continue }
      hiding += 1
      #expect(shown.contains("\\u{") && shown != escaped(each.original, .shown), "\(each.id)")
    }
    #expect(hiding > 20)
  }

  @Test(.enabled(if: SharedVectors.has("path_traversal"), "\(SharedVectors.absence)"))
  func `a path from a stranger stays one line, as it was written`() {
    let all = ForeignPath.all
    #expect(all.count > 400)
    for each in all {
      let text = String(decoding: each.bytes, as: UTF8.self)
      let shown = escaped(text, .shown)
      #expect(!shown.unicodeScalars.contains { Self.isDangerous($0.value) }, "\(each.id)")
      if !text.unicodeScalars.contains(where: { Self.isDangerous($0.value) }) {
        #expect(Array(shown.utf8) == each.bytes, "\(each.id)")
      }
    }
  }

  @Test(.enabled(if: SharedVectors.has("emoji_zwj"), "\(SharedVectors.absence)"), arguments: emoji)
  func `an emoji of several parts stays whole`(emoji: Emoji) {
    #expect(Array(escaped(emoji.text, .shown).utf8) == Array(emoji.text.utf8))
    #expect(displayWidth(emoji.text) == 2)
  }

  @Test(arguments: [
    ("\u{1B}[2Jhi", "\\u{1b}[2Jhi"),
    ("a\nb\tc", "a\\u{a}b\\u{9}c"),
    ("\r\n", "\\u{d}\\u{a}"),
    ("a\u{0}b\u{7F}\u{9B}31m", "a\\u{0}b\\u{7f}\\u{9b}31m"),
    ("abc\u{202E}fed", "abc\\u{202e}fed"),
    ("\u{2067}x\u{2069}\u{200F}\u{61C}", "\\u{2067}x\\u{2069}\\u{200f}\\u{61c}"),
    ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
    ("An\u{200B}na", "An\\u{200b}na"),
    ("An\u{200D}na", "An\\u{200d}na"),
    ("An\u{AD}na\u{34F}\u{3164}", "An\\u{ad}na\\u{34f}\\u{3164}"),
    ("\u{E0041}\u{E007F}", "\\u{e0041}\\u{e007f}"),
    ("1\u{FE0F}", "1\\u{fe0f}"),
    ("\u{FEFF}x\u{FFFE}", "\\u{feff}x\\u{fffe}"),
    ("👩\u{200D}\u{200D}🔧", "👩\\u{200d}\\u{200d}🔧"),
    ("👩\u{200D}x", "👩\\u{200d}x"),
    ("\u{E007F}\u{200D}🔧", "\\u{e007f}\\u{200d}🔧"),
  ])
  func `what acts or hides is made visible`(text: String, shown: String) {
    #expect(Array(escaped(text, .shown).utf8) == Array(shown.utf8))
  }

  @Test(arguments: [
    "Grüße aus Köln – 5 €", "e\u{301}", "日本語", "한국어", "עברית", "العربية",
    // Persian and Hindi are spelled with joiners.
    "می\u{200C}خواهم", "क्\u{200D}ष", "1\u{FE0F}\u{20E3}", "❤\u{FE0F}", "葛\u{E0100}",
    // The flag of Scotland is a black flag with five tags.
    "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}", "👍🏽", "🇩🇪", "C:\\temp",
  ])
  func `what people write stays as it is`(text: String) {
    #expect(Array(escaped(text, .shown).utf8) == Array(text.utf8))
  }

  @Test func `line feeds and tabs stay in a block and nothing else does`() {
    #expect(escaped("a\n\tb\r\n\u{1B}c", .kept) == "a\n\tb\\u{d}\n\\u{1b}c")
  }

  @Test(arguments: [
    ("Anna", "\"Anna\""), ("An\"na", "\"An\\\"na\""), ("a\\", "\"a\\\\\""),
    ("\n", "\"\\u{a}\""), ("\\u{a}", "\"\\\\u{a}\""),
  ])
  func `nobody ends a quotation or fakes an escape`(text: String, shown: String) {
    #expect(quoted(text) == shown)
  }

  @Test func `the voice says one sentence a line`() {
    let voice = Voice(program: "zuruf")
    #expect(
      voice.error("no node answers at \(quoted("anna.local"))", hints: ["is the daemon running?"])
        == """
        zuruf: error: no node answers at "anna.local"
        zuruf: hint: is the daemon running?

        """)
  }
}
