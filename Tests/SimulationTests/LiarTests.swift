import Testing

@testable import Simulation

/// Somebody who lies with the keys of one of the others, and nothing else that goes wrong.
@Suite struct LiarTests {
  private func office(_ seed: UInt64) -> OfficeRun {
    var plan = Plan.quiet
    (plan.hosts, plan.keepers, plan.minutes) = (5, 1, 3)
    plan.rates = [.liar: 30]
    let run = OfficeRun(seed: seed, plan: plan, keepsTrace: true)
    run.run()
    return run
  }

  @Test(arguments: UInt64(1)...4)
  func `whoever lies takes nothing from the others and leaves nothing behind`(seed: UInt64) {
    let run = office(seed)
    #expect(run.world.faults == [])
    #expect(run.happened[.liar] == Mishap.liar.limit)
    #expect(run.world.audit.book.liars.count == Mishap.liar.limit)
    #expect(run.world.trace.lines.count { $0.contains(" lies: ") } > 50)
  }

  @Test func `what somebody lies comes again from the same seed`() {
    #expect(office(9).world.trace.hash == office(9).world.trace.hash)
  }
}
