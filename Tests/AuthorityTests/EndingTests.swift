import Format
import Testing

@testable import Authority

/// What a device is shown of why its member is not in a group (R-4).
@Suite struct EndingTests {
  @Test func `with what is shown whoever was added in vain sees that it is not in`() throws {
    var cases = 0
    for seed in 1...(4 * ModelTests.walks) {
      let history = Search.wander.history(seed: seed)
      let run = ProductRun(history)
      for entry in history.later { run.arrive(entry) }
      guard let group = run.group else { continue }
      let (whole, office) = (run.groupView(run.arrived), run.officeView(run.arrived))
      func isIn(_ member: MemberID, _ view: ViewID) -> Bool {
        group.membership(groupView: view, officeView: office).grade(of: member) != nil
      }
      func view(upTo entry: Int) -> ViewID {
        run.groupView(history.entries[entry].past.adding(entry))
      }
      for (number, member) in Keys.members.enumerated() where !isIn(member, whole) {
        let endings = group.endings(of: member, groupView: whole, officeView: office)
        let shown = endings.compactMap { ending in
          run.arrived.first { run.id($0) == ending.entry.id }
        }
        #expect(shown.count == endings.count)
        var held: [ViewID] = [.empty]
        for entry in run.arrived {
          if case .add(number, _) = history.entries[entry].act { held.append(view(upTo: entry)) }
        }
        for start in held where isIn(member, start) {
          cases += 1
          let end = run.views.union(start, shown.map { view(upTo: $0) })
          if isIn(member, end) {
            Issue.record(
              "\(([ "seed \(seed), member \(number)"] + history.script).joined(separator: "\n"))")
          }
        }
      }
    }
    #expect(cases > Int(ModelTests.walks) / 10)
  }

  @Test func `of who is in again nothing is shown that ended it before`() throws {
    let world = World()
    let ben = world.newDevice()
    world.certify(ben, .member, by: world.founder)
    let group = TestGroup(world, .listed, by: world.founder)
    func endings() -> [GroupEnding] {
      group.authority.endings(
        of: ben.member, groupView: group.everything, officeView: world.everything)
    }
    group.write(.groupAdd([ben.member], .member), by: world.founder)
    let removal = try #require(group.write(.groupRemove(ben.member, []), by: world.founder))
    #expect(endings() == [GroupEnding(entry: ControlReference(removal), loss: nil)])
    group.write(.groupAdd([ben.member], .member), by: world.founder)
    #expect(group.grade(ben) == .member && endings().isEmpty)
  }

  /// Ben's group: he makes managers of so many, each of whom adds the next one as a member; the last one
  /// adds somebody, and what made a manager of the first was ended by another entry than the rest.
  private func chain(of rungs: Int) throws -> (group: TestGroup, added: TestDevice, ends: [EntryID])
  {
    let world = World()
    let devices = (0...(rungs + 2)).map { _ in world.newDevice() }
    for device in devices { world.certify(device, .member, by: world.founder) }
    for device in devices { world.sync(device, from: world.founder) }
    let (ben, added) = (devices[0], devices[rungs + 2])
    let group = TestGroup(world, .listed, by: ben)
    let other = world.newFeed(of: ben)
    let early = world.newFeed(of: world.founder)
    var last = devices[1]
    #expect(group.write(.groupAdd([last.member], .manager), by: other) != nil)
    group.sync(world.founder, from: other)
    let late = try #require(group.write(.groupRemove(ben.member, []), by: world.founder))
    group.sync(last, from: other)
    for next in devices[2...(rungs + 1)] {
      #expect(group.write(.groupAdd([next.member], .member), by: last) != nil)
      #expect(group.write(.groupAdd([next.member], .manager), by: ben) != nil)
      group.sync(next, from: last, ben)
      last = next
    }
    #expect(group.write(.groupAdd([added.member], .member), by: last) != nil)
    group.sync(added, from: last)
    // Behind the other one, which so takes what both would.
    early.lamport = late.lamport
    let first = try #require(group.write(.groupRemove(ben.member, []), by: early))
    return (group, added, [late.id, first.id])
  }

  @Test(arguments: [false, true]) func `what let an addition fall is looked for within a limit`(
    isWithin: Bool
  ) throws {
    // The addition, two entries for each that follows, and the first.
    let rungs = (Limits.lossEntriesMax - 2) / 2 + (isWithin ? 0 : 1)
    let (group, added, ends) = try chain(of: rungs)
    let office = group.world.everything
    #expect(group.membership(seenBy: added).grade(of: added.member) == .member)
    let endings = group.authority.endings(
      of: added.member, groupView: group.everything, officeView: office)
    #expect(endings.map(\.entry.id) == (isWithin ? ends : [ends[0]]))
    // The nearest is enough to see it.
    let shown = try #require(endings.first?.entry)
    let view = group.world.views.adding(group.view(added), shown.place, shown.seq)
    #expect(
      group.authority.membership(groupView: view, officeView: office).grade(of: added.member) == nil
    )
  }
}
