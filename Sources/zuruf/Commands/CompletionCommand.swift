import Terminal

/// `zuruf completion`: prints a script that completes commands in a shell.
enum CompletionCommand {
  static let description = Command(
    "completion", "print a script that completes commands in a shell"
  )
  .taking(
    Operand("SHELL", .one, "the shell: bash, zsh or fish", choices: ["bash", "zsh", "fish"])
  )
  .example("source <(zuruf completion bash)", "complete in this terminal")
  .example("zuruf completion fish | source", "the same in fish")

  static func run(_ session: Session) throws(Failure) {
    let program = CommandLineProgram.description
    switch session.invocation.text("SHELL") ?? "" {
    case "bash": try session.printAsIs(BashCompletion.script(for: program))
    case "zsh": try session.printAsIs(ZshCompletion.script(for: program))
    // The command line takes no other word.
    default: try session.printAsIs(FishCompletion.script(for: program))
    }
  }
}
