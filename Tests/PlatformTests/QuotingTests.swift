import Platform
import Testing

/// Names of strangers in commands that people paste.
@Suite struct QuotingTests {
  private let digits = "0123456789abcdef"

  /// The words that a shell makes of a text in which nothing stands but quotes and text.
  private func words(_ text: String) -> [String] {
    var words: [[UInt8]] = [[]]
    var (isQuoted, isEscaped) = (false, false)
    for byte in text.utf8 {
      switch byte {
      case _ where isEscaped:
        words[words.count - 1].append(byte)
        isEscaped = false
      case UInt8(ascii: "'"): isQuoted.toggle()
      case UInt8(ascii: "\\") where !isQuoted: isEscaped = true
      case UInt8(ascii: " ") where !isQuoted: words.append([])
      default: words[words.count - 1].append(byte)
      }
    }
    return words.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(arguments: [
    "", "Ben Vogel", "O'Neill", "'", "''", "a'\u{301}; reboot #", "'\u{fe0f}$(id)'\u{200d}'",
    "`id`", "a\\", "\"", "ä",
  ])
  func `whatever a name holds, a shell reads it back as one word`(_ name: String) {
    #expect(
      words("x \(shellWord(name)) y").map { Array($0.utf8) }
        == ["x", name, "y"].map { Array($0.utf8) })
  }

  @Test(arguments: ["-n", "@Ben", "id:abcd", "id:\u{301}", " ", "", "a\u{202e}b", "\u{200b}"])
  func `what is taken for something else, or has no looks, is typed by its id`(_ name: String) {
    #expect(typedName(name, id: digits, isUnique: true) == "id:01234567")
  }

  @Test func `a name is typed as it is where nobody else has it`() {
    #expect(typedName("Ben Vogel", id: digits, isUnique: true) == "Ben Vogel")
    #expect(typedName("Ben Vogel", id: digits, isUnique: false) == "id:01234567")
    #expect(typedName("identisch", id: digits, isUnique: true) == "identisch")
  }
}
