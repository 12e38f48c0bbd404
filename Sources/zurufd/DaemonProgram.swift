import Control
import Daemon
import Platform
import Terminal

/// The program from its command line to its exit code.
struct DaemonProgram {
  private static let usage: Int32 = 2

  let environment: Environment
  let user: UInt32
  private let voice = Voice(program: "zurufd")

  /// Does what the command line asks for, and says with which code to exit.
  func run(_ arguments: [[UInt8]]) -> Int32 {
    do {
      switch try CommandParser.parse(bytes: arguments, for: DaemonCommand.program) {
      case .help: return tell(HelpPage.text(of: [], in: DaemonCommand.program) ?? "")
      case .version: return tell("zurufd \(ControlVersion.product)\n")
      case .run(let invocation):
        if invocation.has("print-config") { return tell(ExampleFile.text) }
        let settings = try Assembly.configuration(
          invocation, environment: environment, user: user)
        return runDaemon(settings, environment)
      }
    } catch let mistake as UsageMistake {
      return refuse(mistake.message, hints: mistake.hints)
    } catch let mistake as StartMistake {
      return refuse(mistake.message, hints: mistake.hints)
    } catch {
      preconditionFailure("a start ends in a mistake of one of two kinds, not in \(error)")
    }
  }

  private func tell(_ text: String) -> Int32 {
    switch StandardStream.output.write(text) {
    case .written, .closed: return 0
    case .failed(let error):
      say(voice.error("cannot write to standard output: \(error)"))
      return 1
    }
  }

  private func refuse(_ message: String, hints: [String]) -> Int32 {
    say(voice.error(message, hints: hints))
    return Self.usage
  }

  /// Writes to standard error; the journal reads the level from the front of a line.
  private func say(_ lines: String) {
    let isJournal = environment["JOURNAL_STREAM"] != nil
    for line in lines.split(separator: "\n") {
      _ = StandardStream.error.write((isJournal ? "<3>" : "") + line + "\n")
    }
  }
}
