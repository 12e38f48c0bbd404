internal import Glibc

/// The environment variables a process was started with.
package struct Environment: Sendable {
  private let variables: [String: String]

  /// Variables made up by a test.
  package init(_ variables: [String: String]) { self.variables = variables }

  /// This process's own, as they are now.
  package static func current() -> Environment {
    var variables: [String: String] = [:]
    // Nobody in this process changes the environment, so the block stays as it is while we read.
    var next = unsafe environ
    while let line = unsafe next.pointee {
      let text = unsafe String(cString: line)
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      // The first of two equal names is the one getenv finds.
      if parts.count == 2, variables[String(parts[0])] == nil {
        variables[String(parts[0])] = String(parts[1])
      }
      unsafe next += 1
    }
    return Environment(variables)
  }

  /// The value of a variable, or nil where it is not set.
  package subscript(name: String) -> String? { variables[name] }

  /// The home directory: `HOME`, or what the system's list of users says.
  package var home: String? { absolute("HOME") ?? Account.current().home }

  /// Where programs keep what matters: `XDG_DATA_HOME`, or `~/.local/share`.
  package var dataHome: String? { absolute("XDG_DATA_HOME") ?? home.map { $0 + "/.local/share" } }

  /// Where programs keep what can be lost: `XDG_STATE_HOME`, or `~/.local/state`.
  package var stateHome: String? { absolute("XDG_STATE_HOME") ?? home.map { $0 + "/.local/state" } }

  /// Where programs look for settings: `XDG_CONFIG_HOME`, or `~/.config`.
  package var configHome: String? { absolute("XDG_CONFIG_HOME") ?? home.map { $0 + "/.config" } }

  /// Where sockets of this login lie: `XDG_RUNTIME_DIR`; it has no default.
  package var runtimeDirectory: String? { absolute("XDG_RUNTIME_DIR") }

  /// The XDG rules say to ignore a path that is not absolute.
  private func absolute(_ name: String) -> String? {
    guard let value = variables[name], value.utf8.first == 0x2f else { return nil }
    return value
  }
}
