import Control
import Format
import Platform
import Testing
import Transport

@testable import Daemon
@testable import Simulation

extension Plan {
  /// Three people, and nothing that happens by chance.
  static var quiet: Plan {
    var plan = Plan(seed: 1)
    (plan.hosts, plan.keepers, plan.minutes, plan.slowNetwork) = (3, 0, 1, false)
    plan.rates = [:]
    return plan
  }
}

/// What seeds found once, told in short; every run ends with all that is compared of any.
@Suite struct ScriptedRunTests {
  private func office(
    hosts: Int = Plan.quiet.hosts, _ happening: (OfficeRun) -> Void
  ) -> [String] {
    var plan = Plan.quiet
    plan.hosts = hosts
    let run = OfficeRun(seed: 11, plan: plan, keepsTrace: false)
    run.run { happening(run) }
    return run.world.faults
  }

  @Test func `what somebody writes who does not know yet that a rank was taken away is kept`() {
    let faults = office { run in
      let (founder, admin) = (run.people[0], run.people[1])
      func rank(_ rank: RankWord) {
        let call = MemberRankCall(member: "@P1", rank: rank)
        _ = run.answer(of: founder, to: .memberRank(call), "a rank")
      }
      rank(.admin)
      run.world.run(for: .seconds(5))
      let cut = [0, 2].flatMap { [World.Path(from: $0, to: 1), World.Path(from: 1, to: $0)] }
      run.world.blocked = Set(cut)
      rank(.member)
      run.say(run.ledger.begin("everyone"), by: admin, isNew: true)
      run.world.run(for: .seconds(5))
      #expect(run.ledger.acknowledgedCount == 1)
    }
    #expect(faults == [])
  }

  @Test func `a computer that is put back learns again that it was removed from a group`() {
    let faults = office { run in
      let (founder, other) = (run.people[0], run.people[1])
      let add = GroupAddCall(group: "Werkstatt", members: ["@P1"])
      _ = run.outcome(of: founder, .groupAdd(add))
      run.world.run(for: .seconds(10))
      other.host.backUp()
      let remove = GroupRemoveCall(group: "Werkstatt", members: ["@P1"])
      _ = run.answer(of: founder, to: .groupRemove(remove), "remove")
      run.world.run(for: .seconds(10))
      other.host.restore(isWhole: false)
      run.world.audit.forgive(1)
      other.host.start()
    }
    #expect(faults == [])
  }

  @Test func `members who come in at once are not pushed out as strangers are`() {
    let faults = office(hosts: Limits.unprovenLinksMax + 3) { run in
      let (keeper, others) = (run.people[0].host, run.people.dropFirst())
      keeper.kill()
      run.world.run(for: .seconds(30))
      keeper.start()
      // A slow computer: what comes within so long is there in one turn.
      for _ in 0..<20 {
        keeper.sleep(for: .milliseconds(40))
        run.world.run(for: .microseconds(40_250))
        let refused = others.filter { person in
          person.host.node?.dialBook.addresses.contains {
            $0.address.ip == keeper.address && $0.lastEnd == .bye(.notNow)
          } ?? false
        }
        #expect(refused.isEmpty)
      }
      #expect(keeper.node?.peers().allSatisfy(\.linked) ?? false)
    }
    #expect(faults == [])
  }
}
