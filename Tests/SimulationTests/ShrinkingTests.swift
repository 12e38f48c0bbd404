import Testing

@testable import Simulation

/// What is left of a plan that fails, by runs that are but told.
@Suite struct ShrinkingTests {
  /// A plan with three kinds of mishaps.
  private var plan: Plan {
    var plan = Plan.quiet
    (plan.hosts, plan.minutes) = (6, 9)
    plan.rates = [.kill: 5, .powerCut: 4, .sleep: 3]
    return plan
  }

  private func shrunk(_ faults: [String], runs: Int = 100, _ attempt: @escaping (Plan) -> [String])
    -> Plan
  {
    var shrinking = Shrinking(plan: plan, faults: faults, runs: runs, attempt: attempt)
    shrinking.run()
    return shrinking.plan
  }

  @Test func `only what is needed is left, as seldom as it may be`() {
    let small = shrunk(["host 1 has lost 1:2"]) { plan in
      let fails = plan.rates[.kill] != nil && plan.rates[.sleep, default: 0] > 2 && plan.hosts > 3
      return fails ? ["host 2 has lost 3:4"] : []
    }
    #expect(small.rates == [.kill: 1, .sleep: 3])
    #expect(small.hosts == 4 && small.minutes == 1)
  }

  @Test(arguments: [
    ("host 1: 997ddede:9 follows 1f00aa07", "host 3: 00000001:12 follows abcdefab"),
    ("host 2 has lost \"everyone 1\"", "host 11 has lost \"cafe deadbeef\""),
  ])
  func `which entry it was does not matter`(one: String, other: String) {
    #expect(Shrinking.shape(one) == Shrinking.shape(other))
    #expect(Shrinking.shape(one) != Shrinking.shape("host 1: 997ddede:9 has no place"))
  }

  @Test func `another fault is none`() {
    let small = shrunk(["host 1 has lost 1:2"]) { _ in ["host 2 is still joining"] }
    #expect(small.words == plan.words)
  }

  @Test func `a process that ended elsewhere has another fault`() {
    let ending = Shrinking.ending + "A.swift:12: Fatal error"
    let small = shrunk([ending]) { plan in
      plan.rates[.kill] == nil ? [Shrinking.ending + "A.swift:13: Fatal error"] : [ending]
    }
    #expect(small.rates == [.kill: 1])
  }

  @Test func `no more runs are taken than may be`() {
    var count = 0
    _ = shrunk(["a"], runs: 3) { _ in
      count += 1
      return ["a"]
    }
    #expect(count == 3)
  }
}
