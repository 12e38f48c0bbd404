/// One option of a command, such as `-n, --lines N`.
package struct CommandOption: Equatable, Sendable {
  /// What follows the option.
  package enum Value: Equatable, Sendable {
    case none
    case text(String)
    case number(String, ClosedRange<Int>)
    case choice([String])
    /// The name of a file, which a shell can complete.
    case file(String)
  }

  /// Without the dashes.
  package let long: String
  package let short: Character?
  package let value: Value
  /// One line for the help, in lower case, without a full stop.
  package let abstract: String
  /// Whether it may be given more than once.
  package private(set) var repeats = false

  /// An option that is there or not.
  package static func flag(_ long: String, _ short: Character?, _ abstract: String) -> Self {
    Self(long: long, short: short, value: .none, abstract: abstract)
  }

  /// An option with a text.
  package static func text(
    _ long: String, _ short: Character?, _ placeholder: String, _ abstract: String
  ) -> Self {
    Self(long: long, short: short, value: .text(placeholder), abstract: abstract)
  }

  /// An option with a whole number.
  package static func number(
    _ long: String, _ short: Character?, _ placeholder: String, _ range: ClosedRange<Int>,
    _ abstract: String
  ) -> Self {
    Self(long: long, short: short, value: .number(placeholder, range), abstract: abstract)
  }

  /// An option with one of a few words.
  package static func choice(
    _ long: String, _ short: Character?, _ words: [String], _ abstract: String
  ) -> Self {
    Self(long: long, short: short, value: .choice(words), abstract: abstract)
  }

  /// An option with the name of a file.
  package static func file(
    _ long: String, _ short: Character?, _ placeholder: String, _ abstract: String
  ) -> Self {
    Self(long: long, short: short, value: .file(placeholder), abstract: abstract)
  }

  private init(long: String, short: Character?, value: Value, abstract: String) {
    self.long = long
    self.short = short
    self.value = value
    self.abstract = abstract
  }

  /// The same option, allowed more than once.
  package var repeated: Self {
    var copy = self
    copy.repeats = true
    return copy
  }

  /// What stands for the value in the help; nil for a flag.
  var placeholder: String? {
    switch value {
    case .none: nil
    case .text(let placeholder), .number(let placeholder, _), .file(let placeholder): placeholder
    case .choice(let words): words.joined(separator: "|")
    }
  }

  /// How the help names it: `-n, --lines N`.
  var spelling: String {
    let names = short.map { "-\($0), --\(long)" } ?? "    --\(long)"
    return placeholder.map { "\(names) \($0)" } ?? names
  }
}
