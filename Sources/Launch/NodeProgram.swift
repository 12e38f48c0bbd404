import Control
package import Daemon
import Platform
import Terminal

/// A program that runs a node, from its command line to its exit code.
package struct NodeProgram {
  private static let usage: Int32 = 2

  let name: String
  let abstract: String
  /// What its help says beyond what it says of every node.
  let paragraphs: [String]
  /// Serves a page beside the node; nil for a node without one.
  let page: PageStart?
  private let environment = Environment.current()
  private let user = Account.current().user

  /// Starts what serves the page; it is told the settings and the node's socket.
  package typealias PageStart = (Configuration, String) throws(Fatal) -> Companion

  /// A program of that name; the abstract is one line for its help.
  package init(_ name: String, _ abstract: String, saying paragraphs: [String], page: PageStart?) {
    (self.name, self.abstract, self.paragraphs, self.page) = (name, abstract, paragraphs, page)
  }

  private var voice: Voice { Voice(program: name) }

  /// Does what the command line asks for, and says with which code to exit.
  package func run(_ arguments: [[UInt8]]) -> Int32 {
    let command = NodeCommand.command(of: self)
    do {
      switch try CommandParser.parse(bytes: arguments, for: command) {
      case .help: return tell(HelpPage.text(of: [], in: command) ?? "")
      case .version: return tell("\(name) \(ControlVersion.product)\n")
      case .run(let invocation):
        if invocation.has("print-config") { return tell(ExampleFile.text) }
        let settings = try Assembly.configuration(
          invocation, environment: environment, user: user, hasPage: page != nil)
        guard let page else { return runDaemon(settings, environment, beside: nil) }
        return runDaemon(settings, environment) { (socket) throws(Fatal) in
          try page(settings, socket)
        }
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
