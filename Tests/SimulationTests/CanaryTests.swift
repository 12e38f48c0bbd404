import Control
import Format
import Platform
import TestSupport
import Testing

@testable import Simulation

/// A check is worth something only if it fails where something is wrong: each is shown that once.
@Suite struct CanaryTests {
  private let said = SaidInOffice()

  private func office(_ happening: (OfficeRun) -> Void) -> OfficeRun {
    said.office { happening($0) }
  }

  private func say(in group: String, by number: Int = 0, _ run: OfficeRun) -> Long? {
    said.say(in: group, by: number, run)
  }

  private func found(_ title: String, with members: [String], _ run: OfficeRun) {
    let call = GroupNewCall(title: title, purpose: nil, members: members)
    _ = run.answer(of: run.people[0], to: .groupNew(call), "found")
    run.world.run(for: .seconds(10))
  }

  private func written(at number: Int, _ run: OfficeRun) -> [Written] {
    said.written(at: number, run)
  }

  // MARK: What becomes durable

  @Test func `a message that somebody can read who was removed before it was written`() throws {
    var both: [Long] = []
    let run = office { run in
      found("Runde", with: ["@P1", "@P2"], run)
      both.append(contentsOf: [say(in: "Runde", run)].compactMap { $0 })
      let remove = GroupRemoveCall(group: "Runde", members: ["@P1"])
      _ = run.answer(of: run.people[0], to: .groupRemove(remove), "remove")
      run.world.run(for: .seconds(10))
      both.append(contentsOf: [say(in: "Runde", run)].compactMap { $0 })
    }
    try #require(run.world.faults == [] && both.count == 2)
    #expect(try said.toldOfLeak(both, by: 0, run)?.contains("can be read by") ?? false)
  }

  @Test func `more feeds and groups of one device than its share`() throws {
    let run = office { run in
      let call = GroupNewCall(title: "Runde", purpose: nil, members: [])
      _ = run.answer(of: run.people[1], to: .groupNew(call), "found")
    }
    try #require(run.world.faults == [])
    let book = run.world.audit.book
    let device = try #require(run.world.audit.device(of: 1))
    let geneses = try written(at: 1, run).filter {
      try $0.entry.kind == PlainEntry.Kind.genesis && book.authors[$0.entry.feed] == device
    }
    /// Others like it: the claimed time, which no rule speaks of, is another.
    func more(_ count: Int, like one: Written) throws -> [Long] {
      try (1...count).map { number in
        var other = one
        other.header[88] = UInt8(number >> 8)
        other.header[89] = UInt8(number & 0xff)
        let entry = try other.entry
        #expect(book.take(entry, isOwn: false) == nil)
        return entry.id
      }
    }
    let feed = try #require(geneses.first { try $0.entry.group != $0.entry.id })
    let feeds = try more(257, like: feed)
    #expect(book.surplus(of: device, in: Set(feeds.prefix(256))) == nil)
    #expect(book.surplus(of: device, in: Set(feeds))?.hasPrefix("257 feeds") ?? false)
    let group = try #require(
      geneses.first { try $0.entry.group == $0.entry.id && $0.entry.ext[4] != nil })
    let groups = try more(1_025, like: group)
    #expect(book.surplus(of: device, in: Set(groups.prefix(1_024))) == nil)
    #expect(book.surplus(of: device, in: Set(groups))?.hasPrefix("1025 groups") ?? false)
  }

  @Test func `an entry that follows nothing which is held`() throws {
    let run = office { run in
      _ = say(in: "everyone", run)
      run.world.run(for: .seconds(5))
      run.world.audit.forgive(1)
      _ = say(in: "everyone", run)
      run.world.run(for: .seconds(5))
    }
    #expect(try #require(run.world.faults.first).hasSuffix("follows nothing"))
  }

  @Test func `an answer that comes before what it says is durable`() throws {
    let run = office { run in
      let message = run.ledger.begin("everyone")
      guard let made = HexIdentifier(bytes: [UInt8](repeating: 7, count: 32)) else { return }
      run.acknowledged(message, as: made, by: run.people[1])
    }
    #expect(try #require(run.world.faults.first).contains("was acknowledged before it was durable"))
  }

  @Test func `a start without what was durable before it`() throws {
    let run = office { run in
      let host = run.people[1].host
      host.backUp()
      _ = say(in: "everyone", by: 1, run)
      host.restore(isWhole: true)
      host.start()
      run.world.run(for: .seconds(2))
    }
    #expect(try #require(run.world.faults.first).hasPrefix("host 1 has lost "))
  }

  // MARK: The end

  @Test func `an entry that one alone holds`() throws {
    let run = office { run in
      run.world.run(for: .seconds(10))
      run.compare()
      #expect(run.world.faults == [])
      run.world.blocked = Set(
        [0, 1].flatMap { [World.Path(from: $0, to: 2), World.Path(from: 2, to: $0)] })
      _ = say(in: "everyone", run)
      run.world.run(for: .seconds(5))
      run.compare()
    }
    let told = try #require(run.world.faults.first)
    #expect(told.contains("kind 2") && told.hasSuffix("is held in the end at host 0 alone"))
  }

  @Test(arguments: [0, 1])
  func `a message that is hidden from who has its key, or shown to who has not`(host: Int) throws {
    let run = office { run in
      // What a device is called by its own entries.
      _ = say(in: "everyone", by: 1, run)
      found("Allein", with: [], run)
      guard let entry = say(in: "Allein", run) else { return }
      let (open, closed) = (
        Shown(entry: entry, text: "a word", isLate: false),
        Shown(entry: entry, text: nil, isLate: false)
      )
      run.checkReadable([host == 0 ? open : closed], at: host, "Allein")
      #expect(run.world.faults == [])
      run.checkReadable([host == 0 ? closed : open], at: host, "Allein")
    }
    let told = try #require(run.world.faults.first)
    #expect(told.hasSuffix(host == 0 ? "that it has the key of is not shown" : "without its key"))
  }

  // MARK: Doors

  @Test func `more tries at a door than it bears`() throws {
    var tries = DoorTries()
    for _ in 0..<DoorTries.most { #expect(tries.add(at: 0) == nil) }
    // What it has at another door counts there.
    #expect(tries.add(at: 1) == nil)
    #expect(
      tries.add(at: 0) == "a stranger had \(DoorTries.most + 1) tries at one door of host 0")
    tries.opens(at: 0)
    #expect(tries.add(at: 0) == nil && tries.count == DoorTries.most + 3)
  }
}
