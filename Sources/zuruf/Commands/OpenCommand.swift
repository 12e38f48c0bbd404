import Control
import Platform
import Terminal

/// `zuruf open`: lets a browser in to the page of the own node.
enum OpenCommand {
  static let description = Command("open", "open the page in a browser")
    .saying(
      "The browser gets a link that lets it in once; from then on it stays in until the node is "
        + "started anew. Nobody else on this computer can use the page."
    )
    .saying(
      "Where Zuruf was installed as a package, a node that is not running is started, now and "
        + "at every login."
    )
    .options(.flag("print", nil, "print the link instead: it works once, for two minutes"))
    .example("zuruf open", "open the page")
    .example("firefox $(zuruf open --print)", "open it in a certain browser")

  static func run(_ session: Session) throws(Failure) {
    let link = try link(session)
    warn(of: link.burnt ?? [], session)
    // A program asks for the link, not for a window.
    if session.json { return try session.printLine("link", link) }
    let world = session.world
    let hasScreen = ["DISPLAY", "WAYLAND_DISPLAY"].contains { !(world.variable($0) ?? "").isEmpty }
    guard !session.invocation.has("print"), hasScreen else {
      try session.print(shown(link.link) + "\n")
      // Where a program reads the link nobody needs to be told.
      if world.outputIsTerminal {
        let why = hasScreen ? "" : "there is no screen here to show a browser on; "
        session.note("\(why)open it on this computer only: it works once, for two minutes")
      }
      return
    }
    if let fault = world.launch("xdg-open", [link.link]) {
      throw .refused(
        .refused, "cannot start a browser: \(fault.text)",
        hints: ["open the link that \"\(session.spelling.spelled("zuruf open --print"))\" prints"])
    }
    session.note("the page opens in your browser; if it does not: zuruf open --print")
  }

  /// Says at which addresses somebody else may show what looks like the page.
  private static func warn(of ports: [UInt16], _ session: Session) {
    guard !ports.isEmpty else { return }
    let places = ports.map { "127.0.0.1:\($0)" }.joined(separator: ", ")
    session.note(
      "another account of this computer has the address \(places), for its own Zuruf as a rule; your page "
        + "is at another one. Should a tab or bookmark of yours lead there: close it, delete it, and "
        + "trust nothing that it shows")
  }

  private static func link(_ session: Session) throws(Failure) -> PageLink {
    let paths = session.ownSockets
    do throws(ControlFault) {
      return try ask(paths)
    } catch {
      let fault = Installed.fault(error, paths, session.world)
      guard case .noNode = fault else { throw .control(fault) }
      if session.world.personBehindRoot != nil { throw .control(.noNode(paths)) }
      let reason = noPage(session, at: paths)
      guard reason.isNoNode, !session.namesSocket, Installed.hasPage(session.world) else {
        throw reason.failure
      }
    }
    try Installed.startPage(session)
    do throws(ControlFault) {
      return try ask(paths)
    } catch {
      throw .control(error)
    }
  }

  private static func ask(_ paths: [String]) throws(ControlFault) -> PageLink {
    try PageLink.ask(paths: paths.map { ControlSocketPath.page(beside: $0) })
  }

  /// Tells a node without a page from no node at all.
  private static func noPage(
    _ session: Session, at paths: [String]
  ) -> (failure: Failure, isNoNode: Bool) {
    let place = paths.first.map { " at \(quoted($0))" } ?? ""
    let home: String
    do throws(ControlFault) {
      var client = try ControlClient.connect(paths: paths)
      home = try client.call(StatusCall()).home
    } catch {
      guard case .noNode = error else { return (.control(error), false) }
      let failure = Failure.refused(
        .noNode, "no node is running\(place)",
        hints: [
          "start one with its page in another terminal: "
            + session.world.starting("zuruf-desk", paths, home: nil)
        ])
      return (failure, true)
    }
    let failure = Failure.refused(
      .noNode, "the node that is running serves no page",
      hints: [
        "stop it, and start it with its page instead: "
          + session.world.starting("zuruf-desk", paths, home: home)
      ])
    return (failure, false)
  }
}
