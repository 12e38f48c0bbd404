/// What becomes of line feeds and tabs in a stranger's text.
package enum LineBreaks: Sendable {
  /// They stay: the text is shown as a block.
  case kept
  /// They are made visible: the text is shown within a line.
  case shown
}

/// A stranger's text, made safe for a terminal: what acts on the terminal, or hides, or turns the
/// direction of what stands beside it, is made visible as `\u{…}`. All else stays as it is.
///
/// Joiners, variation selectors and tags stay where writing needs them: within emoji, and in
/// scripts that are written with them. Anywhere else they tell two texts apart that look alike.
package func escaped(_ text: String, _ breaks: LineBreaks) -> String {
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
  let scalars = Array(text.unicodeScalars)
  var result = String.UnicodeScalarView()
  var index = 0
  while index < scalars.count {
    let scalar = scalars[index]
    if let end = flagTagsEnd(scalars, from: index) {
      result.append(contentsOf: scalars[index..<end])
      index = end
      continue
    }
    // As it is shown: beside what was made visible nothing is joined.
    let before = result.last
    let after = index + 1 < scalars.count ? scalars[index + 1] : nil
    let isBreak = scalar == "\n" || scalar == "\t"
    if isBreak ? breaks == .kept : isHarmless(scalar, after: before, before: after) {
      result.append(scalar)
    } else {
      result.append(contentsOf: visible(scalar).unicodeScalars)
    }
    index += 1
  }
  return String(result)
}

/// A stranger's text within a sentence: escaped, with double quotes around it. Quotes and
/// backslashes in it get a backslash, so that nobody can end the quotation or fake an escape.
package func quoted(_ text: String) -> String {
  var inner = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    if scalar == "\"" || scalar == "\\" { inner.append("\\") }
    inner.append(scalar)
  }
  return "\"" + escaped(String(inner), .shown) + "\""
}

/// The number of a scalar in the way in which Swift and Rust write it.
private func visible(_ scalar: Unicode.Scalar) -> String {
  "\\u{" + String(scalar.value, radix: 16) + "}"
}

private func isHarmless(
  _ scalar: Unicode.Scalar, after: Unicode.Scalar?, before: Unicode.Scalar?
) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F..<0xA0: false
  case 0x20..<0x7F: true
  case 0x2028, 0x2029: false  // line and paragraph separator
  case 0xFFF9...0xFFFB: false  // interlinear annotation
  case 0xFDD0...0xFDEF: false
  case 0x200C: after.map(isOfJoiningScript) ?? false
  case 0x200D: isJoinerInPlace(after: after, before: before)
  case 0xFE0E, 0xFE0F: isEmojiStyleInPlace(after: after, before: before)
  case 0xFE00...0xFE0D, 0xE0100...0xE01EF: after.map(takesVariation) ?? false
  case 0x180B...0x180D, 0x180F: after.map { (0x1800...0x18AF).contains($0.value) } ?? false
  default: !scalar.properties.isDefaultIgnorableCodePoint && scalar.value & 0xFFFE != 0xFFFE
  }
}

/// Where a flag of a region, spelled in tags and ended by a cancel tag, ends; nil if none begins.
private func flagTagsEnd(_ scalars: [Unicode.Scalar], from start: Int) -> Int? {
  // The longest registered region has five tags; a few more do no harm.
  let tagsMax = 8
  guard scalars[start].value == 0x1F3F4 else { return nil }
  var index = start + 1
  while index < scalars.count, index - start <= tagsMax,
    (0xE0020...0xE007E).contains(scalars[index].value)
  {
    index += 1
  }
  guard index > start + 1, index < scalars.count, scalars[index].value == 0xE007F else {
    return nil
  }
  return index + 1
}

private func isJoinerInPlace(after: Unicode.Scalar?, before: Unicode.Scalar?) -> Bool {
  guard let after else { return false }
  if isOfJoiningScript(after) { return true }
  guard let before, before.value > 0x7F, before.properties.isEmoji else { return false }
  return after.value == 0xFE0F || after.value == 0xE007F
    || (after.value > 0x7F && after.properties.isEmoji)
}

/// The selectors for text and emoji style follow an emoji; after a digit only in a keycap.
private func isEmojiStyleInPlace(after: Unicode.Scalar?, before: Unicode.Scalar?) -> Bool {
  guard let after, after.properties.isEmoji else { return false }
  return after.value > 0x7F || before?.value == 0x20E3
}

/// Ideographs and mathematical symbols have registered variations.
private func takesVariation(_ scalar: Unicode.Scalar) -> Bool {
  scalar.properties.isIdeographic || scalar.properties.generalCategory == .mathSymbol
}

/// Scripts whose spelling needs joiners: Arabic to Sinhala, Myanmar, Khmer and Mongolian.
private func isOfJoiningScript(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x0620...0x0DFF, 0x1000...0x109F, 0x1780...0x17B3, 0x17B6...0x17FF, 0x1820...0x18AF,
    0x1A20...0x1AAF, 0x1B00...0x1CFF, 0xA840...0xA97F, 0xA980...0xA9FF, 0xFB50...0xFDCF,
    0xFDF0...0xFDFF, 0xFE70...0xFEFC, 0x11000...0x11FFF:
    true
  default: false
  }
}
