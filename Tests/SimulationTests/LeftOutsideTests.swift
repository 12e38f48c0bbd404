import Control
import Platform
import TestSupport
import Testing

@testable import Simulation

/// What is excused where a disk lost what beside it only removed computers held, and what is not.
@Suite struct LeftOutsideTests {
  private let said = SaidInOffice()

  @Test(arguments: [60_000, 400])
  func `two moments far from each other are no second in which two talked`(
    milliseconds: Int
  ) throws {
    let audit = Audit()
    let device = try #require(Long(Array(repeating: 7, count: 32)))
    let entry = try #require(Long(Array(repeating: 9, count: 32)))
    let (way, back) = (World.Path(from: 1, to: 0), World.Path(from: 0, to: 1))
    audit.leaveOutside([[.unheard(device: device, way: way)]: [entry]])
    for number in 0...3 {
      let now = Moment(nanoseconds: 0) + .milliseconds(number * milliseconds)
      audit.hear(back, at: now)
      audit.hear(way, at: now + .milliseconds(2))
    }
    // Nobody removed the device: once they talked, what is lost is asked for.
    #expect(audit.leftOutside.isEmpty == (milliseconds == 400))
  }

  @Test func `a member whom the office has forgotten without a reason is not taken for a new one`()
  {
    let run = said.office([.lostDisk]) { run in
      var chance = SeededGenerator(seed: 7)
      let (person, audit) = (run.people[2], run.world.audit)
      _ = said.say(in: "everyone", by: 2, run)
      run.world.run(for: .seconds(10))
      let members = audit.device(of: 2).map { audit.book.members(of: $0) } ?? []
      #expect(members.count == 1)
      #expect(!audit.book.mayBeLetInInVain(member: members[0], without: []))
      run.harm(.lostDisk, person.host, &chance)
      run.world.run(for: .seconds(90))
      // As if the founder's node knew nobody of this name.
      audit.empty(person.host.number)
      person.member = HexIdentifier(bytes: Array(repeating: 5, count: 16))
      run.mend()
      run.isOver = true
    }
    #expect(run.world.faults.contains { $0.contains("the office has forgotten host 2") })
  }

  /// The founder says something in a group of two, or of three, and an older data directory is put back at
  /// its computer, perhaps after that of P1 was removed.
  @Test(arguments: [false, true], [false, true])
  func `what a removed computer alone has is excused, unless it is in the end in the office`(
    isRemoved: Bool, isShared: Bool
  ) {
    let run = said.office { run in
      var chance = SeededGenerator(seed: 7)
      let (founder, other) = (run.people[0], run.people[1])
      let members = isShared ? ["@P1", "@P2"] : ["@P1"]
      guard let (word, device) = saidBehindBackup(run, &chance, to: members) else { return }
      if isRemoved {
        let remove = DeviceRemoveCall(device: OfficeRun.typed(device), look: nil)
        _ = run.answer(of: founder, to: .deviceRemove(remove), "remove")
        run.world.run(for: .seconds(10))
        #expect(run.standing(of: other) == .removed)
      }
      func isLost() -> Bool {
        run.ledger.fault(
          in: [], of: "Runde", counts: { $0 == word }, mayDouble: { _ in false }) != nil
      }
      run.harm(.restoredData, founder.host, &chance)
      let isLeftOutside = isRemoved && !isShared
      #expect(run.world.audit.isHeld(word, at: 1) && !run.world.audit.isHeld(word, at: 0))
      #expect((run.world.audit.leftOutside[[]]?.contains(word) ?? false) == isLeftOutside)
      // As if the removal had lost its effect: then it would have to give it back.
      run.excuseLeftOutside()
      #expect(isLost())
      other.isIn = !isRemoved
      run.excuseLeftOutside()
      #expect(isLost() == !isLeftOutside)
      run.world.run(for: .seconds(90))
    }
    #expect(run.world.faults == [])
  }

  /// The founder says something to P1, or to others too, behind a backup of its own data directory; the entry,
  /// and P1's device.
  private func saidBehindBackup(
    _ run: OfficeRun, _ chance: inout SeededGenerator, to members: [String] = ["@P1"]
  ) -> (word: Long, device: Long)? {
    let founder = run.people[0]
    let call = GroupNewCall(title: "Runde", purpose: nil, members: members)
    _ = run.answer(of: founder, to: .groupNew(call), "found")
    _ = said.say(in: "everyone", by: 1, run)
    run.world.run(for: .seconds(5))
    run.harm(.backup, founder.host, &chance)
    let word = said.say(in: "Runde", run)
    run.world.run(for: .seconds(5))
    guard let word, let device = run.world.audit.device(of: 1) else {
      Issue.record("nothing was said")
      return nil
    }
    return (word, device)
  }

  /// The founder says something to P1, whose computer sleeps, or is off, when it is removed; then an older data
  /// directory is put back at the founder's. To who slept the removal comes all the same.
  @Test(arguments: [false, true])
  func `what a computer alone has is excused where the word of its removal is on its way`(
    comes: Bool
  ) {
    let run = said.office { run in
      var chance = SeededGenerator(seed: 7)
      let (founder, other) = (run.people[0], run.people[1])
      guard let (word, device) = saidBehindBackup(run, &chance) else { return }
      run.people[2].host.kill()
      if comes {
        other.host.sleep(for: .seconds(20))
      } else {
        other.host.kill()
      }
      let remove = DeviceRemoveCall(device: OfficeRun.typed(device), look: nil)
      _ = run.answer(of: founder, to: .deviceRemove(remove), "remove")
      run.world.run(for: .seconds(5))
      run.harm(.restoredData, founder.host, &chance)
      #expect(run.world.audit.isHeld(word, at: 1) && !run.world.audit.isHeld(word, at: 0))
      #expect(run.world.audit.leftOutside.values.contains { $0.contains(word) })
      for person in run.people[1...2] { person.host.start() }
      func isLost() -> Bool {
        run.ledger.fault(
          in: [], of: "Runde", counts: { $0 == word }, mayDouble: { _ in false }) != nil
      }
      run.excuseLeftOutside()
      #expect(isLost())
      run.world.run(for: .seconds(90))
      #expect((run.standing(of: other) == .removed) == comes)
      #expect(run.world.audit.isHeld(word, at: 0) != comes)
      other.isIn = !comes
      run.excuseLeftOutside()
      #expect(isLost() != comes)
    }
    #expect(run.world.faults == [])
  }

  /// The founder says something to P1, and an older data directory is put back at the founder's computer while
  /// P1's sleeps, which is removed before or after it wakes.
  @Test(arguments: [false, true])
  func `what a computer alone has is excused where it is removed before anything comes from it`(
    wakes: Bool
  ) {
    let run = said.office { run in
      var chance = SeededGenerator(seed: 7)
      let (founder, other) = (run.people[0], run.people[1])
      guard let (word, device) = saidBehindBackup(run, &chance) else { return }
      other.host.sleep(for: .seconds(wakes ? 10 : 100))
      run.harm(.restoredData, founder.host, &chance)
      founder.host.start()
      run.world.run(for: .seconds(40))
      #expect(run.world.audit.isHeld(word, at: 1) && run.world.audit.isHeld(word, at: 0) == wakes)
      func isLeftOutside() -> Bool {
        run.world.audit.leftOutside.values.contains { $0.contains(word) }
      }
      func isLost() -> Bool {
        run.ledger.fault(
          in: [], of: "Runde", counts: { $0 == word }, mayDouble: { _ in false }) != nil
      }
      #expect(isLeftOutside() != wakes)
      // As if it were to stay away: nobody has removed it yet.
      other.isIn = false
      run.excuseLeftOutside()
      #expect(isLost())
      let remove = DeviceRemoveCall(device: OfficeRun.typed(device), look: nil)
      _ = run.answer(of: founder, to: .deviceRemove(remove), "remove")
      run.world.run(for: .seconds(120))
      // What comes from it now, which hears of its removal, changes nothing.
      #expect(run.standing(of: other) == .removed && isLeftOutside() != wakes)
      #expect(run.world.audit.isHeld(word, at: 0) == wakes)
      run.excuseLeftOutside()
      #expect(isLost() == wakes)
    }
    #expect(run.world.faults == [])
  }

  /// A copy of P1's computer says something that comes to P2's alone, which may be removed, and hear of that,
  /// before the copy is thrown away.
  @Test(arguments: [false, true], [false, true])
  func `what a removed computer alone has beside a copy is excused where it knew of its removal`(
    isRemoved: Bool, hears: Bool
  ) {
    let run = said.office([.copiedData]) { run in
      var chance = SeededGenerator(seed: 7)
      let (founder, copied, other) = (run.people[0], run.people[1], run.people[2])
      _ = said.say(in: "everyone", by: 2, run)
      run.world.run(for: .seconds(10))
      copied.host.kill()
      run.harm(.copiedData, copied.host, &chance)
      run.world.blocked = .ways([2, 3], [0, 1])
      run.world.run(for: .seconds(120))
      let word = said.say(in: "everyone", by: 3, run)
      run.world.run(for: .seconds(10))
      guard let word, let device = run.world.audit.device(of: 2) else {
        Issue.record("nothing was said")
        return
      }
      #expect(run.world.audit.isHeld(word, at: 2) && !run.world.audit.isHeld(word, at: 0))
      if isRemoved {
        let remove = DeviceRemoveCall(device: OfficeRun.typed(device), look: nil)
        _ = run.answer(of: founder, to: .deviceRemove(remove), "remove")
      }
      if hears {
        run.world.blocked = .ways([3], [0, 1])
        run.world.run(for: .seconds(120))
      }
      #expect((run.standing(of: other) == .removed) == (isRemoved && hears))
      #expect(run.world.audit.isHeld(word, at: 0) == (!isRemoved && hears))
      run.throwAway(run.people[3])
      let isLeftOutside = run.world.audit.leftOutside.values.contains { $0.contains(word) }
      #expect(isLeftOutside == (isRemoved && hears))
      // Who is removed and was not asked before that, because this test kept everybody away, takes the word
      // along. That is no reason to excuse it: the end would call it lost, so the run has none.
      run.isOver = isRemoved && !hears
    }
    #expect(run.world.faults == [])
  }
}
