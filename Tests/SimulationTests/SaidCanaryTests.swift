import Control
import Format
import Platform
import TestSupport
import Testing

@testable import Simulation

/// What nodes say to each other and show, held against disks and against what they said before: each of these
/// checks is shown once what is wrong.
@Suite struct SaidCanaryTests {
  private let said = SaidInOffice()

  private func id(_ entry: Long) -> Bytes16 { Bytes16(entry.first.high, entry.first.low) }

  /// The batch that ends with an entry at the disk of a host, as it would be sent but for its entries, and the
  /// head that names it.
  private func messages(of entry: Long, at number: Int, _ run: OfficeRun) -> [Message] {
    guard let known = run.world.audit.book.entries[entry]?.entry,
      let group = Bytes32(known.group.bytes)
    else { return [] }
    let head = FrontierItem(
      feed: FeedID(Bytes16(known.feed.high, known.feed.low)), branch: BranchID(Bytes16()),
      seq: UInt32(known.seq), prefix: id(entry))
    let records = run.world.hosts[number].disk.files.filter { $0.key.names.first == "logs" }
      .flatMap { _, bytes in
        var reader = SegmentReader()
        return reader.read(bytes)
      }
    guard let signature = records.first(where: { $0.last == entry })?.signature else { return [] }
    var content = [UInt8](repeating: 0, count: 16) + known.group.bytes + known.feed.bytes
    content += [UInt8](known.seq, bytes: 4) + [UInt8](1, bytes: 2)
    content += [UInt8](0, bytes: 12) + signature
    guard let entries = try? EntriesMessage(decoding: content) else { return [] }
    let id = GroupID(group)
    return [.have(id, [head]), .frontier(id, [head]), .entries(entries)]
  }

  @Test(arguments: 0..<3)
  func `what is said of an entry where it is not durable`(which: Int) throws {
    let run = said.office { run in
      run.world.blocked = .ways([0], [1, 2])
      guard let entry = said.say(in: "everyone", run) else { return }
      let all = messages(of: entry, at: 0, run)
      #expect(all.count == 3)
      guard all.count == 3 else { return }
      let ends = [said.end(of: 1, from: 0, run), said.end(of: 0, from: 1, run)]
      Overhearing(run.world.hosts[0]).hear(all[which], on: 1, to: ends[0])
      #expect(run.world.faults == [])
      Overhearing(run.world.hosts[1]).hear(all[which], on: 1, to: ends[1])
    }
    #expect(try #require(run.world.faults.first).hasSuffix("which is not durable there"))
    #expect(try #require(run.world.faults.first).hasPrefix("host 1 "))
  }

  @Test func `a computer that is taken for another one`() throws {
    let run = said.office { run in
      for number in 0...2 { _ = said.say(in: "everyone", by: number, run) }
      let overhearing = Overhearing(run.world.hosts[0])
      func link(_ number: UInt64, to host: Int, of device: Int) {
        overhearing.hear(
          .ping(1), on: number, to: said.end(of: host, from: 0, as: device, run))
      }
      link(1, to: 1, of: 1)
      #expect(run.world.faults == [])
      link(2, to: 1, of: 2)
    }
    #expect(try #require(run.world.faults.first).contains("takes host 1 for"))
  }

  @Test(arguments: [false, true])
  func `a start that knows something else than was known before`(isMessage: Bool) throws {
    let run = said.office { run in
      _ = said.say(in: "everyone", by: 1, run)
      run.world.run(for: .seconds(10))
      let host = run.people[1].host
      host.stop()
      let compared = run.world.comparedStarts
      host.start()
      #expect(run.world.faults == [] && run.world.comparedStarts == compared + 1)
      run.world.run(for: .seconds(10))
      host.stop()
      #expect(host.before != nil)
      if isMessage {
        host.before?.picture.shown = [:]
      } else {
        host.before?.picture.members = []
      }
      host.start()
    }
    let told = try #require(run.world.faults.first)
    #expect(told.hasPrefix("host 1 was started again, and knows other "))
  }

  @Test func `who wrote two things at one place and does not say so`() throws {
    let run = said.office { run in _ = said.say(in: "everyone", by: 1, run) }
    let device = try #require(run.world.audit.device(of: 1))
    let book = run.world.audit.book
    let all = said.written(at: 1, run)
    let one = try #require(
      try all.last { try book.authors[$0.entry.feed] == device && $0.entry.seq > 0 })
    var other = one
    other.header[95] ^= 1
    book.mayFork.insert(device)
    #expect(book.take(try other.entry, isOwn: false) == nil)
    let ids = Set([try one.entry.id, try other.entry.id])
    #expect(book.isSplit(device, among: ids))
    for id in ids { #expect(!book.isSplit(device, among: [id])) }
    let copied = DegradedInfo(word: .copied, detail: "copied", hint: nil, since: nil)
    run.checkCopied([copied], of: run.people[1])
    #expect(run.world.faults == [])
    run.checkCopied([], of: run.people[1])
    #expect(run.world.faults.last?.hasSuffix("and does not say so") ?? false)
  }

  @Test(arguments: 0..<3)
  func `words that are shown as of somebody else, or elsewhere`(what: Int) throws {
    let run = said.office { run in
      let both = [1, 2].compactMap { said.say(in: "everyone", by: $0, run) }
      let book = run.world.audit.book
      guard both.count == 2, let known = book.entries[both[0]], let other = book.entries[both[1]],
        let member = book.members(of: known.device).first,
        let otherMember = book.members(of: other.device).first
      else { return }
      let shown = OfficeRun.Attribution(
        text: "everyone 1", group: known.entry.group, device: known.device, member: member)
      run.check(shown, of: both[0], at: 0)
      #expect(run.world.faults == [])
      let wrong = [
        OfficeRun.Attribution(
          text: "everyone 1", group: both[0], device: known.device, member: member),
        OfficeRun.Attribution(
          text: "everyone 1", group: known.entry.group, device: known.device, member: otherMember),
        // What one said under an entry of another one.
        OfficeRun.Attribution(
          text: "everyone 2", group: known.entry.group, device: known.device, member: member),
      ]
      run.check(wrong[what], of: both[0], at: 0)
    }
    #expect(try #require(run.world.faults.first).contains("who did not write it there"))
  }

  @Test func `somebody who does not hold what all others do when that is due`() throws {
    let run = said.office { run in
      run.world.run(for: .seconds(10))
      run.checkConverged("by now")
      #expect(run.world.faults == [])
      run.world.blocked = .ways([2], [0, 1])
      _ = said.say(in: "everyone", run)
      run.world.run(for: .seconds(5))
      run.checkConverged("by now")
    }
    let told = try #require(run.world.faults.first)
    #expect(told.hasSuffix("is held by now at host 0 alone"))
  }
}
