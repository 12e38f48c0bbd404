import Format

/// The admitted control entries of one group log, found by what they are about.
struct GroupIndex {
  let views: ViewTable
  private(set) var entries: [ControlEntry] = []
  private(set) var lines: [Int] = []
  private(set) var byID: [EntryID: Int] = [:]
  /// In canonical order, like all lists here but those by line.
  private(set) var canonical: [Int] = []
  private(set) var adds: [MemberID: [Int]] = [:]
  private(set) var additions: [Int] = []
  /// Whoever was ever added as a manager, with effect or without.
  private(set) var managers: Set<MemberID> = []
  private(set) var removals: [Int] = []
  private(set) var removalsOfMember: [MemberID: [Int]] = [:]
  private(set) var unknowns: [Int] = []
  /// What was written under a certificate.
  private(set) var byCertificate: [EntryID: [Int]] = [:]
  private(set) var linesOfFeed: [FeedID: Set<Int>] = [:]
  private(set) var byLine = ByLine()
  private(set) var addsByLine: [MemberID: ByLine] = [:]
  private(set) var removalsByLine: [MemberID: ByLine] = [:]
  /// What each author was at the place of the entry, and above what it had to stand there.
  private(set) var places: [GroupPlace] = []

  /// Entries by the line of their place, ascending by seq.
  struct ByLine {
    private(set) var lists: [Int: [Int]] = [:]

    mutating func add(_ index: Int, line: Int, _ entries: [ControlEntry]) {
      var list = lists.removeValue(forKey: line) ?? []
      list.insert(
        index, at: GroupIndex.first(list) { entries[$0].seq > entries[index].seq })
      lists[line] = list
    }
  }

  init(views: ViewTable) { self.views = views }

  /// The author's level at the place of an entry.
  func level(_ index: Int) -> GroupLevel { places[index].level }

  mutating func insert(_ entry: ControlEntry, _ place: GroupPlace) {
    let index = entries.count
    let line = views.line(of: entry.place)
    entries.append(entry)
    lines.append(line)
    byID[entry.id] = index
    places.append(place)
    linesOfFeed[entry.place.feed, default: []].insert(line)
    byLine.add(index, line: line, entries)
    Self.add(index, to: &canonical, entries)
    Self.add(index, to: &byCertificate[entry.certificate, default: []], entries)
    guard case .operation(let operation) = entry.content else { return }
    switch operation {
    case .groupAdd(let members, let grade):
      Self.add(index, to: &additions, entries)
      if grade == .manager { managers.formUnion(members) }
      for member in members {
        Self.add(index, to: &adds[member, default: []], entries)
        addsByLine[member, default: ByLine()].add(index, line: line, entries)
      }
    case .groupRemove(let member, _):
      Self.add(index, to: &removals, entries)
      Self.add(index, to: &removalsOfMember[member, default: []], entries)
      removalsByLine[member, default: ByLine()].add(index, line: line, entries)
    case .unknown: Self.add(index, to: &unknowns, entries)
    default: break
    }
  }

  /// Removals of a view, and additions that may lower somebody.
  func ends(_ view: ViewID, creator: MemberID) -> [Int] {
    (removals + additions).filter { isIn(view, $0) && mayEnd($0, creator: creator) }
  }

  /// Whether an entry removes somebody, or is an addition that may lower one: who is in the group above
  /// the grade already, if the creator and those who were ever added as managers can be.
  func mayEnd(_ entry: Int, creator: MemberID) -> Bool {
    guard case .operation(.groupAdd(let members, let grade)) = entries[entry].content else {
      return isRemoval(entry)
    }
    return members.contains { $0 == creator || (grade == .member && managers.contains($0)) }
  }

  private static func add(_ index: Int, to list: inout [Int], _ entries: [ControlEntry]) {
    list.insert(index, at: first(list) { ControlEntry.precedes(entries[index], entries[$0]) })
  }

  /// Whether an entry is in a view of the group log.
  func isIn(_ view: ViewID, _ index: Int) -> Bool {
    views.contains(view, line: lines[index], entries[index].seq)
  }

  /// Whether an entry is in the past of another.
  func isPast(_ index: Int, of later: Int) -> Bool { isIn(entries[later].groupView, index) }

  func makesManagers(_ index: Int) -> Bool {
    if case .operation(.groupAdd(_, .manager)) = entries[index].content { return true }
    return false
  }

  func isAddition(_ index: Int) -> Bool {
    if case .operation(.groupAdd) = entries[index].content { return true }
    return false
  }

  /// Whether an entry is no control entry.
  func isHearing(_ index: Int) -> Bool {
    if case .heard = entries[index].content { return true }
    return false
  }

  /// Whether an entry adds or removes a member.
  func isNamed(_ member: MemberID, by index: Int) -> Bool { named(by: index).contains(member) }

  /// Whom an entry adds or removes.
  func named(by index: Int) -> [MemberID] {
    switch entries[index].content {
    case .operation(.groupAdd(let members, _)): members
    case .operation(.groupRemove(let member, _)): [member]
    default: []
    }
  }

  func isRemoval(_ index: Int) -> Bool {
    if case .operation(.groupRemove) = entries[index].content { return true }
    return false
  }

  /// The entries of a line whose seqs are in a range.
  func entries(line: Int, _ range: Range<UInt32>) -> [Int] {
    let list = byLine.lists[line] ?? []
    let from = Self.first(list) { entries[$0].seq >= range.lowerBound }
    let end = Self.first(list) { entries[$0].seq >= range.upperBound }
    return Array(list[from..<end])
  }

  /// Of each line the last entry of a view that satisfies a condition.
  ///
  /// Where one entry of a line answers for those before it, only these need be asked, however much
  /// somebody wrote.
  func lasts(_ list: ByLine?, in view: ViewID, where holds: (Int) -> Bool) -> [Int] {
    (list?.lists ?? [:]).values.compactMap { list in
      var at = Self.first(list) { !isIn(view, $0) }
      while at > 0, !holds(list[at - 1]) { at -= 1 }
      return at > 0 ? list[at - 1] : nil
    }
  }

  /// The first entry of a line from which on a condition holds; nil where it holds for none.
  func first(line: Int, where holds: (Int) -> Bool) -> Int? {
    let list = byLine.lists[line] ?? []
    let at = Self.first(list, where: holds)
    return at < list.count ? list[at] : nil
  }

  /// The first place from which on a condition holds.
  static func first(_ list: [Int], where holds: (Int) -> Bool) -> Int {
    var (low, high) = (0, list.count)
    while low < high {
      let middle = low + (high - low) / 2
      if holds(list[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
