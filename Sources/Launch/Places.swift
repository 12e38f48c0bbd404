import Control
package import Platform

/// Where a node keeps its things when nothing is said.
package struct Places: Equatable {
  let home: String
  let state: String
  let socket: String
  let configuration: String
  /// A ticket that is looked for although nothing names it; a user's node has none.
  let ticket: String?

  /// The places of a service of the whole computer.
  static let system = Places(
    home: "/var/lib/zuruf", state: "/var/lib/zuruf/state", socket: ControlSocketPath.system,
    configuration: "/etc/zuruf/zurufd.conf", ticket: "/etc/zuruf/ticket")

  /// The places for this process; nil where the user has no home directory.
  static func standard(environment: Environment, user: UInt32) -> Places? {
    if user == 0 || isSystemService(environment) { return system }
    guard let data = environment.dataHome, let state = environment.stateHome,
      let configuration = environment.configHome
    else { return nil }
    return Places(
      home: data + "/zuruf", state: state + "/zuruf",
      socket: ControlSocketPath.user(runtimeDirectory: environment.runtimeDirectory, user: user),
      configuration: configuration + "/zuruf/zurufd.conf", ticket: nil)
  }

  /// A command of `zuruf` as it is typed for the node at a socket: one that is not looked for must be
  /// said.
  package static func command(
    _ verb: String, socket: String, environment: Environment = .current(),
    user: UInt32 = Account.current().user
  ) -> String {
    let known = ControlSocketPath.candidates(
      option: nil, variable: environment["ZURUF_SOCKET"],
      runtimeDirectory: environment.runtimeDirectory, user: user)
    return known.contains(socket) ? "zuruf \(verb)" : "zuruf --socket \(shellWord(socket)) \(verb)"
  }

  /// Whether the system's service manager made `/run/zuruf` for this process (`RuntimeDirectory=`);
  /// a user's own service manager would have made it below `/run/user`.
  static func isSystemService(_ environment: Environment) -> Bool {
    (environment["RUNTIME_DIRECTORY"] ?? "").split(separator: ":").contains("/run/zuruf")
  }
}
