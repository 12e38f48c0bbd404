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
    add(index, to: &canonical)
    guard case .operation(let operation) = entry.content else { return }
    switch operation {
    case .groupAdd(let members, _):
      for member in members { add(index, to: &adds[member, default: []]) }
    case .groupRemove(let member, _):
      add(index, to: &removals)
      add(index, to: &removalsOfMember[member, default: []])
    case .unknown: add(index, to: &unknowns)
    default: break
    }
  }

  private func add(_ index: Int, to list: inout [Int]) {
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
