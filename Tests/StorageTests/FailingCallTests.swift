import Platform
import TestSupport
import Testing

@testable import Storage

/// The n-th call of each kind fails, once or from then on, for every n until the script does not get
/// so far: whatever was acknowledged is there, and everything goes on when nothing fails any more.
///
/// What a failing call does all the same, and why it fails, takes turns with n; where
/// ZURUF_CRASH_CALLS is `all`, everything is tried with every n, and at more starts.
@Suite struct FailingCallTests {
  private static let order = CrashOrder(images: 0)
  private static let steps = CrashScript.steps(34)

  private struct Run {
    let tape = DiskTape()
    let disk: RecordingDisk
    let script: CrashScript

    init() {
      disk = RecordingDisk(MemoryDisk(), tape: tape)
      script = CrashScript(seed: 2, disk, tape)
    }
  }

  private static func isReading(_ operation: DiskError.Operation) -> Bool {
    [.open, .read, .list, .examine].contains(operation)
  }

  /// Every way in which one of so many calls of a kind can fail.
  private static func faults(_ operation: DiskError.Operation, _ count: Int) -> [CallFault] {
    var kinds = CallFault.effects(of: operation).map { ($0, SystemError.inputOutput) }
    switch operation {
    case .write: kinds.append((.half, .noSpace))
    case .create, .createDirectory, .reserve: kinds.append((.nothing, .noSpace))
    case .open: kinds.append((.nothing, .tooManyFiles))
    case .truncate, .remove: kinds.append((.nothing, .readOnly))
    default: break
    }
    return (0..<count).flatMap { at in
      [false, true].flatMap { isLasting in
        let turn = (at + (isLasting ? 1 : 0)) % kinds.count
        return (order.isEveryCall ? kinds[...] : kinds[turn...turn]).map {
          CallFault(operation, at: at, $0, $1, isLasting: isLasting)
        }
      }
    }
  }

  @Test(arguments: CallFault.operations)
  func `whichever call fails, nothing acknowledged is lost`(
    _ operation: DiskError.Operation
  ) throws {
    let healthy = Run()
    healthy.script.run(Self.steps)
    #expect(healthy.script.wrong.isEmpty)
    let faults = Self.faults(operation, healthy.disk.calls[operation, default: 0])
    for (number, fault) in faults.enumerated() {
      let run = Run()
      run.disk.fail(fault)
      run.script.isTroubled = true
      run.script.mayBeDamaged = Self.isReading(operation)
      run.script.run(Self.steps)
      run.disk.fail(nil)
      var chance = SeededGenerator(seed: UInt64(number))
      var wrong = run.script.wrong + look(run, number, &chance)
      if !run.script.recover() { wrong.append("it does not go on") }
      wrong += run.script.wrong + look(run, number + 1, &chance)
      guard wrong.isEmpty else {
        Issue.record("\(number), \(fault): \(wrong[0])")
        return
      }
    }
    #expect(!faults.isEmpty)
    print("note: failing calls of the store: \(operation.rawValue): \(faults.count) runs")
  }

  /// Looks at what power cuts leave of a run at its end: one by turn, or all where every call is tried.
  private func look(
    _ run: Run, _ turn: Int, _ chance: inout SeededGenerator
  ) -> [String] {
    let events = run.tape.events
    var cut = PowerCut(events, from: [DiskImage()])
    cut.advance(to: events.count)
    let check = CrashCheck(book: run.script.book, mayBeDamaged: run.script.mayBeDamaged)
    let all: [Leftover] = [.nothing, .everything, .drawn(chance.next())]
    let turn = turn % all.count
    return (Self.order.isEveryCall ? all[...] : all[turn...turn]).compactMap { leftover in
      check.look(at: leftover.images(of: cut)[0], place: events.count, &chance)
        .map { "\(leftover): \($0)" }
    }
  }

  @Test func `whichever call fails at a start, the next one finds everything`() throws {
    let healthy = Run()
    healthy.script.run(Self.steps)
    let events = healthy.tape.events
    let plan = CrashPlan(
      events, from: [DiskImage()], seed: 3, numbers: 0..<(Self.order.isEveryCall ? 400 : 16))
    var cut = PowerCut(events, from: [DiskImage()])
    var met: Set<[DiskError.Operation: Int]> = []
    var runs = 0
    for item in plan.items {
      cut.advance(to: item.place)
      let image = item.leftover.images(of: cut)[0]
      let calls = CrashCheck.calls(from: image)
      // Starts that do the same are looked at once.
      guard met.insert(calls).inserted else { continue }
      for operation in CallFault.operations {
        let check = CrashCheck(
          book: healthy.script.book, mayBeDamaged: Self.isReading(operation))
        for fault in Self.faults(operation, calls[operation, default: 0]) {
          var chance = SeededGenerator(seed: UInt64(runs))
          runs += 1
          let wrong = check.start(from: image, place: item.place, failing: fault, &chance)
          guard let wrong else { continue }
          Issue.record("image \(item.number), \(item.leftover), \(fault): \(wrong)")
          return
        }
      }
    }
    #expect(met.count > 7)
    print("note: failing calls at \(met.count) kinds of starts of the store: \(runs) runs")
  }
}
