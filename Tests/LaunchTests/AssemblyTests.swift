import Daemon
import Foundation
import Platform
import Terminal
import TestSupport
import Testing

@testable import Launch

/// What file, options and surroundings give together.
struct AssemblyTests {
  let folder = TemporaryDirectory()
  private static let command = NodeCommand.command(
    of: NodeProgram("zuruf-desk", "a node with a page", saying: []) {
      (_, _) throws(Fatal) in Companion {}
    })

  private func settings(
    _ line: String, file: String? = nil, user: UInt32 = 1000,
    environment: [String: String] = ["HOME": "/home/anna", "XDG_RUNTIME_DIR": "/run/user/1000"]
  ) throws -> Configuration {
    var words = line.split(separator: " ").map(String.init)
    if let file {
      let path = folder.path + "/zurufd.conf"
      try Data(file.utf8).write(to: URL(fileURLWithPath: path))
      words += ["--config", path]
    }
    guard case .run(let invocation) = try CommandParser.parse(words, for: Self.command)
    else { throw StartMistake("nothing to run", hints: []) }
    return try Assembly.configuration(
      invocation, environment: Environment(environment), user: user, hasPage: true)
  }

  private func mistake(_ line: String, file: String? = nil) -> String {
    do {
      _ = try settings(line, file: file)
      return ""
    } catch let mistake as StartMistake {
      return mistake.message
    } catch {
      return "another error: \(error)"
    }
  }

  @Test func `sudo before a node with a page is refused, where no places are named for it`() throws
  {
    func start(
      _ line: String, _ person: String?, user: UInt32 = 0, file: String? = nil
    ) -> StartMistake? {
      var environment = ["HOME": "/root"]
      environment["SUDO_USER"] = person
      do {
        _ = try settings(line, file: file, user: user, environment: environment)
        return nil
      } catch {
        return error as? StartMistake
      }
    }
    let refused = start("", "anna")
    #expect(
      refused?.message
        == "with sudo this is another node, of root, whose page no browser of anna may open")
    #expect(refused?.hints.first == "leave out sudo: zuruf-desk")
    #expect(refused?.hints.last?.contains("with --home and --socket, or in a file") == true)
    // A file that is named says it as well as an option does, where it does.
    let places = "home = /srv/z\nstate = /srv/s\nsocket = /srv/z/control\n"
    #expect(start("", "anna", file: places) == nil)
    let silent = start("", "anna", file: "port = 4711\n")
    #expect(silent?.message == refused?.message)
    #expect(silent?.hints.last?.contains("as \"home\" and \"socket\" in \"/") == true)
    #expect(start("--home /srv/z", "anna", file: "port = 4711\n") == nil)
    #expect(start("--page-port 5", "an\u{1B}na")?.message.contains("\u{1B}") == false)
    #expect(start("", nil) == nil && start("", "root") == nil)
    #expect(start("", "anna", user: 1000) == nil)
    #expect(start("--home /srv/z --state /srv/s --socket /srv/z/control", "anna") == nil)
  }

  @Test func `a user's node lies where XDG says`() throws {
    let settings = try settings("")
    #expect(settings.home == "/home/anna/.local/share/zuruf")
    #expect(settings.stateDirectory == "/home/anna/.local/state/zuruf")
    #expect(settings.socket == "/run/user/1000/zuruf/control")
    #expect(settings.socketGroup == nil)
    #expect(settings.ticketFile == nil)
  }

  @Test func `root and the system service lie where a service does`() throws {
    let service = ["RUNTIME_DIRECTORY": "/run/zuruf"]
    for settings in [
      try settings("--no-discovery", user: 0),
      try settings("--no-discovery", user: 998, environment: service),
    ] {
      #expect(settings.home == "/var/lib/zuruf")
      #expect(settings.stateDirectory == "/var/lib/zuruf/state")
      #expect(settings.socket == "/run/zuruf/control")
      #expect(settings.ticketFile == "/etc/zuruf/ticket")
      #expect(!settings.usesDiscovery)
    }
  }

  @Test func `a runtime directory of a user's service manager makes no system service`() {
    let environment = Environment(["RUNTIME_DIRECTORY": "/run/user/1000/zuruf"])
    #expect(!Places.isSystemService(environment))
  }

  @Test func `an option wins over the file`() throws {
    let file = "home = /srv/file\nport = 5000\nseed = 10.0.0.1\nseed = 10.0.0.2\nstate = /srv/state"
    let plain = try settings("", file: file)
    #expect(plain.home == "/srv/file")
    #expect(plain.port == 5000)
    #expect(plain.seeds == ["10.0.0.1", "10.0.0.2"])
    let chosen = try settings("--home /srv/option --port 6000 --seed 10.0.0.3", file: file)
    #expect(chosen.home == "/srv/option")
    #expect(chosen.stateDirectory == "/srv/state")
    #expect(chosen.port == 6000)
    #expect(chosen.seeds == ["10.0.0.3"])
    let page = try settings("--page-port 6001", file: "page-port = 6000")
    #expect(page.pagePort == 6001)
  }

  @Test func `a service looks for the ticket that was named, not for the one of its place`() throws
  {
    let named = try settings("", file: "ticket-file = /srv/a", user: 0)
    #expect(named.ticketFile == "/srv/a")
    let chosen = try settings("--ticket-file /srv/b", file: "ticket-file = /srv/a", user: 0)
    #expect(chosen.ticketFile == "/srv/b")
  }

  @Test func `a node without a page knows the setting of its port, but no option for it`() throws {
    let command = NodeCommand.command(of: NodeProgram("zurufd", "a node", saying: [], page: nil))
    guard case .run(let invocation) = try CommandParser.parse(["--port", "5000"], for: command)
    else { throw StartMistake("nothing to run", hints: []) }
    let settings = try Assembly.configuration(
      invocation, environment: Environment(["HOME": "/home/anna"]), user: 0, hasPage: false)
    #expect(settings.port == 5000)
    #expect(throws: UsageMistake.self) {
      try CommandParser.parse(["--page-port", "5000"], for: command)
    }
  }

  @Test func `an unknown key is named with its line`() {
    let text = mistake("", file: "# fine\nport = 5000\nsead = 10.0.0.1\n")
    #expect(text.contains("line 3"))
    #expect(text.contains("sead"))
    #expect(text.contains("zurufd.conf"))
  }

  @Test func `a configuration file that was named must be there`() {
    #expect(
      mistake("--config /nowhere/zurufd.conf")
        == "cannot read \"/nowhere/zurufd.conf\": no such file or directory (ENOENT)")
  }

  @Test func `a seed that is no address is refused`() {
    #expect(
      mistake("--seed 10.0.0.1:70000")
        == "option \"--seed\": \"70000\" is no port; a port is a number from 1 to 65535")
  }

  @Test func `an empty path is refused`() {
    #expect(mistake("--home=") == "option \"--home\" is empty")
  }
}
