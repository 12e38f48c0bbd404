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
