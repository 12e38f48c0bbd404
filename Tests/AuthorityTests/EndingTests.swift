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
}
