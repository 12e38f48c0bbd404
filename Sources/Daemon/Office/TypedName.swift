import Control
import Format

/// The names that people, offices, groups and devices get here (C-18): what is refused would mean
/// something else where it is typed, or look like something else where it is read. Logs may hold any
/// name; this is what a node offers.
enum TypedName {
  /// What is called so.
  enum Kind {
    case person, office, group, device

    var words: String {
      switch self {
      case .person: "a person"
      case .office: "the office"
      case .group: "the group"
      case .device: "a device"
      }
    }
  }

  /// The name without the white space around it, and with one blank where there is more of it within.
  static func name(_ text: String, _ kind: Kind) throws(ControlError) -> Name {
    let name: Name
    do {
      name = try Name(trimmed(text))
    } catch {
      throw nameRefusal(error, "the name of \(kind.words)")
    }
    if TypedTitle.isBlank(name.text) {
      throw ControlError(
        .nameMalformed, "the name of \(kind.words) has nothing to see", hint: "give it a word")
    }
    if name.text.unicodeScalars.contains(where: isHidden) {
      throw ControlError(
        .nameMalformed,
        "the name of \(kind.words) has a character that cannot be seen, or turns the text around it",
        hint: "type it anew instead of pasting it")
    }
    // A title's beginning has words of its own.
    if kind != .group, let first = ["@", "id:"].first(where: { name.text.begins($0) }) {
      throw ControlError(
        .nameMalformed, "the name of \(kind.words) cannot begin with \(first)",
        hint: "what begins so is looked up as something else; begin it with a letter")
    }
    return name
  }

  private static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return text.isEmpty ? "" : " " }
    var kept = String.UnicodeScalarView()
    var spaces: [Unicode.Scalar] = []
    for scalar in scalars[first...last] {
      // A line end within is no blank, and is refused.
      if scalar.properties.isWhitespace, scalar.properties.generalCategory != .control {
        spaces.append(scalar)
        continue
      }
      kept.append(contentsOf: spaces.count > 1 ? [" "] : spaces)
      spaces = []
      kept.append(scalar)
    }
    return String(kept)
  }

  /// What has no looks or turns text around, but for what joins parts of one character: emoji and
  /// some scripts need it.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x200C, 0x200D, 0xFE00...0xFE0F: false
    default:
      scalar.properties.isDefaultIgnorableCodePoint
        || scalar.properties.generalCategory == .format
    }
  }
}
