import Format

/// The admitted control entries of one group log, found by what they are about.
struct GroupIndex {
  let views: ViewTable
  private(set) var entries: [ControlEntry] = []
  private(set) var lines: [Int] = []
  private(set) var byID: [EntryID: Int] = [:]
  /// In canonical order, like all lists here.
  private(set) var canonical: [Int] = []
  private(set) var adds: [MemberID: [Int]] = [:]
  private(set) var removals: [Int] = []
  private(set) var removalsOfMember: [MemberID: [Int]] = [:]
  private(set) var unknowns: [Int] = []

  init(views: ViewTable) { self.views = views }

  mutating func insert(_ entry: ControlEntry) {
    let index = entries.count
    entries.append(entry)
    lines.append(views.line(of: entry.place))
    byID[entry.id] = index
    Self.add(index, to: &canonical, entries)
    guard case .operation(let operation) = entry.content else { return }
    switch operation {
    case .groupAdd(let members, _):
      for member in members { Self.add(index, to: &adds[member, default: []], entries) }
    case .groupRemove(let member, _):
      Self.add(index, to: &removals, entries)
      Self.add(index, to: &removalsOfMember[member, default: []], entries)
    case .unknown: Self.add(index, to: &unknowns, entries)
    default: break
    }
  }

  /// The additions of a view that may lower somebody: who is in the group above the grade already, if
  /// the creator and those who were ever added as managers can be.
  func lowerings(_ view: ViewID, creator: MemberID) -> [Int] {
    let above = adds.filter { $0.key == creator || $0.value.contains { grade($0) == .manager } }
    return Set(above.values.joined())
      .filter { isIn(view, $0) && (grade($0) == .member || adds[creator]?.contains($0) ?? false) }
      .sorted { ControlEntry.precedes(entries[$0], entries[$1]) }
  }

  /// The grade that an addition gives; nil for other operations.
  func grade(_ entry: Int) -> Operation.Grade? {
    guard case .operation(.groupAdd(_, let grade)) = entries[entry].content else { return nil }
    return grade
  }

  private static func add(_ index: Int, to list: inout [Int], _ entries: [ControlEntry]) {
    var at = list.count
    while at > 0, ControlEntry.precedes(entries[index], entries[list[at - 1]]) { at -= 1 }
    list.insert(index, at: at)
  }

  /// Whether an entry is in a view of the group log.
  func isIn(_ view: ViewID, _ index: Int) -> Bool {
    views.contains(view, line: lines[index], entries[index].seq)
  }

  /// Whether an entry is in the past of another.
  func isPast(_ index: Int, of later: Int) -> Bool { isIn(entries[later].groupView, index) }
}
