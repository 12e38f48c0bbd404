import Control
import Testing

@testable import Simulation

/// What somebody can read who was removed before it was written (study 3: 23, 24): whoever owns the office,
/// or did, is judged like everybody.
@Suite struct LeakTests {
  private let said = SaidInOffice()

  /// A group of all three; what is written there by one of them before something happens and behind it.
  private func group(of number: Int, _ run: OfficeRun, _ happening: () -> Void) -> [Long] {
    let others = [0, 1, 2].filter { $0 != number }.map { "@P\($0)" }
    let call = GroupNewCall(title: "Runde", purpose: nil, members: others)
    _ = run.answer(of: run.people[number], to: .groupNew(call), "found")
    run.world.run(for: .seconds(10))
    let first = said.say(in: "Runde", by: number, run)
    happening()
    run.world.run(for: .seconds(10))
    return [first, said.say(in: "Runde", by: number, run)].compactMap { $0 }
  }

  private func makeOwner(_ run: OfficeRun) {
    rank(1, .owner, run)
    run.world.run(for: .seconds(5))
  }

  private func rank(_ number: Int, _ rank: RankWord, _ run: OfficeRun) {
    let call = MemberRankCall(member: "@P\(number)", rank: rank)
    _ = run.answer(of: run.people[0], to: .memberRank(call), "a rank")
  }

  /// From now on the second one and the others hear nothing of each other.
  private func block(_ run: OfficeRun) {
    run.world.blocked = Set(
      [0, 2].flatMap { [World.Path(from: $0, to: 1), World.Path(from: 1, to: $0)] })
  }

  /// A message was written that knows of the removal of a device, which has its key all the same.
  private func expectReader(_ reader: Long?, of written: Long?, _ run: OfficeRun) throws {
    #expect(run.world.faults == [])
    let book = run.world.audit.book
    let message = try #require(written.flatMap { book.entries[$0] })
    let removals = try #require(message.removals).map { book.removals[$0] }
    #expect(removals.contains { book.targets($0).contains { $0 == reader } })
    #expect(book.readers(message.entry)?.contains { $0 == reader } ?? false)
  }

  private func recover(by number: Int, _ run: OfficeRun) {
    let call = RecoveryUseCall(line: run.recoveryLine, owners: ["@P\(number)"])
    _ = run.answer(of: run.people[number], to: .recoveryUse(call), "recover")
    run.world.run(for: .seconds(5))
  }

  private func remove(_ number: Int, by other: Int, _ run: OfficeRun) {
    let call = MemberRemoveCall(member: "@P\(number)", look: nil)
    _ = run.answer(of: run.people[other], to: .memberRemove(call), "remove")
  }

  /// The second of two messages is right, and is told of where the key of the first closes it.
  private func expectLeak(_ both: [Long], of number: Int, by other: Int, _ run: OfficeRun) throws {
    try #require(run.world.faults == [] && both.count == 2)
    let told = try said.toldOfLeak(both, by: other, run)
    let device = try #require(run.world.audit.device(of: number))
    #expect(told?.contains("can be read by \(device.first.text)") ?? false)
  }

  @Test func `an owner who is out of a group`() throws {
    var both: [Long] = []
    let run = said.office { run in
      makeOwner(run)
      _ = said.say(in: "everyone", by: 1, run)
      both = group(of: 0, run) {
        let call = GroupRemoveCall(group: "Runde", members: ["@P1"])
        _ = run.answer(of: run.people[0], to: .groupRemove(call), "remove")
      }
    }
    try expectLeak(both, of: 1, by: 0, run)
  }

  @Test func `whoever was an owner, was struck and then removed`() throws {
    var both: [Long] = []
    let run = said.office([.recover]) { run in
      makeOwner(run)
      _ = said.say(in: "everyone", by: 1, run)
      recover(by: 0, run)
      both = group(of: 0, run) { remove(1, by: 0, run) }
    }
    try expectLeak(both, of: 1, by: 0, run)
  }

  @Test func `a founder who was struck and then removed`() throws {
    var both: [Long] = []
    let run = said.office([.recover]) { run in
      recover(by: 1, run)
      both = group(of: 1, run) { remove(0, by: 1, run) }
    }
    try expectLeak(both, of: 0, by: 1, run)
  }

  @Test func `who is an owner by a list beside the removal reads on`() throws {
    var written: Long?
    var reader: Long?
    let run = said.office([.recover]) { run in
      _ = said.say(in: "everyone", by: 1, run)
      reader = run.world.audit.device(of: 1)
      block(run)
      let call = DeviceRemoveCall(device: reader.map { OfficeRun.typed($0) } ?? "", look: nil)
      _ = run.answer(of: run.people[0], to: .deviceRemove(call), "remove")
      recover(by: 1, run)
      run.world.blocked = []
      run.world.run(for: .seconds(30))
      written = said.say(in: "everyone", by: 1, run)
    }
    try expectReader(reader, of: written, run)
  }

  @Test func `whom an admin removed who did not know that it was made one reads on`() throws {
    var both: [Long] = []
    var reader: Long?
    let run = said.office { run in
      rank(1, .admin, run)
      _ = said.say(in: "everyone", by: 2, run)
      run.world.run(for: .seconds(5))
      reader = run.world.audit.device(of: 2)
      block(run)
      rank(2, .admin, run)
      remove(2, by: 1, run)
      both = [said.say(in: "everyone", by: 1, run)].compactMap { $0 }
      run.world.blocked = []
      run.world.run(for: .seconds(30))
      both += [said.say(in: "everyone", by: 0, run)].compactMap { $0 }
    }
    try expectReader(reader, of: both.last, run)
    let book = run.world.audit.book
    let before = try #require(both.first.flatMap { book.entries[$0] })
    #expect(book.readers(before.entry)?.contains { $0 == reader } == false)
  }

  /// P1 leaves at one computer and removes that one at a further one, as if this were somebody's who lies. The
  /// founder hears of the removal first, so that the leaving has no effect.
  @Test func `who left by a computer that another of theirs removed beside that reads on`() throws {
    var written: Long?
    var reader: Long?
    let run = said.office { run in
      _ = group(of: 0, run) { said.letInFurther(of: run.people[1], run) }
      let devices = run.people.map { said.device(of: $0, run) }
      run.world.blocked = .ways([1, 2], [0, 3])
      let leave = GroupLeaveCall(group: "Runde", look: nil)
      _ = run.answer(of: run.people[1], to: .groupLeave(leave), "leave")
      reader = devices[3]
      if let reader { run.world.audit.book.liars.insert(reader) }
      let first = devices[1].map(OfficeRun.typed) ?? ""
      let call = DeviceRemoveCall(device: first, look: nil)
      _ = run.answer(of: run.people[3], to: .deviceRemove(call), "remove")
      run.world.run(for: .seconds(10))
      _ = said.say(in: "Runde", by: 0, run)
      run.world.blocked = []
      run.world.run(for: .seconds(30))
      written = said.say(in: "Runde", by: 0, run)
      run.isOver = true
    }
    try expectReader(reader, of: written, run)
  }

  private func ask(_ number: Int, _ request: ControlRequest, _ run: OfficeRun) {
    _ = run.answer(of: run.people[number], to: request, "ask")
    run.world.run(for: .seconds(10))
  }

  @Test func `whom an owner removed who was added by somebody who lost a rank`() throws {
    var both: [Long] = []
    let run = said.office { run in
      makeOwner(run)
      for word in [RankWord.admin, .member] {
        ask(0, .memberRank(MemberRankCall(member: "@P2", rank: word)), run)
      }
      ask(2, .groupNew(GroupNewCall(title: "Runde", purpose: nil, members: ["@P0", "@P1"])), run)
      both += [said.say(in: "Runde", by: 1, run)].compactMap { $0 }
      ask(1, .groupRemove(GroupRemoveCall(group: "Runde", members: ["@P2"])), run)
      both += [said.say(in: "Runde", by: 1, run)].compactMap { $0 }
    }
    try expectLeak(both, of: 2, by: 1, run)
  }

  @Test func `who was removed and let in again adds nobody in vain`() throws {
    var isInVain: Bool?
    let run = said.office { run in
      ask(0, .groupNew(GroupNewCall(title: "Runde", purpose: nil, members: ["@P1"])), run)
      ask(0, .groupRemove(GroupRemoveCall(group: "Runde", members: ["@P1"])), run)
      makeOwner(run)
      ask(0, .groupAdd(GroupAddCall(group: "Runde", members: ["@P1"])), run)
      ask(1, .groupAdd(GroupAddCall(group: "Runde", members: ["@P2"])), run)
      let book = run.world.audit.book
      let group = said.say(in: "Runde", by: 2, run).flatMap { book.entries[$0]?.entry.group }
      let member = run.world.audit.device(of: 2).flatMap { book.members(of: $0).first }
      if let group, let member { isInVain = book.mayBeAddedInVain(member, to: group) }
    }
    #expect(run.world.faults == [])
    #expect(isInVain == false)
  }

  @Test func `whom somebody removed who has another computer that was removed`() throws {
    var both: [Long] = []
    let run = said.office { run in
      let further = said.letInFurther(of: run.people[0], run)
      _ = said.say(in: "everyone", by: 1, run)
      both = group(of: 0, run) {
        ask(0, .groupRemove(GroupRemoveCall(group: "Runde", members: ["@P1"])), run)
        let name = said.device(of: further, run).map(OfficeRun.typed) ?? ""
        ask(0, .deviceRemove(DeviceRemoveCall(device: name, look: nil)), run)
      }
      run.isOver = true
    }
    try expectLeak(both, of: 1, by: 0, run)
  }
}
