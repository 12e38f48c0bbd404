import Control
import Format
import Platform
import TestSupport
import Testing

@testable import Simulation

/// Offices with several owners, recovered ones, and devices that somebody who lies brings along.
@Suite struct OwnerTests {
  private func office(_ seed: UInt64, _ change: (inout Plan) -> Void) -> OfficeRun {
    var plan = Plan.quiet
    (plan.hosts, plan.keepers, plan.minutes) = (5, 1, 4)
    change(&plan)
    let run = OfficeRun(seed: seed, plan: plan, keepsTrace: true)
    run.run()
    return run
  }

  @Test(arguments: UInt64(1)...4)
  func `owners who come, go and recover the office in pieces are the same for all in the end`(
    seed: UInt64
  ) {
    let run = office(seed) {
      $0.rates = [.owners: 8, .recover: 4, .partition: 6, .promote: 3, .dismiss: 2]
    }
    #expect(run.world.faults == [])
    #expect(!run.world.audit.book.ownerLists.isEmpty)
  }

  @Test(arguments: UInt64(1)...3)
  func `devices that somebody brings along who lies take nothing from the others`(seed: UInt64) {
    let run = office(seed) { ($0.rates, $0.bringsDevices) = ([.liar: 30], true) }
    #expect(run.world.faults == [])
    #expect(run.world.trace.lines.contains { $0.contains("writes as a device that it brought") })
  }

  /// P3 makes itself and P2 the owners, of which P1 and P2 do not hear, and P1, an owner until then, removes the
  /// founder from its own group. What the founder says there beside that nobody takes, and of the removal it hears
  /// before anybody who leads there has spoken, or after that.
  @Test(arguments: [false, true])
  func `who does not know yet that its removal counts goes on, and nobody gets what it says`(
    isTold: Bool
  ) {
    var plan = Plan.quiet
    (plan.hosts, plan.rates) = (4, [.recover: 1])
    let run = OfficeRun(seed: 11, plan: plan, keepsTrace: false)
    let said = SaidInOffice()
    run.run {
      let (people, book) = (run.people, run.world.audit.book)
      let rank = MemberRankCall(member: "@P1", rank: .owner)
      _ = run.answer(of: people[0], to: .memberRank(rank), "a rank")
      let found = GroupNewCall(title: "Runde", purpose: nil, members: ["@P1", "@P2"])
      _ = run.answer(of: people[0], to: .groupNew(found), "found")
      run.world.run(for: .seconds(5))
      for number in 0...2 { _ = said.say(in: "Runde", by: number, run) }
      run.world.run(for: .seconds(5))
      run.world.blocked = .ways([1, 2], [0, 3])
      let recover = RecoveryUseCall(line: run.recoveryLine, owners: ["@P3", "@P2"])
      _ = run.answer(of: people[3], to: .recoveryUse(recover), "recover")
      for (person, rank) in zip(people, [RankWord.member, .member, .owner, .owner]) {
        person.rank = rank
      }
      run.world.run(for: .seconds(5))
      let beside = said.say(in: "Runde", run)
      let remove = GroupRemoveCall(group: "Runde", members: ["@P0"])
      _ = run.answer(of: people[1], to: .groupRemove(remove), "remove")
      run.world.run(for: .seconds(5))
      run.world.blocked = []
      run.world.run(for: .seconds(120))
      guard let device = run.world.audit.device(of: 0), let member = book.members(of: device).first
      else { return run.world.fail("the founder has no device") }
      func isExcused(_ entry: Long?) -> Bool? {
        entry.flatMap { book.entries[$0]?.entry }.map { entry in
          book.mayBeBeforeWitness(member, in: entry.group) { book.isAware(entry.id, of: $0) }
        }
      }
      #expect(isExcused(beside) == false)
      if isTold {
        let words = (0...1).map { _ in said.say(in: "Runde", by: 2, run) }
        // As if the founder had written them: the second knows of the first, a witness.
        #expect(words.map(isExcused) == [true, false])
        run.world.run(for: .seconds(5))
      }
      if isTold {
        let call = SendCall(to: "Runde", text: "", id: HexIdentifier(bytes: [7]))
        guard case .failure? = run.outcome(of: people[0], .send(call)) else {
          return run.world.fail("who is out of a group writes there")
        }
      } else {
        #expect(isExcused(said.say(in: "Runde", run)) == true)
      }
    }
    #expect(run.world.faults == [])
  }

  // MARK: Which list is in force

  private struct List {
    let id: UInt64
    let previous: UInt64
    let members: [UInt64]
    let lamport: UInt64
    var isRecovery = false
  }

  private func long(_ number: UInt64) -> Long {
    Long(first: Short(high: 0, low: 0), last: Short(high: 0, low: number))
  }

  private func known(_ lists: [List], isHonest: Bool = true) -> OwnerLists {
    var known = OwnerLists()
    known.found(by: Short(high: 0, low: 1))
    for list in lists {
      known.add(
        long(list.id), lamport: list.lamport, after: long(list.previous),
        list.members.map { Short(high: 0, low: $0) }, isRecovery: list.isRecovery,
        isHonest: isHonest)
    }
    return known
  }

  private func owners(_ lists: [List]) -> [UInt64]? {
    known(lists).inForce.map { $0.map(\.low).sorted() }
  }

  /// A removal that the lists of these numbers know of.
  private func isAbove(_ member: UInt64, _ lists: OwnerLists, known numbers: [UInt64] = []) -> Bool
  {
    lists.isAbove(Short(high: 0, low: member)) { numbers.map(long).contains($0) }
  }

  @Test func `whom a list beside a removal has as an owner loses nothing by it, and nobody else`() {
    let lists = [
      List(id: 10, previous: 0, members: [1, 2], lamport: 5),
      List(id: 11, previous: 10, members: [2, 3], lamport: 7),
    ]
    let founded = known([])
    #expect(isAbove(1, founded) && !isAbove(2, founded))
    let first = known([lists[0]])
    #expect(isAbove(1, first, known: [10]) && isAbove(2, first) && !isAbove(2, first, known: [10]))
    // Named without a break since the first, which is asked; who is struck is out.
    let both = known(lists)
    #expect(!isAbove(1, both) && isAbove(2, both, known: [11]) && !isAbove(3, both, known: [11]))
    #expect(!isAbove(2, both, known: [10, 11]))
    // Nobody says which of those counts that somebody wrote who lies.
    let doubtful = known(lists, isHonest: false)
    #expect(isAbove(1, doubtful, known: [11]) && !isAbove(1, doubtful, known: [10, 11]))
  }

  @Test
  func `the lists that follow each other count, of two the first, and the recovery key's last`() {
    #expect(owners([]) == [1])
    let first = List(id: 10, previous: 0, members: [1, 2], lamport: 5)
    let second = List(id: 11, previous: 10, members: [2], lamport: 7)
    #expect(owners([first, second]) == [2])
    // Beside the second one, and before it.
    let other = List(id: 12, previous: 10, members: [1, 2, 3], lamport: 6)
    #expect(owners([second, first, other]) == [1, 2, 3])
    let recovered = List(id: 13, previous: 10, members: [4], lamport: 9, isRecovery: true)
    #expect(owners([first, second, other, recovered]) == [4])
    let later = List(id: 14, previous: 13, members: [4, 5], lamport: 10)
    #expect(owners([first, second, other, recovered, later]) == [4, 5])
    // Of two that do not follow each other the last in order.
    let again = List(id: 15, previous: 0, members: [6], lamport: 20, isRecovery: true)
    #expect(owners([first, second, recovered, later, again]) == [6])
    // What somebody wrote again is the same list.
    let copy = List(id: 9, previous: 10, members: [2], lamport: 8)
    let follows = List(id: 16, previous: 9, members: [2, 7], lamport: 9)
    #expect(owners([first, second, copy, follows]) == [2, 7])
  }

  @Test func `a list from before somebody was an owner takes nothing from them`() throws {
    let history = try History()
    for number in [2, 3] { try history.letIn(number) }
    let first = try history.owners([1, 2], by: 1)
    let second = try history.owners([1, 2, 3], after: first, by: 1)
    #expect(![1, 2, 3].contains(where: history.hasLost) && !history.book.hasAnybodyLost)
    // Beside the second one: neither of them follows the other.
    _ = try history.owners([1], after: first, by: 2, knowing: [1])
    #expect([1, 2, 3].map(history.hasLost) == [false, true, true])
    _ = try history.owners([2, 3], after: second, by: 1)
    #expect([1, 2, 3].map(history.hasLost) == [true, true, true])
  }
}
