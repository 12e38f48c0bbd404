import Format
import Storage
import Terminal

/// `zuruf-inspect dump`: every entry as one line for programs.
enum DumpCommand {
  static let description = Command(
    "dump", "print every entry as JSON Lines (Protocol/A-control.md)"
  )
  .saying("Entries come group by group, the office log first, each in the order it was stored.")
  .options(
    .text("group", "g", "GROUP", "dump this group alone").repeated,
    .flag("bodies", nil, "with the texts and names that this device can read")
  )
  .example("zuruf-inspect dump | wc -l", "count entries")

  static func run(_ session: Session) throws(Failure) {
    let look = try Look(try session.home(), session.world)
    let reading = try BodyReader(look, withBodies: session.invocation.has("bodies"))
    let wanted = try chosen(session, look, reading.office)
    let (_, report) = try look.open(first: reading.office.map { [$0] } ?? []) {
      batch, place, isOwn, arrival in
      guard wanted?.contains(batch.group) ?? true, !session.isClosed else { return }
      for entry in batch.entries {
        session.print(
          EntryLine(
            batch: batch, entry: entry, at: place, isOwn: isOwn, arrival: arrival,
            content: reading.content(batch, entry)
          ).json)
      }
    }
    for damage in report.damages { session.print(Finding(damage).json) }
    if !report.damages.isEmpty { throw .wrong }
  }

  private static func chosen(
    _ session: Session, _ look: Look, _ office: GroupID?
  ) throws(Failure) -> Set<GroupID>? {
    let names = session.invocation.texts("group")
    if names.isEmpty { return nil }
    let view = try look.open(first: []) { _, _, _, _ in }.view
    var chosen: Set<GroupID> = []
    for name in names { chosen.insert(try look.group(name, among: view, office: office)) }
    return chosen
  }
}
