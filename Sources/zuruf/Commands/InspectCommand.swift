import Terminal

/// `zuruf inspect`: goes on as zuruf-inspect, which lies beside this program.
enum InspectCommand {
  static let description = Command("inspect", "look into logs and prove them whole (zuruf-inspect)")
    .passingOn()

  static func run(_ session: Session) throws(Failure) {
    let fault = session.world.become("zuruf-inspect", session.invocation.passedOn)
    throw .refused(
      .refused, "cannot run \"zuruf-inspect\": \(fault.text)",
      hints: ["it belongs beside the program \"zuruf\""])
  }
}
