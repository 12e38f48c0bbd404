/// The owner lists that lie on disks, and which of them is in force by the words of A-11 alone.
struct OwnerLists {
  /// Entries that say the same: of the same members, and following the same list.
  private struct List {
    /// Where the list stands that it follows; nil: it follows the founding.
    let previous: Int?
    let members: [Short]
    var entries: [Entry]
  }

  private struct Entry {
    let lamport: UInt64
    let id: Long
    let previous: Long
    let members: [Short]
    let isRecovery: Bool

    static func < (left: Entry, right: Entry) -> Bool {
      (left.lamport, left.id) < (right.lamport, right.id)
    }
  }

  private var entries: [Entry] = []
  private var founder: Short?
  /// Whoever was an owner by any of them.
  private(set) var known: Set<Short> = []
  /// Whether somebody wrote one who lies: nobody here says whether it counts.
  private(set) var isDoubtful = false

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
    if !isHonest { isDoubtful = true }
    entries.append(
      Entry(
        lamport: lamport, id: id, previous: previous, members: members,
        isRecovery: isRecovery))
  }

  /// Those of the lists that are among some entries.
  func among(_ held: Set<Long>) -> OwnerLists {
    var some = self
    some.entries = entries.filter { held.contains($0.id) }
    return some
  }

  /// Who owns the office: of the lists that the recovery key signed the last one that no other of these
  /// follows, or else the founder; then along the lists that follow, of several the first.
  var inForce: Set<Short>? {
    guard let founder else { return nil }
    var lists: [List] = []
    // What an entry follows it has in its past.
    for entry in entries.sorted(by: <) {
      let previous = lists.firstIndex { list in list.entries.contains { $0.id == entry.previous } }
      if previous == nil, !entry.previous.isZero { return nil }
      if let same = lists.firstIndex(where: {
        $0.previous == previous && $0.members == entry.members
      }) {
        lists[same].entries.append(entry)
      } else {
        lists.append(List(previous: previous, members: entry.members, entries: [entry]))
      }
    }
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
    return current.map { Set(lists[$0].members) } ?? [founder]
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
