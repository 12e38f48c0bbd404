@testable import Authority

/// Walks through all histories of an alphabet up to a length, each but once.
struct Search {
  let name: String
  let opening: History
  /// What happened first, as the lines of a script: nobody who writes later needs to have seen it.
  var start = ""
  let alphabet: Alphabet
  /// Ways to swap those of the cast who have equal parts.
  var symmetries = [Array(0..<Cast.count)]
  /// How many entries stand behind the opening and the start.
  var depth: Int

  /// How many entries the start has.
  var startCount: Int { start.split(separator: "\n").count }

  /// What was looked at.
  struct Tally {
    /// Histories by how many entries stand behind the start.
    var histories: [Int]
    /// Entries that somebody might have written, entitled or not.
    var candidateCount = 0
    /// Views that the product judged and that were compared.
    var evaluationCount = 0
    /// What is wrong, each with the script of its history.
    var problems: [String] = []

    var historyCount: Int { histories.reduce(0, +) }
  }

  /// A search ends when it found so much.
  static let problemsMax = 5

  /// Looks at every history; `check` says what is wrong with one, and how many views it compared.
  func run(_ check: (History) -> (problems: [String], evaluations: Int)) -> Tally {
    var walk = Walk(search: self)
    var history = opening
    var marks = CanonicalMarks(symmetries, openingCount: opening.openingCount)
    for line in start.split(separator: "\n") {
      guard let next = history.following(String(line)) else {
        walk.tally.problems.append("\(name): a line of the start is not understood: \(line)")
        return walk.tally
      }
      history = next
      marks.append(history)
    }
    walk.visit(history, marks, check)
    return walk.tally
  }
}

/// One walk, depth first: of what was visited only the marks are kept.
private struct Walk {
  let search: Search
  var tally: Search.Tally
  private var visited: Set<UInt64> = []

  init(search: Search) {
    self.search = search
    tally = Search.Tally(histories: [Int](repeating: 0, count: search.depth + 1))
  }

  mutating func visit(
    _ history: History, _ marks: CanonicalMarks,
    _ check: (History) -> (problems: [String], evaluations: Int)
  ) {
    guard tally.problems.count < Search.problemsMax else { return }
    let length = history.later.count - search.startCount
    tally.histories[length] += 1
    let found = check(history)
    tally.evaluationCount += found.evaluations
    guard found.problems.isEmpty else {
      return report(found.problems, history)
    }
    guard length < search.depth else { return }
    let place = Places(history)
    for certificate in history.certificates {
      guard let device = history.certified(certificate)?.device,
        device >= Cast.count || search.alphabet.authors.contains(device)
      else { continue }
      for seen in place.pasts where seen.contains(certificate) {
        for act in search.alphabet.acts(history, device, seen) {
          guard let past = place.past(seen, act) else { continue }
          for spot in place.spots(certificate, act, past, search.alphabet) {
            tally.candidateCount += 1
            var next = history
            next.append(
              act, by: device, under: certificate, in: spot.series, past: past, after: spot.after)
            let isRight = place.isAdmitted(next)
            let refusal = place.run.refusal(ofLast: next)
            guard isRight == (refusal == nil) else {
              report(
                ["the product \(refusal.map { "refuses: \($0)" } ?? "admits it"), the model not"],
                next)
              continue
            }
            guard isRight else { continue }
            var nextMarks = marks
            nextMarks.append(next)
            guard visited.insert(nextMarks.value).inserted else { continue }
            visit(next, nextMarks, check)
          }
        }
      }
    }
  }

  private mutating func report(_ problems: [String], _ history: History) {
    guard tally.problems.count < Search.problemsMax else { return }
    tally.problems.append(
      "\(search.name):\n" + history.script.joined(separator: "\n") + "\n"
        + problems.map { "  \($0)" }.joined(separator: "\n"))
  }
}

/// Where the next entry of a history can stand.
final class Places {
  let history: History
  /// What an author may have seen: every set that has its causes.
  private(set) lazy var pasts: [EntrySet] = allPasts
  /// The product, with all of the history.
  private(set) lazy var run: ProductRun = arrived
  private var sights: [EntrySet: OfficeModel.Sight] = [:]
  private var groupSights: [EntrySet: GroupModel.Sight] = [:]

  init(_ history: History) { self.history = history }

  private var allPasts: [EntrySet] {
    (0..<1 << history.later.count).compactMap { bits in
      let past = history.opening.union(
        EntrySet(bits: UInt64(bits) << UInt64(history.openingCount)))
      return past.allSatisfy { past.contains(all: history.entries[$0].past) } ? past : nil
    }
  }

  private var arrived: ProductRun {
    let run = ProductRun(history)
    for entry in history.later { run.arrive(entry) }
    return run
  }

  /// The past of an entry whose author has seen this; entries of the office log have nothing of a
  /// group in it, so that of one who has seen more there is another.
  func past(_ seen: EntrySet, _ act: Act) -> EntrySet? {
    if act.isInGroup { return seen }
    let later = seen.subtracting(history.opening)
    return later.intersection(history.inGroup).isEmpty
      ? seen.intersection(history.office) : nil
  }

  /// The places at which an entry with this past can stand in its author's feeds.
  func spots(
    _ certificate: Int, _ act: Act, _ past: EntrySet, _ alphabet: Alphabet
  ) -> [(series: Int, after: Int?)] {
    var out: [(series: Int, after: Int?)] = []
    let used = history.seriesCount(under: certificate, isInGroup: act.isInGroup)
    for series in 0..<alphabet.seriesMax {
      let feed = History.Feed(certificate: certificate, series: series, isInGroup: act.isInGroup)
      let own = history.all.filter { history.feed(of: $0) == feed }
      if own.isEmpty {
        // A further feed is opened behind one that is in use.
        if series == 0 || series == used, series == 0 || hasUse(certificate, series - 1, act) {
          out.append((series, nil))
        }
        continue
      }
      let isForked = history.forkCount > 0
      for after in own where past.contains(after) {
        let isTip = !own.contains { history.entries[$0].after == after }
        if isTip || (!isForked && alphabet.forksMax > 0 && !isOpening(own, behind: after)) {
          out.append((series, after))
        }
      }
      if !isForked, alphabet.forksMax > 0, own.allSatisfy({ history.entries[$0].seq > 0 }),
        !isOpening(own, behind: nil)
      {
        out.append((series, nil))
      }
    }
    return out
  }

  private func hasUse(_ certificate: Int, _ series: Int, _ act: Act) -> Bool {
    history.later.contains {
      let feed = history.feed(of: $0)
      return feed.certificate == certificate && feed.series == series
        && feed.isInGroup == act.isInGroup
    }
  }

  /// Whether what follows an entry in a feed belongs to the opening, which is not forked.
  private func isOpening(_ own: [Int], behind after: Int?) -> Bool {
    own.contains { $0 < history.openingCount && history.entries[$0].after == after }
  }

  /// Whether the last entry of a longer history is right at its place, as the model sees it.
  func isAdmitted(_ next: History) -> Bool {
    let entry = next.entries.count - 1
    let past = next.entries[entry].past
    guard next.entries[entry].act.isInGroup else {
      let sight = sights[past] ?? OfficeModel(history).evaluate(past).sight
      sights[past] = sight
      return OfficeModel(next).isAdmitted(entry, sight)
    }
    guard let group = history.group else { return false }
    let sight = groupSights[past] ?? GroupModel(history, group).evaluate(past).sight
    groupSights[past] = sight
    let model = GroupModel(next, group)
    return next.entries[entry].act.isControl
      ? model.hasRight(entry, sight) : model.mayWrite(entry, sight)
  }
}
