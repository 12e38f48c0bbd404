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
  let desk: DeskServer
  do throws(DeskServer.Fault) {
    desk = try DeskServer(
      DeskSettings(
        node: socket, port: settings.pagePort, patienceSeconds: settings.pageSeconds))
  } catch {
    throw error.asFatal
  }
  log(.notice, "the page is at \(desk.address); open it with: zuruf open")
  return Companion(stop: desk.stop)
}
Program.end(program.run(Program.arguments))

extension DeskServer.Fault {
  /// What the log says, and with which code the program ends.
  var asFatal: Fatal {
    switch self {
    case .noPort(let error):
      Fatal(
        .portUnavailable, error.description,
        hint: "another program has it; choose another: zuruf-desk --page-port N")
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
