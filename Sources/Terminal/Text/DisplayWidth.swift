/// How many columns a text takes on a terminal, near enough to align a table.
package func displayWidth(_ text: String) -> Int {
  var width = 0
  for character in text { width += columns(of: character) }
  return width
}

private func columns(of character: Character) -> Int {
  guard let first = character.unicodeScalars.first else { return 0 }
  if first.value < 0x300 { return first.value < 0x20 ? 0 : 1 }
  if character.unicodeScalars.contains(where: { $0.value == 0xFE0F }) { return 2 }
  if first.properties.isEmojiPresentation || isWide(first.value) { return 2 }
  switch first.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format: return 0
  default: return 1
  }
}

/// The blocks that East Asian Width calls wide or full-width.
private func isWide(_ value: UInt32) -> Bool {
  switch value {
  case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
    0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
    0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x1FA70...0x1FAFF,
    0x20000...0x3FFFD:
    true
  default: false
  }
}

/// Breaks a paragraph into lines of at most `columns` columns; a longer word has its own line.
package func wrapped(_ paragraph: String, columns: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in paragraph.split(separator: " ") {
    if line.isEmpty {
      line = String(word)
    } else if displayWidth(line) + 1 + displayWidth(String(word)) <= columns {
      line += " " + word
    } else {
      lines.append(line)
      line = String(word)
    }
  }
  return line.isEmpty ? lines : lines + [line]
}

/// Breaks the lines of a text that are wider than `columns` at words; what follows is indented like the
/// line it belongs to and two columns more. A word is never broken, for it may be pasted.
package func brokenAtWords(_ text: String, columns: Int) -> String {
  // In so narrow a window nothing is left beside the indent.
  guard columns >= 20 else { return text }
  return text.split(separator: "\n", omittingEmptySubsequences: false)
    .map { brokenAtWords(line: $0, columns: columns) }.joined(separator: "\n")
}

private func brokenAtWords(line: Substring, columns: Int) -> String {
  guard displayWidth(String(line)) > columns else { return String(line) }
  let indent = min(line.prefix { $0 == " " }.count, columns / 2)
  let gap = String(repeating: " ", count: indent + 2)
  var (done, last, width) = ("", "", 0)
  for piece in pieces(of: line) {
    let wide = displayWidth(piece.word)
    if !last.isEmpty, width + piece.space + wide > columns {
      done += last + "\n"
      last = gap + piece.word
      width = gap.count + wide
    } else {
      last += String(repeating: " ", count: piece.space) + piece.word
      width += piece.space + wide
    }
  }
  return done + last
}

/// The words of a line, each with the blanks before it; blanks at the end are a word without letters.
private func pieces(of line: Substring) -> [(space: Int, word: String)] {
  var pieces: [(space: Int, word: String)] = []
  var (space, word) = (0, "")
  for character in line {
    if character != " " {
      word.append(character)
    } else {
      if !word.isEmpty {
        pieces.append((space, word))
        (space, word) = (0, "")
      }
      space += 1
    }
  }
  pieces.append((space, word))
  return pieces
}
