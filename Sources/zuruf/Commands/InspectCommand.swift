import Control
import Terminal

/// `zuruf inspect`: goes on as zuruf-inspect, which lies beside this program.
enum InspectCommand {
  static let description = Command("inspect", "look into logs and prove them whole (zuruf-inspect)")
    .passingOn()

  static func run(_ session: Session) throws(Failure) {
    let words = (session.json ? ["--json"] : []) + home(session) + session.invocation.passedOn
    let fault = session.world.become("zuruf-inspect", words)
    throw .refused(
      .refused, "cannot run \"zuruf-inspect\": \(fault.text)",
      hints: ["it belongs beside the program \"zuruf\""])
  }

  /// Where the node that this program speaks to keeps its data, as an option, unless the person
  /// said where to look; nothing where no node answers, for logs can be looked into without one.
  private static func home(_ session: Session) -> [String] {
    let isSaid = session.invocation.passedOn.contains { $0 == "--home" || $0.hasPrefix("--home=") }
    guard !isSaid, var client = try? session.connect(),
      let status = try? client.ask(StatusCall())
    else { return [] }
    return ["--home", status.home]
  }
}
