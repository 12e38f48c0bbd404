/// One command of a program, and by its verbs all below it: what is parsed and what help says.
package struct Command: Sendable {
  package let name: String
  /// One line, in lower case, without a full stop.
  package let abstract: String
  package private(set) var paragraphs: [String] = []
  package private(set) var examples: [Example] = []
  package private(set) var operands: [Operand] = []
  package private(set) var options: [CommandOption] = []
  package private(set) var verbs: [Command] = []
  /// The verb that is meant when none is given.
  package private(set) var defaultVerb: String?
  /// Whether everything after it goes to another program as it stands.
  package private(set) var passesOn = false

  /// A command line worth showing, and what it does.
  package struct Example: Equatable, Sendable {
    package let line: String
    package let effect: String
  }

  /// A command that takes nothing yet.
  package init(_ name: String, _ abstract: String) {
    self.name = name
    self.abstract = abstract
  }

  /// Adds a paragraph to its help.
  package func saying(_ paragraph: String) -> Self {
    with { $0.paragraphs.append(paragraph) }
  }

  /// Adds an example to its help.
  package func example(_ line: String, _ effect: String) -> Self {
    with { $0.examples.append(Example(line: line, effect: effect)) }
  }

  /// Says which arguments it takes, in their order.
  package func taking(_ operands: Operand...) -> Self {
    let open = operands.dropLast().contains { $0.count != .one }
    precondition(!open, "only the last argument of \"\(name)\" may be left out or repeated")
    return with { $0.operands = operands }
  }

  /// Says which options it takes; those of a command hold for its verbs too.
  package func options(_ options: CommandOption...) -> Self { self.options(options) }

  /// The same, of options that several commands share.
  package func options(_ options: [CommandOption]) -> Self {
    with { $0.options = options }
  }

  /// Says which verbs it has, and which one is meant when none is given.
  package func verbs(_ verbs: [Command], otherwise: String?) -> Self {
    precondition(
      otherwise.map { word in verbs.contains { $0.name == word } } ?? true,
      "\"\(name)\" has no verb \"\(otherwise ?? "")\"")
    return with {
      $0.verbs = verbs
      $0.defaultVerb = otherwise
    }
  }

  /// Says that everything after it goes to another program.
  package func passingOn() -> Self {
    with { $0.passesOn = true }
  }

  /// The command below with these names; nil if there is none.
  package func find(_ path: [String]) -> Command? {
    var command = self
    for name in path {
      guard let verb = command.verbs.first(where: { $0.name == name }) else { return nil }
      command = verb
    }
    return command
  }

  private func with(_ change: (inout Command) -> Void) -> Self {
    var copy = self
    change(&copy)
    return copy
  }
}
