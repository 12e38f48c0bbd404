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
  .saying(
    "Where others were known to hold more of this device's own entries than the log does, or the "
      + "head lock in the state directory knows more, something was cut off."
  )
  .options(.file("state", nil, "DIR", "the state directory; otherwise the one beside the data"))
  .example("zuruf-inspect verify --home /var/lib/zuruf", "prove the logs of the service")

  /// Every so many milliseconds a person hears how far it is.
  private static let pause: Int64 = 200

  static func run(_ session: Session) throws(Failure) {
    let look = try Look(try session.home(), session.world)
    let world = session.world
    var next = world.now() + pause
    var hasSpoken = false
    let outcome = try Verification(
      look: look, states: try session.stateDirectories(), processors: world.processors,
      progress: { entries in
        guard world.isWatched, world.now() >= next else { return }
        next = world.now() + pause
        hasSpoken = true
        world.complain("\r\(counted(entries, "entry", "entries"))")
      }
    ).run()
    if hasSpoken { world.complain("\r\u{1b}[K") }
    show(outcome, session)
    if !outcome.isWhole { throw .wrong }
  }

  private static func show(
    _ outcome: Verification.Outcome, _ session: Session
  ) {
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
          ("signatures", .number(outcome.signatures)), ("unjudged", .number(outcome.unjudged)),
        ]))
      return
    }
    let held =
      [
        counted(outcome.groups, "group", "groups"), counted(outcome.feeds, "feed", "feeds"),
        counted(outcome.entries, "entry", "entries"),
        counted(outcome.signatures, "signature", "signatures"),
      ].joined(separator: ", ")
    guard outcome.isWhole else {
      return session.print("not whole: \(counted(wrong, "finding", "findings")) in \(held)\n")
    }
    session.print(
      outcome.unjudged == 0
        ? "whole: \(held): every chain, hash, signature, body and right holds\n"
        : "whole: \(held): every chain, hash, signature and body holds; "
          + "\(counted(outcome.unjudged, "entry", "entries")) not judged, as others are not here\n")
  }
}
