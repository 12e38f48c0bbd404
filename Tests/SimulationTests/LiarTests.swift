import Control
import Testing

@testable import Simulation

/// Somebody who lies with the keys of one of the others, and nothing else that goes wrong.
@Suite struct LiarTests {
  private func office(_ seed: UInt64, _ ruses: Set<Ruse> = []) -> OfficeRun {
    var plan = Plan.quiet
    (plan.hosts, plan.keepers, plan.minutes) = (5, 1, 3)
    plan.rates = [.liar: 30]
    plan.ruses = ruses
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

  @Test(arguments: Ruse.allCases)
  func `whoever plays a ruse takes nothing from the others`(ruse: Ruse) {
    let run = office(5, [ruse])
    #expect(run.world.faults == [])
    let words =
      switch ruse {
      case .oldFrontiers: "says again to"
      case .withheldBodies: "withholds"
      case .movedBodies: "moves the body"
      case .clockBack: "claims an earlier time"
      case .junk: "sends junk"
      }
    #expect(run.world.trace.lines.count { $0.contains(" lies: \(words)") } >= 10)
  }

  @Test func `about every fifth plan with somebody who lies has each ruse, and no other plan`() {
    let plans = (0..<2_000).map { Plan(seed: $0) }
    let lying = plans.filter { $0.rates[.liar] != nil }
    #expect(plans.allSatisfy { $0.rates[.liar] != nil || $0.ruses.isEmpty })
    for ruse in Ruse.allCases {
      let share = lying.count / max(1, lying.count { $0.ruses.contains(ruse) })
      #expect((4...6).contains(share))
    }
  }

  @Test func `a plan names its ruses, and another one takes them from its words`() {
    var (plan, other) = (Plan.quiet, Plan.quiet)
    plan.ruses = [.junk, .movedBodies]
    let words = plan.words(from: other).split(separator: " ").map(String.init)
    #expect(words == ["movedBodies=1", "junk=1"])
    let areKnown = words.map { other.change($0) }
    #expect(areKnown == [true, true] && other.ruses == plan.ruses)
    let isKnown = other.change("junk=0")
    #expect(isKnown && other.ruses == [.movedBodies])
  }

  @Test func `what somebody lies comes again from the same seed`() {
    let ruses = Set(Ruse.allCases)
    #expect(office(9, ruses).world.trace.hash == office(9, ruses).world.trace.hash)
  }

  /// P1 founds a group at one computer, which lets in a further one, and adds P2 there, as if both were
  /// somebody's who lies.
  @Test func `whoever lies may add others to a group that another computer of theirs founded`() {
    let said = SaidInOffice()
    let run = said.office { run in
      let (book, creator) = (run.world.audit.book, run.people[1])
      let found = GroupNewCall(title: "Runde", purpose: nil, members: [])
      _ = run.answer(of: creator, to: .groupNew(found), "found")
      if let first = said.device(of: creator, run) { book.liars.insert(first) }
      let further = said.letInFurther(of: creator, run)
      guard let device = said.device(of: further, run) else {
        return run.world.fail("it was not let in")
      }
      book.liars.insert(device)
      let add = GroupAddCall(group: "Runde", members: ["@P2"])
      _ = run.answer(of: further, to: .groupAdd(add), "add")
      run.world.run(for: .seconds(5))
      #expect(book.additions.contains { book.entries[$0.entry]?.device == device })
      run.isOver = true
    }
    #expect(run.world.faults == [])
  }

  @Test(arguments: [2, 3], [false, true])
  func `whoever lies may remove themselves without a say, and nobody else`(
    target: Int, isDevice: Bool
  ) throws {
    let history = try History()
    for number in [2, 3] { try history.letIn(number) }
    history.takeOver(2)
    try history.remove(target, isDevice: isDevice, by: 2)
    #expect(history.isRemoved(target, isDevice: isDevice) == (target == 2))
  }

  @Test(arguments: [false, true])
  func `whoever lies and says in a group that they are out of the office removes nobody`(
    isDevice: Bool
  ) throws {
    let history = try History()
    try history.letIn(2)
    history.takeOver(2)
    try history.remove(2, isDevice: isDevice, by: 2, inGroup: 7)
    #expect(!history.isRemoved(2, isDevice: isDevice))
  }
}
