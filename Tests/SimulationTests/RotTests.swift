import Control
import Platform
import TestSupport
import Testing

@testable import Simulation

/// What is excused where bytes of a disk rotted, and what is not.
@Suite struct RotTests {
  private let said = SaidInOffice()

  /// Turns a bit in the header of an entry as it lies at a host.
  private func rot(_ entry: Long, at number: Int, _ run: OfficeRun) throws {
    let host = run.world.hosts[number]
    var place: (path: DiskPath, byte: Int)?
    for (path, bytes) in host.disk.files where path.names.first == "logs" {
      var reader = SegmentReader()
      for (header, body) in reader.read(bytes).flatMap(\.entries)
      where try PlainEntry(header: header, body: body).id == entry {
        place = (path, header.startIndex + 5)
      }
    }
    let found = try #require(place)
    host.disk.rot(found.path, byte: found.byte, bit: 3)
    run.world.audit.rotten(number)
    run.world.look(at: host)
    run.world.audit.noteHidden(at: number)
  }

  /// What the ledger says of "Runde" where nobody shows anything of it but this.
  private func told(
    _ run: OfficeRun, _ shown: [(entry: Long, text: String)], without entries: [Long] = []
  ) -> String? {
    run.ledger.fault(
      in: shown.map { Shown(entry: $0.entry, text: $0.text, isLate: false) }, of: "Runde",
      counts: { !entries.contains($0) }, mayDouble: { run.world.audit.wasHidden($0) })
  }

  /// P1 writes three times in a group; the three.
  private func threeWords(_ run: OfficeRun) -> [Long] {
    let call = GroupNewCall(title: "Runde", purpose: nil, members: ["@P1", "@P2"])
    _ = run.answer(of: run.people[0], to: .groupNew(call), "found")
    run.world.run(for: .seconds(5))
    let three = (0..<3).compactMap { _ in said.say(in: "Runde", by: 1, run) }
    run.world.run(for: .seconds(5))
    return three
  }

  @Test func `what rotted where nobody needs it is no excuse for whoever holds it whole`() throws {
    var failure: (any Error)?
    let run = said.office { run in
      let three = threeWords(run)
      let call = GroupRemoveCall(group: "Runde", members: ["@P2"])
      _ = run.answer(of: run.people[0], to: .groupRemove(call), "remove")
      run.world.run(for: .seconds(5))
      do {
        try #require(three.count == 3)
        try rot(three[1], at: 2, run)
        #expect(run.world.audit.isHeld(three[2], at: 2))
        #expect(!run.world.audit.usable(at: 2).contains(three[2]))
        run.excuseRot()
        let lost = try #require(told(run, [], without: [three[0], three[1]]))
        #expect(lost.hasSuffix("was acknowledged and is lost"))
        // Were nobody else there, nobody could give it back.
        for person in run.people[0...1] { person.isIn = false }
        run.excuseRot()
        #expect(told(run, [], without: [three[0], three[1]]) == nil)
        #expect(told(run, [], without: [three[1]]) != nil)
        for person in run.people[0...1] { person.isIn = true }
      } catch { failure = error }
    }
    #expect(failure == nil && run.world.faults == [])
  }

  @Test(arguments: [false, true])
  func `what rotted where it lay alone may be written otherwise, and nothing else`(isGone: Bool)
    throws
  {
    var words: [Long] = []
    let run = said.office { words = threeWords($0) }
    #expect(run.world.faults == [])
    let book = run.world.audit.book
    let first = try #require(
      said.written(at: 1, run).first { (try? $0.entry.id) == words.last })
    var second = first
    // The time that its author claims stands at offset 88 of a header (chapter 3).
    second.header[95] ^= 1
    if isGone { book.gone = [try first.entry.id] }
    let fault = book.take(try second.entry, isOwn: false)
    #expect(fault?.contains("wrote two things") ?? false == !isGone)
  }

  @Test func `what cites what rotted is excused with it, where nobody else can use that`() throws {
    var failure: (any Error)?
    let run = said.office { run in
      let three = threeWords(run)
      let reply = said.say(in: "Runde", by: 2, run)
      run.world.run(for: .seconds(5))
      func isLost() -> Bool { told(run, [], without: three) != nil }
      do {
        try #require(three.count == 3 && reply != nil)
        try rot(three[1], at: 1, run)
        run.excuseRot()
        run.excuseWaiting()
        #expect(isLost())
        for number in [0, 2] { run.people[number].isIn = false }
        run.excuseRot()
        // It lies there whole, in a feed of its own.
        #expect(isLost() && run.world.audit.usable(at: 1).contains(reply ?? .zero))
        run.excuseWaiting()
        #expect(!isLost())
        for number in [0, 2] { run.people[number].isIn = true }
      } catch { failure = error }
    }
    #expect(failure == nil && run.world.faults == [])
  }

  /// P1 says something that P2 alone hears, writes over it from an older disk, and what was before it may have
  /// rotted at P2's computer before that heard the other branch.
  @Test(arguments: [false, true])
  func `a branch that a hole kept out is excused where nobody else has it`(isRotten: Bool) throws {
    var failure: (any Error)?
    let run = said.office([.restoredDisk]) { run in
      var chance = SeededGenerator(seed: 7)
      let hosts = run.people.map(\.host)
      let audit = run.world.audit
      let call = GroupNewCall(title: "Runde", purpose: nil, members: ["@P1", "@P2"])
      _ = run.answer(of: run.people[0], to: .groupNew(call), "found")
      run.world.run(for: .seconds(5))
      let before = said.say(in: "Runde", by: 1, run)
      run.world.run(for: .seconds(5))
      run.harm(.backup, hosts[1], &chance)
      hosts[0].kill()
      let left = said.say(in: "Runde", by: 1, run)
      run.world.run(for: .seconds(5))
      hosts[2].kill()
      run.harm(.restoredDisk, hosts[1], &chance)
      run.world.run(for: .seconds(60))
      let instead = said.say(in: "Runde", by: 1, run)
      run.world.run(for: .seconds(5))
      do {
        let (before, left) = (try #require(before), try #require(left))
        let instead = try #require(instead)
        #expect(audit.isHeld(left, at: 2) && !audit.isHeld(left, at: 1))
        if isRotten { try rot(before, at: 2, run) }
        for number in [0, 2] { hosts[number].start() }
        run.world.run(for: .seconds(60))
        #expect([before, left, instead].allSatisfy { audit.isHeld($0, at: 2) })
        #expect(audit.isHeld(left, at: 0) != isRotten)
        run.excuseRot()
        #expect((told(run, [], without: [before, instead]) == nil) == isRotten)
        #expect(told(run, [], without: [left, instead]) != nil)
        #expect(told(run, [], without: [before, left]) != nil)
      } catch { failure = error }
    }
    #expect(failure == nil && run.world.faults == [])
  }

  @Test func `a feed is not compared where its certificate rotted, and nobody else can use that`()
    throws
  {
    var failure: (any Error)?
    let run = said.office { run in
      do {
        let (audit, book) = (run.world.audit, run.world.audit.book)
        let (own, word) = (said.say(in: "everyone", run), said.say(in: "everyone", by: 1, run))
        run.world.run(for: .seconds(5))
        let (founders, others) = (try #require(own), try #require(word))
        let known = book.certificates.first { $0.device == audit.device(of: 1) }
        let certificate = try #require(known?.entry)
        let before = try #require(book.entries[certificate]?.entry.prev)
        try rot(before, at: 0, run)
        #expect(audit.isHeld(certificate, at: 0) && !audit.usable(at: 0).contains(certificate))
        run.excuseRot()
        #expect(run.uncertified.isEmpty)
        for number in [1, 2] { run.people[number].isIn = false }
        run.excuseRot()
        #expect(audit.usable(at: 0).contains(others))
        #expect(run.uncertified.contains(others) && !run.uncertified.contains(founders))
        for number in [1, 2] { run.people[number].isIn = true }
        #expect(run.uncertified.isEmpty)
      } catch { failure = error }
    }
    #expect(failure == nil && run.world.faults == [])
  }

  /// P1 says something to the founder, who answers; then that word rots at the founder's computer, and P1's is
  /// removed, before or after a start sees the hole.
  @Test(arguments: [false, true])
  func `what a removed computer alone has is excused where it rotted and no start has seen that`(
    isSeen: Bool
  ) throws {
    var failure: (any Error)?
    let run = said.office { run in
      let founder = run.people[0]
      func startAgain() {
        founder.host.stop()
        founder.host.start()
        run.world.run(for: .seconds(10))
      }
      let call = GroupNewCall(title: "Runde", purpose: nil, members: ["@P1"])
      _ = run.answer(of: founder, to: .groupNew(call), "found")
      run.world.run(for: .seconds(5))
      let word = said.say(in: "Runde", by: 1, run)
      run.world.run(for: .seconds(5))
      let reply = said.say(in: "Runde", run)
      run.world.run(for: .seconds(5))
      do {
        let (word, reply) = (try #require(word), try #require(reply))
        let device = try #require(run.world.audit.device(of: 1))
        try rot(word, at: 0, run)
        #expect(run.world.audit.isHeld(word, at: 1) && !run.world.audit.isHeld(word, at: 0))
        if isSeen { startAgain() }
        #expect(run.world.audit.isHeld(word, at: 0) == isSeen)
        let remove = DeviceRemoveCall(device: OfficeRun.typed(device), look: nil)
        _ = run.answer(of: founder, to: .deviceRemove(remove), "remove")
        run.world.run(for: .seconds(10))
        #expect(run.standing(of: run.people[1]) == .removed)
        startAgain()
        #expect(run.world.audit.isHeld(word, at: 0) == isSeen)
        run.people[1].isIn = false
        run.excuseLeftOutside()
        #expect((told(run, [], without: [reply]) != nil) == isSeen)
        run.excuseWaiting()
        #expect((told(run, []) != nil) == isSeen)
      } catch { failure = error }
    }
    #expect(failure == nil && run.world.faults == [])
  }

  @Test func `a message is there twice only where its disk hid it from whoever wrote it`() throws {
    var failure: (any Error)?
    let run = said.office { run in
      let three = threeWords(run)
      do {
        try #require(three.count == 3)
        let other = try #require(said.say(in: "everyone", by: 1, run))
        try rot(three[1], at: 1, run)
        let all = three.enumerated().map { (entry: $1, text: "Runde \($0 + 1)") }
        #expect(told(run, all) == nil)
        // Another entry of the same words, which nobody here ever held.
        func twice(_ number: Int) -> String? {
          let again = Long(first: three[number].last, last: three[number].first)
          return told(run, all + [(again, all[number].text)])
        }
        #expect(twice(0) == "a message is there twice")
        #expect(twice(1) == nil && twice(2) == nil)
        #expect(!run.world.audit.wasHidden(other))
      } catch { failure = error }
    }
    #expect(failure == nil && run.world.faults == [])
  }

  @Test(arguments: [false, true])
  func `what follows nothing is told of once a rotten log is set aside`(isAside: Bool) throws {
    var failure: (any Error)?
    let run = said.office { run in
      let three = threeWords(run)
      do {
        try rot(try #require(three.last), at: 1, run)
        if isAside { run.world.audit.empty(1) }
        // It takes that in before it tells anybody of what does not lie aside.
        _ = said.say(in: "everyone", run)
        run.world.run(for: .seconds(5))
      } catch { failure = error }
    }
    #expect(failure == nil)
    #expect(run.world.faults.contains { $0.hasSuffix("follows nothing") } == isAside)
  }
}
