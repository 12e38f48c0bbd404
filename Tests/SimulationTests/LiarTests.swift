import Control
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
