import Format
import Storage
import Terminal

/// `zuruf-inspect diff`: compares what two data directories hold.
enum DiffCommand {
  static let description = Command("diff", "compare two data directories, group by group")
    .saying(
      "Two groups are equal when they hold the same entries. Which bodies were erased does not "
        + "count. Exit code 1 when anything differs."
    )
    .taking(
      Operand("DIR1", .one, "a data directory, or the folder it lies in"),
      Operand("DIR2", .one, "another one")
    )
    .options(
      .text("group", "g", "GROUP", "compare this group alone").repeated
    )
    .example("zuruf-inspect diff /srv/a /srv/b", "say which feeds differ from which entry on")

  static func run(_ session: Session) throws(Failure) {
    let paths = ["DIR1", "DIR2"].map { session.data(in: session.invocation.text($0) ?? "") }
    var views: [StoreView] = []
    var isWhole = true
    for path in paths {
      let look = try Look(
        path, session.world, hint: "a node's data directory has a folder \"logs\" in it")
      let (view, report) = try look.open(first: []) { _, _, _, _ in }
      for damage in report.damages {
        isWhole = false
        session.note("in \(quoted(path)), \(Finding(damage).line.dropLast())")
      }
      views.append(view)
    }
    let comparison = StoreComparison(views[0], views[1])
    let groups = try named(session, among: comparison.groups)
    let differences = groups.map { ($0, comparison.differences(in: $0)) }
    let count = differences.count { !$0.1.isEmpty }
    for (group, found) in differences { show(group, found, comparison, paths, session) }
    if session.json {
      session.print(
        .object([
          ("type", .text("compared")), ("equal", .flag(count == 0)),
          ("groups", .number(groups.count)), ("different", .number(count)),
        ]))
    } else if count == 0 {
      session.print("equal: \(counted(groups.count, "group", "groups"))\n")
    } else {
      session.print("different: \(count) of \(counted(groups.count, "group", "groups"))\n")
    }
    if count > 0 || !isWhole { throw .wrong }
  }

  private static func named(
    _ session: Session, among groups: [GroupID]
  ) throws(Failure) -> [GroupID] {
    let names = session.invocation.texts("group")
    if names.isEmpty { return groups }
    var chosen: Set<GroupID> = []
    for name in names { chosen.insert(try find(name, among: groups, "group")) }
    return chosen.sorted()
  }

  private static func show(
    _ group: GroupID, _ differences: [StoreComparison.Difference], _ comparison: StoreComparison,
    _ paths: [String], _ session: Session
  ) {
    let (feeds, entries) = comparison.size(of: group)
    if session.json {
      session.print(
        .object([
          ("type", .text("group")), ("group", .id(group)), ("equal", .flag(differences.isEmpty)),
          ("feeds", .number(feeds)), ("entries", .number(entries)),
        ]))
      for difference in differences { session.print(difference.json(group)) }
      return
    }
    let kind = comparison.kind(of: group)
    let held = "\(counted(feeds, "feed", "feeds")), \(counted(entries, "entry", "entries"))"
    session.print(
      "group \(short(group)) (\(kind)): \(differences.isEmpty ? "equal, \(held)" : "different")\n")
    for difference in differences { session.print("  \(difference.line(paths))\n") }
  }
}
