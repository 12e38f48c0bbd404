import Control
import Testing

@testable import Simulation

/// What lies beyond the cut of a removal, and for whom epochs are: shown once what is wrong (study 3: 21, K-3).
@Suite struct CutTests {
  private let said = SaidInOffice()

  /// The founder removes the second one, or the computer of it.
  private func removeSecond(_ run: OfficeRun, isDevice: Bool) {
    let person = run.people[0]
    if isDevice, let device = run.world.audit.device(of: 1) {
      let call = DeviceRemoveCall(device: OfficeRun.typed(device), look: nil)
      _ = run.answer(of: person, to: .deviceRemove(call), "remove")
    } else {
      let call = MemberRemoveCall(member: "@P1", look: nil)
      _ = run.answer(of: person, to: .memberRemove(call), "remove")
    }
  }

  /// The second one writes while it is off, and meanwhile the founder removes it, or the computer of it.
  private func beyond(_ run: OfficeRun, isDevice: Bool) -> [Shown] {
    let before = said.say(in: "everyone", by: 1, run)
    run.world.run(for: .seconds(10))
    run.world.blocked = .ways([1], [0, 2])
    let late = said.say(in: "everyone", by: 1, run)
    removeSecond(run, isDevice: isDevice)
    _ = said.say(in: "everyone", by: 2, run)
    run.world.blocked = []
    run.world.run(for: .seconds(20))
    return [before, late].compactMap { $0 }.map { Shown(entry: $0, text: nil, isLate: false) }
  }

  @Test(arguments: [false, true])
  func `a word is shown that the removal of its author cuts off`(isDevice: Bool) throws {
    let run = said.office { run in
      let shown = beyond(run, isDevice: isDevice)
      var cuts = Cuts(run.world.audit.book, without: [])
      run.checkCuts(Array(shown.prefix(1)), at: 0, "everyone", &cuts)
      #expect(run.world.faults == [] && shown.count == 2)
      run.checkCuts(shown, at: 0, "everyone", &cuts)
      #expect(run.world.faults.count == 1)
    }
    #expect(try #require(run.world.faults.first).hasSuffix("cuts off"))
  }

  /// The founder removes the second one, or the computer of it, who is heard by the third one alone until then.
  private func vouchedFor(_ run: OfficeRun, isDevice: Bool) -> Long? {
    _ = said.say(in: "everyone", by: 1, run)
    run.world.run(for: .seconds(10))
    run.world.blocked = .ways([0], [1, 2])
    let late = said.say(in: "everyone", by: 1, run)
    run.world.run(for: .seconds(10))
    removeSecond(run, isDevice: isDevice)
    run.people[1].host.stop()
    run.world.blocked = []
    run.world.run(for: .seconds(20))
    _ = said.say(in: "everyone", by: 2, run)
    run.world.run(for: .seconds(10))
    run.people[1].host.start()
    return late
  }

  private func mustBeShown(_ entry: Long, _ run: OfficeRun) -> Bool {
    var cuts = Cuts(run.world.audit.book, without: [])
    return run.counts(entry, without: [], &cuts, among: run.world.audit.usable(at: 0))
  }

  @Test(arguments: [false, true])
  func `what a removal lists must be shown, and what nobody saw before it need not`(
    isDevice: Bool
  ) {
    let run = said.office { run in
      let words = beyond(run, isDevice: isDevice).map(\.entry)
      let removals = run.world.audit.book.removals.map(\.entry)
      // A removal is of the office log, which has no words of groups in its past (F-4).
      #expect(removals.count == 1 && words.count == 2)
      #expect(words.allSatisfy { run.world.audit.book.isBeside(removals[0], $0) })
      #expect(words.map { mustBeShown($0, run) } == [true, false])
    }
    #expect(run.world.faults == [])
  }

  @Test(arguments: [false, true])
  func `what lies behind a cut must be shown where somebody vouches for it`(isDevice: Bool) {
    let run = said.office { run in
      let word = vouchedFor(run, isDevice: isDevice)
      #expect(word.map { mustBeShown($0, run) } == true)
    }
    #expect(run.world.faults == [])
  }

  /// What the audit says of the epoch of one message where it stands in place of another one's; of the message
  /// itself it says nothing.
  private func told(
    of message: Long, under other: Long, _ run: OfficeRun, without missing: Set<Long> = []
  ) throws -> String? {
    let all = said.written(at: 0, run)
    var one = try #require(all.first { (try? $0.entry.id) == message })
    let foreign = try #require(all.first { (try? $0.entry.id) == other })
    let (book, held) = (run.world.audit.book, run.world.audit.held(at: 0))
    #expect(book.misaddressed(message, by: held) == nil)
    book.mayFork.insert(try #require(run.world.audit.device(of: 0)))
    // What is at offset 100 of a header is the name of its epoch (chapter 3).
    try #require(one.header[100..<116] != foreign.header[100..<116])
    one.header.replaceSubrange(100..<116, with: foreign.header[100..<116])
    #expect(book.take(try one.entry, isOwn: true) == nil)
    return book.misaddressed(try one.entry.id, by: held.subtracting(missing))
  }

  private func add(_ run: OfficeRun) {
    let call = GroupAddCall(group: "Runde", members: ["@P1"])
    _ = run.answer(of: run.people[0], to: .groupAdd(call), "add")
    run.world.run(for: .seconds(10))
  }

  /// A group of the first and the third one, and what is said in it before the second one is added, with it
  /// there, and when it was removed and added again.
  private func saidInGroup(_ run: OfficeRun) -> [Long] {
    let new = GroupNewCall(title: "Runde", purpose: nil, members: ["@P2"])
    _ = run.answer(of: run.people[0], to: .groupNew(new), "found")
    run.world.run(for: .seconds(10))
    var all = [said.say(in: "Runde", run)]
    add(run)
    all.append(said.say(in: "Runde", run))
    let remove = GroupRemoveCall(group: "Runde", members: ["@P1"])
    _ = run.answer(of: run.people[0], to: .groupRemove(remove), "remove")
    run.world.run(for: .seconds(10))
    add(run)
    all.append(said.say(in: "Runde", run))
    return all.compactMap { $0 }
  }

  @Test func `an epoch that leaves somebody out, or is for a stranger, or too old`() throws {
    var all: [Long] = []
    let run = said.office { run in
      _ = said.say(in: "everyone", by: 1, run)
      run.world.run(for: .seconds(5))
      all = saidInGroup(run)
    }
    try #require(run.world.faults == [] && all.count == 3)
    let device = try #require(run.world.audit.device(of: 1)).first.text
    // Its author did not know then of what took that one out again.
    let removals = Set(run.world.audit.book.removals.map(\.entry))
    let leftOut = try told(of: all[1], under: all[0], run, without: removals)
    #expect(leftOut?.contains("cannot be read by \(device)") ?? false)
    let added = Set(run.world.audit.book.additions.map(\.entry))
    let stranger = try told(of: all[0], under: all[1], run, without: added)
    #expect(stranger?.contains("can be read by \(device), which nobody added") ?? false)
    let old = try told(of: all[2], under: all[1], run)
    #expect(old?.contains("does not know of the removal") ?? false)
  }
}
