import Platform
import TestSupport
import Testing

@testable import Simulation

/// Whole nodes after a power cut: each starts from what is left of all its files, holds and shows what
/// it called durable, contradicts nothing that others know, and goes on.
@Suite struct NodeCrashTests {
  private struct Share: CustomTestStringConvertible, Sendable {
    let part: NodeStory.Part
    let number: Int
    static let count = 2
    static let all = NodeStory.Part.allCases.flatMap { part in
      (0..<count).map { Share(part: part, number: $0) }
    }
    var testDescription: String { "\(part) \(number)" }
  }

  @Test(arguments: Share.all)
  private func `whatever a power cut leaves of its files, a node goes on`(share: Share) {
    let order = CrashOrder(images: 2_000)
    let story = NodeStory(seed: order.seed, share.part)
    story.run()
    #expect(story.world.faults == [] && story.refusals == [])
    let events = story.recorder.tape.events
    // A node takes as long as ten stores.
    let numbers = order.numbers(
      share.part.rawValue, share.number, of: Share.count, portion: 10)
    let plan = CrashPlan(events, from: story.recorder.before, seed: order.seed, numbers: numbers)
    let small = SmallFiles(events)
    var cut = PowerCut(events, from: story.recorder.before)
    for item in plan.items {
      cut.advance(to: item.place)
      let images = item.leftover.images(of: cut)
      let wrong =
        small.fault(in: images, at: item.place)
        ?? NodeCheck(story, place: item.place).look(at: images)
      guard let wrong else { continue }
      Issue.record(
        """
        image \(item.number), place \(item.place) of \(events.count), \(item.leftover): \(wrong)
        again: \(order.again(item.number, of: share.part.rawValue))
        """)
      return
    }
    print(
      "note: crash images of a \(share.part), seed \(order.seed), share \(share.number): "
        + "\(plan.items.count) looked at, of \(plan.told) that can be told one by one at "
        + "\(plan.places) places")
  }
}
