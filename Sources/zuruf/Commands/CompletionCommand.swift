import Terminal

/// `zuruf completion`: prints a script that completes commands in a shell.
enum CompletionCommand {
  static let description = Command(
    "completion", "print a script that completes commands in a shell"
  )
  .taking(Operand("SHELL", .one, "the shell: bash, zsh or fish"))
  .example("source <(zuruf completion bash)", "complete in this terminal")
  .example("zuruf completion fish | source", "the same in fish")

  static func run(_ session: Session) throws(Failure) {
    let program = CommandLineProgram.description
    switch session.invocation.text("SHELL") ?? "" {
    case "bash": try session.printAsIs(BashCompletion.script(for: program))
    case "zsh": try session.printAsIs(ZshCompletion.script(for: program))
    case "fish": try session.printAsIs(FishCompletion.script(for: program))
    case let other:
      throw .usage(
        UsageMistake(
          "there is no completion for \(quoted(other))",
          hints: ["there is one for bash, zsh and fish"]))
    }
  }
}
