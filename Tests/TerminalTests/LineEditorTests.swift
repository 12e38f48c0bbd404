import Testing

@testable import Terminal

/// What a person types, key by key.
struct LineEditorTests {
  static func typed(_ text: String) -> ([LineEditor.Action], String) {
    var editor = LineEditor(bytesMax: 32)
    // Every byte comes alone, as over a slow line.
    let actions = text.utf8.flatMap { editor.take([$0]) }
    return (actions, editor.drawn("> ", columns: 80))
  }

  @Test(arguments: [
    ("abc", "abc"), ("abc\u{7F}\u{8}", "a"), ("\u{7F}", ""), ("abc\u{15}d", "d"),
    ("ab cd  \u{17}e", "ab e"), ("Grüße 👩‍🔧\u{7F}!", "Grüße !"),
    // Arrows, Alt and function keys are passed over.
    ("a\u{1B}[Db\u{1B}OPc\u{1B}xd\u{1B}[1;5Ce", "abcde"), ("a\tb\u{1}", "ab"),
    ("x\u{4}", "x"), (String(repeating: "y", count: 40), String(repeating: "y", count: 32)),
  ])
  func `the line is what was typed`(keys: String, line: String) {
    let (actions, drawn) = Self.typed(keys)
    #expect(actions.isEmpty)
    #expect(drawn == "\r\u{1B}[K> \(line)")
  }

  @Test func `return hands the line over and begins another`() {
    let (actions, drawn) = Self.typed("eins\rzwei\n\ndrei")
    #expect(actions == [.submitted("eins"), .submitted("zwei"), .submitted("")])
    #expect(drawn == "\r\u{1B}[K> drei")
  }

  @Test(arguments: ["\u{3}", "abc\u{3}", "\u{4}", "abc\u{15}\u{4}"])
  func `the conversation is ended by keys`(keys: String) {
    #expect(Self.typed(keys).0 == [.ended])
  }

  @Test func `bytes that are no text are passed over`() {
    var editor = LineEditor(bytesMax: 32)
    #expect(editor.take([0xFF, 0x61, 0xC3, 0x28, 0x62, 0xE2, 0x82, 0xAC]).isEmpty)
    #expect(editor.drawn("", columns: 80) == "\r\u{1B}[Ka(b€")
  }

  @Test func `of a line too long for the terminal its end is shown`() {
    var editor = LineEditor(bytesMax: 32)
    _ = editor.take(Array("0123456789日本".utf8))
    #expect(editor.drawn("> ", columns: 10) == "\r\u{1B}[K> 789日本")
    #expect(editor.drawn("> ", columns: 0) == "\r\u{1B}[K> ")
  }

  @Test func `what acts on a terminal is shown, not done, while it is typed`() {
    var editor = LineEditor(bytesMax: 32)
    _ = editor.take(Array("a\u{202E}b".utf8))
    #expect(editor.drawn("", columns: 80) == "\r\u{1B}[Ka\\u{202e}b")
  }
}
