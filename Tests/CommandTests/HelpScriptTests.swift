import Control
import Platform
import Terminal
import Testing

@testable import zuruf

/// What the program says of itself, and where it looks.
struct HelpScriptTests {
  @Test func `the help of every command fits into eighty columns`() {
    func pages(_ command: Command, _ path: [String]) -> [String] {
      [HelpPage.text(of: path, in: CommandLineProgram.description) ?? ""]
        + command.verbs.flatMap { pages($0, path + [$0.name]) }
    }
    for page in pages(CommandLineProgram.description, []) {
      #expect(!page.isEmpty)
      for line in page.split(separator: "\n") { #expect(displayWidth(String(line)) <= 80) }
    }
  }

  @Test func `the help of a mistyped command is guessed`() throws {
    let near = try CommandRun(["help", "sned"]).run()
    #expect(near.exit == 2)
    #expect(near.errors.hasSuffix("hint: did you mean \"send\"?\n"))
    #expect(
      try CommandRun(["help", "gruop", "ad"]).run().errors
        .hasSuffix("hint: did you mean \"group add\"?\n"))
    #expect(
      try CommandRun(["help", "xyzzy"]).run().errors
        .hasSuffix("hint: \"zuruf help\" lists the commands there are\n"))
  }

  @Test func `what is wider than the terminal breaks at words, and for programs it does not`()
    throws
  {
    var narrow = CommandRun(["delivery", "3"])
    (narrow.errorIsTerminal, narrow.columns) = (true, 30)
    narrow.replies = [
      .error(ControlError(.refused, "somebody of the office must be on for that", hint: nil))
    ]
    let run = try narrow.run()
    #expect(run.errors == "zuruf: error: somebody of the\n  office must be on for that\n")
    narrow.errorIsTerminal = false
    #expect(
      try narrow.run().errors == "zuruf: error: somebody of the office must be on for that\n")
  }

  @Test func `every command has help, and the program a version`() throws {
    for command in CommandLineProgram.description.verbs where !command.passesOn {
      let run = try CommandRun([command.name, "--help"]).run()
      #expect(run.exit == 0)
      #expect(run.output.hasPrefix("zuruf \(command.name) - "))
    }
    #expect(try CommandRun(["--version"]).run().output == "zuruf 0.1.0\n")
  }

  @Test func `inspect looks where the node keeps its data, and elsewhere where none answers`()
    throws
  {
    let status = Samples.status(.ready, peers: [], recovery: .none, degraded: [])
    let asked = try CommandRun(["inspect", "verify"]).answering(.result(.status(status))).run()
    #expect(
      asked.errors.hasPrefix(
        "zuruf: error: cannot run \"zuruf-inspect\": zuruf-inspect --home "
          + "/home/anna/.local/share/zuruf verify\n"))
    var run = CommandRun(["inspect", "verify"])
    run.nodeRuns = false
    #expect(
      try run.run().errors.hasPrefix(
        "zuruf: error: cannot run \"zuruf-inspect\": zuruf-inspect verify\n"))
  }

  @Test func `root is nobody's name`() {
    let account = Account.current()
    let name = account.defaultName(on: "lab-1")
    #expect(name == (account.user == 0 ? "lab-1" : account.fullName ?? account.name))
  }
}
