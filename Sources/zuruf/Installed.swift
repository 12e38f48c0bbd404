import Control
import Terminal

/// What the packages put on this computer, and how a node of it is started.
enum Installed {
  /// Where the packages put programs.
  private static let folder = "/usr/bin/"
  /// The words after "systemctl" that run a user's node with its page, now and at every login.
  private static let service = ["--user", "enable", "--now", "zuruf"]

  /// Whether a package installed a node with a page, which the user's service manager runs.
  static func hasPage(_ world: World) -> Bool {
    world.beside("zuruf-desk") == folder + "zuruf-desk"
  }

  /// Where a person's node is installed, the system's, which is another one, is not meant: that it is
  /// closed to this account says that the own one does not run.
  static func fault(_ fault: ControlFault, _ paths: [String], _ world: World) -> ControlFault {
    guard case .denied(let path) = fault, hasPage(world), paths.count > 1, let last = paths.last,
      path.begins(last)
    else { return fault }
    return .noNode(paths)
  }

  /// The command that starts a node that a package installed; nil where none did.
  static func hint(_ world: World) -> String? {
    if hasPage(world) {
      return "start it, now and at every login: zuruf open; or without its page: systemctl "
        + service.joined(separator: " ")
    }
    guard world.beside("zurufd") == folder + "zurufd" else { return nil }
    if world.hasOwnNode {
      return
        "your node came with the package \"zuruf\", which is here no more: install it again; what is "
        + "stored here stays"
    }
    return "start it, now and at every boot: sudo systemctl enable --now zurufd"
  }

  /// Starts the user's node; returns when it answers.
  static func startPage(_ session: Session) throws(Failure) {
    let words = ["--quiet"] + service
    if let fault = session.world.run("systemctl", words) {
      throw .refused(
        .noNode, "no node is running, and none can be started: \(fault.text)",
        hints: [
          "log in to this account itself, not from another one; "
            + "or start it in another terminal: zuruf-desk"
        ])
    }
    session.note("your node was not running: it runs now, and from now on whenever you log in")
  }
}
