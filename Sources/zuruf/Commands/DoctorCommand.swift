import Control
import Terminal

/// `zuruf doctor`: finds out why computers do not see each other.
enum DoctorCommand {
  static let description = Command("doctor", "examine this computer and its network")
    .saying(
      "Looks at the discovery service, the network interfaces, the port, the clock, the seed "
        + "addresses and the disk, and says what to do. Ends with 1 where something failed.")

  static func run(_ session: Session) throws(Failure) {
    var client = try session.connect()
    let checks = try client.ask(DoctorCall()).checks
    let failed = checks.filter { $0.verdict == .failed }.count
    if session.json {
      for check in checks { try session.printLine("check", check) }
    } else {
      for check in checks { try session.print(text(check, session)) }
    }
    if failed > 0 {
      throw .refused(
        .refused, counted(failed, "examination", "examinations") + " failed", hints: [])
    }
  }

  private static func text(_ check: CheckInfo, _ session: Session) -> String {
    var table = Table()
    table.add([padded(check.verdict.rawValue, 7), padded(check.name, 10), check.finding])
    guard let advice = check.advice else { return table.text(indent: 0) }
    // The advice may be a command to copy: it is wrapped nowhere.
    table.add(["", "", "-> \(session.spelling.spelled(advice))"])
    return table.text(indent: 0)
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - displayWidth(text)))
  }
}
