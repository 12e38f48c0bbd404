import Authority
import Format
import Replication
import Storage
import Terminal

/// `zuruf-inspect` alone: what lies in a data directory.
enum OverviewCommand {
  static func run(_ session: Session) throws(Failure) {
    let look = try Look(try session.home(), session.world)
    let office = try look.findOffice()
    let replay = office.map { Replay(office: $0, secrets: nil) }
    let (view, report) = try look.open(first: office.map { [$0] } ?? []) {
      batch, place, _, arrival in
      replay?.take(batch.alone(place), arrival: arrival)
    }
    replay?.finish(view)
    if let fault = look.membershipFault { session.note(escaped(fault.description, .shown)) }
    if session.json {
      showJSON(look, office, view, report, session)
    } else {
      showOffice(look, office, replay, session)
      showGroups(look, view, replay, session)
      for group in view.groups {
        for fork in view.forks(of: group) {
          session.print(Finding(fork, group).line)
        }
      }
      showReport(report, session)
    }
    if !report.damages.isEmpty { throw .wrong }
  }

  private static func showOffice(
    _ look: Look, _ office: GroupID?, _ replay: Replay?, _ session: Session
  ) {
    session.print("data directory \(quoted(look.path))\n")
    guard let office, let replay else { return session.print("no office log can be read here\n") }
    session.print("office         \(office)\n")
    if let membership = look.membership {
      session.print("member here    \(membership.member)\n")
      session.print("certificate    \(membership.certificate)\n")
    }
    let roster = replay.replica.rosterNow()
    let live = roster.devices.count { $0.isLive }
    let members = roster.members.count { !$0.isRemoved }
    session.print(
      [
        counted(members, "member", "members"), "\(counted(live, "device", "devices"))",
        counted(roster.tickets.count, "ticket", "tickets"),
        counted(roster.removals.count, "removal", "removals"),
        counted(roster.voids.count, "control entry", "control entries") + " without effect",
      ].joined(separator: ", ") + "\n")
  }

  private static func showGroups(
    _ look: Look, _ view: StoreView, _ replay: Replay?, _ session: Session
  ) {
    var table = Table()
    table.add(["GROUP", "KIND", "FEEDS", "ENTRIES", "ADMITTED", "SEGMENTS", "SIZE"])
    for group in view.groups {
      guard let index = view.index(group) else { continue }
      let admitted =
        replay?.replica.standings(of: group).reduce(0) {
          $0 + $1.admittedCount - Int($1.start)
        } ?? 0
      let size = look.size(of: group)
      table.add([
        short(group), view.kind(of: group), counted(Set(index.places.map(\.feed)).count),
        counted(index.entryCount), counted(admitted), counted(size.segments), bytes(size.bytes),
      ])
    }
    session.print("\n\(table.text(indent: 0))")
  }

  private static func showReport(_ report: RecoveryReport, _ session: Session) {
    for damage in report.damages { session.print(Finding(damage).line) }
    for name in report.strangers { session.print("note: \(quoted(name)) is not the store's\n") }
  }

  private static func showJSON(
    _ look: Look, _ office: GroupID?, _ view: StoreView, _ report: RecoveryReport,
    _ session: Session
  ) {
    var fields: [(String, JSON)] = [("type", .text("store")), ("home", .text(look.path))]
    if let office { fields.append(("office", .id(office))) }
    session.print(.object(fields))
    for group in view.groups { session.print(view.line(group, look)) }
    for damage in report.damages { session.print(Finding(damage).json) }
  }
}
