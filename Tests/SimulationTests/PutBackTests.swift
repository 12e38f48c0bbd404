import Control
import Platform
import TestSupport
import Testing

@testable import Simulation

/// Which device may write two things at one place where an older state of its disk is back.
@Suite struct PutBackTests {
  private let said = SaidInOffice()

  @Test(arguments: [Mishap.restoredDisk, .lyingFlush])
  func `the computer that a disk brings back may write anew what it wrote before it was set aside`(
    mishap: Mishap
  ) throws {
    var first: Long?
    let run = said.office { run in
      var chance = SeededGenerator(seed: 7)
      let (founder, other) = (run.people[0], run.people[1])
      _ = said.say(in: "everyone", by: 1, run)
      run.world.run(for: .seconds(5))
      first = run.world.audit.device(of: 1)
      if mishap == .lyingFlush {
        run.lie(other.host, &chance)
      } else {
        run.harm(.backup, other.host, &chance)
      }
      _ = said.say(in: "everyone", by: 1, run)
      run.world.run(for: .seconds(2))
      let remove = MemberRemoveCall(member: "@P1", look: nil)
      _ = run.answer(of: founder, to: .memberRemove(remove), "remove")
      run.world.run(for: .seconds(2))
      #expect(run.standing(of: other) == .removed)
      other.host.isLetIn = false
      _ = run.answer(of: other, to: .officeAside(OfficeAsideCall()), "set aside")
      run.world.audit.empty(1)
      run.world.blocked = .ways([1], [0, 2])
      if mishap == .restoredDisk { run.harm(mishap, other.host, &chance) }
      run.world.run(for: .seconds(90))
      #expect(run.world.audit.device(of: 1) == first)
      _ = said.say(in: "everyone", by: 1, run)
      run.world.run(for: .seconds(5))
      run.isOver = true
    }
    #expect(run.world.faults == [])
    let device = try #require(first)
    // It did so.
    #expect(run.world.audit.book.doubled.contains { run.world.audit.book.authors[$0] == device })
  }
}
