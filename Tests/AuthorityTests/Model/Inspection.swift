@testable import Authority

/// Looks at one history: the product and the model agree about it in whatever order its entries
/// arrive, and what was promised holds.
struct Inspection {
  let history: History
  private(set) var problems: [String] = []
  /// How many views were judged and compared.
  private(set) var evaluations = 0

  /// Looks at a history with up to so many orders of arrival.
  init(_ history: History, ordersMax: Int) {
    self.history = history
    var descending = history
    descending.isDescending.toggle()
    for (number, order) in history.arrivals(max: ordersMax).enumerated() {
      run(history, order, asksOnTheWay: number % 2 == 1)
    }
    // The same with the other canonical order of what did not know of each other.
    if descending.isAdmitted {
      run(descending, Array(descending.later), asksOnTheWay: true)
    }
    if history.forkCount > 0 { compareWithFurtherFeed() }
  }

  private mutating func run(_ history: History, _ order: [Int], asksOnTheWay: Bool) {
    guard problems.isEmpty else { return }
    let run = ProductRun(history)
    var standing = EntrySet()
    for (number, entry) in order.enumerated() {
      if let refusal = run.arrive(entry) {
        problems.append("entry \(entry - history.openingCount + 1) is refused: \(refusal)")
      }
      guard asksOnTheWay || number == order.count - 1 else { continue }
      compare(run, run.arrived)
      let promises = Promises(run, run.arrived)
      problems += promises.broken
      if let facts = history.group {
        problems += GroupPromises(run, facts, run.arrived).broken
      }
      for lost in promises.lost(of: standing) {
        problems.append(
          "entry \(lost - history.openingCount + 1) of a lasting owner lost its effect")
      }
      standing = promises.standing
    }
    if order.isEmpty { compare(run, run.arrived) }
    if !problems.isEmpty {
      let names = order.map { "\($0 - history.openingCount + 1)" }.joined(separator: " ")
      problems.append("arrived as \(names)" + (history.isDescending ? ", IDs descending" : ""))
    }
  }

  private mutating func compare(_ run: ProductRun, _ view: EntrySet) {
    evaluations += 1
    if let group = run.history.group {
      let found = GroupModel(run.history, group).evaluate(view)
      problems += run.differences(view, found.office) + run.differences(view, found)
    } else {
      problems += run.differences(view, OfficeModel(run.history).evaluate(view))
    }
  }

  /// A fork is no more than a further feed: as long as no cut names a place, the same has effect as
  /// if its author had opened one.
  private mutating func compareWithFurtherFeed() {
    guard let twin = history.withoutForks else { return }
    let (a, b) = (ProductRun(history), ProductRun(twin))
    for entry in history.later {
      a.arrive(entry)
      b.arrive(entry)
    }
    evaluations += 1
    let (one, other) = (a.voidEntries(history.all), b.voidEntries(twin.all))
    if one != other {
      problems.append("forked, \(one.map(\.self)) are void, and \(other.map(\.self)) otherwise")
    }
  }
}

extension History {
  /// Orders in which the entries behind the opening can arrive, causes before effects: all, or so
  /// many of them, the most different first.
  func arrivals(max: Int) -> [[Int]] {
    var out: [[Int]] = []
    var order: [Int] = []
    func extend(_ here: EntrySet, _ candidates: [Int]) {
      guard out.count < max else { return }
      guard order.count < later.count else { return out.append(order) }
      for entry in candidates
      where !here.contains(entry) && here.contains(all: entries[entry].past) {
        order.append(entry)
        extend(here.adding(entry), candidates)
        order.removeLast()
      }
    }
    // The office log comes before any group that hangs on it, but for that order is free.
    extend(opening, Array(later))
    let ascending = out
    out = []
    extend(opening, later.reversed())
    var seen: Set<[Int]> = []
    return zip(ascending, out).flatMap { [$0, $1] }.filter { seen.insert($0).inserted }
      .prefix(max).map(\.self)
  }

  /// Whether every entry behind the opening is right at its place, as the model sees it.
  var isAdmitted: Bool {
    later.allSatisfy { entry in
      let past = entries[entry].past
      guard entries[entry].act.isInGroup else {
        let model = OfficeModel(self)
        return model.isAdmitted(entry, model.evaluate(past).sight)
      }
      guard let group else { return false }
      let model = GroupModel(self, group)
      let sight = model.evaluate(past).sight
      return entries[entry].act.isControl
        ? model.hasRight(entry, sight) : model.mayWrite(entry, sight)
    }
  }

  /// The same with each branch of a fork in a feed of its own; nil where a cut names a place, so
  /// that it would say something else.
  var withoutForks: History? {
    guard entries.allSatisfy({ $0.cuts.isEmpty }) else { return nil }
    var twin = opened
    var series: [Int: Int] = [:]
    for entry in later {
      let here = entries[entry]
      let feed = feed(of: entry)
      let hasSibling = (0..<entry).contains {
        self.feed(of: $0) == feed && entries[$0].after == here.after
      }
      let own =
        hasSibling
        ? twin.seriesCount(under: here.certificate, isInGroup: here.act.isInGroup)
        : here.after.flatMap { series[$0] } ?? here.series
      series[entry] = own
      let isFirst = hasSibling || here.after == nil
      twin.append(
        here.act, by: here.device, under: here.certificate, in: own, past: here.past,
        after: isFirst ? nil : here.after)
    }
    return twin
  }
}

extension ProductRun {
  /// The entries that the product calls void in a view.
  func voidEntries(_ view: EntrySet) -> EntrySet {
    let roster = office.roster(at: officeView(view))
    var names = Set(roster.voids.map(\.entry.id))
    if let group {
      let membership = group.membership(groupView: groupView(view), officeView: officeView(view))
      names.formUnion(membership.voids.map(\.entry.id))
    }
    return EntrySet(view.filter { names.contains(id($0)) })
  }
}
