import Terminal

/// `zuruf help`: the help of a command, as `--help` after it prints it.
enum HelpCommand {
  static let description = Command("help", "show the help of a command")
    .taking(Operand("COMMAND", .any, "which one, such as \"group add\"", choices: names))

  /// What help is asked for most. Not out of the description of all commands, of which this one is a
  /// part.
  private static let names = [
    "send", "read", "chat", "open", "join", "admit", "status", "doctor", "office", "ticket",
    "group", "member", "device", "name", "delivery", "react", "stored", "inspect", "completion",
  ]

  static func run(_ session: Session) throws(Failure) {
    try printHelp(of: session.invocation.texts("COMMAND"), session.world)
  }

  static func printHelp(of path: [String], _ world: World) throws(Failure) {
    guard var page = HelpPage.text(of: path, in: CommandLineProgram.description) else {
      throw .usage(
        UsageMistake(
          "there is no command \(quoted(path.joined(separator: " ")))",
          hints: [
            HelpPage.nearest(to: path, in: CommandLineProgram.description).map {
              "did you mean \(quoted($0.joined(separator: " ")))?"
            } ?? "\"zuruf help\" lists the commands there are"
          ]))
    }
    if path.isEmpty {
      page += "\nExit codes:\n"
      for code in ExitCode.allCases { page += "  \(code.rawValue)  \(code.meaning)\n" }
    }
    guard world.write(Array(page.utf8)) else { throw .outputClosed }
  }
}
