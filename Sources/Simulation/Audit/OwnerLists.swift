/// The owner lists that lie on disks, and which of them is in force by the words of A-11 alone.
struct OwnerLists {
  /// Entries that say the same: of the same members, and following the same list.
  private struct List {
    /// Where the list stands that it follows; nil: it follows the founding.
    let previous: Int?
    let members: [Short]
    var entries: [Entry]

    func holds(_ id: Long) -> Bool { entries.contains { $0.id == id } }
  }

  private struct Entry {
    let lamport: UInt64
    let id: Long
    let previous: Long
    let members: [Short]
    let isRecovery: Bool
    /// Whether nobody wrote it who lies.
    let isHonest: Bool

    static func < (left: Entry, right: Entry) -> Bool {
      (left.lamport, left.id) < (right.lamport, right.id)
    }
  }

  private var entries: [Entry] = []
  private var founder: Short?
  /// Whoever was an owner by any of them.
  private(set) var known: Set<Short> = []
  /// Whether somebody wrote one who lies: nobody here says whether it counts.
  var isDoubtful: Bool { entries.contains { !$0.isHonest } }

  var isEmpty: Bool { entries.isEmpty }

  mutating func found(by member: Short) {
    if founder == nil { founder = member }
    known.insert(member)
  }

  mutating func add(
    _ id: Long, lamport: UInt64, after previous: Long, _ members: [Short], isRecovery: Bool,
    isHonest: Bool
  ) {
    known.formUnion(members)
    entries.append(
      Entry(
        lamport: lamport, id: id, previous: previous, members: members, isRecovery: isRecovery,
        isHonest: isHonest))
  }

  /// The entries that bear them.
  var all: [Long] { entries.map(\.id) }

  /// Whether an entry is one of them.
  func contains(_ id: Long) -> Bool { entries.contains { $0.id == id } }

  /// The entries whose lists leave out a member that another one names, or the founding, whichever came first
  /// here. A list that each of those follows is from before the member was an owner.
  func leavingOut(_ member: Short) -> [Long] {
    if !known.contains(member) { return [] }
    guard member != founder, let lists else {
      return entries.filter { !$0.members.contains(member) }.map(\.id)
    }
    let naming = lists.indices.filter { lists[$0].members.contains(member) }
    let others = lists.indices.filter { other in
      !naming.contains(other) && !naming.allSatisfy { Self.follows($0, other, in: lists) }
    }
    return others.flatMap { lists[$0].entries.map(\.id) }
  }

  /// Those of the lists that are among some entries.
  func among(_ held: Set<Long>) -> OwnerLists {
    var some = self
    some.entries = entries.filter { held.contains($0.id) }
    return some
  }

  /// Who owns the office; nil where a list follows one that is not there.
  var inForce: Set<Short>? {
    guard let founder, let chain else { return nil }
    return chain.first.map { Set($0.members) } ?? [founder]
  }

  /// Whether a member is an owner whom no other member's removal takes anything from (5-authority, a pass):
  /// the list in force names it, and of the lists that lead to that one and name it without a break the
  /// first does not know of the removal; the founder, named from the beginning, is above all.
  ///
  /// `knows` says whether an entry of a list has the removal in its past. Where somebody wrote a list who
  /// lies, any that names the member and does not know of the removal may be the one in force.
  func isAbove(_ member: Short, knows: (Long) -> Bool) -> Bool {
    guard !isDoubtful, let chain else {
      return entries.contains { $0.members.contains(member) && !knows($0.id) }
    }
    let unbroken = chain.prefix { $0.members.contains(member) }
    if member == founder, unbroken.count == chain.count { return true }
    return unbroken.last.map { list in !list.entries.allSatisfy { knows($0.id) } } ?? false
  }

  /// All of them, each behind the one that it follows; nil where one follows what is not there.
  private var lists: [List]? {
    var lists: [List] = []
    // What an entry follows it has in its past.
    for entry in entries.sorted(by: <) {
      let previous = lists.firstIndex { $0.holds(entry.previous) }
      if previous == nil, !entry.previous.isZero { return nil }
      if let same = lists.firstIndex(where: {
        $0.previous == previous && $0.members == entry.members
      }) {
        lists[same].entries.append(entry)
      } else {
        lists.append(List(previous: previous, members: entry.members, entries: [entry]))
      }
    }
    return lists
  }

  /// The list in force and those that it follows, the last first: of the lists that the recovery key signed
  /// the last one that no other of these follows, or else what the founder's member began; then along the
  /// lists that follow, of several the first. Nil where one follows what is not there.
  private var chain: [List]? {
    guard let lists else { return nil }
    let recovered = lists.indices.filter { lists[$0].entries.contains(where: \.isRecovery) }
    let last = recovered.filter { one in
      !recovered.contains { $0 != one && Self.follows($0, one, in: lists) }
    }.max { left, right in
      Self.lastRecovery(of: lists[left]) < Self.lastRecovery(of: lists[right])
    }
    var current = last
    while let next = lists.indices.filter({ lists[$0].previous == current })
      .min(by: { lists[$0].entries[0] < lists[$1].entries[0] })
    {
      current = next
    }
    var chain: [List] = []
    while let index = current {
      chain.append(lists[index])
      current = lists[index].previous
    }
    return chain
  }

  private static func lastRecovery(of list: List) -> Entry {
    list.entries.last(where: \.isRecovery) ?? list.entries[0]
  }

  private static func follows(_ one: Int, _ other: Int, in lists: [List]) -> Bool {
    var at = lists[one].previous
    while let index = at {
      if index == other { return true }
      at = lists[index].previous
    }
    return false
  }
}
