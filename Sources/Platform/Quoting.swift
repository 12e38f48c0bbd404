/// Puts text in double quotes with control characters, quotes and backslashes escaped.
///
/// Paths and names may come from strangers; an escape sequence in one must not reach a terminal.
func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\t": result += "\\t"
    default:
      if isHarmless(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    }
  }
  return result + "\""
}

/// A word as a shell reads it back: for commands that people paste, in which names of strangers stand.
package func shellWord(_ text: String) -> String {
  let isPlain = text.utf8.allSatisfy { byte in
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "_/.,:@%+=-".utf8.contains(byte)
    }
  }
  if isPlain, !text.isEmpty { return text }
  // Scalar by scalar: a quote and an accent on it are one character, and the shell ends at the quote.
  var word = "'"
  for scalar in text.unicodeScalars {
    if scalar == "'" { word += "'\\''" } else { word.unicodeScalars.append(scalar) }
  }
  return word + "'"
}

/// What is typed for somebody or something of that name: the name where nothing else is called so and
/// it is taken for nothing else, otherwise `id:` and the first digits of its id.
package func typedName(_ name: String, id: String, isUnique: Bool) -> String {
  let taken = ["id:", "-", "@"].contains { name.utf8.starts(with: $0.utf8) }
  let isBlank = name.unicodeScalars.allSatisfy(\.properties.isWhitespace)
  guard isUnique, !taken, !isBlank, name.unicodeScalars.allSatisfy(isHarmless) else {
    return "id:" + id.prefix(8)
  }
  return name
}

/// Whether a scalar neither controls a terminal nor changes the direction of what follows it.
private func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
    return false
  default:
    return true
  }
}
