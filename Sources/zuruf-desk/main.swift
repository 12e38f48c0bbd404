import Daemon
import Desk
import Launch
import Platform

ProcessLimits.ignoreBrokenPipes()
let program = NodeProgram(
  "zuruf-desk", "the node of this device with its page, in the foreground",
  saying: [
    "The page is served to this user's browsers on this computer alone, at port 47480 or a next "
      + "one. \"zuruf open\" opens it."
  ]
) { (settings, socket) throws(Fatal) in
  guard let state = settings.stateDirectory else {
    throw Fatal(.usage, "there is no folder to remember ports in", hint: "zuruf-desk --state DIR")
  }
  let desk: DeskServer
  do throws(DeskServer.Fault) {
    desk = try DeskServer(
      DeskSettings(
        node: socket, state: state, port: settings.pagePort,
        patienceSeconds: settings.pageSeconds)
    ) {
      log(.error, "the system failed the page, which is served no more; the node goes on")
      log(.error, "hint: start the node anew")
    }
  } catch {
    error.lostPorts.forEach(warn)
    throw error.asFatal
  }
  desk.lostPorts.forEach(warn)
  if !desk.burntPorts.isEmpty {
    let ports = desk.burntPorts.map { "\($0)" }.joined(separator: ", ")
    log(.notice, "the page stays away from port \(ports), which another account has had")
  }
  let open = Places.command("open", socket: socket)
  log(.notice, "the page is at \(desk.address); open it with: \(open)")
  return Companion(stop: desk.stop)
}
Program.end(program.run(Program.arguments))

/// Says that a port is lost, and what that means to a person whose browser was there.
private func warn(ofLost port: UInt16) {
  log(
    .warning,
    "port \(port) is taken by another account of this computer, for its own Zuruf as a rule: the page of "
      + "this user stays away from it, for what is shown at 127.0.0.1:\(port) is that account's")
  log(.warning, "hint: close tabs and delete bookmarks of 127.0.0.1:\(port), then: zuruf open")
}

extension DeskServer.Fault {
  /// Ports that somebody else turned out to have, where none was left.
  var lostPorts: [UInt16] {
    if case .noPort(_, let lost) = self { lost } else { [] }
  }

  /// What the log says, and with which code the program ends.
  var asFatal: Fatal {
    switch self {
    case .noPort(let error, _):
      Fatal(
        .portUnavailable, error.description,
        hint: "another program has it; choose another: zuruf-desk --page-port N")
    case .burnt(let ports):
      Fatal(
        .portUnavailable,
        "somebody else has had port " + ports.map { "\($0)" }.joined(separator: ", ")
          + ", so that the page is never there again",
        hint: "choose another: zuruf-desk --page-port N")
    case .disk(let error): Fatal(Fatal.cause(of: error), error.description)
    case .memory(let text, let hint): Fatal(.dataDamaged, text, hint: hint)
    case .socket(let error):
      Fatal(.socketUnavailable, error.description, hint: Fatal.descriptorsHint(error))
    case .noOwners:
      Fatal(
        .bug, "the system does not tell whose a connection is, so that no page can be served",
        hint: "it needs the kernel's module tcp_diag, and a service AF_NETLINK")
    case .noServer: Fatal(.bug, "the server of the page does not start", hint: nil)
    }
  }
}
