import Authority
import Format
import Replication
import Storage
import Terminal

/// `zuruf-inspect group`: one group with its members, feeds and epochs.
enum GroupCommand {
  static let description = Command("group", "show one group: members, feeds, heads, epochs")
    .taking(
      Operand(
        "GROUP", .one,
        "the beginning of its identifier, its title where it can be read, or \"office\" or "
          + "\"everyone\""))

  static func run(_ session: Session) throws(Failure) {
    let inspection = try Inspection(session)
    let group = try inspection.group(session.invocation.text("GROUP") ?? "")
    if session.json { return showJSON(group, inspection, session) }
    let size = inspection.look.size(of: group)
    session.print("group     \(group)\n")
    session.print("kind      \(inspection.view.kind(of: group))\n")
    session.print(
      "stored    \(counted(size.segments, "segment", "segments")), \(bytes(size.bytes))\n")
    showMembers(group, inspection, session)
    showFeeds(group, inspection, session)
    let epochs = inspection.epochs[group] ?? []
    if !epochs.isEmpty {
      var table = Table()
      table.add(["EPOCH", "ENTRY", "SEALED TO"])
      for epoch in epochs {
        table.add([
          "\(epoch.id)", "\(short(epoch.place.feed)):\(epoch.seq)",
          epoch.recipients == 0
            ? "nobody any more" : counted(epoch.recipients, "device", "devices"),
        ])
      }
      session.print("\n\(table.text(indent: 0))")
    }
  }

  private static func showJSON(
    _ group: GroupID, _ inspection: Inspection, _ session: Session
  ) {
    session.print(inspection.groupLine(group))
    for line in inspection.memberLines(group) { session.print(line) }
    for place in inspection.view.index(group)?.places ?? [] {
      session.print(inspection.feedLine(group, place))
    }
    for line in inspection.epochLines(group) { session.print(line) }
  }

  private static func showMembers(
    _ group: GroupID, _ inspection: Inspection, _ session: Session
  ) {
    guard let replay = inspection.replay else { return }
    if let facts = inspection.view.founding(of: group)?.group {
      session.print("office    \(facts.office)\n")
    }
    var table = Table()
    if group == inspection.office {
      table.add(["MEMBER", "RANK", "DEVICES", "STATE"])
      for member in replay.replica.rosterNow().members {
        table.add([
          "\(member.id)", "\(member.rank)", counted(member.devices.count),
          member.isRemoved ? "removed" : "present",
        ])
      }
    } else if let membership = replay.replica.membershipNow(group) {
      session.print("creator   \(membership.creator)\n")
      table.add(["MEMBER", "GRADE"])
      for member in membership.members { table.add(["\(member.id)", "\(member.grade)"]) }
    }
    if !table.isEmpty { session.print("\n\(table.text(indent: 0))") }
  }

  private static func showFeeds(
    _ group: GroupID, _ inspection: Inspection, _ session: Session
  ) {
    guard let index = inspection.view.index(group) else { return }
    var table = Table()
    table.add(["FEED", "DEVICE", "HEAD", "ID", "ADMITTED"])
    for place in index.places {
      guard let chain = index[place] else { continue }
      let standing = inspection.standing(group, place)
      let admitted: String
      switch standing {
      case nil: admitted = "not judged"
      case let it? where it.ended != nil: admitted = "ends at \(it.ended?.seq ?? 0)"
      case let it?:
        admitted = it.admittedCount == it.storedCount ? "all" : "\(it.admittedCount), waits"
      }
      table.add([
        label(place, index), standing.map { short($0.device) } ?? "?",
        chain.last.map { "\($0)" } ?? "-", short(chain.headID), admitted,
      ])
    }
    session.print("\n\(table.text(indent: 0))")
    for fork in inspection.view.forks(of: group) { session.print(Finding(fork, group).line) }
  }

  /// A feed, or a branch with the place where it begins.
  private static func label(_ place: FeedPlace, _ index: LogIndex) -> String {
    guard !place.branch.isZero, let chain = index[place] else { return short(place) }
    return "\(short(place)) from \(chain.start)"
  }
}
