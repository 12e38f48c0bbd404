import Storage
import Terminal

/// `zuruf-inspect verify`: proves the logs whole or says exactly what is wrong where.
enum VerifyCommand {
  static let description = Command(
    "verify", "prove every chain, hash, signature, body and right, or say what is wrong where"
  )
  .saying(
    "Everything stored is read once, hashed, its signatures checked on all processors, and "
      + "admitted anew by the rules the node keeps. Beside a running node the last bytes may be "
      + "noted as being written."
  )
  .example("zuruf-inspect verify --home /var/lib/zuruf", "prove the logs of the service")

  /// Every so many milliseconds a person hears how far it is.
  private static let pause: Int64 = 200

  static func run(_ session: Session) throws(Failure) {
    let look = try Look(try session.home())
    let world = session.world
    var next = world.now() + pause
    var hasSpoken = false
    let outcome = try Verification(
      look: look, processors: world.processors,
      progress: { entries in
        guard world.isWatched, world.now() >= next else { return }
        next = world.now() + pause
        hasSpoken = true
        world.complain("\r\(counted(entries, "entry", "entries"))")
      }
    ).run()
    if hasSpoken { world.complain("\r\u{1b}[K") }
    show(outcome, look, session)
    if !outcome.isWhole { throw .wrong }
  }

  private static func show(
    _ outcome: Verification.Outcome, _ look: Look, _ session: Session
  ) {
    if let fault = look.membershipFault { session.note(escaped(fault.description, .shown)) }
    for finding in outcome.findings {
      if session.json { session.print(finding.json) } else { session.print(finding.line) }
    }
    let wrong = outcome.findings.count { $0.weight == .wrong }
    if session.json {
      session.print(
        .object([
          ("type", .text("verified")), ("whole", .flag(outcome.isWhole)), ("wrong", .number(wrong)),
          ("notes", .number(outcome.findings.count - wrong)), ("groups", .number(outcome.groups)),
          ("feeds", .number(outcome.feeds)), ("entries", .number(outcome.entries)),
          ("signatures", .number(outcome.signatures)),
        ]))
      return
    }
    let held =
      [
        counted(outcome.groups, "group", "groups"), counted(outcome.feeds, "feed", "feeds"),
        counted(outcome.entries, "entry", "entries"),
        counted(outcome.signatures, "signature", "signatures"),
      ].joined(separator: ", ")
    session.print(
      outcome.isWhole
        ? "whole: \(held): every chain, hash, signature, body and right holds\n"
        : "not whole: \(counted(wrong, "finding", "findings")) in \(held)\n")
  }
}
