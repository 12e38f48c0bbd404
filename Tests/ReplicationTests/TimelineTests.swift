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
      timeline.append(row)
      all.append(row)
      guard Int.random(in: 0..<7, using: &random) == 0 else { continue }
      for _ in 0..<2 {
        let rows = timeline.ordered(tie: { $0.seq < $1.seq })
        #expect(rows.map(\.seq) == all.sorted(by: precedes).map(\.seq))
      }
    }
    #expect(timeline.arrivals.map(\.seq) == all.map(\.seq))
  }
}
