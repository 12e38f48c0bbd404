import Control
import Format
import Platform
import Testing

@testable import Simulation

/// People who come in by doors, with strangers beside them.
@Suite struct DoorTests {
  private func office(_ seed: UInt64) -> OfficeRun {
    var plan = Plan.quiet
    (plan.hosts, plan.minutes, plan.rates) = (3, 4, [.door: 20])
    let run = OfficeRun(seed: seed, plan: plan, keepsTrace: true)
    run.run()
    return run
  }

  @Test(arguments: UInt64(1)...6)
  func `who shows the same digits comes in, and nobody else, whoever stands at the door`(
    seed: UInt64
  ) {
    let run = office(seed)
    #expect(run.world.faults == [])
    let newcomers = run.people.filter(\.comesByDoor)
    #expect(newcomers.count >= 2 && newcomers.allSatisfy(\.isIn))
    #expect(run.openings >= newcomers.count)
  }

  @Test func `somebody stood between two, and another had a try`() {
    let runs = (UInt64(1)...6).map { office($0) }
    let lines = runs.flatMap(\.world.trace.lines)
    #expect(lines.contains { $0.contains("stands between") })
    #expect(lines.contains { $0.contains("says no to") })
    #expect(lines.contains { $0.contains("says yes to") && $0.hasSuffix(": done") })
    #expect(lines.contains { $0.contains("is gone, after") && !$0.contains("after 0 tries") })
  }

  @Test func `a newcomer behind a router knocks at the address that is read out`() {
    var plan = Plan.quiet
    (plan.segments, plan.ways) = (2, .router)
    let run = OfficeRun(seed: 3, plan: plan, keepsTrace: false)
    run.run {
      let person = Person(name: "P3", host: run.world.addHost())
      person.comesByDoor = true
      run.people.append(person)
      run.place(person.host)
      let here = run.world.segments.places(of: 0).first?.segment
      run.go(person.host, to: here == 0 ? 1 : 0)
      person.host.start()
      run.world.run(for: .seconds(10))
      #expect(run.world.segments.shared(0, 3).isEmpty)
    }
    #expect(run.world.faults == [])
    #expect(run.people.last?.isIn == true)
  }

  /// Somebody new, and a ticket for them that is good for a minute.
  private func newcomer(_ run: OfficeRun) -> (person: Person, join: ControlRequest)? {
    let person = Person(name: "P3", host: run.world.addHost())
    run.people.append(person)
    run.place(person.host)
    person.host.start()
    person.admitted = run.world.now
    let call = TicketNewCall(
      kind: .member, keeper: nil, name: "P3", member: nil, groups: [], uses: nil, validSeconds: 60)
    guard case .ticketNew(let made)? = run.answer(of: run.people[0], to: .ticketNew(call), "ticket")
    else { return nil }
    return (person, .join(JoinCall(ticket: made.text, name: nil, account: nil, device: "pc-3")))
  }

  @Test(arguments: [true, false])
  func `a node goes on with an expired ticket where a door's may have expired, and nowhere else`(
    isOld: Bool
  ) {
    let run = SaidInOffice().office { run in
      guard let (person, join) = newcomer(run) else { return }
      run.world.blocked = .ways([3], [0, 1, 2])
      run.ask(person, join, "joins")
      run.world.run(for: .seconds(10))
      person.host.kill()
      run.world.blocked = []
      run.world.run(for: .seconds(Limits.doorTicketSeconds))
      // As if the yes were yet to come.
      if !isOld { person.admitted = run.world.now + .seconds(Limits.doorTicketSeconds) }
      person.host.start()
    }
    #expect(run.world.faults == (isOld ? [] : ["host 3 is still joining"]))
  }

  @Test func `whoever is told that a ticket has expired is not excused for one any more`() {
    let run = SaidInOffice().office { run in
      guard let (person, join) = newcomer(run) else { return }
      run.world.run(for: .seconds(90))
      guard case .failure(let error)? = run.outcome(of: person, join) else {
        Issue.record("it is let in")
        return
      }
      #expect(error.name == .ticketExpired && person.admitted == nil)
    }
    #expect(run.world.faults == [])
  }

  @Test func `a run that fails while a stranger stands at a door lets go of everything`() {
    weak var world: World?
    do {
      var plan = Plan.quiet
      plan.rates = [.door: 40]
      let run = OfficeRun(seed: 2, plan: plan, keepsTrace: false)
      world = run.world
      run.run {
        run.misbehave()
        #expect(run.stranger?.stranger != nil)
        run.world.fail("told")
      }
      #expect(run.world.faults == ["told"])
    }
    #expect(world == nil)
  }

  @Test func `what happens at doors comes again from the same seed`() {
    #expect(office(2).world.trace.hash == office(2).world.trace.hash)
  }
}
