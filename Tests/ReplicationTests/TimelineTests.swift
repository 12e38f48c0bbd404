import Format
import TestSupport
import Testing

@testable import Replication

struct TimelineTests {
  @Test(arguments: [0, 1, 5, 40])
  func `rows stand in display order however they came and whenever they are asked for`(
    disorder: UInt64
  ) {
    var random = SeededGenerator(seed: 7 + disorder)
    var timeline = Timeline()
    var all: [Timeline.Row] = []
    func precedes(_ a: Timeline.Row, _ b: Timeline.Row) -> Bool {
      a.effective != b.effective ? a.effective < b.effective : a.seq < b.seq
    }
    for seq in 0..<UInt32(300) {
      let late = disorder == 0 ? 0 : UInt64.random(in: 0...disorder, using: &random)
      // Some share a moment, which the canonical order decides.
      let row = Timeline.Row(effective: 1_000 + UInt64(seq) / 2 - late, feed: 1, seq: seq)
      timeline.append(row, at: 0, isOwn: false)
      all.append(row)
      guard Int.random(in: 0..<7, using: &random) == 0 else { continue }
      for _ in 0..<2 {
        let rows = timeline.ordered(tie: { $0.seq < $1.seq })
        #expect(rows.map(\.seq) == all.sorted(by: precedes).map(\.seq))
      }
    }
    #expect(timeline.arrivals.map(\.seq) == all.map(\.seq))
  }

  /// Rows by the second at which they stand in the display and the one at which they came.
  private func late(_ rows: [(stands: UInt64, came: UInt64)]) -> [Bool] {
    var timeline = Timeline()
    for (seq, row) in rows.enumerated() {
      timeline.append(
        Timeline.Row(effective: row.stands * 1_000, feed: 3, seq: UInt32(seq)),
        at: row.came * 1_000, isOwn: false)
    }
    return timeline.arrivals.map(timeline.isLate)
  }

  @Test func `what comes above a message that was shown for a while is late`() {
    #expect(late([(1_000, 1_000), (990, 1_075)]) == [false, true])
    #expect(late([(1_000, 1_000), (990, 1_030), (995, 1_200)]) == [false, false, true])
    // Several that come late are late alike.
    #expect(late([(1_000, 1_000), (800, 1_100), (801, 1_100)]) == [false, true, true])
  }

  @Test func `what is caught up, or read after a wrong clock, is not late`() {
    // A node that was off for an hour, and two feeds of a newcomer one after the other.
    #expect(late([(1_000, 1_000), (1_010, 4_600), (1_020, 4_600)]) == [false, false, false])
    #expect(late([(900, 5_000), (990, 5_000), (10, 5_001)]) == [false, false, false])
    // One clock is two minutes ahead; who answers stands behind it, whatever its own clock says.
    #expect(late([(1_120, 1_000), (1_120, 1_100), (1_121, 1_300)]) == [false, false, false])
    // The node's own clock is set back.
    #expect(late([(1_000, 9_000), (1_001, 1_001), (1_002, 1_100)]) == [false, false, false])
  }
}
