/// Reads a command line against the description of a program's commands.
package struct CommandParser {
  private let program: Command
  private let arguments: [String]
  private var at = 0
  /// The commands entered so far, the program first.
  private var entered: [Command]
  private var values: [String: [String]] = [:]
  private var operands: [String] = []
  private var optionsEnded = false
  private var special: CommandOutcome?

  /// Reads the arguments after the program's own name.
  package static func parse(
    _ arguments: [String], for program: Command
  ) throws(UsageMistake) -> CommandOutcome {
    var parser = CommandParser(program: program, arguments: arguments)
    return try parser.run()
  }

  /// Reads the arguments as the system hands them over.
  package static func parse(
    bytes arguments: [[UInt8]], for program: Command
  ) throws(UsageMistake) -> CommandOutcome {
    var words: [String] = []
    for bytes in arguments {
      guard let word = String(validating: bytes, as: UTF8.self) else {
        throw UsageMistake(
          "\(quoted(String(decoding: bytes, as: UTF8.self))) is not UTF-8", hints: [])
      }
      words.append(word)
    }
    return try parse(words, for: program)
  }

  private init(program: Command, arguments: [String]) {
    self.program = program
    self.arguments = arguments
    entered = [program]
  }

  private var command: Command { entered[entered.count - 1] }
  private var path: [String] { entered.dropFirst().map(\.name) }
  private var spelledPath: String { entered.map(\.name).joined(separator: " ") }

  private mutating func run() throws(UsageMistake) -> CommandOutcome {
    while at < arguments.count, special == nil {
      if command.passesOn { return .run(invocation(passedOn: Array(arguments[at...]))) }
      let argument = arguments[at]
      at += 1
      if optionsEnded || argument == "-" || !argument.hasPrefix("-") {
        try takeWord(argument)
      } else if argument == "--" {
        optionsEnded = true
      } else if argument.hasPrefix("--") {
        try takeLong(argument.dropFirst(2))
      } else {
        try takeShort(argument.dropFirst())
      }
    }
    if let special { return special }
    while let name = command.defaultVerb, let verb = command.find([name]) { entered.append(verb) }
    try assignOperands()
    return .run(invocation(passedOn: []))
  }

  private func invocation(passedOn: [String]) -> Invocation {
    let names = entered.flatMap { $0.options.map(\.long) } + command.operands.map(\.name)
    return Invocation(path: path, values: values, declared: Set(names), passedOn: passedOn)
  }

  private mutating func takeWord(_ word: String) throws(UsageMistake) {
    guard !command.verbs.isEmpty, operands.isEmpty, !optionsEnded else {
      operands.append(word)
      return
    }
    if let verb = command.find([word]) {
      entered.append(verb)
      return
    }
    let names = command.verbs.map(\.name)
    let kind = entered.count == 1 ? "command" : "\"\(spelledPath)\""
    let message =
      entered.count == 1
      ? "there is no command \(quoted(word))" : "\(kind) has no verb \(quoted(word))"
    throw UsageMistake(
      message,
      hints: nearest(to: word, in: names).map { ["did you mean \"\($0)\"?"] }
        ?? ["it is one of \(names.joined(separator: ", "))"])
  }

  private mutating func takeLong(_ argument: Substring) throws(UsageMistake) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    if takeSpecial(name, short: nil) { return }
    guard let option = find({ $0.long == name }) else {
      let known = entered.flatMap { $0.options.map(\.long) } + ["help", "version"]
      throw unknown("--\(name)", nearest: nearest(to: name, in: known).map { "--\($0)" })
    }
    if parts.count == 2 {
      guard option.value != .none else {
        throw UsageMistake("option \"--\(name)\" takes no value", hints: [])
      }
      try set(option, String(parts[1]), as: "--\(name)")
    } else {
      try setFromNext(option, as: "--\(name)")
    }
  }

  /// Reads `-f`, `-n5`, `-n 5`, and several at once as in `-fn5`.
  private mutating func takeShort(_ letters: Substring) throws(UsageMistake) {
    var rest = letters
    while let letter = rest.popFirst() {
      if takeSpecial(nil, short: letter) { return }
      guard let option = find({ $0.short == letter }) else {
        throw unknown("-\(letter)", nearest: nil)
      }
      if option.value == .none {
        try set(option, "", as: "-\(letter)")
      } else if rest.isEmpty {
        try setFromNext(option, as: "-\(letter)")
      } else {
        try set(
          option, String(rest.first == "=" ? rest.dropFirst() : rest), as: "-\(letter)")
        return
      }
    }
  }

  private mutating func takeSpecial(_ long: String?, short: Character?) -> Bool {
    if long == "help" || short == "h", find({ $0.short == "h" && short == "h" }) == nil {
      special = .help(path: path)
    } else if long == "version" {
      special = .version
    }
    return special != nil
  }

  /// The option of this command, of one above it, or of the verb that is meant when none is given.
  private mutating func find(_ matches: (CommandOption) -> Bool) -> CommandOption? {
    for command in entered.reversed() {
      if let option = command.options.first(where: matches) { return option }
    }
    guard let name = command.defaultVerb, let verb = command.find([name]),
      let option = verb.options.first(where: matches)
    else { return nil }
    entered.append(verb)
    return option
  }

  private func unknown(_ spelling: String, nearest: String?) -> UsageMistake {
    var hints = [
      nearest.map { "did you mean \"\($0)\"?" }
        ?? "\"\(spelledPath) --help\" lists the options there are"
    ]
    if let last = command.operands.last, last.name.hasPrefix("TEXT") {
      hints.append("put \"--\" before a text that begins with a dash")
    }
    return UsageMistake("there is no option \(quoted(spelling))", hints: hints)
  }

  private mutating func setFromNext(
    _ option: CommandOption, as spelled: String
  ) throws(UsageMistake) {
    guard option.value != .none else {
      try set(option, "", as: spelled)
      return
    }
    guard at < arguments.count else {
      throw UsageMistake(
        "option \"\(spelled)\" needs a value",
        hints: ["write \"\(spelled) \(option.placeholder ?? "VALUE")\""])
    }
    at += 1
    try set(option, arguments[at - 1], as: spelled)
  }

  private mutating func set(
    _ option: CommandOption, _ value: String, as spelled: String
  ) throws(UsageMistake) {
    let name = "option \"\(spelled)\""
    switch option.value {
    case .number(_, let range):
      guard value.utf8.count <= 18, let number = Int(value), range.contains(number) else {
        throw UsageMistake(
          "\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound), "
            + "not \(quoted(value))", hints: [])
      }
    case .choice(let words):
      guard words.contains(value) else {
        throw UsageMistake(
          "\(name) does not know \(quoted(value))",
          hints: ["it is one of \(words.joined(separator: ", "))"])
      }
    case .none, .text, .file: break
    }
    if option.value != .none, !option.repeats, values[option.long] != nil {
      throw UsageMistake("\(name) is given twice", hints: [])
    }
    values[option.long, default: []].append(value)
  }

  private mutating func assignOperands() throws(UsageMistake) {
    var rest = operands[...]
    for operand in command.operands {
      switch operand.count {
      case .one, .optional:
        if let word = rest.popFirst() {
          guard operand.choices.isEmpty || operand.choices.contains(word) else {
            throw UsageMistake(
              "\(quoted(word)) is no \(operand.name)",
              hints: ["it is one of \(operand.choices.joined(separator: ", "))"])
          }
          values[operand.name] = [word]
        } else if operand.count == .one {
          throw missing(operand)
        }
      case .any, .atLeastOne:
        if operand.count == .atLeastOne, rest.isEmpty { throw missing(operand) }
        values[operand.name] = Array(rest)
        rest = []
      }
    }
    if let extra = rest.first {
      throw UsageMistake(
        "\"\(spelledPath)\" does not take \(quoted(extra))",
        hints: ["usage: \(HelpPage.usage(of: entered))"])
    }
  }

  private func missing(_ operand: Operand) -> UsageMistake {
    UsageMistake(
      "\"\(spelledPath)\" needs \(operand.name)",
      hints: ["usage: \(HelpPage.usage(of: entered))"])
  }
}
