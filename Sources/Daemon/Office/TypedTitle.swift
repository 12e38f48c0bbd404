import Control
import Format

/// Which titles can be typed as a TO: those that mean nothing else there (C-15).
enum TypedTitle {
  /// Why a group is not called so here; nil where it can be typed. Logs may hold any title.
  static func refusal(_ title: Name) -> ControlError? {
    let text = title.text
    guard let beginning = taken.first(where: { text.begins($0.text) }) else {
      return isBlank(text)
        ? ControlError(
          .nameMalformed, "a title of blanks alone cannot be typed", hint: "give it a word")
        : nil
    }
    return ControlError(
      .nameMalformed,
      "\"\(text)\" cannot be a title: what begins with \(beginning.text) is \(beginning.meaning)",
      hint: "begin it with a letter")
  }

  /// What a text means that begins so, before anybody looks for a title.
  private static let taken = [
    (text: "@", meaning: "a person"), (text: "-", meaning: "an option"),
    (text: "id:", meaning: "a number"),
  ]

  /// Whether a text has no looks.
  static func isBlank(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy {
      $0.properties.isWhitespace || $0.properties.isDefaultIgnorableCodePoint
    }
  }
}
