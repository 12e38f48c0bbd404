/// Where the node's socket is: for the node that opens it, and for programs that look for it.
package enum ControlSocketPath {
  /// The socket of the service that runs for the whole computer.
  package static let system = "/run/zuruf/control"

  /// The socket of a user's own node.
  package static func user(runtimeDirectory: String?, user: UInt32) -> String {
    let directory = runtimeDirectory.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/run/user/\(user)"
    return directory + "/zuruf/control"
  }

  /// The socket beside a node's own at which its user gets links to its page.
  package static func page(beside socket: String) -> String { socket + "-page" }

  /// The one path that was asked for, or else the paths to try, the first that exists first. Who has a
  /// node of their own means no other one: the system's speaks for somebody else.
  package static func candidates(
    option: String?, variable: String?, runtimeDirectory: String?, user: UInt32,
    hasOwnNode: Bool = false
  ) -> [String] {
    if let option { return [option] }
    if let variable, !variable.isEmpty { return [variable] }
    let own = self.user(runtimeDirectory: runtimeDirectory, user: user)
    return hasOwnNode ? [own] : [own, system]
  }
}
