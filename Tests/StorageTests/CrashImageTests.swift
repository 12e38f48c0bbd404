import Foundation
import Platform
import TestSupport
import Testing

@testable import Storage

/// A long script, and every image that a power cut leaves at any place of it: what was acknowledged is
/// there, what was not is there whole or not at all, and everything goes on.
///
/// ZURUF_CRASH_IMAGES says how many images are looked at, ZURUF_CRASH_SEED which, and
/// ZURUF_CRASH_IMAGE that it is this one alone; `Tools/crash` sets them.
@Suite struct CrashImageTests {
  private static let shares = 4

  /// What one script did, recorded once for all that look at it.
  private struct Record: Sendable {
    let book: CrashBook
    let events: [DiskTape.Event]
    let wrong: [String]
    let taken: [CrashScript.Step: Int]
  }

  private static let order = CrashOrder(images: 2_000)
  private static let record = {
    let tape = DiskTape()
    let script = CrashScript(seed: order.seed, RecordingDisk(MemoryDisk(), tape: tape), tape)
    script.run(CrashScript.steps(300))
    return Record(
      book: script.book, events: tape.events, wrong: script.wrong, taken: script.taken)
  }()

  @Test(arguments: 0..<shares)
  func `whatever a power cut leaves, nothing acknowledged is lost`(share: Int) throws {
    let (order, events) = (Self.order, Self.record.events)
    #expect(Self.record.wrong.isEmpty)
    let plan = CrashPlan(
      events, from: [DiskImage()], seed: order.seed,
      numbers: order.numbers("store", share, of: Self.shares))
    var cut = PowerCut(events, from: [DiskImage()])
    let check = CrashCheck(book: Self.record.book)
    for item in plan.items {
      cut.advance(to: item.place)
      var chance = SeededGenerator(seed: order.seed &+ UInt64(item.number))
      let image = item.leftover.images(of: cut)[0]
      guard let wrong = check.look(at: image, place: item.place, &chance) else { continue }
      Issue.record(
        """
        image \(item.number), place \(item.place) of \(events.count), \(item.leftover): \(wrong)
        again: \(order.again(item.number, of: "store"))
        """)
      return
    }
    print(
      "note: crash images of the store, seed \(order.seed), share \(share): \(plan.items.count) looked "
        + "at, of \(plan.told) that can be told one by one at \(plan.places) places")
  }

  @Test func `the script does everything that it is there for`() {
    #expect(Self.record.wrong.isEmpty)
    let taken = Self.record.taken
    for step in CrashScript.Step.allCases { #expect(taken[step, default: 0] > 0, "\(step)") }
    #expect(taken.values.reduce(0, +) > 250)
    let segments = Self.record.events.filter { event in
      guard case .create(_, let path) = event else { return false }
      return path.names.count == 3
    }
    #expect(segments.count > 7)
  }
}
