/// What a command line asks for, in the terms in which the command was described.
package struct Invocation: Equatable, Sendable {
  /// The names of the command below the program's own: `["group", "add"]`.
  package let path: [String]
  /// The values of options by long name, of arguments by name; a flag has one empty value.
  private let values: [String: [String]]
  private let declared: Set<String>
  /// What goes to another program as it stands.
  package let passedOn: [String]

  init(
    path: [String], values: [String: [String]], declared: Set<String>, passedOn: [String]
  ) {
    self.path = path
    self.values = values
    self.declared = declared
    self.passedOn = passedOn
  }

  /// Whether a flag is there.
  package func has(_ name: String) -> Bool { !texts(name).isEmpty }

  /// The value of an option or argument; the last where several were given.
  package func text(_ name: String) -> String? { texts(name).last }

  /// All values of a repeated option or argument.
  package func texts(_ name: String) -> [String] {
    precondition(declared.contains(name), "the command does not know \"\(name)\"")
    return values[name] ?? []
  }

  /// What was given under a name, also where the command has nothing of that name.
  package func given(_ name: String) -> [String] { values[name] ?? [] }

  /// The value of an option with a number; parsing has checked its range.
  package func number(_ name: String) -> Int? { text(name).flatMap { Int($0) } }
}

/// What a program is to do about its command line.
package enum CommandOutcome: Equatable, Sendable {
  case run(Invocation)
  /// Print the help of the command with these names.
  case help(path: [String])
  case version
}

/// A command line that cannot be meant: exit code 2.
package struct UsageMistake: Error, Equatable, Sendable {
  package let message: String
  package let hints: [String]
  package init(_ message: String, hints: [String]) {
    self.message = message
    self.hints = hints
  }
}
