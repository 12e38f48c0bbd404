/// How a program speaks on standard error: its name, a word, one sentence in lower case.
///
/// Sentences end without a full stop. Data in them stands in double quotes, made by `quoted`.
package struct Voice: Sendable {
  package let program: String

  /// The voice of a program.
  package init(program: String) {
    self.program = program
  }

  /// What went wrong.
  package func error(_ sentence: String) -> String { line("error", sentence) }

  /// What to do next.
  package func hint(_ sentence: String) -> String { line("hint", sentence) }

  /// What a person should know although all went well.
  package func warning(_ sentence: String) -> String { line("warning", sentence) }

  /// An error with all its hints.
  package func error(_ sentence: String, hints: [String]) -> String {
    error(sentence) + hints.map { hint($0) }.joined()
  }

  private func line(_ word: String, _ sentence: String) -> String {
    "\(program): \(word): \(sentence)\n"
  }
}
