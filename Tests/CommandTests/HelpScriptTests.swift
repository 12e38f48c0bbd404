import Control
import Foundation
import Platform
import Terminal
import TestSupport
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

  @Test func `what a program asks inspect for is handed on`() throws {
    var run = CommandRun(["--json", "inspect", "verify"])
    run.nodeRuns = false
    #expect(try run.run().errors.contains("zuruf-inspect --json verify"))
  }

  @Test func `shells complete words, and the options of the verb that is meant`() throws {
    let script = try CommandRun(["completion", "bash"]).run().output
    func words(_ place: String) throws -> [Substring] {
      let arm = try #require(script.range(of: "    \"\(place)\")\n"))
      let line = try #require(script[arm.upperBound...].range(of: "words=\""))
      return script[line.upperBound...].prefix { $0 != "\"" }.split(separator: " ")
    }
    #expect(try words(" member rank").starts(with: ["owner", "admin", "member"]))
    #expect(try words(" completion").starts(with: ["bash", "zsh", "fish"]))
    #expect(try words(" ticket").contains("--all"))
    let verbs = CommandLineProgram.description.verbs.map(\.name)
    let helped = try words(" help").filter { !$0.hasPrefix("-") }.map(String.init)
    #expect(Set(helped) == Set(verbs).subtracting(["help"]))
  }

  @Test func `the README has forty lines, and each command in it can be typed`() throws {
    let text = try String(
      contentsOf: PackageRoot.url.appendingPathComponent("README.md"), encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count - 1 <= 40)
    var commands: [String] = []
    var isCode = false
    for line in lines {
      if line == "```" {
        isCode.toggle()
      } else if isCode {
        commands += (line.components(separatedBy: " #").first ?? "").components(separatedBy: "&&")
      } else {
        // What stands between two backticks.
        let parts = line.split(separator: "`", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() where index % 2 == 1 {
          commands += part.components(separatedBy: CharacterSet(charactersIn: ";()>"))
        }
      }
    }
    var count = 0
    for command in commands.map({ $0.trimmingCharacters(in: .whitespaces) })
    where command.hasPrefix("zuruf ") && !command.contains("──") {
      count += 1
      let words = command.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
        .flatMap { index, part in
          index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
        }
      #expect(throws: Never.self, "\(command)") {
        _ = try CommandParser.parse(
          bytes: words.dropFirst().map { Array($0.utf8) }, for: CommandLineProgram.description)
      }
    }
    #expect(count > 12)
  }

  @Test func `root is nobody's name`() {
    let account = Account.current()
    let name = account.defaultName(on: "lab-1")
    #expect(name == (account.user == 0 ? "lab-1" : account.fullName ?? account.name))
  }
}
