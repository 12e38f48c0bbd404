import Testing

@testable import Terminal

/// Tables, wrapped text and times as they are printed.
struct LayoutTests {
  @Test func `columns line up whatever stands in them`() {
    var table = Table()
    table.add(["Anna", "owner", "here"])
    table.add(["日本", "member", ""])
    table.add(["👩\u{200D}🔧 Ben", "box", "x\ny"])
    #expect(
      table.text(indent: 2) == """
          Anna    owner   here
          日本    member
          👩\u{200D}🔧 Ben  box     x\\u{a}y

        """)
  }

  @Test func `an empty table prints nothing`() {
    #expect(Table().text(indent: 0).isEmpty)
    #expect(Table().isEmpty)
  }

  @Test(arguments: [
    ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("👍🏽", 2), ("🇩🇪", 2), ("❤\u{FE0F}", 2),
    ("", 0), ("ﾊ", 1), ("（", 2),
  ])
  func `the width of a text is known`(text: String, width: Int) {
    #expect(displayWidth(text) == width)
  }

  @Test func `a paragraph breaks between words`() {
    #expect(wrapped("one two three", columns: 7) == ["one two", "three"])
    #expect(wrapped("unbreakable x", columns: 4) == ["unbreakable", "x"])
    #expect(wrapped("  ", columns: 4) == [])
  }

  @Test func `a line that is wider than the terminal breaks at words, and goes on indented`() {
    func broken(_ text: String) -> String { brokenAtWords(text, columns: 20) }
    #expect(broken("one two\n  three\n") == "one two\n  three\n")
    #expect(
      broken("  hold the door open until ten\nx\n")
        == "  hold the door open\n    until ten\nx\n")
    // A word is one that may be pasted, and the columns of a table stay apart.
    #expect(
      broken("ticket zr1-ticket-aaaaaaaaaaaaaaaa b") == "ticket\n  zr1-ticket-aaaaaaaaaaaaaaaa\n  b"
    )
    #expect(broken("anna    pc-anna    linked now") == "anna    pc-anna\n  linked now")
    #expect(broken("does it show 012 345 too? [y/N] ") == "does it show 012 345\n  too? [y/N] ")
    #expect(
      brokenAtWords("one two three four five six", columns: 10) == "one two three four five six")
  }

  static let now = LocalTime(year: 2026, month: 3, day: 1, hour: 14, minute: 5, second: 9)

  @Test func `a time is as short as it stays clear`() {
    func short(_ year: Int, _ month: Int, _ day: Int) -> String {
      LocalTime(year: year, month: month, day: day, hour: 8, minute: 0, second: 0)
        .short(now: Self.now)
    }
    #expect(short(2026, 3, 1) == "08:00")
    #expect(short(2026, 2, 1) == "1 Feb 08:00")
    #expect(short(2025, 3, 1) == "2025-03-01 08:00")
    #expect(Self.now.full == "2026-03-01 14:05:09")
  }

  @Test(
    arguments: [
      (-3600, "ahead of this computer's clock"), (-2, "just now"), (0, "just now"),
      (59, "59 s ago"),
      (60, "1 min ago"), (3599, "59 min ago"), (3600, "1 h ago"), (86_400, "1 day ago"),
      (200_000, "2 days ago"),
    ] as [(Int64, String)])
  func `an age is told in its largest unit`(seconds: Int64, text: String) {
    #expect(age(seconds: seconds) == text)
  }

  @Test(
    arguments: [
      ("90s", .ago(seconds: 90)), ("15m", .ago(seconds: 900)), ("2w", .ago(seconds: 1_209_600)),
      ("14:20", .wall(wall(2026, 3, 1, 14, 20, 0))), ("today", .wall(wall(2026, 3, 1, 0, 0, 0))),
      ("yesterday", .wall(wall(2026, 2, 28, 0, 0, 0))),
      ("2024-02-29", .wall(wall(2024, 2, 29, 0, 0, 0))),
      ("2026-11-23 7:05:01", .wall(wall(2026, 11, 23, 7, 5, 1))),
      ("2026-11-23T07:05", .wall(wall(2026, 11, 23, 7, 5, 0))), ("@1500", .milliseconds(1500)),
    ] as [(String, TimeInput)])
  func `a typed time is understood`(text: String, input: TimeInput) {
    #expect(TimeInput(text, now: Self.now) == input)
  }

  static func wall(_ y: Int, _ mo: Int, _ d: Int, _ h: Int, _ mi: Int, _ s: Int) -> LocalTime {
    LocalTime(year: y, month: mo, day: d, hour: h, minute: mi, second: s)
  }

  @Test(arguments: [
    "", "5", "h", "24:00", "14:60", "14", "2026-02-29", "2026-13-01", "2026-00-01", "2026-1-0",
    "2026-11-23 ", "2026-11-23 99:00", "1111111111s", "-5m", "@", "@-1", "٣h", "tomorrow",
    "2026-11-23 07:05 x",
  ])
  func `what is no time is refused`(text: String) {
    #expect(TimeInput(text, now: Self.now) == nil)
  }
}
