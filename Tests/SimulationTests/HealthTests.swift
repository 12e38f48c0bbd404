import Control
import Testing

@testable import Simulation

/// What nodes say of themselves in the end, also where nobody lied and nothing moved.
@Suite struct HealthTests {
  private let said = SaidInOffice()

  @Test func `two who are not linked though a way leads from one to the other`() throws {
    let run = said.office { run in
      _ = said.say(in: "everyone", by: 1, run)
      _ = said.say(in: "everyone", by: 2, run)
      run.world.run(for: .seconds(30))
      run.checkHealth()
      #expect(run.world.faults == [])
      run.world.blocked = [World.Path(from: 1, to: 2), World.Path(from: 2, to: 1)]
      run.world.run(for: .seconds(180))
      run.checkHealth()
    }
    #expect(try #require(run.world.faults.first) == "hosts 1 and 2 are not linked")
  }

  @Test(arguments: [DegradedWord.newerVersion, .limitReached, .saidRemoved, .copied])
  func `a state that nothing brought about`(word: DegradedWord) throws {
    func state(_ word: DegradedWord, _ form: DegradedForm? = nil) -> DegradedInfo {
      DegradedInfo(word: word, detail: "", hint: nil, since: nil, form: form)
    }
    let run = said.office { run in
      _ = said.say(in: "everyone", by: 1, run)
      // What others say and a start has overruled, and what is of no matter here.
      run.checkStates([state(.copied, .overruled), state(.diskFull)], of: run.people[1])
      #expect(run.world.faults == [])
      run.checkStates([state(word)], of: run.people[1])
    }
    #expect(run.world.faults == ["host 1 says that it is \(word.rawValue)"])
  }

  @Test func `a group of somebody who lies and is borne with needs a newer version`() throws {
    func state(_ groups: String) -> DegradedInfo {
      DegradedInfo(
        word: .newerVersion, detail: "", hint: nil, since: nil, form: .groups,
        values: ["groups": groups])
    }
    let run = said.office { run in
      for (number, title) in [(1, "Runde"), (2, "Halle")] {
        let call = GroupNewCall(title: title, purpose: nil, members: ["@P0"])
        _ = run.answer(of: run.people[number], to: .groupNew(call), "found")
      }
      run.world.run(for: .seconds(10))
      let person = run.people[0]
      run.hasTolerated = true
      // As if the second one lied by now.
      run.world.audit.book.liars.formUnion([run.world.audit.device(of: 1)].compactMap { $0 })
      run.checkStates([state("Runde")], of: person)
      #expect(run.world.faults == [])
      for groups in ["Halle", "Halle, Runde", "a group without a name yet"] {
        run.checkStates([state(groups)], of: person)
      }
      run.hasTolerated = false
      run.checkStates([state("Runde")], of: person)
      run.isOver = true
    }
    #expect(run.world.faults == Array(repeating: "host 0 says that it is newer-version", count: 4))
  }

  /// Wakes a host every ten microseconds, as one does that finds nothing to do and something due.
  private func stir(_ host: Int, _ world: World) {
    world.after(.microseconds(10), host: host) {
      world.wake(host, at: world.now)
      stir(host, world)
    }
  }

  /// Also while somebody waits for something.
  @Test(arguments: [false, true]) func `a node that never sleeps`(waits: Bool) throws {
    let run = said.office { run in
      stir(1, run.world)
      if waits {
        _ = run.world.run(atMost: .seconds(20)) { false }
      } else {
        run.world.run(for: .seconds(20))
      }
      run.isOver = true
    }
    #expect(run.world.faults == ["host 1 takes turns without end"])
  }

  @Test(arguments: [false, true])
  func `a node that forgets its office`(isForgotten: Bool) {
    let run = said.office { run in
      let host = run.people[1].host
      #expect(host.isLetIn)
      host.loseDisk()
      run.world.audit.forgive(1)
      #expect(!host.isLetIn)
      // As if nothing had been taken from it.
      host.isLetIn = isForgotten
      host.start()
      run.world.run(for: .seconds(5))
    }
    // Its disk tells before anybody asks it.
    let fault = "host 1 is in the office, and its disk does not say by what"
    #expect(run.world.faults == (isForgotten ? [fault] : []))
  }
}
