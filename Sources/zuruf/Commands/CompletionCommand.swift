import Terminal

/// `zuruf completion`: prints a script that completes commands in a shell.
enum CompletionCommand {
  static let description = Command(
    "completion", "print a script that completes commands in a shell"
  )
  .taking(Operand("SHELL", .one, "the shell: bash"))
  .example("source <(zuruf completion bash)", "complete in this terminal")

  static func run(_ session: Session) throws(Failure) {
    let shell = session.invocation.text("SHELL") ?? ""
    guard shell == "bash" else {
      throw .usage(
        UsageMistake("there is no completion for \(quoted(shell))", hints: ["it is bash"]))
    }
    try session.print(BashCompletion.script(for: CommandLineProgram.description))
  }
}
