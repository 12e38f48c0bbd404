import Authority
import Format
import Replication
import Storage
import Terminal

/// `zuruf-inspect why`: why an entry has or has not effect here.
enum WhyCommand {
  static let description = Command("why", "say why an entry has or has not effect")
    .saying("Judged by what this data directory holds; another node may hold a removal more.")
    .taking(Operand("ENTRY", .one, "the beginning of its ID, or FEED:SEQ"))

  static func run(_ session: Session) throws(Failure) {
    let inspection = try Inspection(session)
    let name = try inspection.entry(session.invocation.text("ENTRY") ?? "")
    let (batch, entry) = try inspection.read(name)
    let verdict = verdict(name, batch, entry, inspection)
    if session.json {
      session.print(line(name, entry, verdict))
      return
    }
    let label = verdict.rule.isEmpty ? "" : " (\(verdict.rule))"
    session.print(
      "\(kindName(entry.kind)) \(short(entry.id)) at \(short(name.place)):\(name.seq) "
        + "\(verdict.hasEffect ? "has effect" : "has no effect"): \(verdict.text)\(label)\n")
  }

  /// An answer: whether it has effect, by which rule, and a sentence.
  struct Verdict: Equatable {
    let hasEffect: Bool
    let rule: String
    let text: String
  }

  /// The line for a program.
  static func line(
    _ name: Inspection.EntryName, _ entry: EntrySummary, _ verdict: Verdict
  ) -> JSON {
    .object([
      ("type", .text("why")), ("entry", .id(entry.id)), ("group", .id(name.group)),
      ("feed", .id(name.place.feed)), ("seq", .number(name.seq)),
      ("effect", .flag(verdict.hasEffect)), ("rule", .text(verdict.rule)),
      ("text", .text(verdict.text)),
    ])
  }

  /// What is to be said of an entry.
  static func verdict(
    _ name: Inspection.EntryName, _ batch: Batch, _ entry: EntrySummary, _ inspection: Inspection
  ) -> Verdict {
    guard let replay = inspection.replay,
      let standing = inspection.standing(name.group, name.place)
    else {
      return Verdict(
        hasEffect: false, rule: "F-6", text: "nothing here says who may write in this feed")
    }
    if let stop = notAdmitted(name, standing) { return stop }
    guard let header = try? batch.header(entry), !header.isOpaque else {
      return Verdict(
        hasEffect: false, rule: "E-10", text: "it is opaque: of a kind or flag of a later version")
    }
    let voids =
      name.group == inspection.office
      ? replay.replica.rosterNow().voids : replay.replica.membershipNow(name.group)?.voids ?? []
    if let void = voids.first(where: { $0.entry.id == entry.id }) {
      return Verdict(hasEffect: false, rule: void.reason.rule, text: void.reason.text)
    }
    switch header.kind {
    case .message, .epoch:
      let place = EntryPlace(place: name.place, seq: name.seq)
      if replay.replica.isVoid(entry.id, place, in: name.group) {
        return Verdict(
          hasEffect: false, rule: "A-15", text: "it lies beyond a cut of its author's removal")
      }
      return Verdict(hasEffect: true, rule: "F-6", text: "its author may write here")
    case .genesis:
      return Verdict(hasEffect: true, rule: "F-6", text: "it begins a feed of a certified device")
    default:
      return Verdict(
        hasEffect: true, rule: "A-4", text: "its author had the right, and nothing took it back")
    }
  }

  private static func notAdmitted(
    _ name: Inspection.EntryName, _ standing: FeedStanding
  ) -> Verdict? {
    if let end = standing.ended, name.seq >= end.seq {
      let text = escaped(end.text, .shown)
      return Verdict(
        hasEffect: false, rule: end.rule,
        text: name.seq == end.seq
          ? "it may not stand there: \(text)"
          : "it stands behind entry \(end.seq), which may not stand there: \(text)")
    }
    guard Int(name.seq) >= standing.admittedCount else { return nil }
    let awaited = standing.waitsFor.map { "of feed \(short($0))" } ?? "that cannot be read"
    return Verdict(
      hasEffect: false, rule: "F-4", text: "it waits for an entry \(awaited), not here yet")
  }
}

extension VoidReason {
  /// The rule that says so.
  var rule: String {
    switch self {
    case .noRight(let refusal): refusal.rule
    case .cut: "A-14"
    case .struckOwner, .targetIsOwner, .targetWasRaised, .otherOwners: "A-11"
    }
  }

  /// The reason in a sentence.
  var text: String {
    switch self {
    case .noRight(let refusal): "without what was taken back, \(refusal.description)"
    case .cut(let removal): "it lies beyond a cut of \(short(removal.id))"
    case .struckOwner(let list):
      "its author is no owner since \(short(list.id)), which has not seen it"
    case .targetIsOwner: "its target is on the owner list in force"
    case .targetWasRaised(let rank):
      "its target was raised by \(short(rank.id)), which it has not seen"
    case .otherOwners: "another owner list took its place"
    }
  }
}
