import Control
import Format
import Platform
import Storage
import TestSupport
import Testing

@testable import Daemon
@testable import Simulation

/// Whole nodes around somebody who is removed: what is said first after that, and what that one is shown.
@Suite struct RemovalRunTests {
  private func office(_ count: Int, _ happening: (OfficeRun) -> Void) -> OfficeRun {
    var plan = Plan.quiet
    plan.hosts = count
    let run = OfficeRun(seed: 11, plan: plan, keepsTrace: false)
    run.run { happening(run) }
    return run
  }

  /// Whether a node says that it is linked with a device, asked without letting time pass.
  private func isLinked(_ person: Person, _ device: Long?, _ run: OfficeRun) -> Bool {
    guard case .status(let status)? = run.peek(at: person.host, .status(StatusCall())) else {
      return false
    }
    return status.peers.contains { peer in
      peer.linked && device.map { $0.bytes.starts(with: peer.device.id.bytes) } ?? false
    }
  }

  /// The admin P1 removes somebody at the moment at which it is linked again with P2, who alone knows what
  /// that one said last; P1 hears nobody from then on where it is not to. Gives that, and the epoch that is P1's first word
  /// then.
  private func removeOnceLinked(
    _ number: Int, hearing hears: Bool, _ run: OfficeRun
  ) -> (said: PlainEntry, epoch: PlainEntry)? {
    let (said, book) = (SaidInOffice(), run.world.audit.book)
    let (admin, target) = (run.people[1], run.people[number])
    let rest = Array(2..<run.people.count)
    run.world.blocked = .ways([0, 1], rest)
    run.world.run(for: .seconds(100))
    let last = said.say(in: "Runde", by: number, run)
    run.world.run(for: .seconds(5))
    target.host.stop()
    let before = Set(book.entries.keys)
    run.world.blocked = Set.ways([0], rest).union(Set.ways([1], rest.filter { $0 != 2 }))
    let other = run.world.audit.device(of: 2)
    for _ in 0..<24_000 where !isLinked(admin, other, run) {
      run.world.run(for: .milliseconds(5))
    }
    if !hears { run.world.blocked.formUnion([0, 2].map { World.Path(from: $0, to: 1) }) }
    let call = MemberRemoveCall(member: "@" + target.name, look: nil)
    run.ask(admin, .memberRemove(call), "removes \(target.name)")
    run.world.run(for: .seconds(10))
    let device = run.world.audit.device(of: 1)
    guard let last = last.flatMap({ book.entries[$0]?.entry }) else { return nil }
    let epoch = book.entries.values.first { known in
      !before.contains(known.entry.id) && known.entry.kind == PlainEntry.Kind.epoch
        && known.entry.group == last.group && known.device == device
    }
    return epoch.map { (last, $0.entry) }
  }

  @Test(arguments: [true, false])
  func `an epoch as the first word on a removed one waits for what others know, each time`(
    hears: Bool
  ) {
    let run = office(5) { run in
      let rank = MemberRankCall(member: "@P1", rank: .admin)
      _ = run.answer(of: run.people[0], to: .memberRank(rank), "a rank")
      let all = GroupNewCall(title: "Runde", purpose: nil, members: (1...4).map { "@P\($0)" })
      _ = run.answer(of: run.people[0], to: .groupNew(all), "found")
      run.world.run(for: .seconds(5))
      for number in 1...4 { _ = SaidInOffice().say(in: "Runde", by: number, run) }
      run.world.run(for: .seconds(5))
      run.world.latency = 20_000...30_000
      // Where the first time is over before anything is heard, the second has its own.
      for (number, hears) in [(3, hears), (4, true)] {
        let found = removeOnceLinked(number, hearing: hears, run)
        #expect(found != nil)
        guard let found else { return }
        let named = found.epoch.deps.first { $0.feed == found.said.feed }
        #expect((named?.seq == found.said.seq) == hears, "P\(number)")
      }
    }
    #expect(run.world.faults == [])
  }

  @Test func `whose removal lost its effect is linked at once with those who had believed it`() {
    let run = office(4) { run in
      let rank = MemberRankCall(member: "@P1", rank: .admin)
      _ = run.answer(of: run.people[0], to: .memberRank(rank), "a rank")
      run.world.run(for: .seconds(5))
      for number in 0..<4 { _ = SaidInOffice().say(in: "everyone", by: number, run) }
      run.world.run(for: .seconds(5))
      run.world.blocked = .ways([0], [1, 2, 3])
      let (admin, target, other) = (run.people[1], run.people[2], run.people[3])
      let remove = MemberRemoveCall(member: "@P2", look: nil)
      _ = run.answer(of: admin, to: .memberRemove(remove), "remove")
      run.world.run(for: .seconds(60))
      #expect(run.standing(of: target) == .removed)
      admin.host.stop()
      // Beside that the founder removes who wrote it: then it counts no more.
      let away = MemberRemoveCall(member: "@P1", look: nil)
      _ = run.answer(of: run.people[0], to: .memberRemove(away), "remove")
      run.world.blocked = .ways([0], [1, 2])
      let device = run.world.audit.device(of: 2)
      #expect(!isLinked(other, device, run))
      run.world.run(for: .seconds(30))
      #expect(isLinked(other, device, run))
      #expect(run.standing(of: target) == .ready && !run.isSaidRemoved(target))
      run.world.blocked = []
      admin.host.start()
    }
    #expect(run.world.faults == [])
  }

  @Test func `a removed device that links again and again is not shown its removal each time`() {
    var (links, shown) = (0, 0)
    let run = office(3) { run in
      var chance = SeededGenerator(seed: 2)
      run.takeOver(&chance, flood: .links)
      guard let host = run.world.hosts.first(where: { $0.liar != nil }), let liar = host.liar,
        let person = run.people.first(where: \.isLiar)
      else { return }
      run.world.run(for: .seconds(5))
      let call = MemberRemoveCall(member: "@" + person.name, look: nil)
      _ = run.answer(of: run.people[0], to: .memberRemove(call), "remove")
      run.world.run(for: .seconds(2))
      liar.isHeldBack = false
      (liar.linked[0], liar.shown[0]) = (0, 0)
      run.world.run(for: .seconds(2_400))
      (links, shown) = (liar.linked[0] ?? 0, liar.shown[0] ?? 0)
    }
    #expect(run.world.faults == [])
    #expect(shown > 0 && links > 100, "\(links) links, \(shown) times")
    // It never says that it holds the removal: with each link that is one entry, and one more for the link.
    #expect(shown <= Limits.farewellTimesMax * (1 + 16) / 2 && shown < links / 2)
  }

  /// An entry was written and its flush failed: the removal, or a ticket behind it. The next start reads it, and
  /// cannot write it again (S-16).
  @Test(arguments: [false, true])
  func `nobody is told of a removal that may not last, and of any other who comes`(isLasting: Bool)
  {
    let run = office(3) { run in
      let (admin, other) = (run.people[0], run.people[1])
      _ = SaidInOffice().say(in: "everyone", by: 1, run)
      run.world.run(for: .seconds(5))
      guard let device = run.world.audit.device(of: 1) else { return run.world.fail("no device") }
      let call = DeviceRemoveCall(device: OfficeRun.typed(device), look: nil)
      let remove = ControlRequest.deviceRemove(call)
      if isLasting {
        other.host.stop()
        _ = run.answer(of: admin, to: remove, "remove")
        run.world.run(for: .seconds(5))
      }
      admin.host.failDisk(
        .init(
          at: admin.host.disk.operations + 1, effect: .failed, error: .inputOutput,
          isLasting: true))
      let ticket = TicketNewCall(
        kind: .member, keeper: nil, name: nil, member: nil, groups: [], uses: nil,
        validSeconds: nil)
      run.ask(admin, isLasting ? .ticketNew(ticket) : remove, "writes something")
      run.world.run(for: .seconds(5))
      admin.host.kill()
      admin.host.disk.fail(nil)
      admin.host.disk.setReadOnly(true)
      admin.host.start()
      if isLasting {
        // Nobody else tells it.
        run.world.blocked = .ways([1], [2])
        other.host.start()
      }
      run.world.run(for: .seconds(100))
      let office = admin.host.node?.office
      #expect(office?.store.unsettled.isEmpty == false)
      #expect(!isLinked(admin, device, run))
      #expect(run.standing(of: other) == (isLasting ? .removed : .ready))
      if !isLasting { #expect(other.host.node?.office?.removalTellers == []) }
      admin.host.kill()
      admin.host.disk.setReadOnly(false)
      admin.host.start()
      run.world.run(for: .seconds(30))
      #expect(run.standing(of: other) == .removed)
      run.isOver = true
    }
    #expect(run.world.faults == [])
  }
}
