import Format

/// The messages of one group, in the order people read them and in the order they came.
///
/// Rows are 16 bytes, for a node holds 100,000s of them. New rows are sorted in only when somebody
/// reads: a catch-up of several feeds would otherwise move half the list for each entry.
struct Timeline {
  struct Row {
    var effective: UInt64
    var feed: UInt32
    var seq: UInt32
  }

  /// In order of admission; a follower's cursor is an index into it.
  private(set) var arrivals: [Row] = []
  /// How many of the arrivals were found to be in display order as they came; as long as all are,
  /// no second list is kept.
  private var inOrder = 0
  /// All rows that were looked at in display order, once one came out of order.
  private var sorted: [Row]?
  /// Rows above which later ones had been shown for a while when they came: few, as a rule.
  private var late: Set<UInt64> = []
  private var shown = Shown()

  /// Takes in a row that came to this node at a moment, in milliseconds since 1970, or that it wrote.
  mutating func append(_ row: Row, at moment: UInt64, isOwn: Bool) {
    arrivals.append(row)
    // What one wrote here nobody misses here. And the log does not tell that a later one, which was
    // stored before, waited then for the office log and was not shown yet.
    if shown.latest(at: moment) > row.effective, !isOwn { late.insert(Self.key(row)) }
    shown.note(row.effective, at: moment)
  }

  /// Whether a row of another device came after later ones had been shown, so that who reads on may
  /// miss it.
  func isLate(_ row: Row) -> Bool { late.contains(Self.key(row)) }

  private static func key(_ row: Row) -> UInt64 { UInt64(row.feed) << 32 | UInt64(row.seq) }

  var count: Int { arrivals.count }

  /// All rows in display order; `tie` orders two of one moment (canonically).
  mutating func ordered(tie: (Row, Row) -> Bool) -> [Row] {
    func precedes(_ a: Row, _ b: Row) -> Bool {
      a.effective != b.effective ? a.effective < b.effective : tie(a, b)
    }
    if sorted == nil {
      while inOrder < arrivals.count,
        inOrder == 0 || precedes(arrivals[inOrder - 1], arrivals[inOrder])
      {
        inOrder += 1
      }
      if inOrder == arrivals.count { return arrivals }
    }
    let known = sorted ?? Array(arrivals[..<inOrder])
    guard known.count < arrivals.count else { return known }
    // Taken out while it is changed: a list in two hands would be copied.
    sorted = nil
    let new = merge(known, arrivals[known.count...].sorted(by: precedes), precedes)
    sorted = new
    return new
  }

  private func merge(
    _ known: consuming [Row], _ fresh: [Row], _ precedes: (Row, Row) -> Bool
  ) -> [Row] {
    // Nearly always all that is new is newest.
    guard let last = known.last, let first = fresh.first, precedes(first, last) else {
      var all = known
      all.append(contentsOf: fresh)
      return all
    }
    var merged: [Row] = []
    merged.reserveCapacity(arrivals.count)
    var (old, new) = (0, 0)
    while old < known.count || new < fresh.count {
      if new == fresh.count || (old < known.count && !precedes(fresh[new], known[old])) {
        merged.append(known[old])
        old += 1
      } else {
        merged.append(fresh[new])
        new += 1
      }
    }
    return merged
  }
}

/// Where the display had come to some time ago: what catches up together counts as one.
private struct Shown {
  private static let delay = UInt64(Limits.lateSeconds) * 1_000
  private static let step: UInt64 = 10_000
  private var settled: UInt64 = 0
  /// The latest row of each step since then, oldest first.
  private var recent: [(from: UInt64, latest: UInt64)] = []

  mutating func latest(at moment: UInt64) -> UInt64 {
    while let first = recent.first, moment > Self.step + Self.delay,
      first.from <= moment - Self.step - Self.delay
    {
      settled = max(settled, first.latest)
      recent.removeFirst()
    }
    return settled
  }

  mutating func note(_ effective: UInt64, at moment: UInt64) {
    // A clock that was set back ends no step.
    if let last = recent.last, moment < last.from || moment - last.from < Self.step {
      recent[recent.count - 1].latest = max(last.latest, effective)
    } else {
      recent.append((moment, effective))
    }
  }
}
