import Platform
import TestSupport
import Testing

@testable import Simulation

/// Somebody who has the keys of one of the others, keeps the rules, and leaves them no room.
@Suite struct FloodTests {
  @Test(arguments: Flood.allCases)
  func `the others stay bounded and hear each other, whatever they are flooded with`(
    flood: Flood
  ) {
    var plan = Plan.quiet
    (plan.hosts, plan.keepers) = (4, 1)
    let run = OfficeRun(seed: 21, plan: plan, keepsTrace: false)
    var poured = 0
    var most = 0
    run.run {
      var chance = SeededGenerator(seed: 2)
      run.takeOver(&chance, flood: flood)
      run.world.run(for: .seconds(150))
      let liar = run.world.hosts.compactMap(\.liar).first
      poured = liar?.poured ?? 0
      let book = run.world.audit.book
      let held = run.world.audit.held(at: 0).compactMap { book.entries[$0] }
      let geneses = held.filter { known in
        run.flooders.contains(known.device) && known.entry.seq == 0
      }
      most = Dictionary(grouping: geneses, by: \.entry.group).values.map(\.count).max() ?? 0
      if flood == .groups { most = geneses.count { $0.entry.group == $0.entry.id } }
    }
    #expect(run.world.faults == [])
    #expect(poured > flood.amount.all / 3)
    #expect(flood.isHeldBack == (run.pouredWhileHeard > 0), "it went on while they were heard")
    // What is bounded by a count was filled up to it.
    switch flood {
    case .feeds: #expect((200...260).contains(most))
    case .groups: #expect((900...1_024).contains(most))
    default: break
    }
  }

  /// P1 says something, P2 after it, and last the founder: each names what was said before.
  @Test func `what somebody who lies names is compared if somebody honest has that in the past`() {
    let said = SaidInOffice()
    var isUncited: [Bool] = []
    let run = said.office { run in
      let (audit, book) = (run.world.audit, run.world.audit.book)
      guard let word = said.say(in: "everyone", by: 1, run), let flooder = audit.device(of: 1)
      else { return }
      func look() { isUncited.append(book.uncited(by: [flooder]).contains(word)) }
      look()
      run.world.run(for: .seconds(10))
      _ = said.say(in: "everyone", by: 2, run)
      look()
      // As if both were taken over: of the answer nobody says that it is admitted anywhere.
      book.liars = Set([1, 2].compactMap { audit.device(of: $0) })
      look()
      run.world.run(for: .seconds(10))
      _ = said.say(in: "everyone", run)
      look()
      book.liars = []
    }
    #expect(run.world.faults == [])
    #expect(isUncited == [true, false, true, false])
  }
}
