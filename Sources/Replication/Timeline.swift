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
  private var sorted: [Row] = []

  mutating func append(_ row: Row) { arrivals.append(row) }

  var count: Int { arrivals.count }

  /// All rows in display order; `tie` orders two of one moment (canonically).
  mutating func ordered(tie: (Row, Row) -> Bool) -> [Row] {
    guard sorted.count < arrivals.count else { return sorted }
    func precedes(_ a: Row, _ b: Row) -> Bool {
      a.effective != b.effective ? a.effective < b.effective : tie(a, b)
    }
    let fresh = arrivals[sorted.count...].sorted(by: precedes)
    // Nearly always all that is new is newest.
    if let last = sorted.last, let first = fresh.first, precedes(first, last) {
      var merged: [Row] = []
      merged.reserveCapacity(arrivals.count)
      var (old, new) = (0, 0)
      while old < sorted.count || new < fresh.count {
        if new == fresh.count || (old < sorted.count && !precedes(fresh[new], sorted[old])) {
          merged.append(sorted[old])
          old += 1
        } else {
          merged.append(fresh[new])
          new += 1
        }
      }
      sorted = merged
    } else {
      sorted.append(contentsOf: fresh)
    }
    return sorted
  }
}
