import Control
import Platform
import Terminal

/// Why a command ends without having done what it was asked for.
enum Failure: Error {
  case usage(UsageMistake)
  case control(ControlFault)
  case refused(ExitCode, String, hints: [String])
  /// Nobody reads standard output any more: no error, but a reason to stop.
  case outputClosed

  /// What is said about it, in words and for programs.
  func report(_ world: World) -> Report {
    switch self {
    case .usage(let mistake):
      Report(
        name: "usage", message: mistake.message, hints: mistake.hints, candidates: [],
        exit: .usage)
    case .control(let fault): fault.report(world)
    case .refused(let code, let message, let hints):
      Report(
        name: code == .noNode ? ErrorName.noNode.rawValue : ErrorName.refused.rawValue,
        message: message, hints: hints, candidates: [], exit: code)
    case .outputClosed:
      Report(name: "closed", message: "", hints: [], candidates: [], exit: .done)
    }
  }
}

/// One error as `--json` prints it and as a person reads it.
struct Report: Encodable {
  let name: String
  let message: String
  let hints: [String]
  let candidates: [Candidate]
  let exit: ExitCode

  private enum CodingKeys: String, CodingKey {
    case name, message, hints, candidates, exit
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(message, forKey: .message)
    try container.encode(hints, forKey: .hints)
    try container.encode(candidates, forKey: .candidates)
    try container.encode(exit.rawValue, forKey: .exit)
  }

  /// The lines for a person.
  func text(_ voice: Voice, _ spelling: Spelling) -> String {
    let named = candidates.map { candidate in
      "it may be \(typed(candidate.text))"
        + (candidate.detail.map { " (\(escaped($0, .shown)))" } ?? "")
    }
    return voice.error(message, hints: named + hints.map { spelling.spelled($0) })
  }
}

extension World {
  /// The command that starts a node: among the sources Tools/start, as in the README, with the folder
  /// of which it made the socket; else the program, with where its node's things are known to lie.
  func starting(_ name: String, _ sockets: [String], home: String?) -> String {
    guard let path = beside(name) else { return name }
    let program = escaped(path, .shown)
    let said = sockets.count == 1 ? sockets.first.map { escaped($0, .shown) } : nil
    guard let build = program.firstRange(of: "/.build/") else {
      let folder = program.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        .joined(separator: "/")
      let isFound = (variable("PATH") ?? "").split(separator: ":").contains { $0 == folder }
      return shellWord(isFound ? name : program) + places(home, said)
    }
    let tool = shellWord(program[..<build.lowerBound] + "/Tools/start")
    guard let said, said.hasSuffix("/control"), !said.hasSuffix("/zuruf/control") else {
      return tool
    }
    return tool + " --home " + shellWord(String(said.dropLast("/control".count)))
  }

  /// The options that lead to the same node again, where its socket was said.
  private func places(_ home: String?, _ socket: String?) -> String {
    guard let socket, !socket.hasSuffix("/zuruf/control") else { return "" }
    return (home.map { " --home \(shellWord(escaped($0, .shown)))" } ?? " --home DIR")
      + " --socket \(shellWord(socket))"
  }
}

extension World {
  /// Where this user's own node has its socket when nothing else is said.
  fileprivate var ownSocket: String {
    ControlSocketPath.user(runtimeDirectory: variable("XDG_RUNTIME_DIR"), user: user)
  }
}

extension ControlFault {
  fileprivate func report(_ world: World) -> Report {
    switch self {
    case .noNode(let paths):
      // The user's own place is looked for; any other one was named.
      let isOwn = paths.count == 1 && paths.allSatisfy { $0 == world.ownSocket }
      if let person = world.personBehindRoot, paths.contains(world.ownSocket) {
        return Report(
          name: "no-node", message: "no node of root is running",
          hints: ["the node of \(shown(person)) is: leave out sudo"], candidates: [], exit: .noNode)
      }
      let path = paths.first.map { " at \(quoted($0))" } ?? ""
      let start =
        (paths.count > 1 || isOwn ? Installed.hint(world) : nil)
        ?? world.beside("zurufd").map { _ in
          "start one in another terminal: \(world.starting("zurufd", paths, home: nil))"
        }
        ?? "start zurufd in another terminal, or Tools/start where the sources are"
      // Whoever means the computer's node says so: what is sent by it is not said by this person.
      let other =
        isOwn && world.exists(ControlSocketPath.system)
        ? [
          "the node of the whole computer is another one: zuruf --socket "
            + ControlSocketPath.system
        ] : []
      return Report(
        name: "no-node",
        message: isOwn ? "your node is not running" : "no node is running\(path)",
        hints: [start] + other, candidates: [], exit: .noNode)
    case .denied(let path):
      let own = path == ControlSocketPath.system && Installed.hasPage(world)
      return Report(
        name: "connection", message: "this account may not use \(quoted(path))",
        hints: (own ? ["for a node of your own: zuruf open"] : [])
          + [
            "for a system service: sudo zuruf, or for good \"sudo adduser NAME zuruf\", then log in "
              + "again"
          ],
        candidates: [], exit: .notAllowed)
    case .stranger(let path):
      return Report(
        name: "connection", message: "the node at \(quoted(path)) is another user's",
        hints: ["a page opens only for the user whose node it is"], candidates: [],
        exit: .notAllowed)
    case .connection(let text):
      return Report(name: "connection", message: text, hints: [], candidates: [], exit: .refused)
    case .ended:
      return Report(
        name: "connection", message: "the node ended before it answered",
        hints: ["\"zuruf\" says whether it runs again"], candidates: [], exit: .noNode)
    case .misunderstood:
      return Report(
        name: "connection", message: "the node's answer was not understood",
        hints: ["zuruf and zurufd may be of different versions"], candidates: [], exit: .refused)
    case .refused(let error):
      return Report(
        name: error.name.rawValue, message: escaped(error.message, .shown),
        hints: error.hint.map { [escaped($0, .shown)] } ?? [], candidates: error.candidates,
        exit: ExitCode(rawValue: error.name.exitCode) ?? .refused)
    }
  }
}
