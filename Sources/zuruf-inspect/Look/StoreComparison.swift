import Format
import Storage
import Terminal

/// Two stores side by side.
struct StoreComparison {
  private let stores: [StoreView]

  /// How one feed or branch differs.
  struct Difference {
    let place: FeedPlace
    /// The first entry that is not the same in both.
    let from: UInt32
    /// How many entries each holds.
    let counts: [UInt32]
    /// Whether both hold that entry, and not the same one.
    let isFork: Bool
  }

  init(_ first: StoreView, _ second: StoreView) { stores = [first, second] }

  /// The groups that at least one of them holds entries of.
  var groups: [GroupID] {
    Set(stores.flatMap(\.groups)).sorted().filter { group in
      stores.contains { !($0.index(group)?.places.isEmpty ?? true) }
    }
  }

  /// Feeds and entries of a group in the one that holds more.
  func size(of group: GroupID) -> (feeds: Int, entries: Int) {
    let sizes = stores.map { store in
      (
        feeds: store.index(group)?.places.count ?? 0,
        entries: store.index(group)?.entryCount ?? 0
      )
    }
    return sizes.max { $0.entries < $1.entries } ?? (0, 0)
  }

  func kind(of group: GroupID) -> String {
    let store = stores.first { $0.founding(of: group) != nil }
    return store?.kind(of: group) ?? "unknown"
  }

  /// What differs, in the order of the feeds.
  func differences(in group: GroupID) -> [Difference] {
    let places = Set(stores.flatMap { $0.index(group)?.places ?? [] }).sorted()
    let forked = Set(places.filter { !$0.branch.isZero }.map(\.feed))
    // Where only one store knows the fork, it names the same entries otherwise.
    return places.filter { !forked.contains($0.feed) }.compactMap { difference(group, $0) }
      + forked.sorted().compactMap { forkedDifference(group, $0) }
  }

  /// Compares a feed that is forked in at least one store entry by entry.
  private func forkedDifference(_ group: GroupID, _ feed: FeedID) -> Difference? {
    let held = stores.map { store in
      Set(
        (store.index(group)?.places ?? []).filter { $0.feed == feed }.flatMap { place in
          let chain = store.index(group)?[place]
          return (chain.map { Array($0.start..<$0.next) } ?? []).compactMap { seq in
            chain?.prefix(seq).map { Reference(feed: feed, seq: seq, prefix: $0) }
          }
        })
    }
    let first = held[0].symmetricDifference(held[1]).map(\.seq).min()
    guard let first else { return nil }
    let isFork = !held[0].isSubset(of: held[1]) && !held[1].isSubset(of: held[0])
    return Difference(
      place: FeedPlace(feed: feed), from: first, counts: held.map { UInt32($0.count) },
      isFork: isFork)
  }

  private func difference(_ group: GroupID, _ place: FeedPlace) -> Difference? {
    let chains = stores.map { $0.index(group)?[place] }
    let counts = chains.map { chain in chain.map { $0.next - $0.start } ?? 0 }
    guard let first = chains[0], let second = chains[1] else {
      let start = chains.compactMap { $0?.start }.first ?? 0
      return Difference(place: place, from: start, counts: counts, isFork: false)
    }
    guard first.start == second.start else {
      return Difference(
        place: place, from: min(first.start, second.start), counts: counts, isFork: true)
    }
    let end = min(first.next, second.next)
    for seq in first.start..<end where first.prefix(seq) != second.prefix(seq) {
      return Difference(place: place, from: seq, counts: counts, isFork: true)
    }
    return first.next == second.next
      ? nil : Difference(place: place, from: end, counts: counts, isFork: false)
  }
}

extension StoreComparison.Difference {
  /// The line for a person.
  func line(_ paths: [String]) -> String {
    let feed = "feed \(short(place))"
    if isFork {
      return "\(feed): differs from entry \(from) on: both hold it, and not the same one"
    }
    if let empty = counts.firstIndex(of: 0) {
      let many = counted(counts[1 - empty], "entry", "entries")
      return "\(feed): only in \(quoted(paths[1 - empty])), with \(many)"
    }
    let more = counts[0] > counts[1] ? 0 : 1
    let many = counted(counts[more] - counts[1 - more], "entry", "entries")
    return "\(feed): differs from entry \(from) on: \(quoted(paths[more])) holds \(many) more"
  }

  /// The line for a program.
  func json(_ group: GroupID) -> JSON {
    var fields: [(String, JSON)] = [
      ("type", .text("difference")), ("group", .id(group)), ("feed", .id(place.feed)),
    ]
    if !place.branch.isZero { fields.append(("branch", .id(place.branch))) }
    fields.append(("from", .number(from)))
    fields.append(("counts", .list(counts.map { .number($0) })))
    fields.append(("fork", .flag(isFork)))
    return .object(fields)
  }
}

extension LogIndex {
  /// How many entries all chains hold together.
  var entryCount: Int {
    places.reduce(0) { sum, place in sum + (self[place].map { Int($0.next - $0.start) } ?? 0) }
  }
}
