import Platform
import TestSupport
import Testing

@testable import Simulation

/// A call that a node makes of its disks fails, once or from then on, at any time of its life: nothing
/// that it called durable is lost, nobody is told a lie, and it goes on when nothing fails any more.
///
/// A share of all calls is drawn; where ZURUF_CRASH_CALLS is `all`, it is all.
@Suite struct NodeFailingTests {
  private struct Trouble: CustomStringConvertible {
    let fault: CallFault
    let place: NodeRecorder.Place
    var description: String { "\(place), \(fault)" }
  }

  /// Some of the ways in which calls of a node's disks can fail.
  private static func troubles(_ recorder: NodeRecorder, _ share: Int) -> [Trouble] {
    var all: [Trouble] = []
    for place in recorder.places {
      let calls = recorder.calls(of: place)
      for operation in CallFault.operations {
        for at in 0..<calls[operation, default: 0] {
          for isLasting in [false, true] {
            for effect in CallFault.effects(of: operation) {
              let error: SystemError = (at + (isLasting ? 1 : 0)) % 3 == 0 ? .noSpace : .inputOutput
              let isChange = ![.open, .read, .list, .examine, .measureSpace].contains(operation)
              all.append(
                Trouble(
                  fault: CallFault(
                    operation, at: at, effect, isChange ? error : .inputOutput,
                    isLasting: isLasting), place: place))
            }
          }
        }
      }
    }
    let order = CrashOrder(images: 0)
    if order.isEveryCall { return all }
    var chance = SeededGenerator(seed: order.seed)
    return Array(all.shuffled(using: &chance).prefix(share))
  }

  @Test(arguments: NodeStory.Part.allCases)
  func `whichever call of its disks fails, a node loses nothing and goes on`(
    part: NodeStory.Part
  ) {
    let seed = CrashOrder(images: 0).seed
    let healthy = NodeStory(seed: seed, part)
    healthy.run()
    #expect(healthy.heal() == nil)
    for place in healthy.recorder.places { #expect(!healthy.recorder.calls(of: place).isEmpty) }
    let troubles = Self.troubles(healthy.recorder, 40)
    for trouble in troubles {
      let story = NodeStory(seed: seed, part)
      story.recorder.fail(trouble.fault, on: trouble.place)
      story.run()
      guard let wrong = story.heal() else { continue }
      Issue.record("seed \(seed), \(part), \(trouble): \(wrong)")
      return
    }
    print("note: failing calls in the life of a \(part): \(troubles.count) runs")
  }

  /// What was written stays where it is read, though the disk said that it could not be: somebody is let in
  /// by it after a start, and must not get it before it is known to last (S-16).
  @Test
  func `whichever write fails from then on while somebody joins, nobody hears what may not last`() {
    var withheld = 0
    for at in 8..<24 {
      let story = NodeStory(seed: 1, .founder)
      story.recorder.fail(CallFault(.write, at: at, .all, isLasting: true), on: .data)
      story.run()
      withheld += story.withheld
      if let wrong = story.heal() { Issue.record("write \(at) and all after it: \(wrong)") }
    }
    #expect(withheld > 0)
  }

  /// Every call in the midst of setting aside, failing once or from then on.
  private static func asideTroubles(_ healthy: NodeStory) -> [Trouble] {
    var all: [Trouble] = []
    for place in healthy.recorder.places {
      for operation in CallFault.operations {
        for at in healthy.asideCalls[place]?[operation] ?? 0..<0 {
          for effect in CallFault.effects(of: operation) where effect != .half {
            for isLasting in [false, true] {
              let fault = CallFault(operation, at: at, effect, isLasting: isLasting)
              all.append(Trouble(fault: fault, place: place))
            }
          }
        }
      }
    }
    return all
  }

  @Test
  func `whichever call fails while an office is set aside, the node joins anew and starts again`() {
    let seed = CrashOrder(images: 0).seed
    let healthy = NodeStory(seed: seed, .joiner)
    healthy.run()
    var runs = 0
    for trouble in Self.asideTroubles(healthy) {
      let story = NodeStory(seed: seed, .joiner)
      story.recorder.fail(trouble.fault, on: trouble.place)
      story.run()
      runs += 1
      guard let wrong = story.heal() ?? story.comeBack() else { continue }
      Issue.record("seed \(seed), \(trouble): \(wrong)")
      return
    }
    #expect(runs > 20)
    print("note: failing calls while an office is set aside: \(runs) runs")
  }

  @Test func `whichever call fails while a node catches up, it gets everything in the end`() throws
  {
    let beginning = try #require(CatchUp.begin())
    let healthy = CatchUp(beginning)
    #expect(healthy.run() == nil)
    let troubles = Self.troubles(healthy.recorder, 40)
    for trouble in troubles {
      let run = CatchUp(beginning)
      run.recorder.fail(trouble.fault, on: trouble.place)
      guard let wrong = run.run() else { continue }
      Issue.record("\(trouble): \(wrong)")
      return
    }
    print("note: failing calls while a node catches up: \(troubles.count) runs")
  }
}
