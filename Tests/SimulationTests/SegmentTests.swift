import Control
import Platform
import TestSupport
import Testing

@testable import Simulation

/// Networks of several segments: who hears and reaches whom, and offices that live in them.
@Suite struct SegmentTests {
  private var chance = SeededGenerator(seed: 1)

  /// Hosts 0 to 2, of which 0 stands in the segments 0 and 1, 1 in 1 and 2 in 2.
  private mutating func islands() -> Segments {
    var segments = Segments()
    segments.count = 3
    for _ in 0..<3 { segments.addHost() }
    segments.enter(1, 0, &chance)
    for host in 1...2 {
      segments.leave(0, host)
      segments.enter(host, host, &chance)
    }
    return segments
  }

  @Test mutating func `only a shared segment or a router leads from one host to another`() throws {
    var segments = islands()
    #expect(segments.shared(0, 1) == [1])
    #expect(segments.address(of: 1, from: 0) == segments.address(of: 1, in: 1))
    #expect(segments.address(of: 2, from: 0) == nil)
    let far = try #require(segments.address(of: 2, in: 2))
    #expect(segments.source(from: 0, to: far) == nil)
    segments.isRouted = true
    #expect(segments.address(of: 2, from: 0) == far)
    #expect(segments.source(from: 1, to: far) == segments.address(of: 1, in: 1))
    #expect(segments.shared(0, 2) == [])
  }

  @Test mutating func `a connection ends with the address of one of its ends`() throws {
    var segments = islands()
    let ends = Segments.Ends(
      first: (0, try #require(segments.address(of: 0, in: 1))),
      second: (1, try #require(segments.address(of: 1, in: 1))))
    #expect(segments.joins(ends))
    segments.leave(1, 1)
    #expect(!segments.joins(ends) && !segments.hasNewOwner(at: ends.second))
    segments.leave(2, 2)
    var other = SeededGenerator(seed: 0)
    while segments.owner(of: ends.second.address) == nil {
      segments.leave(1, 2)
      segments.enter(1, 2, &other)
    }
    #expect(segments.hasNewOwner(at: ends.second) && !segments.joins(ends))
    #expect(segments.newOwnerAnswers(at: ends.second, to: ends.first))
    // Nobody hears it who went away, and nobody answers it.
    segments.leave(1, 0)
    #expect(!segments.newOwnerAnswers(at: ends.second, to: ends.first))
  }

  @Test(arguments: [false, true])
  func `a connection ends at once where somebody else has the other end's address, and answers`(
    isHeard: Bool
  ) throws {
    let world = World(seed: 1, keepsTrace: false)
    let streams = (0..<3).map { _ in SimulatedStream(0, HostNetwork(world.addHost())) }
    let near = try #require(world.segments.address(of: 0, in: 0))
    let far = try #require(world.segments.address(of: 1, in: 0))
    let wire = Wire(
      world, streams[0], streams[1], between: .init(first: (0, near), second: (1, far)))
    streams[0].stand(on: wire, side: .first)
    streams[1].stand(on: wire, side: .second)
    func write() { #expect(streams[0].write([7].span) == .bytes(1)) }
    write()
    world.run(for: .seconds(1))
    #expect(streams[1].waitingBytes == 1)
    // Host 1 goes, and host 2 comes with its address.
    world.segments.leave(0, 1)
    write()
    world.run(for: .seconds(1))
    #expect(!streams[0].isClosed && streams[1].waitingBytes == 1)
    var chance = SeededGenerator(seed: 1)
    while world.segments.owner(of: far) != 2 {
      world.segments.leave(0, 2)
      world.segments.enter(0, 2, &chance)
    }
    // Who is no more where it wrote from hears no answer.
    if !isHeard { world.segments.leave(0, 0) }
    world.run(for: .seconds(5))
    #expect(streams[0].isClosed == isHeard)
    #expect(!streams[1].isClosed && streams[1].waitingBytes == 1)
  }

  @Test(arguments: [Plan.Ways.bridge, .carrier, .router], [0, 1])
  func `what is said reaches everybody, whatever leads from segment to segment`(
    ways: Plan.Ways, keepers: Int
  ) {
    var plan = Plan.quiet
    (plan.hosts, plan.keepers, plan.segments, plan.ways) = (5, keepers, 3, ways)
    let run = OfficeRun(seed: 5, plan: plan, keepsTrace: false)
    var isApart = false
    run.run {
      let people = run.people.filter { !$0.isBox }
      isApart = people.contains { one in
        people.contains { run.world.segments.shared(one.host.number, $0.host.number).isEmpty }
      }
      for person in people { run.say(run.ledger.begin("everyone"), by: person, isNew: true) }
      run.world.run(for: .seconds(30))
    }
    #expect(isApart && run.ledger.acknowledgedCount >= 4)
    #expect(run.world.faults == [])
  }

  /// P1 loses with its data directory what it said to P2 alone in a group of the two. Then it removes P2, who
  /// leaves: neither knows that of the other, nor where the other one is by then, and both are linked with the
  /// founder alone.
  @Test func `what only somebody has who is out of a group comes once all are in one room`() {
    var plan = Plan.quiet
    (plan.hosts, plan.segments, plan.ways) = (3, 3, .router)
    let run = OfficeRun(seed: 5, plan: plan, keepsTrace: false)
    let said = SaidInOffice()
    var word: Long?
    run.run {
      var chance = SeededGenerator(seed: 7)
      let (author, other) = (run.people[1], run.people[2])
      for person in [author, other] { run.go(person.host, to: 1) }
      let call = GroupNewCall(title: "Runde", purpose: nil, members: ["@P2"])
      _ = run.answer(of: author, to: .groupNew(call), "found")
      run.world.run(for: .seconds(90))
      run.harm(.backup, author.host, &chance)
      word = said.say(in: "Runde", by: 1, run)
      run.world.run(for: .seconds(5))
      author.host.stop()
      run.go(author.host, to: 0)
      run.go(other.host, to: 2)
      run.harm(.restoredData, author.host, &chance)
      run.world.run(for: .seconds(70))
      let remove = GroupRemoveCall(group: "Runde", members: ["@P2"])
      _ = run.answer(of: author, to: .groupRemove(remove), "remove")
      let leave = GroupLeaveCall(group: "Runde", look: nil)
      _ = run.answer(of: other, to: .groupLeave(leave), "leave")
      let isHeld = [1, 2].map { host in word.map { run.world.audit.isHeld($0, at: host) } }
      #expect(isHeld == [false, true])
    }
    #expect(word.map { run.world.audit.isHeld($0, at: 1) } == true)
    #expect(run.world.faults == [])
  }

  @Test(arguments: UInt64(1)...3)
  func `computers that come and go and change their addresses find each other again`(
    seed: UInt64
  ) {
    var plan = Plan.quiet
    (plan.hosts, plan.keepers, plan.minutes, plan.segments) = (5, 1, 3, 2)
    plan.rates = [.move: 20]
    let run = OfficeRun(seed: seed, plan: plan, keepsTrace: false)
    run.run()
    #expect(run.happened[.move, default: 0] > 10)
    #expect(run.world.faults == [])
  }
}
