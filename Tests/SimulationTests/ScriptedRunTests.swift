import Control
import Format
import TestSupport
import Testing

@testable import Simulation

extension Plan {
  /// Three people, and nothing that happens by chance.
  static var quiet: Plan {
    var plan = Plan(seed: 1)
    (plan.hosts, plan.keepers, plan.minutes, plan.slowNetwork) = (3, 0, 1, false)
    (plan.segments, plan.bringsDevices, plan.ruses, plan.rates) = (1, false, [], [:])
    return plan
  }
}

/// What seeds found once, told in short; every run ends with all that is compared of any.
@Suite struct ScriptedRunTests {
  private func office(
    _ happens: Set<Mishap> = [], _ happening: (OfficeRun) -> Void
  ) -> [String] {
    var plan = Plan.quiet
    for mishap in happens { plan.rates[mishap] = 1 }
    let run = OfficeRun(seed: 11, plan: plan, keepsTrace: false)
    run.run { happening(run) }
    return run.world.faults
  }

  /// The founder gives P1 a rank.
  private func rank(_ rank: RankWord, _ run: OfficeRun) {
    let call = MemberRankCall(member: "@P1", rank: rank)
    _ = run.answer(of: run.people[0], to: .memberRank(call), "a rank")
  }

  /// P1 makes itself the one owner with the recovery key, and the founder, who does not hear of it, invites
  /// somebody.
  private func recoverAndInvite(_ run: OfficeRun) {
    let (founder, other) = (run.people[0], run.people[1])
    let call = RecoveryUseCall(line: run.recoveryLine, owners: ["@P1"])
    _ = run.answer(of: other, to: .recoveryUse(call), "recover")
    (founder.rank, other.rank) = (.member, .owner)
    run.invite(by: founder)
  }

  @Test func `what somebody writes who does not know yet that a rank was taken away is kept`() {
    let faults = office { run in
      let admin = run.people[1]
      rank(.admin, run)
      run.world.run(for: .seconds(5))
      let cut = [0, 2].flatMap { [World.Path(from: $0, to: 1), World.Path(from: 1, to: $0)] }
      run.world.blocked = Set(cut)
      rank(.member, run)
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

  @Test(arguments: [true, false])
  func `a computer that is put back learns of its removal, whatever it was known to hold`(
    wasTold: Bool
  ) {
    let faults = office { run in
      let (founder, other) = (run.people[0], run.people[1])
      run.world.run(for: .seconds(10))
      other.host.backUp()
      // What it was known to hold before it was put back it lacks now, and the removal cites that.
      rank(.admin, run)
      run.world.run(for: .seconds(10))
      if !wasTold { other.host.stop() }
      let remove = MemberRemoveCall(member: "@P1", look: nil)
      _ = run.answer(of: founder, to: .memberRemove(remove), "remove")
      run.world.run(for: .seconds(60))
      #expect(!wasTold || run.standing(of: other) == .removed)
      other.host.restore(isWhole: false)
      run.world.audit.forgive(1)
      other.host.start()
      run.world.run(for: .seconds(60))
      #expect(run.standing(of: other) == .removed)
    }
    #expect(faults == [])
  }

  @Test func `whoever is let in by somebody who lost the right to is told, and let in once more`() {
    let faults = office { run in
      let admin = run.people[1]
      rank(.admin, run)
      run.world.run(for: .seconds(5))
      let others = [1, 2, 3]
      run.world.blocked = Set(
        others.flatMap { [World.Path(from: $0, to: 0), World.Path(from: 0, to: $0)] })
      rank(.member, run)
      run.invite(by: admin)
      run.world.run(for: .seconds(30))
      let newcomer = run.people[3]
      #expect(run.standing(of: newcomer) == .ready)
      run.world.blocked = []
      run.world.run(for: .seconds(120))
      #expect(run.standing(of: newcomer) == .joining)
      guard case .success(.status(let status))? = run.outcome(of: newcomer, .status(StatusCall()))
      else {
        Issue.record("no status")
        return
      }
      #expect(status.degraded.contains { $0.word == .joining && $0.form == .unaware })
      let book = run.world.audit.book
      let inVain = book.certificates.map {
        book.mayBeLetInInVain(member: $0.member, without: run.givenUp)
      }
      #expect(inVain == [false, false, false, true])
    }
    #expect(faults == [])
  }

  @Test func `who holds a ticket of an owner who is none any more is told, and asks for another`() {
    let faults = office([.recover]) { run in
      run.world.blocked = Set(
        (1...3).flatMap { [World.Path(from: $0, to: 0), World.Path(from: 0, to: $0)] })
      recoverAndInvite(run)
      run.world.run(for: .seconds(60))
      let newcomer = run.people[3]
      #expect(run.standing(of: newcomer) == .joining)
      run.world.blocked = []
      run.world.run(for: .seconds(120))
      guard case .success(.status(let status))? = run.outcome(of: newcomer, .status(StatusCall()))
      else {
        Issue.record("no status")
        return
      }
      #expect(status.degraded.contains { $0.detail.hasPrefix("the ticket was revoked") })
    }
    #expect(faults == [])
  }

  @Test func `whoever is let in by an owner who is none any more is told, and let in once more`() {
    let faults = office([.recover]) { run in
      run.world.blocked = Set(
        [1, 2].flatMap { near in
          [0, 3].flatMap { [World.Path(from: near, to: $0), World.Path(from: $0, to: near)] }
        })
      recoverAndInvite(run)
      run.world.run(for: .seconds(30))
      let newcomer = run.people[3]
      #expect(run.standing(of: newcomer) == .ready)
      run.world.blocked = []
      run.world.run(for: .seconds(120))
      #expect(run.standing(of: newcomer) == .joining)
    }
    #expect(faults == [])
  }

  @Test func `who was away learns of a removal by somebody whose right it had not heard of`() {
    let faults = office { run in
      let (founder, other, later) = (run.people[0], run.people[1], run.people[2])
      other.host.stop()
      let rank = MemberRankCall(member: "@P2", rank: .admin)
      _ = run.answer(of: founder, to: .memberRank(rank), "a rank")
      run.world.run(for: .seconds(10))
      let remove = MemberRemoveCall(member: "@P1", look: nil)
      _ = run.answer(of: later, to: .memberRemove(remove), "remove")
      run.world.run(for: .seconds(10))
      other.host.start()
      run.world.run(for: .seconds(30))
      #expect(run.standing(of: other) == .removed)
    }
    #expect(faults == [])
  }

  @Test func `who was away learns of its removal behind both sides of a copied computer's log`() {
    let faults = office { run in
      let (founder, admin, other) = (run.people[0], run.people[1], run.people[2])
      func write(_ name: String) {
        let ticket = TicketNewCall(
          kind: .member, keeper: nil, name: name, member: nil, groups: [], uses: nil,
          validSeconds: nil)
        _ = run.answer(of: admin, to: .ticketNew(ticket), "a ticket")
        run.world.run(for: .seconds(10))
      }
      rank(.admin, run)
      run.world.run(for: .seconds(5))
      write("Q1")
      other.host.stop()
      admin.host.backUp()
      write("Q2")
      if let device = run.world.audit.device(of: 1) {
        run.world.audit.book.mayFork.insert(device)
      }
      run.world.blocked = Set(
        [0, 2].flatMap { [World.Path(from: $0, to: 1), World.Path(from: 1, to: $0)] })
      admin.host.restore(isWhole: true)
      run.world.audit.forgive(1)
      admin.host.start()
      run.world.run(for: .seconds(10))
      write("Q3")
      run.world.blocked = []
      run.world.run(for: .seconds(30))
      _ = run.answer(of: founder, to: .memberRemove(.init(member: "@P2", look: nil)), "remove")
      run.world.run(for: .seconds(10))
      admin.host.stop()
      other.host.start()
      run.world.run(for: .seconds(60))
      #expect(run.standing(of: other) == .removed)
      admin.host.start()
    }
    #expect(faults == [])
  }

  @Test func `who recovers the office on a computer that others removed is told so and comes back`()
  {
    let faults = office([.recover]) { run in
      let (founder, other) = (run.people[0], run.people[1])
      run.say(run.ledger.begin("everyone"), by: other, isNew: true)
      run.world.run(for: .seconds(5))
      let cut = [0, 2].flatMap { [World.Path(from: $0, to: 1), World.Path(from: 1, to: $0)] }
      run.world.blocked = Set(cut)
      let device = run.world.audit.device(of: 1).map { OfficeRun.typed($0) } ?? ""
      let remove = DeviceRemoveCall(device: device, look: nil)
      _ = run.answer(of: founder, to: .deviceRemove(remove), "remove")
      let recover = RecoveryUseCall(line: run.recoveryLine, owners: nil)
      _ = run.answer(of: other, to: .recoveryUse(recover), "recover")
      run.world.blocked = []
      run.world.run(for: .seconds(30))
      // By the list that it alone has nobody could remove it.
      #expect(run.standing(of: other) == .ready && run.isSaidRemoved(other))
    }
    #expect(faults == [])
  }

  @Test func `who was let in by somebody removed since, and was away, is told`() {
    let faults = office { run in
      let (founder, admin) = (run.people[0], run.people[1])
      rank(.admin, run)
      run.world.run(for: .seconds(5))
      run.world.blocked = Set(
        [1, 3].flatMap { one in
          [0, 2].flatMap { [World.Path(from: $0, to: one), World.Path(from: one, to: $0)] }
        })
      run.invite(by: admin)
      run.world.run(for: .seconds(30))
      let newcomer = run.people[3]
      #expect(run.standing(of: newcomer) == .ready)
      newcomer.host.stop()
      admin.host.stop()
      let remove = MemberRemoveCall(member: "@P1", look: nil)
      _ = run.answer(of: founder, to: .memberRemove(remove), "remove")
      run.world.blocked = []
      admin.host.start()
      run.world.run(for: .seconds(30))
      newcomer.host.start()
      run.world.run(for: .seconds(60))
      #expect(run.standing(of: newcomer) == .joining)
    }
    #expect(faults == [])
  }

  @Test func `owners do not agree to one who was removed since the change was begun`() {
    let faults = office([.owners]) { run in
      let (founder, other) = (run.people[0], run.people[1])
      func rank(_ name: String, by owner: Person) -> OwnerChange? {
        let call = MemberRankCall(member: name, rank: .owner)
        guard case .memberRank(let made)? = run.answer(of: owner, to: .memberRank(call), "a rank")
        else { return nil }
        run.world.run(for: .seconds(5))
        return made.change
      }
      #expect(rank("@P1", by: founder)?.line == nil)
      let line = rank("@P2", by: other)?.line ?? ""
      _ = run.answer(of: other, to: .memberRemove(MemberRemoveCall(member: "@P2", look: nil)), "")
      run.world.run(for: .seconds(5))
      let agree = ControlRequest.ownersAgree(OwnersAgreeCall(line: line, look: nil))
      guard case .failure(let error)? = run.outcome(of: founder, agree) else {
        Issue.record("it is agreed to")
        return
      }
      #expect(error.name == .noSuchMember && error.message.contains("P2"))
    }
    #expect(faults == [])
  }

  @Test func `what a disk only said to keep comes back from whoever has it`() {
    let faults = office { run in
      let person = run.people[1]
      var chance = SeededGenerator(seed: 3)
      run.lie(person.host, &chance)
      run.say(run.ledger.begin("everyone"), by: person, isNew: true)
      run.world.run(for: .seconds(1))
      let held = run.world.audit.held(at: 1)
      #expect(run.ledger.acknowledgedCount == 1 && person.host.isLying)
      let isLost = run.world.run(atMost: .seconds(60)) { !person.host.isLying }
      #expect(isLost && held.count > run.world.audit.held(at: 1).count)
      run.world.run(for: .seconds(60))
      #expect(held.isSubset(of: run.world.audit.held(at: 1)))
    }
    #expect(faults == [])
  }

  @Test func `connections that are cut and ways that come and go delay, and no more`() {
    let faults = office { run in
      var chance = SeededGenerator(seed: 5)
      for turn in 0..<20 {
        if turn.isMultiple(of: 5) { run.flap(&chance) }
        run.cut(run.world.hosts[turn % 3], &chance)
        run.say(run.ledger.begin("everyone"), by: run.people[turn % 3], isNew: true)
        run.world.run(for: .milliseconds(700))
      }
      run.world.run(for: .seconds(60))
      #expect(run.ledger.acknowledgedCount == 20 && run.world.blocked.isEmpty)
    }
    #expect(faults == [])
  }

  @Test func `whoever was added by somebody who was removed meanwhile learns that it is not in`() {
    let faults = office { run in
      let (founder, creator, other) = (run.people[0], run.people[1], run.people[2])
      let new = GroupNewCall(title: "Runde", purpose: nil, members: ["@P0"])
      _ = run.answer(of: creator, to: .groupNew(new), "found")
      run.world.run(for: .seconds(10))
      run.world.blocked = Set(
        [1, 2].flatMap { [World.Path(from: $0, to: 0), World.Path(from: 0, to: $0)] })
      let add = GroupAddCall(group: "Runde", members: ["@P2"])
      _ = run.answer(of: creator, to: .groupAdd(add), "add")
      let remove = GroupRemoveCall(group: "Runde", members: ["@P1"])
      _ = run.answer(of: founder, to: .groupRemove(remove), "remove")
      run.world.run(for: .seconds(10))
      #expect(run.isIn("Runde", other))
      run.world.blocked = []
      run.world.run(for: .seconds(60))
      #expect(run.isIn("Runde", founder) && !run.isIn("Runde", creator))
      #expect(!run.isIn("Runde", other))
      // It is not told that whoever removed the creator removed it; by whom it was added it is.
      #expect(run.departures(creator).map(\.word) == [.removed])
      // The title that it can read was said by whom it was added by, as if it still might.
      #expect(run.titles(other).contains("Runde"))
      let gone = run.departures(other)
      #expect(gone.map(\.word) == [.notAdded] && gone.first?.by?.name == "P1")
      var states: [DegradedInfo] = []
      if case .success(.status(let status))? = run.outcome(of: other, .status(StatusCall())) {
        states = status.degraded.filter { $0.word == .removedFromGroup }
      }
      #expect(states.map(\.form) == [.notAdded] && states.first?.values?["by"] == "P1")
      let detail = states.first?.detail ?? ""
      #expect(detail == "P1 was no longer allowed to add you to Runde")
    }
    #expect(faults == [])
  }
}

extension OfficeRun {
  /// How somebody's node says that they came to be in groups no more.
  fileprivate func departures(_ person: Person) -> [GoneInfo] {
    guard case .groupList(let list)? = answer(of: person, to: .groupList(.init()), "groups") else {
      return []
    }
    return list.groups.compactMap(\.gone)
  }

  /// The titles that somebody's node shows of groups.
  fileprivate func titles(_ person: Person) -> [String] {
    guard case .groupList(let list)? = answer(of: person, to: .groupList(.init()), "groups") else {
      return []
    }
    return list.groups.compactMap(\.title)
  }

  /// Whether somebody's node says that they are in a group.
  fileprivate func isIn(_ title: String, _ person: Person) -> Bool {
    guard case .groupList(let list)? = answer(of: person, to: .groupList(.init()), "groups") else {
      return false
    }
    return list.groups.contains { $0.title == title && $0.gone == nil }
  }
}
